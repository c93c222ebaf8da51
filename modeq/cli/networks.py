"""What the command line's words about networks mean: which network, on which data, with which initial weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, final

import numpy as np

from ..data import DATASETS, Dataset
from ..losses import balanced, deep_linear, he, linear_regression, logistic_regression, mlp, residual, xavier
from ..losses.lookup import lookup
from ..losses.loss import Loss

NETWORKS = ("mlp", "deep-linear", "residual", "linear-regression", "logistic-regression")
INITIAL: Mapping[str, Callable[..., Any]] = MappingProxyType({"xavier": xavier, "he": he, "balanced": balanced})


@final
@dataclass(frozen=True)
class NetworkOptions:
    """The options of a network, None where they were left out."""

    data: str | None = None
    widths: str | None = None
    activation: str | None = None
    objective: str | None = None
    blocks: int | None = None
    weight_decay: float | None = None
    initial: str | None = None
    seed: int | None = None

    def refuse(self, loss: str) -> None:
        """Raise if an option was given for a loss that is no network."""
        for name, value in vars(self).items():
            if value is not None:
                raise ValueError(f"--{name.replace('_', '-')} belongs to networks ({', '.join(NETWORKS)}), not to {loss}")


NO_OPTIONS = NetworkOptions()


def named_network(name: str, options: NetworkOptions) -> Loss:
    """Return a network on a data set, started from seeded weights."""
    load = lookup(DATASETS, options.data or "breast-cancer", "data set")
    widths = None if options.widths is None else _integers(options.widths)
    if name in ("linear-regression", "logistic-regression") and widths is not None and len(widths) > 1:
        raise ValueError(f"--widths of {name} is the number of inputs only, got {options.widths}")
    data = load() if load is DATASETS["chebyshev"] else load(inputs=widths[0] if widths else 4)
    loss = _network(name, data, widths or _default_widths(name, data), options)
    start = lookup(INITIAL, options.initial or "xavier", "initialisation")(loss, seed=options.seed or 0)
    return loss.described(name=f"{loss.name}, {data.name}", start=tuple(start.tolist()))


def _default_widths(name: str, data: Dataset) -> tuple[int, ...]:
    outputs = len(data.classes) if len(data.classes) > 2 else 1
    return (data.inputs, 5, outputs) if name != "deep-linear" else (data.inputs, data.inputs, outputs)


def _network(name: str, data: Dataset, widths: tuple[int, ...], options: NetworkOptions) -> Loss:
    decay = options.weight_decay or 0.0
    if name == "linear-regression":
        return linear_regression(data.X, _numbers(data, 1), weight_decay=decay)
    if name == "logistic-regression":
        return logistic_regression(data.X, _labels(data), weight_decay=decay)
    outputs = widths[-1]
    if name == "deep-linear":
        return deep_linear(widths, data.X, _numbers(data, outputs), weight_decay=decay)
    objective = options.objective or ("mean-squared" if outputs == 1 or not data.classes else "softmax")
    targets = _numbers(data, outputs) if objective == "mean-squared" else _labels(data)
    activation = options.activation or "tanh"
    if name == "residual":
        if len(widths) != 3:
            raise ValueError(f"--widths of a residual network are inputs,width,outputs, got {options.widths}")
        return residual(widths[1], options.blocks or 1, activation, objective, data.X, targets, outputs=outputs, weight_decay=decay)
    return mlp(widths, activation, objective, data.X, targets, weight_decay=decay)


def _numbers(data: Dataset, outputs: int) -> np.ndarray:
    """Targets of a mean-squared error: the values, −1 and 1 for two classes, or one column for each class."""
    if not data.classes:
        return data.y
    return data.signs() if outputs == 1 else data.one_hot()


def _labels(data: Dataset) -> np.ndarray:
    if not data.classes:
        raise ValueError(f"{data.name} has numbers as targets, not classes; use --objective mean-squared")
    return data.y


def _integers(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise ValueError(f"--widths takes integers separated by commas, such as 4,5,1, got {text!r}") from None
