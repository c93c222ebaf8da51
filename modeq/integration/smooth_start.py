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

from functools import singledispatch
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..flows.array_series import smooth_starts
from ..flows.power_series import modified_series
from ..flows.symbols import field_parts
from ..graph.algebra import NumpyAlgebra, as_float
from ..graph.graph import Graph
from ..graph.taylor import TaylorProgram
from ..kernels.branches import ROTATED
from ..kernels.matrix_functions import apply_n
from ..losses.field import Field
from ..losses.jet_field import JetField
from ..losses.symbolic_field import SymbolicField
from ..methods.general_linear import GeneralLinearMethod
from ..series.increment import increment
from ..series.roots import characteristic_roots
from ..series.time_polynomials import time_polynomials
from ..sizes import WHOLE_CHAINS
from ..trees.rooted import chain

Array = NDArray[Any]
_ORDER = 8
_CONVERGED = 0.01  # the last terms over the sum of all chains: beyond that the series says nothing


def smooth_start(method: GeneralLinearMethod, field: Field, theta: Array, h: float) -> Array:
    """Return the state, shape (r, d), on the smooth solution over `theta`, shape (d,).

    Raises
    ------
    ValueError
        If a real point has no real smooth solution at this step size, or its series does not converge.
    """
    state = np.stack(method.rest(theta))
    if method.states == 1:
        return state
    terms = start_terms(field, method, theta, h)
    if method.fields > 1 or field.dimension > WHOLE_CHAINS:
        return state + _summed(terms, terms, float(np.abs(terms[0]).max()), method)
    f = field.value(theta)
    jacobian = h * field.jacobian(theta)
    summed = _summed_chains(method, jacobian, f)
    if np.isrealobj(theta) and np.iscomplexobj(summed):
        raise ValueError(_no_real_solution(method, jacobian))
    tall = time_polynomials(method, _ORDER)
    starts, direction, others = tall.starts(), f, []
    for j, term in enumerate(terms):
        weights = np.array([as_float(entry) for entry in starts[tall.table.number(chain(j + 1))]])
        others.append(term - np.outer(weights, h * direction))
        direction = jacobian @ direction
    return state + h * summed + _summed(others, terms, h * float(np.abs(summed).max()), method)


def _summed(terms: list[Array], whole: list[Array], scale: float, method: GeneralLinearMethod) -> Array:
    """Sum terms, parts of the `whole` ones, while these shrink, two by two, since one may be small by accident; they must be small at last.

    `scale` is the size of what is known already.
    """
    measured = [float(np.abs(term).max()) for term in whole]
    count = next((j for j in range(2, len(terms)) if max(measured[j - 1 : j + 1]) > max(measured[max(j - 3, 0) : j - 1])), len(terms))
    total: Array = np.sum(terms[:count], axis=0)
    if not max(float(np.abs(term).max()) for term in terms[max(count - 2, 0) : count]) <= _CONVERGED * scale:
        raise ValueError(
            f"the series of the smooth start of {method.name} does not converge at this point and step size; "
            "take start='rest' and the flow 'map', which has the transient, or a smaller h"
        )
    return total


def _no_real_solution(method: GeneralLinearMethod, jacobian: Array) -> str:
    """Name the bound (1 − √β)² of heavy ball, and what to do."""
    largest = float(np.abs(np.linalg.eigvals(jacobian)).max())
    points = [complex(point) for point in characteristic_roots(method).branch_points]
    bound = min((point.real for point in points if point.imag == 0 and point.real > 0), default=np.nan)
    return (
        f"{method.name} has no real smooth solution here: hλ = {largest:.3g}, and beyond hλ = {bound:.4g} its roots are complex; "
        "take start='rest' and the flow 'map', which has the transient, or a smaller h"
    )


@singledispatch
def start_terms(field: Field, method: GeneralLinearMethod, theta: Array, h: float) -> list[Array]:
    """Return the terms h^(j+1) Σ_(|τ|=j+1) y_τ(0)/σ F(τ) of the smooth start, shape (r, d) each."""
    raise ValueError(f"{field.name} has no derivatives from which a smooth start could be computed; take start='rest'")


@start_terms.register
def _(field: JetField, method: GeneralLinearMethod, theta: Array, h: float) -> list[Array]:
    series = smooth_starts(field, method, _ORDER, theta)
    return [h ** (j + 1) * series[:, j] for j in range(_ORDER)]


@start_terms.register
def _(field: SymbolicField, method: GeneralLinearMethod, theta: Array, h: float) -> list[Array]:
    graph: Graph = field.graph.copy()
    programs = [TaylorProgram(graph, part) for part in field_parts(field, method.fields, graph)]
    fixed = {f"p{i}": value for i, value in enumerate(field.parameters.values())}
    with np.errstate(all="ignore"):
        modified = modified_series(method, programs, NumpyAlgebra(), list(theta), field.inputs, fixed, _ORDER)
    rows = [[[0.0 if value is None else value for value in vector] for vector in level] for level in modified.start]
    return [h ** (j + 1) * np.array(row) for j, row in enumerate(rows)]


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
        raise ValueError(f"{method.name} has no smooth solution at this point and step size; take start='rest' and 'map', or a smaller h")
    result = kappa.reshape(method.states, d)
    scale = np.abs(result).max(initial=0.0)
    return result.real if np.abs(result.imag).max(initial=0.0) <= 1e-13 * scale else result
