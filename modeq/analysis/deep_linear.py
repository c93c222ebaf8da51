r"""Deep linear networks: what the gradient flow conserves, and a lower bound on the curvature of E(W_1, …, W_n) = φ(W_1 ⋯ W_n).

W_j^T W_j − W_{j+1} W_{j+1}^T is constant along the gradient flow (matrices act on rows, x W_1 ⋯ W_n); where it is 0 the weights are
balanced. For convex φ

.. math::  λ_{\min} \ge -(n - 1)\,\|∇φ(W)\|_2\,\max_{|J| = n - 2} \prod_{j \in J} \|W_j\|_2 .

References: S. Arora, N. Cohen, E. Hazan, ICML 2018, arXiv 1802.06509, for the invariants; O. Elkabetz, N. Cohen, NeurIPS 2021, arXiv
2107.06608, lemma 5, for the curvature.
"""

from __future__ import annotations

from functools import reduce
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..losses.field import Field
from ..losses.loss import Loss

Array: TypeAlias = NDArray[np.float64]


def factors(loss: Field, theta: ArrayLike) -> list[Array]:
    """Return the matrices W_1, …, W_n of a point; coordinates are matrices with one entry.

    Parameters
    ----------
    loss
        A loss of matrices in a chain, such as `losses.deep_linear`, or of numbers, such as `losses.deep_chain`.
    theta
        Point, shape (d,).

    Returns
    -------
    list of Array
        Of shapes (k_0, k_1), (k_1, k_2), …

    Raises
    ------
    ValueError
        If the parameters are no chain of at least two matrices.

    Examples
    --------
    >>> import modeq as mq
    >>> factors(mq.losses.deep_chain(3), [1.0, 2.0, 3.0])[1]
    array([[2.]])
    """
    parts = [np.asarray(value, dtype=float) for value in loss.unravel(theta).values()]
    matrices = [part.reshape(1, 1) if part.ndim == 0 else part for part in parts]
    chained = all(matrix.ndim == 2 for matrix in matrices) and all(a.shape[1] == b.shape[0] for a, b in pairwise(matrices))
    if not chained or len(matrices) < 2:
        shapes = ", ".join(f"{name} {shape}" for name, shape in loss.shapes.items())
        raise ValueError(f"expected a chain of at least two matrices, such as deep_linear has, but {loss.name} has {shapes}")
    return matrices


def balance(loss: Field, theta: ArrayLike) -> list[Array]:
    """Return what the gradient flow of a deep linear network conserves, W_jᵀW_j − W_{j+1}W_{j+1}ᵀ for each j.

    Parameters
    ----------
    loss
        A deep linear network, or chain.
    theta
        Point, shape (d,).

    Returns
    -------
    list of Array
        Symmetric matrices of shapes (k_1, k_1), …, (k_{n−1}, k_{n−1}); all 0 at balanced weights. Gradient descent changes them by O(h²) in
        each step.

    References
    ----------
    S. Arora, N. Cohen, E. Hazan, ICML 2018, arXiv 1802.06509.

    Examples
    --------
    >>> import modeq as mq
    >>> balance(mq.losses.deep_chain(2), [3.0, 2.0])  # w₁² − w₂²
    [array([[5.]])]
    """
    matrices = factors(loss, theta)
    return [a.T @ a - b @ b.T for a, b in pairwise(matrices)]


def deep_linear_curvature(loss: Field, end_to_end: Loss, theta: ArrayLike) -> float:
    r"""Return a lower bound on the smallest eigenvalue of the Hessian of a deep linear network.

    Parameters
    ----------
    loss
        The network, a function of W_1, …, W_n.
    end_to_end
        φ, the same loss as a convex function of the product: `losses.deep_linear` with one matrix and the same data.
    theta
        Point, shape (d,).

    Returns
    -------
    float
        The bound, at most 0.

    References
    ----------
    O. Elkabetz, N. Cohen, NeurIPS 2021, arXiv 2107.06608, lemma 5.

    Examples
    --------
    >>> import modeq as mq
    >>> E, phi = mq.losses.deep_chain(3), mq.losses.deep_chain(1)
    >>> deep_linear_curvature(E, phi, [0.5, 0.5, 0.5]), E.spectrum([0.5, 0.5, 0.5])[-1].round(12)  # attained where balanced
    (-0.875, np.float64(-0.6875))
    """
    matrices = factors(loss, theta)
    product = reduce(np.matmul, matrices)
    slope = end_to_end.gradient(product.ravel()).reshape(product.shape)
    sizes = sorted((float(np.linalg.norm(matrix, 2)) for matrix in matrices), reverse=True)
    return float(-(len(matrices) - 1) * np.linalg.norm(slope, 2) * np.prod(sizes[: len(matrices) - 2]))
