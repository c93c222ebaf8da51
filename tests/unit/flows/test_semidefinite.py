"""Semidefinite complementarity: its defining conditions, and what is known by other means."""

import numpy as np
import pytest

from modeq.flows.semidefinite import complementary, packed, unpacked


def problem(k, seed, rank):
    """A = TTᵀ and G = Tg: the X of the least ‖g + TᵀX‖ over X ⪰ 0."""
    generator = np.random.default_rng(seed)
    T, g = generator.standard_normal((k * (k + 1) // 2, rank)), generator.standard_normal(rank)
    return T @ T.T, T @ g


@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_both_are_semidefinite_and_orthogonal(k):
    for seed in range(8):
        A, G = problem(k, seed, 20)
        x = complementary(A, G)
        X, S = unpacked(x), unpacked(G + A @ x)
        size = np.linalg.norm(G)
        assert np.linalg.eigvalsh(X)[0] >= -1e-13 * np.linalg.norm(X)
        assert np.linalg.eigvalsh(S)[0] >= -1e-12 * size
        assert abs(np.vdot(X, S)) <= 1e-12 * size * np.linalg.norm(X)


def test_of_the_identity_it_is_the_positive_part():
    generator = np.random.default_rng(1)
    G = generator.standard_normal((4, 4))
    values, vectors = np.linalg.eigh(G + G.T)
    X = unpacked(complementary(np.eye(10), packed(G + G.T)))
    np.testing.assert_allclose(X, (vectors * np.fmax(-values, 0)) @ vectors.T, atol=1e-13)


def test_a_common_null_vector_is_no_obstacle():
    """Without strict complementarity: at the moment in which a direction leaves, X and S vanish along it."""
    X = unpacked(complementary(np.eye(6), packed(np.diag([-1.0, 0.0, 2.0]))))
    np.testing.assert_allclose(X, np.diag([1.0, 0.0, 0.0]), atol=1e-12)


def test_a_singular_operator_leaves_a_choice_of_the_same_effect():
    for seed in range(8):
        A, G = problem(3, seed, 3)
        x = complementary(A, G)
        S = unpacked(G + A @ x)
        assert np.linalg.eigvalsh(unpacked(x))[0] >= -1e-12 * np.linalg.norm(x)
        assert np.linalg.eigvalsh(S)[0] >= -1e-9 * np.linalg.norm(G)
        assert abs(np.vdot(unpacked(x), S)) <= 1e-9 * np.linalg.norm(G) * np.linalg.norm(x)


def test_inner_products_are_those_of_the_matrices():
    generator = np.random.default_rng(0)
    A, B = (matrix + matrix.T for matrix in generator.standard_normal((2, 3, 3)))
    assert packed(A) @ packed(B) == pytest.approx(np.vdot(A, B), rel=1e-14)
    np.testing.assert_allclose(unpacked(packed(A)), A, rtol=1e-15)
