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

from ..flows.centre import CentreFlow, Piece
from ..flows.continuation import Continuation
from ..flows.flow import Flow
from ..graph.algebra import as_float
from ..series.increment import increment
from ..series.map_flow import MapFlow
from ..series.principal import PrincipalFlow
from .map_spectrum import diagnose_map, signs_lost
from .pieces import PiecewiseSolver
from .progress import progress_bar
from .spectrum import distance_to_cut, eigenvalues, roots
from .step_sizes import StepSize, StepSizeRule, refusal, step_size, times
from .trajectory import Array, Status, Trajectory, check_finite, check_steps

if TYPE_CHECKING:
    from scipy.integrate import OdeSolver

SOLVERS = ("RK45", "RK23", "DOP853", "Radau", "BDF", "LSODA")
_REAL_ONLY = ("Radau", "LSODA")
_NEAR_CUT = 0.01  # radians
_PATIENCE = 3000  # evaluations for a hundredth of a step; a solver that needs more crawls along a cut
_BOUND = 1e12  # |θ| beyond this multiple of its start counts as divergence when the solver gives up
_Right: TypeAlias = Callable[[float, Array], Array]
_Value = TypeVar("_Value")


class _OutOfEvaluations(Exception):
    """The limit of evaluations was reached."""


def integrate(
    flow: Flow | CentreFlow,
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
    if not isinstance(flow, (Flow, CentreFlow)):
        raise TypeError(f"expected a flow such as equation.on(E), got {flow!r}")
    if solver not in SOLVERS:
        raise ValueError(f"solver must be one of {', '.join(SOLVERS)}, got {solver!r}")
    for name, value in (("rtol", rtol), ("atol", atol)):
        if not (isinstance(value, numbers.Real) and 0 < value < np.inf):
            raise ValueError(f"{name} must be a number > 0, got {value!r}")
    if isinstance(max_evaluations, bool) or not isinstance(max_evaluations, int) or max_evaluations < 1:
        raise ValueError(f"max_evaluations must be an integer ≥ 1, got {max_evaluations!r}")
    count = check_steps(steps)
    rule = step_size(h, count)
    if isinstance(rule, StepSizeRule) and (reason := _needs_one_size(flow)):
        raise ValueError(f"{reason}; give one number for h, or take another flow such as 'principal'")
    point = check_finite(flow.field.check_point(theta0, what="theta0"), "theta0")
    if isinstance(flow, CentreFlow) and np.iscomplexobj(point):
        raise TypeError(f"the {flow} is real; give a real starting point, such as theta0.real")
    state = flow.at_rest(point) if isinstance(flow, Flow) else point
    if flow.is_complex:
        state = state.astype(complex)
    run = _Run(flow, state, rtol, atol, solver, max_evaluations)
    with progress_bar(str(flow), count, shown=progress) as advance, np.errstate(all="ignore"):  # trouble ends in the status
        return _stepwise(run, rule, count, advance) if isinstance(rule, StepSizeRule) else _at_once(run, rule, count, advance)


def _needs_one_size(flow: Flow | CentreFlow) -> str:
    """Say why a flow cannot change its step size; empty if it can."""
    if isinstance(flow, CentreFlow):
        return f"the {flow} describes oscillations of one step size"
    if isinstance(flow.equation, MapFlow):
        return f"the {flow} takes {flow.equation.steps} steps of one size as one map"
    if isinstance(flow.equation, PrincipalFlow) and flow.equation.branch == "continued":
        return "branch='continued' follows the logarithms of one step size"
    return ""


def _at_once(run: _Run, h: float, count: int, advance: Callable[[int], None]) -> Trajectory:
    """Follow the flow of one step size, and leave its states for θ."""
    flow = run.flow
    reached, status, message = run.leg(run.start, h, count, 0, advance)
    states, times, sizes = np.array(reached), h * np.arange(len(reached)), np.full(len(reached) - 1, h)
    if isinstance(flow, CentreFlow):
        extras = flow.extras(states, h)
        return Trajectory(times, flow.centre(states), status, message, run.evaluations, flow.field, flow, h, sizes, extras)
    if status == "completed" and isinstance(flow.equation, MapFlow):
        status, message = signs_lost(flow, states, h) or (status, message)
    return Trajectory(times, flow.output(states), status, message, run.evaluations, flow.field, flow, h, sizes)


def _stepwise(run: _Run, rule: StepSizeRule, count: int, advance: Callable[[int], None]) -> Trajectory:
    """Follow the flow of h_n for the time h_n, from the point where the step before ended."""
    field = run.flow.field
    points, taken = [run.start], np.empty(count)
    status: Status = "completed"
    message = f"{count} steps"
    for n in range(count):
        step = rule(n, np.ascontiguousarray(points[-1].real), field)
        message = refusal(rule, step, n)
        if message:
            status = "singular"
            break
        taken[n] = step
        reached, status, message = run.leg(points[-1], float(step), 1, n, lambda _: None)
        if status != "completed":
            break
        points.append(reached[-1])
        advance(n + 1)
    else:
        message = f"{count} steps"
    taken = taken[: len(points) - 1]
    return Trajectory(times(taken), np.array(points), status, message, run.evaluations, field, run.flow, None, taken)


@dataclass
class _Run:
    """One call of `integrate`: a flow, a solver, and how many evaluations have been used."""

    flow: Flow | CentreFlow
    start: Array
    rtol: float
    atol: float
    solver: str
    max_evaluations: int
    evaluations: int = 0

    def leg(self, point: Array, h: float, count: int, done: int, advance: Callable[[int], None]) -> tuple[list[Array], Status, str]:
        """Integrate `count` steps of one size from `point`, `done` steps after the start; return the states and how it ended."""
        flow, follow = self.flow, None
        if isinstance(flow, CentreFlow):
            first, (begin, state) = flow.start(point, h), flow.launch(point, h)
            pieces = [Piece(self._counted(piece.right), self._counted(piece.ends) if piece.ends else None) for piece in flow.pieces(h)]
        else:
            first, begin, state = point, 0.0, point
            if isinstance(flow.equation, PrincipalFlow) and flow.equation.branch == "continued":
                follow = Continuation(flow.equation, flow.field, h, point)
            pieces = [Piece(self._counted(flow.rhs(h) if follow is None else follow))]
        split = self.solver in _REAL_ONLY and np.iscomplexobj(state)

        def start(right: _Right, t: float, state: Array) -> OdeSolver:
            return _start(self.solver, _split(right) if split else right, t, state, h * count, self.rtol, self.atol, split)

        states = [first]
        trouble, last = "", state
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
                    if follow is not None:
                        follow.accept(last)
        except _OutOfEvaluations:
            trouble = f"the limit of {self.max_evaluations} evaluations was reached"
        except (ValueError, ArithmeticError, np.linalg.LinAlgError) as error:  # implicit solvers on NaN
            trouble = f"{self.solver} failed: {error}"
        if not trouble:
            return states, "completed", f"{count} steps"
        return states, *_diagnose(flow, self.start, last, h, done + len(states), trouble)

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


def _diagnose(flow: Flow | CentreFlow, start: Array, last: Array, h: float, reached: int, trouble: str) -> tuple[Status, str]:
    """Say in words why the solver gave up."""
    place = f"after step {reached - 1}"
    if not np.isfinite(last).all() or np.abs(last).max() > _BOUND * (1 + np.abs(start).max()):
        return "diverged", f"the flow left every bound {place}: |θ| reached {np.abs(last).max():.3g} ({trouble})"
    if isinstance(flow, CentreFlow):
        return "stalled", f"the solver gave up {place}: {_sentence(trouble)}; {flow.equation.hint}"
    if isinstance(flow.equation, MapFlow):
        return diagnose_map(flow, start, last, h, place, _sentence(trouble))
    values = eigenvalues(flow.field, last, h)
    if isinstance(flow.equation, PrincipalFlow) and len(values):
        singular = [as_float(zero) if zero.is_real else complex(zero) for zero in flow.equation.singularities]
        for zero in singular:
            nearest = values[np.argmin(np.abs(values - zero))]
            if abs(nearest - zero) < 1e-3:
                return "singular", (
                    f"{place} an eigenvalue reaches hλ = {_number(nearest)}, where the principal flow of "
                    f"{flow.equation.method.name} is infinite ({trouble})"
                )
        largest = values[np.argmax(np.abs(values))]
        angles = np.angle(roots(increment(flow.equation.method, flow.equation.sheet), values))
        on_cut = distance_to_cut(angles, flow.equation.branch) < _NEAR_CUT
        reason = "it follows the cut of its logarithm, 'two-step' stays real" if on_cut else "it does not describe the method there"
        return "stalled", f"the solver gave up {place}, at hλ = {_number(largest)}: {_sentence(trouble)}; {reason}"
    return "stalled", f"the solver gave up {place}: {_sentence(trouble)}; a lower order or a smaller h may help"


def _number(value: complex) -> str:
    return f"{value.real:.3g}" if abs(value.imag) < 1e-9 else f"{value:.3g}"


def _sentence(text: str) -> str:
    lower = text[:1].lower() + text[1:] if text[1:2].islower() else text  # but not the name of a solver
    return lower.rstrip(".")
