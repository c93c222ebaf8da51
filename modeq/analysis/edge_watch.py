r"""Long runs at the edge of stability: sharpness, oscillation and energy of its cycles, with checkpoints that a killed run goes on from.

With :math:`\bar\theta = (\theta_{n-1} + 2\theta_n + \theta_{n+1})/4`, the centre of an oscillation of period two, and
:math:`x = u^T(\theta_{n-1} - 2\theta_n + \theta_{n+1})/4` its part along the sharpest direction u there, gradient descent near the edge
moves as

.. math::
   \frac{d \log|x|}{dn} = s, \qquad \frac{ds}{dn} = \alpha - \beta x^2, \qquad
   s = hS - 2, \quad \alpha = -h^2\,\nabla S\cdot\nabla E, \quad \beta = \tfrac{h^2}{2}\|\nabla S\|^2,

without the parts of :math:`\nabla S = \nabla^3 E[u, u]` along u: the loss sharpens at the rate α, the oscillation flattens it. While α > 0,
:math:`e = \frac{s^2}{2\alpha} + \frac{w}{2} - \frac12\log w - \frac12` with :math:`w = \beta x^2/\alpha` is constant: 0 where the
oscillation rests at its equilibrium, large where x gets small between spikes.

References: A. Damian, E. Nichani, J. D. Lee, Self-stabilization: the implicit bias of gradient descent at the edge of stability, ICLR
2023, arXiv 2209.15594; Berthier, arXiv 2609.01034, for the energy.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import numpy as np
from numpy.typing import ArrayLike

from ..flows.flow import Array, check_step
from ..flows.steps import stepper
from ..flows.update_maps import UpdateFlow
from ..integration.progress import progress_bar
from ..integration.trajectory import check_finite, check_steps
from ..losses.lanczos import extreme_eigenpairs
from ..losses.loss import Loss
from ..methods.gradient_descent import GradientDescent
from ..methods.method import Method, check_method
from ..series.map_flow import UpdateMapFlow
from ..sizes import WHOLE_STEP
from .critical_rates import bounds

_NEAR = 0.1  # from its threshold, relative: at the edge
_SAVED = 20  # looks between two checkpoints
_OTHER = 1e-2  # of a random direction in the start of Lanczos' method, so that another eigenvector can take the lead
_RESIDUAL = 1e-5  # relative: squared in the eigenvalue
_COLUMNS = ("n", "loss", "sharpness", "variance", "energy")


@final
@dataclass(frozen=True, eq=False, repr=False)
class EdgeWatch:
    """What `watch_edge` saw; every array has shape (m,), one entry for each look.

    Attributes
    ----------
    n
        Numbers of steps before the looks.
    loss
        E at the centre of the oscillation.
    sharpness
        Largest eigenvalue of the Hessian there; of methods that are not linear the largest modulus of the eigenvalues of the step that
        follows.
    threshold
        Sharpness from which the method is unstable: 2/h for gradient descent; 1 for methods that are not linear.
    variance
        σ² = x², the square of the oscillation along the sharpest direction.
    energy
        Energy of the cycle, without a unit, of gradient descent; NaN where the loss does not sharpen, and for other methods.
    theta
        The last point, shape (d,).
    title
        What was run on what.

    See Also
    --------
    modeq.watch_edge : Makes it, with an example.
    """

    n: Array
    loss: Array
    sharpness: Array
    threshold: float
    variance: Array
    energy: Array
    theta: Array
    title: str

    @property
    def regime(self) -> Array:
        """``"stable"``, ``"edge"`` within a tenth of the threshold, ``"beyond"`` it, or ``"diverged"``, shape (m,)."""
        ratio = self.sharpness / self.threshold
        finite = np.isfinite(self.loss) & np.isfinite(ratio)
        return np.select([~finite, ratio < 1 - _NEAR, ratio <= 1 + _NEAR], ["diverged", "stable", "edge"], "beyond")

    def __repr__(self) -> str:
        names, counts = np.unique(self.regime, return_counts=True)
        seen = ", ".join(f"{name} {count}" for name, count in zip(names, counts, strict=True))
        return f"<EdgeWatch: {self.title}, {len(self.n)} looks: {seen}>"


def watch_edge(
    method: Method,
    loss: Loss,
    theta0: ArrayLike,
    *,
    h: float,
    steps: int,
    every: int = 10,
    checkpoint: str | os.PathLike[str] | None = None,
    progress: bool = False,
) -> EdgeWatch:
    """Run a method and look at its edge of stability every so many steps, for runs that are too long to keep.

    Parameters
    ----------
    method
        An explicit method with numeric parameters, from rest.
    loss
        The loss; beyond gradient descent and other linear methods a step has at most 700 numbers.
    theta0
        Starting point, shape (d,).
    h
        Step size > 0.
    steps
        Number of steps.
    every
        Steps ≥ 2 between two looks. A look takes some fifteen Hessian–vector products on a network of 2,410 parameters, since Lanczos'
        method begins at the last eigenvector.
    checkpoint
        An ``.npz`` file, without pickle, that is replaced every twenty looks and at the end. If it is there the run goes on from it.
    progress
        Show a progress bar.

    Returns
    -------
    EdgeWatch
        A run that was killed and resumed gives the same numbers, and the same bytes in its checkpoint, as one that was left alone; on
        symbols if their code, which rounds a little differently once it is compiled, was the same in both.

    Raises
    ------
    TypeError, ValueError
        If the arguments do not fit together, or the checkpoint is that of another run.

    References
    ----------
    Damian, Nichani, Lee, ICLR 2023, arXiv 2209.15594.

    Examples
    --------
    >>> import modeq as mq
    >>> E = mq.Loss.from_sympy("y*x**2/2 - (x + y)/1000", ["x", "y"])  # sharpens until y = 2/h
    >>> watch = mq.watch_edge(mq.GradientDescent(), E, [0.05, 6.0], h=0.3, steps=2000, every=100)
    >>> watch
    <EdgeWatch: gradient descent on loss, 19 looks: edge 19>
    """
    check_method(method)
    E = loss.require_loss("sharpness is that of a loss")
    step, count = check_step(h), check_steps(steps)
    if isinstance(every, bool) or not isinstance(every, (int, np.integer)) or every < 2:
        raise ValueError(f"every is a number of steps ≥ 2, got {every!r}")
    if not method.is_explicit or method.fields > 1:
        raise ValueError(f"watch_edge runs explicit methods with one field, got {method.name}; see edge_of_stability for others")
    start = check_finite(E.check_point(theta0, what="theta0"), "theta0")
    if method.linear is None and method.states * len(start) > WHOLE_STEP:
        raise ValueError(
            f"a step of {method.name} has {method.states * len(start)} numbers, and all its eigenvalues are computed up to {WHOLE_STEP}; "
            "take a smaller network, or a linear method"
        )
    run = _Run(method, E, np.ascontiguousarray(start, float), step, int(every), None if checkpoint is None else Path(checkpoint))
    with progress_bar(f"{method.name} on {E.name}", count, shown=progress) as advance, np.errstate(all="ignore"):
        run.go(count, advance)
    columns = {name: run.looks[:, i] for i, name in enumerate(_COLUMNS)}
    threshold = bounds(method)[1] / step if method.linear is not None else 1.0
    columns["n"] = columns["n"].astype(int)
    return EdgeWatch(threshold=threshold, theta=run.here[-1], title=f"{method.name} on {E.name}", **columns)


@final
class _Run:
    """The state of a run: vectors of the method, the last three points, the last eigenvector and the looks so far."""

    def __init__(self, method: Method, loss: Loss, theta0: Array, h: float, every: int, path: Path | None) -> None:
        self.method, self.loss, self.h, self.every, self.path = method, loss, h, every, path
        digest = hashlib.sha256(theta0.tobytes()).hexdigest()
        self.signature = f"{method!r} on {loss.name}, {float(loss(theta0)):.9g} first, h = {h!r}, every {every}, from {digest}"
        self.n, self.state = 0, np.array(method.rest(theta0))
        self.here, self.vector, self.looks = np.array([theta0] * 3), np.zeros(len(theta0)), np.empty((0, len(_COLUMNS)))
        self.noise = np.random.default_rng(0).standard_normal(len(theta0))
        self.noise *= _OTHER / np.linalg.norm(self.noise)
        if path is not None:
            loss.compile()  # interpreted code rounds otherwise, and when it is compiled depends on the clock
            if path.exists():
                self._load(path)

    def go(self, steps: int, advance: Callable[[int], None]) -> None:
        """Do steps up to the given number, or until the state is not finite."""
        if self.n > steps:
            raise ValueError(f"{self.path} has {self.n} steps already; ask for as many or more, or take another file")
        step, unsaved = stepper(self.method, self.loss), 0
        while self.n < steps and np.isfinite(self.here[-1]).all():
            after = step([vector[np.newaxis] for vector in self.state], np.array([[self.h]]), self.n)
            self.state = np.stack([vector[0] for vector in after])
            self.here = np.stack([*self.here[1:], np.asarray(self.method.output(list(self.state)))])
            self.n += 1
            if self.n > 1 and (self.n - 1) % self.every == 0:
                self.looks = np.concatenate([self.looks, [self._look()]])
                unsaved += 1
                if unsaved == _SAVED:
                    self._save()
                    unsaved = 0
                advance(self.n)
        self._save()

    def _look(self) -> list[float]:
        """Return the columns of a look at the last point but one."""
        before, now, after = self.here
        centre = (before + 2 * now + after) / 4
        sharpness = self._sharpest(centre)
        x = float(self.vector @ (before - 2 * now + after)) / 4
        energy = self._energy(centre, sharpness, x) if self.method == GradientDescent() else np.nan
        return [self.n - 1, float(self.loss(centre)), sharpness, x**2, energy]

    def _sharpest(self, centre: Array) -> float:
        """Return the sharpness, and keep its direction."""
        if not np.isfinite(centre).all():
            return np.nan
        if self.method.linear is None:
            matrix = UpdateFlow(UpdateMapFlow(self.method, 1), self.loss).step_matrix(self.state.ravel(), self.h, self.n)
            if not np.isfinite(matrix).all():
                return np.nan
            values, vectors = np.linalg.eig(matrix)
            leading = int(np.argmax(np.abs(values)))
            direction = vectors[: len(centre), leading].real
            self.vector = direction / (np.linalg.norm(direction) or 1.0)
            return float(np.abs(values[leading]))
        start = self.vector + self.noise
        values, vectors = extreme_eigenpairs(
            lambda v: self.loss.hvp(centre, v), len(centre), 1, which="value", start=start, tolerance=_RESIDUAL, copies=False
        )
        self.vector = vectors[:, 0] * np.sign(vectors[np.argmax(np.abs(vectors[:, 0])), 0])
        return float(values[0])

    def _energy(self, centre: Array, sharpness: float, x: float) -> float:
        u = self.vector
        slope = self.loss.third(centre, u, u)
        slope = slope - u * (u @ slope)
        alpha = -(self.h**2) * float(slope @ self.loss.gradient(centre))
        if not alpha > 0:
            return np.nan
        w = self.h**2 / 2 * float(slope @ slope) * x**2 / alpha
        return (self.h * sharpness - 2) ** 2 / (2 * alpha) + float(w - np.log(w) - 1) / 2

    def _save(self) -> None:
        if self.path is None:
            return
        beside = self.path.with_name(self.path.name + ".part")
        arrays: dict[str, Any] = {"run": np.array(self.signature), "n": np.array(self.n), "state": self.state, "here": self.here}
        with beside.open("wb") as file:
            np.savez(file, **arrays, vector=self.vector, looks=self.looks)
        beside.replace(self.path)

    def _load(self, path: Path) -> None:
        try:
            with np.load(path, allow_pickle=False) as kept:
                found = {name: kept[name] for name in ("run", "n", "state", "here", "vector", "looks")}
        except (OSError, ValueError, KeyError, EOFError) as error:
            raise ValueError(f"{path} is no checkpoint of watch_edge ({error}); take another file") from None
        if str(found["run"]) != self.signature:
            raise ValueError(f"{path} is the checkpoint of another run: {found['run']}; this one is {self.signature}")
        self.n, self.state, self.here = int(found["n"]), found["state"], found["here"]
        self.vector, self.looks = found["vector"], found["looks"]
