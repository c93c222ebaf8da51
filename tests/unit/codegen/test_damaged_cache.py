"""What lies in the cache folder is compared with what should be there."""

import os

import numpy as np
import pytest

import modeq as mq
from modeq.codegen.cache import cache_folder, load_module, module_name


def test_a_damaged_module_is_written_anew():
    source = "VALUE = 7\n"
    path = cache_folder() / f"{module_name(source)}.py"
    path.write_text("")
    assert load_module(source).VALUE == 7
    assert path.read_text() == source


def test_machine_code_that_was_cut_off_is_compiled_again(own_cache, fresh_python, monkeypatch):
    monkeypatch.setenv("MODEQ_COMPILE", "always")
    code = "import modeq as mq; print(mq.gradient_flow().on(mq.Loss.from_sympy('x**4/4', ['x']))([2.0], .1))"
    assert fresh_python(code).stdout == "[-8.]\n"
    for kept in (0, 20, -1):
        machine_code = list(own_cache.rglob("*.nb[ci]"))
        assert machine_code
        for file in machine_code:
            file.write_bytes(file.read_bytes()[:kept])
        again = fresh_python(code)
        assert again.stdout == "[-8.]\n", (kept, again.stderr)


def test_a_folder_that_cannot_be_made_is_named(monkeypatch):
    monkeypatch.setenv("MODEQ_CACHE_DIR", os.devnull + "/kernels")
    with pytest.raises(OSError, match="MODEQ_CACHE_DIR"):
        cache_folder()


def test_names_cannot_leave_the_docstring_of_a_module(tmp_path):
    hostile = 'a"""; import os; os.mkdir("' + str(tmp_path / "made") + '"); """\\'
    loss = mq.Loss.from_sympy("x**2", ["x"], name=hostile)
    value = mq.gradient_flow().on(loss)([1.0], 0.1)
    np.testing.assert_allclose(value, [-2.0])
    assert not (tmp_path / "made").exists()
