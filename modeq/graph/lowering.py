"""SymPy expressions lowered to the graph, one handler per kind of node; an unknown kind is an error that names it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sympy
from sympy.core.function import AppliedUndef

from ..exact import decimal
from ..functions import FUNCTIONS, QUOTIENTS
from .graph import Graph

_RECIPROCALS = {sympy.sec: "cos", sympy.csc: "sin", sympy.cot: "tan", sympy.sech: "cosh", sympy.csch: "sinh", sympy.coth: "tanh"}
_KINKED = (sympy.Abs, sympy.sign, sympy.Max, sympy.Min, sympy.Piecewise, sympy.Heaviside, sympy.floor, sympy.ceiling, sympy.Mod)


def lower(expressions: Iterable[sympy.Expr], graph: Graph, names: Mapping[sympy.Symbol, str]) -> list[int]:
    """Translate SymPy expressions into nodes of `graph`.

    Parameters
    ----------
    names
        The input name of every symbol that may occur.

    Raises
    ------
    ValueError
        If an expression contains an unknown symbol, a function that has kinks, or anything that the graph does not support.
    """
    known: dict[sympy.Basic, int] = {}
    wanted = [sympy.sympify(expression) for expression in expressions]
    for expression in wanted:
        for part in sympy.postorder_traversal(expression):
            if part not in known and isinstance(part, sympy.Expr):
                known[part] = _node(part, graph, names, known)
    return [known[expression] for expression in wanted]


def _node(part: sympy.Expr, graph: Graph, names: Mapping[sympy.Symbol, str], known: Mapping[sympy.Basic, int]) -> int:
    if isinstance(part, sympy.Symbol):
        if part not in names:
            given = ", ".join(sorted(symbol.name for symbol in names)) or "none"
            raise ValueError(
                f"the expression contains {part.name!r}, which is neither a variable nor a parameter; given are: {given}. "
                f"List it among the variables, or give it a value in parameters={{'{part.name}': …}}"
            )
        return graph.input(names[part])
    if part in (sympy.oo, -sympy.oo, sympy.zoo, sympy.nan) or part.has(sympy.I):
        raise ValueError(f"a loss is real and finite; its expression contains {part}")
    if part.is_number and part.is_extended_real is False:
        raise ValueError(f"a loss is real and finite; its expression contains {part}")
    if isinstance(part, sympy.Float):
        return graph.constant(decimal(part))
    if (part.is_number and not part.args) or isinstance(part, sympy.Rational):
        return graph.constant(part)
    arguments = [known[argument] for argument in part.args if isinstance(argument, sympy.Expr)]
    if isinstance(part, sympy.Add):
        return _fold(graph, "add", _sorted_terms(part, arguments))
    if isinstance(part, sympy.Mul):
        return _quotient(part, arguments, graph, known)
    if isinstance(part, sympy.Pow):
        return _power(part, arguments, graph, known)
    if isinstance(part, sympy.exp):
        return graph.apply("exp", arguments[0])
    if isinstance(part, _KINKED):
        raise ValueError(_not_smooth(part))
    if type(part) in _RECIPROCALS:
        return graph.divide(graph.one, graph.apply(_RECIPROCALS[type(part)], arguments[0]))
    name = type(part).__name__
    if name in FUNCTIONS and len(arguments) == 1 and not isinstance(part, AppliedUndef):
        return graph.apply(name, arguments[0])
    supported = ", ".join(sorted(FUNCTIONS - QUOTIENTS.keys()))
    raise ValueError(f"the expression contains {part}, which modeq cannot compile; supported functions: {supported}")


def _not_smooth(part: sympy.Expr) -> str:
    return (
        f"{part} is not differentiable, and a modified equation needs derivatives of every order; "
        "use a smooth function instead, such as sqrt(x**2 + 1) for |x|"
    )


def _sorted_terms(part: sympy.Expr, arguments: list[int]) -> list[int]:
    """Put subtracted terms last, so that a − b is one subtraction."""
    flagged = zip(part.args, arguments, strict=True)
    return [number for _, number in sorted(flagged, key=lambda pair: pair[0].could_extract_minus_sign())]


def _fold(graph: Graph, op: str, numbers: Iterable[int]) -> int:
    operation = graph.add if op == "add" else graph.multiply
    result: int | None = None
    for number in numbers:
        result = number if result is None else operation(result, number)
    return graph.one if result is None else result


def _quotient(part: sympy.Mul, arguments: list[int], graph: Graph, known: Mapping[sympy.Basic, int]) -> int:
    above, below = [], []
    for factor, number in zip(part.args, arguments, strict=True):
        base, exponent = factor.as_base_exp()
        if exponent.is_Integer and exponent.is_negative and not base.is_number:
            below.append(graph.power(known[base], int(-exponent)))
        else:
            above.append(number)
    top = _fold(graph, "multiply", above)
    return graph.divide(top, _fold(graph, "multiply", below)) if below else top


def _power(part: sympy.Pow, arguments: list[int], graph: Graph, known: Mapping[sympy.Basic, int]) -> int:
    exponent = graph.fixed(arguments[1])
    if exponent is not None:
        root = _even_root(part)
        if root is not None:
            return graph.power(known[root[0]], root[1])
        return graph.power(arguments[0], exponent)
    if part.base == sympy.E:
        return graph.apply("exp", arguments[1])
    return graph.apply("exp", graph.multiply(arguments[1], graph.apply("log", arguments[0])))


def _even_root(part: sympy.Pow) -> tuple[sympy.Expr, int] | None:
    """Read √(x⁴) as x² and refuse √(x²) = |x|, √((x − 1)²y²) and √(x² − 2x + 1); None if no perfect power is under an even root."""
    if not (part.exp.is_Rational and part.exp.q % 2 == 0):
        return None
    powers = _powers(part.base)
    if not powers or not all(count.is_Integer and count.is_even for count in powers.values()):
        return None
    whole = [count * part.exp for count in powers.values()]
    if part.base.is_Pow and whole[0].is_even:
        return part.base.base, int(whole[0])
    if all(count.is_even for count in whole):
        return None
    raise ValueError(_not_smooth(part))


def _powers(base: sympy.Expr) -> dict[sympy.Expr, sympy.Expr]:
    """Split a product, or a polynomial of one variable, into powers; constants are left out."""
    if base.is_Add and len(base.free_symbols) == 1 and base.is_polynomial():
        return {factor: sympy.Integer(count) for factor, count in sympy.sqf_list(base)[1]}
    return {factor: count for factor, count in base.as_powers_dict().items() if factor.free_symbols}
