"""Adaptive optimizers with the numbers that everybody uses, followed from their first step by the flow of the whole state.

100 steps of Adam, AdamW, NAdam and RMSProp with their default parameters on three networks: the mean distance of "map" to the iterates
should be at most 1 % of the way and 1/100 of that of the best modified equation (orders 1 to 3, Euler's method with 20 substeps).
The field of Adam should cost at most 80 gradients on 31 parameters and 120 on 2,410, and run on 10⁵ within a gigabyte.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

import modeq as mq
from modeq.methods.method import Method

from .timing import Row, best_in_turns, fresh_process

H, STEPS, SUBSTEPS = 1e-3, 100, 20
METHODS: dict[str, Callable[[], Method]] = {"Adam": mq.Adam, "AdamW": mq.AdamW, "NAdam": mq.NAdam, "RMSProp": mq.RMSProp}
_MEMORY = """
import json, resource
import numpy as np, modeq as mq
images = mq.data.digits()
E = mq.losses.mlp((64, 512, 128, 10), "tanh", "softmax", images.X[:200], images.y[:200])
method = mq.Adam()
run = mq.iterate(method, E, E.start, h=1e-3, steps=2)
state = np.concatenate([run.state[name][2] for name in method.state_names])
field = mq.whole_state_flow(method).on(E)(state, 1e-3, 2)
assert np.isfinite(field).all()
print(json.dumps({"parameters": E.dimension, "GB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20}))
"""


def networks() -> dict[str, Any]:
    """Return a regression, a network and a residual network."""
    wine, images = mq.data.wine(), mq.data.digits(inputs=16)
    return {
        "wine, softmax": mq.losses.logistic_regression(wine.X, wine.y),
        "digits 16-12-10": mq.losses.mlp((16, 12, 10), "tanh", "softmax", images.X, images.y),
        "wine, residual": mq.losses.residual(6, 2, "tanh", "softmax", wine.X, wine.y),
    }


def rows() -> list[Row]:
    return [*_costs(), _memory(), *distances(), *_turned_over()]


def distances(h: float = H) -> Iterator[Row]:
    """Compare "map" and the best modified equation, in units of the way moved."""
    for title, E in networks().items():
        for name, make in METHODS.items():
            method, start = make(), np.array(E.start)
            run = mq.iterate(method, E, start, h=h, steps=STEPS).theta
            way = float(np.linalg.norm(run[-1] - start))
            path = mq.integrate(mq.whole_state_flow(method).on(E), start, h=h, steps=STEPS, rtol=1e-6, atol=1e-8, max_evaluations=20_000)
            far = _mean_distance(path.theta, run) if path.completed else np.inf
            slaved = {p: _mean_distance(_by_euler(mq.modified_equation(method, order=p).on(E), start, h), run) for p in (1, 2, 3)}
            best = min(slaved, key=lambda p: slaved[p])
            title_of_run = f"{name} on {title}, moved {way:.3g}"
            yield Row(title_of_run, far / way, "", 0.01, f"order {best}", slaved[best] / way, 0.01)


def _turned_over() -> Iterator[Row]:
    """Count the negative eigenvalues of steps of RMSProp, directions that a step turns over and no real flow can."""
    title, method = "digits 16-12-10", mq.RMSProp()
    E = networks()[title]
    for h in (H, 10 * H):
        run = mq.iterate(method, E, np.array(E.start), h=h, steps=STEPS)
        values = mq.step_eigenvalues(method, run, every=33).values[1:]
        for n, here in zip((33, 66, 99), values, strict=True):
            turned = here.real[(abs(here.imag) < 1e-9) & (here.real < 0)]
            yield Row(f"RMSProp on {title}, h = {h:g}: negative eigenvalues of step {n}, of {here.size}", turned.size, "")
            yield Row("  the most negative", turned.min(initial=0.0), "")


def _mean_distance(path: Any, run: Any) -> float:
    off = float(np.linalg.norm(path - run, axis=1).mean())
    return off if np.isfinite(off) else np.inf


def _by_euler(flow: Any, theta: Any, h: float) -> Any:
    """Follow a flow, stiff where the gradient changes sign, by Euler's method; what overflows is left as it is."""
    field, path = flow.rhs(h), [theta]
    with np.errstate(all="ignore"):
        for _ in range(STEPS):
            for _ in range(SUBSTEPS):
                theta = theta + h / SUBSTEPS * field(0.0, theta)
            path.append(theta)
    return np.array(path)


def _costs() -> Iterator[Row]:
    cancer, images = mq.data.breast_cancer(inputs=4), mq.data.digits()
    for E, limit in (
        (mq.losses.mlp((4, 5, 1), "tanh", "logistic", cancer.X, cancer.y), 80),
        (mq.losses.mlp((64, 32, 10), "tanh", "softmax", images.X, images.y), 120),
    ):
        method = mq.Adam()
        run = mq.iterate(method, E, np.array(E.start), h=H, steps=10)
        state, flow = np.concatenate([run.state[name][10] for name in method.state_names]), mq.whole_state_flow(method).on(E)
        actions = {"field": partial(flow, state, H, 10), "gradient": partial(E.gradient, run.theta[10])}
        times = best_in_turns(actions, rounds=5, repeats=5)
        yield Row(f"field of Adam, {E.dimension:,} parameters", times["field"], "s", None, "gradient", times["gradient"], limit)


def _memory() -> Row:
    found = fresh_process(_MEMORY)
    return Row(f"memory of a process with a field of Adam, {found['parameters']:,} parameters", found["GB"], "GB", 1.0)
