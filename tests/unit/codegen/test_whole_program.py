"""A function is compiled with all that it calls as one program, and nothing is lost by that."""

import numpy as np
import pytest

from modeq.codegen import cache_folder, load_module, whole_program

TEXT = """# {}
import numpy as np
from numba import njit


@njit
def half(x):
    return 0.5 * x.sum()


@njit
def quarter(x):
    return 0.5 * half(x)


@njit(cache=True)
def below(x):
    return quarter(x) - 1.0


@njit(cache=True)
def above(x):
    return below(x) + quarter(x) + 1.0
"""
X = np.array([1.0, 3.0])


def test_what_is_called_by_others_only_is_no_machine_code(own_cache):
    module = load_module(TEXT.format(1))
    assert module.above(X) == 2.0
    assert module.half.signatures == module.quarter.signatures == []
    assert {path.name.split(".")[1].partition("-")[0] for path in cache_folder().glob("__pycache__/*.nbi")} == {"above", "below"}


def test_it_is_compiled_when_python_calls_it(own_cache):
    module = load_module(TEXT.format(2))
    assert (module.above(X), module.quarter(X), module.half(X), module.below(X)) == (2.0, 1.0, 2.0, 0.0)
    assert module.above(X.astype(complex)) == 2.0


def test_a_module_that_was_used_from_python_first_compiles_too(own_cache):
    module = load_module(TEXT.format(3))
    assert (module.half(X), module.above(X)) == (2.0, 2.0)


def test_other_functions_of_the_user_call_it(own_cache):
    from numba import njit

    module = load_module(TEXT.format(4))
    above, quarter = module.above, module.quarter
    assert module.above(X) == 2.0

    @njit
    def both(x):
        return above(x) + quarter(x)

    assert both(X) == 3.0


def test_a_fresh_process_loads_it(own_cache, fresh_python):
    code = f"from modeq.codegen import load_module; import numpy as np; m = load_module({TEXT.format(5)!r}); "
    code += "print(m.above(np.array([1.0, 3.0])), sum(m.above.stats.cache_hits.values()), m.quarter(np.ones(4)))"
    assert [fresh_python(code).stdout.split() for _ in range(2)] == [["2.0", "0", "1.0"], ["2.0", "1", "1.0"]]


def test_an_error_leaves_the_compiler_as_it_was(own_cache):
    from numba.core.codegen import JITCodeLibrary
    from numba.core.errors import TypingError
    from numba.core.registry import cpu_target

    module = load_module(TEXT.format(6).replace("0.5 * x.sum()", "x.no_such_attribute"))
    with pytest.raises(TypingError, match="no_such_attribute"):
        module.above(X)
    assert cpu_target.target_context.codegen()._library_class is JITCodeLibrary
    assert load_module(TEXT.format(7)).above(X) == 2.0


def test_where_numba_is_another_its_own_way_stays(own_cache, monkeypatch):
    monkeypatch.setattr(whole_program, "_library_class", lambda: None)
    module = load_module(TEXT.format(8))
    assert module.above(X) == 2.0
    assert module.half.signatures
