"""Flows along a given sequence of batches."""

import numpy as np
import pytest

import modeq as mq

RANDOM = np.random.default_rng(2)
X = RANDOM.normal(size=(12, 2))
Y = X @ [1.0, -2.0] + 0.3 * RANDOM.normal(size=12)
LINEAR = mq.Loss.from_numpy(lambda p, X, y: np.mean((X @ p["w"] - y) ** 2) / 2, {"w": (2,)}, {"X": X, "y": Y})
CURVED = mq.Loss.from_numpy(lambda p, X, y: np.mean((np.tanh(X @ p["w"]) - y) ** 2) / 2, {"w": (2,)}, {"X": X, "y": np.tanh(Y)})
START = [0.2, 0.1]
GD = mq.GradientDescent()


@pytest.mark.parametrize("method", [GD, mq.HeavyBall(0.5), mq.Nesterov(0.5)], ids=str)
def test_the_map_follows_the_sample_path_exactly_on_quadratics(method):
    batches = LINEAR.minibatches(4, seed=0)
    path = mq.integrate(mq.whole_state_flow(method).on(batches), START, h=0.1, steps=5)  # into the second epoch
    run = mq.iterate(method, batches, START, h=0.1, steps=5)
    assert path.status == "completed"
    np.testing.assert_allclose(path.theta, run.theta, atol=1e-8)


def test_the_principal_flow_of_each_batch_is_the_map_of_gradient_descent():
    batches = LINEAR.minibatches(6, seed=1)
    path = mq.integrate(mq.principal_flow(GD).on(batches), START, h=0.2, steps=2)
    np.testing.assert_allclose(path.theta, mq.iterate(GD, batches, START, h=0.2, steps=2).theta, atol=1e-8)


@pytest.mark.parametrize("order", [1, 2])
def test_modified_equations_follow_it_to_their_order(order):
    batches = CURVED.minibatches(4, seed=0)
    flow, errors = mq.modified_equation(GD, order=order).on(batches), []
    for h in (0.004, 0.002):
        path = mq.integrate(flow, START, h=h, steps=3)
        errors.append(np.abs(path.theta[-1] - mq.iterate(GD, batches, START, h=h, steps=3).theta[-1]).max())
    assert np.log2(errors[0] / errors[1]) == pytest.approx(order + 1, abs=0.15)  # three steps, whatever h is


def test_smooth_updates_keep_their_memory_and_their_step_number():
    batches, adam = CURVED.minibatches(4, seed=0), mq.Adam(0.9, 0.9, eps=1e-2)
    path = mq.integrate(mq.whole_state_flow(adam).on(batches), START, h=0.01, steps=4)
    run = mq.iterate(adam, batches, START, h=0.01, steps=4)
    mean = mq.iterate(adam, CURVED, START, h=0.01, steps=4)
    assert np.abs(path.theta - run.theta).max() < np.abs(mean.theta - run.theta).max() / 20


def test_smooth_solutions_are_none_where_the_loss_changes():
    with pytest.raises(ValueError, match=r"'map', mq\.whole_state_flow"):
        mq.modified_equation(mq.HeavyBall(0.5), order=2).on(CURVED.minibatches(4))


def test_what_follows_no_single_steps_is_refused():
    with pytest.raises(ValueError, match="does not follow single steps"):
        mq.whole_state_flow(GD, steps=2).on(CURVED.minibatches(4))


def test_what_averages_over_batches_takes_all_of_them():
    batches = CURVED.minibatches(4)
    flow = mq.modified_equation(mq.reshuffled_epoch(GD, order=2)).on(batches)
    assert flow.field.fields == 3
    assert mq.stochastic_equation(1).on(batches).noises == 2


def test_verdicts_compare_each_step_with_its_own_batch():
    batches = LINEAR.minibatches(4, seed=0)
    path = mq.integrate(mq.principal_flow(GD).on(batches), START, h=0.1, steps=3)
    assert path.verdict.startswith("valid")
