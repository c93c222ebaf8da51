"""Every other operation of NumPy, traced, has NumPy's values, shapes and derivatives; and the list is complete."""

import re

import numpy as np
import pytest

from modeq.graph import numpy_operations

from .numpy_comparison import arrays, assert_derivatives, assert_values

fixed = np.random.default_rng(7).normal(size=(2, 3))

CUBE, SQUARE, VECTOR = (2, 3, 4), (3, 3), (4,)

# (name, function, shapes); all of these are analytic.
GENERAL = [
    ("mean of a method", lambda x: x.mean(axis=0) + x.sum() + x.prod(axis=(0, 1)), CUBE),
    ("average", lambda x: np.average(x, axis=1), CUBE),
    ("average with weights", lambda x: np.average(x, axis=1, weights=[1, 2, 3]), CUBE),
    ("average with all weights", lambda x: np.average(x, weights=fixed**2), (2, 3)),
    ("average with traced weights", lambda x, w: np.average(x, weights=w), SQUARE, SQUARE),
    ("cumsum", lambda x: np.cumsum(x, axis=1), CUBE),
    ("cumsum of all", np.cumsum, CUBE),
    ("diff", lambda x: np.diff(x, axis=1), CUBE),
    ("second diff", lambda x: np.diff(x, 2), CUBE),
    ("trapezoid", lambda x: np.trapezoid(x, dx=0.5, axis=1), CUBE),
    ("trapezoid with x", lambda x: np.trapezoid(x, x=[0, 1, 3, 4.5]), CUBE),
    ("trapezoid with traced x", lambda x, t: np.trapezoid(x, x=t), CUBE, VECTOR),
    ("trace", np.trace, SQUARE),
    ("trace of a stack", lambda x: np.trace(x, 1, 2, 0), CUBE),
    ("linalg.trace", np.linalg.trace, CUBE),
    ("polyval", np.polyval, VECTOR, SQUARE),
    ("polyval of plain coefficients", lambda x: np.polyval([1, 0, -2], x), SQUARE),
    # products
    ("dot vectors", np.dot, VECTOR, VECTOR),
    ("dot matrices", np.dot, (2, 3), (3, 4)),
    ("dot matrix vector", np.dot, (2, 4), VECTOR),
    ("dot vector matrix", np.dot, VECTOR, (4, 2)),
    ("dot arrays", np.dot, (2, 3, 4), (2, 4, 3)),
    ("dot array vector", np.dot, (2, 3, 4), VECTOR),
    ("dot numbers", np.dot, (), (2, 3)),
    ("dot method", lambda x, y: x.dot(y), (2, 3), (3, 2)),
    ("inner", np.inner, (2, 4), (3, 4)),
    ("inner numbers", np.inner, (), VECTOR),
    ("inner vectors", np.inner, VECTOR, VECTOR),
    ("outer", np.outer, (2, 2), (3,)),
    ("linalg.outer", np.linalg.outer, (2,), (3,)),
    ("linalg.matmul", np.linalg.matmul, (2, 3), (3, 2)),
    ("tensordot", np.tensordot, (2, 3, 4), (3, 4, 2)),
    ("tensordot of one axis", lambda x, y: np.tensordot(x, y, 1), (2, 3), (3, 2)),
    ("tensordot outer", lambda x, y: np.tensordot(x, y, 0), (2, 3), (2,)),
    ("tensordot of axes", lambda x, y: np.tensordot(x, y, ([0, -1], [1, 0])), (2, 3, 4), (4, 2)),
    ("tensordot of an axis", lambda x, y: np.tensordot(x, y, (0, 1)), (2, 3), (4, 2)),
    ("linalg.tensordot", lambda x, y: np.linalg.tensordot(x, y, axes=1), (2, 3), (3, 2)),
    ("kron", np.kron, (2, 3), (3, 2)),
    ("kron of a vector", np.kron, (2, 3), (2,)),
    ("matrix_power", lambda x: np.linalg.matrix_power(x, 5), SQUARE),
    ("matrix_power 4", lambda x: np.linalg.matrix_power(x, 4), SQUARE),
    ("matrix_power 1", lambda x: np.linalg.matrix_power(x, 1), SQUARE),
    ("matrix_power 0", lambda x: x * np.linalg.matrix_power(x, 0), SQUARE),
    ("multi_dot", lambda x, y, z: np.linalg.multi_dot([x, y, z]), (2, 3), (3, 4), (4,)),
    ("add.outer", np.add.outer, (2, 3), (2,)),
    ("subtract.outer", np.subtract.outer, (2,), (2, 2)),
    ("multiply.outer", np.multiply.outer, (), (2, 2)),
    ("subtract.outer of a plain array", lambda x: np.subtract.outer(fixed, x), (2,)),
    # shapes
    ("reshape", lambda x: np.reshape(x, (4, -1)), CUBE),
    ("reshape by columns", lambda x: np.reshape(x, (4, 6), order="F"), CUBE),
    ("reshape method", lambda x: x.reshape(4, -1) @ x.reshape((6, 4)), CUBE),
    ("reshape to numbers", lambda x: x.reshape(()), (1, 1)),
    ("ravel", lambda x: np.ravel(x) * x.ravel() + x.flatten(), CUBE),
    ("transpose", lambda x: np.transpose(x, (1, 2, 0)), CUBE),
    ("transpose method", lambda x: x.transpose(1, 2, 0) + x.transpose((1, 2, 0)), CUBE),
    ("T", lambda x: x.T, CUBE),
    ("T of a matrix", lambda x: x.T @ x, (2, 3)),
    ("mT", lambda x: x.mT, CUBE),
    ("matrix_transpose", np.matrix_transpose, CUBE),
    ("swapaxes", lambda x: np.swapaxes(x, 0, 2) + x.swapaxes(-1, 0), CUBE),
    ("moveaxis", lambda x: np.moveaxis(x, 0, -1), CUBE),
    ("squeeze", lambda x: np.squeeze(x) + x.squeeze(axis=1), (2, 1, 3)),
    ("expand_dims", lambda x: np.expand_dims(x, (0, 2)), (2, 3)),
    ("atleast_1d", np.atleast_1d, ()),
    ("atleast_2d", np.atleast_2d, VECTOR),
    ("atleast_3d", np.atleast_3d, VECTOR),
    ("atleast_2d of two", np.atleast_2d, VECTOR, (2, 3)),
    ("broadcast_to", lambda x: np.broadcast_to(x, (2, 3, 4)), (3, 1)),
    ("broadcast_arrays", np.broadcast_arrays, (3, 1), (4,)),
    # parts
    ("take", lambda x: np.take(x, [2, 0, 2, -1], axis=1), CUBE),
    ("take method", lambda x: x.take([5, 1]), CUBE),
    ("diagonal", lambda x: np.diagonal(x, 1, 1, 2), CUBE),
    ("diagonal method", lambda x: x.diagonal(), SQUARE),
    ("diag of a matrix", lambda x: np.diag(x, -1), SQUARE),
    ("diag of a vector", lambda x: np.diag(x, 1), VECTOR),
    ("diagflat", np.diagflat, (2, 2)),
    ("triu", lambda x: np.triu(x, 1), SQUARE),
    ("tril", np.tril, CUBE),
    ("delete", lambda x: np.delete(x, 1, axis=1), CUBE),
    ("split", lambda x: np.split(x, 2, axis=2), CUBE),
    ("split at", lambda x: np.split(x, [1, 3], axis=-1), CUBE),
    ("array_split", lambda x: np.array_split(x, 3, axis=2), CUBE),
    ("hsplit", lambda x: np.hsplit(x, 3), CUBE),
    ("vsplit", lambda x: np.vsplit(x, 2), CUBE),
    ("rows", lambda x: [2 * row for row in x], CUBE),
    # joining
    ("concatenate", lambda x, y: np.concatenate([x, y, fixed]), (2, 3), (1, 3)),
    ("concatenate along an axis", lambda x, y: np.concatenate((x, y), axis=1), (2, 3), (2, 1)),
    ("concatenate flat", lambda x, y: np.concatenate((x, y), axis=None), (2, 3), (2, 1)),
    ("concatenate one", lambda x: np.concatenate([x, x[:0]]), (2, 3)),
    ("stack", lambda x, y: np.stack([x, y, 0 * x + 2.0], axis=-1), (2, 3), (2, 3)),
    ("stack numbers", lambda x, y: np.stack([x, y, x * y]), (), ()),
    ("hstack", lambda x, y: np.hstack([x, y]), (2,), (3,)),
    ("vstack", lambda x, y: np.vstack([x, y]), (3,), (2, 3)),
    ("column_stack", lambda x, y: np.column_stack([x, y]), (3,), (3, 2)),
    ("dstack", lambda x, y: np.dstack([x, y]), (2, 3), (2, 3)),
    ("append", lambda x, y: np.append(x, y, axis=0), (2, 3), (1, 3)),
    ("append a number", lambda x: np.append(x, 1.0), (2, 3)),
    # order
    ("flip", np.flip, CUBE),
    ("flip along an axis", lambda x: np.flip(x, 1), CUBE),
    ("fliplr", np.fliplr, CUBE),
    ("flipud", np.flipud, CUBE),
    ("rot90", np.rot90, (2, 3)),
    ("roll", lambda x: np.roll(x, 2, axis=1), CUBE),
    ("roll all", lambda x: np.roll(x, -1), CUBE),
    ("tile", lambda x: np.tile(x, (2, 1)), (2, 3)),
    ("repeat", lambda x: np.repeat(x, 2, axis=1), (2, 3)),
    ("repeat method", lambda x: x.repeat(3), (2, 3)),
    ("repeat unevenly", lambda x: np.repeat(x, [1, 0, 2], axis=1), (2, 3)),
    ("pad", lambda x: np.pad(x, ((1, 0), (2, 1))), (2, 3)),
    ("pad by reflection", lambda x: np.pad(x, 1, mode="reflect"), (2, 3)),
    # others
    ("copy", lambda x: np.copy(x) * x.copy() + x, (2, 3)),
    ("zeros_like", lambda x: x + np.zeros_like(x) + np.ones_like(x) + np.full_like(x, 2), (2, 3)),
    ("full_like of a parameter", np.full_like, (2, 3), ()),
    ("shape, ndim and size", lambda x: x * np.shape(x)[0] * np.ndim(x) * np.size(x) * x.size * np.size(x, 1) * len(x), (2, 3)),
    # operators
    ("operators", lambda x, y: -(2 * x + y / 3 - x * y) / (1 + y * y) + (+x) ** 2 - 2**y, (2, 3), (3,)),
    ("plain arrays first", lambda x: fixed + x - fixed * x + fixed / (x + 9) + np.float64(2) * x + np.array(3.0) * x, (2, 3)),
    ("a plain matrix first", lambda x: fixed @ x, (3, 2)),
    ("a plain stack", lambda x: np.stack([fixed, -fixed]) @ x, (3, 2)),
    ("lists", lambda x: [1, 2, 3] * x + x @ [[1], [2], [3]], (2, 3)),
    # constants keep their shape
    ("x - x", lambda x: x - x, (2, 3)),
    ("0 x", lambda x: 0 * x + 1, (2, 3)),
    ("x / x", lambda x: np.exp(x / x) * x, (2, 3)),
    ("sum of a constant", lambda x: np.sum(x / x, axis=0) + np.mean(0 * x + 2), (2, 3)),
    ("product with a constant matrix", lambda x: (x - x + 2) @ x.T + (x - x) @ x.T, (2, 3)),
    ("parts of a constant", lambda x: (0 * x + 2)[:, 1:].T + np.concatenate([x - x, x / x])[1:3, :2].T, (2, 3)),
    ("largest of a constant", lambda x: np.max(0 * x + 2, axis=0, keepdims=True) + x.max() - x.max(), (2, 3)),
    ("functions of a constant", lambda x: np.exp(0 * x + 1) + np.tanh(x / x) * x + np.sqrt(x - x + 2), (2, 3)),
    ("constants meet arrays of another shape", lambda x, y: (x - x) + y + np.cos(x / x) * y, (2, 1), (3,)),
    ("no entries", lambda x: np.sum(x[:0]) + np.sum(x[:0] @ x[0]) + np.prod(x[:, :0]) + x, (2, 3)),
    ("entries of a sum without terms", lambda x: x[:, :0] @ x[:, :0].T + np.sum(x[:0], axis=0)[:2], (2, 3)),
]


