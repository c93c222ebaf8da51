r"""Where to stop an asymptotic series: the order before its smallest term.

.. math::  \tilde f_h = \sum_{j\ge 1} h^{j-1} f_j

diverges in general; at a point and a step size its terms fall until the order

.. math:: N \approx h_*/h

and grow from there. Dropping the smallest term leaves an error of its size, which is exponentially small in 1/h.

Reference: Hairer, Lubich, Wanner, *Geometric Numerical Integration* (2006), IX.7.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..flows.checks import check_field
from ..flows.flow import check_step
from ..flows.left_out import modified_terms
from ..losses.field import Field
from ..methods.method import Method, linear_method
from ..series.time_polynomials import check_order
from .eigenpairs import real_point

Array: TypeAlias = NDArray[Any]
_ROUNDING = 1e-14  # of the field; terms below it are rounding


@final
@dataclass(frozen=True, eq=False)
class TruncationOrder:
    """The optimal truncation order at a point, and the terms that it rests on.

    Attributes
    ----------
    order
        p: the terms up to h^(p−1) are worth keeping.
    sizes
        ‖h^(j−1) f_j‖, j = 1 … largest + 1, shape (largest + 1,), in the units of f̃: state per unit time.
    grows
        Whether the smallest term is followed by a larger one; if not, p is the largest order that was looked at, or what is left is
        rounding.

    See Also
    --------
    modeq.optimal_truncation_order : Makes it, with an example.
    """

    order: int
    sizes: Array
    grows: bool

    @property
    def error(self) -> float:
        """Size of the first term left out, relative to the first of all: an estimate of the relative error of the field."""
        return float(self.sizes[self.order] / self.sizes[0]) if self.sizes[0] else 0.0


def optimal_truncation_order(method: Method, field: Field, theta: ArrayLike, h: float, *, largest: int = 10) -> TruncationOrder:
    """Find the order at which the modified equation of a method is most accurate at a point.

    Parameters
    ----------
    method
        Any method with numeric parameters.
    field
        A loss or vector field.
    theta
        One real point, shape (d,).
    h
        Step size > 0.
    largest
        Largest order to look at; the price grows like its third power.

    Returns
    -------
    TruncationOrder

    Raises
    ------
    TypeError, ValueError
        If the arguments do not fit together.

    References
    ----------
    Hairer, Lubich, Wanner, *Geometric Numerical Integration* (2006), IX.7.

    Examples
    --------
    >>> import modeq as mq
    >>> E, gd = mq.losses.quadratic([[1]]), mq.GradientDescent()  # terms (hλ)^(j−1)/j: a series of radius 1
    >>> [optimal_truncation_order(gd, E, [1.0], h).order for h in (0.5, 1.3)]
    [10, 3]
    """
    linear = linear_method(method, "measuring the terms of a series")
    check_field(field, method.fields, method.name)
    method.require_numbers("measuring the terms of a series")
    step, point = check_step(h), real_point(field, theta)
    check_order(largest)
    with np.errstate(all="ignore"):
        terms = modified_terms(field, linear, largest + 1, point[np.newaxis])[:, 0]
        sizes = np.linalg.norm(terms, axis=1) * step ** np.arange(largest + 1)
    if not np.isfinite(sizes).all():
        raise ValueError(f"the terms of the series on {field.name} are not finite at theta: {sizes}; take a smaller h, or another point")
    counted = np.flatnonzero(sizes > _ROUNDING * sizes[0])  # symmetric methods have no even orders, and nothing is left at rounding
    if not len(counted):
        return TruncationOrder(1, sizes, False)
    last = int(counted[-1])
    if last < largest - 1:  # two orders of rounding: nothing is left to add
        return TruncationOrder(last + 1, sizes, False)
    candidates = counted[counted > 0]
    smallest = int(candidates[np.argmin(sizes[candidates])]) if len(candidates) else largest
    return TruncationOrder(smallest, sizes, smallest < last)
