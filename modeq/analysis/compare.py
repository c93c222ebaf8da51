"""Running a method and the flows that it is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import ArrayLike

from ..flows.checks import check_field
from ..integration.iterate import iterate
from ..integration.many_paths import is_many
from ..integration.progress import progress_bar
from ..integration.solve import integrate
from ..integration.step_sizes import StepSize, StepSizeRule, step_size
from ..integration.trajectory import check_steps
from ..losses.field import Field
from ..methods.method import Method, check_method
from .chosen_flows import FlowLike, resolve_flows
from .comparison import Comparison
from .ensemble_comparison import EnsembleComparison

_SUBSTEPS = 24  # points of a flow in each step: rotations in the complex plane look round
_KEPT = 2**22  # numbers between steps


def compare(
    method: Method,
    field: Field,
    theta0: ArrayLike,
    *,
    h: StepSize,
    steps: int,
    flows: Sequence[FlowLike] | None = None,
    start: str = "rest",
    solver: str = "DOP853",
    rtol: float = 1e-10,
    atol: float = 1e-12,
    max_evaluations: int = 100_000,
    progress: bool = False,
) -> Comparison:
    """Run a method and integrate flows from the same point.

    Parameters
    ----------
    method
        Any method with numeric parameters.
    field
        A loss or vector field.
    theta0
        Starting point, shape (d,). Or k of them, shape (k, d): the result is an `EnsembleComparison`, with quantiles of the errors.
    h
        Step size > 0. Or step sizes that change along the run, see `iterate`: the flows take those that the method took, each for
        one step; for methods with memory see `integrate`.
    steps
        Number of steps.
    flows
        Names of `modeq.flows.flow_names` – ``"gradient"``, ``"igr"``, an order such as 3, ``"principal"``, ``"principal2"``,
        ``"principal+3"``, for explicit methods ``"map"``, the whole state from rest, and ``"two-step"``, every second iterate, on
        a loss ``"rod"``, and ``"central"`` for gradient descent and RMSProp, averages of oscillations –; equations or flows. When left out:
        gradient, igr, 3 and principal, as far as they exist; `notes` say why one does not.
    start
        ``"rest"`` or ``"smooth"``, see `iterate`; ``"rest"`` for flows on the whole state of methods with memory, which start there.
    solver, rtol, atol, max_evaluations
        See `integrate`.
    progress
        Show a progress bar for each flow.

    Returns
    -------
    Comparison
        Complete even where a run ended early; then with NaN and a message.

    Raises
    ------
    TypeError, ValueError
        If the arguments do not fit together; nothing is run then.

    Examples
    --------
    >>> import modeq as mq
    >>> report = mq.compare(mq.GradientDescent(), mq.losses.quadratic(), [1.0, 1.0], h=0.5, steps=4)
    >>> bool(report.errors["principal"].max() < 1e-8 < report.errors["igr"].max())
    True
    """
    check_method(method)
    check_field(field, method.fields, method.name)
    resolved, notes = resolve_flows(method, field, flows)
    for label, flow in resolved:
        if flow.field is not field:
            raise ValueError(f"the flow {label!r} is bound to {flow.field.name}, not to the {field.name} that the method runs on")
        if start == "smooth" and flow.starts_at_rest:
            raise ValueError(f"the flow {label!r} has the whole state of {method.name}, and starts at rest; take start='rest' for it")
    labels = [str(label) for label, _ in resolved]
    if len(set(labels)) < len(labels):
        raise ValueError(f"each flow may be asked for once, got {', '.join(labels)}")
    rule = step_size(h, check_steps(steps))
    options: dict[str, Any] = {"solver": solver, "rtol": rtol, "atol": atol, "max_evaluations": max_evaluations}
    if is_many(theta0):
        if isinstance(rule, StepSizeRule):
            raise ValueError(f"comparisons from many points have one step size for all, got {rule}; give a number for h")
        many: Any = iterate(method, field, theta0, h=rule, steps=steps, start=start)
        ensembles: Any = {label: integrate(flow, theta0, h=rule, steps=steps, **options) for label, flow in resolved}
        distribution: Any = EnsembleComparison(method, field, rule, int(steps), many, ensembles, notes)
        return distribution
    with progress_bar(method.name, 1, shown=progress) as advance:
        iterates = iterate(method, field, theta0, h=rule, steps=steps, start=start)
        advance(1)
    grid: dict[str, Any] = {"h": rule, "steps": steps}
    if isinstance(rule, StepSizeRule):
        grid = {"h": list(iterates.step_sizes) or 1.0, "steps": len(iterates.step_sizes)}
    substeps = max(1, min(_SUBSTEPS, _KEPT // max(1, field.dimension * int(steps))))
    options["substeps"] = substeps
    paths = {label: integrate(flow, theta0, progress=progress, **grid, **options) for label, flow in resolved}
    report = Comparison(method, field, rule, int(steps), start, iterates, paths, notes)
    with progress_bar("verdicts", len(paths), shown=progress) as advance:  # here, under the bar: tables only print
        for count, path in enumerate(paths.values(), 1):
            _ = path.validity
            advance(count)
    return report
