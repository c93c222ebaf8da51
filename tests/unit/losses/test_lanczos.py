"""A few eigenvalues of large matrices: multiple ones, none at all, and what is not finite."""

from dataclasses import dataclass

import numpy as np
import pytest

from modeq.losses.lanczos import extreme_eigenpairs
from modeq.losses.spectra import largest_pair, sharpest, spectrum

RANDOM = np.random.default_rng(2)


def matrix_with(values):
    """A symmetric matrix with these eigenvalues."""
    basis = np.linalg.qr(RANDOM.standard_normal((len(values), len(values))))[0]
    return (basis * values) @ basis.T


def of(matrix, k, which="value", **options):
    return extreme_eigenpairs(lambda v: matrix @ v, len(matrix), k, which=which, **options)


@dataclass
class Quadratic:
    """A loss with this Hessian."""

    matrix: np.ndarray

    @property
    def dimension(self):
        return len(self.matrix)

    def hessian(self, theta):
        return self.matrix

    def hvp(self, theta, v):
        return self.matrix @ v


SPECTRA = {
    "simple": RANDOM.uniform(-1, 2, 230),
    "forty copies of eight": np.repeat([3.0, 2.5, 2.0, 1.0, 0.5, -0.5, -1.0, -2.9], 40),
    "a pair of either sign": np.r_[3.0, -3.0, RANDOM.uniform(-1, 1, 230)],
    "six copies above a dense rest": np.r_[np.repeat(2.01, 6), np.linspace(0, 2, 230)],
    "rank two": np.r_[4.0, 4.0, np.zeros(230)],
    "all equal": np.ones(210),
}


@pytest.mark.parametrize("which", ["modulus", "value"])
@pytest.mark.parametrize("values", SPECTRA.values(), ids=SPECTRA)
def test_eigenvalues_count_as_often_as_they_occur(values, which):
    matrix = matrix_with(values)
    found, vectors = of(matrix, 10, which)
    by = np.abs(values) if which == "modulus" else values
    np.testing.assert_allclose(np.sort(np.abs(found)), np.sort(np.abs(values[np.argsort(-by)][:10])), atol=1e-10)
    np.testing.assert_allclose(matrix @ vectors, vectors * found, atol=1e-9)
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(10), atol=1e-9)


def test_without_copies_the_smaller_eigenvalue_follows():
    """What the search for copies is for: a Krylov space has one vector of each eigenspace."""
    values = np.repeat([3.0, 2.0, 1.0], 80)
    np.testing.assert_allclose(of(np.diag(values), 2, copies=False)[0], [3, 2], atol=1e-10)
    np.testing.assert_allclose(of(np.diag(values), 2)[0], [3, 3], atol=1e-10)


def test_a_start_in_an_invariant_subspace_does_not_hide_the_rest():
    values = np.linspace(0, 1, 300)
    inside = (np.arange(300) < 150).astype(float)
    np.testing.assert_allclose(of(np.diag(values), 2, start=inside)[0], values[[-1, -2]], atol=1e-10)
    blocks = np.diag(np.r_[np.full(100, 2.0), np.ones(150)])
    blocks[100:, 100:] += 0.1  # the largest eigenvalue, 16, is in the block of the smaller diagonal
    assert largest_pair(blocks)[0] == pytest.approx(16)


def test_a_hessian_that_is_zero_has_zero_eigenvalues():
    flat = Quadratic(np.zeros((250, 250)))
    assert spectrum(flat, np.zeros(250), 3).tolist() == [0, 0, 0]
    value, vector = sharpest(flat, np.zeros(250))
    assert value == 0
    assert np.linalg.norm(vector) == pytest.approx(1)


@pytest.mark.parametrize("d", [2, 3, 250])
def test_the_eigenvalues_of_what_is_not_finite_are_nan(d):
    """LAPACK gives ±√2·b for [[nan, b], [b, c]]."""
    matrix = np.eye(d)
    matrix[0, 0] = np.nan
    matrix[0, 1] = matrix[1, 0] = 1
    assert np.isnan(spectrum(Quadratic(matrix), np.zeros(d), 2)).all()
    assert np.isnan(sharpest(Quadratic(matrix), np.zeros(d))[0])
    assert np.isnan(largest_pair(matrix)[0])
