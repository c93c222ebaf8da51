"""Weights as a function of depth: θ(s) on [0, 1] through the weights of the layers.

Which function goes through them is a choice: a residual network fixes its weights at s = k/N only. Each choice gives the Taylor
coefficients of θ at any s, which modified equations in depth need, and the places where it is not smooth.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias, final

import numpy as np
from numpy.typing import NDArray

from ..graph.algebra import NumpyAlgebra
from ..graph.differentiation import gradient
from ..graph.taylor import TaylorProgram, TaylorSeries
from ..graph.tracing import trace
from .block import Weights

Array: TypeAlias = NDArray[np.float64]
Shapes: TypeAlias = Mapping[str, tuple[int, ...]]


class Interpolant(ABC):
    """θ(s) for 0 ≤ s ≤ 1.

    Attributes
    ----------
    breaks
        Increasing numbers from 0 to 1, shape (m + 1,): θ is smooth on each of the m pieces between them.

    See Also
    --------
    modeq.depth.ResidualNetwork.from_function : Makes one from a function.

    Examples
    --------
    >>> theta = INTERPOLANTS["linear"](np.array([0.0, 0.5]), {"a": np.array([1.0, 3.0])})  # beyond ½ the line goes on
    >>> float(theta(0.25)["a"]), float(theta(1.0)["a"])
    (2.0, 5.0)
    """

    breaks: Array

    @abstractmethod
    def coefficients(self, s: float, count: int, piece: int) -> list[dict[str, Array | None]]:
        """Return the first Taylor coefficients of θ at s by name, those of the given piece; None for zeros."""

    def piece(self, s: float) -> int:
        """Return the number of the piece that holds s; a break belongs to the piece that starts there."""
        near = s + 1e-12  # k/N as a sum of steps may fall short of a break
        return min(max(int(np.searchsorted(self.breaks, near, side="right")) - 1, 0), len(self.breaks) - 2)

    def __call__(self, s: float, piece: int | None = None) -> Weights:
        """Return θ(s) by name."""
        (value,) = self.coefficients(s, 1, self.piece(s) if piece is None else piece)
        return {name: entry for name, entry in value.items() if entry is not None}


@final
class PiecewisePolynomial(Interpolant):
    """Polynomials between breaks.

    Parameters
    ----------
    breaks
        Shape (m + 1,), from 0 to 1.
    polynomials
        By name the Taylor coefficients at the left end of each piece, shape (m, degree + 1, …).

    Raises
    ------
    ValueError
        If the breaks do not reach from 0 to 1.
    """

    def __init__(self, breaks: Array, polynomials: Mapping[str, Array]) -> None:
        if breaks[0] > 1e-12 or breaks[-1] < 1 - 1e-12:
            raise ValueError(
                f"an interpolant reaches from s = 0 to s = 1, this one from {breaks[0]:g} to {breaks[-1]:g}; "
                "put the first weights at 0 and the last at 1, or extrapolate"
            )
        self.breaks = breaks
        self._polynomials = polynomials

    def coefficients(self, s: float, count: int, piece: int) -> list[dict[str, Array | None]]:
        """Shift the polynomials of a piece to s."""
        result: list[dict[str, Array | None]] = [{} for _ in range(count)]
        for name, pieces in self._polynomials.items():
            shifted = list(pieces[piece])
            distance = s - self.breaks[piece]
            if distance:  # Horner's rule, again and again: Taylor shift
                for first in range(min(count, len(shifted) - 1)):
                    for k in reversed(range(first, len(shifted) - 1)):
                        shifted[k] = shifted[k] + distance * shifted[k + 1]
            for j in range(count):
                result[j][name] = shifted[j] if j < len(shifted) else None
        return result


@final
class Smooth(Interpolant):
    """A function of one's own, written in NumPy: traced, so that its derivatives are exact.

    Parameters
    ----------
    function
        Takes the number s, returns a dict of arrays by name; or one array if there is one array of weights.
    shapes
        Name and shape of each array.

    Raises
    ------
    ValueError
        If the arrays have other shapes, or are not finite at the ends 0 and 1.

    Examples
    --------
    >>> theta = Smooth(lambda s: np.eye(2) * np.sin(s), {"W": (2, 2)})
    >>> [float(part["W"][0, 0]) for part in theta.coefficients(0.0, 2, 0)]  # sin s = 0 + s + …
    [0.0, 1.0]
    """

    def __init__(self, function: Callable[[Any], Any], shapes: Shapes) -> None:
        self.breaks = np.array([0.0, 1.0])
        self._shapes = shapes

        def pairing(inputs: Mapping[str, Any]) -> Any:
            result = function(inputs["s"])
            parts = result if isinstance(result, Mapping) else dict.fromkeys(shapes, result) if len(shapes) == 1 else None
            if parts is None or set(parts) != set(shapes):
                raise ValueError(f"an interpolant returns the weights by name, {', '.join(shapes)}, got {result!r}")
            total: Any = 0.0 * inputs["s"]
            for name, shape in shapes.items():
                if np.shape(parts[name]) != shape:
                    raise ValueError(f"the interpolant returns {name} with shape {np.shape(parts[name])}, the block needs {shape}")
                total = total + np.sum(inputs[f"of {name}"] * parts[name])
            return total

        inputs: dict[str, tuple[int, ...]] = {"s": ()} | {f"of {name}": tuple(shape) for name, shape in shapes.items()}
        graph, value = trace(pairing, inputs, {})
        outputs = gradient(graph, value, [graph.input(f"of {name}", tuple(shape)) for name, shape in shapes.items()])
        self._program = TaylorProgram(graph, outputs)
        for end in (0.0, 1.0):
            with np.errstate(all="ignore"):
                bad = [name for name, entry in self(end).items() if not np.isfinite(entry).all()]
            if bad:
                raise ValueError(
                    f"the interpolant does not reach the end s = {end:g}: {bad[0]} is not finite there; define it on all of [0, 1]"
                )

    def coefficients(self, s: float, count: int, piece: int) -> list[dict[str, Array | None]]:
        """Run Taylor arithmetic through the function."""
        path = TaylorSeries(self._program, NumpyAlgebra(), ["s"], {})
        result: list[dict[str, Array | None]] = []
        for k in range(count):
            values = path.extend([np.float64(s) if k == 0 else np.float64(1.0) if k == 1 else None])
            named = zip(self._shapes.items(), values, strict=True)
            result.append({name: None if value is None else np.broadcast_to(value, shape) for (name, shape), value in named})
        return result


def constant(nodes: Array, weights: Mapping[str, Array]) -> Interpolant:
    """Keep the weights of each layer up to the next: discontinuous."""
    breaks = nodes if nodes[-1] == 1.0 else np.append(nodes, 1.0)
    return PiecewisePolynomial(breaks, {name: values[: len(breaks) - 1, np.newaxis] for name, values in weights.items()})


def linear(nodes: Array, weights: Mapping[str, Array]) -> Interpolant:
    """Join the weights by straight lines; beyond the last weights the last line goes on."""
    slopes = {name: np.diff(values, axis=0) / _columns(np.diff(nodes), values) for name, values in weights.items()}
    polynomials = {name: np.stack([values[:-1], slopes[name]], axis=1) for name, values in weights.items()}
    if nodes[-1] < 1.0:
        last = {name: np.stack([values[-1], slopes[name][-1]]) for name, values in weights.items()}
        polynomials = {name: np.concatenate([pieces, last[name][np.newaxis]]) for name, pieces in polynomials.items()}
        nodes = np.append(nodes, 1.0)
    return PiecewisePolynomial(nodes, polynomials)


def cubic(nodes: Array, weights: Mapping[str, Array]) -> Interpolant:
    """Join the weights by the cubic spline with the not-a-knot condition; beyond the last weights its last piece goes on.

    Reference: C. de Boor, *A Practical Guide to Splines* (2001), chapter IV.
    """
    from scipy.interpolate import CubicSpline  # deferred: slow to import

    polynomials: dict[str, Array] = {}
    ends = nodes if nodes[-1] == 1.0 else np.append(nodes, 1.0)
    for name, values in weights.items():
        pieces = np.swapaxes(CubicSpline(nodes, values, axis=0).c[::-1], 0, 1)  # (pieces, degree + 1, …)
        if len(ends) > len(nodes):
            polynomials[name] = np.concatenate([pieces, _shifted(pieces[-1], nodes[-1] - nodes[-2])[np.newaxis]])
        else:
            polynomials[name] = pieces
    return PiecewisePolynomial(ends, polynomials)


INTERPOLANTS: Mapping[str, Callable[[Array, Mapping[str, Array]], Interpolant]] = MappingProxyType(
    {"constant": constant, "linear": linear, "cubic": cubic}
)
"""The interpolants by name: functions of the places of the weights in [0, 1] and of the weights, (number of places, …) by name."""


def _shifted(polynomial: Array, distance: float) -> Array:
    result = polynomial.copy()
    for first in range(len(result) - 1):
        for k in reversed(range(first, len(result) - 1)):
            result[k] += distance * result[k + 1]
    return result


def _columns(numbers: Array, like: Array) -> Array:
    return numbers.reshape(-1, *[1] * (like.ndim - 1))
