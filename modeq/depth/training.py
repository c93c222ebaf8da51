"""Training a residual network by gradient descent on all its layers, and how smooth its weights stay in depth.

The gradient of each layer's weights has a factor 1/N; the learning rate is multiplied by N, so that weights as a function of depth move
at a speed that does not depend on N: in the limit this is gradient descent on the function θ(s).

Reference: P. Marion, Y.-H. Wu, M. E. Sander, G. Biau, ICLR 2024, arXiv 2309.01213, equation 5.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, final

import numpy as np
from numpy.typing import ArrayLike

from .backpropagation import backpropagate
from .block import Array
from .network import ResidualNetwork
from .smoothness import weight_smoothness

Objective: TypeAlias = Callable[[Array], tuple[float, Array]]


@final
@dataclass(frozen=True, eq=False)
class DepthTraining:
    """A training run.

    Attributes
    ----------
    network
        With the weights at the end.
    losses
        Before each step and at the end, shape (steps + 1,).
    largest_differences
        max_k ‖θ_{k+1} − θ_k‖ at the same times, shape (steps + 1,).
    diverged
        Whether the run ended because a number was not finite; the network is the last finite one.

    See Also
    --------
    modeq.depth.train : Makes it, with an example.
    """

    network: ResidualNetwork
    losses: Array
    largest_differences: Array
    diverged: bool


def train(network: ResidualNetwork, x: ArrayLike, objective: Objective, *, rate: float, steps: int) -> DepthTraining:
    r"""Train all layers by gradient descent, :math:`θ_k ← θ_k − rate · N · ∂ℓ/∂θ_k`.

    Parameters
    ----------
    network
        Where training starts; N weights, layers of Euler's method.
    x
        Inputs, shape (n, d).
    objective
        Function of the outputs x_N, shape (n, d), that returns the loss and its derivative, the same shape: `squared_error`,
        `cross_entropy`, or your own.
    rate
        Learning rate > 0 of the weights as a function of depth.
    steps
        Number ≥ 0 of steps.

    Returns
    -------
    DepthTraining

    Raises
    ------
    ValueError
        If the rate is not positive, or steps no integer ≥ 0.

    References
    ----------
    P. Marion, Y.-H. Wu, M. E. Sander, G. Biau, ICLR 2024, arXiv 2309.01213, equation 5.

    Examples
    --------
    >>> from modeq.depth import Block, ResidualNetwork
    >>> network = ResidualNetwork(Block(lambda x, p: x * p["a"], {"a": ()}, width=1), {"a": np.zeros(8)})
    >>> run = train(network, [[1.0]], squared_error([[2.0]]), rate=0.1, steps=100)
    >>> run.network.forward([1.0])[-1].round(3), run.largest_differences[-1].round(12)
    (array([2.]), np.float64(0.0))
    """
    if not 0 < rate < np.inf:
        raise ValueError(f"rate must be a number > 0, got {rate!r}")
    if isinstance(steps, bool) or not isinstance(steps, int) or steps < 0:
        raise ValueError(f"steps must be an integer ≥ 0, got {steps!r}")
    with np.errstate(all="ignore"):  # what overflows ends the run
        return _descend(network, x, objective, rate, steps)


def _descend(network: ResidualNetwork, x: ArrayLike, objective: Objective, rate: float, steps: int) -> DepthTraining:
    losses: list[float] = []
    differences: list[float] = []
    current = network
    for n in range(steps + 1):
        path = current.forward(x)
        value, slope = objective(path[-1])
        if not (np.isfinite(value) and np.isfinite(slope).all()):
            return DepthTraining(current, np.array(losses), np.array(differences), True)
        losses.append(value)
        differences.append(weight_smoothness(current.weights).largest)
        if n < steps:
            found = backpropagate(current, path, slope).weights
            moved = {}
            for name, values in current.weights.items():
                moved[name] = values.copy()
                moved[name][: current.layers] -= rate * current.layers * found[name]
            if not all(np.isfinite(values).all() for values in moved.values()):
                return DepthTraining(current, np.array(losses), np.array(differences), True)
            current = current.with_weights(moved)
    return DepthTraining(current, np.array(losses), np.array(differences), False)


def squared_error(targets: ArrayLike, readout: ArrayLike | None = None) -> Objective:
    """Return the objective 1/(2n) Σ_i ‖x_i R − y_i‖².

    Parameters
    ----------
    targets
        y, shape (n, m).
    readout
        R, shape (d, m); by default the identity.

    Returns
    -------
    Callable
        Outputs, shape (n, d), to the value and its derivative.

    Examples
    --------
    >>> squared_error([[1.0]])(np.array([[3.0]]))
    (2.0, array([[2.]]))
    """
    wanted = np.asarray(targets, dtype=float)
    matrix = None if readout is None else np.asarray(readout, dtype=float)

    def objective(outputs: Array) -> tuple[float, Array]:
        error = (outputs if matrix is None else outputs @ matrix) - wanted
        slope = error / len(error)
        return 0.5 * float(np.sum(error * error)) / len(error), slope if matrix is None else slope @ matrix.T

    return objective


def cross_entropy(labels: ArrayLike, readout: ArrayLike) -> Objective:
    """Return the mean cross-entropy of the softmax of x R.

    Parameters
    ----------
    labels
        Integers 0 … C − 1, shape (n,).
    readout
        R, shape (d, C).

    Returns
    -------
    Callable
        Outputs, shape (n, d), to the value and its derivative.

    Examples
    --------
    >>> value, slope = cross_entropy([0], np.eye(2))(np.zeros((1, 2)))
    >>> round(value, 6), slope
    (0.693147, array([[-0.5,  0.5]]))
    """
    matrix, classes = np.asarray(readout, dtype=float), np.asarray(labels)
    rows = np.arange(len(classes))

    def objective(outputs: Array) -> tuple[float, Array]:
        scores = outputs @ matrix
        scores = scores - scores.max(axis=1, keepdims=True)
        weights = np.exp(scores)
        total = weights.sum(axis=1, keepdims=True)
        value = float(np.mean(np.log(total[:, 0]) - scores[rows, classes]))
        slope = weights / total
        slope[rows, classes] -= 1.0
        return value, slope @ matrix.T / len(classes)

    return objective
