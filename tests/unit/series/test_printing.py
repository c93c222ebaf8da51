"""How equations are written, in text and LaTeX. Coefficients: Hairer, Lubich, Wanner 2006, IX.1; Barrett, Dherin 2021."""

import pytest
import sympy

import modeq as mq

GD = mq.GradientDescent()
ALTERNATING = mq.compose(GD, GD.on_field(1))


@pytest.mark.parametrize(
    ("notation", "text"),
    [
        ("loss", "θ' = -∇E - h/2 ∇²E∇E - h²/3 (∇²E)²∇E - h²/12 ∇³E[∇E,∇E] + O(h³)"),
        ("field", "θ' = f - h/2 f′f + h²/3 f′f′f + h²/12 f″(f,f) + O(h³)"),
        ("trees", "θ' = F([]) - h/2 F([[]]) + h²/3 F([[[]]]) + h²/12 F([[],[]]) + O(h³)"),
    ],
)
def test_gradient_descent_of_order_three_as_text(notation, text):
    assert mq.modified_equation(GD, order=3).text(notation) == text


@pytest.mark.parametrize(
    ("notation", "latex"),
    [
        (
            "loss",
            r"\dot{\theta} = -\nabla E - \frac{h}{2} \nabla^{2} E\,\nabla E - \frac{h^{2}}{3} \nabla^{2} E\,\nabla^{2} E\,\nabla E"
            r" - \frac{h^{2}}{12} \nabla^{3} E[\nabla E,\nabla E] + O(h^{3})",
        ),
        ("field", r"\dot{\theta} = f - \frac{h}{2} f'f + \frac{h^{2}}{3} f'f'f + \frac{h^{2}}{12} f''(f,f) + O(h^{3})"),
        (
            "trees",
            r"\dot{\theta} = F\left(\bullet\right) - \frac{h}{2} F\left([\bullet]\right) + \frac{h^{2}}{3} F\left([[\bullet]]\right)"
            r" + \frac{h^{2}}{12} F\left([\bullet,\bullet]\right) + O(h^{3})",
        ),
    ],
)
def test_gradient_descent_of_order_three_as_latex(notation, latex):
    assert mq.modified_equation(GD, order=3).latex(notation) == latex


def test_order_one_is_the_gradient_flow():
    assert str(mq.gradient_flow()) == "θ' = -∇E + O(h)"
    assert mq.gradient_flow().latex() == r"\dot{\theta} = -\nabla E + O(h)"


def test_terms_with_coefficient_zero_are_left_out():
    # ∇⁴E[g,g,g] has the coefficient 0 for gradient descent.
    assert "∇⁴E" not in mq.modified_equation(GD, order=4).text()


def test_all_terms_of_the_fourth_order_are_written():
    text = mq.modified_equation(GD, order=4).text()
    assert text.endswith("- h³/4 (∇²E)³∇E - h³/12 ∇²E∇³E[∇E,∇E] - h³/12 ∇³E[∇²E∇E,∇E] + O(h⁴)")


def test_momentum_stays_a_letter():
    text = mq.modified_equation(mq.HeavyBall("beta"), order=2).text()
    assert text.startswith("θ' = -1/(1-β) ∇E - h(")
    assert text.endswith("/(2(1-β)³) ∇²E∇E + O(h²)")


def test_momentum_with_a_number_is_a_fraction():
    # β = 1/2: 1/(1 − β) = 2, (1 + β)/(2(1 − β)³) = 6.
    assert str(mq.modified_equation(mq.HeavyBall(0.5), order=2)) == "θ' = -2 ∇E - 6h ∇²E∇E + O(h²)"


@pytest.mark.parametrize(
    ("notation", "text"),
    [
        ("loss", "θ' = -∇E₁ - ∇E₂ - h/2 ∇²E₁∇E₁ - h/2 ∇²E₁∇E₂ + h/2 ∇²E₂∇E₁ - h/2 ∇²E₂∇E₂ + O(h²)"),
        ("field", "θ' = f₁ + f₂ - h/2 f₁′f₁ - h/2 f₁′f₂ + h/2 f₂′f₁ - h/2 f₂′f₂ + O(h²)"),
        ("trees", "θ' = F([]) + F(1[]) - h/2 F([[]]) - h/2 F([1[]]) + h/2 F(1[[]]) - h/2 F(1[1[]]) + O(h²)"),
    ],
)
def test_colours_are_numbered_from_one_in_formulas(notation, text):
    assert mq.modified_equation(ALTERNATING, order=2).text(notation) == text


