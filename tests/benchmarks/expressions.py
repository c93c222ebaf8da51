"""`flow.expressions()`, the expanded modified field in SymPy, against the same formulas in SymEngine (C++).

SymEngine's time is that until its own expressions exist; modeq's includes making those of SymPy.
"""

from __future__ import annotations

import importlib.util

import symengine
import sympy

import modeq as mq

from .symengine_fields import routes
from .timing import Row, best_in_turns, best_of_processes

# name, how to make the loss, order
CASES = [("rosenbrock", (2,), 6), ("rosenbrock", (2,), 8), ("rosenbrock", (10,), 3)]
_RINGS = {"FLINT": "", "no FLINT": "import sys; sys.modules['flint'] = None"}

_CODE = """
{ring}
import json, time
from modeq import Flow, GradientDescent, losses, modified_equation
E = losses.{name}{arguments}
def run():
    flow = modified_equation(GradientDescent(), {order}).on(E)
    start = time.perf_counter()
    flow.expressions()
    return time.perf_counter() - start
print(json.dumps(dict(cold=run(), warm=min(run() for _ in range(5)))))
"""


def rows() -> list[Row]:
    return [row for case in CASES for row in _case(*case)]


def _case(name: str, arguments: tuple[int, ...], order: int) -> list[Row]:
    E = getattr(mq.losses, name)(*arguments)
    call = f"({', '.join(map(str, arguments))})"
    rings = _RINGS if importlib.util.find_spec("flint") else {"no FLINT": ""}
    ours = {}
    for ring, code in rings.items():
        ours[ring] = best_of_processes(_CODE.format(ring=code, name=name, arguments=call, order=order), processes=5)
    peers = routes(E.expression, E.variables, order)
    flow = mq.modified_equation(mq.GradientDescent(), order).on(E)
    for peer, route in peers.items():
        _check_equal(flow.expressions(), route(), peer)
    times = best_in_turns(peers, rounds=3, repeats=1)
    fastest = min(times, key=times.__getitem__)
    title = f"{E.name} {E.dimension}-D, order {order}"
    return [
        Row(f"{title}, {ring}, {call}", found[key], ratio_limit=0.5, peer=fastest, peer_value=times[fastest])
        for ring, found in ours.items()
        for call, key in (("first call", "cold"), ("warm", "warm"))
    ]


def _check_equal(ours: sympy.Matrix, theirs: list[list[object]], peer: str) -> None:
    h = symengine.Symbol("h")
    for i, entry in enumerate(ours):
        total = sum(row[i] * h**j for j, row in enumerate(theirs))
        if symengine.expand(symengine.sympify(entry) - total) != 0:
            raise RuntimeError(f"component {i} differs between modeq and {peer}")
