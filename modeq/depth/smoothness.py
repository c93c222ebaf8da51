"""How smooth the weights of a network are in depth.

A residual network tends to a neural ODE as N → ∞ only if its weights tend to a function of depth: max_k ‖θ_{k+1} − θ_k‖ ≤ K/N. Training
keeps this if it holds at the start; independent weights never have it.

Reference: P. Marion, Y.-H. Wu, M. E. Sander, G. Biau, *Implicit regularization of deep residual networks towards neural ODEs*, ICLR 2024,
arXiv 2309.01213.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import numpy as np

from .block import Array


@final
@dataclass(frozen=True, eq=False)
class WeightSmoothness:
    """Differences of weights from layer to layer, all arrays of a layer together.

    Attributes
    ----------
    differences
        ‖θ_{k+1} − θ_k‖ (Frobenius), shape (N − 1,).
    sizes
        ‖θ_k‖, shape (N,).

    See Also
    --------
    modeq.depth.weight_smoothness : Makes it, with an example.
    """

    differences: Array
    sizes: Array

    @property
    def largest(self) -> float:
        """max_k ‖θ_{k+1} − θ_k‖: falls like 1/N for weights that are Lipschitz in depth."""
        return float(self.differences.max())

    @property
    def root_of_sum(self) -> float:
        """(Σ_k ‖θ_{k+1} − θ_k‖²)^½: falls like N^(−½) for the same weights."""
        return float(np.linalg.norm(self.differences))

    @property
    def lipschitz(self) -> float:
        """N · largest, the Lipschitz constant in depth of the weights joined by straight lines."""
        return len(self.sizes) * self.largest


def weight_smoothness(weights: Mapping[str, Array]) -> WeightSmoothness:
    """Measure how weights change from layer to layer.

    Parameters
    ----------
    weights
        By name, shape (N, …), as `ResidualNetwork.weights` has them.

    Returns
    -------
    WeightSmoothness

    Raises
    ------
    ValueError
        If there are fewer than two layers.

    References
    ----------
    P. Marion, Y.-H. Wu, M. E. Sander, G. Biau, ICLR 2024, arXiv 2309.01213.

    Examples
    --------
    >>> weight_smoothness({"W": np.linspace(0, 1, 11)}).largest.__round__(12)
    0.1
    """
    layers = {len(values) for values in weights.values()}
    if len(layers) != 1 or min(layers) < 2:
        raise ValueError(f"smoothness in depth compares neighbouring layers; give at least two of each array, got {sorted(layers)}")
    (count,) = layers
    rows = np.hstack([np.asarray(values, dtype=float).reshape(count, -1) for values in weights.values()])
    return WeightSmoothness(np.linalg.norm(np.diff(rows, axis=0), axis=1), np.linalg.norm(rows, axis=1))