def test_colours_are_indices_in_latex():
    assert mq.modified_equation(ALTERNATING, order=1).latex("field") == r"\dot{\theta} = f_{1} + f_{2} + O(h)"


def test_roots_are_written_as_roots():
    method = mq.RungeKutta([[0, 0], [sympy.sqrt(2), 0]], ["1/2", "1/2"])
    # b([•]) = Σ b_i c_i − 1/2 = (√2 − 1)/2
    assert r"\sqrt{2}" in mq.modified_equation(method, order=2).latex()
    assert "sqrt(2)" in mq.modified_equation(method, order=2).text()


@pytest.mark.parametrize("notation", ["", "Loss", "latex", 1])
def test_an_unknown_notation_is_refused(notation):
    equation = mq.modified_equation(GD, order=2)
    for write in (equation.text, equation.latex):
        with pytest.raises(ValueError, match="'loss', 'field', 'trees'"):
            write(notation)


def test_notebooks_get_latex():
    equation = mq.modified_equation(GD, order=2)
    assert equation._repr_latex_() == rf"$\displaystyle {equation.latex()}$"


@pytest.mark.parametrize("count", range(1, 7))
def test_high_derivatives_carry_their_order(count):
    bush = mq.RootedTree([mq.RootedTree()] * count)
    from_text = mq.series.text.differential_text
    superscript = "" if count == 0 else "²³⁴⁵⁶⁷"[count - 1]
    leaves = "∇E" if count == 1 else "[" + ",".join(["∇E"] * count) + "]"
    assert from_text(bush, "loss") == f"∇{superscript}E{leaves}"


def test_principal_flow_of_gradient_descent_as_text():
    assert str(mq.principal_flow(GD)) == "θ' = Σ log(1-hλ)/(hλ) (uᵀ∇E) u"


def test_order_completed_flow_adds_the_trees_that_branch():
    assert str(mq.principal_flow(GD, order=3)) == "θ' = Σ log(1-hλ)/(hλ) (uᵀ∇E) u - h²/12 ∇³E[∇E,∇E]"


def test_order_completed_flow_as_latex():
    assert mq.principal_flow(GD, order=3).latex().endswith(r"(u_i^T \nabla E)\,u_i - \frac{h^{2}}{12} \nabla^{3} E[\nabla E,\nabla E]")


@pytest.mark.parametrize(
    ("name", "latex"),
    [("β", r"\beta"), ("β1", r"\beta_{1}"), ("ρ_max", r"\rho_{max}"), ("Δ", r"\Delta"), ("ϵ", r"\epsilon"), ("é", "e")],
)
def test_latex_has_commands_for_greek_letters(name, latex):
    """pdfLaTeX stops at the letters themselves."""
    written = mq.modified_equation(mq.HeavyBall(name), 2).latex() + mq.principal_flow(mq.HeavyBall(name)).latex()
    assert written.isascii()
    assert rf"\frac{{1}}{{1 - {latex}}} \nabla E" in written


def test_an_equation_without_terms_is_zero():
    nothing = mq.modified_equation(mq.RungeKutta([[0]], [0]), 2)
    assert str(nothing) == "θ' = 0 + O(h²)"
    assert nothing.latex() == r"\dot{\theta} = 0 + O(h^{2})"


def test_long_fractions_are_written_as_decimals():
    """The exact number is what `coefficient` returns."""
    equation = mq.modified_equation(mq.RungeKutta([[0, 0], [0.333333333333, 0]], [0.25, 0.75]), 2)
    assert equation.text("field") == "θ' = f - 0.25h f′f + O(h²)"
    assert equation.latex("field") == r"\dot{\theta} = f - 0.25 h f'f + O(h^{2})"
    assert len(str(equation.coefficient("[[]]"))) > 20


def test_what_rounding_leaves_is_written_as_a_decimal():
    """2/3 in floats is 1/6e-16 short: the term that it leaves has a short numerator and a denominator of 17 digits."""
    equation = mq.modified_equation(mq.RungeKutta([[0, 0], [2 / 3, 0]], [1 / 4, 3 / 4]), 2)
    assert equation.coefficient("[[]]").denominator > 10**12
    assert str(equation) == "θ' = -∇E - 5e-17h ∇²E∇E + O(h²)"
