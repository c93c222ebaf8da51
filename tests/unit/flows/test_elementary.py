"""Elementary differentials on concrete fields."""

import sympy

from modeq import RootedTree
from modeq.flows.elementary import elementary_differentials
from modeq.graph import Graph, SympyAlgebra, evaluate, lower

x, y = sympy.symbols("x y")


def differential(bracket, parts):
    graph = Graph()
    nodes = [lower(part, graph, {x: "x", y: "y"}) for part in parts]
    tree = RootedTree.parse(bracket)
    found = elementary_differentials(graph, nodes, [graph.input("x"), graph.input("y")], [tree])[tree]
    return [sympy.expand(v) for v in evaluate(graph, found, {"x": x, "y": y}, SympyAlgebra())]


def test_a_single_node_is_the_field():
    assert differential("[]", [[x * y, x**2]]) == [x * y, x**2]


def test_a_chain_is_a_product_of_jacobians():
    f = sympy.Matrix([x * y, x**2])
    J = f.jacobian([x, y])
    assert differential("[[[]]]", [list(f)]) == list((J * J * f).expand())


def test_a_cherry_is_the_second_derivative_along_the_field_twice():
    f = [x**3 * y, x * y**2]
    expected = [sum(sympy.diff(c, a, b) * f[i] * f[j] for i, a in enumerate((x, y)) for j, b in enumerate((x, y))) for c in f]
    assert differential("[[],[]]", [f]) == [sympy.expand(e) for e in expected]


def test_nodes_evaluate_the_field_of_their_colour():
    """1[0[]] is f₁′ f₀."""
    f0, f1 = sympy.Matrix([y**2, x]), sympy.Matrix([x * y, x**3])
    assert differential("1[[]]", [list(f0), list(f1)]) == list((f1.jacobian([x, y]) * f0).expand())