@pytest.mark.parametrize("case", GENERAL, ids=[case[0] for case in GENERAL])
def test_an_operation_is_numpys(case):
    _, function, *shapes = case
    values = arrays(*shapes)
    assert_values(function, values)
    assert_derivatives(function, values)


@pytest.mark.parametrize(
    ("function", "shape"),
    [
        *((lambda x, order=order: np.linalg.norm(x, order), (4,)) for order in (1, 3, 1.5, -1, np.inf, -np.inf)),
        *((lambda x, order=order: np.linalg.norm(x, order), (3, 2)) for order in (1, -1, np.inf, -np.inf, "fro")),
        *((lambda x, order=order: np.linalg.norm(x, order, axis=(0, 2), keepdims=True), (2, 2, 3)) for order in (1, np.inf)),
        (lambda x: np.linalg.norm(x, 3, axis=1), (2, 3)),
        (np.linalg.vector_norm, (2, 3)),
        (lambda x: np.linalg.vector_norm(x, ord=1, axis=1), (2, 3)),
        (lambda x: np.linalg.matrix_norm(x, ord=1), (2, 3, 2)),
        (lambda x: np.vdot(x, x[::-1]), (4,)),
        (lambda x: np.var(x, axis=1, ddof=1), (2, 3)),
        (lambda x: x.astype(float) + x.astype(np.float64) * np.isrealobj(x) + np.iscomplexobj(x), (2, 3)),
        (np.linalg.norm, (2, 3, 2)),
        (lambda x: np.linalg.norm(x, axis=-1, keepdims=True), (2, 3, 2)),
        (lambda x: np.linalg.norm(x, 2), (4,)),
        (lambda x: np.linalg.norm(x, 2, axis=1), (2, 3, 2)),
        (lambda x: np.max(0 * x + 2, axis=0) + np.min(x - x), (2, 3)),
        (lambda x: np.vecdot(x, x[:, ::-1] ** 2), (2, 3)),
        (lambda x: abs(x) + np.maximum(x, 0), (2, 3)),
        (lambda x: x.max(axis=0) + x.min() + x.std() + x.var(axis=0), (2, 3)),
        (lambda x: x - np.logaddexp.reduce(x, axis=1, keepdims=True), (2, 3)),
        (lambda x: np.logaddexp.reduce(x - x, axis=1) + np.logaddexp.reduce(x[:, :1], axis=1), (2, 3)),
        (lambda x: np.maximum.outer(x, x[0] + 0.01), (2, 2)),
    ],
)
def test_an_operation_for_real_numbers_is_numpys(function, shape):
    values = arrays(shape, seed=2)
    assert_values(function, values)
    assert_derivatives(function, values, analytic=False)


def test_every_supported_name_is_in_the_list():
    words = set(re.findall(r"\w+", numpy_operations.__doc__))
    aliases = {"radians", "degrees", "amax", "amin"}
    missing = {name for full in numpy_operations.OPERATIONS.names() for name in full.split(".")[-1:] if name not in words | aliases}
    assert not missing
