r"""The state on a method's smooth solution over a given point.

A method with memory that starts from rest first runs through a transient. Its modified equation describes the smooth
solution, whose state over the point θ is

.. math:: y(0) = u\otimes\theta + h\,\kappa(h f')f + \sum_{\tau\ \mathrm{no\ chain}} h^{|\tau|} y_\tau(0)/\sigma(\tau)\,F(\tau),

with all chains summed: κ(ζ) = (q(ζ) − u)/ζ for the eigenvector q of M(ζ) to the principal root R(ζ), c·q = 1. So the
start is exact on quadratics, complex where R is. The other trees are added order by order while the terms shrink; beyond
the radius of convergence the series is asymptotic, and the smallest term is the place to stop. With many coordinates, and for
methods with several fields, the series does all.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..flows.array_series import smooth_starts
from ..flows.power_series import modified_series
from ..graph.algebra import NumpyAlgebra, as_float
from ..graph.graph import Graph
from ..graph.taylor import TaylorProgram
from ..kernels.branches import ROTATED
from ..kernels.matrix_functions import apply_n
from ..losses.field import Field
from ..losses.loss import ArrayLoss
from ..losses.symbolic_field import SymbolicField, total_field
from ..methods.general_linear import GeneralLinearMethod
from ..series.increment import increment
from ..series.time_polynomials import time_polynomials
from ..trees.rooted import chain

Array = NDArray[Any]
_ORDER = 8
_DENSE = 300  # beyond this d the series alone: the chains' linear system has r·d unknowns


def smooth_start(method: GeneralLinearMethod, field: Field, theta: Array, h: float) -> Array:
    """Return the state, shape (r, d), on the smooth solution over `theta`, shape (d,)."""
    state = np.stack(method.rest(theta))
    if method.states == 1:
        return state
    if method.fields > 1 or field.dimension > _DENSE:
        return state + sum(_series_terms(method, field, theta, h))
    f = _field_at(field, theta)
    jacobian = h * field.jacobian(theta)
    state = state + h * _summed_chains(method, jacobian, f)
    tall = time_polynomials(method, _ORDER)
    starts = tall.starts()
    direction = f
    sizes: list[float] = []
    for j, term in enumerate(_series_terms(method, field, theta, h)):
        sizes.append(float(np.abs(term).max()))
        if j >= 2 and max(sizes[-2:]) > max(sizes[-4:-2]):  # two by two: a single term may be small by accident
            break
        weights = np.array([as_float(entry) for entry in starts[tall.table.number(chain(j + 1))]])
        state = state + (term - np.outer(weights, h * direction))
        direction = jacobian @ direction
    return state


def _series_terms(method: GeneralLinearMethod, field: Field, theta: Array, h: float) -> list[Array]:
    """Terms h^(j+1) Σ_(|τ|=j+1) y_τ(0)/σ F(τ), shape (r, d) each."""
    if isinstance(field, ArrayLoss):
        series = smooth_starts(field, method, _ORDER, theta)
        return [h ** (j + 1) * series[:, j] for j in range(_ORDER)]
    assert isinstance(field, SymbolicField)
    graph: Graph = field.graph.copy()
    parts = [total_field(field, graph)] if method.fields == 1 else field.parts(graph)
    programs = [TaylorProgram(graph, part) for part in parts]
    fixed = {f"p{i}": value for i, value in enumerate(field.parameters.values())}
    with np.errstate(all="ignore"):
        modified = modified_series(method, programs, NumpyAlgebra(), list(theta), field.inputs, fixed, _ORDER)
    rows = [[[0.0 if value is None else value for value in vector] for vector in level] for level in modified.start]
    return [h ** (j + 1) * np.array(row) for j, row in enumerate(rows)]


def _field_at(field: Field, theta: Array) -> Array:
    if isinstance(field, ArrayLoss):
        return -field.gradient(theta)
    assert isinstance(field, SymbolicField)
    graph = field.graph.copy()
    return np.array(field.evaluate(total_field(field, graph), theta, graph))


def _summed_chains(method: GeneralLinearMethod, jacobian: Array, f: Array) -> Array:
    """κ(h f′) f, shape (r, d).

    With M(ζ) = V + ζM₁(ζ) and R = 1 + ζρ₁ the eigenvector q = u + ζκ gives (V − 1)κ + (M₁ − ρ₁)(u + ζκ) = 0 and c·κ = 0.
    At ζ = h f′ this is one linear system for the r·d unknowns, whatever the eigenvectors of f′ are like.
    """
    A, U, B, V, c = method.matrices()
    u = np.array([as_float(entry) for entry in method.invariants[0]])
    root, d, one = increment(method, ROTATED), len(f), np.eye(len(f))
    rho = np.empty((d, d), complex)
    for column in range(d):
        apply_n(root, root.distance, jacobian.astype(complex), one[column].astype(complex), len(one), rho[:, column])
    inner = np.linalg.solve(np.eye(method.stages * d) - np.kron(A, jacobian), np.kron(U, one))
    slope = np.kron(B, one) @ inner - np.kron(np.eye(method.states), rho)
    system = np.kron(V - np.eye(method.states), one) + slope @ np.kron(np.eye(method.states), jacobian)
    right = -slope @ np.kron(u, f)
    full = np.vstack([system, np.kron(c, one)])
    kappa = np.linalg.lstsq(full, np.append(right, np.zeros(d)), rcond=None)[0]
    if not np.abs(system @ kappa - right).max() <= 1e-8 * (np.abs(right).max() + np.abs(kappa).max()):
        raise ValueError(f"{method.name} has no smooth solution at this point and step size; use start='rest' or a smaller h")
    result = kappa.reshape(method.states, d)
    scale = np.abs(result).max(initial=0.0)
    return result.real if np.abs(result.imag).max(initial=0.0) <= 1e-13 * scale else result
