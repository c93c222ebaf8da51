"""Kernels of degrees 2 and 3 on analytic losses and fields against plain sums over eigenvectors."""

from __future__ import annotations

from functools import cache

import mpmath as mp
import numpy as np
import pytest

import modeq as mq

from .fields_by_degree import Coefficients, Polynomial, by_eigenvectors, interpreted

GD = mq.GradientDescent()
METHODS = {"gradient descent": GD, "extragradient": mq.Extragradient(), "heavy ball": mq.HeavyBall("1/2")}
EIGENVALUES = (-0.4, 0.2, -0.15, -0.03)


@cache
def coefficients(name: str) -> Coefficients:
    return Coefficients(METHODS[name])


def assert_sum(name: str, polynomial: Polynomial, field: mq.VectorField | mq.Loss, point: np.ndarray, h: float, degree: int) -> None:
    expected = by_eigenvectors(coefficients(name), polynomial.derivatives(point), h, degree)
    found = interpreted(mq.principal_flow(METHODS[name], degree=degree).on(field))(point, h)
    assert np.abs(found - expected).max() < 1e-13 * np.abs(expected).max()


def complex_point(d: int) -> np.ndarray:
    return 0.1 * np.exp(1j * np.arange(1, d + 1))


# At h = 3.1 one hλ of gradient descent is beyond 1. Steps with memory stay below the first singularity.
@pytest.mark.parametrize("d", [1, 2, 3, 4])
@pytest.mark.parametrize("loss", [True, False], ids=["loss", "field"])
@pytest.mark.parametrize("h", [0.9, 3.1])
def test_degree_two_of_gradient_descent(d: int, loss: bool, h: float) -> None:
    polynomial = Polynomial.random(d, 10 + d, eigenvalues=EIGENVALUES[:d], loss=loss, size=0.3)
    field = polynomial.loss() if loss else polynomial.field()
    assert_sum("gradient descent", polynomial, field, np.zeros(d), h, 2)
    if h < 1:
        assert_sum("gradient descent", polynomial, field, complex_point(d), h, 2)


@pytest.mark.parametrize("name", ["extragradient", "heavy ball"])
@pytest.mark.parametrize("d", [2, 3])
def test_degree_two_of_other_methods(name: str, d: int) -> None:
    polynomial = Polynomial.random(d, 20 + d, eigenvalues=EIGENVALUES[:d], size=0.3)
    h = 0.9 if name == "extragradient" else 0.15
    for point in (np.zeros(d), complex_point(d)):
        assert_sum(name, polynomial, polynomial.field(), point, h, 2)


@pytest.mark.parametrize(
    ("name", "d"), [("gradient descent", 1), ("gradient descent", 2), ("gradient descent", 3), ("extragradient", 2), ("heavy ball", 2)]
)
def test_degree_three(name: str, d: int) -> None:
    polynomial = Polynomial.random(d, 30 + d, eigenvalues=EIGENVALUES[:d], size=0.3)
    h = 0.9 if name != "heavy ball" else 0.15
    for point in (np.zeros(d), complex_point(d)):
        assert_sum(name, polynomial, polynomial.field(), point, h, 3)


def test_degree_three_on_a_loss_beyond_one() -> None:
    polynomial = Polynomial.random(2, 5, eigenvalues=(-1.3, -0.4), loss=True, size=0.2)
    assert_sum("gradient descent", polynomial, polynomial.loss(), np.zeros(2), 1.0, 3)


# --- eigenvectors that are dependent, or nearly so -----------------------------------------------------------------------------


