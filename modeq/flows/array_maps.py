"""Principal flows of maps on fields with jets: Taylor arithmetic of the field through each stage of each step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import cycle
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..codegen.array_source import array_principal_source
from ..codegen.source import Source, couplings_source
from ..codegen.tiers import generated_module
from ..kernels.branches import REAL, psi_from_increment
from ..kernels.krylov import no_bends, principal_field
from ..kernels.layout import PAR, SCHEME
from ..kernels.map_taylor import cache_size, map_taylor
from ..kernels.matrix_functions import apply_n
from ..kernels.separable import bends_dense, bends_unsymmetric, eigenpairs, leading, responses
from ..kernels.taylor_fields import workspace_size
from ..kernels.whole_arrays import combination
from ..losses.jet_field import JetField
from ..series.increment import increment
from ..series.map_flow import MapFlow
from ..sizes import ALL_EIGENVECTORS, WHOLE_MAP
from .array_series import no_formula
from .array_spectra import EXACT, TOLERANCE, bound_bends, largest_space, principal_plan, slack_of, spectral_action
from .compiled import Code, CompiledFlow
from .spectral import spectral_functions

Array = NDArray[Any]


def map_code(equation: MapFlow, loss: JetField) -> Code:
    """Bind the flow of a map: dense or by Krylov spaces, with the method's matrices as numbers."""
    if loss.pieces:
        raise ValueError(f"a principal flow needs smooth derivatives, but {loss.name} is piecewise{loss.pieces[0]}")
    loss.require(equation.degree, f"{equation.title} of {equation.method.name}")
    method, size = equation.method, equation.method.states * loss.dimension
    dense = size <= (WHOLE_MAP if equation.degree == 1 else ALL_EIGENVECTORS) if equation.hessian == "auto" else equation.hessian == "dense"
    A, U, B, V, _ = method.matrices()
    matrices = np.concatenate([matrix.ravel() for matrix in (A, U, B, V)])
    scheme = SCHEME.pack({"steps": equation.steps, "stages": U.shape[0], "states": U.shape[1]}, then=matrices)
    action = spectral_action(size, equation.degree, dense=dense)
    plan = principal_plan(size, largest_space(size, action), EXACT if dense else TOLERANCE, 0, scheme)
    bends = no_bends if equation.degree == 1 else bends_dense if dense else bends_unsymmetric

    def assemble() -> Source:
        return loss.written(lambda program: array_principal_source(program, spectral_functions(equation.euler), action, bends, of_map=True))

    right = _driver(equation, loss, action, bends)
    return Code(assemble, no_formula, plan, right, slack_of(action, equation.degree))


def _driver(
    equation: MapFlow, loss: JetField, action: Callable[..., int], bends: Callable[..., int]
) -> Callable[[CompiledFlow], Callable[..., Array]]:
    """Run `principal_field` in Python around the compiled Taylor arithmetic of the loss, at each stage of each step."""
    form = increment(equation.euler.method, REAL)
    options: dict[str, Any] = {}
    if equation.degree > 1:
        couplings = generated_module(couplings_source(spectral_functions(equation.euler))).couplings
        options = {"couplings": couplings, "eigenpairs": eigenpairs, "leading": leading}

    def psi(z: complex) -> complex:
        return psi_from_increment(form(complex(z)), complex(z), REAL)

    def spectral(matrix: Array, vector: Array, inner: Array, weights: Array, kept: int, out: Array) -> None:
        if len(inner):
            responses(options["couplings"], eigenpairs, matrix, vector, inner, weights, out)
        else:
            apply_n(psi, form.distance, matrix.astype(complex), vector, kept, out)

    def bind(flow: CompiledFlow) -> Callable[..., Array]:
        whole = loss.taylor_kernel()
        colours = equation.method.colours if equation.method.fields > 1 else ()
        kept: dict[tuple[int, type], Array] = {}  # megabytes, whose pages cost as much as products when they are new each time

        def right(t: float, y: Array, par: Array) -> Array:
            out = np.zeros(y.shape, complex)
            inside = par.copy()
            inside[PAR.step] = equation.steps * par[PAR.step]

            def taylor(y: Array, given: Array, par: Array, at: int, F: Array, work: Array, known: float, rows: Array) -> None:
                place = at, y.dtype.type
                if place not in kept:
                    kept[place] = np.empty(cache_size(workspace_size, par, at), y.dtype)
                loss_taylor = stage_by_stage(loss, colours) if colours else whole
                map_taylor(loss_taylor, workspace_size, combination, y, given, par, at, F, kept[place], known, rows)

            real = bends is no_bends and not y.imag.any()  # eigenvectors, which degree 2 needs, may be complex anyway
            point = np.ascontiguousarray(y.real) if real else y.astype(complex)
            act = partial(action, taylor, spectral)
            principal_field(taylor, act, bound_bends(bends, taylor, act, options), point, inside, out)
            return out

        return right

    return bind


def stage_by_stage(field: JetField, colours: Sequence[int]) -> Callable[..., None]:
    """Return Taylor arithmetic along given paths that gives one part after the other, as the stages of a step ask for them."""
    order = cycle(colours)

    def taylor(y: Array, given: Array, par: Array, at: int, F: Array, work: Array, known: float, rows: Array) -> None:
        colour = next(order)
        for q in range(len(given)):
            F[q] = field.part_along(colour, np.concatenate([y[np.newaxis], given[q, 1:]]))

    return taylor
