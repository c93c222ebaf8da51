"""Integrating a flow with SciPy's solvers, step by step, so that no finished work is lost.

`scipy.integrate.solve_ivp` is a loop over a solver's `step` and `dense_output`; the same loop stands here, because it must
be able to stop: at a limit of evaluations, or when the solver gives up, with everything computed so far.
"""

from __future__ import annotations

import numbers
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from ..flows.flow import Array, Flow, Piece, Status, check_flow
from .pieces import PiecewiseSolver
from .progress import progress_bar
from .step_sizes import Schedule, StepSize, StepSizeRule, refusal, step_size, times
from .trajectory import Trajectory, check_finite, check_steps

if TYPE_CHECKING:
    from scipy.integrate import OdeSolver

SOLVERS = ("RK45", "RK23", "DOP853", "Radau", "BDF", "LSODA")
_REAL_ONLY = ("Radau", "LSODA")
_PATIENCE = 3000  # evaluations for a hundredth of a step; a solver that needs more crawls along a cut
_BOUND = 1e12  # |θ| beyond this multiple of its start counts as divergence when the solver gives up
_Right: TypeAlias = Callable[[float, Array], Array]
_Value = TypeVar("_Value")


class _OutOfEvaluations(Exception):
    """The limit of evaluations was reached."""


def integrate(
    flow: Flow,
    theta0: ArrayLike,
    *,
    h: StepSize,
    steps: int,
    rtol: float = 1e-10,
    atol: float = 1e-12,
    solver: str = "DOP853",
    progress: bool = False,
    max_evaluations: int = 100_000,
) -> Trajectory:
    """Integrate a flow from t = 0 to steps·h, or to h_0 + … + h_{steps−1}.

    Parameters
    ----------
    flow
        An equation bound to a loss or field.
    theta0
        Starting point, shape (d,), real or complex (real for rod and central flows).
    h
        Step size > 0 of the method that the flow models. Or step sizes that change along the run, as in `iterate`: the flow of
        h_n for the time h_n, one after the other; a rule such as ``dal()`` sees the real part of the flow's own point. For methods
        without memory this is exactly what the equation says of each step. With memory it takes the smooth solution of h_n, as if all
        steps before had had that size, which is off by O(h_n − h_{n−1}).
    steps
        Number of steps; the result has a point for each t = n·h, or t_n.
    rtol, atol
        Relative and absolute tolerance of the solver.
    solver
        One of SciPy's: RK45, RK23, DOP853, Radau, BDF, LSODA. Complex states are split into real and imaginary part
        for Radau and LSODA, which know real states only.
    progress
        Show a progress bar.
    max_evaluations
        Give up after so many evaluations of the field; a flow on a cut of its logarithm would go on for ever.

    Returns
    -------
    Trajectory
        With the status ``"completed"``, or what was computed up to the place where the solver gave up, with the status
        ``"stalled"``, ``"singular"`` or ``"diverged"`` and a message in words. A rule that gives no step size is ``"singular"`` too.
        Flows of several steps have ``"complex"`` besides, see `Status`.

    Raises
    ------
    TypeError, ValueError
        If the arguments do not fit together; nothing is run then.

    Examples
    --------
    >>> import modeq as mq
    >>> E = mq.Loss.from_sympy("x**2/2", ["x"])
    >>> path = mq.integrate(mq.principal_flow(mq.GradientDescent()).on(E), [1.0], h=1.5, steps=2)
    >>> bool(abs(path.theta[2, 0] - 0.25) < 1e-8)  # gradient descent: 1, -0.5, 0.25
    True
    """
    check_flow(flow)
    if solver not in SOLVERS:
        raise ValueError(f"solver must be one of {', '.join(SOLVERS)}, got {solver!r}")
    for name, value in (("rtol", rtol), ("atol", atol)):
        if not (isinstance(value, numbers.Real) and 0 < value < np.inf):
            raise ValueError(f"{name} must be a number > 0, got {value!r}")
    if isinstance(max_evaluations, bool) or not isinstance(max_evaluations, int) or max_evaluations < 1:
        raise ValueError(f"max_evaluations must be an integer ≥ 1, got {max_evaluations!r}")
    count = check_steps(steps)
    rule = step_size(h, count)
    if isinstance(rule, StepSizeRule) and (reason := flow.one_step_size()):
        raise ValueError(f"{reason}; give one number for h, or take another flow such as 'principal'")
    point = check_finite(flow.field.check_point(theta0, what="theta0"), "theta0")
    flow.check_start(point)
    run = _Run(flow, point, rtol, atol, solver, max_evaluations)
    with progress_bar(str(flow), count, shown=progress) as advance, np.errstate(all="ignore"):  # trouble ends in the status
        if isinstance(rule, StepSizeRule):
            return _stepwise(run, rule, None, count, advance)
        if flow.changes:
            return _stepwise(run, Schedule(np.full(count, rule)), rule, count, advance)
        return _at_once(run, rule, count, advance)


def _at_once(run: _Run, h: float, count: int, advance: Callable[[int], None]) -> Trajectory:
    """Follow the flow of one step size, which is one field."""
    flow = run.flow
    begin, state = flow.launch(run.theta0, h)
    reached, status, message = run.leg(flow.start(run.theta0, h), begin, state, h, count, 0, advance)
    states = np.array(reached)
    if status == "completed":
        status, message = flow.verify(states, h) or (status, message)
    return run.trajectory(h * np.arange(len(states)), states, status, message, h, np.full(len(states) - 1, h))


