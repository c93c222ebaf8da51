"""Fields f(x, s) that depend on time, in NumPy, with Taylor coefficients of any degree along paths in x and s."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, final

import numpy as np
from numpy.typing import ArrayLike

from ..graph.algebra import NumpyAlgebra, evaluate
from ..graph.differentiation import gradient
from ..graph.graph import Graph
from ..graph.taylor import TaylorProgram, TaylorSeries
from ..graph.tracing import trace
from .field import Array, Field
from .time_field import TimeField

_TIME = "the time"  # an input of graphs; no parameter has such a name
_NUMBERS = NumpyAlgebra()


@dataclass(frozen=True, eq=False, repr=False)
class JetTimeField(TimeField):
    """A time-dependent field in NumPy that gives its Taylor coefficients along paths, degree by degree.

    See Also
    --------
    modeq.VectorField.from_numpy, modeq.depth.ResidualNetwork.field
    """

    @abstractmethod
    def series(self) -> Callable[[Array | None, float | None], Array | None]:
        """Begin a path in x and s: each call takes the next Taylor coefficient of both and returns that of f; None stands for 0."""

    def parameter_vector(self, h: float) -> Array:
        """Return ``[h]``."""
        return np.array([h])

    @property
    def autonomous(self) -> Field:
        """(f, 1) of the point (x, s)."""
        return AugmentedField(self.name, self)

    def jacobian(self, theta: ArrayLike, s: float = 0.0) -> Array:
        """Return ∂f/∂x, shape (d, d), column by column."""
        point = self.check_point(theta)
        columns = []
        for direction in np.eye(self.dimension):
            extend = self.series()
            extend(point, s)
            found = extend(direction, None)
            columns.append(np.zeros(self.dimension) if found is None else found)
        return np.array(columns).T


@final
@dataclass(frozen=True, eq=False, repr=False)
class ArrayTimeField(JetTimeField):
    """A time-dependent field of arrays, computed in NumPy with Taylor coefficients of any degree.

    Attributes
    ----------
    layout
        Shape of each array by name.
    program
        The components, with the arrays and the time for inputs.

    See Also
    --------
    modeq.VectorField.from_numpy : Makes it, with an example.
    """

    layout: Mapping[str, tuple[int, ...]]
    program: TaylorProgram = field(repr=False)

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """Shape of each array by name."""
        return self.layout

    def series(self) -> Callable[[Array | None, float | None], Array | None]:
        """Begin a path in x and s: each call takes the next Taylor coefficient of both and returns that of f; None stands for 0."""
        path = TaylorSeries(self.program, _NUMBERS, [*self.layout, _TIME], {})

        def extend(theta: Array | None, s: float | None) -> Array | None:
            parts = [None] * len(self.layout) if theta is None else list(self._split(theta).values())
            found = path.extend([*parts, None if s is None else np.float64(s)])
            return None if all(value is None for value in found) else self._join(found)

        return extend

    def value(self, theta: ArrayLike, s: float = 0.0) -> Array:
        """Return f at x = θ, shape (d,), and time s."""
        inputs = {**self._split(self.check_point(theta)), _TIME: np.float64(s)}
        with np.errstate(all="ignore"):  # outside the domain the value is NaN or ∞, which is the answer
            return self._join(evaluate(self.program.graph, self.program.outputs, inputs, _NUMBERS))

    @cached_property
    def _ends(self) -> Array:
        return np.cumsum([int(np.prod(shape)) for shape in self.layout.values()])

    def _split(self, theta: Array) -> dict[str, Any]:
        parts = np.split(theta, self._ends[:-1])
        return {name: part.reshape(shape) for (name, shape), part in zip(self.layout.items(), parts, strict=True)}

    def _join(self, values: list[Any]) -> Array:
        named = zip(self.layout.values(), values, strict=True)
        return np.concatenate([np.ravel(np.broadcast_to(0.0 if value is None else value, shape)) for shape, value in named])


@final
@dataclass(frozen=True, eq=False, repr=False)
class AugmentedField(Field):
    """The field (f, 1) of the point (x, s) of a time-dependent field of arrays, which methods are run on.

    Attributes
    ----------
    inner
        f(x, s).
    """

    inner: JetTimeField

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """Those of x, and the time."""
        return {**self.inner.shapes, _TIME: ()}

    @property
    def fields(self) -> int:
        """One."""
        return 1

    @property
    def has_kernels(self) -> bool:
        """Methods run on it in NumPy."""
        return False

    def parameter_vector(self, h: float) -> Array:
        """Return ``[h]``."""
        return np.array([h])

    def value(self, theta: ArrayLike) -> Array:
        """Return (f, 1) at points (x, s), shape (…, d + 1)."""
        points = self.check_points(theta)
        values = [np.append(self.inner.value(row[:-1], row[-1].real), 1.0) for row in points.reshape(-1, self.dimension)]
        return np.reshape(values, points.shape)

    def part(self, number: int, theta: ArrayLike) -> Array:
        """Return the one part."""
        return self.value(theta)

    def jacobian(self, theta: ArrayLike) -> Array:
        """Return the derivative by x and s, shape (d + 1, d + 1)."""
        point = self.check_point(theta)
        extend = self.inner.series()
        extend(point[:-1], float(point[-1].real))
        speed = extend(None, 1.0)
        result = np.zeros((self.dimension, self.dimension), point.dtype)
        result[:-1, :-1] = self.inner.jacobian(point[:-1], float(point[-1].real))
        result[:-1, -1] = 0.0 if speed is None else speed
        return result


def traced_time_field(
    function: Callable[..., Any], shapes: Mapping[str, tuple[int, ...]], data: Mapping[str, np.ndarray], name: str
) -> ArrayTimeField:
    """Trace ``function(arrays, s, **data)``, which returns the components by name, or one array if there is one.

    Examples
    --------
    >>> field = traced_time_field(lambda p, s: s * p["x"], {"x": (2,)}, {}, "ramp")
    >>> field([1.0, 2.0], 3.0)
    array([3., 6.])
    """

    def pairing(inputs: Mapping[str, Any], **data: Any) -> Any:
        result = function({key: inputs[key] for key in shapes}, inputs[_TIME], **data)
        parts = result if isinstance(result, Mapping) else dict.fromkeys(shapes, result) if len(shapes) == 1 else None
        if parts is None or set(parts) != set(shapes):
            raise TypeError(f"{name} must return its components by name, {', '.join(shapes)}, got {result!r}")
        total: Any = 0.0 * inputs[_TIME]
        for key, shape in shapes.items():
            if np.shape(parts[key]) != tuple(shape):
                raise ValueError(f"the component {key} of {name} must have the shape {tuple(shape)}, got {np.shape(parts[key])}")
            total = total + np.sum(inputs[f"of {key}"] * parts[key])
        return total

    inputs = {**shapes, _TIME: (), **{f"of {key}": shape for key, shape in shapes.items()}}
    graph: Graph
    graph, value = trace(pairing, inputs, data)
    outputs = gradient(graph, value, [graph.input(f"of {key}", tuple(shape)) for key, shape in shapes.items()])
    return ArrayTimeField(name, dict(shapes), TaylorProgram(graph, outputs))
