"""Rod and central flows: what they take, what they leave behind, and what they refuse."""

import pickle

import numpy as np
import pytest

import modeq as mq
from modeq.losses.spectra import largest_pair, sharpest

GD = mq.GradientDescent()
E = mq.losses.double_well()
BOTH = [mq.RodFlow(), mq.CentralFlow()]


def test_the_rod_starts_between_the_first_two_iterates():
    flow = mq.RodFlow().on(E)
    time, state = flow.launch(np.array([1.4]), 0.1)
    first, second = mq.iterate(GD, E, [1.4], h=0.1, steps=1).theta[:, 0]
    assert time == 0.05
    np.testing.assert_allclose(state, [(first + second) / 2, ((first - second) / 2) ** 2])


def test_a_trajectory_starts_where_it_was_told_to():
    for equation in BOTH:
        assert mq.integrate(equation.on(E), [1.4], h=0.1, steps=3).theta[0] == 1.4


def test_no_steps_are_a_trajectory_too():
    for equation in BOTH:
        path = mq.integrate(equation.on(E), [1.4], h=0.1, steps=0)
        assert path.completed
        assert path.theta.tolist() == [[1.4]]


def test_the_rod_is_the_leading_part_of_the_spread():
    path = mq.integrate(mq.RodFlow().on(mq.losses.rosenbrock()), [0.9, 0.7], h=2.2e-3, steps=5)
    for spread, delta in zip(path.extras["spread"], path.extras["delta"], strict=True):
        np.testing.assert_allclose(spread @ delta, (delta @ delta) * delta, atol=1e-12)
        assert delta @ delta == pytest.approx(np.linalg.eigvalsh(spread)[-1])


def test_extras_have_a_row_for_each_point():
    rod, central = (mq.integrate(equation.on(mq.losses.himmelblau()), [2.0, 1.0], h=0.01, steps=4) for equation in BOTH)
    assert {name: value.shape for name, value in rod.extras.items()} == {"delta": (5, 2), "spread": (5, 2, 2)}
    numbers = dict.fromkeys(("sharpness", "critical", "variance", "excess"), (5,))
    assert {name: value.shape for name, value in central.extras.items()} == {**numbers, "covariance": (5, 2, 2)}
    assert not mq.integrate(mq.gradient_flow().on(E), [1.4], h=0.1, steps=1).extras


def test_at_a_stationary_point_the_rod_stays():
    for full in (True, False):
        path = mq.integrate(mq.RodFlow(full=full).on(E), [1.0], h=0.1, steps=3)
        assert path.completed
        np.testing.assert_array_equal(path.theta, 1.0)


def test_many_coordinates_are_kept_at_rank_one():
    loss = mq.Loss.from_numpy(lambda p: np.sum(np.cosh(p["x"]) * p["c"]), {"x": 1200, "c": 1})
    flow = mq.RodFlow().on(loss)
    assert flow.start(np.full(1201, 0.1), 0.1).shape == (2402,)
    path = mq.integrate(flow, np.full(1201, 0.1), h=0.1, steps=2, rtol=1e-6, atol=1e-8)
    assert path.completed
    assert set(path.extras) == {"delta"}


def test_eigenvectors_of_large_matrices_are_those_of_small_ones():
    generator = np.random.default_rng(3)
    A = generator.standard_normal((250, 250))
    matrix = A @ A.T
    values, vectors = np.linalg.eigh(matrix)
    value, vector = largest_pair(matrix)
    assert value == pytest.approx(values[-1], rel=1e-12)
    assert abs(vector @ vectors[:, -1]) == pytest.approx(1, rel=1e-10)


def test_the_sharpest_direction_of_a_large_loss():
    weights = np.linspace(1, 2, 250)
    loss = mq.Loss.from_numpy(lambda p, a: np.sum(a * p["x"] ** 2), {"x": 250}, {"a": weights**4})
    value, vector = sharpest(loss, np.zeros(250))
    assert value == pytest.approx(32, rel=1e-12)
    assert abs(vector[-1]) == pytest.approx(1, rel=1e-10)


def test_gradient_descent_by_another_name_is_gradient_descent():
    @mq.method
    def descent(theta, h, f):
        return theta + h * f(theta)

    assert list(mq.compare(descent(), E, [1.4], h=0.1, steps=2, flows=("rod", "central")).errors) == ["rod", "central"]


