"""Linear models and factorisations agree with loops and with scikit-learn, and their minimisers are minimisers."""

import math

import numpy as np
import pytest

from modeq.losses.initialisation import xavier
from modeq.losses.models import linear_regression, logistic_regression, matrix_factorisation

RNG = np.random.default_rng(0)
X = RNG.standard_normal((30, 3))
ONE = RNG.standard_normal(30)
TWO = RNG.standard_normal((30, 2))
PAIRS = RNG.integers(0, 2, 30)
TRIPLES = np.arange(30) % 3
M = RNG.standard_normal((4, 5))
MASK = RNG.random((4, 5)) < 0.6


def point(loss):
    return np.random.default_rng(1).standard_normal(loss.dimension)


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("y", [ONE, TWO], ids=["one output", "two outputs"])
def test_linear_regression_agrees_with_a_loop_over_samples(y, intercept):
    E = linear_regression(X, y, intercept=intercept, weight_decay=0.2)
    theta = point(E)
    params = E.unravel(theta)
    total = sum(np.sum((x @ params["W"] + params.get("b", 0.0) - t) ** 2) for x, t in zip(X, y.reshape(30, -1), strict=True))
    assert E(theta) == pytest.approx(total / 60 + 0.1 * np.sum(params["W"] ** 2), rel=1e-12)


@pytest.mark.parametrize("decay", [0.0, 0.2])
@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("y", [ONE, TWO], ids=["one output", "two outputs"])
def test_the_gradient_vanishes_at_the_minimiser_of_a_linear_regression(y, intercept, decay):
    E = linear_regression(X, y, intercept=intercept, weight_decay=decay)
    (minimum,) = E.minima
    assert np.abs(E.gradient(np.array(minimum))).max() < 1e-10


@pytest.mark.parametrize("intercept", [True, False])
def test_the_minimiser_is_the_ridge_regression_of_scikit_learn(intercept):
    linear = pytest.importorskip("sklearn.linear_model")
    E = linear_regression(X, ONE, intercept=intercept, weight_decay=0.2)
    ridge = linear.Ridge(alpha=30 * 0.2, fit_intercept=intercept, tol=1e-12).fit(X, ONE)
    np.testing.assert_allclose(E.minima[0], [*ridge.coef_, *([ridge.intercept_] if intercept else [])], rtol=1e-9)


def test_a_regression_with_dependent_columns_has_no_isolated_minimiser():
    dependent = np.hstack([X, X[:, :1]])
    assert linear_regression(dependent, ONE).minima == ()
    assert len(linear_regression(dependent, ONE, weight_decay=0.1).minima) == 1


@pytest.mark.parametrize("intercept", [True, False])
def test_logistic_regression_agrees_with_a_loop_over_samples(intercept):
    E = logistic_regression(X, PAIRS, intercept=intercept, weight_decay=0.2)
    theta = point(E)
    params = E.unravel(theta)
    total = 0.0
    for x, label in zip(X, PAIRS, strict=True):
        output = (x @ params["W"] + params.get("b", 0.0)).item()
        total += math.log1p(math.exp(-output if label else output))
    assert E(theta) == pytest.approx(total / 30 + 0.1 * np.sum(params["W"] ** 2), rel=1e-12)


@pytest.mark.parametrize("y", [PAIRS, TRIPLES], ids=["two classes", "three classes"])
def test_the_gradient_vanishes_where_scikit_learn_finds_the_minimum(y):
    linear = pytest.importorskip("sklearn.linear_model")
    fit = linear.LogisticRegression(C=1 / (30 * 0.1), tol=1e-10, max_iter=10_000).fit(X, y)
    E = logistic_regression(X, y, weight_decay=0.1)
    theta = E.ravel({"W": fit.coef_.T, "b": fit.intercept_})
    assert np.abs(E.gradient(theta)).max() < 1e-6


def test_labels_can_be_signs():
    first, second = logistic_regression(X, PAIRS), logistic_regression(X, 2 * PAIRS - 1)
    assert first(point(first)) == second(point(first))


def test_two_classes_have_one_output_and_three_have_three():
    assert logistic_regression(X, PAIRS).shapes == {"W": (3, 1), "b": (1,)}
    assert logistic_regression(X, TRIPLES).shapes == {"W": (3, 3), "b": (3,)}
    assert logistic_regression(X, TRIPLES, intercept=False).shapes == {"W": (3, 3)}


