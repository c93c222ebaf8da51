"""Principal flows of degree 1, 2 and 3 against gradient descent on Rosenbrock's function.

``python -m tests.benchmarks.distances_by_degree`` prints the table of docs/principal-flow-by-degree.md, largest distances of the real
part over 30 steps. Not part of the tests: degree 3 takes 30 ms a field in Python and most of a minute to compile.
"""

from __future__ import annotations

import modeq as mq

RUNS = (((0.6, 0.5), 3e-3), ((0.6, 0.5), 1e-3), ((0.6, 0.5), 1.5e-3), ((0.6, 0.5), 2e-3), ((0.9, 0.7), 2.2e-3))


def main() -> None:
    """Print one line for each run."""
    gd, E = mq.GradientDescent(), mq.losses.rosenbrock()
    flows = [mq.principal_flow(gd, degree=degree).on(E) for degree in (1, 2, 3)]
    mq.compile(*flows)
    print("| start | h | hλ | degree 1 | degree 2 | degree 3 |")
    print("|---|---|---|---|---|---|")
    for start, h in RUNS:
        report = mq.compare(gd, E, start, h=h, steps=30, flows=flows)
        products = [h * E.sharpness(point) for point in report.iterates.theta]
        distances = " | ".join(f"{errors.max():.1e}" for errors in report.errors.values())
        print(f"| {start[0]}, {start[1]} | {h:g} | {min(products):.2f} to {max(products):.2f} | {distances} |")


if __name__ == "__main__":
    main()