@pytest.mark.parametrize("flow", ["central", *BOTH, BOTH[0].on(E)])
@pytest.mark.parametrize("method", [mq.HeavyBall(0.5), mq.ProximalPoint(), mq.compose(GD, GD)])
def test_other_methods_are_refused_in_one_line(flow, method):
    with pytest.raises(ValueError, match=r"describes gradient descent only.*use 'principal'") as error:
        mq.compare(method, E, [1.4], h=0.1, steps=1, flows=(flow,))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "method", [mq.HeavyBall(0.5), mq.Nesterov(0.5), mq.RMSProp(), mq.Adam(), mq.compose(GD, GD), mq.SmoothSign(0.1)], ids=str
)
def test_the_rod_flow_of_a_method_is_compared_with_it_by_name(method):
    report = mq.compare(method, E, [1.4], h=0.01, steps=4, flows=("rod",))
    path = report.trajectories["rod"]
    assert path.completed
    assert path.theta[0] == 1.4
    names = set(method.state_names) - {"θ"}
    assert {name: value.shape for name, value in path.extras.items()} == dict.fromkeys(names | {"delta"}, (5, 1)) | {"spread": (5, 1, 1)}
    assert np.nanmax(report.average_errors["rod"]) < 0.2 * abs(report.iterates.theta[-1, 0] - 1.4)


def test_the_centre_of_the_state_is_launched_between_the_first_two():
    method = mq.Adam(0.9, 0.99)
    run = mq.iterate(method, E, [1.4], h=0.1, steps=1)
    states = np.column_stack([run.theta, *(run.state[name] for name in method.memory)])
    time, state = mq.RodFlow(method).on(E).launch(np.array([1.4]), 0.1)
    assert time == 0.05
    half = (states[0] - states[1]) / 2
    np.testing.assert_allclose(state, [*states.mean(axis=0), *(half * half[0])], rtol=1e-14)


def test_the_whole_state_starts_at_rest():
    with pytest.raises(ValueError, match="starts at rest"):
        mq.compare(mq.HeavyBall(0.5), E, [1.4], h=0.1, steps=1, flows=("rod",), start="smooth")


@pytest.mark.parametrize(
    ("method", "reason"),
    [
        (mq.ProximalPoint(), "explicit method.*use 'principal'"),
        (mq.Muon(), "acts on whole arrays, use 'two-step'"),
        (mq.HeavyBall(), "free parameter beta"),
        (mq.Simultaneous(), "2 fields"),
    ],
    ids=str,
)
def test_methods_without_rod_flow_are_refused_in_one_line(method, reason):
    with pytest.raises(ValueError, match=reason) as error:
        mq.RodFlow(method)
    assert "\n" not in str(error.value)


def test_kinks_have_no_rod_flow():
    @mq.method(smooth=False)
    def sign_descent(theta, h, f):
        return theta + h * np.sign(f(theta))

    with pytest.raises(ValueError, match="the rod flow needs a smooth update"):
        mq.compare(sign_descent(), E, [1.4], h=0.1, steps=1, flows=("rod",))


@pytest.mark.parametrize("equation", BOTH)
def test_a_field_without_loss_is_refused(equation):
    with pytest.raises(TypeError, match="needs a Loss"):
        equation.on(mq.VectorField.from_sympy(["y", "-x"], ["x", "y"]))


@pytest.mark.parametrize("equation", BOTH)
def test_complex_starts_are_refused(equation):
    with pytest.raises(TypeError, match="real"):
        mq.integrate(equation.on(E), [1.4 + 0.1j], h=0.1, steps=1)


@pytest.mark.parametrize(("name", "nearest"), [("rodd", "rod"), ("centrol", "central")])
def test_misspelt_names_get_a_hint(name, nearest):
    with pytest.raises(ValueError, match=f"did you mean '{nearest}'"):
        mq.compare(GD, E, [1.4], h=0.1, steps=1, flows=(name,))


def test_a_run_that_ends_early_says_so():
    path = mq.integrate(mq.RodFlow().on(mq.Loss.from_sympy("-x**4", ["x"])), [2.0], h=0.5, steps=30)
    assert not path.completed
    assert path.verdict == f"stopped at t = 0: {path.message}"


def test_a_limit_of_evaluations_ends_the_run():
    for equation in BOTH:
        path = mq.integrate(equation.on(mq.losses.rosenbrock()), [0.6, 0.5], h=3e-3, steps=30, max_evaluations=50)
        assert path.status == "stalled"
        assert "limit of 50 evaluations" in path.message
        assert path.evaluations == 50


def test_flows_can_be_pickled():
    for equation in BOTH:
        again = pickle.loads(pickle.dumps(equation.on(E)))
        assert str(again) == equation.title


def test_they_are_shown_by_name():
    assert repr(mq.RodFlow().on(E)) == "<CentreFlow: rod flow on double-well>"
