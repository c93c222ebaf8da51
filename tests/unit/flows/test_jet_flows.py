"""Flows on fields that are known by jets: losses of functions, fields of several losses, minibatches."""

import numpy as np
import pytest

import modeq as mq

RANDOM = np.random.default_rng(1)
X, Y = RANDOM.normal(size=(12, 2)), RANDOM.normal(size=12)
THETA = 0.5 * RANDOM.normal(size=6)


def network(p, X, y):
    return np.mean((np.tanh(X @ p["W"]) @ p["v"] - y) ** 2) / 2


E = mq.Loss.from_numpy(network, {"W": (2, 2), "v": (2,)}, {"X": X, "y": Y})
GIVEN = {"value": E, "gradient": E.gradient, "hvp": E.hvp, "along": E.along}


def functions(*names):
    """The loss above as one that is known by some of its functions."""
    return mq.Loss.from_functions(dimension=6, **{name: GIVEN[name] for name in ("value", "gradient", *names)})


EQUATIONS = {
    "gradient": mq.gradient_flow(),
    "igr": mq.modified_equation(mq.GradientDescent(), 2),
    "order 4": mq.modified_equation(mq.GradientDescent(), 4),
    "heavy ball, order 3": mq.modified_equation(mq.HeavyBall("1/2"), 3),
    "implicit, order 3": mq.modified_equation(mq.ProximalPoint(), 3),
    "principal": mq.principal_flow(mq.GradientDescent()),
    "principal+3": mq.principal_flow(mq.GradientDescent(), order=3),
    "principal2": mq.principal_flow(mq.GradientDescent(), degree=2),
    "lanczos": mq.principal_flow(mq.GradientDescent(), hessian="lanczos"),
    "two-step": mq.whole_state_flow(mq.HeavyBall("1/2"), steps=2),
    "map2": mq.whole_state_flow(mq.GradientDescent(), degree=2),
}


@pytest.mark.parametrize("name", EQUATIONS)
def test_flows_on_functions_are_those_on_the_loss(name):
    ours, theirs = (EQUATIONS[name].on(field) for field in (E, functions("hvp", "along")))
    state = ours.start(THETA, 0.2)
    np.testing.assert_allclose(theirs(state, 0.2), ours(state, 0.2), atol=1e-11)


@pytest.mark.parametrize("name", ["igr", "principal", "two-step"])
def test_products_are_enough_for_flows_of_degree_one(name):
    ours, theirs = (EQUATIONS[name].on(field) for field in (E, functions("hvp")))
    state = ours.start(THETA, 0.2)
    np.testing.assert_allclose(theirs(state, 0.2), ours(state, 0.2), atol=1e-11)


@pytest.mark.parametrize(
    ("name", "given", "missing"),
    [
        ("igr", [], r"hvp\(theta, v\)"),
        ("principal", [], r"hvp\(theta, v\)"),
        ("order 4", ["hvp"], r"along\(path\)"),
        ("principal+3", ["hvp"], r"along\(path\)"),
        ("principal2", ["hvp"], r"along\(path\)"),
        ("map2", ["hvp"], r"along\(path\)"),
    ],
)
def test_a_flow_names_the_function_that_it_misses(name, given, missing):
    with pytest.raises(ValueError, match=f"pass {missing}"):
        EQUATIONS[name].on(functions(*given))


def test_a_comparison_on_a_gradient_alone_runs_and_judges():
    report = mq.compare(mq.GradientDescent(), functions(), THETA, h=0.1, steps=3, flows=["gradient"])
    assert report.trajectories["gradient"].status == "completed"
    assert "hλ unknown" in str(report)


def test_a_flow_that_leaves_the_real_points_says_so():
    steep = mq.Loss.from_functions(dimension=1, value=lambda x: x[0] ** 2, gradient=lambda x: 2 * x, hvp=lambda x, v: 2 * v)
    path = mq.integrate(mq.principal_flow(mq.GradientDescent()).on(steep), [1.0], h=0.75, steps=3)
    assert path.status == "stalled"
    assert "known at real points only" in path.message


def test_a_flow_on_functions_is_not_exported(tmp_path):
    with pytest.raises(ValueError, match="stay where they are"):
        EQUATIONS["igr"].on(functions("hvp")).export(tmp_path / "flow.py")


def test_implicit_methods_run_on_functions():
    ours, theirs = (mq.iterate(mq.ProximalPoint(), field, THETA, h=0.5, steps=2).theta for field in (E, functions("hvp")))
    np.testing.assert_allclose(theirs, ours, atol=1e-12)


# Several losses


@mq.method
def epoch(theta, h, f, g, k):
    for field in (f, g, k):
        theta = theta + h * field(theta)
    return theta


def test_each_step_sees_its_own_batch():
    batches = E.minibatches(5, seed=0)
    path = mq.iterate(mq.HeavyBall(0.5), batches, THETA, h=0.1, steps=4)
    x, v = THETA, np.zeros(6)
    for n in range(4):
        v = 0.5 * v - 0.1 * batches.of_step(n).gradient(x)
        x = x + v
    np.testing.assert_allclose(path.theta[-1], x, atol=1e-14)


def test_an_epoch_is_a_method_with_a_field_for_each_batch():
    batches = E.minibatches(5, seed=0)
    x = THETA
    for batch in batches:
        x = x - 0.1 * batch.gradient(x)
    path = mq.iterate(epoch(), mq.VectorField.from_losses(batches), THETA, h=0.1, steps=1)
    np.testing.assert_allclose(path.theta[-1], x, atol=1e-14)


@pytest.mark.parametrize("order", [1, 2, 3])
def test_the_modified_equation_of_an_epoch_has_its_order(order):
    from scipy.integrate import solve_ivp

    f = mq.VectorField.from_losses(E.minibatches(5, seed=0))
    flow, errors = mq.modified_equation(epoch(), order).on(f), []
    for h in (0.04, 0.02):
        end = solve_ivp(flow.rhs(h), (0, h), THETA, rtol=1e-12, atol=1e-14).y[:, -1]
        errors.append(np.abs(end - mq.iterate(epoch(), f, THETA, h=h, steps=1).theta[-1]).max())
    assert np.log2(errors[0] / errors[1]) == pytest.approx(order + 1, abs=0.15)


def test_a_game_of_networks_has_the_flows_of_the_same_game_on_symbols():
    def bilinear(p):
        return np.sum(p["a"] * p["b"]) + np.sum(p["a"] ** 4) / 8

    first = mq.Loss.from_numpy(bilinear, {"a": (1,), "b": (1,)})
    second = mq.Loss.from_numpy(lambda p: -bilinear(p), {"a": (1,), "b": (1,)})
    on_arrays = mq.VectorField.game([first, second], [["a"], ["b"]])
    on_symbols = mq.VectorField.game(["a*b + a**4/8", "-a*b - a**4/8"], [["a"], ["b"]])
    for name in ("order 4", "principal", "principal2"):
        ours, theirs = (EQUATIONS[name].on(field)([0.7, -0.4], 0.2) for field in (on_arrays, on_symbols))
        np.testing.assert_allclose(ours, theirs, atol=1e-11)
