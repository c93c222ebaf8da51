"""Integrating a flow with SciPy's solvers: `integrate`, which checks what it gets and puts the legs of a run together."""

from __future__ import annotations

import numbers
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..flows.flow import Array, Flow, Status, check_flow
from ..threads import one_thread
from .events import Event, check_events, value_of
from .leg import SOLVERS, Run
from .many_paths import check_many, follow_paths, is_many
from .progress import progress_bar
from .solution import Solution
from .step_sizes import Schedule, StepSize, StepSizeRule, refusal, step_size, times
from .trajectories import stacked
from .trajectory import Trajectory, check_finite


def integrate(
    flow: Flow,
    theta0: ArrayLike,
    *,
    h: StepSize,
    steps: int,
    rtol: float = 1e-10,
    atol: float = 1e-12,
    solver: str = "DOP853",
    substeps: int = 1,
    events: Event | Sequence[Event] | None = None,
    callback: Callable[[float, Array], Any] | None = None,
    dense_output: bool = False,
    progress: bool = False,
    max_evaluations: int = 100_000,
) -> Trajectory:
    """Integrate a flow from t = 0 to steps·h, or to h_0 + … + h_{steps−1}.

    Parameters
    ----------
    flow
        An equation bound to a loss or field.
    theta0
        Starting point, shape (d,), real or complex (real for rod and central flows). Or k of them, shape (k, d): from 64 on,
        flows of one field are followed by DOP853 in one compiled loop on all cores, others one after the other; that gives `Trajectories`.
    h
        Step size > 0 of the method that the flow models. Or step sizes that change along the run, as in `iterate`: the flow of
        h_n for the time h_n, one after the other; a rule such as ``dal()`` sees the real part of the flow's own point. For methods
        without memory this is exactly what the equation says of each step. With memory, modified equations see a smooth schedule as the
        memory does, which holds steps of other sizes. Other flows, rules that look at the point, and steps where the schedule jumps take
        the smooth solution of h_n, as if all steps before had had that size, which is off by O(h_n − h_{n−1}).
    steps
        Number of steps; the result has a point for each t = n·h, or t_n. Negative to go back in time with one field of one step size.
    rtol, atol
        Relative and absolute tolerance of the solver.
    solver
        One of SciPy's: RK45, RK23, DOP853, Radau, BDF, LSODA. Complex states are split into real and imaginary part
        for Radau and LSODA, which know real states only. Or "SDC", deferred corrections of steps of the method itself: of flows that
        stay near it, as "two-step" at the edge of stability, it needs about one field for each of their maps, if the tolerance is
        not below their own error in a map; DOP853 does the rest of the run.
    progress
        Show a progress bar; of many points only where they run one after the other.
    substeps
        Number k ≥ 1 of points for each step that ``path.theta_between`` has, at t = nh/k; 1 for those at the steps alone.
    events
        Functions g(t, θ) whose changes of sign are found, as in `scipy.integrate.solve_ivp`: with ``g.terminal = True`` the first one
        ends the run, with the status ``"event"``, with ``g.terminal = k`` the k-th; ``g.direction`` picks one direction.
        ``path.t_events`` and ``path.theta_events`` have them. A value of 0 at the start is no event.
    callback
        Called with t and θ, shape (d,), after each step of the solver; what is true ends the run, with the status ``"event"``.
    dense_output
        Whether to keep the solver's interpolants: ``path.solution(t)`` is θ at any time.
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
    for name, value in (("max_evaluations", max_evaluations), ("substeps", substeps)):
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
            raise ValueError(f"{name} must be an integer ≥ 1, got {value!r}")
    if isinstance(steps, bool) or not isinstance(steps, (int, np.integer)):
        raise TypeError(f"steps must be an integer, got {steps!r}")
    count = int(steps)
    rule = step_size(h, abs(count))
    if isinstance(rule, StepSizeRule) and (reason := flow.one_step_size()):
        raise ValueError(f"{reason}; give one number for h, or take another flow such as 'principal'")
    if count < 0 and (isinstance(rule, StepSizeRule) or flow.one_step_size() or flow.changes or flow.starts_at_rest):
        raise ValueError(f"steps must be ≥ 0 here, got {count}: back in time go flows of one field with one step size")
    if is_many(theta0):
        if events is not None or callback is not None or dense_output or substeps > 1:
            raise ValueError(
                "runs from many points keep their steps only; leave events, callback, dense_output and substeps out, or run one point"
            )
        points = check_many(flow.field, theta0)
        for point in points:
            flow.check_start(point)
        size = rule if isinstance(rule, float) else None
        compiled = solver == "DOP853" and size is not None
        runs = follow_paths(flow, points, size, count, rtol, atol, max_evaluations) if compiled and size else None
        several: Any = runs
        if runs is None:
            options: dict[str, Any] = {"rtol": rtol, "atol": atol, "solver": solver, "max_evaluations": max_evaluations}
            made = []
            with progress_bar(str(flow), len(points), shown=progress) as advance:
                for point in points:
                    made.append(integrate(flow, point, h=h, steps=steps, **options))
                    advance(len(made))
            several = stacked(made, count, size)
        return several
    point = check_finite(flow.field.check_point(theta0, what="theta0"), "theta0")
    flow.check_start(point)
    if solver == "SDC":
        _check_method_known(flow, point, rule, count)
    watched = check_events(events)
    for event in watched:
        value_of(event, 0.0, point)  # what is no number raises before any work
    kept = Solution(flow.output) if dense_output else None
    run = Run(flow, point, rtol, atol, solver, max_evaluations, int(substeps), watched, callback, kept)
    if isinstance(rule, Schedule):
        run.schedule = rule.values
    with (
        one_thread(len(point)),
        progress_bar(str(flow), abs(count), shown=progress) as advance,
        np.errstate(all="ignore"),  # trouble ends in the status
    ):
        if isinstance(rule, StepSizeRule):
            return _stepwise(run, rule, None, count, advance)
        if flow.changes:
            return _stepwise(run, Schedule(np.full(count, rule)), rule, count, advance)
        return _at_once(run, rule, count, advance)


def _check_method_known(flow: Flow, point: Array, rule: float | StepSizeRule, count: int) -> None:
    if isinstance(rule, StepSizeRule) or flow.changes or count < 0:
        raise ValueError("solver='SDC' takes several steps forward at once, with one field and one step size; take DOP853 here")
    if flow.launch(point, rule)[0] or flow.follow(flow.start(point, rule)[np.newaxis], rule) is None:
        raise ValueError(f"solver='SDC' does steps of the method, which states of the {flow} do not tell; take DOP853")


def _at_once(run: Run, h: float, count: int, advance: Callable[[int], None]) -> Trajectory:
    """Follow the flow of one step size, which is one field."""
    flow = run.flow
    begin, state = flow.launch(run.theta0, h)
    reached, status, message = run.leg(flow.start(run.theta0, h), begin, state, h, count, 0, 0.0, advance)
    states = np.array(reached)
    at_steps = states[:: run.substeps]
    if status == "completed":
        status, message = flow.verify(at_steps, h) or (status, message + run.told())
    signed = h if count >= 0 else -h
    between = signed * np.arange(len(states)) / run.substeps
    return _trajectory(run, signed * np.arange(len(at_steps)), states, between, status, message, h, np.full(len(at_steps) - 1, h))


def _stepwise(run: Run, rule: StepSizeRule, h: float | None, count: int, advance: Callable[[int], None]) -> Trajectory:
    """Follow the flow of step n for the time h_n, from the state where the step before ended; h is their size if they have one.

    A flow of several steps is followed for as many.
    """
    flow, k = run.flow, run.substeps
    states, taken = [flow.start(run.theta0, 1.0 if h is None else h)], np.empty(count)
    between, since = [0.0], 0.0
    status: Status = "completed"
    message = f"{count} steps"
    n = 0
    while n < count:
        steps = min(flow.period, count - n)  # several as one map have one size and one field
        step = rule(n, np.ascontiguousarray(flow.output(states[-1]).real), flow.field)
        message = refusal(rule, step, n)
        if message:
            status = "singular"
            break
        size = float(step)
        taken[n : n + steps] = size
        reached, status, message = run.leg(states[-1], 0.0, states[-1], size, steps, n, since, lambda _: None)
        if n == 0:
            states = [np.asarray(states[0], reached[0].dtype)]
        states += reached[1:]
        between += [since + size * j / k for j in range(1, len(reached))]
        if status != "completed":
            break
        n += steps
        since = float(times(taken[:n])[-1])
        between[-1] = since
        advance(n)
    else:
        message = f"{count} steps{run.told()}"
    done = (len(states) - 1) // k
    return _trajectory(run, times(taken[:done]), np.array(states), np.array(between), status, message, h, taken[:done])


def _trajectory(
    run: Run, t: Array, states: Array, between: Array, status: Status, message: str, h: float | None, sizes: Array
) -> Trajectory:
    """Collect what was reached: the states at the substeps, at the times `between`."""
    flow, at_steps = run.flow, states[:: run.substeps]
    extras = flow.extras(at_steps, sizes[0] if h is None and len(sizes) else h or 1.0)
    found = [[entry for entry in run.found if entry.number == number] for number in range(len(run.events))]
    return Trajectory(
        t,
        flow.output(at_steps),
        status,
        message,
        run.evaluations,
        flow.field,
        flow,
        h,
        sizes,
        extras,
        at_steps,
        t_between=between,
        theta_between=flow.output(states),
        t_events=tuple(np.array([entry.t for entry in entries]) for entries in found),
        theta_events=tuple(np.array([entry.theta for entry in entries]).reshape(-1, flow.field.dimension) for entries in found),
        solution=run.solution,
        jumps=tuple(run.jumps),
    )
