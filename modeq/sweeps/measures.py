"""What is kept of the result of one cell: named arrays with named dimensions. A kind of result of your own registers what it is."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import singledispatch
from typing import Any, TypeAlias

import numpy as np

from ..analysis.comparison import Comparison
from ..analysis.ensemble_comparison import EnsembleComparison
from ..integration.domain_of_validity import Validity
from ..integration.trajectories import Trajectories
from ..integration.trajectory import Trajectory
from ..records.record import Array

_NUMBERS = (bool, int, float, complex, str, np.ndarray, np.generic)
Measures: TypeAlias = dict[str, tuple[tuple[str, ...], Array]]


@singledispatch
def measures(result: Any) -> Measures:
    """Return what a sweep keeps of a result, by name: dimensions and an array.

    Numbers and texts are the variable ``value``, dictionaries of them one variable each; arrays get dimensions ``name_0`` and so on, or
    those of a pair ``(("step",), array)``. Of comparisons it is the largest, mean and final error, verdict and status of each flow, of
    runs, one or many, the last point and loss and the status, of `modeq.validity` the largest hλ and the verdict, of other diagnoses all
    fields that are numbers, texts or arrays. For results of your own register a function: ``measures.register(Kind)``.

    Parameters
    ----------
    result
        What the function of a sweep returned.

    Returns
    -------
    dict
        Dimensions and array of any shape by name.

    Raises
    ------
    TypeError
        If nothing is known of such a result.

    Examples
    --------
    >>> from modeq.sweeps import measures
    >>> measures({"error": 0.5})
    {'error': ((), array(0.5))}
    """
    if isinstance(result, (*_NUMBERS, list)):
        return measures({"value": result})
    if dataclasses.is_dataclass(result):
        entries = {entry.name: getattr(result, entry.name) for entry in dataclasses.fields(result)}
        kept = {name: value for name, value in entries.items() if isinstance(value, _NUMBERS) and np.asarray(value).dtype.kind in "biufcU"}
        if kept:
            return measures(kept)
    raise TypeError(
        f"a sweep keeps numbers, texts, arrays, dictionaries of them, comparisons and runs, got {type(result).__name__}; "
        "return one of them, or register what to keep with modeq.sweeps.measures.register"
    )


@measures.register(Mapping)
def _(result: Mapping[str, Any]) -> Measures:
    kept: Measures = {}
    for name, value in result.items():
        if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], tuple):
            dimensions, array = value[0], np.asarray(value[1])
        else:
            array = np.asarray(value)
            dimensions = tuple(f"{name}_{axis}" for axis in range(array.ndim))
        if array.dtype.kind not in "biufcU" or len(dimensions) != array.ndim:
            raise TypeError(f"{name} is no number, text or array of them: {value!r}")
        kept[str(name)] = dimensions, array
    return kept


@measures.register
def _(result: Comparison) -> Measures:
    record, labels = result.record, np.array([str(label) for label in result.trajectories])
    errors = record["error"][:, 1:]  # the common start says nothing
    spans = [path.validity for path in result.trajectories.values()]
    hlambda = [np.nan if span is None else np.nanmax(span.hlambda, initial=0.0) for span in spans]
    ends = [result.steps - result.steps % path.period for path in result.trajectories.values()]
    return {
        "flow": (("flow",), labels),
        "max_error": (("flow",), _over_steps(np.nanmax, errors)),
        "mean_error": (("flow",), _over_steps(np.nanmean, errors)),
        "final_error": (("flow",), np.array([row[end] for row, end in zip(record["error"], ends, strict=True)])),
        "largest_imaginary": (("flow",), record["largest_imaginary"]),
        "hlambda": (("flow",), np.array(hlambda)),
        "evaluations": (("flow",), record["evaluations"]),
        "status": (("flow",), record["status"]),
        "verdict": (("flow",), record["verdict"]),
        "iterates_status": ((), np.array(result.iterates.status)),
        "iterates_steps": ((), np.array(len(result.iterates) - 1)),
    }


@measures.register
def _(result: EnsembleComparison) -> Measures:
    labels = np.array([str(label) for label in result.ensembles])
    levels = np.array([0.1, 0.5, 0.9])
    return {
        "flow": (("flow",), labels),
        "quantile": (("quantile",), levels),
        "error_quantiles": (("flow", "quantile", "step"), np.array(list(result.quantiles(levels.tolist()).values()))),
        "completed": (("flow",), np.array([int(runs.completed.sum()) for runs in result.ensembles.values()])),
    }


@measures.register
def _(result: Trajectory) -> Measures:
    loss = result.loss
    return {
        "coordinate": (("coordinate",), np.array(result.field.coordinates)),
        "theta": (("coordinate",), result.theta[-1]),
        "loss": ((), np.array(np.nan if loss is None else loss[-1])),
        "steps": ((), np.array(len(result) - 1)),
        "evaluations": ((), np.array(result.evaluations)),
        "status": ((), np.array(result.status)),
        "message": ((), np.array(result.message)),
    }


@measures.register
def _(result: Trajectories) -> Measures:
    rows, last = np.arange(len(result)), result.points - 1
    loss = result.loss
    return {
        "coordinate": (("coordinate",), np.array(result.field.coordinates)),
        "theta": (("path", "coordinate"), result.theta[rows, last]),
        "loss": (("path",), np.full(len(result), np.nan) if loss is None else np.asarray(loss)[rows, last]),
        "steps": (("path",), last),
        "evaluations": (("path",), result.evaluations),
        "status": (("path",), np.array(result.status)),
        "message": (("path",), np.array(result.messages)),
    }


@measures.register
def _(result: Validity) -> Measures:
    return {
        "hlambda": ((), np.array(np.nanmax(result.hlambda, initial=0.0))),
        "relative_error": ((), np.array(result.relative_error)),
        "grade": ((), np.array(str(result.grade))),
        "verdict": ((), np.array(result.verdict)),
    }


def _over_steps(reduce: Any, rows: Array) -> Array:
    return np.array([reduce(row[np.isfinite(row)]) if np.isfinite(row).any() else np.nan for row in rows])
