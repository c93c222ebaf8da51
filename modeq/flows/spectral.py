"""From a principal flow to the functions of eigenvalues that its kernels need."""

from __future__ import annotations

from ..codegen.source import SpectralFunctions, coefficient_function, mode_functions, scalar_functions, third_function
from ..graph.algebra import as_float
from ..series.increment import increment
from ..series.modes import modes
from ..series.principal import PrincipalFlow
from ..series.third_modes import third_modes


def spectral_functions(equation: PrincipalFlow) -> SpectralFunctions:
    """Write ψ and the coefficients of higher degrees, less what the completion of the flow contains."""
    sheet = equation.sheet
    form = increment(equation.method, sheet)
    chains = [as_float(b) for b in equation.chain_weights()]
    texts: tuple[str, ...] = scalar_functions(form.source("z"), form.singular, sheet, chains)
    if equation.degree == 1:
        return SpectralFunctions(texts, 0)
    third = third_modes(equation.method, sheet) if equation.degree == 3 else None
    numbers = modes(equation.method, sheet) if third is None else third.modes
    width = numbers.width if third is None else third.width
    pairs = [as_float(b) for b in equation.pair_weights()]
    middle = "" if third is None else f"{numbers.width}, {third.source()}"
    texts = (
        *texts,
        mode_functions(form.source("z"), sheet, numbers.source(), middle),
        coefficient_function(numbers.size, numbers.powers, pairs, max(0, (equation.order or 0) - 2)),
    )
    if third is not None:
        texts = (*texts, third_function(third.shape))
    return SpectralFunctions(texts, width)
