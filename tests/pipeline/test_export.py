"""Exported modules run without modeq, in a process where it cannot be imported."""

import ast
import json

import numpy as np
import pytest

import modeq as mq

GD = mq.GradientDescent()

# Numba calls SciPy's LAPACK for eigenvalues, from three dimensions on; nothing else may need it.
FLOWS = {
    "order 3": (mq.modified_equation(GD, 3).on(mq.losses.rosenbrock()), [0.6, 0.5], 1e-3, ["scipy"]),
    "principal": (mq.principal_flow(GD).on(mq.losses.rosenbrock()), [0.6, 0.5], 3e-3, ["scipy"]),
    "principal heavy ball": (mq.principal_flow(mq.HeavyBall("1/2"), order=3).on(mq.losses.double_well()), [1.4], 0.1, ["scipy"]),
    "parameters": (mq.modified_equation(GD, 2).on(mq.Loss.from_sympy("a*exp(x) + erf(x)", ["x"], {"a": 3})), [0.4], 0.1, ["scipy"]),
    "order 2 of RMSProp": (mq.modified_equation(mq.RMSProp(0.7, 0.1), 2).on(mq.losses.double_well()), [1.4], 0.1, ["scipy"]),
    "three dimensions": (mq.principal_flow(GD).on(mq.losses.deep_chain(3)), [1.2, 0.7, 0.9], 0.2, []),
}

RUN = """
import json, sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {blocked}:
            raise ImportError("blocked: " + name)

sys.meta_path.insert(0, Blocker())
import numpy as np
import field
y, par = np.array({point}), np.array({par})
value = field.rhs(0.0, y, par)
single = np.empty(len(y), value.dtype)
out = np.stack([value, value, value], axis=1)
if len(y) < 3:  # the largest kernel is slow to compile; its batch form is a loop over it
    field.batch(np.stack([y, y + 0.1, y - 0.1], axis=1), par, out)
field.kernel(0.0, y, par, single)
print(json.dumps([[v.real.tolist(), v.imag.tolist()] for v in (value, out[:, 0].copy(), single)]))
"""


@pytest.mark.parametrize("name", FLOWS)
def test_an_exported_module_gives_the_same_numbers(name, tmp_path, fresh_python):
    flow, point, h, blocked = FLOWS[name]
    flow.export(tmp_path / "field.py")
    code = RUN.format(
        blocked={"modeq", "sympy", "mpmath", "networkx", "matplotlib", *blocked}, point=point, par=flow.parameters(h).tolist()
    )
    result = fresh_python(code, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    value, batch, single = (np.array(real) + 1j * np.array(imaginary) for real, imaginary in json.loads(result.stdout))
    expected = flow(point, h)
    np.testing.assert_allclose(value, expected, rtol=1e-12)
    np.testing.assert_array_equal(single, value)
    np.testing.assert_allclose(batch, expected, rtol=1e-12)


def network_flow():
    rng = np.random.default_rng(0)
    net = mq.losses.mlp((2, 2, 1), "tanh", "mean-squared", rng.normal(size=(5, 2)), rng.normal(size=5))
    return mq.modified_equation(GD, 2).on(net)


@pytest.mark.parametrize("flow", [FLOWS["parameters"][0], network_flow()], ids=["symbols", "arrays"])
def test_an_exported_module_makes_its_own_parameters(flow, tmp_path):
    path = flow.export(tmp_path / "field.py")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    (own,) = [statement for statement in tree.body if isinstance(statement, ast.FunctionDef) and statement.name == "parameters"]
    scope = {"np": np, "__file__": str(path)}
    exec(compile(ast.Module([own], []), "parameters", "exec"), scope)
    np.testing.assert_array_equal(scope["parameters"](0.25), flow.parameters(0.25))


def test_an_exported_module_says_what_it_is_and_which_numbers_it_reads(tmp_path):
    text = ast.get_docstring(ast.parse(network_flow().export(tmp_path / "net.py").read_text(encoding="utf-8")))
    for words in ("order 2", "gradient descent", "mlp 2-2-1 tanh", "net.npy", "parameters(h)", "shape (9,)"):
        assert words.lower() in text.lower()


@pytest.mark.parametrize("name", FLOWS)
def test_an_exported_module_names_numpy_and_numba_only(name):
    tree = ast.parse(FLOWS[name][0].source)
    modules = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            modules.add(node.module.split(".")[0])
    assert modules <= {"numpy", "numba", "math", "cmath"}


@pytest.mark.parametrize("name", FLOWS)
def test_an_exported_module_imports_nothing_that_it_does_not_use(name):
    tree = ast.parse(FLOWS[name][0].source)
    bound = {alias.asname or alias.name for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names}
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert bound <= used


@pytest.mark.parametrize("name", FLOWS)
def test_an_exported_module_has_no_machine_in_it(name):
    """No paths, no times: the text depends on the flow alone."""
    assert "/" not in ast.get_docstring(ast.parse(FLOWS[name][0].source))
