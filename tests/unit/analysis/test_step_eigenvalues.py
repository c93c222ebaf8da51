"""Eigenvalues of the steps of adaptive methods along runs."""

import numpy as np
import pytest

import modeq as mq


@pytest.mark.parametrize(("curvature", "stable"), [(37.9, True), (38.1, False)])
def test_adam_loses_its_stability_at_38_over_h(curvature, stable):
    """With v at rest and ε = 1 the preconditioned Hessian is λ; J. M. Cohen et al., arXiv 2207.14484."""
    method, E = mq.Adam(0.9, 0.999, 1.0, bias_correction=False), mq.losses.quadratic([[curvature]])
    run = mq.iterate(method, E, [1e-9], h=1.0, steps=2)
    assert mq.step_eigenvalues(method, run).stable.all() == stable


def test_the_eigenvalues_of_normalised_steps_are_those_of_their_jacobian():
    E = mq.Loss.from_sympy("a**4 + a*b + b**2", ["a", "b"])
    method, theta, h = mq.NormalizedGD(0.1), np.array([0.7, -0.2]), 0.3

    def step(x):
        g = E.gradient(x)
        return x - h * g / np.sqrt(g @ g + 0.1)

    size = 1e-6
    jacobian = np.transpose([(step(theta + size * e) - step(theta - size * e)) / (2 * size) for e in np.eye(2)])
    found = mq.step_eigenvalues(method, mq.iterate(method, E, theta, h=h, steps=1)).values[0]
    assert np.allclose(np.sort_complex(found), np.sort_complex(np.linalg.eigvals(jacobian).astype(complex)), rtol=1e-7)


def test_linear_methods_have_a_closed_form():
    run = mq.iterate(mq.GradientDescent(), mq.losses.quadratic([[1]]), [1.0], h=0.1, steps=1)
    with pytest.raises(ValueError, match="see edge_of_stability"):
        mq.step_eigenvalues(mq.GradientDescent(), run)


def test_a_path_without_the_memory_is_refused():
    E = mq.losses.quadratic([[1]])
    run = mq.iterate(mq.GradientDescent(), E, [1.0], h=0.1, steps=1)
    with pytest.raises(ValueError, match=r"does not have the memory m, v; pass a run of mq.iterate\(Adam"):
        mq.step_eigenvalues(mq.Adam(), run)
