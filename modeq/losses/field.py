"""What methods are run on: losses and vector fields of any kind."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from .loss import Loss

Array = NDArray[Any]


@dataclass(frozen=True, eq=False, repr=False)
class Field(ABC):
    """A field f(θ) on R^d.

    Attributes
    ----------
    name
        For tables and messages.
    minima
        Known points where E is smallest, shape (d,) each; empty if there are none or they are not isolated.
    box
        Region of interest for plots, one (low, high) for each coordinate; None if unknown.
    start
        A point to start a comparison from, shape (d,); None if there is no obvious one.
    reference
        Where it comes from.

    See Also
    --------
    modeq.Loss, modeq.VectorField
    """

    name: str
    minima: tuple[tuple[float, ...], ...] = field(default=(), kw_only=True)
    box: tuple[tuple[float, float], ...] | None = field(default=None, kw_only=True)
    start: tuple[float, ...] | None = field(default=None, kw_only=True)
    reference: str = field(default="", kw_only=True)

    def described(self, **changes: Any) -> Self:
        """Return the same field with another name, minima, box, start or reference."""
        return replace(self, **changes)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.name}, d = {self.dimension}>"

    @property
    @abstractmethod
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """Shape of each parameter by name, ``()`` for coordinates; θ holds them one after the other, each row by row."""

    @cached_property
    def dimension(self) -> int:
        """Number d of coordinates."""
        return sum(math.prod(shape) for shape in self.shapes.values())

    @cached_property
    def coordinates(self) -> tuple[str, ...]:
        """Names of the d coordinates: ``x``, or ``W1[0,2]`` for an entry of an array."""
        named = ((name, index) for name, shape in self.shapes.items() for index in np.ndindex(*shape))
        return tuple(f"{name}[{','.join(map(str, index))}]" if index else name for name, index in named)

    @property
    def analytic(self) -> bool:
        """Whether f has a meaning at complex points."""
        return True

    @property
    @abstractmethod
    def fields(self) -> int:
        """Number of parts (colours) that methods with several fields can evaluate one by one."""

    @property
    def degree(self) -> float:
        """Largest degree of Taylor coefficients of f along paths that can be computed: 1 with products f′ v, ∞ for most fields."""
        return math.inf

    def of_step(self, n: int) -> Field:
        """Return the field that step number n of a method sees, 0 being the first: the same one for all, except for minibatches."""
        return self

    @abstractmethod
    def value(self, theta: ArrayLike) -> Array:
        """Return f at θ, shape (…, d): −∇E of a loss; the sum of the parts."""

    @property
    def autonomous(self) -> Field:
        """The field without time: itself, or for a field f(x, s) that depends on time (f, 1) of the point (x, s)."""
        return self

    @property
    def has_kernels(self) -> bool:
        """Whether methods run on it in generated code; if not, step by step in NumPy."""
        return True

    @abstractmethod
    def part(self, number: int, theta: ArrayLike) -> Array:
        """Return one part of f, shape (…, d), 0 being the first."""

    def part_along(self, number: int, path: ArrayLike) -> Array:
        """Return the Taylor coefficients of one part of f along a path Σ_j θ_j sʲ; the path's and the result have shape (degrees, d).

        Raises
        ------
        ValueError
            If they are not known for this kind of field.
        """
        raise ValueError(f"{self.name} does not give Taylor coefficients along a path, which this needs")

    def part_jacobian(self, number: int, theta: ArrayLike) -> Array:
        """Return the Jacobian of one part, shape (…, d, d)."""
        if self.fields > 1:
            raise ValueError(f"the Jacobians of the parts of {self.name} are not known one by one; run an explicit method")
        return self.jacobian(theta)

    @abstractmethod
    def jacobian(self, theta: ArrayLike) -> Array:
        """Return f′, shape (…, d, d)."""

    @property
    def symmetric(self) -> bool:
        """Whether the Jacobian is known to be symmetric, as that of a gradient is."""
        return False

    def jvp(self, theta: ArrayLike, v: ArrayLike) -> Array:
        """Return f′ v, shape (…, d)."""
        return np.asarray(np.einsum("...ij,...j->...i", self.jacobian(theta), self.check_points(v, what="v")))

    def require_loss(self, purpose: str) -> Loss:
        """Return the field as a loss; raise a `ValueError` if it is none."""
        raise ValueError(f"{self.name} is a vector field; {purpose}")

    def taylor(self, point: Array, given: Array, part: int | None = None) -> Array:
        """Return the Taylor coefficients of f, or of one part of it, along several paths from one point.

        Parameters
        ----------
        point
            Where the paths begin, shape (d,).
        given
            Coefficients of the paths, shape (Q, degrees, d); those of degree 0 are not read.
        part
            Number of the part; f itself when left out.

        Returns
        -------
        ndarray
            Coefficients of f along each path, shape (Q, degrees, d).

        Raises
        ------
        ValueError
            If the field has no Taylor arithmetic.
        """
        raise ValueError(f"{self.name} gives no Taylor coefficients along paths, which derivatives of this kind need")

    def linearised(self, point: Array, part: int | None = None) -> tuple[Array, Callable[[Array], Array]]:
        """Return f, or one part of it, at a point, and the function v → f′ v there, each of shape (d,)."""
        given = np.zeros((1, 2, self.dimension), point.dtype)

        def product(direction: Array) -> Array:
            given[0, 1] = direction
            return self.taylor(point, given, part)[0, 1]

        return self.taylor(point, given, part)[0, 0], product

    def potential(self, theta: ArrayLike) -> Any:
        """Return E at points, shape (…,), if f is the gradient field −∇E of a loss; None for other fields."""
        return None

    @abstractmethod
    def parameter_vector(self, h: float) -> Array:
        """Return what kernels get as ``par``; its first entry is h."""

    def compile(self) -> None:  # noqa: B027 - most fields have nothing to compile
        """Compile what it has been given as code, see `modeq.compile`; nothing for fields without."""

    def ravel(self, params: Any) -> Array:
        """Join parameters given by name to θ, shape (d,).

        Raises
        ------
        ValueError
            If a name is missing or unknown, or an array does not have the shape that it has here.
        """
        if set(params) != set(self.shapes):
            raise ValueError(f"expected the parameters {', '.join(self.shapes)}, got {', '.join(params)}")
        parts = []
        for name, shape in self.shapes.items():
            part = np.asarray(params[name])
            if part.shape != shape:
                raise ValueError(f"the parameter {name} has shape {shape}, got {part.shape}")
            parts.append(part.ravel())
        return np.concatenate(parts)

    def unravel(self, theta: ArrayLike) -> Any:
        """Split θ, shape (d,), into parameters by name."""
        point = self.check_point(theta)
        ends = np.cumsum([math.prod(shape) for shape in self.shapes.values()])
        parts = np.split(point, ends[:-1])
        return {name: part.reshape(shape)[()] for (name, shape), part in zip(self.shapes.items(), parts, strict=True)}

    def check_point(self, theta: ArrayLike, *, what: str = "theta") -> Array:
        """Return one point as a float or complex array of shape (d,), or raise."""
        point = self.check_points(theta, what=what)
        if point.ndim != 1:
            raise ValueError(f"{what} must be one point of shape ({self.dimension},) for {self.name}, got shape {point.shape}")
        return point

    def check_points(self, theta: ArrayLike, *, what: str = "theta") -> Array:
        """Return points as a float or complex array of shape (…, d), or raise; a dict is one point, by names, see `ravel`."""
        if isinstance(theta, Mapping):
            theta = self.ravel(theta)
        try:
            points = np.asarray(theta)
            if points.dtype.kind not in "biufcO" or (points.dtype == object and any(entry is None for entry in points.ravel())):
                raise TypeError
            points = points.astype(complex if np.iscomplexobj(points) else float)
        except (TypeError, ValueError, OverflowError):
            raise TypeError(f"{what} must be numbers of shape ({self.dimension},), got {theta!r}") from None
        if points.ndim == 0 and self.dimension == 1:
            points = points[np.newaxis]
        if points.ndim == 0 or points.shape[-1] != self.dimension:
            raise ValueError(
                f"{what} must have {self.dimension} coordinate{'s' * (self.dimension > 1)} "
                f"({', '.join(self.coordinates[:6])}{', …' * (self.dimension > 6)}) for {self.name}, got shape {points.shape}"
            )
        return points
