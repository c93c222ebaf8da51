"""Formulas given as text, parsed against a whitelist and never evaluated as Python.

The text is read by Python's own parser into a syntax tree; only numbers, allowed names, the operators
``+ - * / **``, brackets and calls of allowed functions are then translated, node by node, into SymPy. Everything
else is refused with its place in the text: attributes, subscripts, strings, comparisons, lambdas, keywords. Powers
that would blow up are refused before they are computed.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction

import sympy

from .nearest import nearest

_FUNCTION_NAMES = (
    *("exp", "log", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh"),
    *("asin", "acos", "atan", "asinh", "acosh", "atanh", "erf"),
    *("Abs", "sign", "Max", "Min"),
)
FUNCTIONS: Mapping[str, Callable[..., sympy.Expr]] = {
    **{name: getattr(sympy, name) for name in _FUNCTION_NAMES},
    "ln": sympy.log,
    "expm1": lambda x: sympy.exp(x) - 1,
    "log1p": lambda x: sympy.log(1 + x),
    "abs": sympy.Abs,
    "max": sympy.Max,
    "min": sympy.Min,
}
"""Functions that a formula may call; those with kinks are known so that a loss can refuse them with a reason."""

KINKED = ("relu", "leaky_relu", "floor", "ceil", "round", "step", "heaviside", "where", "clip", "mod")
"""Names by which other languages know functions with kinks, which are no functions of formulas."""

CONSTANTS: Mapping[str, sympy.Expr] = {"pi": sympy.pi, "E": sympy.E}

_SMOOTH = (
    "a modified equation needs derivatives of every order, so write a smooth function instead, "
    "such as sqrt(x**2 + 1) for |x| or log(1 + exp(x)) for max(x, 0)"
)
_LONGEST = 100_000  # characters
_DEEPEST = 100  # nested operations
_LARGEST_EXPONENT = 64
_LARGEST_BITS = 4096  # of a constant that a power may produce
_LARGEST_ARGUMENT = 1000  # of a function of a constant: exp(10**18*log(2)) would be computed as 2**(10**18)


class ExpressionError(ValueError):
    """A text that is no formula of the allowed kind; the message is one line with the remedy."""


def parse_expression(text: str, variables: Iterable[str] | None = None) -> sympy.Expr:
    """Translate a formula into SymPy.

    Parameters
    ----------
    text
        Such as ``"(1 - x)**2 + 100*(y - x**2)**2"``; ``^`` is accepted for powers.
    variables
        Allowed names besides the functions and the constants pi and E; None allows every name.

    Raises
    ------
    ExpressionError
        If the text holds anything else than numbers, allowed names, ``+ - * / **`` and calls of `FUNCTIONS`.

    Examples
    --------
    >>> parse_expression("x**4/4 - x^2/2")
    x**4/4 - x**2/2
    """
    if not isinstance(text, str):
        raise TypeError(f"a formula is text such as 'x**2 + y**2', got {type(text).__name__}")
    if "#" in text or "\n" in text.strip():
        raise ExpressionError(f"{_shortened(text)!r} is not a formula: comments and line breaks are not allowed in it")
    if len(text) > _LONGEST:
        raise ExpressionError(f"the formula has {len(text)} characters; at most {_LONGEST} are accepted")
    allowed = None if variables is None else frozenset(variables)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)  # "2(x)": reported by the translation below
            tree = ast.parse(text.strip().replace("^", "**"), mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        if text.count("|") > 1:
            raise ExpressionError(f"{_shortened(text)!r} holds |…|, which has a kink where it is 0; {_SMOOTH}") from None
        reason = getattr(error, "msg", None) or str(error) or "too deeply nested"
        raise ExpressionError(f"{_shortened(text)!r} is not a formula ({reason}); write for example x**2 + 3*y**2") from None
    return _translate(tree.body, allowed, 0)


def _translate(node: ast.expr, allowed: frozenset[str] | None, depth: int) -> sympy.Expr:
    if depth > _DEEPEST:
        raise ExpressionError(f"the formula nests more than {_DEEPEST} operations; split it up")
    match node:
        case ast.Constant(value=bool() | complex() | str() | bytes() | None):
            raise ExpressionError(f"{_source(node)} is no real number")
        case ast.Constant(value=int(value)):
            return sympy.Integer(value)
        case ast.Constant(value=float(value)):
            return _decimal(value)
        case ast.Name(id=name):
            return _name(name, allowed)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _translate(operand, allowed, depth + 1)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_translate(operand, allowed, depth + 1)
        case ast.BinOp():
            chain = [node]  # a + b + c + … leans to the left; taken as a chain it is no deeper than its terms
            while isinstance(chain[-1].left, ast.BinOp):
                chain.append(chain[-1].left)
            total = _translate(chain[-1].left, allowed, depth + 1)
            for link in reversed(chain):
                total = _binary(link.op, total, _translate(link.right, allowed, depth + 1), link)
            return total
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            function = FUNCTIONS.get(name)
            if name.lower() in KINKED:
                raise ExpressionError(f"{name} has a kink or a jump; {_SMOOTH}")
            if function is None:
                raise ExpressionError(f"unknown function {name!r}{nearest(name, FUNCTIONS)}; known: {', '.join(_FUNCTION_NAMES[:-4])}")
            if not arguments or (len(arguments) > 1 and name.lower() not in ("max", "min")):
                raise ExpressionError(f"{name} takes one argument, got {len(arguments)}")
            return _call(function, [_translate(argument, allowed, depth + 1) for argument in arguments], node)
        case _:
            raise ExpressionError(
                f"{_source(node)} is not allowed in a formula; use numbers, names, + - * / **, brackets and functions such as exp"
            )


def _call(function: Callable[..., sympy.Expr], arguments: list[sympy.Expr], node: ast.expr) -> sympy.Expr:
    for argument in arguments:
        if argument.is_number and not abs(argument.evalf(15)) <= _LARGEST_ARGUMENT:
            raise ExpressionError(f"the argument in {_source(node)} is too large; at most {_LARGEST_ARGUMENT} is accepted")
    value = function(*arguments)
    if value.has(sympy.zoo, sympy.oo, sympy.nan):
        raise ExpressionError(f"{_source(node)} is not finite")
    return value


def _decimal(value: float) -> sympy.Expr:
    try:
        exact = Fraction(repr(value))
    except ValueError:
        raise ExpressionError(f"{value} is no finite number") from None
    return sympy.Rational(exact.numerator, exact.denominator)


def _name(name: str, allowed: frozenset[str] | None) -> sympy.Expr:
    if name in CONSTANTS and (allowed is None or name not in allowed):
        return CONSTANTS[name]
    if name in FUNCTIONS:
        raise ExpressionError(f"the function {name} needs an argument: {name}(x)")
    if name.startswith("__") or (allowed is not None and name not in allowed):
        known = ", ".join(sorted(allowed or ())) or ("any name without leading __" if allowed is None else "none")
        raise ExpressionError(f"unknown name {name!r}{nearest(name, allowed or ())}; the variables are: {known}")
    return sympy.Symbol(name)


def _binary(op: ast.operator, left: sympy.Expr, right: sympy.Expr, node: ast.expr) -> sympy.Expr:
    match op:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.Div():
            if right.is_zero:
                raise ExpressionError(f"{_source(node)} divides by zero")
            return left / right
        case ast.Pow():
            return _power(left, right, node)
        case _:
            raise ExpressionError(f"the operator in {_source(node)} is not allowed; use + - * / **")


def _power(base: sympy.Expr, exponent: sympy.Expr, node: ast.expr) -> sympy.Expr:
    if exponent.is_Rational:
        if abs(exponent) > _LARGEST_EXPONENT:
            raise ExpressionError(f"the exponent in {_source(node)} is too large; at most {_LARGEST_EXPONENT} is accepted")
        bits = max((abs(n.p).bit_length() + n.q.bit_length() for n in base.atoms(sympy.Rational)), default=0)
        if bits * abs(exponent) > _LARGEST_BITS:
            raise ExpressionError(f"the power {_source(node)} is too large a number")
        if base.is_zero and exponent.is_negative:
            raise ExpressionError(f"{_source(node)} divides by zero")
    return base**exponent


def _source(node: ast.expr) -> str:
    return repr(_shortened(ast.unparse(node)))


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:57] + "…"
