"""How far one step of the method lands from the flow: from each recorded point to the next, without a run of the method."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..graph.algebra import NumpyAlgebra
from ..losses.field import Field
from ..losses.vector_field import field_value
from ..methods.method import Method

Array = NDArray[Any]


def drifts(method: Method, field: Field, points: Array, h: float | Array, steps: int = 1) -> Array | None:
    """Return ‖Φ(θ_n) − θ_{n+1}‖ for consecutive points of a flow, shape (n − 1,); h is a number or has this shape.

    Φ is `steps` steps of the method.

    None for methods with memory, whose step depends on more than the point, and for implicit ones and those with several fields.

    Examples
    --------
    >>> import modeq as mq
    >>> E = mq.losses.quadratic([[1]])
    >>> drifts(mq.GradientDescent(), E, np.array([[1.0], [0.75], [0.25]]), 0.5)  # gradient descent goes to 0.5 and to 0.375
    array([0.25 , 0.125])
    """
    if method.states > 1 or method.fields > 1 or not method.is_explicit:
        return None
    after = advanced(method, field, np.stack(method.rest(points[:-1]), axis=1), h, steps)
    result: Array = np.linalg.norm(method.output([after[:, 0]]) - points[1:], axis=1)
    return result


def advanced(method: Method, field: Field, states: Array, h: float | Array, steps: int) -> Array:
    """Do steps of an explicit method with one field from many states at once, shape (n, states of the method, d)."""
    step, state = np.reshape(h, (-1, 1)), [states[:, q] for q in range(method.states)]
    for n in range(steps):
        state = method.step(state, step, n, lambda _, points: field_value(field, points), NumpyAlgebra())
    return np.stack(state, axis=1)
