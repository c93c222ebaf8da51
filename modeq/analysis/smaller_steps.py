"""Gradient descent against itself with smaller steps: the distance of η from η/r over that of η from the flow tends to 1 − 1/r as η → 0.

Reference: O. Elkabetz, N. Cohen, NeurIPS 2021, arXiv 2107.06608, section 5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..integration.iterate import iterate
from ..integration.solve import integrate
from ..losses.loss import Loss
from ..methods.gradient_descent import GradientDescent
from ..series.equations import gradient_flow

Array: TypeAlias = NDArray[np.float64]


@final
@dataclass(frozen=True, eq=False)
class StepRatio:
    """Distances of gradient descent from runs with smaller steps, over its distance from the flow.

    Attributes
    ----------
    ratios
        r, shape (m,).
    measured
        Largest distance of steps η from steps η/r over the largest distance of steps η from the flow, shape (m,).
    expected
        1 − 1/r, shape (m,).

    See Also
    --------
    modeq.analysis.step_ratio : Makes it, with an example.
    """

    ratios: Array
    measured: Array
    expected: Array


def step_ratio(loss: Loss, theta0: ArrayLike, *, h: float, steps: int, ratios: Sequence[int] = (2, 4, 8)) -> StepRatio:
    """Compare gradient descent with itself at smaller steps: what the distance from η/r says of that from the flow.

    Parameters
    ----------
    loss
        Where.
    theta0
        Start, shape (d,).
    h, steps
        η and the number of steps.
    ratios
        Integers r ≥ 2.

    Returns
    -------
    StepRatio

    Raises
    ------
    ValueError
        If a ratio is no integer ≥ 2.

    References
    ----------
    O. Elkabetz, N. Cohen, NeurIPS 2021, arXiv 2107.06608, section 5.

    Examples
    --------
    >>> import modeq as mq
    >>> found = step_ratio(mq.losses.deep_chain(3), [0.3, 0.25, 0.2], h=0.02, steps=200)
    >>> found.measured.round(2), found.expected
    (array([0.5 , 0.75, 0.87]), array([0.5  , 0.75 , 0.875]))
    """
    if any(isinstance(r, bool) or not isinstance(r, (int, np.integer)) or r < 2 for r in ratios):
        raise ValueError(f"ratios are integers ≥ 2, got {ratios!r}")
    gd = GradientDescent()
    coarse = iterate(gd, loss, theta0, h=h, steps=steps).theta
    flow = integrate(gradient_flow().on(loss), theta0, h=h, steps=steps).theta
    away = np.linalg.norm(coarse - flow, axis=1).max()
    measured = [
        np.linalg.norm(coarse - iterate(gd, loss, theta0, h=h / r, steps=steps * r).theta[::r], axis=1).max() / away for r in ratios
    ]
    return StepRatio(np.array(ratios, dtype=float), np.array(measured), 1 - 1 / np.array(ratios, dtype=float))
