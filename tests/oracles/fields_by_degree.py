"""What tests of the degrees of principal flows share: polynomial fields, plain sums over eigenvectors, kernels run in Python."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from typing import Any

import mpmath as mp
import numpy as np
import sympy

import modeq as mq

from .defining_formula import DefiningFormula

Array = np.ndarray


def module_without_compiler(flow: mq.Flow) -> dict[str, Any]:
    """Run the text of a flow's module in Python, which saves the time to compile it."""
    module: dict[str, Any] = {}
    exec(re.sub("(?m)^from numba import .*", "njit = lambda **options: lambda function: function", flow.source, count=1), module)
    return module


def interpreted(flow: mq.Flow) -> Callable[[Array, float], Array]:
    """Return the flow of a kernel without a compiler; at real points it does what the compiled one does at complex ones."""
    rhs = flow.module.python["rhs"]
    return lambda point, h: rhs(0.0, np.asarray(point) + 0j, flow.parameters(h))


def symmetrised(tensor: Array, first: int) -> Array:
    """Return the mean over permutations of all axes from `first` on."""
    kept, axes = tuple(range(first)), range(first, tensor.ndim)
    orders = list(itertools.permutations(axes))
    return sum(np.transpose(tensor, kept + order) for order in orders) / len(orders)


class Polynomial:
    """f = a + Lx + T[x,x]/2 + Q[x,x,x]/6."""

    def __init__(self, a: Any, L: Any, T: Any, Q: Any) -> None:
        self.tensors = [np.asarray(tensor, float) for tensor in (a, L, T, Q)]

    @classmethod
    def random(cls, d: int, seed: int, *, eigenvalues: Any = None, loss: bool = False, size: float = 1.0) -> Polynomial:
        """Draw one with the given eigenvalues of f′(0), whose eigenvectors are orthogonal for a loss and not far from it else."""
        rng = np.random.default_rng(seed)
        S = np.linalg.qr(rng.standard_normal((d, d)))[0] if loss else np.eye(d) + 0.3 * rng.standard_normal((d, d))
        L = S @ np.diag(rng.uniform(-0.7, 0.3, d) if eigenvalues is None else eigenvalues) @ np.linalg.inv(S)
        T, Q = (symmetrised(size * rng.standard_normal((d,) * n), 0 if loss else 1) for n in (3, 4))
        return cls(size * rng.standard_normal(d), 0.5 * (L + L.T) if loss else L, T, Q)

    def derivatives(self, x: Any) -> tuple[Array, Array, Array, Array]:
        """Return f, f′, f″ and f‴ at x."""
        x = np.asarray(x)
        a, L, T, Q = self.tensors
        Qx = Q @ x
        Qxx = Qx @ x
        return a + L @ x + T @ x @ x / 2 + Qxx @ x / 6, L + T @ x + Qxx / 2, T + Qx, Q + 0 * x[0]

    def _expressions(self) -> tuple[list[sympy.Expr], tuple[sympy.Symbol, ...]]:
        d = len(self.tensors[0])
        x = sympy.symbols(f"x:{d}")
        values = [sympy.Integer(0)] * d
        for tensor in self.tensors:
            for i, *rest in itertools.product(range(d), repeat=tensor.ndim):
                weight = sympy.Rational(float(tensor[(i, *rest)])) / sympy.factorial(len(rest))
                values[i] += weight * sympy.Mul(*(x[k] for k in rest))
        return values, x

    def field(self) -> mq.VectorField:
        """Return the vector field."""
        values, x = self._expressions()
        return mq.VectorField.from_sympy(values, x)

    def loss(self) -> mq.Loss:
        """Return the loss with the gradient −f; the tensors have to be symmetric."""
        values, x = self._expressions()
        weights = (sympy.Poly(value * variable, *x) for value, variable in zip(values, x, strict=True))
        terms = sum((total for total in weights), sympy.Poly(0, *x)).terms()
        return mq.Loss.from_sympy(-sum(w / sum(n) * sympy.prod(v**k for v, k in zip(x, n, strict=True)) for n, w in terms), x)


class Coefficients:
    """ψ, c, c⋆ and c∘ of a method by their defining formula, each computed once."""

    def __init__(self, method: mq.Method) -> None:
        with mp.workdps(130):
            self.exact = DefiningFormula(method)
        self.known: dict[Any, complex] = {}

    def __call__(self, name: str, *values: complex) -> complex:
        key = (name, *map(complex, values))
        if key not in self.known:
            with mp.workdps(130):
                self.known[key] = getattr(self.exact, name)(*key[1:])
        return self.known[key]

    def table(self, name: str, *values: Array) -> Array:
        """Return an array with one axis for each argument."""
        return np.array([self(name, *point) for point in itertools.product(*values)]).reshape(*map(len, values))


def by_eigenvectors(coefficients: Coefficients, derivatives: Any, h: float, degree: int) -> Array:
    """Sum the principal flow of a degree over NumPy's eigenvectors."""
    f, f1, f2, f3 = derivatives
    z, V = np.linalg.eig(h * f1)
    W = np.linalg.inv(V)
    parts = W @ f
    result = coefficients.table("psi", z) * parts
    T = np.einsum("ia,abc,bj,ck->ijk", W, f2, V, V)
    if degree > 1:
        result = result + h**2 / 2 * np.einsum("ijk,ijk,j,k->i", coefficients.table("pair", z, z, z), T, parts, parts)
    if degree > 2:
        Q = np.einsum("ia,abcd,bj,ck,dl->ijkl", W, f3, V, V, V)
        star, nested = coefficients.table("star", z, z, z, z), coefficients.table("nested", z, z, z, z, z)
        result = result + h**3 / 6 * np.einsum("ijkl,ijkl,j,k,l->i", star, Q, parts, parts, parts)
        result = result + h**4 / 2 * np.einsum("imjkl,iml,mjk,j,k,l->i", nested, T, T, parts, parts, parts)
    return V @ result
