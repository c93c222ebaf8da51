"""Many runs at once: paths of stochastic equations, and of gradient descent on batches that are drawn at random."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field as entry
from statistics import NormalDist
from typing import Any, TypeAlias, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..extension_points import draw
from ..flows.checks import check_field
from ..flows.flow import Status, check_step
from ..flows.stochastic import StochasticFlow
from ..graph.algebra import NumpyAlgebra
from ..losses.field import Field
from ..methods.method import Method, check_method
from .stochastic_schemes import SCHEMES
from .trajectory import check_finite, check_steps

Array: TypeAlias = NDArray[Any]
_LARGEST = 2**28  # numbers in the paths of an ensemble, 2 GB


@final
@dataclass(frozen=True, eq=False, repr=False)
class Ensemble:
    """Paths that differ by chance alone.

    Attributes
    ----------
    t
        Times n·h, shape (steps + 1,).
    theta
        Points, shape (steps + 1, paths, d).
    status, message
        How the run ended; it ends for all paths where one of them is no longer finite.
    title
        For legends.
    field
        What was run on.

    See Also
    --------
    modeq.sample, modeq.sample_iterates : Make it, with examples.
    """

    t: Array
    theta: Array
    status: Status
    message: str
    title: str
    field: Field = entry(repr=False)

    @property
    def paths(self) -> int:
        """Number of paths."""
        return self.theta.shape[1]

    @property
    def mean(self) -> Array:
        """Mean over the paths, shape (steps + 1, d)."""
        return np.asarray(self.theta.mean(axis=1))

    @property
    def covariance(self) -> Array:
        """Covariance over the paths, shape (steps + 1, d, d)."""
        centred = self.theta - self.theta.mean(axis=1, keepdims=True)
        return np.asarray(np.einsum("tpi,tpj->tij", centred, centred) / (self.paths - 1))

    def mean_interval(self, level: float = 0.95) -> tuple[Array, Array]:
        """Return the ends of the confidence interval of the mean, by the central limit theorem, shape (steps + 1, d) each."""
        width = _normal_quantile(level) * self.theta.std(axis=1, ddof=1) / np.sqrt(self.paths)
        return self.mean - width, self.mean + width

    def quantiles(self, chances: ArrayLike = (0.05, 0.25, 0.5, 0.75, 0.95)) -> Array:
        """Return quantiles of each coordinate over the paths, shape (number of chances, steps + 1, d)."""
        return np.asarray(np.quantile(self.theta, np.asarray(chances, float), axis=1))

    def quantile_interval(self, chance: float, level: float = 0.95) -> tuple[Array, Array]:
        """Return order statistics between which a quantile lies with a chance of `level`, whatever the distribution is.

        How many of n paths are below the quantile is binomial; its normal approximation is used. Shape (steps + 1, d) each.
        """
        if not 0 < chance < 1:
            raise ValueError(f"a quantile has a chance between 0 and 1, got {chance!r}")
        width = _normal_quantile(level) * np.sqrt(self.paths * chance * (1 - chance))
        low, high = np.floor(self.paths * chance - width), np.ceil(self.paths * chance + width)
        ordered = np.sort(self.theta, axis=1)
        return ordered[:, int(max(low, 0))], ordered[:, int(min(high, self.paths - 1))]

    def plot(self, path: str | os.PathLike[str] | None = None) -> Any:
        """Draw a fan of quantiles with a few paths, one panel for each of the first coordinates; see `modeq.plotting`."""
        return draw(self, path)

    def __len__(self) -> int:
        return len(self.t)

    def __repr__(self) -> str:
        return f"<Ensemble: {self.paths} paths of {len(self) - 1} steps, {self.title}, {self.status}>"


def sample(
    flow: StochasticFlow,
    theta0: ArrayLike,
    *,
    h: float,
    steps: int,
    paths: int = 1000,
    seed: int | None = None,
    scheme: str = "platen",
    substeps: int = 1,
) -> Ensemble:
    """Draw paths of a stochastic equation from t = 0 to steps·h.

    Parameters
    ----------
    flow
        ``stochastic_equation(…).on(field)``.
    theta0
        Where all paths start, shape (d,).
    h
        Learning rate > 0; it is part of the equation, and results have a point for each t = n·h.
    steps
        Number of steps of size h.
    paths
        Number of paths, ≥ 2.
    seed
        Of NumPy's default generator; the same seed gives the same paths.
    scheme
        ``"platen"``, of weak order 2, or ``"euler"``, of weak order 1.
    substeps
        Steps of the scheme for each step of size h. The noise is of size √h besides, so few are needed.

    Returns
    -------
    Ensemble

    Raises
    ------
    TypeError, ValueError
        If the arguments do not fit together; nothing is run then.

    References
    ----------
    P. E. Kloeden, E. Platen, *Numerical Solution of Stochastic Differential Equations* (1992), sections 10.2 and 15.1.

    Examples
    --------
    >>> import modeq as mq
    >>> flow = mq.stochastic_equation(1, covariance=[[1.0]]).on(mq.losses.quadratic([[1.0]]))
    >>> runs = sample(flow, [0.0], h=0.1, steps=80, paths=2000, seed=0)
    >>> bool(abs(runs.covariance[-1, 0, 0] - 0.05) < 0.01)  # h/2 in the long run, as of an Ornstein–Uhlenbeck process
    True
    """
    if not isinstance(flow, StochasticFlow):
        raise TypeError(f"expected stochastic_equation(…).on(field), got {type(flow).__name__}; mq.integrate follows other flows")
    if scheme not in SCHEMES:
        raise ValueError(f"scheme must be one of {', '.join(map(repr, SCHEMES))}, got {scheme!r}")
    pieces = check_steps(substeps)
    if pieces < 1:
        raise ValueError(f"substeps must be an integer ≥ 1, got {substeps}")
    size, count = check_step(h), check_steps(steps)
    random = np.random.default_rng(seed)

    def advance(y: Array, n: int) -> Array:
        return advanced(flow, y, size, scheme, random.standard_normal((pieces, flow.noises, y.shape[1])), random)

    return _run(flow.field, theta0, paths, size, count, advance, str(flow))


def advanced(flow: StochasticFlow, y: Array, h: float, scheme: str, normals: Array, random: np.random.Generator) -> Array:
    """Advance paths, shape (d, n), by h in as many substeps as there are standard normal numbers, shape (substeps, k, n)."""
    dt = h / len(normals)

    def signs(shape: tuple[int, ...]) -> Array:
        return np.asarray(2.0 * random.integers(0, 2, shape) - 1)

    for numbers in normals:
        y = SCHEMES[scheme](lambda points: flow.across(points, h), y, dt, np.sqrt(dt) * numbers, signs)
    return y


def sample_iterates(
    method: Method, field: Field, theta0: ArrayLike, *, h: float, steps: int, paths: int = 1000, seed: int | None = None
) -> Ensemble:
    """Run a method many times, each step of each run on a batch that is drawn at random, all with the same chance.

    Parameters
    ----------
    method
        An explicit method of one field; all its stages of one step see the same batch.
    field
        With one part for each batch, such as `VectorField.from_losses`.
    theta0
        Where all runs start, shape (d,).
    h
        Step size > 0.
    steps, paths, seed
        As for `sample`.

    Returns
    -------
    Ensemble

    Raises
    ------
    TypeError, ValueError
        If the arguments do not fit together; nothing is run then.

    Examples
    --------
    >>> import modeq as mq
    >>> batches = mq.VectorField.from_losses([mq.Loss.from_sympy(f"(x - {a})**2/2", ["x"]) for a in (-1, 1)])
    >>> runs = sample_iterates(mq.GradientDescent(), batches, [0.0], h=0.5, steps=1, paths=20, seed=0)
    >>> sorted(set(runs.theta[-1].ravel().tolist()))
    [-0.5, 0.5]
    """
    check_method(method)
    check_field(field, field.fields, "random batches")
    if method.fields > 1 or not method.is_explicit or method.per_array:
        raise ValueError(f"random batches are drawn for explicit methods of one field that act on vectors, which {method} is not")
    if field.fields < 2:
        raise ValueError(f"{field.name} has one part, no batches to draw; use VectorField.from_losses(batches)")
    method.require_numbers("running a method")
    size, count = check_step(h), check_steps(steps)
    random = np.random.default_rng(seed)
    state: list[Array] = []

    def advance(y: Array, n: int) -> Array:
        nonlocal state
        state = step_on_batches(method, field, state or method.rest(y.T), size, n, np.asarray(random.integers(0, field.fields, y.shape[1])))
        return np.asarray(method.output(state)).T

    return _run(field, theta0, paths, size, count, advance, f"{method} on random batches")


def step_on_batches(method: Method, field: Field, state: list[Array], h: float, n: int, batches: Array) -> list[Array]:
    """Take step n of many runs, each on the batch of its number in `batches`, shape (paths,); vectors have shape (paths, d)."""

    def evaluate(colour: int, points: Array) -> Array:
        values = np.empty_like(points)
        for number in np.unique(batches).tolist():
            chosen = batches == number
            values[chosen] = field.part(number, points[chosen])
        return values

    return method.step(state, h, n, evaluate, NumpyAlgebra())


def _run(field: Field, theta0: ArrayLike, paths: int, h: float, steps: int, advance: Callable[[Array, int], Array], title: str) -> Ensemble:
    point = check_finite(field.check_point(theta0, what="theta0"), "theta0")
    if np.iscomplexobj(point):
        raise TypeError("theta0 must be real: noise is")
    number = check_steps(paths)
    if number < 2:
        raise ValueError(f"an ensemble has at least 2 paths, got {paths}")
    if (steps + 1) * number * len(point) > _LARGEST:
        raise ValueError(
            f"{number} paths of {steps} steps in {len(point)} coordinates are more than the {_LARGEST} numbers that an ensemble keeps; "
            "take fewer paths, or several runs"
        )
    theta = np.empty((steps + 1, len(point), number))
    theta[0] = point[:, np.newaxis]
    status: Status = "completed"
    done, message = steps, f"{steps} steps"
    with np.errstate(all="ignore"):  # what is not finite ends the run
        for n in range(steps):
            theta[n + 1] = advance(theta[n], n)
            lost = ~np.isfinite(theta[n + 1]).all(axis=0)
            if lost.any():
                done, status = n, "diverged"
                message = f"after step {n} {lost.sum()} of {number} paths are no longer finite; take a smaller h"
                break
    return Ensemble(h * np.arange(done + 1), np.swapaxes(theta[: done + 1], 1, 2), status, message, title, field)


def _normal_quantile(level: float) -> float:
    """Return z so that a standard normal number is between −z and z with the chance `level`."""
    if not 0 < level < 1:
        raise ValueError(f"a confidence level is between 0 and 1, got {level!r}")
    return NormalDist().inv_cdf((1 + level) / 2)
