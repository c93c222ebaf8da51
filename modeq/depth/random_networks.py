r"""How a deep network at its start depends on the factor of its layers: x_{k+1} = x_k + L^{−β} V_k σ(W_k x_k).

Independent weights make a random walk in depth: its critical exponent is β = ½, where the limit is a stochastic differential equation;
for larger β the network does nothing, for smaller ones it explodes. Weights that are smooth in depth add up: their critical exponent is
β = 1, where the limit is an ordinary differential equation. Increments of fractional Brownian motion of Hurst index H lie between, β = H.

Closed forms, for entries of V and W of variance 1/d and independent V_k: with relu, E‖σ(Wx)‖² = ½‖x‖² and

.. math::  \frac{E\|x_L - x_0\|^2}{\|x_0\|^2} = \bigl(1 + \tfrac12 L^{-2β}\bigr)^L - 1,

with the identity 1 in the place of ½. For V_k with correlation and one W for all layers, to leading order in the amplitude a of V, it is
(½ or 1)·a² L^{−2β} times the sum of all covariances of V_j and V_k: L^{2H} for fractional Brownian motion.

Reference: P. Marion, A. Fermanian, G. Biau, J.-P. Vert, *Scaling ResNets in the large-depth regime* (2022), arXiv 2206.06929.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import final

import numpy as np
from numpy.typing import ArrayLike

from .block import Array


@final
@dataclass(frozen=True)
class RandomWeights:
    """A kind of random weights.

    Attributes
    ----------
    draw
        Function of a generator, L, d and H that returns V, shape (L, d, d), with entries of variance 1/d.
    covariances
        Function of L and H: d·Σ_jk of the covariances of one entry of V_j and V_k; None for independent layers, with a W each.
    index
        The critical exponent; None if it is H.
    """

    draw: Callable[[np.random.Generator, int, int, float], Array]
    covariances: Callable[[int, float], float] | None
    index: float | None


@final
@dataclass(frozen=True, eq=False)
class Scaling:
    """Sizes of what a network does to its input, over independent draws of its weights.

    Attributes
    ----------
    layers
        Numbers L of layers, shape (m,).
    ratios
        ‖x_L − x_0‖²/‖x_0‖², shape (m, draws).
    closed
        Its expectation, shape (m,), where there is a closed form; to leading order in the amplitude for weights with correlation.
    beta, hurst
        Exponent of the factor L^(−β); index H of the weights, at which β is critical: ½ for independent ones, 1 for smooth ones.

    See Also
    --------
    modeq.depth.scaling : Makes it, with an example.
    """

    layers: Array
    ratios: Array
    closed: Array
    beta: float
    hurst: float

    @property
    def mean(self) -> Array:
        """Mean over the draws, shape (m,)."""
        return np.asarray(self.ratios.mean(axis=1))

    @property
    def half_width(self) -> Array:
        """Half the width of the 95 % confidence interval of the mean, shape (m,): 1.96 standard errors."""
        return np.asarray(1.96 * self.ratios.std(axis=1, ddof=1) / np.sqrt(self.ratios.shape[1]))

    @property
    def regime(self) -> str:
        """What happens as L grows."""
        if abs(self.beta - self.hurst) < 1e-9:
            limits = {0.5: "a stochastic differential equation", 1.0: "an ordinary differential equation"}
            return f"critical: {limits.get(self.hurst, 'a limit between ordinary and stochastic differential equations')}"
        return "identity: the layers do nothing" if self.beta > self.hurst else "explosion"

    def table(self) -> str:
        """Return mean, confidence interval and closed form as text."""
        lines = [f"β = {self.beta:g}, H = {self.hurst:g}: {self.regime}", "     L        mean    ± 95 %      closed"]
        rows = zip(self.layers, self.mean, self.half_width, self.closed, strict=True)
        return "\n".join([*lines, *(f"{int(L):6d}  {mean:10.4g}  {half:8.2g}  {closed:10.4g}" for L, mean, half, closed in rows)])


def scaling(
    layers: tuple[int, ...] = (16, 64, 256),
    *,
    beta: float,
    weights: str = "independent",
    activation: str = "relu",
    width: int = 32,
    draws: int = 100,
    amplitude: float = 1.0,
    hurst: float = 0.75,
    inputs: ArrayLike | None = None,
    seed: int = 0,
) -> Scaling:
    """Measure what networks of growing depth do to their input at random weights.

    Parameters
    ----------
    layers
        Numbers L.
    beta
        Exponent β of the factor L^(−β).
    weights
        "independent"; "correlated", increments of fractional Brownian motion; "smooth", a random function of depth.
    activation
        "relu" or "identity".
    width
        d.
    draws
        Number of networks for each L, at least two.
    amplitude
        Factor of V.
    hurst
        H of "correlated" weights, between ½ and 1.
    inputs
        Samples, shape (n, d), of which each network gets one; their width is d then. By default normal numbers.
    seed
        Of the random numbers.

    Returns
    -------
    Scaling

    Raises
    ------
    ValueError
        If a name is unknown, or a number is out of its range.

    References
    ----------
    P. Marion, A. Fermanian, G. Biau, J.-P. Vert, *Scaling ResNets in the large-depth regime* (2022), arXiv 2206.06929.

    Examples
    --------
    >>> found = scaling((16, 64), beta=0.5, width=16, draws=50)
    >>> found.closed.round(4), found.regime
    (array([0.6362, 0.6455]), 'critical: a stochastic differential equation')
    >>> bool((abs(found.mean - found.closed) < 2 * found.half_width).all())
    True
    """
    samples = None if inputs is None else np.asarray(inputs, dtype=float)
    if samples is not None:
        if samples.ndim != 2 or not (np.isfinite(samples).all() and samples.any(axis=1).all()):
            raise ValueError(f"inputs are finite samples other than 0, shape (n, d), got shape {samples.shape}")
        width = samples.shape[1]
    _check(layers, weights, activation, width, draws, hurst)
    kind = WEIGHTS[weights]
    index = hurst if kind.index is None else kind.index
    share = 0.5 if activation == "relu" else 1.0
    ratios, closed = np.empty((len(layers), draws)), np.empty(len(layers))
    for i, L in enumerate(layers):
        generator = np.random.default_rng([seed, L])
        factor = amplitude * float(L) ** -beta
        for draw in range(draws):
            start = generator.standard_normal(width) if samples is None else samples[generator.integers(len(samples))]
            ratios[i, draw] = _ratio(generator, start, L, factor, kind, activation, hurst)
        closed[i] = (1 + share * factor**2) ** L - 1 if kind.covariances is None else share * factor**2 * kind.covariances(L, hurst)
    return Scaling(np.array(layers, dtype=float), ratios, closed, beta, index)


def _ratio(
    generator: np.random.Generator, start: Array, L: int, factor: float, kind: RandomWeights, activation: str, hurst: float
) -> float:
    """Run one network on one input; draw by draw, so that memory does not grow with their number."""
    d = len(start)
    V = kind.draw(generator, L, d, hurst)
    W = generator.standard_normal((L if kind.covariances is None else 1, d, d)) / np.sqrt(d)
    x = start
    for k in range(L):
        inner = W[k % len(W)] @ x
        x = x + factor * (V[k] @ (np.maximum(inner, 0.0) if activation == "relu" else inner))
    return float(np.sum((x - start) ** 2) / np.sum(start**2))


def _independent(generator: np.random.Generator, L: int, d: int, hurst: float) -> Array:
    return generator.standard_normal((L, d, d)) / np.sqrt(d)


def _correlated(generator: np.random.Generator, L: int, d: int, hurst: float) -> Array:
    """Increments of fractional Brownian motion, exactly, from the Cholesky factor of their covariance."""
    lag = np.abs(np.subtract.outer(np.arange(L), np.arange(L))).astype(float)
    covariance = (np.abs(lag + 1) ** (2 * hurst) + np.abs(lag - 1) ** (2 * hurst) - 2 * lag ** (2 * hurst)) / 2
    return np.asarray(np.tensordot(np.linalg.cholesky(covariance), _independent(generator, L, d, hurst), 1))


def _smooth(generator: np.random.Generator, L: int, d: int, hurst: float) -> Array:
    """Turn from one matrix to another, a cos πs/2 + b sin πs/2 with independent matrices a and b: variance 1/d at each depth."""
    a, b = _independent(generator, 2, d, hurst)
    angle = 0.5 * np.pi * (np.arange(L) + 0.5)[:, np.newaxis, np.newaxis] / L
    return np.asarray(a * np.cos(angle) + b * np.sin(angle))


def _smooth_covariances(L: int, hurst: float) -> float:
    return float(abs(np.sum(np.exp(0.5j * np.pi * (np.arange(L) + 0.5) / L))) ** 2)


WEIGHTS: Mapping[str, RandomWeights] = MappingProxyType(
    {
        "independent": RandomWeights(_independent, None, 0.5),
        "correlated": RandomWeights(_correlated, lambda L, hurst: float(L) ** (2 * hurst), None),
        "smooth": RandomWeights(_smooth, _smooth_covariances, 1.0),
    }
)
"""The kinds of random weights by name."""


def _check(layers: tuple[int, ...], weights: str, activation: str, width: int, draws: int, hurst: float) -> None:
    if not layers or any(isinstance(L, bool) or not isinstance(L, (int, np.integer)) or L < 1 for L in layers):
        raise ValueError(f"layers are integers ≥ 1, got {layers!r}")
    if weights not in WEIGHTS:
        raise ValueError(f"unknown weights {weights!r}; known: {', '.join(WEIGHTS)}")
    if activation not in ("relu", "identity"):
        raise ValueError(f"closed forms are known for 'relu' and 'identity', got {activation!r}")
    if width < 1 or draws < 2:
        raise ValueError(f"the width is at least 1 and there are at least two draws, got {width!r} and {draws!r}")
    if not 0.5 <= hurst < 1:
        raise ValueError(f"hurst lies between 1/2 and 1, got {hurst!r}")
