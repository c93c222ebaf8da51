"""What the command line's words for losses and points mean. Unknown words get the nearest known one."""

from __future__ import annotations

import re

from ..expressions import parse_expression
from ..losses.analytic import CATALOGUE
from ..losses.loss import Loss
from ..nearest import nearest
from .methods import parse_number
from .networks import NETWORKS, NO_OPTIONS, NetworkOptions, named_network

LOSS_HELP = f"One of {', '.join(CATALOGUE)}; a network: {', '.join(NETWORKS)}; or a formula such as 'x**4/4 - x**2/2'."


def named_loss(text: str, variables: str | None = None, options: NetworkOptions = NO_OPTIONS) -> Loss:
    """Return a loss from the catalogue by name, a network on data, or parse a formula."""
    key = text.strip().lower().replace("_", "-")
    if key in NETWORKS:
        return named_network(key, options)
    options.refuse(text)
    if key in CATALOGUE:
        return CATALOGUE[key]()
    if re.fullmatch(r"[A-Za-z_][\w-]*", text.strip()):
        known = [*CATALOGUE, *NETWORKS]
        raise ValueError(f"unknown loss {text!r}{nearest(key, known)}; known: {', '.join(known)}, or a formula such as 'x**4/4 - x**2/2'")
    names = None if variables is None else [name.strip() for name in variables.split(",")]
    expression = parse_expression(text, names)
    symbols = names or sorted(symbol.name for symbol in expression.free_symbols)
    if not symbols:
        raise ValueError(f"the formula {text!r} has no variable; write for example 'x**2 + y**2'")
    return Loss.from_sympy(expression, symbols, name=str(expression))


def parse_point(text: str | None, loss: Loss) -> list[float]:
    """Read ``0.6,0.5``; the loss's own starting point when left out."""
    if text is None:
        if loss.start is None:
            raise ValueError(f"say where to start: --at with {loss.dimension} number(s) for {', '.join(loss.coordinates)}")
        return list(loss.start)
    try:
        point = [parse_number(part) for part in text.split(",")]
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"--at takes numbers separated by commas, such as 0.6,0.5, got {text!r}") from None
    if len(point) != loss.dimension:
        raise ValueError(f"--at needs {loss.dimension} number(s) for {', '.join(loss.coordinates)}, got {len(point)}")
    return point
