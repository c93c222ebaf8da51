"""Paths of a stochastic equation in the plane: 10,000 paths of 100 steps, against the same loop in NumPy, over all paths and for one.

Euler–Maruyama with one Wiener process, the same generator of normal numbers on both sides.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import modeq as mq

from .timing import Row, best_in_turns

H, STEPS, PATHS, START = 0.1, 100, 10_000, (0.3, 0.2)
TEXTS = ("x**2/2 + x**3/30 + x*y/3 + y**2 - x", "x**2/2 + y**4/10 + x")


def loop(paths: int, steps: int) -> Any:
    """The same in NumPy: positions of all paths at all steps, shape (steps + 1, 2, paths)."""
    random = np.random.default_rng(0)
    positions = np.empty((steps + 1, 2, paths))
    positions[0] = np.array(START)[:, np.newaxis]
    half = np.sqrt(H) / 2
    for n in range(steps):
        x, y = positions[n]
        first = -(x + x * x / 10 + y / 3 - 1), -(x / 3 + 2 * y)
        second = -(x + 1), -(0.4 * y * y * y)
        dw = np.sqrt(H) * random.standard_normal(paths)
        for i in range(2):
            positions[n + 1, i] = positions[n, i] + H / 2 * (first[i] + second[i]) + half * (first[i] - second[i]) * dw
    return positions


def rows() -> list[Row]:
    batches = mq.VectorField.from_losses([mq.Loss.from_sympy(text, ["x", "y"]) for text in TEXTS])
    flow = mq.stochastic_equation(1).on(batches)
    mq.compile(flow)

    def ours() -> Any:
        return mq.sample(flow, START, h=H, steps=STEPS, paths=PATHS, seed=0, scheme="euler").theta

    np.testing.assert_allclose(np.swapaxes(ours(), 1, 2), loop(PATHS, STEPS), rtol=1e-9)
    actions = {"ours": ours, "all": lambda: loop(PATHS, STEPS), "one": lambda: loop(1, STEPS)}
    shortest = best_in_turns(actions, rounds=3, repeats=2)
    mine, alone = shortest["ours"] / (PATHS * STEPS), shortest["one"] / STEPS
    return [
        Row("10,000 paths of 100 steps", shortest["ours"], peer="NumPy over all paths", peer_value=shortest["all"], ratio_limit=1.0),
        Row("one step of one of them", mine, peer="NumPy, one path", peer_value=alone, ratio_limit=1 / 50),
    ]
