"""PyTorch's operators that layers and objectives are made of: products, normalisations, attention, convolutions, losses."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from .aten import Handler, Operation
from .aten_elementwise import finite, ufunc
from .aten_structure import logsumexp
from .entry_numbers import numbers_of, places_in
from .numpy_structure import picked
from .traced_array import TracedArray

_REDUCTIONS = ("none", "mean", "sum")


def _linear(operation: Operation, x: Any, weight: Any, bias: Any = None) -> Any:
    result = operation.lift(x) @ operation.lift(weight).T
    return result if bias is None else result + operation.lift(bias)


def _product(operation: Operation, a: Any, b: Any) -> Any:
    return operation.lift(a) @ operation.lift(b)


def _added_product(operation: Operation, x: Any, a: Any, b: Any, *, beta: float = 1, alpha: float = 1) -> Any:
    return beta * operation.lift(x) + alpha * (operation.lift(a) @ operation.lift(b))


def _einsum(operation: Operation, equation: str, operands: Any, *, path: Any = None) -> Any:
    return np.einsum(equation, *(operation.lift(x) for x in operands))


def _dropout(operation: Operation, x: Any, p: float, train: bool) -> Any:
    if train and p > 0:
        raise TypeError("dropout in training mode draws another loss in each call; call module.eval() before, or leave the layer out (p=0)")
    return x


def _embedding(operation: Operation, weight: Any, indices: Any, *rest: Any) -> Any:
    return operation.lift(weight)[np.asarray(indices)]


def _normalised(x: Any, axes: tuple[int, ...], eps: float) -> Any:
    centred = x - np.mean(x, axis=axes, keepdims=True)
    return centred / np.sqrt(np.mean(centred * centred, axis=axes, keepdims=True) + eps)


def _scaled(operation: Operation, x: Any, weight: Any, bias: Any) -> Any:
    result = x if weight is None else x * operation.lift(weight)
    return result if bias is None else result + operation.lift(bias)


def _layer_norm(operation: Operation, x: Any, shape: Any, weight: Any = None, bias: Any = None, eps: float = 1e-5, *rest: Any) -> Any:
    axes = tuple(range(-len(shape), 0))
    return _scaled(operation, _normalised(operation.lift(x), axes, eps), weight, bias)


def _rms_norm(operation: Operation, x: Any, shape: Any, weight: Any = None, eps: float | None = None) -> Any:
    value, axes = operation.lift(x), tuple(range(-len(shape), 0))
    small = float(np.finfo(float).eps) if eps is None else eps
    return _scaled(operation, value / np.sqrt(np.mean(value * value, axis=axes, keepdims=True) + small), weight, None)


def _per_channel(operation: Operation, value: Any, ndim: int) -> Any:
    return None if value is None else operation.lift(value).reshape(1, -1, *(1,) * (ndim - 2))


def _group_norm(operation: Operation, x: Any, groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5, *rest: Any) -> Any:
    value = operation.lift(x)
    parts = _normalised(value.reshape(value.shape[0], groups, -1), (2,), eps).reshape(value.shape)
    return _scaled(operation, parts, _per_channel(operation, weight, value.ndim), _per_channel(operation, bias, value.ndim))


def _batch_norm(
    operation: Operation, x: Any, weight: Any, bias: Any, mean: Any, variance: Any, training: bool, momentum: float, eps: float, *rest: Any
) -> Any:
    value = operation.lift(x)
    if training:
        parts = _normalised(value, (0, *range(2, value.ndim)), eps)
    else:
        centre, spread = (_per_channel(operation, part, value.ndim) for part in (mean, variance))
        parts = (value - centre) / np.sqrt(spread + eps)
    return _scaled(operation, parts, _per_channel(operation, weight, value.ndim), _per_channel(operation, bias, value.ndim))


def _with_running_averages(operation: Operation, x: Any, weight: Any, bias: Any, mean: Any, variance: Any, *rest: Any) -> Any:
    return [_batch_norm(operation, x, weight, bias, mean, variance, False, *rest), None, None]


def _without_running_averages(operation: Operation, x: Any, weight: Any, bias: Any, *rest: Any) -> Any:
    return [_batch_norm(operation, x, weight, bias, None, None, *rest), None, None]


def _log_softmax(operation: Operation, x: Any, dim: int, dtype: Any = None) -> Any:
    value = operation.lift(x)
    return value - logsumexp(operation, value, dim, True)


def _softmax(operation: Operation, x: Any, dim: int, dtype: Any = None) -> Any:
    return np.exp(_log_softmax(operation, x, dim))


def _attention(
    operation: Operation,
    query: Any,
    key: Any,
    value: Any,
    attn_mask: Any = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    *,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Any:
    """softmax(q kᵀ · scale + mask) v."""
    _dropout(operation, query, dropout_p, True)
    if enable_gqa:
        raise TypeError("grouped queries are not supported; repeat the keys and values")
    q, k, v = operation.lift(query), operation.lift(key), operation.lift(value)
    scores = (q @ np.swapaxes(k, -1, -2)) * (1 / math.sqrt(q.shape[-1]) if scale is None else scale)
    if is_causal:
        scores = np.where(np.tri(q.shape[-2], k.shape[-2], dtype=bool), scores, finite(-np.inf))
    if attn_mask is not None:
        mask = attn_mask if isinstance(attn_mask, TracedArray) else np.asarray(attn_mask)
        scores = np.where(mask, scores, finite(-np.inf)) if mask.dtype == bool else scores + operation.lift(finite(mask))
    return _softmax(operation, scores, -1) @ v


def _convolution(
    operation: Operation,
    x: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = (1,),
    padding: Any = (0,),
    dilation: Any = (1,),
    groups: int = 1,
) -> Any:
    """Multiply the patches under the kernel, which are gathered, by the kernel as a matrix; one product for each group."""
    import torch  # deferred: optional; an exported graph comes from it

    image, kernel = operation.lift(x), operation.lift(weight)
    channels, window = image.shape[1], kernel.shape[2:]
    size = math.prod(window)
    pick = torch.eye(size, dtype=torch.float64).reshape(size, 1, *window).repeat(channels, *(1,) * (len(window) + 1))
    numbers = operation.run(torch.as_tensor(numbers_of([image])[0]), pick, None, stride, padding, dilation, channels)
    places = tuple(numbers.shape[2:])
    patches = np.moveaxis(places_in(numbers), 1, -1).reshape(image.shape[0] * math.prod(places), groups, -1)
    columns = picked(image, patches)
    outputs = kernel.shape[0] // groups
    matrices = kernel.reshape(groups, outputs, -1)
    parts = [columns[:, group] @ matrices[group].T for group in range(groups)]
    rows = parts[0] if groups == 1 else np.concatenate(parts, axis=1)
    result = np.moveaxis(rows.reshape(image.shape[0], *places, kernel.shape[0]), -1, 1)
    return result if bias is None else result + _per_channel(operation, bias, image.ndim)


# Objectives


def _reduced(values: Any, reduction: int) -> Any:
    match _REDUCTIONS[reduction]:
        case "mean":
            return np.mean(values)
        case "sum":
            return np.sum(values)
    return values


def _squared(operation: Operation, x: Any, target: Any, reduction: int = 1) -> Any:
    return _reduced((operation.lift(x) - operation.lift(target)) ** 2, reduction)


def _absolute(operation: Operation, x: Any, target: Any, reduction: int = 1) -> Any:
    rest = operation.lift(x) - operation.lift(target)
    return _reduced(np.where(rest < 0, -rest, np.where(rest > 0, rest, 0.0)), reduction)


def _huber(operation: Operation, x: Any, target: Any, reduction: int = 1, delta: float = 1.0) -> Any:
    rest = operation.lift(x) - operation.lift(target)
    size = np.where(rest < 0, -rest, rest)
    return _reduced(np.where(size < delta, 0.5 * rest * rest, delta * (size - 0.5 * delta)), reduction)


def _smooth_absolute(operation: Operation, x: Any, target: Any, reduction: int = 1, beta: float = 1.0) -> Any:
    if beta == 0:
        return _absolute(operation, x, target, reduction)
    return _huber(operation, x, target, reduction, beta) / beta


def _likelihood(operation: Operation, x: Any, target: Any, weight: Any = None, reduction: int = 1, ignored: int = -100) -> Any:
    """−Σ w_t x_t over the targets t, divided by Σ w_t for the mean; classes along axis 1."""
    logarithms, labels = operation.lift(x), np.asarray(target)
    axis = 0 if logarithms.ndim == 1 else 1
    kept = labels != ignored
    classes = np.where(kept, labels, 0)
    weights = np.where(kept, 1.0 if weight is None else np.asarray(weight)[classes], 0.0)
    chosen = np.moveaxis(logarithms, axis, -1).reshape(-1, logarithms.shape[axis])[np.arange(labels.size), classes.ravel()]
    values = -weights * chosen.reshape(labels.shape)
    return np.sum(values) / weights.sum() if _REDUCTIONS[reduction] == "mean" else _reduced(values, reduction)


def _cross_entropy(
    operation: Operation, x: Any, target: Any, weight: Any = None, reduction: int = 1, ignored: int = -100, smoothing: float = 0.0
) -> Any:
    value = operation.lift(x)
    axis = 0 if value.ndim == 1 else 1
    logarithms = _log_softmax(operation, value, axis)
    if tuple(target.shape) == value.shape and (isinstance(target, TracedArray) or np.asarray(target).dtype.kind == "f"):
        classes = value.shape[axis]
        wanted = operation.lift(target) * (1 - smoothing) + smoothing / classes
        factor = 1.0 if weight is None else np.asarray(weight).reshape([-1 if k == axis else 1 for k in range(value.ndim)])
        values = -np.sum(wanted * factor * logarithms, axis=axis)
        return np.sum(values) / (values.size or 1) if _REDUCTIONS[reduction] == "mean" else _reduced(values, reduction)
    sharp = _likelihood(operation, logarithms, target, weight, reduction, ignored)
    if smoothing == 0:
        return sharp
    if weight is not None or (np.asarray(target) == ignored).any():
        raise TypeError("label smoothing with class weights or ignored labels is not supported; give the targets as probabilities")
    return (1 - smoothing) * sharp + smoothing * _reduced(-np.mean(logarithms, axis=axis), reduction)


def _binary(operation: Operation, x: Any, target: Any, weight: Any = None, reduction: int = 1) -> Any:
    p, y = operation.lift(x), operation.lift(target)
    values = -(y * np.log(p) + (1 - y) * np.log1p(-p))
    return _reduced(values if weight is None else values * operation.lift(weight), reduction)


def _binary_with_logits(operation: Operation, x: Any, target: Any, weight: Any = None, pos_weight: Any = None, reduction: int = 1) -> Any:
    z, y = operation.lift(x), operation.lift(target)
    positive = 1.0 if pos_weight is None else operation.lift(pos_weight)
    values = positive * y * np.logaddexp(-z, 0.0) + (1 - y) * np.logaddexp(z, 0.0)
    return _reduced(values if weight is None else values * operation.lift(weight), reduction)


def _divergence(operation: Operation, x: Any, target: Any, reduction: int = 1, *, log_target: bool = False) -> Any:
    logarithms, y = operation.lift(x), operation.lift(target)
    values = np.exp(y) * (y - logarithms) if log_target else ufunc("xlogy")(operation, y, y) - y * logarithms
    return _reduced(values, reduction)


OPERATORS: Mapping[str, Handler] = {
    "linear": _linear,
    **dict.fromkeys(["matmul", "mm", "bmm", "mv", "dot"], _product),
    **dict.fromkeys(["addmm", "baddbmm", "addmv"], _added_product),
    "einsum": _einsum,
    "dropout": _dropout,
    "native_dropout": lambda operation, x, p, train: [_dropout(operation, x, p, train is not False), None],
    "embedding": _embedding,
    "layer_norm": _layer_norm,
    "rms_norm": _rms_norm,
    "group_norm": _group_norm,
    "batch_norm": _batch_norm,
    "_native_batch_norm_legit_no_training": _with_running_averages,
    "_native_batch_norm_legit": _without_running_averages,
    **dict.fromkeys(["softmax", "_softmax"], _softmax),
    **dict.fromkeys(["log_softmax", "_log_softmax"], _log_softmax),
    "scaled_dot_product_attention": _attention,
    **dict.fromkeys(["conv1d", "conv2d", "conv3d"], _convolution),
    "mse_loss": _squared,
    "l1_loss": _absolute,
    "huber_loss": _huber,
    "smooth_l1_loss": _smooth_absolute,
    **dict.fromkeys(["nll_loss", "nll_loss_nd"], _likelihood),
    "cross_entropy_loss": _cross_entropy,
    "binary_cross_entropy": _binary,
    "binary_cross_entropy_with_logits": _binary_with_logits,
    "kl_div": _divergence,
}
"""By PyTorch's names, without overloads."""
