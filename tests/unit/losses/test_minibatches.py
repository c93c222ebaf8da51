"""Minibatches of losses on arrays, and fields of several losses."""

import numpy as np
import pytest

import modeq as mq

RANDOM = np.random.default_rng(1)
X = RANDOM.normal(size=(10, 3))
Y = np.sin(X.sum(1))
THETA = RANDOM.normal(size=8)


def network(p, X, y):
    return np.mean((np.tanh(X @ p["W"]) @ p["v"] - y) ** 2) / 2


def loss(**data):
    return mq.Loss.from_numpy(network, {"W": (3, 2), "v": (2,)}, {"X": X, "y": Y, **data})


def test_every_sample_is_in_one_batch():
    batches = loss().minibatches(3, seed=0)
    assert [len(batch) for batch in batches.samples] == [3, 3, 3, 1]
    assert sorted(np.concatenate(batches.samples)) == list(range(10))


def test_without_a_seed_samples_stay_in_order():
    assert loss().minibatches(5).samples[1].tolist() == [5, 6, 7, 8, 9]


def test_the_full_loss_is_the_weighted_mean_of_its_batches():
    E = loss()
    batches = E.minibatches(3, seed=0)
    total = sum(weight * batch(THETA) for weight, batch in zip(batches.weights, batches, strict=True))
    assert total == pytest.approx(E(THETA), rel=1e-12)


def test_batches_share_one_module():
    batches = loss().minibatches(5, seed=0)
    assert batches[0].source == batches[1].source


def test_batches_drawn_with_replacement_have_their_size():
    assert [len(batch) for batch in loss().minibatches(4, seed=0, replace=True).samples] == [4, 4, 4]


def test_a_batch_is_the_loss_of_its_samples():
    batches = loss().minibatches(5, seed=0)
    rows = batches.samples[1]
    E = mq.Loss.from_numpy(network, {"W": (3, 2), "v": (2,)}, {"X": X[rows], "y": Y[rows]})
    np.testing.assert_array_equal(batches[1].parameter_vector(0.1), E.parameter_vector(0.1))


def test_after_the_last_batch_the_first_follows():
    batches = loss().minibatches(5)
    assert batches.of_step(2) is batches[0]


@pytest.mark.parametrize("replace", [False, True])
def test_with_a_seed_each_epoch_is_drawn_anew_and_the_same_each_time(replace):
    batches, again = (loss().minibatches(5, seed=3, replace=replace) for _ in range(2))
    drawn = [[tuple(rows) for rows in batches.epoch(number).samples] for number in range(3)]
    assert drawn[0] != drawn[1] != drawn[2]
    assert drawn == [[tuple(rows) for rows in again.epoch(number).samples] for number in range(3)]
    np.testing.assert_array_equal(batches.of_step(5).gradient(THETA), batches.epoch(2)[1].gradient(THETA))


def test_every_sample_is_in_each_shuffled_epoch_once():
    later = loss().minibatches(3, seed=0).epoch(4)
    assert sorted(np.concatenate(later.samples)) == list(range(10))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: loss().minibatches(11), "at most the 10 samples"),
        (lambda: loss().minibatches(0), "must be a positive integer"),
        (lambda: loss().minibatches(2, samples=["Z"]), "some of X, y"),
        (lambda: mq.Loss.from_numpy(lambda p: np.sum(p["w"] ** 2), {"w": (2,)}).minibatches(1), "does not know its samples"),
    ],
)
def test_batches_that_cannot_be_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_data_of_other_lengths_are_named():
    E = mq.Loss.from_numpy(lambda p, X, c: np.sum((X @ p["w"] - c[0]) ** 2), {"w": (3,)}, {"X": X, "c": np.ones(2)})
    with pytest.raises(ValueError, match="X has 10, c has 2; name those that have"):
        E.minibatches(5)
    assert len(E.minibatches(5, samples=["X"])) == 2


# Fields of several losses


def test_the_field_of_losses_is_the_sum_of_theirs():
    batches = loss().minibatches(5)
    f = mq.VectorField.from_losses(batches)
    assert f.fields == 2
    np.testing.assert_allclose(f.part(1, THETA), -batches[1].gradient(THETA))
    np.testing.assert_allclose(f.value(THETA), -batches[0].gradient(THETA) - batches[1].gradient(THETA))


def test_players_move_their_own_networks():
    first, second = loss(), loss(y=-Y)
    f = mq.VectorField.game([first, second], [["W"], ["v"]])
    assert not f.part(0, THETA)[6:].any()
    np.testing.assert_allclose(f.value(THETA), -np.r_[first.gradient(THETA)[:6], second.gradient(THETA)[6:]])


def test_the_jacobian_of_a_game_is_not_symmetric():
    f = mq.VectorField.game([loss(), loss(y=-Y)], [["W"], ["v"]])
    step = 1e-6 * np.eye(8)
    differences = np.array([(f.value(THETA + e) - f.value(THETA - e)) / 2e-6 for e in step]).T
    np.testing.assert_allclose(f.jacobian(THETA), differences, atol=1e-8)
    assert not f.symmetric


def test_losses_on_symbols_become_a_vector_field_on_symbols():
    f = mq.VectorField.from_losses([mq.Loss.from_sympy("x*y", ["x", "y"]), mq.Loss.from_sympy("a*x**2", ["x", "y"], {"a": 2})])
    np.testing.assert_allclose(f([1.0, 2.0]), [-2.0 - 4.0, -1.0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mq.VectorField.from_losses([]), "expected losses"),
        (lambda: mq.VectorField.from_losses([loss(), mq.losses.rosenbrock()]), "must have the parameters W, v of the first"),
        (lambda: mq.VectorField.game([loss(), loss()], [["W"], ["W", "v"]]), "share out the parameters W, v"),
        (lambda: mq.VectorField.game([loss(), loss()], [["W"]]), "one loss for each player"),
    ],
)
def test_losses_that_do_not_belong_together_are_refused(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
