"""Compiled modified fields in a compiled loop over 10⁴ points, per point, against heyoka's `cfunc` on one thread.

The field has two formulations in heyoka, expanded polynomials and derivatives nested as they are written; the faster one
counts. The batch form and heyoka work on columns, shape (d, k); a user's own loop calls the kernel on rows, shape (k, d).
"""

from __future__ import annotations

import numba
import numpy as np

import modeq as mq

from . import heyoka_fields
from .timing import Row, best_in_turns

POINTS = 10_000
STEP = 1e-3
# coordinates, order, the ratio to heyoka that the issue allows
CASES = [(2, 1, 1.0), (2, 2, 1.0), (2, 3, 1.0), (10, 3, 2.0)]


def rows() -> list[Row]:
    return [row for case in CASES for row in _case(*case)]


def _case(dimension: int, order: int, allowed: float) -> list[Row]:
    E = mq.losses.rosenbrock(dimension)
    flow = mq.modified_equation(mq.GradientDescent(), order).on(E)
    kernel, par = flow.kernel, flow.parameters(STEP)

    @numba.njit
    def loop(points: np.ndarray, par: np.ndarray, out: np.ndarray) -> None:
        for i in range(len(points)):
            kernel(0.0, points[i], par, out[i])

    columns = np.random.default_rng(0).normal(size=(dimension, POINTS))
    points = np.ascontiguousarray(columns.T)
    peers = {
        "heyoka, expanded": heyoka_fields.from_expressions(list(flow.expressions()), E.variables),
        "heyoka, nested": heyoka_fields.from_derivatives(E.expression, E.variables, order),
    }
    results = {name: np.empty_like(columns) for name in ("batch", *peers)}
    rows_out, rows_peer = np.empty_like(points), np.empty_like(points)
    actions = {
        "batch": lambda: flow.module.batch(columns, par, results["batch"]),
        "kernel": lambda: loop(points, par, rows_out),
    }
    for name, peer in peers.items():
        actions[name] = lambda peer=peer, out=results[name]: peer(columns, STEP, out)
        actions[f"{name}, rows"] = lambda peer=peer, out=results[name]: _by_rows(peer, points, out, rows_peer)
    times = best_in_turns(actions)
    for name, found in {**results, "kernel": rows_out.T}.items():
        error = np.abs(found - results["batch"]).max() / np.abs(results["batch"]).max()
        if not error < 1e-12:
            raise RuntimeError(f"{name} differs from modeq's batch form by {error:.2e}")
    per_point = {name: value / POINTS for name, value in times.items()}
    title = f"rosenbrock {dimension}-D, order {order}"
    by_columns = min(peers, key=per_point.__getitem__)
    by_rows = min((f"{name}, rows" for name in peers), key=per_point.__getitem__)
    return [
        Row(f"{title}, batch", per_point["batch"], peer=by_columns, peer_value=per_point[by_columns], ratio_limit=allowed),
        Row(f"{title}, kernel in a user's loop over rows", per_point["kernel"], peer=by_rows, peer_value=per_point[by_rows]),
    ]


def _by_rows(peer: heyoka_fields.Batch, points: np.ndarray, columns_out: np.ndarray, out: np.ndarray) -> None:
    """Let heyoka, which takes points as columns, do the same on points as rows."""
    peer(np.ascontiguousarray(points.T), STEP, columns_out)
    out[:] = columns_out.T
