"""Gradients through the layers of a network, from stored activations or from those recovered backwards without memory.

A network of N layers need not store its activations: from x_N the same method run backwards recovers them, approximately. For Euler's
method with the layer's own weights the defect e = x̃ − x obeys e′ = φ_x e + φ_x φ/N, e(1) = 0: an error of O(1/N), and of O(1/N²) in the
gradient of each layer's weights, which has a factor 1/N. For Heun's method the errors of two half steps cancel but for
(1/4N²)(φ_x′ − φ_x)(φ′ − φ) in each layer, with the weights of its two ends: O(1/N³) where weights are Lipschitz in depth, O(1/N) where
they are independent. M. E. Sander, P. Ablin, G. Peyré prove O(1/N²) for the first.

Reference: M. E. Sander, P. Ablin, G. Peyré, NeurIPS 2022, arXiv 2205.14612, sections 3 and 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import ArrayLike

from .block import Array
from .network import ResidualNetwork
from .schemes import EULER, named_scheme


def reconstruct(network: ResidualNetwork, output: ArrayLike, method: Any = EULER) -> Array:
    r"""Recover the activations of a network from its output by running its method backwards.

    Euler's method takes :math:`\tilde x_k = \tilde x_{k+1} - \frac1N φ(\tilde x_{k+1}, θ_k)`; methods with more stages take their
    step from s_{k+1} to s_k.

    Parameters
    ----------
    network
        The network that was run.
    output
        x_N, shape (n, d) or (d,).
    method
        The method that made its layers: "euler", "heun", "midpoint", or an explicit Runge–Kutta `Method`.

    Returns
    -------
    Array
        x̃_0 … x̃_N, shape (N + 1, n, d) or (N + 1, d).

    References
    ----------
    M. E. Sander, P. Ablin, G. Peyré, NeurIPS 2022, arXiv 2205.14612, sections 3 and 4.

    Examples
    --------
    >>> from modeq.depth import Block, ResidualNetwork
    >>> network = ResidualNetwork.from_function(Block(lambda x, p: x * p["a"], {"a": ()}, width=1), lambda s: 1 + s, 50)
    >>> for method in ("euler", "heun"):
    ...     path = network.forward([1.0], method)
    ...     print(method, round(float(abs(reconstruct(network, path[-1], method) - path).max()), 6))
    euler 0.055423
    heun 1.7e-05
    """
    scheme, rows = named_scheme(method), network.block.checked(output)
    path = np.empty((network.layers + 1, *rows.shape))
    path[-1] = rows
    for k in reversed(range(network.layers)):
        if len(scheme.nodes) == 1:
            weights = [network.layer(k)]
        else:
            piece = network.theta.piece((k + 0.5) / network.layers)
            weights = [network.layer(k) if c == 1 else network.theta((k + 1 - c) / network.layers, piece) for c in scheme.nodes]
        path[k] = scheme.advance(network.block, path[k + 1], weights, -network.step)
    return path.reshape(network.layers + 1, *np.shape(output))


@final
@dataclass(frozen=True, eq=False)
class DepthGradient:
    """The gradient of a function of the output of a network.

    Attributes
    ----------
    inputs
        With respect to x_0, shape (n, d) or (d,).
    weights
        With respect to the weights of each layer by name, shape (N, …); for methods that see the weights of the next layer too, such as
        Heun's, (N + 1, …).

    See Also
    --------
    modeq.depth.backpropagate : Makes it, with an example.
    """

    inputs: Array
    weights: dict[str, Array]


def backpropagate(network: ResidualNetwork, activations: ArrayLike, cotangent: ArrayLike, method: Any = EULER) -> DepthGradient:
    """Return the gradient of ⟨cotangent, x_N⟩ by reverse mode through the layers.

    Parameters
    ----------
    network
        The network that was run.
    activations
        x_0 … x_N, shape (N + 1, n, d) or (N + 1, d): those of `ResidualNetwork.forward`, or recovered ones of `reconstruct`.
    cotangent
        Derivative of the function with respect to x_N, shape (n, d) or (d,).
    method
        The method that made the layers; its stages must see weights at the ends of layers only, as those of "euler" and "heun" do.

    Returns
    -------
    DepthGradient

    Raises
    ------
    ValueError
        If the shapes do not fit, or the stages see weights between layers.

    References
    ----------
    D. E. Rumelhart, G. E. Hinton, R. J. Williams, Nature 323 (1986) 533–536, doi:10.1038/323533a0.

    Examples
    --------
    >>> from modeq.depth import Block, ResidualNetwork
    >>> network = ResidualNetwork(Block(lambda x, p: x * p["a"], {"a": ()}, width=1), {"a": [1.0, 2.0]})  # x₂ = (1 + ½)(1 + 1) x₀
    >>> found = backpropagate(network, network.forward([3.0]), [1.0])
    >>> found.inputs, found.weights["a"]
    (array([3.]), array([3.  , 2.25]))
    """
    scheme = named_scheme(method)
    path = np.asarray(activations, dtype=float)
    if len(path) != network.layers + 1:
        raise ValueError(f"a network with {network.layers} layers has {network.layers + 1} activations, got {len(path)}")
    if not set(scheme.nodes.tolist()) <= {0.0, 1.0}:
        raise ValueError(f"the stages of {scheme.method.name} see weights between layers, which belong to no layer; take 'euler' or 'heun'")
    rows = path.reshape(network.layers + 1, -1, network.block.width)
    adjoint = np.array(network.block.checked(cotangent))
    ends = network.layers + int(scheme.nodes.any())
    total = {name: np.zeros((ends, *shape)) for name, shape in network.block.shapes.items()}
    for k in reversed(range(network.layers)):
        adjoint, by_stage = scheme.pull(network.block, rows[k], network.stage_weights(k, scheme), network.step, adjoint)
        for c, parts in zip(scheme.nodes, by_stage, strict=True):
            for name, part in parts.items():
                total[name][k + int(c)] += part
    return DepthGradient(adjoint.reshape(path.shape[1:]), total)
