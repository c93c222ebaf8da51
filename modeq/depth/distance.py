r"""How far the layers of a residual network are from its neural ODE: measured, bounded, and to leading order.

With L a Lipschitz constant of φ(·, θ) and C a bound on ‖ẍ‖ = ‖φ_s + φ_x φ‖ along the ODE

.. math::  \|x_k - x(k/N)\| \le \frac{e^{L} - 1}{2NL}\,C,

which φ = s attains. With constants of each layer, L_k and C_k, the recursion e_{k+1} = (1 + L_k/N) e_k + C_k/(2N²) is sharper. To leading
order the distance of the equation of order p is e(s)/N^p, where e′ = φ_x e + (coefficient of h^p of the modified field), e(0) = 0.

Reference: M. E. Sander, P. Ablin, G. Peyré, NeurIPS 2022, arXiv 2205.14612, proposition 1; E. Hairer, S. P. Nørsett, G. Wanner, *Solving
Ordinary Differential Equations I* (1993), II.8, for the leading term.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import ArrayLike

from .block import Array
from .depth_flow import DepthFlow, along
from .network import ResidualNetwork
from .schemes import EULER

_PLACES = 64  # where L and C are looked at, at least, over the whole depth; and at both ends and in the middle of each layer


@final
@dataclass(frozen=True, eq=False)
class DepthDistance:
    """Distances of the layers from the neural ODE and their bounds; arrays have shape (N + 1, n) for n samples, entry k at s = k/N.

    Attributes
    ----------
    distances
        ‖x_k − x(k/N)‖.
    bounds
        By the recursion with the constants of each layer.
    uniform
        (e^L − 1)/(2NL)·C with the largest constants, shape (n,): it bounds all layers.
    lipschitz, curvature
        L and C, shape (n,): the largest ‖φ_x‖₂ between the layers and the ODE, and the largest ‖ẍ‖ on the ODE, as found at several places
        of each layer, with an allowance for what lies between these.

    See Also
    --------
    modeq.depth.distance_to_ode : Makes it, with an example.
    """

    distances: Array
    bounds: Array
    uniform: Array
    lipschitz: Array
    curvature: Array


def distance_to_ode(network: ResidualNetwork, x: ArrayLike) -> DepthDistance:
    r"""Measure and bound the distance of the layers of a network from its neural ODE.

    Parameters
    ----------
    network
        A residual network with its interpolant.
    x
        Inputs, shape (n, d) or (d,).

    Returns
    -------
    DepthDistance
        The constants are measured along the run, so the bounds hold as far as the samples inside each layer show the largest values.

    References
    ----------
    M. E. Sander, P. Ablin, G. Peyré, NeurIPS 2022, arXiv 2205.14612, proposition 1.

    Examples
    --------
    >>> from modeq.depth import Block, ResidualNetwork
    >>> network = ResidualNetwork.from_function(Block(lambda x, p: 0 * x + p["b"], {"b": ()}, width=1), lambda s: s, 10)
    >>> found = distance_to_ode(network, [0.0])  # φ = s, where the bound is attained: 1/(2N)
    >>> found.distances[-1].round(12), found.uniform.round(12)
    (array([0.05]), array([0.05]))
    """
    block, theta, N = network.block, network.theta, network.layers
    rows = block.checked(x)
    layers = network.forward(rows)
    flow = DepthFlow(network)
    path = flow.integrate(rows)
    samples = len(rows)
    L, C = np.empty((N, samples)), np.empty((N, samples))
    inside = np.linspace(0.0, 1.0, max(3, 1 + -(-_PLACES // N)))
    for k in range(N):
        own, piece = network.layer(k), theta.piece((k + 0.5) / N)
        tangent = network.step * block.values(path[k], own)
        bend = path[k + 1] - path[k] - tangent
        slopes, turns = [], []
        for part in inside:
            slopes.append(np.linalg.norm(block.jacobian(layers[k] + part * (path[k] - layers[k]), own), 2, axis=(1, 2)))
            turns.append(_acceleration(network, path[k] + part * tangent + part**2 * bend, (k + part) / N, piece))
        L[k], C[k] = _supremum(slopes), _supremum(turns)
    bounds = np.zeros((N + 1, samples))
    for k in range(N):
        bounds[k + 1] = (1 + L[k] / N) * bounds[k] + C[k] / (2 * N**2)
    largest, turned = L.max(axis=0), C.max(axis=0)
    growth = np.where(largest > 0, np.expm1(largest) / np.where(largest > 0, largest, 1.0), 1.0)
    return DepthDistance(np.linalg.norm(layers - path, axis=2), bounds, growth * turned / (2 * N), largest, turned)


def _acceleration(network: ResidualNetwork, x: Array, s: float, piece: int) -> Array:
    """Return ‖φ_s + φ_x φ‖ at samples x, shape (n,)."""
    first, second = network.theta.coefficients(s, 2, piece)
    extend = network.block.series(len(x))
    turn = extend(extend(x, first), second)
    return np.zeros(len(x)) if turn is None else np.asarray(np.linalg.norm(turn, axis=1))


def _supremum(values: list[Array]) -> Array:
    """Return the largest of values at neighbouring places, and a quarter of the largest change: twice what a parabola may hide."""
    found = np.array(values)
    return np.asarray(found.max(axis=0) + np.abs(np.diff(found, axis=0)).max(axis=0) / 4)


def leading_error(network: ResidualNetwork, x: ArrayLike, order: int = 1, method: Any = EULER) -> Array:
    r"""Solve the variational equation of the distance of the equation of an order: x_k − x(k/N) = e(k/N)/N^p + O(1/N^{p+1}).

    Parameters
    ----------
    network
        A residual network; of its layers only the interpolant of their weights enters.
    x
        Inputs, shape (n, d) or (d,).
    order
        p ≥ 1 of the equation that the layers are compared with.
    method
        The method that makes the layers.

    Returns
    -------
    Array
        e(k/N), shape (N + 1, n, d) or (N + 1, d). For methods of a higher order than p it is 0.

    References
    ----------
    E. Hairer, S. P. Nørsett, G. Wanner, *Solving Ordinary Differential Equations I* (1993), II.8.

    Examples
    --------
    >>> from modeq.depth import Block, ResidualNetwork
    >>> network = ResidualNetwork.from_function(Block(lambda x, p: x * p["a"], {"a": ()}, width=1), lambda s: 1 + 0 * s, 10)
    >>> leading_error(network, [1.0])[-1].round(6)  # (1 + 1/N)^N − e = −e/(2N) + …
    array([-1.359141])
    """
    rows = network.block.checked(x)
    flow = DepthFlow(network, order + 1, method)

    def right(s: float, both: Array, piece: int) -> Array:
        point, error = both
        terms = flow.coefficients(point, s, piece)
        return np.stack([terms[0], network.block.push(point, network.theta(s, piece), error) + terms[order]])

    both = along(network, right, np.stack([rows, np.zeros(rows.shape)]), rtol=1e-8, atol=1e-10)
    return both[:, 1].reshape(network.layers + 1, *np.shape(x))
