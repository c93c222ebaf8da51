"""Tables over the number of layers: distances, errors of recovered activations and of gradients, with slopes and leading constants."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import ArrayLike

from .backpropagation import backpropagate, reconstruct
from .block import Array
from .depth_flow import DepthFlow
from .distance import leading_error
from .network import ResidualNetwork
from .schemes import EULER


@final
@dataclass(frozen=True, eq=False)
class DepthConvergence:
    """Errors over the number of layers; each is the largest over layers and samples.

    Attributes
    ----------
    layers
        Numbers N of layers, shape (m,).
    errors
        By name, shape (m,): "order p" for the distance of the layers from the equation of order p in depth, "reconstruction" for
        activations recovered backwards, "gradient" for the gradient of the weights of a layer that they give.
    slopes
        By name: d log(error)/d log N, fitted over the later half of the numbers of layers.
    constants
        By name: error·N^(−slope rounded), at the largest N.
    leading
        By name: the same constant from the variational equation, where it is known (orders).

    See Also
    --------
    modeq.depth.convergence : Makes it, with an example.
    """

    layers: Array
    errors: dict[str, Array]
    slopes: dict[str, float]
    constants: dict[str, float]
    leading: dict[str, float]

    def table(self) -> str:
        """Return the errors as text, one column for each quantity."""
        names = list(self.errors)
        widths = [max(10, len(name)) for name in names]
        lines = ["     N  " + "  ".join(f"{name:>{w}}" for name, w in zip(names, widths, strict=True))]
        for i, count in enumerate(self.layers):
            lines.append(f"{int(count):6d}  " + "  ".join(f"{self.errors[name][i]:{w}.3e}" for name, w in zip(names, widths, strict=True)))
        for title, values in (("slope", self.slopes), ("const", self.constants), ("theory", self.leading)):
            cells = (f"{values[name]:{w}.4g}" if name in values else " " * w for name, w in zip(names, widths, strict=True))
            lines.append(f"{title:>6}  " + "  ".join(cells))
        return "\n".join(line.rstrip() for line in lines)


def convergence(
    build: Callable[[int], ResidualNetwork],
    x: ArrayLike,
    layers: Sequence[int] = (8, 16, 32, 64, 128),
    *,
    orders: Sequence[int] = (1, 2, 3),
    method: Any = EULER,
    backwards: bool = True,
) -> DepthConvergence:
    """Measure how distances, recovered activations and gradients depend on the number of layers.

    Parameters
    ----------
    build
        Returns the network with N layers, such as ``lambda N: ResidualNetwork.from_function(block, theta, N)``.
    x
        Inputs, shape (n, d) or (d,).
    layers
        Increasing numbers N, at least three.
    orders
        Orders p of the equations in depth.
    method
        The method that makes the layers.
    backwards
        Whether to recover activations and gradients, too; the gradient is that of the sum of the outputs.

    Returns
    -------
    DepthConvergence

    Raises
    ------
    ValueError
        If there are fewer than three numbers of layers.

    Examples
    --------
    >>> from modeq.depth import Block, ResidualNetwork
    >>> block = Block(lambda x, p: np.tanh(x * p["a"]), {"a": ()}, width=1)
    >>> found = convergence(lambda N: ResidualNetwork.from_function(block, lambda s: 1 + s, N), [0.3], (8, 16, 32, 64), orders=(1, 2))
    >>> {name: round(slope) for name, slope in found.slopes.items()}
    {'order 1': -1, 'order 2': -2, 'reconstruction': -1, 'gradient': -2}
    """
    counts = np.array(list(layers), dtype=float)
    if len(counts) < 3 or not (np.diff(counts) > 0).all():
        raise ValueError(f"a slope in depth needs at least three increasing numbers of layers, got {list(layers)}")
    names = [f"order {p}" for p in orders] + (["reconstruction", "gradient"] if backwards else [])
    errors: dict[str, list[float]] = {name: [] for name in names}
    leading: dict[str, float] = {}
    for N in layers:
        network = build(N)
        path = network.forward(x, method)
        for p in orders:
            errors[f"order {p}"].append(_largest(path - DepthFlow(network, p, method).integrate(x)))
            if layers[-1] == N:
                leading[f"order {p}"] = _largest(leading_error(network, x, p, method))
        if backwards:
            recovered = reconstruct(network, path[-1], method)
            errors["reconstruction"].append(_largest(recovered - path))
            found, exact = (backpropagate(network, way, np.ones(path.shape[1:]), method).weights for way in (recovered, path))
            errors["gradient"].append(max(float(np.abs(found[name] - exact[name]).max()) for name in exact))
    measured = {name: np.array(values) for name, values in errors.items()}
    slopes = {name: fitted_slope(counts, values) for name, values in measured.items()}
    constants = {name: float(values[-1] * counts[-1] ** -round(slopes[name])) for name, values in measured.items() if slopes[name] < 0}
    return DepthConvergence(counts, measured, slopes, constants, {name: value for name, value in leading.items() if value > 0})


def fitted_slope(layers: Array, values: Array) -> float:
    """Return d log(value)/d log(N) over the later half of the points, three at least; NaN if a value is 0."""
    kept = max(3, (len(layers) + 1) // 2)
    with np.errstate(divide="ignore"):
        below = np.log(values[-kept:])
    return float(np.polyfit(np.log(layers[-kept:]), below, 1)[0]) if np.isfinite(below).all() else float("nan")


def _largest(difference: Array) -> float:
    return float(np.linalg.norm(difference, axis=-1).max())