class GradientDescentFormula:
    """The flow of gradient descent in mpmath, with f′ moved by 1e-30 so that it has eigenvectors."""

    def __init__(self, derivatives: tuple[np.ndarray, ...], h: float) -> None:
        f, f1, self.T, self.Q = (mp_array(h**n * tensor) for n, tensor in enumerate(derivatives))
        d = self.d = len(f)
        matrix = mp.matrix([[f1[i, j] + mp.mpf(10) ** -30 * mp.cos(3 * i + 7 * j + 1) for j in range(d)] for i in range(d)])
        values, vectors = mp.eig(matrix)
        inverse = mp.inverse(vectors)
        self.V, self.W = (mp_array([[m[i, j] for j in range(d)] for i in range(d)]) for m in (vectors, inverse))
        self.f = self.W @ f
        # The arguments of c are moved apart by some 1e-80, so that no removable singularity is hit.
        self.z = {name: [z + mp.mpf(10) ** -80 * n for z in values] for n, name in enumerate("jklim", 1)}
        self.R = {name: [1 + z for z in self.z[name]] for name in self.z}
        self.log = {name: [mp.log(-1j * R) + mp.mpc(0, 0.5) * mp.pi for R in self.R[name]] for name in self.z}

    def products(self, leaves: dict[str, int]) -> list[tuple[int, mp.mpc, mp.mpc]]:
        """Return sign, μ and log μ of all products of some of the roots."""
        found = [(1, mp.mpc(1), mp.mpc(0))]
        for name, n in leaves.items():
            found = [(-s, mu, log) for s, mu, log in found] + [(s, mu * self.R[name][n], log + self.log[name][n]) for s, mu, log in found]
        return found

    def mean(self, i: int, mu: mp.mpc, log: mp.mpc) -> mp.mpc:
        return (log - self.log["i"][i]) / (mu - self.R["i"][i])

    def over(self, leaves: dict[str, int]) -> mp.mpc:
        return mp.fprod(self.f[n] / self.z[name][n] for name, n in leaves.items())

    def star(self, i: int, leaves: dict[str, int]) -> mp.mpc:
        """Return c or c⋆, times the components of f."""
        return sum(s * self.mean(i, mu, log) for s, mu, log in self.products(leaves)) * self.over(leaves)

    def nested(self, i: int, m: int, j: int, k: int, l: int) -> mp.mpc:
        """Return c∘ times the components of f."""
        R, log_R = self.R["l"][l], self.log["l"][l]

        def G(mu: mp.mpc, log: mp.mpc) -> mp.mpc:
            return self.mean(i, mu * R, log + log_R) - self.mean(i, mu, log)

        Rm, at_m = self.R["m"][m], G(self.R["m"][m], self.log["m"][m])
        terms = [s * (G(mu, log) - at_m) / (mu - Rm) for s, mu, log in self.products({"j": j, "k": k})]
        return sum(terms) * self.over({"j": j, "k": k, "l": l})

    def field(self, degree: int) -> np.ndarray:
        """Return the flow for h = 1."""
        d, V, W = self.d, self.V, self.W
        T = np.einsum("ia,abc,bj,ck->ijk", W, self.T, V, V)
        total = mp_array([self.f[i] * self.log["i"][i] / self.z["i"][i] for i in range(d)])
        for i, j, k in np.ndindex(d, d, d):
            total[i] += T[i, j, k] * self.star(i, {"j": j, "k": k}) / 2
        if degree == 3:
            Q = np.einsum("ia,abcd,bj,ck,dl->ijkl", W, self.Q, V, V, V)
            for i, j, k, l in np.ndindex(d, d, d, d):
                total[i] += Q[i, j, k, l] * self.star(i, {"j": j, "k": k, "l": l}) / 6
                total[i] += sum(T[i, m, l] * T[m, j, k] * self.nested(i, m, j, k, l) / 2 for m in range(d))
        return (V @ total).astype(complex)


def mp_array(values: object) -> np.ndarray:
    return np.vectorize(mp.mpmathify, otypes=[object])(np.array(values, dtype=object))


JACOBIANS = {
    "Jordan block": [[-0.5, 1], [0, -0.5]],
    "double integrator": [[0, 1], [0, 0]],
    "nearly defective": [[-0.5, 1], [1e-12, -0.5]],
    "nearly defective, complex": [[-0.5, 1], [-1e-9, -0.5]],
    "condition 2e3": [[-0.5, 1], [1e-7, -0.5]],
    "condition 50": [[-0.5, 1], [1e-4, -0.5]],
    "close to 1": [[-0.93, 1], [1e-5, -0.93]],
    "not normal": [[-0.5, 10], [1e-6, -0.6]],
    "Jordan block beyond 1": [[-1.4, 0.5], [0, -1.4]],
    "equal eigenvalues": [[-0.4, 0], [0, -0.4]],
    "equal eigenvalues beyond 1": [[-1.4, 0], [0, -1.4]],
    "zero": [[0, 0], [0, 0]],
    "one zero": [[-0.6, 0], [0, 0]],
    "rotation": [[0.1, -0.5], [0.5, 0.1]],
    "chain of three": [[0, 1, 0], [0, 0, 1], [0, 0, 0]],
    "Jordan block of three": [[-0.4, 1, 0], [0, -0.4, 1], [0, 0, -0.4]],
    "Jordan block and another": [[-0.3, 1, 0], [0, -0.3, 0], [0, 0, -0.8]],
    "nearly defective of three": [[-0.3, 1, 0], [1e-13, -0.3, 0.2], [0, 0, -0.8]],
    "condition 2e3 of three": [[-0.4, 1, 0], [0, -0.4, 1], [3e-6, 0, -0.4]],
    "three equal eigenvalues": [[-0.4, 0, 0], [0, -0.4, 0], [0, 0, -0.4]],
}


CASES = [(name, degree) for name in JACOBIANS for degree in (2, 3) if degree == 2 or len(JACOBIANS[name]) == 2]


@pytest.mark.parametrize(("name", "degree"), [*CASES, ("Jordan block of three", 3), ("condition 2e3 of three", 3)])
def test_degenerate_jacobians(name: str, degree: int) -> None:
    jacobian = np.array(JACOBIANS[name], float)
    d = len(jacobian)
    polynomial = Polynomial.random(d, 40, size=0.3)
    polynomial.tensors[1] = jacobian
    with mp.workdps(400):
        expected = GradientDescentFormula(polynomial.derivatives(np.zeros(d)), 1.0).field(degree)
    found = interpreted(mq.principal_flow(GD, degree=degree).on(polynomial.field()))(np.zeros(d), 1.0)
    assert np.abs(found - expected).max() < (1e-12 if degree == 2 else 1e-10) * np.abs(expected).max()
