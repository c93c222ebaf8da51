r"""A residual network as a dynamics in depth.

.. math::  x_{k+1} = x_k + \frac1N φ(x_k, θ_k), \qquad k = 0, …, N − 1

is the explicit Euler method with step 1/N for the *neural ODE* ẋ = φ(x, θ(s)), 0 ≤ s ≤ 1, a field that depends on time. Other
Runge–Kutta methods make other networks: Heun's and the midpoint network evaluate the block twice in each layer, with weights
θ(s_k + c_i/N).

References: W. E, Commun. Math. Stat. 5 (2017) 1–11, doi:10.1007/s40304-017-0103-z; R. T. Q. Chen, Y. Rubanova, J. Bettencourt,
D. Duvenaud, NeurIPS 2018, arXiv 1806.07366; M. E. Sander, P. Ablin, G. Peyré, NeurIPS 2022, arXiv 2205.14612.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self, final

import numpy as np
from numpy.typing import ArrayLike

from .block import Array, Block, Weights
from .interpolants import INTERPOLANTS, Interpolant, Smooth
from .network_field import NetworkField
from .schemes import EULER, Scheme, named_scheme


@final
@dataclass(frozen=True, eq=False, repr=False)
class ResidualNetwork:
    """N layers of one block, with weights of their own.

    Attributes
    ----------
    block
        What each layer adds.
    weights
        By name, shape (N, …): those of layer k = 0 … N − 1, which sit at s = k/N. Or (N + 1, …), with the last ones at s = 1: say
        ``layers=N`` then. For a block with one array of weights also that array alone; or one dict for each layer.
    layers
        Number N of layers; by default as many as there are weights.
    interpolant
        How the weights go on between layers: "constant", "linear", "cubic", an `Interpolant`, or a function θ(s) in NumPy. The network
        itself, with Euler's steps, does not depend on it.

    Raises
    ------
    TypeError, ValueError
        If there are fewer than two layers, the shapes are not those of the block, a weight is not finite, or the interpolant does
        not go through the weights.

    Examples
    --------
    >>> block = Block(lambda x, p: np.tanh(x @ p["W"].T), {"W": (2, 2)}, width=2)
    >>> network = ResidualNetwork(block, np.zeros((8, 2, 2)))
    >>> network
    <ResidualNetwork: 8 layers of block, width 2, linear weights>
    >>> network.forward([1.0, 2.0])[-1]
    array([1., 2.])
    """

    block: Block
    weights: Mapping[str, Array]
    layers: int = 0
    interpolant: str | Interpolant | Callable[[Any], Any] = "linear"

    def __post_init__(self) -> None:
        if not isinstance(self.block, Block):
            raise TypeError(f"expected a depth.Block, got {type(self.block).__name__}; Block(function, shapes, width=…) makes one")
        stacked = _stacked(self.block, self.weights)
        object.__setattr__(self, "weights", stacked)
        (count,) = {len(values) for values in stacked.values()}
        layers = self.layers or count
        if isinstance(layers, bool) or not isinstance(layers, int) or layers not in (count, count - 1):
            raise ValueError(f"{count} weights make {count} layers, or {count - 1} with the last weights at s = 1, got layers={layers!r}")
        if count < 2 or layers < 2:
            raise ValueError(
                "a network in depth needs weights of at least two layers: with one there is nothing to interpolate; add layers"
            )
        object.__setattr__(self, "layers", layers)
        if isinstance(self.interpolant, str) and self.interpolant not in INTERPOLANTS:
            raise ValueError(f"unknown interpolant {self.interpolant!r}; known: {', '.join(INTERPOLANTS)}, or a function of s")
        _ = self.theta  # raises if it does not go through the weights

    @classmethod
    def from_function(cls, block: Block, theta: Callable[[Any], Any] | Interpolant, layers: int) -> Self:
        """Make a network whose weights are θ(k/N), k = 0 … N, of a function of depth, which is its interpolant too.

        Parameters
        ----------
        block
            What each layer adds.
        theta
            Function of s in [0, 1], written in NumPy: a dict of arrays by name, or one array.
        layers
            Number N.

        Examples
        --------
        >>> block = Block(lambda x, p: x * p["a"], {"a": ()}, width=1)
        >>> ResidualNetwork.from_function(block, lambda s: 1 - s, 4).weights["a"]
        array([1.  , 0.75, 0.5 , 0.25, 0.  ])
        """
        if isinstance(layers, bool) or not isinstance(layers, int) or layers < 2:
            raise ValueError(f"layers is the number of layers, an integer ≥ 2, got {layers!r}")
        chosen = theta if isinstance(theta, Interpolant) else Smooth(theta, block.shapes)
        samples = [chosen(k / layers) for k in range(layers + 1)]
        return cls(block, {name: np.array([sample[name] for sample in samples]) for name in block.shapes}, layers, chosen)

    def __repr__(self) -> str:
        kind = f"{self.interpolant} weights" if isinstance(self.interpolant, str) else "weights of a function"
        return f"<ResidualNetwork: {self.layers} layers of {self.block.name}, width {self.block.width}, {kind}>"

    @property
    def step(self) -> float:
        """1/N, the step size in depth."""
        return 1 / self.layers

    @cached_property
    def nodes(self) -> Array:
        """Where the weights sit: s = k/N, shape (N,) or (N + 1,)."""
        count = len(next(iter(self.weights.values())))
        return np.arange(count) / self.layers

    @cached_property
    def theta(self) -> Interpolant:
        """The weights as a function of depth."""
        chosen = self.interpolant
        if isinstance(chosen, str):
            return INTERPOLANTS[chosen](self.nodes, self.weights)
        result = chosen if isinstance(chosen, Interpolant) else Smooth(chosen, self.block.shapes)
        for s, k in ((0.0, 0), (float(self.nodes[-1]), -1)):
            for name, values in self.weights.items():
                found = result(s)[name]
                if not np.allclose(found, values[k], rtol=1e-9, atol=1e-9):
                    distance = np.abs(found - values[k]).max()
                    raise ValueError(
                        f"the interpolant does not go through the weights: at s = {s:g} {name} is off by {distance:.3g}; "
                        "ResidualNetwork.from_function(block, theta, layers) takes the weights from it"
                    )
        return result

    def layer(self, k: int) -> Weights:
        """Return the weights of layer k by name."""
        return {name: values[k] for name, values in self.weights.items()}

    def stage_weights(self, k: int, scheme: Scheme) -> list[Weights]:
        """Return the weights that the stages of layer k see: θ at s = (k + c_i)/N, those of the layer itself at c_i = 0."""
        piece = self.theta.piece((k + 0.5) / self.layers)
        return [self.layer(k) if c == 0 else self.theta((k + c) / self.layers, piece) for c in scheme.nodes]

    def forward(self, x: ArrayLike, method: Any = EULER) -> Array:
        """Run the network.

        Parameters
        ----------
        x
            Inputs, shape (n, d) or (d,).
        method
            "euler", "heun", "midpoint", or any explicit Runge–Kutta `Method`.

        Returns
        -------
        Array
            Activations x_0 … x_N, shape (N + 1, n, d) or (N + 1, d).
        """
        scheme, rows = named_scheme(method), self.block.checked(x)
        path = np.empty((self.layers + 1, *rows.shape))
        path[0] = rows
        for k in range(self.layers):
            path[k + 1] = scheme.advance(self.block, path[k], self.stage_weights(k, scheme), self.step)
        return path.reshape(self.layers + 1, *np.shape(x))

    def field(self, samples: int = 1) -> NetworkField:
        """Return φ(x, θ(s)) as a field that depends on time, for `modeq.iterate`, equations, `modeq.integrate` and `modeq.compare`.

        Its modified equations are those of `DepthFlow`, which goes from one place where weights are not smooth to the next.

        Examples
        --------
        >>> import modeq as mq
        >>> block = Block(lambda x, p: x * p["a"], {"a": ()}, width=1)
        >>> network = ResidualNetwork.from_function(block, lambda s: 1 + s, 10)
        >>> layers = mq.iterate(mq.GradientDescent(), network.field(), [1.0], h=0.1, steps=10).theta
        >>> bool(abs(layers - network.forward([1.0])).max() < 1e-12)
        True
        """
        if isinstance(samples, bool) or not isinstance(samples, int) or samples < 1:
            raise ValueError(f"samples is a number of rows, an integer ≥ 1, got {samples!r}")
        return NetworkField(repr(self).strip("<>"), self, samples)

    def with_weights(self, weights: Any) -> ResidualNetwork:
        """Return the same network with other weights, joined by the same kind of interpolant."""
        kind = self.interpolant if isinstance(self.interpolant, str) else "linear"
        return ResidualNetwork(self.block, weights, self.layers, kind)


def _stacked(block: Block, weights: Any) -> dict[str, Array]:
    """Return the weights by name, layers first, or raise."""
    if isinstance(weights, Mapping):
        parts: Mapping[str, Any] = weights
    elif isinstance(weights, Sequence) and len(weights) and all(isinstance(layer, Mapping) for layer in weights):
        for name in block.shapes:
            _same_shapes(block, name, [np.shape(layer.get(name, ())) for layer in weights])
        parts = {name: [layer[name] for layer in weights] for name in block.shapes}
    elif len(block.shapes) == 1:
        (only,) = block.shapes
        if isinstance(weights, Iterable) and not isinstance(weights, np.ndarray):
            weights = list(weights)
            _same_shapes(block, only, [np.shape(layer) for layer in weights])
        parts = {only: weights}
    else:
        raise TypeError(f"{block.name} has the weights {', '.join(block.shapes)}; give arrays by name, with the layers first")
    if set(parts) != set(block.shapes):
        raise ValueError(f"{block.name} has the weights {', '.join(block.shapes)}, got {', '.join(map(str, parts))}")
    result = {name: np.asarray(values, dtype=float) for name, values in parts.items()}
    for name, values in result.items():
        if values.shape[1:] != tuple(block.shapes[name]) or values.ndim == 0:
            raise ValueError(
                f"{name} needs the shape (layers, {', '.join(map(str, block.shapes[name]))}), got {values.shape}; "
                "the weights of all layers come first along one axis"
            )
        if not np.isfinite(values).all():
            raise ValueError(f"weights are finite numbers, but {name} has {np.count_nonzero(~np.isfinite(values))} others")
    if len({len(values) for values in result.values()}) > 1:
        raise ValueError(f"all weights have equally many layers, got {', '.join(f'{len(v)} of {k}' for k, v in result.items())}")
    return result


def _same_shapes(block: Block, name: str, shapes: list[tuple[int, ...]]) -> None:
    wanted = tuple(block.shapes[name])
    wrong = [k for k, shape in enumerate(shapes) if shape != wanted]
    if wrong:
        raise ValueError(
            f"the width changes: {name} has shape {shapes[wrong[0]]} in layer {wrong[0]} instead of {wanted}; an equation in depth "
            "needs layers of one width: treat each stretch of equal widths as a network of its own"
        )
