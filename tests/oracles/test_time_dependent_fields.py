"""Fields that depend on time: their equations against formulas and the autonomous field (f, 1), their flows against methods."""

import numpy as np
import pytest
import sympy

import modeq as mq

x, s = sympy.symbols("x s")
F = sympy.sin(x) * (1 + s**2) + s * x**2
GD = mq.GradientDescent()
FIELD = mq.VectorField.from_sympy([F], [x], time=s)
ARRAY = mq.VectorField.from_numpy(lambda p, t: np.sin(p["x"]) * (1 + t**2) + t * p["x"] ** 2, {"x": (1,)}, name="arrays")
MIDPOINT = mq.RungeKutta([[0, 0], ["1/2", 0]], [0, 1], name="midpoint")
AT = {x: sympy.Rational(2, 5), s: sympy.Rational(3, 10)}


def test_the_formula_of_order_three_has_time_derivatives():
    fx, fs = sympy.diff(F, x), sympy.diff(F, s)
    second = (sympy.diff(F, s, 2) + 2 * sympy.diff(F, s, x) * F + sympy.diff(F, x, 2) * F**2) / 12 + fx * (fs + fx * F) / 3
    h = sympy.Symbol("h")
    found = mq.modified_equation(GD, 3).on(FIELD).expressions()[0]
    assert sympy.expand(sympy.expand_trig(found - (F - h / 2 * (fs + fx * F) + h**2 * second))) == 0


@pytest.mark.parametrize("method", [GD, MIDPOINT, mq.HeavyBall("1/2"), mq.ProximalPoint()], ids=lambda m: m.name)
@pytest.mark.parametrize("order", [1, 2, 4])
def test_symbols_and_arrays_give_the_field_of_the_autonomous_one(method, order):
    equation = mq.modified_equation(method, order)
    scale = float(equation.coefficient("[]"))
    autonomous = mq.VectorField.from_sympy([F, 1], [x, s])
    wanted = equation.on(autonomous)([0.4, 0.3], 0.1)
    assert wanted[1] == pytest.approx(scale, rel=1e-13)
    for field in (FIELD, ARRAY):
        assert equation.on(field).rhs(0.1)(0.3 / scale, [0.4])[0] == pytest.approx(wanted[0], rel=1e-12)


def test_the_text_is_the_formula():
    """Each term of the text, evaluated by hand, adds up to what trees on (f, 1) give."""
    assert mq.modified_equation(GD, 3).text(time="s") == (
        "x' = f - h/2 f′f - h/2 ∂ₛf + h²/3 f′f′f + h²/3 f′∂ₛf + h²/12 f″(f,f) + h²/6 ∂ₛf′f + h²/12 ∂ₛ²f + O(h³)"
    )
    assert mq.modified_equation(GD, 2).latex(time="t").endswith(r"- \frac{h}{2} \partial_{t} f + O(h^{2})")
    with pytest.raises(ValueError, match="in the notation 'field', got 'loss'"):
        mq.modified_equation(GD, 2).text("loss", time="s")


@pytest.mark.parametrize("field", [FIELD, ARRAY], ids=["symbols", "arrays"])
@pytest.mark.parametrize("order", [1, 2, 3])
def test_iterates_are_followed_to_the_order_of_the_equation(field, order):
    errors = []
    for steps in (40, 80):
        h = 1 / steps
        run = mq.iterate(GD, field, [0.5], h=h, steps=steps)
        path = mq.integrate(mq.modified_equation(GD, order).on(field), [0.5], h=h, steps=steps)
        errors.append(np.abs(run.theta - path.theta).max())
    assert np.log2(errors[0] / errors[1]) == pytest.approx(order, abs=0.2)


def test_step_sizes_that_change_keep_the_time():
    """x' = s has the flow x = s²/2 whatever the steps, and Euler's layers add s h."""
    field = mq.VectorField.from_sympy(["s"], ["x"], time="s")
    sizes = np.array([0.1, 0.3, 0.2])
    path = mq.integrate(mq.modified_equation(GD, 1).on(field), [0.0], h=sizes, steps=3)
    np.testing.assert_allclose(path.theta[:, 0], path.t**2 / 2, atol=1e-12)
    run = mq.iterate(GD, field, [0.0], h=sizes, steps=3)
    np.testing.assert_allclose(run.theta[:, 0], [0.0, 0.0, 0.03, 0.11], atol=1e-14)


def test_kernels_take_the_time():
    flow = mq.modified_equation(GD, 2).on(mq.VectorField.from_sympy(["a*s + x"], ["x"], {"a": 2}, time="s"))
    out = np.empty(1)
    flow.kernel(3.0, np.array([1.0]), flow.parameters(0.1), out)  # f = 7, f_s + f_x f = 9
    assert out[0] == pytest.approx(7 - 0.05 * 9)
    np.testing.assert_allclose(flow.batch([[1.0, 2.0]], 0.1, 3.0), [[6.55, 7.5]])
    assert flow.vector_field(0.1)([1.0], 3.0)[0] == pytest.approx(6.55)


def test_components_and_time_are_checked():
    with pytest.raises(ValueError, match="has 2 components, got 1"):
        mq.VectorField.from_sympy(["s"], ["x", "y"], time="s")
    with pytest.raises(ValueError, match="the time 'x' is a variable"):
        mq.VectorField.from_sympy(["x"], ["x"], time="x")
    with pytest.raises(ValueError, match=r"must have the shape \(2,\), got \(1,\)"):
        mq.VectorField.from_numpy(lambda p, t: t * p["x"][:1], {"x": (2,)})
    with pytest.raises(TypeError, match="cannot be put on"):
        mq.principal_flow(GD).on(FIELD)
    with pytest.raises(ValueError, match="needs a field on symbols"):
        mq.iterate(mq.ProximalPoint(), ARRAY, [0.5], h=0.1, steps=1)
