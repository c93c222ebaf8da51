"""log(M)(M − 1)⁻¹F for matrices that are not symmetric."""

import mpmath
import numpy as np
import pytest
import scipy.linalg

from modeq.flows.matrix_logarithm import couplings, in_krylov_space, psi_of, real_psi

RNG = np.random.default_rng(0)
MATRIX = np.eye(5) + 0.2 * RNG.normal(size=(5, 5))
VECTOR = RNG.normal(size=5)
EXPECTED = scipy.linalg.logm(MATRIX).real @ np.linalg.solve(MATRIX - np.eye(5), VECTOR)


def test_eigenvectors_give_the_logarithm():
    assert np.allclose(real_psi(MATRIX, VECTOR), EXPECTED, rtol=1e-10)


def test_a_krylov_space_gives_it_too():
    assert np.allclose(in_krylov_space(lambda v: MATRIX @ v, VECTOR, 5, 1e-12), EXPECTED, rtol=1e-10)


def test_a_krylov_space_that_is_too_small_says_so():
    assert np.isnan(in_krylov_space(lambda v: MATRIX @ v, VECTOR, 3, 1e-12)).all()


def test_a_jordan_block_has_its_logarithm_too():
    block, vector = np.array([[0.8, 1.0], [0.0, 0.8]]), np.array([1.0, 2.0])
    expected = scipy.linalg.logm(block) @ np.linalg.solve(block - np.eye(2), vector)
    assert np.allclose(real_psi(block, vector), expected, rtol=1e-9)


def test_a_flat_direction_moves_as_it_is_pushed():
    assert np.allclose(real_psi(np.diag([1.0, 0.5]), np.array([3.0, 1.0])), [3.0, 2 * np.log(2)], rtol=1e-14)


def test_a_direction_turned_over_shrinks_as_its_modulus():
    x = np.array([-1.5, -2.0, -2.0 + 1e-9, -4.0, -1.0 - 1e-9, 0.0, -0.5]) + 0j
    expected = [np.log(0.5) / -1.5, 0.0, np.log1p(-1e-9) / -2.0, np.log(3.0) / -4.0, np.log(1e-9) / -1.0, 1.0, np.log(0.5) / -0.5]
    np.testing.assert_allclose(psi_of(x), expected, rtol=1e-7)
    np.testing.assert_allclose(psi_of(x[:1]), expected[:1], rtol=1e-14)


@pytest.mark.parametrize("values", [("0.9", "0.99", "0.95"), ("0.5", "1.2", "0.1"), ("0.999", "0.9001", "0.99999")])
def test_couplings_are_the_differences_of_logarithms(values):
    with mpmath.workdps(40):
        outer, first, second = map(mpmath.mpf, values)

        def divided(m):
            return (mpmath.log(m) - mpmath.log(outer)) / (m - outer)

        expected = float((divided(first * second) - divided(first) - divided(second) + divided(1)) / ((first - 1) * (second - 1)))
    found = couplings(*(np.array([complex(value)]) for value in values))[0, 0]
    assert abs(found - expected) < 1e-9 * abs(expected)
