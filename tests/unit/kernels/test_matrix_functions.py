"""ψ(A) v for small matrices against the integral log(1 + A) A⁻¹ = ∫₀¹ (1 + sA)⁻¹ ds, by quadrature.

The functions are plain Python here; compiled kernels copy their text.
"""

import itertools

import numpy as np
import pytest

from modeq.kernels.branches import log1p_ratio
from modeq.kernels.matrix_functions import apply_2, apply_n, apply_symmetric


def psi(z):
    """log(1 + z)/z of gradient descent, on the rotated branch."""
    return log1p_ratio(complex(z), True)


def distance(z):
    """Distance to −1, where the logarithm is singular, at most 1."""
    return min(1.0, abs(z + 1))


def applied(A, v):
    A, v = np.array(A, dtype=complex), np.array(v, dtype=complex)
    if len(v) == 2:
        return np.array(apply_2(psi, distance, *A.ravel().tolist(), *v.tolist()))
    out = np.empty(len(v), complex)
    apply_n(psi, distance, A, v, len(v), out)
    return out


def reference(A, v):
    """The integral by Gauss–Legendre panels that shrink towards s = 1, where it bends if an eigenvalue is near −1."""
    A, v = np.array(A, dtype=complex), np.array(v, dtype=complex)
    nodes, weights = np.polynomial.legendre.leggauss(40)
    ends = [0.0, *(1 - 0.5**k for k in range(1, 14)), 1.0]
    total = np.zeros(len(v), complex)
    for left, right in itertools.pairwise(ends):
        half = (right - left) / 2
        for node, weight in zip(nodes, weights, strict=True):
            s = left + half * (1 + node)
            total += half * weight * np.linalg.solve(np.eye(len(v)) + s * A, v)
    return total


def assert_accurate(A, v, tolerance=1e-10):
    expected = reference(A, v)
    assert np.abs(applied(A, v) - expected).max() <= tolerance * np.abs(expected).max()


SYMMETRIC = [[-0.6, 0.3], [0.3, 0.2]]
COMPLEX_SYMMETRIC = [[-0.6 + 0.2j, 0.3 - 0.1j], [0.3 - 0.1j, 0.2j]]
GAME = [[-0.1, 0.8], [-0.8, -0.2]]


@pytest.mark.parametrize("A", [SYMMETRIC, COMPLEX_SYMMETRIC, GAME, [[0.0, 1.0], [-1.0, 0.0]], [[3.0, 1.0], [2.0, 5.0]]])
def test_two_dimensions(A):
    assert_accurate(A, [1.0, -2.0])


@pytest.mark.parametrize("eigenvalue", [0.0, 0.7, -0.5, -0.9, -0.95, -0.99, -0.999])
def test_a_jordan_block_of_size_two(eigenvalue):
    """Near the singularity at −1 (hλ = 1) too, where no contour of fixed size fits."""
    assert_accurate([[eigenvalue, 1.0], [0.0, eigenvalue]], [1.0, 1.0])


@pytest.mark.parametrize("gap", [1e-2, 1e-3, 1e-4, 1e-6, 1e-8, 1e-12, 1e-15])
@pytest.mark.parametrize("sign", [1, -1])
def test_nearly_defective_matrices_in_two_dimensions(gap, sign):
    assert_accurate([[-0.4, 1.0], [sign * gap**2, -0.4]], [1.0, 1.0])


def test_the_double_integrator():
    """ẍ = 0: f′ = [[0, 1], [0, 0]] is nilpotent, ψ(f′) = 1 − f′/2."""
    np.testing.assert_allclose(applied([[0.0, 1.0], [0.0, 0.0]], [3.0, 5.0]), [3.0 - 2.5, 5.0], rtol=1e-14)


def test_a_chain_of_three_integrators():
    """ψ(N) = 1 − N/2 + N²/3 for nilpotent N."""
    N = [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]]
    np.testing.assert_allclose(applied(N, [0.0, 0.0, 6.0]), [2.0, -3.0, 6.0], rtol=1e-12)


