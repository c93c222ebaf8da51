"""Objectives: how the outputs of a model are compared with the targets, as a mean over the samples.

Each checks its targets when the loss is made and turns them into the table, shape (n, m), that its formula needs.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, final

import numpy as np
from numpy.typing import ArrayLike

from .lookup import lookup
from .samples import Array, as_numbers


@final
@dataclass(frozen=True)
class Objective:
    """One number that says how far outputs are from targets, the mean over n samples.

    Attributes
    ----------
    name
        For the names of losses.
    value
        The formula, from outputs of shape (n, m) and targets of shape (n, t).
    table
        From y as given and the number m of outputs to the targets of the formula, shape (n, t); raises if they do not fit.
    count
        Number m of outputs that targets ask for.

    Examples
    --------
    >>> OBJECTIVES["mean-squared"].value(np.array([[1.0], [3.0]]), np.array([[1.0], [1.0]])).item()
    1.0
    """

    name: str
    value: Callable[[Any, Any], Any]
    table: Callable[[Array, int], Array]
    count: Callable[[Array], int]

    def outputs(self, y: ArrayLike | None) -> int:
        """Return the number of outputs that targets ask for, or raise.

        Examples
        --------
        >>> OBJECTIVES["softmax"].outputs([0, 1, 2, 1])
        3
        """
        return self.count(_given(y))

    def targets(self, y: ArrayLike | None, samples: int, outputs: int) -> Array:
        """Return the targets of the formula for so many samples and outputs, or raise.

        Examples
        --------
        >>> OBJECTIVES["logistic"].targets([0, 1, 1], samples=3, outputs=1).tolist()
        [[-1.0], [1.0], [1.0]]
        """
        array = _given(y)
        if array.shape[:1] != (samples,):
            found = f"y has {len(array)}" if array.ndim else "y is a single number"
            raise ValueError(f"X has {samples} sample{'s' * (samples > 1)} and {found}; give one target for each row of X")
        return self.table(array, outputs)


def objective(choice: str | Objective) -> Objective:
    """Return an objective by its name: "mean-squared", "logistic" or "softmax"; an `Objective` is returned as it is.

    Raises
    ------
    TypeError, ValueError
        If the name is unknown.

    Examples
    --------
    >>> objective("logistic").name
    'logistic'
    """
    return choice if isinstance(choice, Objective) else lookup(OBJECTIVES, choice, "objective")


def _given(y: ArrayLike | None) -> Array:
    if y is None:
        raise TypeError("y is missing: give the targets, one for each row of X")
    return as_numbers(y, "y")


def _mean_squared(outputs: Any, targets: Any) -> Any:
    """1/(2n) Σ_i ‖output_i − y_i‖²."""
    return 0.5 * np.mean(np.sum(np.square(outputs - targets), axis=1))


def _logistic(outputs: Any, signs: Any) -> Any:
    """1/n Σ_i log(1 + exp(−s_i·output_i)) with signs s_i = ±1."""
    return np.mean(np.logaddexp(0.0, -signs * outputs))


def _softmax(outputs: Any, one_hot: Any) -> Any:
    """1/n Σ_i (log Σ_c exp z_ic − z_{i, label i}), the mean cross-entropy."""
    return np.mean(np.logaddexp.reduce(outputs, axis=1) - np.sum(outputs * one_hot, axis=1))


def _numbers(array: Array, outputs: int) -> Array:
    if array.ndim == 1 and outputs == 1:
        return array.reshape(-1, 1)
    if array.ndim != 2 or array.shape[1] != outputs:
        expected = "(samples,) or (samples, 1)" if outputs == 1 else f"(samples, {outputs})"
        raise ValueError(f"y must have shape {expected} for mean-squared with {_outputs(outputs)}, got {array.shape}")
    return array


def _signs(y: Array, outputs: int) -> Array:
    if outputs != 1:
        raise ValueError(f"logistic needs a model with one output, this one has {outputs}; use softmax for one output for each class")
    labels = _labels(y, "logistic")
    found = set(labels.tolist())
    if not (found <= {0, 1} or found <= {-1, 1}):
        strange = sorted(found - {-1, 0, 1})
        what = f"got {_some(strange)}" if strange else "got −1, 0 and 1 mixed" if found >= {-1, 0, 1} else "got −1 and 0 mixed"
        advice = "use softmax for more than two classes" if len(found) > 2 else "number the two classes 0 and 1"
        raise ValueError(f"logistic needs labels 0 and 1, or −1 and 1, {what}; {advice}")
    return np.where(labels > 0, 1.0, -1.0).reshape(-1, 1)


def _one_hot(y: Array, outputs: int) -> Array:
    if outputs < 2:
        raise ValueError(
            f"softmax needs one output for each of at least two classes, this model has {outputs}; use logistic with one output"
        )
    labels = _labels(y, "softmax")
    strange = sorted(set(labels[(labels < 0) | (labels >= outputs)].tolist()))
    if strange:
        advice = f"a model of {max(strange) + 1} classes needs as many outputs" if strange[0] >= outputs else "number the classes from 0"
        raise ValueError(f"softmax with {outputs} outputs needs labels 0 … {outputs - 1}, got {_some(strange)}; {advice}")
    return np.eye(outputs)[labels]


def _labels(array: Array, name: str) -> Any:
    """Return labels as integers, shape (n,), or raise."""
    if array.ndim != 1:
        one_hot = f"; {name} takes the number of the class, not one column for each class" if array.ndim == 2 else ""
        raise ValueError(f"y must have shape (samples,) for {name}, got {array.shape}{one_hot}")
    strange = sorted(set(array[(array != np.round(array)) | (np.abs(array) > 2**31)].tolist()))
    if strange:
        raise ValueError(
            f"{name} needs integer labels, the numbers of the classes, got {_some(strange)}; use mean-squared for a regression"
        )
    return array.astype(np.int64)


def _columns(y: Array) -> int:
    return y.shape[1] if y.ndim == 2 else 1


def _classes(y: Array) -> int:
    """Return the number of classes 0 … C − 1, each of which must occur."""
    labels = _labels(y, "softmax")
    found = set(labels.tolist())
    if min(found, default=0) < 0:
        raise ValueError(
            f"softmax needs labels from 0, got {_some(sorted(label for label in found if label < 0))}; number the classes from 0"
        )
    missing = list(itertools.islice((label for label in range(max(found, default=0)) if label not in found), 6))
    if missing:
        raise ValueError(f"softmax takes the number of classes from the largest label, {max(found)}, but no sample has {_some(missing)}")
    return len(found)


def _some(values: list[Any]) -> str:
    return ", ".join(f"{value:g}" for value in values[:5]) + ", …" * (len(values) > 5)


def _outputs(count: int) -> str:
    return f"{count} output{'s' * (count > 1)}"


OBJECTIVES: Mapping[str, Objective] = MappingProxyType(
    {
        "mean-squared": Objective("mean-squared", _mean_squared, _numbers, _columns),
        "logistic": Objective("logistic", _logistic, _signs, lambda y: 1),
        "softmax": Objective("softmax", _softmax, _one_hot, _classes),
    }
)
"""The objectives by name.

``mean-squared``
    1/(2n) Σ_i ‖output_i − y_i‖²; y of shape (n, m), or (n,) for one output.
``logistic``
    1/n Σ_i log(1 + exp(−s_i·output_i)); one output, labels 0 and 1, or −1 and 1.
``softmax``
    1/n Σ_i (log Σ_c exp z_ic − z_{i, label i}), the cross-entropy; labels 0 … C − 1, C outputs.
"""
