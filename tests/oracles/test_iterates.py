"""Series against the method itself: run on polynomial fields, in exact power series in h.

Every tree τ has a polynomial field on which it stands alone (Butcher 2016, section 310; Hairer, Norsett, Wanner 1993,
exercise II.2.4): one coordinate for each node, the derivative of a node's coordinate being the product of its children's.
There F(τ')(0) at the root's coordinate is σ(τ) for τ' = τ and 0 for all other trees, so the coefficient of h^|τ| in the
iterates from 0 is the coefficient of τ in their B-series.
"""

from fractions import Fraction
from math import comb

import pytest

import modeq as mq
from modeq.series import time_polynomials
from modeq.trees import rooted_trees


class PowerSeries:
    """Σ c_k h^k, truncated."""

    def __init__(self, coefficients):
        self.c = list(coefficients)

    def __add__(self, other):
        return PowerSeries([a + b for a, b in zip(self.c, other.c, strict=True)])

    def __mul__(self, other):
        if not isinstance(other, PowerSeries):
            return PowerSeries([a * other for a in self.c])
        n = len(self.c)
        return PowerSeries([sum((self.c[i] * other.c[k - i] for i in range(k + 1)), start=Fraction(0)) for k in range(n)])

    def times_h(self):
        return PowerSeries([Fraction(0), *self.c[:-1]])


def constant(value, order):
    return PowerSeries([Fraction(value)] + [Fraction(0)] * order)


def combine(weights, vectors, zero):
    total = [zero] * len(vectors[0])
    for weight, vector in zip(weights, vectors, strict=True):
        total = [t + x * weight for t, x in zip(total, vector, strict=True)]
    return total


def step(method, state, fields, order):
    """One step; implicit stages by as many fixed-point iterations as there are powers of h."""
    zero = constant(0, order)
    resting = [combine(row, state, zero) for row in method.U]
    Y = resting
    for _ in range(order + 1):
        hF = [[value.times_h() for value in fields[colour](y)] for colour, y in zip(method.colours, Y, strict=True)]
        Y = [[a + b for a, b in zip(rest, combine(row, hF, zero), strict=True)] for rest, row in zip(resting, method.A, strict=True)]
    hF = [[value.times_h() for value in fields[colour](y)] for colour, y in zip(method.colours, Y, strict=True)]
    return [
        [a + b for a, b in zip(combine(b_row, hF, zero), combine(v_row, state, zero), strict=True)]
        for b_row, v_row in zip(method.B, method.V, strict=True)
    ]


def flat(tree):
    """Nodes in preorder as (tree, numbers of the children)."""
    nodes = []

    def visit(node):
        place = len(nodes)
        nodes.append(None)
        nodes[place] = (node, [visit(child) for child in node.children])
        return place

    visit(tree)
    return nodes


def fields_of(nodes, colours, order):
    def field(colour):
        def f(y):
            values = []
            for node, children in nodes:
                value = constant(node.colour == colour, order)
                for child in children:
                    value = value * y[child]
                values.append(value)
            return values

        return f

    return [field(colour) for colour in range(colours)]


METHODS = {
    "gradient descent": mq.GradientDescent(),
    "proximal point": mq.ProximalPoint(),
    "implicit midpoint": mq.RungeKutta([["1/2"]], [1]),
    "any tableau": mq.RungeKutta([["1/3", "-2/5"], [2, "1/7"]], ["3/4", "5/6"]),
    "heavy ball": mq.HeavyBall("1/3"),
    "Nesterov": mq.Nesterov("-2/5"),
    "two momenta": mq.compose(mq.HeavyBall("1/2"), mq.Nesterov("1/3")),
    "lookahead of heavy ball": mq.Lookahead(mq.HeavyBall("2/3"), steps=2, alpha="1/4"),
    "implicit with memory": mq.GeneralLinearMethod(
        A=[["1/2"]], U=[[1, "1/5"]], B=[["3/4"], [1]], V=[[1, "1/3"], [0, "1/2"]], output=[1, 0]
    ),
    "output that mixes the states": mq.GeneralLinearMethod(
        A=[[0, 0], ["1/2", 0]],
        U=[["1/2", "1/2"], [0, 1]],
        B=[[1, "1/3"], ["1/2", "1/4"]],
        V=[["3/4", "1/4"], ["1/2", "1/2"]],
        output=["1/4", "3/4"],
    ),
    "alternating": mq.compose(mq.GradientDescent(), mq.GradientDescent().on_field(1)),
    "alternating with momentum": mq.compose(mq.HeavyBall("1/2"), mq.HeavyBall("1/2").on_field(1)),
}
CASES = [
    pytest.param(name, tree, id=f"{name} {tree}")
    for name, method in METHODS.items()
    for order in range(1, 6 if method.fields == 1 else 4)
    for tree in rooted_trees(order, colours=method.fields)
]


@pytest.mark.parametrize(("name", "tree"), CASES)
def test_coefficients_are_read_off_the_iterates_on_the_smooth_solution(name, tree):
    method, order, nodes = METHODS[name], tree.order, flat(tree)
    fields = fields_of(nodes, method.fields, order)
    solution = time_polynomials(method, order)
    starts = solution.starts()

    def start(component, node):
        coefficients = [Fraction(0)] * (order + 1)
        coefficients[node.order] = starts[solution.table.number(node)][component]
        return PowerSeries(coefficients)

    state = [[start(i, node) for node, _ in nodes] for i in range(method.states)]
    seen = []
    for _ in range(order + 2):
        seen.append(sum(c * component[0].c[order] for c, component in zip(method.output, state, strict=True)))
        state = step(method, state, fields, order)
    assert seen[0] == 0
    assert sum((-1) ** t * comb(order + 1, t) * seen[t] for t in range(order + 2)) == 0  # a polynomial of degree ≤ |τ| in t
    assert mq.elementary_weights(method, order)[tree] == seen[1]
    derivative = sum(Fraction((-1) ** (t + 1) * comb(order, t), t) * seen[t] for t in range(1, order + 1))
    assert mq.modified_equation(method, order=order).coefficient(tree) == derivative


@pytest.mark.parametrize("name", ["gradient descent", "proximal point", "any tableau"])
@pytest.mark.parametrize("polynomial", [[0, 0, 1], [1, 0, 1], ["1/2", -1, 0, "2/3"]], ids=["y²", "1 + y²", "½ − y + ⅔y³"])
def test_one_step_on_a_scalar_polynomial_is_its_b_series(name, polynomial):
    method, order, at = METHODS[name], 7, Fraction(3, 5)
    coefficients = [Fraction(c) for c in polynomial]

    def f(y):
        value = constant(0, order)
        for c in reversed(coefficients):
            value = value * y[0] + constant(c, order)
        return [value]

    derivatives = []
    current = coefficients
    for _ in range(order + 1):
        derivatives.append(sum((c * at**k for k, c in enumerate(current)), start=Fraction(0)))
        current = [k * c for k, c in enumerate(current)][1:]

    def elementary_differential(tree):
        value = derivatives[len(tree.children)]
        for child in tree.children:
            value *= elementary_differential(child)
        return value

    weights = mq.elementary_weights(method, order)
    series = [at] + [
        sum((weights[tree] / tree.symmetry * elementary_differential(tree) for tree in rooted_trees(p)), start=Fraction(0))
        for p in range(1, order + 1)
    ]
    ((stepped,),) = step(method, [[constant(at, order)]], [f], order)
    assert stepped.c == series