@pytest.mark.parametrize("eigenvalue", [0.0, -0.5, -0.9, -0.99])
def test_a_jordan_block_of_size_three(eigenvalue):
    A = np.diag([eigenvalue] * 3) + np.diag([0.1, 0.1], 1)
    assert_accurate(A.tolist(), [1.0, 1.0, 1.0])


@pytest.mark.parametrize("other", [-0.9, -0.5, 2.0])
@pytest.mark.parametrize("double", [0.0, -0.3])
def test_a_jordan_block_beside_another_eigenvalue(double, other):
    """Defective, with eigenvalues that are far apart."""
    assert_accurate([[double, 1.0, 0.0], [0.0, double, 0.0], [0.0, 0.0, other]], [1.0, 1.0, 1.0])


@pytest.mark.parametrize("gap", [1e-2, 1e-4, 1e-6, 1e-8])
def test_nearly_defective_matrices_in_three_dimensions(gap):
    assert_accurate([[-0.3, 1.0, 0.2], [gap**2, -0.3, 0.1], [0.0, 0.0, -0.9]], [1.0, 1.0, 1.0], tolerance=1e-8)


@pytest.mark.parametrize("d", [3, 4, 6])
@pytest.mark.parametrize("kind", ["symmetric", "complex symmetric", "general"])
def test_many_dimensions(d, kind):
    generator = np.random.default_rng(d)
    A = generator.normal(size=(d, d)) + (1j * generator.normal(size=(d, d)) if kind == "complex symmetric" else 0)
    if kind != "general":
        A = A + A.T
    A *= 0.8 / np.abs(np.linalg.eigvals(A)).max()
    assert_accurate(A.tolist(), generator.normal(size=d).tolist(), tolerance=1e-11)


def test_two_dimensions_agree_with_many():
    v = np.array([1.0, -2.0], dtype=complex)
    out = np.empty(2, complex)
    apply_n(psi, distance, np.array(GAME, dtype=complex), v, len(v), out)
    np.testing.assert_allclose(out, applied(GAME, v), rtol=1e-13)


def test_beyond_the_singularity_symmetric_matrices_use_the_rotated_branch():
    """Eigenvalues −1.5 and −3: arg(1 + z) = π on the rotated branch."""
    c, s = np.cos(0.4), np.sin(0.4)
    Q = np.array([[c, -s], [s, c]])
    A = Q @ np.diag([-1.5, -3.0]) @ Q.T
    values = [(np.log(0.5) + 1j * np.pi) / -1.5, (np.log(2.0) + 1j * np.pi) / -3.0]
    np.testing.assert_allclose(applied(A, [1.0, 2.0]), Q @ np.diag(values) @ Q.T @ [1.0, 2.0], rtol=1e-12)


def test_a_matrix_that_is_not_finite_gives_no_number():
    A = np.zeros((3, 3), complex)
    A[1, 2] = np.nan
    assert np.isnan(applied(A, [1.0, 1.0, 1.0])).all()


@pytest.mark.parametrize(
    "apply", [lambda *a: apply_symmetric(np.vectorize(psi, [complex]), *a), lambda *a: apply_n(psi, distance, *a)], ids=["symmetric", "any"]
)
@pytest.mark.parametrize(("kept", "moved"), [(1, 2), (2, 3), (3, 5), (4, 5)])
def test_equal_eigenvalues_are_kept_together(apply, kept, moved):
    """As in a Krylov space, which has one eigenvector of each; all others follow ψ(0) = 1."""
    values = np.array([0.5, 0.5 * (1 + 1e-12), 0.3, -0.1, -0.1])
    basis = np.linalg.qr(np.random.default_rng(5).standard_normal((5, 5)))[0]
    vector, out = basis.sum(axis=1), np.empty(5, complex)
    apply((basis * values) @ basis.T, vector, kept, out)
    expected = [np.log1p(value) / value if i < moved else 1.0 for i, value in enumerate(values)]
    np.testing.assert_allclose(basis.T @ out, expected, atol=1e-10)
