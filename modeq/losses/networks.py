"""Neural networks as losses of their weights, written as NumPy functions.

A sample is a row: a layer with matrix W, shape (inputs, outputs), makes x W + b of x. The parameters, in the order of θ, are
W1, b1, W2, b2, …, each raveled row by row. Weight decay adds (weight_decay/2) Σ W² over all matrices; biases are free of it.

Signals inside are computed as Wᵀ xᵀ + b, a column for each sample: the loops of compiled code then run along samples, of which there
are many, and not along units. With 569 samples and 4-5-1 that made fields 2.1 to 2.7 times as fast.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike

from .activations import Activation, activation_name
from .activations import activation as named_activation
from .initialisation import xavier
from .loss import Loss
from .objectives import Objective
from .objectives import objective as named_objective
from .samples import Array, as_decay, as_inputs, as_numbers, as_size, as_widths

Params = Mapping[str, Any]
Shapes = dict[str, tuple[int, ...]]


def mlp(
    widths: Iterable[SupportsIndex],
    activation: str | Activation = "tanh",
    objective: str | Objective = "mean-squared",
    X: ArrayLike | None = None,
    y: ArrayLike | None = None,
    *,
    biases: bool = True,
    weight_decay: float = 0.0,
) -> Loss:
    """Return the loss of a multilayer perceptron: hidden layers act(x W_l + b_l), the last layer linear.

    Parameters
    ----------
    widths
        Numbers of inputs, of units in each hidden layer, and of outputs, such as (4, 5, 1).
    activation
        "tanh", "sigmoid", "softplus", "gelu", "relu" or "identity", or a function of NumPy arrays that works entry by entry.
    objective
        "mean-squared", 1/(2n) Σ_i ‖output_i − y_i‖²; "logistic", for two classes and one output; "softmax", for C classes
        and C outputs.
    X
        Inputs, shape (n, widths[0]).
    y
        Targets: shape (n, m) for mean-squared, or (n,) for one output; shape (n,) for labels, 0 and 1 or −1 and 1 for
        logistic and 0 … C − 1 for softmax.
    biases
        Whether layers have vectors b_l beside the matrices W_l.
    weight_decay
        Factor of ½ Σ W² over the matrices.

    Returns
    -------
    Loss
        Of W1 of shape (widths[0], widths[1]), b1 of shape (widths[1],), W2, b2, …; `start` is `xavier` with seed 0.

    Raises
    ------
    TypeError, ValueError
        If a name is unknown, a width is no positive integer, a number of X or y is NaN or infinite, or shapes or labels do
        not fit.

    References
    ----------
    D. E. Rumelhart, G. E. Hinton, R. J. Williams, *Learning representations by back-propagating errors*, Nature 323
    (1986) 533–536, doi:10.1038/323533a0.

    Examples
    --------
    >>> X, y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0]
    >>> E = mlp((2, 3, 1), "tanh", "logistic", X, y)
    >>> E
    <Loss: mlp 2-3-1 tanh, logistic, 4 samples, d = 13>
    >>> round(E(np.zeros(13)), 6)  # log 2: no class is preferred
    0.693147
    """
    sizes = as_widths(widths)
    act, chosen, inputs = named_activation(activation), named_objective(objective), as_inputs(X)
    _check_inputs(inputs, sizes)
    targets = chosen.targets(y, len(inputs), sizes[-1])
    layers = range(1, len(sizes))
    shapes: Shapes = {}
    for layer in layers:
        shapes[f"W{layer}"] = sizes[layer - 1 : layer + 1]
        if biases:
            shapes[f"b{layer}"] = (sizes[layer],)

    def outputs(params: Params, X: Any) -> Any:
        signal = X.T
        for layer in layers:
            signal = _layer(signal, params, f"{layer}", biases)
            if layer < layers[-1]:
                signal = act(signal)
        return signal.T

    kind = f" {activation_name(activation)}" * (len(sizes) > 2) + ", no biases" * (not biases)
    name = f"mlp {_chain(sizes)}{kind}, {chosen.name}"
    return finite_sum(outputs, shapes, chosen, inputs, targets, weight_decay, name).described(reference="doi:10.1038/323533a0")


def deep_linear(
    widths: Iterable[SupportsIndex],
    X: ArrayLike | None = None,
    y: ArrayLike | None = None,
    *,
    target: ArrayLike | None = None,
    weight_decay: float = 0.0,
) -> Loss:
    """Return the loss of a deep linear network x W_1 W_2 … W_L, without biases.

    With X and y it is 1/(2n) Σ_i ‖x_i W_1 … W_L − y_i‖². Without them it is ½ ‖W_1 … W_L − target‖², the same up to a
    constant for whitened inputs, Σ_i x_iᵀ x_i = n·1, where the target is 1/n Σ_i x_iᵀ y_i.

    Parameters
    ----------
    widths
        Numbers of inputs, of units in each hidden layer, and of outputs.
    X
        Inputs, shape (n, widths[0]).
    y
        Targets, shape (n, widths[-1]), or (n,) for one output.
    target
        Matrix, shape (widths[0], widths[-1]), instead of X and y; by default the identity.
    weight_decay
        Factor of ½ Σ W² over the matrices.

    Returns
    -------
    Loss
        Of W1, W2, …; `start` is `xavier` with seed 0. See also `balanced`.

    Raises
    ------
    TypeError, ValueError
        If a width is no positive integer, a number is NaN or infinite, shapes do not fit, or there are both data and a target.

    References
    ----------
    A. M. Saxe, J. L. McClelland, S. Ganguli, *Exact solutions to the nonlinear dynamics of learning in deep linear neural
    networks*, ICLR 2014, arXiv 1312.6120.

    Examples
    --------
    >>> E = deep_linear((2, 3, 2), target=[[1.0, 0.0], [0.0, 2.0]])
    >>> E
    <Loss: deep-linear 2-3-2, whitened, d = 12>
    >>> E(np.zeros(12))
    2.5
    """
    sizes = as_widths(widths)
    names = [f"W{layer}" for layer in range(1, len(sizes))]
    shapes: Shapes = {name: sizes[i : i + 2] for i, name in enumerate(names)}
    if X is not None or y is not None:
        if target is not None:
            raise ValueError("deep_linear takes either X and y or a target; leave out one of them")
        inputs, chosen = as_inputs(X), named_objective("mean-squared")
        _check_inputs(inputs, sizes)
        targets = chosen.targets(y, len(inputs), sizes[-1])
        name = f"deep-linear {_chain(sizes)}, mean-squared"
        loss = finite_sum(lambda params, X: _product(X, params, names), shapes, chosen, inputs, targets, weight_decay, name)
    else:
        ends = (sizes[0], sizes[-1])
        wanted = np.eye(*ends) if target is None else as_numbers(target, "target")
        if wanted.shape != ends:
            raise ValueError(f"the target must have shape {ends}, the first and the last of the widths, got {wanted.shape}")
        decay = as_decay(weight_decay)

        def value(params: Params, target: Any) -> Any:
            reached = _product(params[names[0]], params, names[1:])
            return 0.5 * np.sum(np.square(reached - target)) + penalty(params, names, decay)

        loss = started(Loss.from_numpy(value, shapes, {"target": wanted}, name=f"deep-linear {_chain(sizes)}, whitened{decayed(decay)}"))
    return loss.described(reference="arXiv 1312.6120")


def residual(
    width: SupportsIndex,
    blocks: SupportsIndex,
    activation: str | Activation = "tanh",
    objective: str | Objective = "mean-squared",
    X: ArrayLike | None = None,
    y: ArrayLike | None = None,
    *,
    hidden: SupportsIndex | None = None,
    outputs: SupportsIndex | None = None,
    weight_decay: float = 0.0,
) -> Loss:
    """Return the loss of a residual network: a linear layer, blocks x + act(x W_a + b_a) W_b, and a linear layer.

    Parameters
    ----------
    width
        Number of units that the blocks work on.
    blocks
        Number of blocks.
    activation, objective, X, y, weight_decay
        As in `mlp`: X has shape (n, inputs), y shape (n,) or (n, outputs).
    hidden
        Number of units inside each block; by default the width.
    outputs
        Number of outputs; by default what y asks for: its columns for mean-squared, one for logistic, one for each class up
        to the largest label for softmax.

    Returns
    -------
    Loss
        Of W_in (inputs, width), b_in, for each block j from 1 on Wja (width, hidden), bja and Wjb (hidden, width), then W_out
        (width, outputs), b_out; `start` is `xavier` with seed 0.

    Raises
    ------
    TypeError, ValueError
        If a name is unknown, a number of units or blocks is no positive integer, a number of X or y is NaN or infinite, or
        shapes or labels do not fit.

    References
    ----------
    K. He, X. Zhang, S. Ren, J. Sun, *Deep residual learning for image recognition*, CVPR 2016, doi:10.1109/CVPR.2016.90;
    here without normalisation and convolutions.

    Examples
    --------
    >>> X, y = [[-1.0], [0.0], [1.0]], [1.0, 0.0, 1.0]
    >>> E = residual(2, 3, "tanh", "mean-squared", X, y)
    >>> E
    <Loss: residual 1-2-1 tanh, 3 blocks of 2, mean-squared, 3 samples, d = 37>
    >>> list(E.shapes)[:5]
    ['W_in', 'b_in', 'W1a', 'b1a', 'W1b']
    """
    size, count = as_size(width, "width"), as_size(blocks, "blocks")
    inner = size if hidden is None else as_size(hidden, "hidden")
    act, chosen, inputs = named_activation(activation), named_objective(objective), as_inputs(X)
    ends = chosen.outputs(y) if outputs is None else as_size(outputs, "outputs")
    targets = chosen.targets(y, len(inputs), ends)
    steps = range(1, count + 1)
    shapes: Shapes = {"W_in": (inputs.shape[1], size), "b_in": (size,)}
    for step in steps:
        shapes |= {f"W{step}a": (size, inner), f"b{step}a": (inner,), f"W{step}b": (inner, size)}
    shapes |= {"W_out": (size, ends), "b_out": (ends,)}

    def forward(params: Params, X: Any) -> Any:
        signal = _layer(X.T, params, "_in")
        for step in steps:
            signal = signal + params[f"W{step}b"].T @ act(_layer(signal, params, f"{step}a"))
        return _layer(signal, params, "_out").T

    many = f"{count} block{'s' * (count > 1)} of {inner}"
    name = f"residual {_chain((inputs.shape[1], size, ends))} {activation_name(activation)}, {many}, {chosen.name}"
    return finite_sum(forward, shapes, chosen, inputs, targets, weight_decay, name).described(reference="doi:10.1109/CVPR.2016.90")


def finite_sum(
    outputs: Callable[[Params, Any], Any],
    shapes: Shapes,
    objective: Objective,
    X: Array,
    targets: Array,
    weight_decay: float,
    name: str,
) -> Loss:
    """Return the loss of a model, given by its outputs (n, m) at inputs X (n, k), with weight decay and a start."""
    decay = as_decay(weight_decay)
    matrices = [key for key, shape in shapes.items() if len(shape) == 2]

    def value(params: Params, X: Any, targets: Any) -> Any:
        return objective.value(outputs(params, X), targets) + penalty(params, matrices, decay)

    title = f"{name}{decayed(decay)}, {len(X)} sample{'s' * (len(X) > 1)}"
    return started(Loss.from_numpy(value, shapes, {"X": X, "targets": targets}, name=title))


def penalty(params: Params, names: Iterable[str], decay: float) -> Any:
    """Return (decay/2) Σ W² over the arrays called `names`."""
    total: Any = 0.0
    if decay:
        for name in names:
            total = total + 0.5 * decay * np.sum(np.square(params[name]))
    return total


def started(loss: Loss) -> Loss:
    """Return the loss with Xavier's weights for its start."""
    return loss.described(start=tuple(xavier(loss).tolist()))


def decayed(decay: float) -> str:
    """Return what a loss's name says of weight decay."""
    return f", weight decay {decay:g}" if decay else ""


def _layer(signal: Any, params: Params, key: str, biases: bool = True) -> Any:
    """Return Wᵀ x + b for columns x."""
    product = params[f"W{key}"].T @ signal
    return product + params[f"b{key}"].reshape(-1, 1) if biases else product


def _product(signal: Any, params: Params, names: Iterable[str]) -> Any:
    for name in names:
        signal = signal @ params[name]
    return signal


def _check_inputs(X: Array, sizes: tuple[int, ...]) -> None:
    if X.shape[1] != sizes[0]:
        raise ValueError(f"X has {X.shape[1]} inputs for each sample, but the widths start with {sizes[0]}; make the two equal")


def _chain(sizes: tuple[int, ...]) -> str:
    return "-".join(str(size) for size in sizes)