@pytest.mark.parametrize("mask", [None, MASK], ids=["all", "some"])
def test_matrix_factorisation_agrees_with_a_loop_over_entries(mask):
    E = matrix_factorisation(M, 2, mask=mask, weight_decay=0.2)
    theta = point(E)
    U, V = E.unravel(theta).values()
    seen = [(i, j) for i in range(4) for j in range(5) if mask is None or mask[i, j]]
    total = sum((U[i] @ V[j] - M[i, j]) ** 2 for i, j in seen) / (2 * len(seen))
    assert E(theta) == pytest.approx(total + 0.1 * (np.sum(U**2) + np.sum(V**2)), rel=1e-12)


def test_entries_that_are_not_observed_do_not_matter():
    hidden = np.where(MASK, M, np.nan)
    a, b = matrix_factorisation(M, 2, mask=MASK), matrix_factorisation(hidden, 2, mask=np.isfinite(hidden))
    assert a(point(a)) == b(point(a))


def test_the_truncated_singular_value_decomposition_is_stationary():
    P, sizes, Qt = np.linalg.svd(M)
    E = matrix_factorisation(M, 2)
    theta = E.ravel({"U": P[:, :2] * np.sqrt(sizes[:2]), "V": Qt[:2].T * np.sqrt(sizes[:2])})
    assert np.abs(E.gradient(theta)).max() < 1e-10
    assert E(theta) == pytest.approx(np.sum(sizes[2:] ** 2) / 40, rel=1e-12)


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: linear_regression(X, ONE), "linear regression 3-1, 30 samples"),
        (lambda: logistic_regression(X, TRIPLES, intercept=False), "logistic regression 3-3, no intercept, 30 samples"),
        (lambda: matrix_factorisation(M, 2), "matrix factorisation 4×5, rank 2"),
        (
            lambda: matrix_factorisation(M, 2, mask=MASK, weight_decay=0.1),
            f"matrix factorisation 4×5, rank 2, {MASK.sum()} of 20 entries, weight decay 0.1",
        ),
    ],
)
def test_names_starts_and_references(make, name):
    E = make()
    assert E.name == name
    assert E.reference
    np.testing.assert_array_equal(E.start, xavier(E))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: linear_regression(X[:, 0], ONE), r"X must have shape \(samples, inputs\), got \(30,\)"),
        (lambda: linear_regression(X, ONE[:4]), "X has 30 samples and y has 4"),
        (lambda: linear_regression(X, np.full(30, np.nan)), "y has 30 entries that are NaN or infinite"),
        (lambda: linear_regression(X, np.zeros((30, 2, 2))), r"y must have shape"),
        (lambda: linear_regression(X, ONE, weight_decay=-1), "at least 0, got -1"),
        (lambda: logistic_regression(X, np.ones(30)), "at least two classes, but every label is 1"),
        (lambda: logistic_regression(X, PAIRS + 1), "but no sample has 0"),
        (lambda: logistic_regression(X, PAIRS + 0.5), "integer labels"),
        (lambda: logistic_regression(X, PAIRS[:, np.newaxis]), r"y must have shape \(samples,\)"),
        (lambda: logistic_regression(X, PAIRS[:7]), "X has 30 samples and y has 7"),
        (lambda: matrix_factorisation(M[0], 2), r"M must be a matrix, shape \(p, q\), got shape \(5,\)"),
        (lambda: matrix_factorisation(M, 0), "rank must be a positive integer, got 0"),
        (lambda: matrix_factorisation(np.where(MASK, M, np.nan), 2), r"observed entries; hide them with mask=np.isfinite\(M\)"),
        (lambda: matrix_factorisation(M, 2, mask=MASK[:2]), r"True or False for each entry of M, shape \(4, 5\), got shape \(2, 5\)"),
        (lambda: matrix_factorisation(M, 2, mask=0.5 * MASK), "True or False for each entry"),
        (lambda: matrix_factorisation(M, 2, mask=np.zeros((4, 5))), "hides every entry"),
    ],
)
def test_what_does_not_fit_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    "make", [lambda: linear_regression(None, ONE), lambda: logistic_regression(X, None), lambda: matrix_factorisation(M, 2.0)]
)
def test_the_wrong_kind_of_argument_is_refused(make):
    with pytest.raises(TypeError):
        make()
