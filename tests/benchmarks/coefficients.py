"""All coefficients of modified equations, against kauri (Hopf algebra of rooted trees, substitution law)."""

from __future__ import annotations

from .timing import Row, best_of_processes, fresh_process

# peak memory: ru_maxrss is in kilobytes, on macOS in bytes
_OURS = """
import json, resource, sys, time
from modeq import GradientDescent, HeavyBall, modified_equation
def run():
    start = time.perf_counter()
    modified_equation({method}, {order})
    return time.perf_counter() - start
cold = run()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
print(json.dumps(dict(cold=cold, warm=min(run() for _ in range({repeats})), peak=peak)))
"""

# `omega` is kauri's modified equation of the explicit Euler method; the general route through the map of a Runge–Kutta
# method is several times slower.
_KAURI = """
import json, time
from kauri import omega, trees_up_to_order
def run():
    start = time.perf_counter()
    found = {str(tree).replace(" ", ""): float(omega(tree)) for tree in trees_up_to_order(ORDER) if tree.nodes() > 0}
    return time.perf_counter() - start, found
cold, found = run()
print(json.dumps(dict(cold=cold, warm=min(run()[0] for _ in range(2)), found=found)))
"""


def _ours(method: str, order: int, *, repeats: int) -> dict[str, float]:
    return best_of_processes(_OURS.format(method=method, order=order, repeats=repeats))


def rows() -> list[Row]:
    ten = _ours("GradientDescent()", 10, repeats=20)
    fourteen = _ours("GradientDescent()", 14, repeats=3)
    momentum = _ours("HeavyBall('beta')", 6, repeats=3)
    return [
        Row("gradient descent, order 10, first call after the imports", ten["cold"], limit=10e-3),
        Row("gradient descent, order 10, warm", ten["warm"], limit=10e-3),
        Row("gradient descent, order 14 (53,272 trees), first call after the imports", fourteen["cold"], limit=0.5),
        Row("gradient descent, order 14 (53,272 trees), warm", fourteen["warm"], limit=0.5),
        Row("gradient descent, order 14, peak memory of the process", fourteen["peak"], "MB", limit=500),
        *_against_kauri(7),
        Row("heavy ball, symbolic β, order 6, first call after the imports", momentum["cold"], limit=0.5),
        Row("heavy ball, symbolic β, order 6, warm", momentum["warm"], limit=0.5),
    ]


def _against_kauri(order: int) -> list[Row]:
    import modeq as mq

    ours = _ours("GradientDescent()", order, repeats=50)
    theirs = fresh_process(_KAURI.replace("ORDER", str(order)))
    equation = mq.modified_equation(mq.GradientDescent(), order)
    if len(theirs["found"]) != len(equation.series.coefficients):
        raise RuntimeError(f"kauri has {len(theirs['found'])} trees up to order {order}, modeq {len(equation.series.coefficients)}")
    difference = max(abs(value - float(equation.coefficient(tree))) for tree, value in theirs["found"].items())
    return [
        Row(
            f"gradient descent, order {order}, first call after the imports",
            ours["cold"],
            peer="kauri",
            peer_value=theirs["cold"],
            ratio_limit=1e-3,
        ),
        Row(f"gradient descent, order {order}, again (kauri keeps its coproducts)", ours["warm"], peer="kauri", peer_value=theirs["warm"]),
        Row(f"gradient descent, order {order}, largest difference to kauri", difference, "", limit=1e-9),
    ]
