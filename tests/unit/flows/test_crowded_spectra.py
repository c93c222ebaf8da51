"""Principal flows where many eigenvalues crowd around hλ = 1, the singularity of log(1 − hλ): against that logarithm."""

import numpy as np
import pytest

import modeq as mq

H = 0.25


def problem(eigenvalues):
    """Return ½ θᵀAθ with random eigenvectors, a point with all of them, and the principal flow of gradient descent there."""
    d = len(eigenvalues)
    Q, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(d, d)))
    A = (Q * eigenvalues) @ Q.T
    E = mq.Loss.from_numpy(lambda p: p["x"] @ A @ p["x"] / 2, {"x": (d,)})
    return E, Q.sum(axis=1), Q @ (np.log(1 - H * eigenvalues + 0j) / H)


@pytest.mark.parametrize("d", [120, 310])  # more than half of the eigenvectors, and more than any Krylov space
def test_all_eigenvectors_take_over_where_no_small_space_is_enough(d):
    E, point, expected = problem(np.linspace(0.0, 1.9, d) / H)
    found = mq.principal_flow(mq.GradientDescent()).on(E)(point, H)
    np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-11 * np.abs(expected).max())


def test_an_eigenvalue_near_the_singularity_is_found_by_a_small_space():
    E, point, expected = problem(np.append(np.linspace(0.0, 0.5, 119), 0.995) / H)
    found = mq.principal_flow(mq.GradientDescent()).on(E)(point, H)
    np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-8 * np.abs(expected).max())
