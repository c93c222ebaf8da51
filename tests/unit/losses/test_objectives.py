"""Objectives agree with scikit-learn and SciPy, and refuse targets that do not fit."""

import numpy as np
import pytest
from scipy.special import log_softmax

from modeq.losses.objectives import OBJECTIVES, Objective, objective

RNG = np.random.default_rng(0)
SCORES = 3 * RNG.standard_normal((40, 1))
OUTPUTS = 3 * RNG.standard_normal((40, 4))
PAIRS = RNG.integers(0, 2, 40)
LABELS = np.concatenate([np.arange(4), RNG.integers(0, 4, 36)])


def value(name, outputs, y):
    chosen = objective(name)
    return float(chosen.value(outputs, chosen.targets(y, len(outputs), outputs.shape[1])))


def test_mean_squared_is_half_the_mean_squared_norm():
    targets = RNG.standard_normal((40, 4))
    expected = sum(np.linalg.norm(a - b) ** 2 for a, b in zip(OUTPUTS, targets, strict=True)) / 80
    assert value("mean-squared", OUTPUTS, targets) == pytest.approx(expected, rel=1e-14)


def test_mean_squared_takes_plain_numbers_for_one_output():
    y = RNG.standard_normal(40)
    assert value("mean-squared", SCORES, y) == value("mean-squared", SCORES, y[:, np.newaxis])
    assert value("mean-squared", SCORES, y) == pytest.approx(sum((a - b) ** 2 for a, b in zip(SCORES[:, 0], y, strict=True)) / 80)


def test_logistic_is_the_mean_log_loss():
    metrics = pytest.importorskip("sklearn.metrics")
    assert value("logistic", SCORES, PAIRS) == pytest.approx(metrics.log_loss(PAIRS, 1 / (1 + np.exp(-SCORES[:, 0]))), rel=1e-12)


@pytest.mark.parametrize("labels", [2 * PAIRS - 1, PAIRS.astype(bool), PAIRS.astype(float), PAIRS.tolist()])
def test_logistic_takes_signs_booleans_and_floats_alike(labels):
    assert value("logistic", SCORES, labels) == value("logistic", SCORES, PAIRS)


def test_logistic_does_not_overflow():
    assert value("logistic", np.array([[1000.0], [-1000.0]]), [1, 0]) == 0.0
    assert value("logistic", np.array([[1000.0], [-1000.0]]), [0, 1]) == 1000.0


def test_softmax_is_the_mean_negative_log_probability():
    expected = -np.mean([log_softmax(row)[label] for row, label in zip(OUTPUTS, LABELS, strict=True)])
    assert value("softmax", OUTPUTS, LABELS) == pytest.approx(expected, rel=1e-13)


def test_softmax_with_two_classes_is_logistic_in_the_difference_of_the_outputs():
    two = OUTPUTS[:, :2]
    assert value("softmax", two, PAIRS) == pytest.approx(value("logistic", two[:, 1:] - two[:, :1], PAIRS), rel=1e-13)


def test_softmax_does_not_overflow():
    assert value("softmax", np.array([[1000.0, 0.0]]), [1]) == 1000.0


def test_an_unknown_objective_gets_the_nearest_name():
    with pytest.raises(ValueError, match="unknown objective 'softmx', did you mean 'softmax'"):
        objective("softmx")
    with pytest.raises(ValueError, match="known: mean-squared, logistic, softmax"):
        objective("0-1")
    with pytest.raises(TypeError, match="given by its name"):
        objective(3)


def test_names_ignore_case_and_underscores():
    assert objective("Mean_Squared") is OBJECTIVES["mean-squared"]


def test_an_objective_of_the_user_is_taken_as_it_is():
    own = Objective("absolute", lambda a, b: np.mean(abs(a - b)), lambda y, m: y.reshape(-1, m), lambda y: 1)
    assert objective(own) is own


@pytest.mark.parametrize(
    ("name", "y", "outputs"), [("mean-squared", np.zeros((5, 3)), 3), ("mean-squared", [1, 2], 1), ("logistic", [0, 1], 1)]
)
def test_targets_say_how_many_outputs_they_need(name, y, outputs):
    assert objective(name).outputs(y) == outputs


def test_softmax_counts_the_classes():
    assert objective("softmax").outputs(LABELS) == 4
    with pytest.raises(ValueError, match=r"the largest label, 3, but no sample has 0, 2"):
        objective("softmax").outputs([1, 3, 3])
    with pytest.raises(ValueError, match="no sample has 2, 3, 4, 5, 6, …"):
        objective("softmax").outputs([0, 1, 2**30])
    with pytest.raises(ValueError, match="labels from 0, got -1"):
        objective("softmax").outputs([0, -1])


@pytest.mark.parametrize(
    ("name", "outputs", "y", "message"),
    [
        ("mean-squared", 1, [[1, 2], [3, 4]], r"shape \(samples,\) or \(samples, 1\) for mean-squared with 1 output, got \(2, 2\)"),
        ("mean-squared", 2, [1.0, 2.0], r"shape \(samples, 2\) for mean-squared with 2 outputs, got \(2,\)"),
        ("mean-squared", 1, [1.0, 2.0, 3.0], "X has 2 samples and y has 3"),
        ("mean-squared", 1, 1.0, "y is a single number"),
        ("mean-squared", 1, [1.0, np.nan], r"y has an entry that is NaN or infinite, at \[1\]"),
        ("logistic", 1, [np.inf, np.nan], r"y has 2 entries that are NaN or infinite, at \[0\] first"),
        ("logistic", 1, [0, 2], "logistic needs labels 0 and 1, or −1 and 1, got 2; number the two classes 0 and 1"),
        ("logistic", 1, [0, -1], "got −1 and 0 mixed"),
        ("logistic", 1, [0, 0.5], "integer labels, the numbers of the classes, got 0.5"),
        ("logistic", 1, [[0], [1]], r"shape \(samples,\) for logistic, got \(2, 1\)"),
        ("logistic", 2, [0, 1], "one output, this one has 2; use softmax"),
        ("softmax", 3, [0, 3], "softmax with 3 outputs needs labels 0 … 2, got 3; a model of 4 classes needs as many outputs"),
        ("softmax", 3, [0, -1], "got -1; number the classes from 0"),
        ("softmax", 3, [-1, 5], "got -1, 5; number the classes from 0"),
        ("softmax", 3, [0.5, 1.5], "got 0.5, 1.5; use mean-squared for a regression"),
        ("softmax", 2, [0, 1e300], "integer labels"),
        ("softmax", 2, np.eye(2), r"got \(2, 2\); softmax takes the number of the class"),
        ("softmax", 1, [0, 1], "one output for each of at least two classes, this model has 1; use logistic"),
    ],
)
def test_targets_that_do_not_fit_are_refused_with_the_remedy(name, outputs, y, message):
    with pytest.raises(ValueError, match=message):
        objective(name).targets(y, 2, outputs)


def test_three_classes_are_sent_to_softmax():
    with pytest.raises(ValueError, match="got 2, 3; use softmax for more than two classes"):
        objective("logistic").targets([0, 1, 2, 3], 4, 1)
    with pytest.raises(ValueError, match="got −1, 0 and 1 mixed; use softmax"):
        objective("logistic").targets([0, 1, -1], 3, 1)


@pytest.mark.parametrize("y", [["cat", "dog"], [1j, 0], None, [None, 1]])
def test_targets_are_real_numbers(y):
    with pytest.raises(TypeError, match="y "):
        objective("logistic").targets(y, 2, 1)
