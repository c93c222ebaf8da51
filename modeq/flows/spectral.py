"""From a principal flow to the functions of eigenvalues that its kernels need."""

from __future__ import annotations

from ..codegen.source import SpectralFunctions, mode_functions, scalar_functions
from ..graph.algebra import as_float
from ..series.increment import branch_helpers, increment
from ..series.modes import mode_helpers, modes
from ..series.principal import PrincipalFlow


def spectral_functions(equation: PrincipalFlow) -> SpectralFunctions:
    """Write ψ and, for degree 2, c, less what the completion of the flow contains."""
    rotated = equation.branch == "rotated"
    form = increment(equation.method, rotated)
    chains = [as_float(b) for b in equation.chain_weights()]
    scalar = scalar_functions(form.source("z"), form.singular, rotated, chains)
    if equation.degree == 1:
        return SpectralFunctions(tuple(branch_helpers(form)), scalar, 0)
    numbers = modes(equation.method, rotated)
    pairs = [as_float(b) for b in equation.pair_weights()]
    order = max(0, (equation.order or 0) - 2)
    quadratic = mode_functions(form.source("z"), rotated, numbers.source(), numbers.size, numbers.degree, pairs, order)
    return SpectralFunctions((*branch_helpers(form), *mode_helpers()), (*scalar, *quadratic), numbers.width)


def principal_title(equation: PrincipalFlow) -> str:
    """Return one line for tables."""
    degree = "" if equation.degree == 1 else f" of degree {equation.degree}"
    return f"principal flow{degree}" + ("" if equation.order is None else f" + order {equation.order}")
