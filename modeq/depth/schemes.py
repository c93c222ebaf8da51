"""Runge–Kutta methods in depth: Euler's is the residual network, Heun's and the midpoint rule make networks of two evaluations.

Reference: M. E. Sander, P. Ablin, G. Peyré, *Do residual neural networks discretize neural ordinary differential equations?*, NeurIPS
2022, arXiv 2205.14612, section 4, for Heun networks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, final

from ..graph.algebra import NumpyAlgebra
from ..methods import GradientDescent, RungeKutta
from ..methods.general_linear import GeneralLinearMethod
from ..methods.method import Method, linear_method
from .block import Array, Block, Weights


@final
@dataclass(frozen=True, eq=False)
class Scheme:
    """An explicit Runge–Kutta method with its tableau in floats.

    Attributes
    ----------
    method
        The exact method, from which modified equations are derived.
    A
        Shape (s, s).
    b, nodes
        Weights and nodes c = A·1, shape (s,).
    """

    method: GeneralLinearMethod
    A: Array
    b: Array
    nodes: Array

    def advance(self, block: Block, x: Array, weights: Sequence[Weights], h: float) -> Array:
        """Take one step of size h (a negative one backwards) with the weights that the stages see."""
        return self._step(block, x, weights, h)[0]

    def pull(self, block: Block, x: Array, weights: Sequence[Weights], h: float, cotangent: Array) -> tuple[Array, list[dict[str, Array]]]:
        """Take one step backwards through the derivatives: return the cotangent of x and those of the weights of each stage."""
        stages = self._step(block, x, weights, h)[1]
        pulled: dict[int, Array] = {}
        by_weights: dict[int, dict[str, Array]] = {}
        for i in reversed(range(len(self.b))):
            inner = h * self.b[i] * cotangent
            for j in range(i + 1, len(self.b)):
                inner = inner + h * self.A[j, i] * pulled[j]
            pulled[i], by_weights[i] = block.pullback(stages[i], weights[i], inner)
        return cotangent + sum(pulled.values()), [by_weights[i] for i in range(len(self.b))]

    def _step(self, block: Block, x: Array, weights: Sequence[Weights], h: float) -> tuple[Array, list[Array]]:
        """Take one step; return where it ends, and the points of its stages."""
        stages: list[Array] = []

        def evaluate(colour: int, point: Array) -> Array:
            stages.append(point)
            return block.values(point, weights[len(stages) - 1])

        (after,) = self.method.step([x], h, 0, evaluate, NumpyAlgebra())
        return after, stages


def scheme_of(method: Method) -> Scheme:
    """Read the tableau of an explicit Runge–Kutta method, or raise."""
    linear = linear_method(method, "a network in depth")
    if linear.states != 1 or not linear.is_explicit or linear.fields != 1:
        raise ValueError(f"{method.name} is no explicit Runge–Kutta method; networks in depth are made of these, such as 'heun'")
    A, _, B, _, _ = linear.matrices()
    return Scheme(linear, A, B[0], A.sum(axis=1))


EULER = "euler"
SCHEMES: Mapping[str, Scheme] = MappingProxyType(
    {
        EULER: scheme_of(GradientDescent()),
        "heun": scheme_of(RungeKutta([[0, 0], [1, 0]], ["1/2", "1/2"], name="Heun's method")),
        "midpoint": scheme_of(RungeKutta([[0, 0], ["1/2", 0]], [0, 1], name="explicit midpoint")),
    }
)
"""The methods by name."""


def named_scheme(method: Any) -> Scheme:
    """Return a scheme by its name, or that of a method."""
    if isinstance(method, str):
        if method not in SCHEMES:
            raise ValueError(f"unknown method {method!r} in depth; known: {', '.join(SCHEMES)}, or an explicit RungeKutta method")
        return SCHEMES[method]
    return scheme_of(method)
