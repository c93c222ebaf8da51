"""Where a flow stops describing its method: measures at a point or along a run, and a verdict in one line.

Two estimates of the distance to the method know nothing of the method's run. What the flow leaves out – the next order or degree –,
divided by the field, is integrated along the path; and the distances between one step of the method and the flow, from each recorded
point to the next, are summed. The second sees all that the flow leaves out, also beyond hλ = 1, where the degrees of the principal flow
do not get smaller; it exists for explicit methods without memory. Neither follows errors as they grow or die out, so they are an order of
magnitude: on the safe side where paths approach a minimum, too small where they part, as at a saddle.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, TypeAlias, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..flows.eigenvalues import distance_to_cut, distance_to_singularity, eigenvalues, roots
from ..flows.flow import Flow, check_flow, check_step
from ..sizes import ALL_EIGENVECTORS
from ..threads import one_thread

Array: TypeAlias = NDArray[Any]
Grade: TypeAlias = Literal["valid", "rough", "doubtful", "stopped", "unknown"]

VALID = 0.02  # of the way: the width of a line in a picture, flow and iterates are one curve
DOUBTFUL = 0.2  # of the way: iterates and flow go visibly different ways
COMPLEX = 0.2  # of the way in the imaginary direction: as much is lost when the real part is taken
AT_CUT = 1e-3  # radians; rounding and the solver's tolerance decide on which side of the cut an evaluation falls
NOTICEABLE = 0.1  # of the way; a smaller imaginary part is not worth a word
REAL = 1e-9  # of the size of θ; what rounding and the solver leave
POINTS = 20  # along a run; estimates change smoothly, and the run itself takes hundreds of evaluations
_FINISHED = ("completed", "event")
FEW = 5  # where measuring one point costs tens of evaluations


@final
@dataclass(frozen=True, eq=False, repr=False)
class Validity:
    """How far a flow can be trusted, at one point or at some points of a run; every array has shape (n,).

    Attributes
    ----------
    flow, h
        What was looked at; h has shape (n,) too where the step size changes along the run.
    t
        Times of the points; 0 for a single evaluation.
    hlambda
        Largest modulus of an eigenvalue of h f′. Up to 100 coordinates of all eigenvalues, beyond that of the two largest of the
        Hessian at the real part of the point, by Lanczos' method to about two digits; this goes for the next two as well.
    singularity
        Distance from the eigenvalues of h f′ to the nearest point where log R is not analytic, where R is 0 or ∞ or two roots
        meet: −1 for gradient descent. ∞ for truncated flows, which have no singularity.
    cut
        Distance of the angles arg R(hλ) from the cut of the chosen branch, in radians: where it is 0 rounding decides which sheet
        of the logarithm an evaluation is on. ∞ for flows without logarithm, or without cut.
    imaginary
        ‖Im θ‖ in units of `extent`.
    estimate
        ‖what the next order or degree adds‖/‖field‖: see `Flow.error_estimate`; NaN where nothing is known, and where it is dear but the
        drift is known.
    error
        The estimate integrated along the path so far: an estimate of the distance to the iterates, in the units of θ. For a single
        evaluation that of one step.
    drift
        Sum of the one-step errors ‖Φ_h(θ_n) − θ_{n+1}‖ so far, Φ_h one step of the method, θ_n the recorded points: a second estimate
        of the distance to the iterates, which the verdict prefers. NaN for single evaluations and where a state of the flow does not tell
        the method's next one: on smooth solutions of methods with memory, for implicit ones, and for fields that no method follows.
    radius
        Distance from hλ = 0 to the nearest point where log R is not analytic: series in h converge for |hλ| below it. 1 for gradient
        descent, less for momentum, whose roots meet. ∞ for methods with several fields.
    extent
        Largest distance of Re θ from the start over the whole run; ‖Re θ‖ for a single evaluation.
    turning
        Largest |arg R(hλ)|: the angle by which the method turns in a step; above π/2 it oscillates, where λ is real with R < 0. NaN for
        methods with several fields, which have no R.
    growth
        Largest ‖Im θ‖ in the second half of the run over that in the first; above 1 it grows. NaN where all is real to 1e-9.
    other_roots
        Largest modulus of a root of the method that exceeds that of the root which the flow follows, see `Flow.other_roots`; 0 if none
        does. Above 1 runs of the method leave the flow.
    status, message
        How the run ended, see `Status`; ``"completed"`` for a single evaluation.

    Examples
    --------
    >>> import modeq as mq
    >>> E = mq.losses.double_well()
    >>> path = mq.integrate(mq.modified_equation(mq.GradientDescent(), order=3).on(E), [1.4], h=0.1, steps=20)
    >>> print(path.validity)
    valid: hλ ≤ 0.488; next order ≤ 2.9 % of field, off by 1.3 % of the way
    """

    flow: Flow
    h: float | Array
    t: Array
    hlambda: Array
    singularity: Array
    cut: Array
    imaginary: Array
    estimate: Array
    error: Array
    drift: Array
    turning: Array
    radius: float
    extent: float
    growth: float
    other_roots: float
    status: str
    message: str

    @property
    def relative_error(self) -> float:
        """The last entry of `drift`, or else of `error`, in units of `extent`: what the verdict judges by."""
        return _ratio(float((self.error if np.isnan(self.drift).all() else self.drift)[-1]), self.extent)

    @cached_property
    def grade(self) -> Grade:
        """The first word of the verdict.

        ``valid``     the estimated distance to the iterates is at most 2 % of the way, `extent`;
        ``rough``     it is at most 20 %;
        ``doubtful``  it is more, or the status is ``"complex"``, or the imaginary part exceeds 20 % of the way, or the next order or
        degree is all that the estimate rests on and hλ exceeds `radius`, or runs of the method leave the flow (`other_roots`);
        ``stopped``   the run did not reach its end;
        ``unknown``   nothing is known about what is left out.
        """
        if self.status == "complex":
            return "doubtful"
        if self.status not in _FINISHED:
            return "stopped"
        if np.isnan(self.estimate).all() and np.isnan(self.drift).all():
            return "unknown"
        if self.other_roots > 1 or self._diverges or not self.imaginary.max() <= COMPLEX:
            return "doubtful"
        return grade_of(self.relative_error)

    @property
    def _diverges(self) -> bool:
        """Whether the estimate is the next term of a series that does not converge; where nothing is left out it is right."""
        alone = bool(np.isnan(self.drift).all()) and not _largest(self.estimate) < REAL
        return alone and _largest(self.hlambda) > self.radius

    @cached_property
    def verdict(self) -> str:
        """One line in words; its first word is `grade`."""
        if self.status == "complex":
            return f"{self.grade}: {self.message}"
        if self.status not in _FINISHED:
            reached = f" at t = {self.t[-1]:.4g}" if len(self.t) else ""
            return f"stopped{reached}: {self.message}"
        words = [f"hλ ≤ {_largest(self.hlambda):.3g}"] if np.isfinite(self.hlambda).any() else ["hλ unknown"]
        if _largest(self.turning) > np.pi / 2:
            words.append("oscillating" if self.flow.is_complex else "iterates oscillate")
        if _largest(self.imaginary) > NOTICEABLE:
            words.append(f"Im θ ≤ {percent(_largest(self.imaginary))}" + " and growing" * (self.growth > 1))
        if self.other_roots > 1:
            words.append(f"runs leave it, another root of the method grows by {self.other_roots:.3g} a step")
        if self._diverges:
            words.append("where series in h diverge")
        if self.cut.min(initial=np.inf) < AT_CUT:
            words.append("on the cut of its logarithm")
        return f"{self.grade}: {', '.join(words)}; {self._left_out()}{self._better()}"

    @property
    def _exact(self) -> bool:
        """Whether what is left out is rounding."""
        return (self.relative_error if np.isnan(self.estimate).all() else _largest(self.estimate)) < REAL

    def _left_out(self) -> str:
        if self.flow.remark:
            return self.flow.remark
        if np.isnan(self.estimate).all() and np.isnan(self.drift).all():
            return "no estimate of what it leaves out"
        if self._exact:
            return "nothing left out but rounding"
        if np.isnan(self.estimate).all():
            return f"off by {percent(self.relative_error)} of the way"
        path = "" if len(self.t) == 1 else f", off by {percent(self.relative_error)} of the way"
        return f"next {self.flow.completes} ≤ {percent(_largest(self.estimate))} of field{path}"

    def _better(self) -> str:
        """Name a flow that is closer, if there is one."""
        return "" if self._exact else self.flow.advice(_largest(self.hlambda))

    def __str__(self) -> str:
        return self.verdict

    def __repr__(self) -> str:
        return f"<Validity of {self.flow.title} on {self.flow.field.name}: {self.verdict}>"


def validity(flow: Flow, theta: ArrayLike, h: float) -> Validity:
    """Measure how far a flow describes its method at one point, for one step.

    Parameters
    ----------
    flow
        An equation bound to a loss or field.
    theta
        One point, shape (d,), real or complex.
    h
        Step size > 0 of the method.

    Returns
    -------
    Validity
        With arrays of one entry; `Trajectory.validity` has the same for a run.

    Raises
    ------
    TypeError, ValueError
        If `flow` is no flow, the point does not fit it, or the step size is not a finite number > 0.

    Examples
    --------
    >>> import modeq as mq
    >>> flow = mq.principal_flow(mq.GradientDescent()).on(mq.losses.quadratic([[2]]))
    >>> at = mq.validity(flow, [1.0], 0.4)
    >>> at.hlambda.round(6), at.singularity.round(6), at.cut.round(6), at.estimate
    (array([0.8]), array([0.2]), array([1.570796]), array([0.]))
    """
    check_flow(flow)
    point = flow.field.check_point(theta)
    if not np.isfinite(point).all():
        raise ValueError(f"theta must be finite, got {theta!r}")
    step = check_step(h)
    states, extent = flow.start(point, step)[np.newaxis], float(np.linalg.norm(point.real))
    return _measured(flow, step, np.zeros(1), states, np.full(1, np.nan), extent, True, "completed", "")


def validity_of_run(flow: Flow, h: float | Array, t: Array, states: Array, evaluations: int, status: str, message: str) -> Validity:
    """Measure along a run, states of shape (n, m), at no more than 20 points, evenly spread over the length of the path.

    h is a number, or the step size of each step, shape (n − 1,); at the last point it is that of the last step.

    Where measuring costs tens of evaluations – eigenvalues beyond 100 coordinates, degree 2 on arrays – at one point for every 100
    evaluations of the run, from 2 to 5.
    """
    finite = states[np.isfinite(states).all(axis=1)]
    theta = flow.output(finite)
    steps = np.linalg.norm(np.diff(theta, axis=0), axis=1)
    length = np.concatenate([[0.0], np.cumsum(steps)])
    count = FEW if flow.field.dimension > ALL_EIGENVECTORS or flow.estimate_is_dear else POINTS
    if count == FEW:
        count = min(FEW, max(2, evaluations // 100))
    chosen = np.unique(np.searchsorted(length, np.linspace(0.0, length[-1], count)).clip(0, len(finite) - 1))
    if len(finite) > 1:
        extent = float(np.linalg.norm(theta.real - theta[0].real, axis=1).max())
    else:  # no way to measure by
        extent, length = float(np.linalg.norm(theta[0].real)), np.full(1, np.nan)
    drift = _drift(flow, finite, theta, h)
    at_points = h if np.ndim(h) == 0 else np.append(h, h[-1:])[chosen]  # type: ignore[index]  # an array then
    estimate = drift is None or not flow.estimate_is_dear
    result = _measured(flow, at_points, t[chosen], finite[chosen], length[chosen], extent, estimate, status, message)
    half = len(theta) // 2
    early, late = (np.linalg.norm(part.imag, axis=1).max(initial=0.0) for part in (theta[:half], theta[half:]))
    real = max(early, late) <= REAL * np.linalg.norm(theta, axis=1).max()
    growth = np.nan if real else _ratio(float(late), float(early))
    return replace(result, growth=growth, drift=result.drift if drift is None else drift[chosen // flow.period])


def _drift(flow: Flow, states: Array, theta: Array, h: float | Array) -> Array | None:
    """Return the sums of ‖Φ(s_n) − θ_{n+1}‖ along the states, of every k-th for a flow of k steps; None where they are not known."""
    k = flow.period
    if len(states) <= k:
        return None
    with np.errstate(all="ignore"):
        after = flow.follow(states[::k][: (len(states) - 1) // k], h if np.ndim(h) == 0 else np.asarray(h)[::k])
        if after is None:
            return None
        return np.concatenate([[0.0], np.cumsum(np.linalg.norm(flow.output(after) - theta[k::k], axis=1))])


def _measured(
    flow: Flow, h: float | Array, t: Array, states: Array, length: Array, extent: float, estimated: bool, status: str, message: str
) -> Validity:
    """Measure at states with their lengths along the path; for a single evaluation it is that of one step."""
    form, branch = flow.root, flow.branch
    if not states.imag.any():
        states = np.ascontiguousarray(states.real)
    points = flow.output(states)
    steps = np.broadcast_to(h, len(points)).tolist()
    with np.errstate(all="ignore"), one_thread(flow.field.dimension):
        spectra = [eigenvalues(flow.field, point, step, digits=2) for point, step in zip(points, steps, strict=True)]
        field = np.array([flow(state, step) for state, step in zip(states, steps, strict=True)])
        term = flow.error_estimate(states, h) if estimated else None
    sizes = np.linalg.norm(field, axis=1)
    left_out = np.full(len(points), np.nan) if term is None else np.linalg.norm(term, axis=1)
    estimate = np.array([_ratio(a, b) for a, b in zip(left_out.tolist(), sizes.tolist(), strict=True)])
    angles = [np.angle(roots(form, values)) if form else np.empty(0) for values in spectra]
    if np.isnan(length).any():
        error = np.asarray(steps) * left_out
    else:
        with np.errstate(all="ignore"):
            error = np.concatenate([[0.0], np.cumsum((estimate[1:] + estimate[:-1]) / 2 * np.diff(length))])
    return Validity(
        flow,
        h,
        t,
        hlambda=np.array([np.abs(values).max(initial=0.0) if len(values) else np.nan for values in spectra]),
        singularity=np.array([distance_to_singularity(form, values) if branch and form else np.inf for values in spectra]),
        cut=np.array([distance_to_cut(angle, branch) if branch else np.inf for angle in angles]),
        turning=np.array([np.abs(angle).max(initial=0.0) if len(angle) else np.nan for angle in angles]),
        imaginary=np.array([_ratio(float(np.linalg.norm(point.imag)), extent) for point in points]),
        estimate=estimate,
        error=error,
        drift=np.full(len(points), np.nan),
        radius=min((abs(point) for point in form.singular), default=np.inf) if form else np.inf,
        extent=extent,
        growth=np.nan,
        other_roots=max((flow.other_roots(values) for values in spectra), default=0.0),
        status=status,
        message=message,
    )


def grade_of(share: float) -> Grade:
    """Grade a distance to the iterates, in units of the way."""
    return "valid" if share <= VALID else "rough" if share <= DOUBTFUL else "doubtful"


def _largest(values: Array) -> float:
    """Return the largest entry that is a number, 0 without any."""
    return float(np.nanmax(values, initial=0.0))


def percent(part: float) -> str:
    """Write a share in words that fit a line."""
    if not part < 10:
        return "more than 1000 %"
    return f"{100 * part:.0f} %" if part >= 0.1 else f"{100 * part:.2g} %"


def _ratio(part: float, whole: float) -> float:
    """Return part/whole, 0 for 0/0 and ∞ for ∞/∞."""
    if part == 0 or np.isnan(part):
        return part
    return part / whole if whole and np.isfinite(part) else np.inf
