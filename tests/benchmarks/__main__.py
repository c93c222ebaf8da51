"""Run the benchmarks named on the command line, all of them by default, and print a table."""

import os
import platform
import sys

from . import (
    adaptive,
    branches,
    breast_cancer,
    coefficients,
    cold_start,
    compilation,
    degrees,
    drift_adjusted,
    edge,
    edge_cost,
    edge_of_methods,
    ensembles,
    expressions,
    field_cost,
    fields,
    first_steps,
    from_jax,
    imports,
    jacobian_verdicts,
    networks,
    principal_networks,
    stochastic,
    through_one,
)

SUBJECTS = {
    "coefficients": coefficients.rows,
    "expressions": expressions.rows,
    "fields": fields.rows,
    "from-jax": from_jax.rows,
    "cold-start": cold_start.rows,
    "compilation": compilation.rows,
    "networks": networks.rows,
    "field-cost": field_cost.rows,
    "principal-networks": principal_networks.rows,
    "breast-cancer": breast_cancer.rows,
    "branches": branches.rows,
    "degrees": degrees.rows,
    "edge": edge.rows,
    "edge-cost": edge_cost.rows,
    "first-steps": first_steps.rows,
    "edge-of-methods": edge_of_methods.rows,
    "through-one": through_one.rows,
    "adaptive": adaptive.rows,
    "drift-adjusted": drift_adjusted.rows,
    "jacobian-verdicts": jacobian_verdicts.rows,
    "stochastic": stochastic.rows,
    "ensembles": ensembles.rows,
    "import": imports.rows,
}
HEADER = ["", "measured", "bound", "peer", "× peer", ""]


os.environ.setdefault("MODEQ_COMPILE", "always")  # what is measured is compiled code, but for cold starts


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in SUBJECTS]
    if unknown:
        print(f"unknown benchmark {unknown[0]!r}; known: {', '.join(SUBJECTS)}", file=sys.stderr)
        return 2
    print(f"Python {platform.python_version()}, {platform.machine()}; times are minima of several runs")
    for name in names or SUBJECTS:
        lines = [HEADER, *(row.cells() for row in SUBJECTS[name]())]
        widths = [max(len(line[column]) for line in lines) for column in range(len(HEADER))]
        print(f"\n{name}")
        for line in lines:
            cells = [cell.ljust(width) if i == 0 else cell.rjust(width) for i, (cell, width) in enumerate(zip(line, widths, strict=True))]
            print("  " + "  ".join(cells).rstrip(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
