"""The weak order of a stochastic equation, measured: how fast expectations of gradient descent on random batches approach its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..flows.flow import check_step
from ..flows.stochastic import StochasticFlow, contrasts
from ..integration.ensembles import advanced, step_on_batches
from ..methods.gradient_descent import GradientDescent
from ..records.aligned import aligned
from .linear_moments import is_linear, moments_of_equation, moments_of_iterates

Array: TypeAlias = NDArray[Any]
Observable: TypeAlias = Callable[[Array], Array]


@final
@dataclass(frozen=True, eq=False, repr=False)
class WeakOrder:
    """Errors of expectations, |E φ(x_N) − E φ(X_T)|, for decreasing step sizes; every array has shape (k,).

    Attributes
    ----------
    h
        Step sizes.
    errors
        Largest over the components of φ.
    uncertainties
        Standard errors of the estimates; 0 where they are exact.

    See Also
    --------
    modeq.weak_order : Makes it, with an example.
    """

    h: Array
    errors: Array
    uncertainties: Array

    @property
    def order(self) -> float:
        """Slope of the errors on logarithmic axes, each weighted by its certainty."""
        weights = np.ones(len(self.h)) if not self.uncertainties.all() else self.errors / self.uncertainties
        return float(np.polyfit(np.log(self.h), np.log(self.errors), 1, w=weights)[0])

    @property
    def is_exact(self) -> bool:
        """Whether the errors were computed from moments, without chance."""
        return not self.uncertainties.any()

    def table(self) -> str:
        """Return the errors as aligned text."""
        rows = [("h", "error", "±")]
        rows += [(f"{h:g}", f"{e:.3e}", f"{u:.1e}" if u else "0") for h, e, u in zip(self.h, self.errors, self.uncertainties, strict=True)]
        return "\n".join([*aligned(rows), f"weak order {self.order:.2f}"])

    def __str__(self) -> str:
        return self.table()

    def __repr__(self) -> str:
        return f"<WeakOrder: {self.order:.2f}>"


def weak_order(
    flow: StochasticFlow,
    theta0: ArrayLike,
    *,
    time: float,
    steps: Iterable[int] = (8, 16, 32, 64),
    observable: Observable | None = None,
    paths: int = 100_000,
    seed: int | None = None,
    substeps: int = 1,
) -> WeakOrder:
    """Measure how expectations of gradient descent on random batches approach those of a stochastic equation.

    On fields with linear parts the moments are computed exactly. On others both are sampled with common random numbers: the batch of a
    step is the one that the increment of the Wiener processes points to, so that most of the chance cancels in the difference.

    Parameters
    ----------
    flow
        A stochastic equation on a field with one part for each batch.
    theta0
        Where all start, shape (d,).
    time
        T = n·h, the same for all step sizes.
    steps
        Numbers n of steps; h = T/n.
    observable
        φ of points, shape (n, d), as shape (n,) or (n, q); all coordinates and their products when left out.
    paths, seed, substeps
        Of the samples, see `modeq.sample`; paths are drawn by the scheme of weak order 2.

    Returns
    -------
    WeakOrder

    Raises
    ------
    TypeError, ValueError
        If the arguments do not fit together.

    References
    ----------
    Q. Li, C. Tai, W. E, J. Mach. Learn. Res. 20 (2019), arXiv 1811.01558, theorems 9 and 10.

    Examples
    --------
    >>> import modeq as mq
    >>> batches = mq.VectorField.from_losses([mq.Loss.from_sympy(f"{c}*(x - {a})**2/2", ["x"]) for c, a in ((1, -1), (2, 1))])
    >>> for order in (1, 2):
    ...     print(f"{weak_order(mq.stochastic_equation(order).on(batches), [2.0], time=1.0).order:.1f}")
    1.0
    2.0
    """
    if not isinstance(flow, StochasticFlow):
        raise TypeError(f"expected stochastic_equation(…).on(field), got {type(flow).__name__}")
    if flow.field.fields < 2:
        raise ValueError(f"{flow.field.name} has one part; batches are needed to run gradient descent on")
    point = flow.field.check_point(theta0, what="theta0").astype(float)
    counts = np.array(sorted(set(steps)))
    if len(counts) < 2 or counts[0] < 1:
        raise ValueError(f"steps are two or more numbers of steps ≥ 1, got {steps!r}")
    sizes = check_step(time) / counts
    if observable is None and is_linear(flow.field):
        differences = [
            moments_of_iterates(flow.field, point, h, n) - moments_of_equation(flow, point, h, time)
            for h, n in zip(sizes, counts, strict=True)
        ]
        errors = np.array([np.abs(difference).max() for difference in differences])
        return WeakOrder(sizes, errors, np.zeros(len(sizes)))
    found = [
        _sampled(flow, point, h, n, observable or _moments, paths, seed, substeps) for h, n in zip(sizes, counts.tolist(), strict=True)
    ]
    return WeakOrder(sizes, np.array([error for error, _ in found]), np.array([spread for _, spread in found]))


def _sampled(
    flow: StochasticFlow, point: Array, h: float, steps: int, observable: Observable, paths: int, seed: int | None, substeps: int
) -> tuple[float, float]:
    """Return the largest mean difference of φ, and its standard error."""
    random = np.random.default_rng(seed)
    field, method = flow.field, GradientDescent()
    rotation = contrasts(field.fields).T
    y = np.repeat(point[:, np.newaxis], paths, axis=1)
    state = [y.T]
    for n in range(steps):
        normals = random.standard_normal((substeps, flow.noises, paths))
        batches = np.argmax(rotation @ normals.sum(axis=0), axis=0)
        y = advanced(flow, y, h, "platen", normals, random)
        state = step_on_batches(method, field, state, h, n, batches)
    difference = np.asarray(observable(state[0])) - np.asarray(observable(y.T))
    rows = difference.reshape(paths, -1)
    means = np.abs(rows.mean(axis=0))
    largest = int(np.argmax(means))
    return float(means[largest]), float(rows[:, largest].std(ddof=1) / np.sqrt(paths))


def _moments(points: Array) -> Array:
    """Return all coordinates and their products."""
    i, j = np.triu_indices(points.shape[1])
    return np.hstack([points, points[:, i] * points[:, j]])
