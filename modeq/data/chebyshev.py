"""Regression of a Chebyshev polynomial."""

from __future__ import annotations

import math
import operator
from typing import SupportsIndex

import numpy as np
from numpy.polynomial import chebyshev as series

from .dataset import Dataset


def chebyshev(degree: SupportsIndex = 5, points: SupportsIndex = 20, *, noise: float = 0.0, seed: int = 0) -> Dataset:
    """Return the Chebyshev polynomial T_degree at equally spaced points of [−1, 1], a regression with one input.

    The task of the experiments on progressive sharpening; the inputs are not standardised.

    Parameters
    ----------
    degree
        Degree of the polynomial, at least 0; its values lie in [−1, 1].
    points
        Number n of samples, at least 2; both ends of the interval are among them.
    noise
        Standard deviation of the Gaussian noise added to the targets.
    seed
        Of the noise.

    Returns
    -------
    Dataset
        X of shape (n, 1), y of shape (n,).

    Raises
    ------
    TypeError, ValueError
        If `degree` or `points` are no such integers, or `noise` is negative, NaN or infinite.

    References
    ----------
    J. Cohen, S. Kaur, Y. Li, J. Z. Kolter, A. Talwalkar, *Gradient descent on neural networks typically occurs at the
    edge of stability*, ICLR 2021, arXiv 2103.00065: the toy regression tasks, of degrees 3, 4 and 5 with 20 points.

    Examples
    --------
    >>> data = chebyshev(2, points=5)
    >>> data.X[:, 0], data.y
    (array([-1. , -0.5,  0. ,  0.5,  1. ]), array([ 1. , -0.5, -1. , -0.5,  1. ]))
    """
    order = _at_least(degree, 0, "degree")
    count = _at_least(points, 2, "points")
    if isinstance(noise, bool) or not isinstance(noise, (int, float, np.integer, np.floating)):
        raise TypeError(f"noise is the standard deviation of the noise, a number, got {noise!r}")
    if not 0 <= noise < math.inf:
        raise ValueError(f"noise is a standard deviation, finite and at least 0, got {noise}")
    x = np.linspace(-1.0, 1.0, count)
    y = series.chebval(x, [0.0] * order + [1.0])
    if noise:
        y = y + noise * np.random.default_rng(seed).standard_normal(count)
    return Dataset(f"chebyshev-{order}", x[:, np.newaxis], y)


def _at_least(value: SupportsIndex, least: int, what: str) -> int:
    if isinstance(value, (bool, np.bool_)) or not hasattr(value, "__index__"):
        raise TypeError(f"{what} must be an integer, got {value!r}")
    if (number := operator.index(value)) < least:
        raise ValueError(f"{what} must be at least {least}, got {number}")
    return number
