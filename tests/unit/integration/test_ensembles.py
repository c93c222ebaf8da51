"""Ensembles of runs that differ by chance alone."""

import numpy as np
import pytest

import modeq as mq
from modeq.analysis.linear_moments import moments_of_equation

GD = mq.GradientDescent()
BATCHES = mq.VectorField.from_losses([mq.Loss.from_sympy(f"(x - {a})**2/2 + x*y + y**2", ["x", "y"]) for a in (-1, 1, 3)])
FLOW = mq.stochastic_equation(2).on(BATCHES)
START = [1.0, 0.0]


def draw(seed=0, **changes):
    return mq.sample(FLOW, START, **{"h": 0.1, "steps": 3, "paths": 400, "seed": seed, **changes})


def test_a_seed_gives_the_same_paths_again():
    np.testing.assert_array_equal(draw().theta, draw().theta)
    assert np.abs(draw(1).theta - draw().theta).max() > 0.01


def test_all_paths_start_where_they_are_told_to():
    runs = draw()
    assert runs.theta.shape == (4, 400, 2)
    assert (runs.theta[0] == START).all()
    np.testing.assert_allclose(runs.t, [0, 0.1, 0.2, 0.3])


@pytest.mark.parametrize(("scheme", "substeps"), [("euler", 32), ("platen", 2)])
def test_moments_of_paths_are_those_of_the_equation(scheme, substeps):
    runs = draw(scheme=scheme, paths=20_000, substeps=substeps)
    exact = moments_of_equation(FLOW, np.array(START), 0.1, 0.3)
    mean, spread = exact[0, 1:], np.sqrt(np.diag(exact[1:, 1:]) - exact[0, 1:] ** 2)
    assert (np.abs(runs.mean[-1] - mean) < 5 * spread / np.sqrt(20_000) + 1e-3).all()
    np.testing.assert_allclose(np.sqrt(np.diag(runs.covariance[-1])), spread, rtol=0.05)


def test_intervals_hold_what_they_promise_about_as_often_as_they_say():
    exact = mq.integrate(
        mq.modified_equation(GD, order=2).on(mq.Loss.from_sympy("(x - 1)**2/2 + x*y + y**2", ["x", "y"])), START, h=0.1, steps=3
    )
    hits = 0
    for seed in range(40):
        low, high = draw(seed, paths=100).mean_interval(0.9)
        hits += bool(low[-1, 0] < exact.theta[-1, 0] < high[-1, 0])
    assert 30 <= hits <= 40  # 36 expected, with a standard deviation of 1.9


def test_the_interval_of_a_quantile_holds_the_sample_quantile():
    runs = draw()
    low, high = runs.quantile_interval(0.25)
    (middle,) = runs.quantiles([0.25])
    assert (low[1:] < middle[1:]).all()
    assert (middle[1:] < high[1:]).all()


def test_random_batches_are_the_steps_of_the_method():
    runs = mq.sample_iterates(GD, BATCHES, START, h=0.1, steps=1, paths=100, seed=0)
    ends = {tuple(np.round(point, 12)) for point in runs.theta[1]}
    assert ends == {tuple(np.round(START + 0.1 * BATCHES.part(k, START), 12)) for k in range(3)}


def test_momentum_is_kept_from_step_to_step():
    batches = mq.VectorField.from_losses([mq.Loss.from_sympy("x**2/2", ["x"])] * 2)  # all alike: no chance
    runs = mq.sample_iterates(mq.HeavyBall(0.5), batches, [1.0], h=0.1, steps=5, paths=2, seed=0)
    single = mq.iterate(mq.HeavyBall(0.5), mq.Loss.from_sympy("x**2/2", ["x"]), [1.0], h=0.1, steps=5)
    np.testing.assert_allclose(runs.theta[:, 0], single.theta, rtol=1e-13)


def test_a_run_that_leaves_every_bound_ends_with_what_it_had():
    batches = mq.VectorField.from_losses([mq.Loss.from_sympy(f"{a}*x**4", ["x"]) for a in (1, 2)])
    runs = mq.sample_iterates(GD, batches, [10.0], h=1.0, steps=20, paths=5, seed=0)
    assert runs.status == "diverged"
    assert "smaller h" in runs.message
    assert np.isfinite(runs.theta).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: draw(scheme="heun"), "scheme must be one of 'euler', 'platen'"),
        (lambda: draw(paths=1), "at least 2 paths"),
        (lambda: draw(substeps=0), "substeps must be an integer ≥ 1"),
        (lambda: draw(paths=2**27), "fewer paths"),
        (lambda: mq.stochastic_equation(3), "weak order 1 or 2"),
        (lambda: mq.stochastic_equation(1, covariance=[[1, 2], [2, 1]]), "positive semidefinite"),
        (lambda: mq.stochastic_equation(1).on(mq.losses.rosenbrock()), "no noise is known"),
        (lambda: mq.sample_iterates(GD, mq.losses.rosenbrock(), START, h=0.1, steps=1), "no batches to draw"),
        (lambda: draw().quantile_interval(1.0), "between 0 and 1"),
    ],
)
def test_what_cannot_be_drawn_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_other_flows_are_sent_to_integrate():
    with pytest.raises(TypeError, match="integrate follows other flows"):
        mq.sample(mq.gradient_flow().on(mq.losses.rosenbrock()), START, h=0.1, steps=1)


def test_expectations_are_compared_with_common_random_numbers_where_moments_do_not_close():
    batches = mq.VectorField.from_losses([mq.Loss.from_sympy(text, ["x"]) for text in ("x**2/2 + x**4/4 - x", "x**2/2 + x")])
    measured = mq.weak_order(mq.stochastic_equation(1).on(batches), [1.0], time=1.0, steps=(8, 16), paths=20_000, seed=0)
    assert not measured.is_exact
    assert abs(measured.order - 1) < 0.3  # standard errors of 3 and 5 per cent
