"""What following 2,410 parameters at the edge of stability costs: fields and products of the flow of two steps, and of rod flow.

The digits with squared error and h = 0.42, 200 steps from the 600th iterate on, which go up to hλ = 2.13 and through the spike that ends
this. A product with M = D(Φ²) is two Hessian–vector products at points that are known, each less than a gradient where memory is not
contended; a field of rod flow is two gradients and two Hessian–vector products.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

import modeq as mq
from modeq.losses.array_loss import ArrayLoss

from .timing import Row

H, BEFORE, STEPS = 0.42, 600, 200
GD = mq.GradientDescent()


def network() -> ArrayLoss:
    sample = mq.data.digits()
    loss = mq.losses.mlp((64, 32, 10), "tanh", "mean-squared", sample.X, np.eye(10)[sample.y.astype(int)])
    assert isinstance(loss, ArrayLoss)
    return loss


def counted(loss: ArrayLoss) -> Counter[bool]:
    """Count calls of the Taylor arithmetic of a loss, at new points (False) and at known ones (True)."""
    calls: Counter[bool] = Counter()
    kernel = loss.taylor_kernel()

    def taylor(y: Any, given: Any, par: Any, at: int, F: Any, work: Any, known: float, rows: Any) -> None:
        calls[bool(known)] += 1
        kernel(y, given, par, at, F, work, known, rows)

    object.__setattr__(loss, "taylor_kernel", lambda colours=(): taylor)
    return calls


def rows() -> list[Row]:
    return list(measured())


def measured() -> Iterator[Row]:
    loss = network()
    iterates = mq.iterate(GD, loss, mq.losses.xavier(loss, 0), h=H, steps=BEFORE + STEPS).theta[BEFORE:]
    rod = mq.integrate(mq.RodFlow().on(loss), iterates[0], h=H, steps=STEPS, rtol=1e-4, atol=1e-6)
    largest = float(np.linalg.norm(rod.theta - iterates, axis=1).max())
    yield Row(f"rod, rtol 1e-4, {rod.evaluations} fields, distance to iterates", largest, unit="")
    calls = counted(loss)
    flow = mq.whole_state_flow(GD, steps=2).on(loss)
    for solver, rtol in (("SDC", 1e-4), ("SDC", 1e-5), ("DOP853", 1e-5)):
        calls.clear()
        path = mq.integrate(flow, iterates[0], h=H, steps=STEPS, rtol=rtol, atol=rtol / 100, solver=solver)
        title = f"two-step, {solver}, rtol {rtol:g}, {path.status}"
        errors = np.linalg.norm(path.theta[::2] - iterates[::2], axis=1)
        yield Row(f"{title}: fields", path.evaluations, unit="", peer="rod", peer_value=rod.evaluations)
        yield Row(f"{title}: products with M for each", calls[True] / calls[False], unit="")
        yield Row(f"{title}: distance to iterates", float(errors.max()), unit="", peer="rod", peer_value=largest)
