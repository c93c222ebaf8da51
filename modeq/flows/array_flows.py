"""Flows on losses on arrays: the compiled module belongs to the loss, the equation is a vector of numbers."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray

from ..codegen.array_source import array_principal_source
from ..codegen.krylov import by_eigenvectors, by_krylov_space, principal_field
from ..codegen.matrix_functions import apply_n, apply_symmetric
from ..codegen.source import scalar_functions
from ..codegen.taylor_fields import series
from ..graph.algebra import as_float
from ..losses.loss import ArrayLoss
from ..methods.method import Method
from ..series.branches import psi_from_increment
from ..series.equations import ModifiedEquation
from ..series.increment import Increment, branch_helpers, increment
from ..series.principal import PrincipalFlow
from ..trees.rooted import chain
from .flow import Flow
from .stage_points import StagePoints, stage_points

Array = NDArray[Any]
_DENSE = 100  # up to this d all eigenvectors of the Hessian cost less than a Krylov space
_CACHED = 2**20  # numbers that stay in the cache of a core
_LIMIT = 300  # largest Krylov space
_TOLERANCE = 1e-10


def modified_flow(equation: ModifiedEquation, loss: ArrayLoss) -> Flow:
    """Bind a modified equation: power series on numbers, one kernel for all methods and orders."""
    equation.method.require_numbers("binding an equation to a loss on arrays")
    points = stage_points(equation.method, equation.order)
    linked = _linked(loss, points)
    plan = points.plan(points.field[np.newaxis], linked=linked)
    return Flow(equation, loss, f"order {equation.order}", False, lambda: loss.source, _no_formula, plan, _modified(loss, points, linked))


def _linked(loss: ArrayLoss, points: StagePoints) -> bool:
    """Whether to keep all points in memory: it saves convolutions, but beyond the cache computing is faster than fetching."""
    order, size = points.field.shape
    return not (points.sequential and size * order * loss.program.row > _CACHED)


def _modified(loss: ArrayLoss, points: StagePoints, linked: bool) -> Callable[[ModuleType], Callable[..., Array]]:
    """Do what `modified_field` does in kernels, around the compiled Taylor arithmetic of the loss."""
    order, size = points.field.shape
    powers = np.arange(order)

    def bind(module: ModuleType) -> Callable[..., Array]:
        taylor, at = loss.module.taylor, len(loss.parameter_vector(1.0))
        length = (size if linked else 1) * order * loss.program.row
        idle: list[Array] = []  # workspaces are used again, each by one thread at a time

        def right(t: float, y: Array, par: Array) -> Array:
            F = np.zeros((size, order, len(y)), y.dtype)
            rows = np.empty((1, order, len(y)), y.dtype)
            work = idle.pop() if idle else np.empty(length, y.dtype)
            if work.dtype != y.dtype:
                work = np.empty(length, y.dtype)
            taylor(y, F[:0], par, at, F, work, False, rows)
            idle.append(work)
            result: Array = par[0] ** powers @ rows[0]
            return result

        return right

    return bind


def smooth_starts(loss: ArrayLoss, method: Method, order: int, theta: Array) -> Array:
    """Return the coefficients of h^(j+1) of the state on the smooth solution over θ, without u ⊗ θ, shape (r, order, d)."""
    points = stage_points(method, order)
    par = np.concatenate([loss.parameter_vector(1.0), points.plan(points.start)])
    return series(loss.module.taylor, theta, par, int(par[2]), method.states)


def principal_flow(equation: PrincipalFlow, loss: ArrayLoss) -> Flow:
    """Bind a principal flow, with the whole Hessian or by Krylov spaces."""
    if not loss.analytic:
        raise ValueError(
            f"a principal flow is complex beyond hλ = 1, but {loss.name} is piecewise (relu, |x|, max, where …), which has no meaning "
            "at complex points; use a smooth activation such as softplus, gelu or tanh, or a truncated flow such as order 3"
        )
    method = equation.method
    rotated = equation.branch == "rotated"
    form = increment(method, rotated)
    order = equation.order or 0
    completed = order >= 3
    truncated = equation.modified_equation() if completed else None
    chains = [] if truncated is None else [as_float(truncated.coefficient(chain(j + 1))) for j in range(order)]
    d = loss.dimension
    dense = d <= _DENSE if equation.hessian == "auto" else equation.hessian == "dense"
    action = by_eigenvectors if dense else by_krylov_space
    kept = min(equation.hessian, d) if isinstance(equation.hessian, int) else d
    options = [2, 1, 0, kept, min(d, _LIMIT), _TOLERANCE, len(chains), *chains]
    points = stage_points(method, order) if completed else None
    plan = np.concatenate([options, [] if points is None else points.plan(points.field[np.newaxis], linked=_linked(loss, points))])
    title = "principal flow" if equation.order is None else f"principal flow + order {equation.order}"

    def assemble() -> str:
        psi = scalar_functions(form.source("z"), form.singular, rotated)
        return array_principal_source(loss.program, psi, branch_helpers(form), action)

    return Flow(equation, loss, title, True, assemble, _no_formula, plan, _principal(loss, form, rotated, action))


def _principal(loss: ArrayLoss, form: Increment, rotated: bool, action: Callable[..., int]) -> Callable[[ModuleType], Callable[..., Array]]:
    """Run `principal_field` in Python around the compiled Taylor arithmetic; at real points on real numbers."""

    def psi(z: complex) -> complex:
        return psi_from_increment(form(complex(z)), complex(z), rotated)

    def spectral(matrix: Array, vector: Array, kept: int, out: Array) -> None:
        if np.iscomplexobj(matrix):
            apply_n(psi, form.distance, matrix, vector, kept, out)
        else:
            apply_symmetric(psi, matrix, vector, kept, out)

    def bind(module: ModuleType) -> Callable[..., Array]:
        def right(t: float, y: Array, par: Array) -> Array:
            out = np.zeros(y.shape, complex)
            point = y if y.imag.any() else np.ascontiguousarray(y.real)
            principal_field(loss.module.taylor, spectral, action, point, par, out)
            return out

        return right

    return bind


def _no_formula() -> sympy.Matrix:
    raise ValueError("a flow on a loss on arrays has no formula in the coordinates; build the loss with Loss.from_sympy for one")
