"""Generated text: straight-line locals, no repetition, a description, no surprises."""

import ast
import re

import pytest

import modeq as mq
from modeq.codegen.statements import literal, statements
from modeq.graph import Graph, lower


@pytest.fixture(scope="module")
def source():
    return mq.modified_equation(mq.GradientDescent(), 4).on(mq.losses.rosenbrock()).source


def functions(text):
    return {node.name: node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)}


def test_every_value_of_a_kernel_is_a_local_variable(source):
    """Array-indexed temporaries would blow up the time that LLVM takes."""
    stores = [
        target
        for statement in functions(source)["kernel"].body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Subscript)
    ]
    assert {ast.unparse(target.value) for target in stores} == {"out"}


def test_kernels_of_fields_allocate_nothing(source):
    assert "np.empty" not in ast.unparse(functions(source)["kernel"])


def test_no_subexpression_is_computed_twice(source):
    right = [
        ast.unparse(s.value) for s in functions(source)["kernel"].body if isinstance(s, ast.Assign) and ast.unparse(s.targets[0])[0] == "v"
    ]
    assert len(right) == len(set(right))
    assert len(right) > 10


def test_every_variable_is_assigned_once_and_used(source):
    body = ast.unparse(functions(source)["kernel"])
    for name in re.findall(r"^\s*(v\d+) = ", body, re.M):
        assert len(re.findall(rf"\b{name}\b", body)) >= 2
        assert len(re.findall(rf"^\s*{name} = ", body, re.M)) == 1


def test_a_module_defines_kernel_right_hand_side_and_batch(source):
    assert {"kernel", "rhs", "batch"} <= set(functions(source))
    assert [argument.arg for argument in functions(source)["kernel"].args.args] == ["t", "y", "par", "out"]


def test_a_module_describes_its_parameters():
    flow = mq.gradient_flow().on(mq.Loss.from_sympy("a*x**2 + b*x", ["x"], {"a": 1, "b": 2}, name="tilted bowl"))
    description = ast.get_docstring(ast.parse(flow.source))
    assert "tilted bowl" in description
    assert "par = [h, a, b]" in description


def test_helpers_are_copied_into_the_module():
    text = mq.principal_flow(mq.GradientDescent()).on(mq.losses.rosenbrock()).source
    assert {"log_branch", "log1p_ratio", "psi", "apply_2"} <= set(functions(text))
    called = {node.func.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    builtins = {"njit", "complex", "abs", "range", "len", "min", "max"}
    assert called <= set(functions(text)) | builtins


def test_the_size_of_a_modified_field_grows_slowly_with_the_order():
    """Trees grow like 2.96^p; truncated power series do not."""
    lengths = [mq.modified_equation(mq.GradientDescent(), p).on(mq.losses.rosenbrock()).source.count("\n") for p in (4, 8)]
    assert lengths[1] < 12 * lengths[0]


def test_negative_constants_are_bracketed():
    assert literal(-2) == "(-2.0)"


def test_a_symbolic_constant_is_refused_by_name():
    import sympy

    with pytest.raises(ValueError, match="beta"):
        literal(sympy.Symbol("beta") / 2)


def test_statements_print_in_order_and_execute():
    import numpy as np
    import sympy

    x, y = sympy.symbols("x y")
    expression = sympy.exp(-x) * (x - y) ** 3 / (1 + sympy.atan(y) ** 2) - x ** sympy.Rational(7, 3)
    graph = Graph()
    outputs = lower([expression, sympy.Integer(3), y], graph, {x: "x", y: "y"})
    lines, results = statements(graph, outputs, {"x": "a", "y": "b"})
    scope = {"np": np, "a": 0.8, "b": -1.3}
    exec("\n".join(lines), scope)
    assert eval(results[0], scope) == pytest.approx(float(expression.subs({x: 0.8, y: -1.3})), rel=1e-14)
    assert results[1:] == ["3.0", "b"]
