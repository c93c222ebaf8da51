"""What a long session keeps: bound losses and flows are freed, results by method are forgotten, compilers come and go."""

import gc
import importlib
import pkgutil
import subprocess
import weakref

import numpy as np
import pytest

import modeq as mq
from modeq.codegen import background
from modeq.codegen.source import Source
from modeq.codegen.tiers import generated_module

SESSION = {
    "formula": lambda: mq.modified_equation(mq.GradientDescent(), order=3).on(mq.Loss.from_sympy("x**4 + 7*y**2", ["x", "y"])),
    "principal": lambda: mq.principal_flow(mq.HeavyBall("1/7")).on(mq.Loss.from_sympy("x**4 + 7*y**2", ["x", "y"])),
    "arrays": lambda: mq.modified_equation(mq.GradientDescent(), order=2).on(
        mq.Loss.from_numpy(lambda p: np.sum(np.tanh(p["w"]) ** 2), {"w": (2,)})
    ),
}


@pytest.mark.parametrize("name", SESSION)
def test_a_flow_that_is_forgotten_is_freed_with_its_loss_and_its_code(name):
    flow = SESSION[name]()
    assert np.isfinite(flow([0.3, 0.2], 0.05)).all()
    report = mq.integrate(flow, [0.3, 0.2], h=0.05, steps=1)
    alive = [weakref.ref(flow), weakref.ref(flow.field), weakref.ref(flow.module), weakref.ref(report)]
    del flow, report
    gc.collect()
    assert [one() for one in alive] == [None] * 4


def test_results_that_are_kept_by_method_are_few():
    """A sweep over 10,000 momenta must not keep 10,000 transfer functions."""
    for package in ("methods", "series", "flows"):
        for module in pkgutil.iter_modules(importlib.import_module(f"modeq.{package}").__path__):
            for function in vars(importlib.import_module(f"modeq.{package}.{module.name}")).values():
                known = getattr(function, "__wrapped__", None)
                if hasattr(function, "cache_info") and "method" in known.__annotations__:
                    assert function.cache_info().maxsize is not None, function.__qualname__


def new_module():
    """Return one function whose text no cache has."""
    new = np.random.default_rng().random()
    code = f"import numpy as np\nfrom numba import njit\n\n\n@njit(cache=True)\ndef tripled(y):\n    return 3.0 * y  # {new}\n"
    return generated_module(Source("Triples.", code))


def test_a_person_who_waits_for_the_compiler_is_told_so(monkeypatch, caplog):
    monkeypatch.setattr(background, "_SILENT", 1e4)
    module = new_module()
    module.compile()
    module.tripled(np.ones(2))
    assert not caplog.records  # it did not take so long
    monkeypatch.setattr(background, "_SILENT", 0.0)
    module = new_module()
    module.compile()
    module.tripled(np.ones(2))
    assert [record.name for record in caplog.records] == ["modeq"]
    assert caplog.messages[0].startswith("modeq compiles tripled; the next time it is there, in ")


def test_after_many_compilations_a_process_that_ends_compiles(monkeypatch):
    started = []
    run = subprocess.run

    def watched(command, **options):
        started.append(command)
        return run(command, **options)

    monkeypatch.setattr(background, "_MOST_COMPILED_HERE", 0)
    monkeypatch.setattr(subprocess, "run", watched)
    module = new_module()
    module.compile()
    np.testing.assert_array_equal(module.tripled(np.array([1.0, 2.0])), [3.0, 6.0])
    assert len(started) == 1
    assert not sum(module.compiled.tripled.stats.cache_misses.values())  # loaded from the cache, not compiled again
