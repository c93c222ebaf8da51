"""One leg of a run: the solver's own loop, with what it passes recorded.

`scipy.integrate.solve_ivp` is a loop over a solver's `step` and `dense_output`; the same loop stands here, because it must
be able to stop: at a limit of evaluations, or when the solver gives up, with everything computed so far.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, final

import numpy as np

from ..flows.flow import Array, Flow, Piece, Status
from .deferred import DeferredCorrection
from .events import Event, Found, Watch
from .pieces import PiecewiseSolver
from .solution import Solution
from .windows import WindowedSolver

if TYPE_CHECKING:
    from scipy.integrate import OdeSolver

SOLVERS = ("RK45", "RK23", "DOP853", "Radau", "BDF", "LSODA", "SDC")
_REAL_ONLY = ("Radau", "LSODA")
_PATIENCE = 3000  # evaluations for a hundredth of a step; a solver that needs more crawls along a cut
_SHOWN = 5  # jumps that a message lists
_BOUND = 1e12  # |θ| beyond this multiple of its start counts as divergence when the solver gives up
_Right: TypeAlias = Callable[[float, Array], Array]
_Value = TypeVar("_Value")


class OutOfEvaluations(Exception):
    """The limit of evaluations was reached."""


@final
@dataclass
class Run:
    """One call of `integrate`: a flow, a solver, what is recorded, and how many evaluations have been used.

    Attributes
    ----------
    substeps
        Number of points that are recorded for each step.
    events, callback
        As `integrate` gets them.
    solution
        Where the solver's dense output goes; None if it is not kept.
    schedule
        The step sizes of the run, if they change and are known beforehand.
    found
        The events so far.
    jumps
        Numbers of the steps from which the run jumped with the method, see `flows.flow.Windows`.
    """

    flow: Flow
    theta0: Array
    rtol: float
    atol: float
    solver: str
    max_evaluations: int
    substeps: int
    events: tuple[Event, ...]
    callback: Callable[[float, Array], Any] | None
    solution: Solution | None
    schedule: Array | None = None
    evaluations: int = 0
    found: list[Found] = field(default_factory=list)
    jumps: list[int] = field(default_factory=list)

    def leg(
        self, first: Array, begin: float, state: Array, h: float, count: int, done: int, since: float, advance: Callable[[int], None]
    ) -> tuple[list[Array], Status, str]:
        """Integrate `count` steps of one size, `done` steps and the time `since` after the start, backwards where `count` is negative.

        The state at t = 0 is `first`; the solver starts at t = `begin` from `state`.

        Returns
        -------
        tuple
            The states at each substep that was reached, and how it ended.
        """
        flow, k, sign = self.flow, self.substeps, 1 if count >= 0 else -1
        if flow.is_complex:
            first, state = first.astype(complex), state.astype(complex)
        pieces = self._pieces(h, done, since)
        reached = _before_launch(first, begin, state, h / k if count else np.inf)
        if begin >= h * count > 0:
            return [*reached, state][: count * k + 1], "completed", f"{count} steps"
        trouble, last = "", state
        watch = Watch(self.events, flow.output, since, self.found)
        if pieces[0].accept is not None:
            pieces[0].accept(state)
        try:
            if count and pieces[0].windows is None and not np.isfinite(pieces[0].right(begin, state)).all():
                trouble = "the field is not finite at the starting point" if done == 0 else "the field is not finite"
            elif count:
                stepper, split = self._stepper(pieces, begin, state, h, count, done)
                patience = _Patience(begin, state, self.evaluations)
                while stepper.status == "running":
                    before = float(stepper.t)
                    trouble = stepper.step() or ""
                    if patience.lost(stepper.t, stepper.y, self.evaluations, h):
                        trouble = trouble or f"{_PATIENCE} evaluations were not enough for a hundredth of a step"
                    if trouble:
                        break
                    if not np.isfinite(stepper.y).all():  # LSODA goes on regardless
                        trouble = "the state is no longer finite"
                        break
                    last, end = _joined(stepper.y, split), float(stepper.t)
                    dense = _dense(stepper, split)
                    stop = watch.look(before, end, dense)
                    limit = end if stop is None else stop
                    while len(reached) <= abs(count) * k and h * len(reached) / k <= sign * limit * (1 + 1e-14 * (stop is None)):
                        reached.append(dense(sign * h * len(reached) / k))
                    if self.solution is not None:
                        self.solution.add(since + before, since + limit, since, dense)
                    advance((len(reached) - 1) // k)
                    if stop is None and self.callback is not None and self.callback(since + end, flow.output(last)):
                        stop = end
                    if stop is not None:
                        self.found.extend(watch.found)
                        return reached, "event", f"{watch.message or 'the callback'} ended the run at t = {since + stop:.6g}"
                    if pieces[0].accept is not None:
                        pieces[0].accept(last)
        except OutOfEvaluations:
            trouble = f"the limit of {self.max_evaluations} evaluations was reached"
        except (ValueError, ArithmeticError, np.linalg.LinAlgError) as error:  # implicit solvers on NaN
            trouble = f"{self.solver} failed: {error}"
        self.found.extend(watch.found)
        if not trouble:
            return reached, "completed", f"{abs(count)} steps"
        return reached, *explanation(flow, self.theta0, last, h, done + (len(reached) - 1) // k + 1, trouble)

    def _pieces(self, h: float, done: int, since: float) -> list[Piece]:
        """Return the fields from step number `done` on."""
        flow = self.flow.within(self.rtol)
        fields = flow.pieces(h, done) if self.schedule is None else flow.scheduled(self.schedule, done)
        return [self._watched(piece, since) for piece in fields]

    def _stepper(self, pieces: list[Piece], begin: float, state: Array, h: float, count: int, done: int) -> tuple[Any, bool]:
        """Return what steps through the pieces, and whether its states are in two parts, real and imaginary."""
        parts = self.solver in _REAL_ONLY and np.iscomplexobj(state)

        def start(right: _Right, t: float, state: Array) -> Any:
            if self.solver == "SDC":
                return self._deferred(right, t, state, h, h * count, done)
            return _start(self.solver, _split(right) if parts else right, t, state, h * count, self.rtol, self.atol, parts)

        right, windows = pieces[0].right, pieces[0].windows
        if windows is None:
            return start(right, begin, state) if len(pieces) == 1 else PiecewiseSolver(start, pieces, begin, state), parts

        def jumped(t: float) -> None:
            self.jumps.append(done + round(t / h))

        return WindowedSolver(start, lambda y: _joined(y, parts), right, windows, begin, state, h * count, jumped), False

    def told(self) -> str:
        """Say where the run jumped; empty if it did not."""
        shown = [str(n) for n in self.jumps[:_SHOWN]] + ["…"] * (len(self.jumps) > _SHOWN)
        times = f"jumped {len(self.jumps)} times" if len(self.jumps) > 1 else "jumped once"
        return f"; {times} with {self.flow.period} steps of the method, from step {', '.join(shown)}" if shown else ""

    def _deferred(self, right: _Right, t: float, state: Array, h: float, end: float, n: int) -> DeferredCorrection:
        def advance(state: Array) -> Array:
            real = np.iscomplexobj(state) and not state.imag.any()
            after = self.flow.follow((state.real if real else state)[np.newaxis], h, n)
            assert after is not None  # as `integrate` has found
            return np.asarray(after[0], state.dtype)

        def otherwise(t: float, state: Array, end: float) -> OdeSolver:
            return _start("DOP853", right, t, state, end, self.rtol, self.atol, split=False)

        return DeferredCorrection(right, advance, otherwise, self.flow.period * h, t, state, end, self.rtol, self.atol)

    def _watched(self, piece: Piece, since: float) -> Piece:
        """Count the evaluations of a piece and of those that follow, and give them the time since the start of the run."""
        then, ends = piece.then, self._counted(piece.ends) if piece.ends else None
        following = (lambda state: self._watched(then(state), since)) if then else None
        windows = piece.windows and replace(piece.windows, advance=self._counted(piece.windows.advance))
        right = _later(piece.right, 0.0 if piece.in_step else since)
        return Piece(self._counted(right), ends, piece.accept, following, windows)

    def _counted(self, function: Callable[..., _Value]) -> Callable[..., _Value]:
        def counting(*arguments: Any) -> _Value:
            if self.evaluations >= self.max_evaluations:
                raise OutOfEvaluations
            self.evaluations += 1
            return function(*arguments)

        return counting


def explanation(flow: Flow, theta0: Array, last: Array, h: float, reached: int, trouble: str) -> tuple[Status, str]:
    """Say in words why the solver gave up."""
    start = flow.start(theta0, h)
    if not np.isfinite(last).all() or np.abs(last).max() > _BOUND * (1 + np.abs(start).max()):
        return "diverged", f"the flow left every bound after step {reached - 1}: |θ| reached {np.abs(last).max():.3g} ({trouble})"
    return flow.diagnose(start, last, h, reached - 1, _sentence(trouble))


def _before_launch(first: Array, begin: float, state: Array, apart: float) -> list[Array]:
    """Return the states at the substeps before a flow begins: it goes there straight from its first state."""
    count = 1 if begin == 0 else int(np.ceil(begin / apart * (1 - 1e-14)))
    return [first] + [first + (state - first) * (j * apart / begin) for j in range(1, count)]


class _Patience:
    """Notices a solver that crawls, as along the cut of a logarithm."""

    def __init__(self, t: float, state: Array, evaluations: int) -> None:
        self._mark, self._size, self._counted = t, np.abs(state).max(), evaluations

    def lost(self, t: float, state: Array, evaluations: int, h: float) -> bool:
        """Whether the last evaluations, as many as patience lasts for, took it less than a hundredth of a step further."""
        if evaluations - self._counted <= _PATIENCE:
            return False
        size = np.abs(state).max()
        crawls = abs(t - self._mark) < 0.01 * h and not size > 2 * self._size  # growth ends at a pole, which the bound will tell
        self._mark, self._size, self._counted = t, size, evaluations
        return bool(crawls)


def _start(solver: str, right: _Right, begin: float, point: Array, end: float, rtol: float, atol: float, split: bool) -> OdeSolver:
    import scipy.integrate  # deferred: half a second that deriving equations does not need

    start = np.concatenate([point.real, point.imag]) if split else point
    result: OdeSolver = getattr(scipy.integrate, solver)(right, begin, start, end, rtol=rtol, atol=atol)
    return result


def _dense(stepper: Any, split: bool) -> Callable[[float], Array]:
    """Return the state within the last step as a function of time; computed on first use, because it costs evaluations."""
    known: list[Any] = []

    def dense(t: float) -> Array:
        if not known:
            known.append(stepper.dense_output())
        return _joined(known[0](t), split)

    return dense


def _later(right: _Right, since: float) -> _Right:
    """Give a field the time since the start of the run, and not of the leg."""
    return (lambda t, y: right(since + t, y)) if since else right


def _split(right: _Right) -> _Right:
    def real_and_imaginary(t: float, y: Array) -> Array:
        value = right(t, _joined(y, True))
        return np.concatenate([value.real, value.imag])

    return real_and_imaginary


def _joined(y: Array, split: bool) -> Array:
    half = len(y) // 2
    return np.ascontiguousarray(y[:half] + 1j * y[half:]) if split else y


def _sentence(text: str) -> str:
    lower = text[:1].lower() + text[1:] if text[1:2].islower() else text  # but not the name of a solver
    return lower.rstrip(".")
