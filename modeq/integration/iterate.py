"""Running a method: a compiled loop over its general linear form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..flows.checks import check_field
from ..flows.flow import Array, Status
from ..losses.field import Field
from ..methods.method import Method, check_method
from ..sizes import WHOLE_STAGES
from .loops import explicit_source, loop
from .many_paths import MANY, check_many, explicit_paths, is_many
from .smooth_start import smooth_start
from .smooth_updates import smooth_state
from .step_sizes import Schedule, StepSize, StepSizeRule, refusal, step_size, times
from .stepping import run_all_as_written, run_as_written
from .trajectories import Trajectories, stacked
from .trajectory import Trajectory, check_finite, check_steps

STARTS = ("rest", "smooth")


def iterate(method: Method, field: Field, theta0: ArrayLike, *, h: StepSize, steps: int, start: str = "rest") -> Trajectory:
    """Run `method` for a number of steps.

    Parameters
    ----------
    method
        Any method with numeric parameters.
    field
        A loss (the method follows −∇E) or a vector field.
    theta0
        Starting point, shape (d,), real or complex. Or k of them, shape (k, d): explicit linear methods do 64 or more in one compiled
        loop on all cores, other updates all points in each step, implicit methods one after the other; the result is `Trajectories`.
    h
        Step size > 0. Or step sizes h_0, h_1, … that change along the run: one for each step, a function of n, or a rule such as
        ``dal(power=1)``, which sees the point θ_n. The method takes step n with h_n as it stands; its memory is not rescaled, so
        `HeavyBall` is v_{n+1} = βv_n − h_n ∇E(θ_n), θ_{n+1} = θ_n + v_{n+1}, and an update of your own is what it says.
    steps
        Number n ≥ 0 of applications.
    start
        For methods with memory: ``"rest"`` starts without momentum, ``"smooth"`` on the smooth solution of h_0, which the
        modified equation describes.

    Returns
    -------
    Trajectory
        θ_0 … θ_n at t = 0, h … nh, or at t_n = h_0 + … + h_{n−1}. Shorter, with the status ``"diverged"`` or ``"unsolvable"``,
        if a step failed, or ``"singular"`` if a rule gave no step size.

    Raises
    ------
    TypeError, ValueError
        If the arguments do not fit together; nothing is run then.

    Examples
    --------
    >>> import modeq as mq
    >>> E = mq.Loss.from_sympy("x**2/2", ["x"])
    >>> iterate(mq.GradientDescent(), E, [1.0], h=0.5, steps=2).theta.ravel()
    array([1.  , 0.5 , 0.25])
    >>> iterate(mq.GradientDescent(), E, [1.0], h=lambda n: 0.5 / (n + 1), steps=2).t
    array([0.  , 0.5 , 0.75])
    """
    check_method(method)
    check_field(field, method.fields, method.name)
    if is_many(theta0):
        several: Any = _many(method, field, check_many(field, theta0), h, check_steps(steps), start)
        return several
    if field.autonomous is not field:
        return _in_time(method, field, theta0, h, steps, start)
    if start not in STARTS:
        raise ValueError(f"start must be 'rest' or 'smooth', got {start!r}")
    count = check_steps(steps)
    rule = step_size(h, count)
    method.require_numbers("running a method")
    linear = method.linear
    point = check_finite(field.check_point(theta0, what="theta0"), "theta0")
    first = rule(0, point.real, field) if isinstance(rule, StepSizeRule) else rule
    trouble = refusal(rule, first, 0) if isinstance(rule, StepSizeRule) else ""
    if start == "smooth" and not trouble:
        state = np.stack(smooth_state(method, field, point, first)) if linear is None else smooth_start(linear, field, point, first)
    else:
        state = np.stack(method.rest(point))
    if linear is None or (method.is_explicit and not field.has_kernels):
        return _as_written(method, field, list(state), rule, count)
    matrices = linear.matrices()
    path = np.full((count + 1, field.dimension), np.nan, state.dtype)
    path[0] = point
    if not method.is_explicit and method.stages * field.dimension > WHOLE_STAGES:
        raise ValueError(
            f"each step of {method.name}, an implicit method, solves a dense system with {method.stages * field.dimension} unknowns; "
            f"at most {WHOLE_STAGES} are supported"
        )
    run, plan = loop(field, linear)
    par = np.concatenate([field.parameter_vector(0.0 if trouble else first), plan])
    scheme, state = (*matrices, np.array(linear.colours)), np.ascontiguousarray(state)

    def advance(rows: Array) -> int:
        """Fill all rows but the first; return how many, or −n−1 if step n + 1 had no solution."""
        try:
            return run(state, scheme, par, rows)
        except ZeroDivisionError:  # Numba raises for complex numbers only; the rows written so far stay
            return int(np.isfinite(rows).all(axis=1).sum()) - 1

    if not isinstance(rule, StepSizeRule):
        return _trajectory(method, field, path, advance(path), np.full(count, first))

    def rescale(ratio: float) -> None:
        """Keep a memory as it is written where the step size changes by a factor."""
        for q, power in enumerate(linear.scaling):
            state[q] *= ratio**power

    return _stepwise(method, field, path, rule, par, advance, rescale)


def _many(method: Method, field: Field, points: Array, h: StepSize, count: int, start: str) -> Trajectories:
    """Run a method from many points: all at once, but implicit methods and rules that look at the point, one after the other."""
    rule = step_size(h, count)
    size = None if isinstance(rule, StepSizeRule) else rule
    linear = method.linear
    sizes = rule.values if isinstance(rule, Schedule) else None if size is None else np.full(count, size)
    if sizes is None or start != "rest" or not method.is_explicit or field.autonomous is not field:
        return stacked([iterate(method, field, point, h=h, steps=count, start=start) for point in points], count, size)
    method.require_numbers("running a method")
    source = explicit_source(field, linear) if linear is not None and size is not None and len(points) >= MANY else ""
    extras: dict[str, Array] = {}
    if linear is not None and size is not None and source:
        states = np.ascontiguousarray(np.stack(method.rest(points), axis=1))
        paths = np.full((len(points), count + 1, field.dimension), np.nan, states.dtype)
        paths[:, 0] = points
        arguments = ((*linear.matrices(), np.array(linear.colours)), field.parameter_vector(size))
        done = explicit_paths(source, states, arguments, paths)
    elif linear is None or not field.has_kernels:
        paths, memory, done = run_all_as_written(method, field, method.rest(points), sizes)
        extras = {name: memory[:, q] for q, name in enumerate(method.state_names[1:])}
    else:
        return stacked([iterate(method, field, point, h=h, steps=count, start=start) for point in points], count, size)
    status: list[Status] = ["completed"] * len(points)
    messages = [f"{count} steps"] * len(points)
    for i in np.flatnonzero(done < count).tolist():
        paths[i, done[i] + 1 :] = np.nan
        end = _trajectory(method, field, paths[i], int(done[i]), sizes)
        status[i], messages[i] = end.status, end.message
    evaluations = np.minimum(done + 1, count) * method.stages
    return Trajectories(times(sizes), paths, done + 1, tuple(status), tuple(messages), evaluations, field, h=size, extras=extras)


def _in_time(method: Method, field: Field, theta0: ArrayLike, h: StepSize, steps: int, start: str) -> Trajectory:
    """Run a method on a field that depends on time: on (f, 1), from s = 0, without the time in what is returned."""
    point = field.check_point(theta0, what="theta0")
    inner = field.autonomous
    if not inner.has_kernels and (start == "smooth" or not method.is_explicit):
        what = "a smooth start" if start == "smooth" else f"{method.name}, an implicit method,"
        raise ValueError(f"{what} needs a field on symbols, and {field.name} is one of arrays; use VectorField.from_sympy(…, time=…)")
    path = iterate(method, inner, np.append(point, 0.0), h=h, steps=steps, start=start)
    return replace(path, theta=path.theta[:, : field.dimension], field=field, extras={})


def _as_written(method: Method, field: Field, state: list[Array], rule: float | StepSizeRule, count: int) -> Trajectory:
    """Run an update that is not linear step by step, and keep its memory."""
    trouble = ""

    def step_size(n: int, theta: Array) -> float:
        nonlocal trouble
        if not isinstance(rule, StepSizeRule):
            return rule
        step = rule(n, np.ascontiguousarray(theta.real), field)
        trouble = refusal(rule, step, n)
        return np.nan if trouble else step

    path, memory, taken = run_as_written(method, field, state, count, step_size)
    extras = {name: memory[:, q] for q, name in enumerate(method.state_names[1:])}
    if trouble:
        return Trajectory(times(taken), path, "singular", trouble, len(taken) * method.stages, field, step_sizes=taken, extras=extras)
    rows = np.concatenate([path, np.full((count + 1 - len(path), field.dimension), np.nan)])
    return replace(_trajectory(method, field, rows, len(taken), taken), extras=extras)


def _stepwise(
    method: Method,
    field: Field,
    path: Array,
    rule: StepSizeRule,
    par: Array,
    advance: Callable[[Array], int],
    rescale: Callable[[float], None],
) -> Trajectory:
    """Take step after step, each with the step size that the rule gives for the point where it starts."""
    taken = np.empty(len(path) - 1)
    for n in range(len(taken)):
        step = rule(n, np.ascontiguousarray(path[n].real), field)
        trouble = refusal(rule, step, n)
        if trouble:
            return Trajectory(times(taken[:n]), path[: n + 1], "singular", trouble, n * method.stages, field, step_sizes=taken[:n])
        if n and step != taken[n - 1]:
            rescale(step / taken[n - 1])
        par[0] = taken[n] = step
        done = advance(path[n : n + 2])
        if done < 1:
            return _trajectory(method, field, path, -n - 1 if done < 0 else n, taken)
    return _trajectory(method, field, path, len(taken), taken)


def _trajectory(method: Method, field: Field, path: Array, done: int, step_sizes: Array) -> Trajectory:
    count = len(path) - 1
    kept = done if done >= 0 else -done - 1
    status: Status = "completed"
    message = f"{count} steps"
    if done < 0:
        status = "unsolvable"
        message = f"step {kept + 1} of {method.name} has no solution that continues from h = 0 to this step size; try a smaller h"
    elif done < count:
        status = "diverged"
        reason = "overflow, or outside the domain of the field"
        message = f"step {done + 1} of {count} of {method.name} is not finite ({reason}); try a smaller h"
    evaluations = (kept + (done < count)) * method.stages
    taken = step_sizes[:kept]
    return Trajectory(times(taken), path[: kept + 1], status, message, evaluations, field, step_sizes=taken)
