"""Gradients of a graph against those of the library that a loss comes from, where it may have been told others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from .algebra import NumpyAlgebra, evaluate
from .differentiation import gradient
from .graph import Graph

_TOLERANCE = 1e-6  # of the largest entry of the gradient
_NEARBY = 0.05  # how far from the given parameters, so that no entry is at a kink by chance


def nearby(leaves: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return a fixed random point near the given parameters."""
    random = np.random.default_rng(0)
    return {
        name: leaf * (1 + _NEARBY * random.normal(size=leaf.shape)) + _NEARBY * random.normal(size=leaf.shape)
        for name, leaf in leaves.items()
    }


def gradient_difference(graph: Graph, value: int, point: Mapping[str, np.ndarray], given: Iterable[Any]) -> str:
    """Say by how much the gradient at a point is another one than that which is given, part by part; "" if it is the same."""
    slopes = gradient(graph, value, [graph.input(name, array.shape) for name, array in point.items()])
    with np.errstate(all="ignore"):
        own = evaluate(graph, slopes, point, NumpyAlgebra())
    difference, size = 0.0, 0.0
    for ours, theirs in zip(own, given, strict=True):
        difference = float(np.maximum(difference, np.max(np.abs(ours - np.asarray(theirs)))))
        size = max(size, float(np.max(np.abs(ours))), float(np.max(np.abs(theirs))))
    return "" if difference <= _TOLERANCE * size else f"it differs by {difference:.1e}, of {size:.1e}"
