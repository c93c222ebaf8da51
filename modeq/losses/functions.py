"""Losses that stay where they are: a value, a gradient and what else of derivatives somebody else's code computes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, final

import numpy as np
from numpy.typing import ArrayLike

from .arguments import checked_layout
from .field import Array
from .jet_field import FieldKernel, JetField
from .loss import Loss
from .packing import ByName, Packing
from .samples import as_size

Function = Callable[..., Any]


@final
@dataclass(frozen=True, eq=False, repr=False)
class FunctionLoss(JetField, Loss):
    """A loss given by functions, made by `Loss.from_functions`.

    Attributes
    ----------
    layout
        Shape of each parameter by name.
    functions
        ``value``, ``gradient``, and where they exist ``hvp`` and ``along``.
    analytic
        Whether the functions take complex points.
    packing
        The form in which `ravel` takes parameters and `unravel` returns them.

    See Also
    --------
    modeq.Loss.from_functions : Makes it, with an example.
    """

    layout: Mapping[str, tuple[int, ...]]
    functions: Mapping[str, Function] = field(repr=False)
    analytic: bool = False
    packing: Packing = field(default=ByName(), repr=False)

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """Shape of each parameter by name."""
        return self.layout

    @cached_property
    def degree(self) -> float:
        """Largest degree of Taylor coefficients of ∇E that the functions give: 0 with the gradient, 1 with products, ∞ with `along`."""
        return np.inf if "along" in self.functions else 1 if "hvp" in self.functions else 0

    def ravel(self, params: Any) -> Array:
        """Join parameters to θ, shape (d,)."""
        return super().ravel(self.packing.apart(params))

    def unravel(self, theta: ArrayLike) -> Any:
        """Split θ, shape (d,), into parameters in the form that `ravel` takes."""
        return self.packing.together(super().unravel(theta))

    def check_points(self, theta: ArrayLike, *, what: str = "theta") -> Array:
        """Return points as a float or complex array of shape (…, d), or raise."""
        points = super().check_points(theta, what=what)
        if np.iscomplexobj(points) and not self.analytic:
            if not points.imag.any():
                return np.ascontiguousarray(points.real)
            raise TypeError(
                f"{what} is complex, and the functions of {self.name} are said to take real points; pass analytic=True to "
                "Loss.from_functions if they take complex ones, or a flow that stays real, such as 'two-step' or an order"
            )
        return points

    def require(self, degree: int, purpose: str) -> None:
        """Raise unless Taylor coefficients of ∇E up to this degree can be computed."""
        if degree > self.degree:
            missing = "hvp(theta, v) = ∇²E·v, or along(path)" if degree == 1 else "along(path), the Taylor coefficients of ∇E along a path"
            raise ValueError(
                f"{purpose} needs derivatives of degree {degree} of the gradient, and {self.name} was given only "
                f"{', '.join(self.functions)}; pass {missing} to Loss.from_functions – modeq.losses.jax_functions makes them for JAX"
            )

    def __call__(self, theta: ArrayLike) -> Any:
        """Return E at θ of shape (d,), or at many points of shape (…, d)."""
        points = self.check_points(theta)
        values = np.reshape([self._computed("value", (), point) for point in points.reshape(-1, self.dimension)], points.shape[:-1])
        return values.item() if values.ndim == 0 else values

    def gradient(self, theta: ArrayLike) -> Array:
        """Return ∇E, shape (…, d)."""
        points = self.check_points(theta)
        rows = [self._computed("gradient", (self.dimension,), point) for point in points.reshape(-1, self.dimension)]
        return np.reshape(rows, points.shape)

    def hvp(self, theta: ArrayLike, v: ArrayLike) -> Array:
        """Return ∇²E·v, shape (…, d)."""
        self.require(1, "a Hessian–vector product")
        points, directions = map(np.array, np.broadcast_arrays(self.check_points(theta), super().check_points(v, what="v")))
        pairs = zip(points.reshape(-1, self.dimension), directions.reshape(-1, self.dimension), strict=True)
        return np.reshape([self._product(point, direction) for point, direction in pairs], points.shape)

    def hessian(self, theta: ArrayLike) -> Array:
        """Return ∇²E, shape (…, d, d), from d products."""
        points = self.check_points(theta)
        return self.hvp(points[..., np.newaxis, :], np.eye(self.dimension))

    def along(self, path: ArrayLike) -> Array:
        """Return the Taylor coefficients of ∇E along a path Σ_j θ_j sʲ, shape (degrees, d), like the path."""
        coefficients = self.check_points(path, what="the path")
        if coefficients.ndim != 2 or len(coefficients) == 0:
            raise ValueError(f"a path has the shape (degrees, {self.dimension}), got {coefficients.shape}")
        point, *rest = coefficients
        if not rest:
            return self.gradient(point)[np.newaxis]
        if len(rest) == 1 and "hvp" in self.functions:
            return np.stack([self.gradient(point), self.hvp(point, rest[0])])
        self.require(len(rest), "a path")
        return self._computed("along", coefficients.shape, coefficients)

    def value(self, theta: ArrayLike) -> Array:
        """Return f = −∇E, shape (…, d); NaN at complex points that the functions do not take, where a run may have got to."""
        points = super().check_points(theta)
        rows = [self.part_along(0, point[np.newaxis])[0] for point in points.reshape(-1, self.dimension)]
        return np.reshape(rows, points.shape)

    def potential(self, theta: ArrayLike) -> Any:
        """Return E at points, shape (…,); NaN at complex points that the functions do not take."""
        points = super().check_points(theta)
        known = np.full(points.shape[:-1], True) if self.analytic else ~np.any(np.imag(points) != 0, axis=-1)
        values = np.full(known.shape, np.nan, points.dtype)
        values[known] = self(points[known])
        return values

    def part_along(self, number: int, path: ArrayLike) -> Array:
        """Return the Taylor coefficients of f = −∇E along a path; NaN at complex points that the functions do not take."""
        path = np.asarray(path)
        if self.analytic or not np.iscomplexobj(path):
            return -self.along(path)
        if path[0].imag.any():
            return np.full(path.shape, np.nan, complex)
        if not path.imag.any():
            return -self.along(path.real).astype(complex)
        return self._in_complex_directions(path)

    def _in_complex_directions(self, path: Array) -> Array:
        """Return a jet of degree 1 or 2 from a real point: products and quadratic forms over the complex numbers."""
        if len(path) > 3:
            raise ValueError(f"complex paths of degree {len(path) - 1} need functions that take complex points; pass analytic=True")
        point, p, q = path[0].real, path[1].real, path[1].imag
        if len(path) == 2:
            parts = [self.along(np.stack([point, direction])) for direction in (p, q)]
            return -np.stack([parts[0][0], parts[0][1] + 1j * parts[1][1]])

        def second(first: Array, last: Array) -> Array:
            return self.along(np.stack([point, first, last]))

        zero = np.zeros_like(point)
        real, imaginary = second(p, path[2].real), second(q, zero)
        mixed = (second(p + q, zero)[2] - second(p - q, zero)[2]) / 2
        product = second(zero, path[2].imag)[2]
        return -np.stack([real[0], real[1] + 1j * imaginary[1], real[2] - imaginary[2] + 1j * (product + mixed)])

    def field_kernel(self) -> FieldKernel:
        """Return −∇E(y, par)."""
        return lambda y, par: self.part_along(0, y[np.newaxis])[0]

    def third(self, theta: ArrayLike, u: ArrayLike, v: ArrayLike) -> Array:
        """Return ∇³E[u, v], shape (d,), by polarisation from the coefficients of degree 2 along u + v and u − v."""
        self.require(2, "a third derivative")
        point, first, second = (self.check_point(x, what=what) for x, what in ((theta, "theta"), (u, "u"), (v, "v")))
        zero = np.zeros_like(point)
        return (self.along([point, first + second, zero])[2] - self.along([point, first - second, zero])[2]) / 2

    def _product(self, point: Array, direction: Array) -> Array:
        if "hvp" not in self.functions:
            return self.along([point, direction])[1]
        parts = [self._computed("hvp", (self.dimension,), point, direction.real)]
        if np.iscomplexobj(direction):  # products are linear in the direction, also over the complex numbers
            parts.append(1j * self._computed("hvp", (self.dimension,), point, direction.imag))
        return np.sum(parts, axis=0)

    def _computed(self, name: str, shape: tuple[int, ...], *arguments: Array) -> Array:
        """Call one of the functions; raise unless it returns numbers of this shape."""
        result = np.asarray(self.functions[name](*arguments))
        if result.shape != shape or result.dtype.kind not in "biufc":
            raise ValueError(
                f"the function {name} of {self.name} must return {f'an array of shape {shape}' if shape else 'a number'}, "
                f"got {f'shape {result.shape}' if result.dtype.kind in 'biufc' else type(result).__name__}"
            )
        return result.astype(complex if any(map(np.iscomplexobj, arguments)) else float)


def function_loss(
    dimension: int,
    given: Mapping[str, Callable[..., Any] | None],
    analytic: bool,
    name: str,
    shapes: Mapping[str, tuple[int, ...]] | None,
    packing: Packing,
    start: tuple[float, ...] | None,
) -> FunctionLoss:
    """Do what `Loss.from_functions` says."""
    functions = {key: function for key, function in given.items() if function is not None}
    for key, function in functions.items():
        if not callable(function):
            raise TypeError(f"{key} is a function of θ, got {type(function).__name__}")
    size = as_size(dimension, "the dimension")
    layout = {"theta": (size,)} if shapes is None else checked_layout(shapes, size)
    return FunctionLoss(name, layout, functions, analytic, packing, start=start)
