"""What a modified field costs, in gradients of the same loss, against its order.

``python -m tests.benchmarks.field_cost PICTURE`` measures and draws.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from functools import partial
from itertools import accumulate

import modeq as mq

from .networks import Workload, digits, small
from .timing import Row, best, seconds

ORDERS = (1, 2, 3, 6, 12)
STEP = 0.1
LIMITS = {3: 6.0, 6: 25.0, 12: 150.0}
GROWTH = 2.9558  # of the number of rooted trees with each node (A. Cayley; R. Otter 1948)
TREES = (1, 1, 2, 4, 9, 20, 48, 115, 286, 719, 1842, 4766)  # rooted trees with 1, 2, … nodes, https://oeis.org/A000081


def costs(work: Workload) -> dict[int, float]:
    """Seconds for a gradient (key 0) and for a field of each order, taken in turns."""
    E = work.loss
    theta, par, loss = mq.losses.xavier(E, 0), E.parameter_vector(0.0), E.module.loss
    out = theta.copy()
    actions: dict[int, Callable[[], object]] = {0: lambda: loss(theta, par, out)}
    for order in ORDERS:
        actions[order] = partial(mq.modified_equation(mq.GradientDescent(), order).on(E).rhs(STEP), 0.0, theta)
    single = {order: best(action, repeats=2) for order, action in actions.items()}
    calls = {order: max(1, math.ceil(1e-3 / value)) for order, value in single.items()}
    result = dict.fromkeys(actions, math.inf)
    for _ in range(12 if single[0] < 1e-4 else 5):
        for order, action in actions.items():
            for _ in range(3 if single[order] < 0.1 else 1):
                time = seconds(lambda action=action, count=calls[order]: [action() for _ in range(count)])
                result[order] = min(result[order], time / calls[order])
    return result


def rows() -> list[Row]:
    return [row for work in (small(), digits()) for row in _rows(work, costs(work))]


def _rows(work: Workload, times: dict[int, float]) -> list[Row]:
    limits = LIMITS if work is small() else {}
    result = [
        Row(f"{work.title}: field of order {p}", times[p], peer="gradient", peer_value=times[0], ratio_limit=limits.get(p)) for p in ORDERS
    ]
    exponent = math.log2(times[12] / times[6])
    trees = list(accumulate(TREES))
    return [
        *result,
        Row(f"{work.title}: exponent between orders 6 and 12", exponent, unit=""),
        Row(f"{work.title}: order 12 over order 6", times[12] / times[6], unit="", peer=f"{GROWTH}^6 =", peer_value=GROWTH**6),
        Row("number of trees up to order 12 over that up to order 6", trees[11] / trees[5], unit=""),
    ]


def draw(times: dict[str, dict[int, float]], path: str) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
    lines = []
    for (title, found), colour, marker in zip(times.items(), ("#1f77b4", "#d95f02"), "os", strict=True):
        ratios = [found[p] / found[0] for p in ORDERS]
        axes.plot(ORDERS, ratios, marker=marker, color=colour, label=title)
        lines.append(ratios)
    orders = range(1, 13)
    trees = list(accumulate(TREES))
    middle = math.sqrt(lines[0][-1] * lines[1][-1]) / 12**3
    axes.plot(orders, [middle * p**3 for p in orders], "--", color="0.45", linewidth=1, label="p³")
    axes.plot(orders, trees, ":", color="0.25", linewidth=1.4, label="number of trees: a derivative each, at least")
    axes.set(xscale="log", yscale="log", xlabel="order p of the modified equation", ylabel="cost of the field, in gradients")
    axes.set_xticks(ORDERS, [str(p) for p in ORDERS])
    axes.minorticks_off()
    axes.set_ylim(0.8, 2e4)
    axes.set_xlim(0.93, 13)
    axes.grid(alpha=0.25)
    axes.legend(frameon=False, loc="upper left")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    figure.savefig(path, dpi=150)
    plt.close(figure)


def main(path: str) -> None:
    found = {work.title: (work, costs(work)) for work in (small(), digits())}
    titles = {
        "small network": "2-8-1 tanh, 32 samples, d = 33",
        "digits": "64-32-10 tanh, 1,797 images, d = 2,410",
    }
    for work, times in found.values():
        for row in _rows(work, times):
            print("  ".join(row.cells()).rstrip(), flush=True)
    draw({titles[title]: times for title, (_, times) in found.items()}, path)


if __name__ == "__main__":
    main(sys.argv[1])
