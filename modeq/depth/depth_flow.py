r"""The neural ODE of a residual network and its modified equations in depth.

One layer is one step of size h = 1/N of a Runge–Kutta method on ẋ = φ(x, θ(s)), ṡ = 1. Its modified equation follows from Taylor
arithmetic along the smooth solution, as on any field (`flows.stage_points`), with s for one more coordinate. For Euler's method

.. math::

   \dot x = f - \frac h2 (f_s + f_x f)
            + h^2 \Bigl( \tfrac1{12}(f_{ss} + 2 f_{sx} f + f_{xx}(f, f)) + \tfrac13 f_x (f_s + f_x f) \Bigr) + …

with f(x, s) = φ(x, θ(s)); how it goes on between layers, and with it f_s, is the choice of the interpolant.

References: E. Hairer, C. Lubich, G. Wanner, *Geometric Numerical Integration* (2006), IX.1; W. E, Commun. Math. Stat. 5 (2017) 1–11,
doi:10.1007/s40304-017-0103-z.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import final

import numpy as np
from numpy.typing import ArrayLike

from ..flows.stage_points import stage_points
from ..flows.stage_series import Path, stage_coefficients, time_speeds
from .block import Array
from .network import ResidualNetwork
from .schemes import EULER, Scheme, named_scheme


@final
@dataclass(frozen=True, eq=False)
class DepthFlow:
    """The equation of order p in depth that the layers of a network follow.

    Attributes
    ----------
    network
        Its block, weights and interpolant.
    order
        p ≥ 1: 1 is the neural ODE, 2 its first correction; the distance to the layers is O(1/N^p) for smooth weights.
    method
        The method that makes the layers: "euler", "heun", "midpoint", or an explicit Runge–Kutta `Method`.

    Raises
    ------
    ValueError
        If the order is no integer ≥ 1, or the method no explicit Runge–Kutta method.

    References
    ----------
    W. E, *A proposal on machine learning via dynamical systems*, Commun. Math. Stat. 5 (2017) 1–11, doi:10.1007/s40304-017-0103-z.

    Examples
    --------
    >>> from modeq.depth import Block, ResidualNetwork
    >>> block = Block(lambda x, p: 0 * x + p["b"], {"b": ()}, width=1)  # φ = s: the layers add k/N², the ODE is ẋ = s
    >>> network = ResidualNetwork.from_function(block, lambda s: s, 10)
    >>> network.forward([0.0])[-1], DepthFlow(network).integrate([0.0])[-1], DepthFlow(network, 2).integrate([0.0])[-1].round(12)
    (array([0.45]), array([0.5]), array([0.45]))
    """

    network: ResidualNetwork
    order: int = 1
    method: object = EULER

    def __post_init__(self) -> None:
        if isinstance(self.order, bool) or not isinstance(self.order, int) or self.order < 1:
            raise ValueError(f"order must be an integer ≥ 1, 1 being the neural ODE, got {self.order!r}")
        _ = self.scheme

    @cached_property
    def scheme(self) -> Scheme:
        """The method with its tableau."""
        return named_scheme(self.method)

    @property
    def title(self) -> str:
        """What legends call it."""
        return "neural ODE" if self.order == 1 else f"order {self.order} in depth"

    def coefficients(self, x: Array, s: float, piece: int | None = None, *, count: int | None = None) -> Array:
        """Return the coefficients of h^j in the field at samples x of shape (n, d), shape (order, n, d).

        At a place where the weights are not smooth they are those of the given piece of the interpolant, by default the later one.
        """
        theta, order = self.network.theta, count or self.order
        chosen = theta.piece(s) if piece is None else piece
        if order == 1:
            value = self.network.block.values(x, theta(s, chosen))
            return np.array(value)[np.newaxis]
        points = stage_points(self.scheme.method, order)
        weights = theta.coefficients(s, order, chosen)

        def path(speed: float) -> Path:
            extend = self.network.block.series(len(x))

            def next_coefficient(state: Array | None, degree: int) -> Array | None:
                return extend(state, {name: _composed(value, speed, degree) for name, value in weights[degree].items()})

            return next_coefficient

        return stage_coefficients(points, x, [path(float(speed)) for speed in time_speeds(points)])

    def right(self, s: float, x: Array, piece: int | None = None) -> Array:
        """Return dx/ds at samples x of shape (n, d), for the network's own h = 1/N."""
        powers = self.network.step ** np.arange(self.order)
        return np.asarray(np.tensordot(powers, self.coefficients(x, s, piece), 1))

    def integrate(self, x: ArrayLike, *, rtol: float = 1e-11, atol: float = 1e-13) -> Array:
        """Follow samples from s = 0 to 1, from one place where the weights are not smooth to the next.

        Returns
        -------
        Array
            x(k/N) for k = 0 … N, shape (N + 1, n, d) or (N + 1, d).
        """
        rows = self.network.block.checked(x)
        path = along(self.network, self.right, rows, rtol=rtol, atol=atol)
        return path.reshape(len(path), *np.shape(x))


def along(network: ResidualNetwork, right: Callable[[float, Array, int], Array], start: Array, *, rtol: float, atol: float) -> Array:
    """Integrate ẏ = right(s, y, piece) from 0 to 1 by DOP853, afresh on each piece of the weights; return y(k/N), shape (N + 1, …)."""
    from scipy.integrate import DOP853  # deferred: slow to import

    layers, shape = network.layers, start.shape
    path = np.empty((layers + 1, *shape))
    path[0], state, done = start, start.ravel(), 1
    breaks = network.theta.breaks
    for piece in range(len(breaks) - 1):
        begin, end = float(breaks[piece]), min(float(breaks[piece + 1]), 1.0)
        if end <= begin:
            continue

        def field(s: float, y: Array, piece: int = piece) -> Array:
            return right(s, y.reshape(shape), piece).ravel()

        solver = DOP853(field, begin, state, end, rtol=rtol, atol=atol, first_step=min(end - begin, 1 / 16))
        while solver.status == "running":
            if solver.step() is not None or not np.isfinite(solver.y).all():
                path[done:] = np.nan  # left every bound: nothing beyond is known
                return path
            inside = None
            while done <= layers and done / layers <= solver.t + 1e-14:
                if done / layers >= solver.t - 1e-14:
                    path[done] = solver.y.reshape(shape)
                else:
                    inside = inside or solver.dense_output()
                    path[done] = inside(done / layers).reshape(shape)
                done += 1
        state = solver.y
    return path


def _composed(coefficient: Array | None, speed: float, degree: int) -> Array | None:
    """Return the coefficient of h^degree of θ(s + speed·h) from that of θ(s + h)."""
    return coefficient if coefficient is None or degree == 0 else coefficient * speed**degree
