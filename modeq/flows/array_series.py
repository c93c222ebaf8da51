"""Modified equations on fields with jets: the kernel belongs to the field, the equation is a vector of numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray

from ..codegen.array_source import array_loss_source
from ..graph.algebra import as_float
from ..kernels.layout import PAR
from ..kernels.taylor_fields import series
from ..losses.jet_field import JetField
from ..methods.general_linear import GeneralLinearMethod
from ..series.equations import ModifiedEquation
from .compiled import Code, CompiledFlow
from .stage_points import StagePoints, stage_points

Array = NDArray[Any]
_CACHED = 2**20  # numbers that stay in the cache of a core


def modified_code(equation: ModifiedEquation, field: JetField) -> Code:
    """Bind a modified equation: power series on numbers, one kernel for all methods and orders."""
    method = equation.method
    method.require_numbers("binding an equation to a field of numbers")
    field.require(equation.order - 1, f"{equation.title} of {method.name}")
    points = stage_points(method, equation.order)
    linked = linked_points(field, points)
    plan = points.plan(points.field[np.newaxis], linked=linked)
    simple = equation.order == 1 and method.fields == 1
    right = _gradient(field, as_float(equation.coefficient("[]"))) if simple else _modified(field, method.colours, points, linked)
    return Code(lambda: field.written(array_loss_source), no_formula, plan, right)


def _gradient(field: JetField, scale: float) -> Callable[[CompiledFlow], Callable[..., Array]]:
    """Compute b(•)f without the Taylor arithmetic, which takes most of the time to compile."""

    def bind(flow: CompiledFlow) -> Callable[..., Array]:
        f = field.field_kernel()
        return lambda t, y, par: scale * f(y, par)

    return bind


def linked_points(field: JetField, points: StagePoints) -> bool:
    """Whether to keep all points in memory, for what follows from others; beyond the cache computing is faster than fetching."""
    order, size = points.field.shape
    return not points.sequential or bool(points.known.any() and size * order * field.row <= _CACHED)


def _modified(
    field: JetField, colours: tuple[int, ...], points: StagePoints, linked: bool
) -> Callable[[CompiledFlow], Callable[..., Array]]:
    """Do what `modified_field` does in kernels, around the Taylor arithmetic of the field."""
    order, size = points.field.shape
    powers = np.arange(order)

    def bind(flow: CompiledFlow) -> Callable[..., Array]:
        taylor, at = field.taylor_kernel(colours), len(field.parameter_vector(1.0))
        length = (size if linked else 1) * order * field.row
        idle: list[Array] = []  # workspaces are used again, each by one thread at a time

        def right(t: float, y: Array, par: Array) -> Array:
            F = np.zeros((size, order, len(y)), y.dtype)
            rows = np.empty((1, order, len(y)), y.dtype)
            work = idle.pop() if idle else np.empty(length, y.dtype)
            if work.dtype != y.dtype:
                work = np.empty(length, y.dtype)
            taylor(y, F[:0], par, at, F, work, 0.0, rows)
            idle.append(work)
            result: Array = par[PAR.step] ** powers @ rows[0]
            return result

        return right

    return bind


def smooth_starts(field: JetField, method: GeneralLinearMethod, order: int, theta: Array) -> Array:
    """Return the coefficients of h^(j+1) of the state on the smooth solution over θ, without u ⊗ θ, shape (r, order, d)."""
    field.require(order - 1, f"a smooth start of {method.name}")
    points = stage_points(method, order)
    par = np.concatenate([field.parameter_vector(1.0), points.plan(points.start)])
    return series(field.taylor_kernel(method.colours), theta, par, int(par[PAR.end]), method.states)


def modified_coefficients(field: JetField, method: GeneralLinearMethod, order: int, theta: Array) -> Array:
    """Return the coefficients of h^j, j < order, of the modified field at one point, shape (order, d)."""
    points = stage_points(method, order)
    linked = linked_points(field, points)
    par = np.concatenate([field.parameter_vector(1.0), points.plan(points.field[np.newaxis], linked=linked)])
    return series(field.taylor_kernel(method.colours), theta, par, int(par[PAR.end]), 1)[0]


def no_formula() -> sympy.Matrix:
    """Raise: numbers have no formula."""
    raise ValueError("a flow on a loss on arrays has no formula in the coordinates; build the loss with Loss.from_sympy for one")
