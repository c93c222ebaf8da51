"""Generated code gives the same numbers as Python and compiled, and changes from one to the other when that pays."""

import gc
import sys
import time
import weakref

import numpy as np
import pytest

import modeq as mq
from modeq.codegen import background, tiers
from modeq.codegen.source import Source
from modeq.codegen.tiers import generated_module

DOUBLED = """import numpy as np
from numba import njit


@njit(cache=True)
def doubled(y):
    return {} * y
"""


def network():
    rng = np.random.default_rng(3)
    return mq.losses.mlp((2, 3, 1), "tanh", "mean-squared", rng.normal(size=(7, 2)), rng.normal(size=7))


FLOWS = {
    "order 3": lambda: mq.modified_equation(mq.GradientDescent(), 3).on(mq.losses.rosenbrock()),
    "principal": lambda: mq.principal_flow(mq.GradientDescent()).on(mq.losses.rosenbrock()),
    "principal in one dimension": lambda: mq.principal_flow(mq.HeavyBall(0.5)).on(mq.losses.double_well()),
    "degree 2": lambda: mq.principal_flow(mq.GradientDescent(), degree=2).on(mq.losses.rosenbrock()),
    "special functions": lambda: mq.gradient_flow().on(mq.Loss.from_sympy("erf(x)**2 + log(1 + exp(y)) + tanh(x*y)", ["x", "y"])),
    "order 3 of a network": lambda: mq.modified_equation(mq.HeavyBall(0.5), 3).on(network()),
    "principal of a network": lambda: mq.principal_flow(mq.GradientDescent()).on(network()),
    "degree 2 of a network": lambda: mq.principal_flow(mq.GradientDescent(), degree=2).on(network()),
}


@pytest.mark.parametrize("name", FLOWS)
def test_both_tiers_give_the_same_numbers(name):
    flow = FLOWS[name]()
    theta = np.cos(1.0 + np.arange(flow.dimension)) / 2
    points = [theta, theta + 0.1j * np.sin(np.arange(flow.dimension))]
    in_python = [flow(point, 0.1) for point in points]
    mq.compile(flow)
    for point, value in zip(points, in_python, strict=True):
        np.testing.assert_allclose(flow(point, 0.1), value, rtol=1e-11, atol=1e-13)


def test_both_tiers_give_the_same_batch():
    flow = mq.modified_equation(mq.GradientDescent(), 3).on(mq.losses.rosenbrock())
    points = np.random.default_rng(0).normal(size=(2, 300))
    in_python = flow.batch(points, 1e-3)
    mq.compile(flow)
    np.testing.assert_allclose(flow.batch(points, 1e-3), in_python, rtol=1e-12)


def test_dividing_by_zero_is_infinite_in_python():
    flow = mq.gradient_flow().on(mq.Loss.from_sympy("log(x)", ["x"]))
    assert flow([0.0], 0.1)[0] == -np.inf


def test_compiling_says_nothing_of_the_zero_at_which_it_calls():
    class Logarithm:
        value = 0.0

        def compile(self):
            self.value = np.log(np.zeros(1))[0]

    thing = Logarithm()
    mq.compile(thing)  # warnings are errors here
    assert thing.value == -np.inf


def test_without_a_policy_nothing_is_compiled_before_it_pays(monkeypatch):
    monkeypatch.delenv("MODEQ_COMPILE")
    module = generated_module(Source("Multiplies.", DOUBLED.format(7.0)))
    monkeypatch.setattr(background, "compile_later", lambda *_: pytest.fail("compiled too early"))
    for _ in range(10):
        assert module.doubled(np.ones(1)) == 7.0


def test_a_run_that_has_cost_enough_has_itself_compiled_and_goes_on_with_the_result(monkeypatch, own_cache):
    monkeypatch.delenv("MODEQ_COMPILE")
    monkeypatch.setattr(tiers, "_COMPILE", 0.0)
    monkeypatch.setattr(tiers, "_LOAD", 0.0)
    monkeypatch.setattr(tiers, "_LOOK", 0.0)
    module = generated_module(Source("Multiplies.", DOUBLED.format(8.0)))
    function, ends = module.doubled, time.monotonic() + 120
    while not function._ready and time.monotonic() < ends:
        assert function(np.ones(1)) == 8.0
        time.sleep(0.02)
    assert function._ready
    assert function(np.ones(1)) == 8.0
    assert sum(module.compiled.doubled.stats.cache_hits.values()) == 1  # what the other process had left


def test_a_policy_that_does_not_exist_is_refused(monkeypatch):
    monkeypatch.setenv("MODEQ_COMPILE", "sometimes")
    with pytest.raises(ValueError, match="auto, always, never"):
        generated_module(Source("Multiplies.", DOUBLED.format(9.0))).doubled(np.ones(1))


def test_always_compiles_at_the_first_call(monkeypatch):
    monkeypatch.setenv("MODEQ_COMPILE", "always")
    module = generated_module(Source("Multiplies.", DOUBLED.format(10.0)))
    assert module.doubled(np.ones(1)) == 10.0
    assert module.compiled.doubled.signatures


def test_what_runs_as_python_is_released_with_its_flow():
    flow = mq.gradient_flow().on(mq.Loss.from_sympy("x**2 + 17*x", ["x"]))
    assert flow([1.0], 0.1) == [-19.0]
    module = weakref.ref(flow.module)
    del flow
    gc.collect()
    assert module() is None


def test_compiling_something_else_is_refused():
    with pytest.raises(TypeError, match="expected a loss or flow"):
        mq.compile("rosenbrock")


def test_what_is_in_python_imports_no_compiler(fresh_python):
    code = """
import sys, numpy as np, modeq as mq
mq.principal_flow(mq.GradientDescent()).on(mq.losses.rosenbrock())([0.5, 0.5], 1e-3)
loss = mq.losses.deep_linear((2, 2, 2))
mq.integrate(mq.gradient_flow().on(loss), np.ones(8), h=0.1, steps=2)
assert 'numba' not in sys.modules
"""
    done = fresh_python(code)
    assert done.returncode == 0, done.stderr


def test_types_are_described_as_numba_tells_them_apart():
    from numba import typeof

    values = (np.ones((2, 3)).T, np.ones(2, complex), np.ones((2, 3))[:, 1], True, 3, 0.5, 1j)
    assert background.numba_types(background.described(values)) == tuple(typeof(value) for value in values)
    assert sys.modules["numba"]
