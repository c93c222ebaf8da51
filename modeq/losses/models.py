"""Models that are linear in their weights, or in each of two factors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike

from .loss import Loss
from .networks import decayed, finite_sum, penalty, started
from .objectives import objective as named_objective
from .samples import Array, as_decay, as_floats, as_inputs, as_numbers, as_size


def linear_regression(X: ArrayLike, y: ArrayLike, *, intercept: bool = True, weight_decay: float = 0.0) -> Loss:
    """Return 1/(2n) Σ_i ‖x_i W + b − y_i‖² + (weight_decay/2) Σ W²; the minimiser is exact if it is unique.

    Parameters
    ----------
    X
        Inputs, shape (n, k).
    y
        Targets, shape (n,) or (n, m).
    intercept
        Whether there is a b.
    weight_decay
        Factor of ½ Σ W²; b is free of it.

    Returns
    -------
    Loss
        Of W, shape (k, m), and b, shape (m,); `start` is `xavier` with seed 0.

    Raises
    ------
    TypeError, ValueError
        If a number of X or y is NaN or infinite, or shapes do not fit.

    References
    ----------
    A.-M. Legendre, *Nouvelles méthodes pour la détermination des orbites des comètes* (1805); with weight decay: A. E.
    Hoerl, R. W. Kennard, Technometrics 12 (1970) 55–67, doi:10.1080/00401706.1970.10488634.

    Examples
    --------
    >>> E = linear_regression([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0])
    >>> np.round(E.minima[0], 9)  # y = 2x + 1
    array([2., 1.])
    """
    inputs, chosen = as_inputs(X), named_objective("mean-squared")
    outputs = chosen.outputs(y)
    targets = chosen.targets(y, len(inputs), outputs)
    loss = _linear(inputs, targets, outputs, "mean-squared", "linear regression", intercept, weight_decay)
    return loss.described(minima=_least_squares(inputs, targets, intercept, weight_decay), reference="Legendre 1805")


def logistic_regression(X: ArrayLike, y: ArrayLike, *, intercept: bool = True, weight_decay: float = 0.0) -> Loss:
    """Return the mean cross-entropy of x W + b, with one output for two classes and C outputs for C classes.

    Without weight decay there is no minimiser if the classes can be separated, and none that is isolated for more than two.

    Parameters
    ----------
    X
        Inputs, shape (n, k).
    y
        Labels, shape (n,): 0 and 1, or −1 and 1, for two classes; else 0 … C − 1. Each class has a sample.
    intercept
        Whether there is a b.
    weight_decay
        Factor of ½ Σ W²; b is free of it.

    Returns
    -------
    Loss
        Of W, shape (k, 1) or (k, C), and b, shape (1,) or (C,); `start` is `xavier` with seed 0.

    Raises
    ------
    TypeError, ValueError
        If a number of X is NaN or infinite, shapes do not fit, or labels are no such numbers or all the same.

    References
    ----------
    D. R. Cox, *The regression analysis of binary sequences*, J. R. Stat. Soc. B 20 (1958) 215–242,
    doi:10.1111/j.2517-6161.1958.tb00292.x.

    Examples
    --------
    >>> X = [[-1.0, 0.0], [1.0, 0.5], [2.0, 0.0]]
    >>> logistic_regression(X, [0, 1, 1])
    <Loss: logistic regression 2-1, 3 samples, d = 3>
    >>> logistic_regression(X, [0, 1, 2]).shapes
    {'W': (2, 3), 'b': (3,)}
    """
    inputs, labels = as_inputs(X), as_numbers(y, "y")
    found = set(labels.ravel().tolist())
    if labels.ndim == 1 and len(found) == 1:
        raise ValueError(f"logistic_regression needs at least two classes, but every label is {labels[0]:g}")
    chosen = named_objective("logistic" if found <= {-1, 1} or found <= {0, 1} else "softmax")
    outputs = chosen.outputs(labels)
    loss = _linear(
        inputs, chosen.targets(labels, len(inputs), outputs), outputs, chosen.name, "logistic regression", intercept, weight_decay
    )
    return loss.described(reference="doi:10.1111/j.2517-6161.1958.tb00292.x")


def matrix_factorisation(M: ArrayLike, rank: SupportsIndex, *, mask: ArrayLike | None = None, weight_decay: float = 0.0) -> Loss:
    """Return ½ ‖mask∘(U Vᵀ − M)‖²/(number of observed entries) + (weight_decay/2)(Σ U² + Σ V²).

    Parameters
    ----------
    M
        Matrix, shape (p, q); where it is not observed its entries do not matter and may be NaN.
    rank
        Number of columns of U and V.
    mask
        True where M is observed, shape (p, q); by default everywhere.
    weight_decay
        Factor of ½ (Σ U² + Σ V²).

    Returns
    -------
    Loss
        Of U, shape (p, rank), and V, shape (q, rank); `start` is `xavier` with seed 0.

    Raises
    ------
    TypeError, ValueError
        If M is no matrix, an observed entry is NaN or infinite, the mask does not fit or hides everything, or the rank is no
        positive integer.

    References
    ----------
    Y. Koren, R. Bell, C. Volinsky, *Matrix factorization techniques for recommender systems*, Computer 42 (2009) 30–37,
    doi:10.1109/MC.2009.263.

    Examples
    --------
    >>> E = matrix_factorisation([[1.0, 2.0], [2.0, float("nan")]], 1, mask=[[True, True], [True, False]])
    >>> E(np.array([1.0, 2.0, 1.0, 2.0]))  # U = V = (1, 2)ᵀ
    0.0
    """
    matrix, size = as_floats(M, "M"), as_size(rank, "rank")
    if matrix.ndim != 2 or 0 in matrix.shape:
        raise ValueError(f"M must be a matrix, shape (p, q), got shape {matrix.shape}")
    observed = np.ones(matrix.shape) if mask is None else as_numbers(mask, "mask")
    if observed.shape != matrix.shape or not np.isin(observed, (0, 1)).all():
        raise ValueError(f"the mask must be True or False for each entry of M, shape {matrix.shape}, got shape {observed.shape}")
    if not observed.any():
        raise ValueError("the mask hides every entry of M; at least one must be observed")
    hidden = np.count_nonzero(~np.isfinite(matrix) & (observed > 0))
    if hidden:
        raise ValueError(f"M has NaN or infinity at {hidden} observed entries; hide them with mask=np.isfinite(M)")
    known = np.where(observed > 0, matrix, 0.0)
    decay, count = as_decay(weight_decay), np.count_nonzero(observed)

    def value(params: Mapping[str, Any], M: Any, mask: Any) -> Any:
        error = mask * (params["U"] @ params["V"].T - M)
        return (0.5 / count) * np.sum(np.square(error)) + penalty(params, ("U", "V"), decay)

    shapes = {"U": (matrix.shape[0], size), "V": (matrix.shape[1], size)}
    partly = f", {count} of {matrix.size} entries" if count < matrix.size else ""
    name = f"matrix factorisation {matrix.shape[0]}×{matrix.shape[1]}, rank {size}{partly}{decayed(decay)}"
    loss = started(Loss.from_numpy(value, shapes, {"M": known, "mask": observed}, name=name))
    return loss.described(reference="doi:10.1109/MC.2009.263")


def _linear(X: Array, targets: Array, outputs: int, objective: str, title: str, intercept: bool, weight_decay: float) -> Loss:
    shapes: dict[str, tuple[int, ...]] = {"W": (X.shape[1], outputs)} | ({"b": (outputs,)} if intercept else {})

    def forward(params: Mapping[str, Any], X: Any) -> Any:
        return X @ params["W"] + params["b"] if intercept else X @ params["W"]

    name = f"{title} {X.shape[1]}-{outputs}{', no intercept' * (not intercept)}"
    return finite_sum(forward, shapes, named_objective(objective), X, targets, weight_decay, name)


def _least_squares(X: Array, targets: Array, intercept: bool, weight_decay: float) -> tuple[tuple[float, ...], ...]:
    """Return the minimiser θ if it is unique: least squares with the rows √(n·weight_decay)·W = 0 added."""
    samples, inputs = X.shape
    decay = np.sqrt(samples * weight_decay) * np.eye(inputs)
    rows = np.hstack([np.vstack([X, decay]), np.vstack([np.ones((samples, 1)), np.zeros((inputs, 1))])[:, : int(intercept)]])
    solution, _, rank, _ = np.linalg.lstsq(rows, np.vstack([targets, np.zeros((inputs, targets.shape[1]))]))
    return (tuple(solution.ravel().tolist()),) if rank == rows.shape[1] else ()