def _stepwise(run: _Run, rule: StepSizeRule, h: float | None, count: int, advance: Callable[[int], None]) -> Trajectory:
    """Follow the flow of step n for the time h_n, from the state where the step before ended; h is their size if they have one."""
    flow = run.flow
    states, taken = [flow.start(run.theta0, 1.0 if h is None else h)], np.empty(count)
    status: Status = "completed"
    message = f"{count} steps"
    for n in range(count):
        step = rule(n, np.ascontiguousarray(flow.output(states[-1]).real), flow.field)
        message = refusal(rule, step, n)
        if message:
            status = "singular"
            break
        taken[n] = step
        reached, status, message = run.leg(states[-1], 0.0, states[-1], float(step), 1, n, lambda _: None)
        if status != "completed":
            break
        states.append(reached[-1])
        advance(n + 1)
    else:
        message = f"{count} steps"
    taken = taken[: len(states) - 1]
    return run.trajectory(times(taken), np.array(states), status, message, h, taken)


@dataclass
class _Run:
    """One call of `integrate`: a flow, a solver, and how many evaluations have been used."""

    flow: Flow
    theta0: Array
    rtol: float
    atol: float
    solver: str
    max_evaluations: int
    evaluations: int = 0

    def trajectory(self, t: Array, states: Array, status: Status, message: str, h: float | None, sizes: Array) -> Trajectory:
        """Collect what was reached."""
        flow = self.flow
        extras = flow.extras(states, sizes[0] if h is None and len(sizes) else h or 1.0)
        return Trajectory(t, flow.output(states), status, message, self.evaluations, flow.field, flow, h, sizes, extras, states)

    def leg(
        self, first: Array, begin: float, state: Array, h: float, count: int, done: int, advance: Callable[[int], None]
    ) -> tuple[list[Array], Status, str]:
        """Integrate `count` steps of one size, `done` steps after the start; return the states at the steps and how it ended.

        The state at t = 0 is `first`; the solver starts at t = `begin` from `state`.
        """
        flow = self.flow
        if flow.is_complex:
            first, state = first.astype(complex), state.astype(complex)
        pieces = [Piece(self._counted(p.right), self._counted(p.ends) if p.ends else None, p.accept) for p in flow.pieces(h, done)]
        split = self.solver in _REAL_ONLY and np.iscomplexobj(state)

        def start(right: _Right, t: float, state: Array) -> OdeSolver:
            return _start(self.solver, _split(right) if split else right, t, state, h * count, self.rtol, self.atol, split)

        states = [first]
        trouble, last = "", state
        if pieces[0].accept is not None:
            pieces[0].accept(state)
        try:
            if count and not np.isfinite(pieces[0].right(begin, state)).all():
                trouble = "the field is not finite at the starting point" if done == 0 else "the field is not finite"
            elif count:
                stepper = start(pieces[0].right, begin, state) if len(pieces) == 1 else PiecewiseSolver(start, pieces, begin, state)
                mark, size, since = begin, np.abs(state).max(), self.evaluations
                while stepper.status == "running":
                    trouble = stepper.step() or ""
                    if self.evaluations - since > _PATIENCE:
                        grown = np.abs(stepper.y).max() > 2 * size  # towards a pole, which the bound will tell
                        if stepper.t - mark < 0.01 * h and not grown:
                            trouble = trouble or f"{_PATIENCE} evaluations were not enough for a hundredth of a step"
                        mark, size, since = stepper.t, np.abs(stepper.y).max(), self.evaluations
                    if trouble:
                        break
                    if not np.isfinite(stepper.y).all():  # LSODA goes on regardless
                        trouble = "the state is no longer finite"
                        break
                    last = _joined(stepper.y, split)
                    dense = stepper.dense_output()
                    while len(states) <= count and h * len(states) <= stepper.t * (1 + 1e-14):
                        states.append(_joined(dense(h * len(states)), split))
                    advance(len(states) - 1)
                    if pieces[0].accept is not None:
                        pieces[0].accept(last)
        except _OutOfEvaluations:
            trouble = f"the limit of {self.max_evaluations} evaluations was reached"
        except (ValueError, ArithmeticError, np.linalg.LinAlgError) as error:  # implicit solvers on NaN
            trouble = f"{self.solver} failed: {error}"
        if not trouble:
            return states, "completed", f"{count} steps"
        return states, *self._diagnose(last, h, done + len(states), trouble)

    def _diagnose(self, last: Array, h: float, reached: int, trouble: str) -> tuple[Status, str]:
        """Say in words why the solver gave up."""
        place, start = f"after step {reached - 1}", self.flow.start(self.theta0, h)
        if not np.isfinite(last).all() or np.abs(last).max() > _BOUND * (1 + np.abs(start).max()):
            return "diverged", f"the flow left every bound {place}: |θ| reached {np.abs(last).max():.3g} ({trouble})"
        return self.flow.diagnose(start, last, h, place, _sentence(trouble))

    def _counted(self, function: Callable[..., _Value]) -> Callable[..., _Value]:
        def counting(*arguments: Any) -> _Value:
            if self.evaluations >= self.max_evaluations:
                raise _OutOfEvaluations
            self.evaluations += 1
            return function(*arguments)

        return counting


def _start(solver: str, right: _Right, begin: float, point: Array, end: float, rtol: float, atol: float, split: bool) -> OdeSolver:
    import scipy.integrate  # deferred: half a second that deriving equations does not need

    start = np.concatenate([point.real, point.imag]) if split else point
    result: OdeSolver = getattr(scipy.integrate, solver)(right, begin, start, end, rtol=rtol, atol=atol)
    return result


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
