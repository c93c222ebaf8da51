"""Several steps as one map, and lookahead.

Two methods with the same V and output carry the same kind of state and hand it on (two steps of heavy ball,
an epoch of minibatches with momentum). Otherwise each keeps its own memory and they share the point x only.
The step size h is that of every single step: k steps of gradient descent have b(•) = k.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import NamedTuple

from ..exact import CoefficientField, DomainMatrix, ScalarLike, exact
from .general_linear import GeneralLinearMethod
from .linear_algebra import product
from .method import linear_method


class _Step(NamedTuple):
    """The matrices of one step over a coefficient field; unlike a GeneralLinearMethod it may leave parts of the state alone."""

    A: DomainMatrix
    U: DomainMatrix
    B: DomainMatrix
    V: DomainMatrix


def compose(*methods: GeneralLinearMethod, name: str | None = None) -> GeneralLinearMethod:
    """Apply `methods` one after the other, the first one first, as one method.

    Parameters
    ----------
    methods
        At least one. Use `GeneralLinearMethod.on_field` to let them evaluate different fields.
    name
        What messages and tables call the result.

    Returns
    -------
    GeneralLinearMethod
        With the stages of all. The step size h is that of every single one.

    Raises
    ------
    ValueError
        If there is none.
    TypeError
        If one of them is no `GeneralLinearMethod`.

    Examples
    --------
    >>> from modeq.methods import GradientDescent
    >>> two_steps = compose(GradientDescent(), GradientDescent())
    >>> two_steps.stages, two_steps.A[1]
    (2, (Fraction(1, 1), Fraction(0, 1)))
    """
    if not methods:
        raise ValueError("compose needs at least one method")
    methods = tuple(linear_method(method, "compose") for method in methods)
    field = CoefficientField.containing(entry for m in methods for entry in m.entries())
    if all((m.V, m.output) == (methods[0].V, methods[0].output) for m in methods):
        steps, output = [_step(m, field) for m in methods], [field.element(entry) for entry in methods[0].output]
    else:
        steps = _with_own_memories(methods, field)
        output = [field.element(int(i == 0)) for i in range(len(steps[0].V))]
    same = len(set(methods)) == 1
    title = name or (f"{len(methods)} steps of {methods[0].name}" if same else " then ".join(m.name for m in methods))
    colours = tuple(colour for m in methods for colour in m.colours)
    return _method(title, reduce(lambda a, b: _after(a, b, field), steps), output, colours, field)


def Lookahead(inner: GeneralLinearMethod, *, steps: int = 5, alpha: ScalarLike = "1/2") -> GeneralLinearMethod:
    """Lookahead: `steps` fast steps of `inner`, then the slow weights move the fraction `alpha` of the way.

    θ⁺ = θ + α (inner^steps(θ) − θ); the memory of `inner` (its momentum) is kept.

    Parameters
    ----------
    inner
        The fast method.
    steps
        Number of its steps, ≥ 1.
    alpha
        Fraction of the way, a number or a name that stays symbolic.

    Returns
    -------
    GeneralLinearMethod
        One step of it is `steps` steps of `inner`.

    Raises
    ------
    ValueError
        If `steps` is no integer ≥ 1.

    References
    ----------
    M. R. Zhang, J. Lucas, G. Hinton, J. Ba, Lookahead optimizer: k steps forward, 1 step back, NeurIPS 2019,
    arXiv 1907.08610.

    Examples
    --------
    >>> from modeq.methods import GradientDescent
    >>> Lookahead(GradientDescent(), steps=2, alpha="1/2").B
    ((Fraction(1, 2), Fraction(1, 2)),)
    """
    if isinstance(steps, bool) or not isinstance(steps, int) or steps < 1:
        raise ValueError(f"lookahead takes an integer number of fast steps ≥ 1, got {steps!r}")
    fast = compose(*[inner] * steps)
    weight = exact(alpha, what="alpha")
    field = CoefficientField.containing([*fast.entries(), weight])
    A, U, B, V = _step(fast, field)
    c = [field.element(entry) for entry in fast.output]
    u = [field.element(entry) for entry in fast.invariants[0]]
    pull = field.element(weight) - field.element(1)
    (moved,), (output_B,) = product([c], V), product([c], B)
    # y⁺ = y_fast + (α − 1) u cᵀ(y_fast − y): the output is pulled back along the state at rest, the memory stays.
    V = [[V[i][j] + pull * u[i] * (moved[j] - c[j]) for j in range(len(c))] for i in range(len(c))]
    B = [[B[i][j] + pull * u[i] * output_B[j] for j in range(fast.stages)] for i in range(len(c))]
    title = f"lookahead({inner.name}, steps={steps}, alpha={weight})"
    return _method(title, _Step(A, U, B, V), c, fast.colours, field)


def _step(m: GeneralLinearMethod, field: CoefficientField) -> _Step:
    return _Step(*(field.matrix(matrix) for matrix in (m.A, m.U, m.B, m.V)))


def _method(name: str, step: _Step, output: list[object], colours: tuple[int, ...], field: CoefficientField) -> GeneralLinearMethod:
    A, U, B, V = (tuple(tuple(map(field.scalar, row)) for row in matrix) for matrix in step)
    return GeneralLinearMethod(A=A, U=U, B=B, V=V, output=[field.scalar(entry) for entry in output], colours=colours, name=name)


def _after(first: _Step, second: _Step, field: CoefficientField) -> _Step:
    """Let y₁ = B₁F₁ + V₁y of the first step feed the stages and the update of the second."""
    zero = field.element(0)
    coupled = product(second.U, first.B)
    A = [row + [zero] * len(second.A) for row in first.A]
    A += [left + right for left, right in zip(coupled, second.A, strict=True)]
    B = [left + right for left, right in zip(product(second.V, first.B), second.B, strict=True)]
    return _Step(A, first.U + product(second.U, first.V), B, product(second.V, first.V))


def _with_own_memories(methods: Sequence[GeneralLinearMethod], field: CoefficientField) -> list[_Step]:
    """Write every method on the common state (x, memory of the first, memory of the second, …)."""
    zero, one = field.element(0), field.element(1)
    total = 1 + sum(m.states - 1 for m in methods)
    steps, offset = [], 1
    for m in methods:
        to_state, from_state = _memory_coordinates(m, field)
        step = _step(m, field)
        place = [0, *range(offset, offset + m.states - 1)]
        offset += m.states - 1
        spread = [[one if place[i] == j else zero for j in range(total)] for i in range(m.states)]
        gather = [list(column) for column in zip(*spread, strict=True)]
        V_local = product(product(from_state, step.V), to_state)
        V = [[one if i == j and i not in place else zero for j in range(total)] for i in range(total)]
        for i, here in enumerate(place):
            for j, there in enumerate(place):
                V[here][there] = V_local[i][j]
        U = product(product(step.U, to_state), spread)
        steps.append(_Step(step.A, U, product(gather, product(from_state, step.B)), V))
    return steps


def _memory_coordinates(m: GeneralLinearMethod, field: CoefficientField) -> tuple[DomainMatrix, DomainMatrix]:
    """Return T and T⁻¹ with y = T(x, w): the first column of T is u, the others span {w : cᵀw = 0}."""
    u = [field.element(entry) for entry in m.invariants[0]]
    c = [field.element(entry) for entry in m.output]
    zero, one = field.element(0), field.element(1)
    pivot = next(i for i, entry in enumerate(c) if entry)
    others = [i for i in range(m.states) if i != pivot]
    to_state = [[u[i]] + [one if i == j else -c[j] / c[pivot] if i == pivot else zero for j in others] for i in range(m.states)]
    from_state = [c] + [[(one if i == j else zero) - u[i] * c[j] for j in range(m.states)] for i in others]
    return to_state, from_state
