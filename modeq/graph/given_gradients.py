"""Gradients of a graph against those of the library that a loss comes from, where it may have been told others."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .algebra import NumpyAlgebra, evaluate
from .differentiation import gradient
from .graph import Graph

_TOLERANCE = 1e-6  # of the largest entry of the gradient
_DISTANCES = (0.05, 1e-3, 1e-6)  # from the given parameters, so that no entry is at a kink by chance


def gradient_difference(
    graph: Graph, value: int, leaves: Mapping[str, np.ndarray], given: Callable[[Mapping[str, np.ndarray]], Sequence[Any]], rounding: float
) -> str:
    """Say by how much the gradient near the parameters is another one than a library's, part by part; "" if it is the same.

    Half of the digits are compared where the library computes something with fewer than those of double precision: ``rounding`` is
    the coarsest unit roundoff. The point is nearer where the library's gradient is no number, as that of log x is beyond 0.
    """
    slopes = gradient(graph, value, [graph.input(name, leaf.shape) for name, leaf in leaves.items()])
    difference, size = math.nan, 0.0
    for distance in _DISTANCES:
        point = _nearby(leaves, distance)
        with np.errstate(all="ignore"):
            own = evaluate(graph, slopes, point, NumpyAlgebra())
        theirs = [np.asarray(part, float) for part in given(point)]
        difference = float(np.max([np.max(np.abs(ours - part)) for ours, part in zip(own, theirs, strict=True)]))  # NaN if one is
        size = float(np.max([np.max(np.abs(part)) for part in [*own, *theirs]]))
        if all(np.isfinite(part).all() for part in theirs):
            break
    return "" if difference <= max(_TOLERANCE, math.sqrt(rounding)) * size else f"it differs by {difference:.1e}, of {size:.1e}"


def _nearby(leaves: Mapping[str, np.ndarray], distance: float) -> dict[str, np.ndarray]:
    """Return a fixed random point near the given parameters."""
    random = np.random.default_rng(0)
    return {
        name: leaf * (1 + distance * random.normal(size=leaf.shape)) + distance * random.normal(size=leaf.shape)
        for name, leaf in leaves.items()
    }
