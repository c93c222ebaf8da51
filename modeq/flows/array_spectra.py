"""Principal flows on fields with jets: by all eigenvectors of f′ or by Krylov spaces, around the Taylor arithmetic of the field."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..codegen.array_source import array_principal_source
from ..codegen.source import Source, couplings_source
from ..codegen.tiers import generated_module
from ..graph.algebra import as_float
from ..kernels.branches import increment_rational, polynomial, psi_from_increment, psi_of_reals
from ..kernels.krylov import by_eigenvectors, by_krylov_space, by_krylov_space_or_eigenvectors, no_bends, principal_field
from ..kernels.layout import PATHS, PRINCIPAL
from ..kernels.matrix_functions import apply_n, apply_symmetric
from ..kernels.separable import (
    bends_dense,
    bends_sparse,
    bends_unsymmetric,
    eigenpairs,
    leading,
    leading_real,
    responses,
    symmetric_eigenpairs,
)
from ..losses.jet_field import JetField
from ..series.increment import increment
from ..series.principal import PrincipalFlow
from ..sizes import ALL_EIGENVECTORS, EIGENVECTORS_INSTEAD, KRYLOV
from .array_series import linked_points, no_formula
from .compiled import Code, CompiledFlow
from .spectral import spectral_functions
from .stage_points import stage_points

Array = NDArray[Any]
TOLERANCE = 1e-10
EXACT = 1e-15  # where rounding alone is to limit it


def principal_plan(kept: int, limit: int, tolerance: float, completion: int, then: Any) -> Array:
    """Return the plan of `krylov`; `then` is that of the completion, or the scheme of a method."""
    one_path = {"order": 2, "paths": 1, "linked": 0}
    slots = {
        "first": PATHS.pack(one_path),
        "kept": kept,
        "limit": limit,
        "tolerance": tolerance,
        "slack": 0.0,
        "completion": completion,
        "second": PATHS.pack(one_path | {"order": 3}),
    }
    return PRINCIPAL.pack(slots, then)


def spectral_action(size: int, degree: int, *, dense: bool) -> Callable[..., int]:
    """Choose how ψ acts on the field: by all eigenvectors or a Krylov space, which degree 2 works on; from `kernels.krylov`."""
    if degree == 1 and dense:
        return by_eigenvectors
    return by_krylov_space_or_eigenvectors if degree == 1 and size <= EIGENVECTORS_INSTEAD else by_krylov_space


def slack_of(action: Callable[..., int], degree: int) -> int | None:
    """Return the place of the slack of a Krylov space in the plan; degree 2, which works on that space, has none."""
    return None if degree > 1 or action is by_eigenvectors else PRINCIPAL.slack


def largest_space(size: int, action: Callable[..., int]) -> int:
    """Return the dimension at which a Krylov space is given up; half of all where all eigenvectors take over, which cost no more then."""
    return min(size // 2 if action is by_krylov_space_or_eigenvectors else size, KRYLOV)


def principal_code(equation: PrincipalFlow, loss: JetField) -> Code:
    """Bind a principal flow, with the whole Hessian or by Krylov spaces."""
    if loss.pieces:
        raise ValueError(
            f"a principal flow is complex beyond hλ = 1, but {loss.name} is piecewise{loss.pieces[0]}, which has no meaning "
            "at complex points; use a smooth activation such as softplus, gelu or tanh, or a truncated flow such as order 3"
        )
    loss.require(max(equation.degree, (equation.order or 1) - 1), f"{equation.title} of {equation.method.name}")
    if equation.degree > 2:
        raise ValueError(f"degree {equation.degree} needs all derivatives up to f‴; on losses on arrays the degrees are 1 and 2")
    method, order, d = equation.method, equation.order or 0, loss.dimension
    dense = d <= ALL_EIGENVECTORS if equation.hessian == "auto" else equation.hessian == "dense"
    if equation.branch == "continued" and not dense:
        raise ValueError(
            f"branch='continued' takes all eigenvalues of the Hessian, but {loss.name} has {d} parameters; "
            "ask for hessian='dense' if it is to be built at each evaluation, or take branch='rotated'"
        )
    kept = min(equation.hessian, d) if isinstance(equation.hessian, int) else d
    action = spectral_action(d, equation.degree, dense=dense)
    sparse = bends_sparse if loss.symmetric else bends_unsymmetric
    bends = no_bends if equation.degree == 1 else bends_dense if dense else sparse
    tolerance = EXACT if dense else TOLERANCE
    completion: Any = ()
    if order:
        points = stage_points(method, order)
        completion = points.plan(points.field[np.newaxis], linked=linked_points(loss, points))
    plan = principal_plan(kept, largest_space(d, action), tolerance, order, completion)

    def assemble() -> Source:
        return loss.written(lambda program: array_principal_source(program, spectral_functions(equation), action, bends))

    bound = _principal(loss, equation, action, bends)
    return Code(assemble, no_formula, plan, bound, slack_of(action, equation.degree))


def bound_bends(
    bends: Callable[..., int], taylor: Callable[..., None], action: Callable[..., int], options: dict[str, Any]
) -> Callable[..., int]:
    """Give the correction of degree 2 the functions that it is made of, as globals of generated code do."""
    if bends is no_bends:
        return bends
    return partial(bends, taylor, **options, **({} if bends is bends_dense else {"action": action}))


def _principal(
    loss: JetField, equation: PrincipalFlow, action: Callable[..., int], bends: Callable[..., int]
) -> Callable[[CompiledFlow], Callable[..., Array]]:
    """Run `principal_field` in Python around the compiled Taylor arithmetic; at real points on real numbers."""
    form = increment(equation.method, equation.sheet)
    chains = tuple(as_float(b) for b in equation.chain_weights())
    second = {} if equation.degree == 1 else {"couplings": generated_module(couplings_source(spectral_functions(equation))).couplings}

    def psi(z: complex) -> complex:
        return psi_from_increment(form(complex(z)), complex(z), equation.sheet) - polynomial(chains, complex(z))

    def psis(x: Any) -> Array:
        """ψ of real eigenvalues, of all at once where that is one formula."""
        if form.function is not increment_rational:
            return np.array([psi(z) for z in x], complex)
        values = (psi_of_reals(x, *form.arguments) - polynomial(chains, x)).astype(complex)
        for k in np.flatnonzero(np.isnan(values)):
            values[k] = psi(x[k])
        return values

    def spectral(matrix: Array, vector: Array, inner: Array, weights: Array, kept: int, out: Array) -> None:
        real = loss.symmetric and not np.iscomplexobj(matrix)
        if len(inner):
            responses(second["couplings"], symmetric_eigenpairs if real else eigenpairs, matrix, vector, inner, weights, out)
        elif real:
            apply_symmetric(psis, matrix, vector, kept, out)
        else:
            apply_n(psi, form.distance, matrix.astype(complex), vector, kept, out)

    def bind(flow: CompiledFlow) -> Callable[..., Array]:
        taylor = loss.taylor_kernel()

        def right(t: float, y: Array, par: Array) -> Array:
            out = np.zeros(y.shape, complex)
            real = not y.imag.any() and (loss.symmetric or not second)  # eigenvectors of other matrices may be complex
            point = np.ascontiguousarray(y.real) if real else y.astype(complex)
            options: dict[str, Any] = {}
            if second:
                symmetric = real and loss.symmetric
                options = {
                    **second,
                    "eigenpairs": symmetric_eigenpairs if symmetric else eigenpairs,
                    "leading": leading_real if symmetric else leading,
                }
            act = partial(action, taylor, spectral)
            principal_field(taylor, act, bound_bends(bends, taylor, act, options), point, par, out)
            return out

        return right

    return bind
