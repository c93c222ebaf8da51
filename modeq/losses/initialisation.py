"""Where to start: random weights of the usual sizes, as points θ of shape (d,).

A matrix has shape (inputs, outputs), the convention of `modeq.losses.networks`: x W. Vectors and scalars are biases and start at 0.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .loss import Loss

Array = NDArray[np.float64]


def xavier(loss: Loss, seed: int = 0) -> Array:
    """Return weights uniform in ±√(6/(inputs + outputs)), which keeps the size of signals and of gradients from layer to layer.

    Parameters
    ----------
    loss
        A loss with matrices among its parameters.
    seed
        Of the random numbers; the same seed gives the same point.

    Returns
    -------
    Array
        θ, shape (d,).

    Raises
    ------
    ValueError
        If the loss has no matrices, or arrays that are more than matrices.

    References
    ----------
    X. Glorot, Y. Bengio, *Understanding the difficulty of training deep feedforward neural networks*, AISTATS 2010,
    PMLR 9:249–256: equation 16.

    Examples
    --------
    >>> from modeq.losses import deep_linear
    >>> E = deep_linear((2, 3, 2))
    >>> xavier(E).shape, bool(abs(xavier(E)).max() < np.sqrt(6 / 5))
    ((12,), True)
    """

    def draw(generator: np.random.Generator, shape: tuple[int, ...]) -> Array:
        limit = np.sqrt(6 / sum(shape))
        return generator.uniform(-limit, limit, size=shape)

    return _independent(loss, seed, draw, "xavier")


def he(loss: Loss, seed: int = 0) -> Array:
    """Return normal weights with standard deviation √(2/inputs), which keeps the size of signals through relu layers.

    Parameters
    ----------
    loss
        A loss with matrices among its parameters.
    seed
        Of the random numbers; the same seed gives the same point.

    Returns
    -------
    Array
        θ, shape (d,).

    Raises
    ------
    ValueError
        If the loss has no matrices, or arrays that are more than matrices.

    References
    ----------
    K. He, X. Zhang, S. Ren, J. Sun, *Delving deep into rectifiers*, ICCV 2015, doi:10.1109/ICCV.2015.123, arXiv
    1502.01852: equation 10.

    Examples
    --------
    >>> from modeq.losses import mlp
    >>> E = mlp((2, 3, 1), "relu", "mean-squared", [[0.0, 1.0], [1.0, 0.0]], [1.0, -1.0])
    >>> E.unravel(he(E, seed=1))["b1"]
    array([0., 0., 0.])
    """
    return _independent(loss, seed, lambda generator, shape: np.sqrt(2 / shape[0]) * generator.standard_normal(shape), "he")


def balanced(loss: Loss, seed: int = 0, scale: float = 1.0) -> Array:
    """Return a chain of matrices W1, W2, …, W_L with W_{j+1} W_{j+1}ᵀ = W_jᵀ W_j, which the gradient flow conserves.

    The product is a random matrix A with independent normal entries of standard deviation scale/√inputs. From its
    singular value decomposition A = P Σ Qᵀ the factors are P Σ^{1/L}, Σ^{1/L}, …, Σ^{1/L} Qᵀ, padded by zeros. If a hidden
    layer is narrower than A has rank, the product is the best approximation of A of that rank.

    Parameters
    ----------
    loss
        A loss whose matrices are W1, W2, …, each with as many inputs as the one before has outputs.
    seed
        Of the random numbers; the same seed gives the same point.
    scale
        Size of the product; 0 gives the saddle at the origin.

    Returns
    -------
    Array
        θ, shape (d,); biases are 0.

    Raises
    ------
    ValueError
        If the matrices are no such chain, or the scale is no finite number at least 0.

    References
    ----------
    S. Arora, N. Cohen, N. Golowich, W. Hu, *A convergence analysis of gradient descent for deep linear neural networks*,
    ICLR 2019, arXiv 1810.02281: procedure 1, here with matrices on the right of row vectors.

    Examples
    --------
    >>> from modeq.losses import deep_linear
    >>> E = deep_linear((2, 3, 2))
    >>> W = E.unravel(balanced(E, seed=1))
    >>> np.allclose(W["W2"] @ W["W2"].T, W["W1"].T @ W["W1"])
    True
    """
    if not 0 <= scale < np.inf:
        raise ValueError(f"scale must be a finite number, at least 0, got {scale!r}")
    shapes = _matrices(loss, "balanced")
    names = [f"W{layer}" for layer in range(1, len(shapes) + 1)]
    chained = list(shapes) == names and all(first[1] == second[0] for first, second in pairwise(shapes.values()))
    if not chained:
        found = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        raise ValueError(
            "balanced needs a chain of matrices W1, W2, …, such as deep_linear has, each with as many inputs as the one before has "
            f"outputs; {loss.name} has {found}; use xavier or he"
        )
    widths = [shapes["W1"][0], *(shape[1] for shape in shapes.values())]
    product = scale / np.sqrt(widths[0]) * np.random.default_rng(seed).standard_normal((widths[0], widths[-1]))
    P, sizes, Qt = np.linalg.svd(product, full_matrices=False)
    rank = min(widths)
    root = sizes[:rank] ** (1 / len(names))
    values = {name: np.zeros(shape) for name, shape in loss.shapes.items()}
    for name in names:
        values[name][range(rank), range(rank)] = root
    # P and Qᵀ turn the first and the last factor; with a single matrix both turn the same one
    values["W1"] = P[:, :rank] @ values["W1"][:rank]
    values[names[-1]] = values[names[-1]][:, :rank] @ Qt[:rank]
    return loss.ravel(values)


def _independent(loss: Loss, seed: int, draw: Callable[[np.random.Generator, tuple[int, ...]], Array], name: str) -> Array:
    matrices = _matrices(loss, name)
    generator = np.random.default_rng(seed)
    values: dict[str, Any] = {name: draw(generator, shape) if name in matrices else np.zeros(shape) for name, shape in loss.shapes.items()}
    return loss.ravel(values)


def _matrices(loss: Loss, name: str) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the matrices in the order of θ, or raise."""
    shapes: dict[str, tuple[int, ...]] = {key: tuple(shape) for key, shape in loss.shapes.items()}
    larger = [f"{key} {shape}" for key, shape in shapes.items() if len(shape) > 2]
    if larger:
        raise ValueError(f"{name} knows matrices and vectors, but {loss.name} has {larger[0]}; choose the starting point yourself")
    matrices: dict[str, tuple[int, ...]] = {key: shape for key, shape in shapes.items() if len(shape) == 2}
    if not matrices:
        raise ValueError(f"{name} needs a loss with matrices among its parameters, such as mlp or deep_linear, {loss.name} has none")
    return matrices
