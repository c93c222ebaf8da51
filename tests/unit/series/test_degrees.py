"""Degrees of principal flows as values: what is refused, what completes them, how they are written."""

import pickle
from fractions import Fraction

import pytest
import sympy

import modeq as mq
from modeq.trees import rooted_trees

GD = mq.GradientDescent()


@pytest.mark.parametrize("degree", [0, 4, -1, True, False, "2", 2.0, 2.5, None, [2]])
def test_a_degree_is_one_two_or_three(degree):
    with pytest.raises(ValueError, match=r"degree must be one of 1, 2, 3, got "):
        mq.principal_flow(GD, degree=degree)


@pytest.mark.parametrize("degree", [2, 3])
def test_several_fields_have_no_degrees_either(degree):
    with pytest.raises(ValueError, match="evaluates 2 different fields"):
        mq.principal_flow(mq.compose(GD, GD.on_field(1)), degree=degree)


def test_the_degree_is_one_without_more_said():
    assert mq.principal_flow(GD) == mq.principal_flow(GD, degree=1)
    assert mq.principal_flow(GD) != mq.principal_flow(GD, degree=2)


@pytest.mark.parametrize("method", [mq.HeavyBall("beta"), mq.Nesterov("beta")], ids=str)
def test_coefficients_need_numbers(method):
    flow = mq.principal_flow(method, degree=3)
    for evaluate in (lambda: flow.quadratic_coefficient(0.1, 0.1, 0.1), lambda: flow.cubic_coefficients(0.1, 0.1, 0.1, 0.1, 0.1)):
        with pytest.raises(ValueError, match=r"with_parameters\(beta=…\)"):
            evaluate()


def test_with_parameters_keeps_degree_order_and_branch():
    options = {"degree": 2, "order": 4, "branch": "principal", "hessian": "lanczos"}
    symbolic, numeric = (mq.principal_flow(mq.HeavyBall(beta), **options) for beta in ("beta", "1/2"))
    filled = symbolic.with_parameters(beta=Fraction(1, 2))
    assert filled == numeric
    point = (0.01, 0.02, -0.03)
    assert filled.quadratic_coefficient(*point) == numeric.quadratic_coefficient(*point)


@pytest.mark.parametrize("method", [GD, mq.Extragradient(), mq.HeavyBall("1/2"), mq.Nesterov("1/3")], ids=str)
def test_coefficients_at_zero_are_those_of_the_smallest_trees(method):
    flow, equation = mq.principal_flow(method, degree=3), mq.modified_equation(method, 5)
    star, nested = flow.cubic_coefficients(0, 0, 0, 0, 0)
    found = (flow.quadratic_coefficient(0, 0, 0), star, nested)
    expected = [float(equation.coefficient(tree)) for tree in ("[[],[]]", "[[],[],[]]", "[[[],[]],[]]")]
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("degree", [1, 2, 3])
def test_the_sums_and_the_completion_share_no_tree(degree):
    flow = mq.principal_flow(GD, degree=degree, order=6)
    chains, pairs = len(flow.chain_weights()), len(flow.pair_weights())
    few = [tree for order in range(1, 7) for tree in rooted_trees(order) if tree.leaves <= degree]
    if degree == 1:
        assert (chains, pairs) == (len(few), 0)
    elif degree == 2:  # a fork with different branches has two places in the polynomial
        twice = sum(1 for tree in few if tree.leaves == 2 and tree.symmetry == 1)
        assert chains + pairs == len(few) + twice
    else:  # its completion leaves the trees out before they are evaluated
        assert (chains, pairs) == (0, 0)


def test_without_completion_there_is_nothing_to_leave_out():
    flow = mq.principal_flow(GD, degree=2)
    assert (flow.chain_weights(), flow.pair_weights()) == ((), ())


@pytest.mark.parametrize("degree", [2, 3])
def test_the_text_has_a_line_for_the_flow_and_one_for_c(degree):
    line, where = mq.principal_flow(GD, degree=degree).text().split("\n")
    assert line.startswith("θ' = Σ log(1-hλ)/(hλ) (uᵀ∇E) u - h²/2 Σ c(hλ; hλ₁, hλ₂) ∇³E[u,u₁,u₂] (u₁ᵀ∇E) (u₂ᵀ∇E) u")
    assert ("∇⁴E" in line) is (degree == 3)
    assert where.startswith("c(z; z₁, z₂) = ")


def test_the_text_says_what_completes_the_flow():
    by_degree = {degree: mq.principal_flow(GD, degree=degree, order=5).text().split("\n")[0] for degree in (1, 2, 3)}
    assert "- h²/12 ∇³E[∇E,∇E]" in by_degree[1]
    assert "∇³E[∇E,∇E]" not in by_degree[2].replace("∇³E[∇³E[∇E,∇E],∇E]", "")
    assert "- h⁴/120 ∇³E[∇³E[∇E,∇E],∇E]" in by_degree[2]
    assert by_degree[3].endswith("u + h⁴/720 ∇⁵E[∇E,∇E,∇E,∇E]")


def test_roots_without_closed_form_stay_functions_in_the_text():
    assert "R(-z₁)R(-z₂)" in mq.principal_flow(mq.HeavyBall("beta"), degree=2).text()


@pytest.mark.parametrize("degree", [2, 3])
def test_latex_names_all_indices_that_it_sums_over(degree):
    latex = mq.principal_flow(GD, degree=degree, order=5).latex()
    assert r"\sum_{ijk} c(h\lambda_i; h\lambda_j, h\lambda_k)" in latex
    assert latex.count("{") == latex.count("}")
    for sum_, symbol in ((r"\sum_{ijkl}", r"c_\star("), (r"\sum_{ijklm}", r"c_\circ(")):
        assert (sum_ in latex, symbol in latex) == (degree == 3, degree == 3)
    assert r"c(z; z_1, z_2) = " in latex


def test_repr_names_the_degree_from_two_on():
    assert repr(mq.principal_flow(GD, degree=2)) == "<PrincipalFlow of gradient descent, degree 2, rotated branch>"
    assert (
        repr(mq.principal_flow(GD, degree=3, order=6))
        == "<PrincipalFlow of gradient descent, degree 3, rotated branch, completed to order 6>"
    )
    assert "degree" not in repr(mq.principal_flow(GD))


def test_equations_survive_pickling():
    flow = mq.principal_flow(mq.HeavyBall("beta"), degree=2, order=4)
    assert pickle.loads(pickle.dumps(flow)) == flow


def test_the_symbol_is_symmetric_in_its_two_factors():
    first, second = sympy.symbols("z1 z2")
    symbol = mq.principal_flow(mq.ProximalPoint(), degree=2).quadratic_symbol
    swapped = symbol.subs({first: second, second: first}, simultaneous=True)
    assert sympy.simplify(symbol - swapped) == 0
