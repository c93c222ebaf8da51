"""Quotients such as sin(x)/x: their values and derivatives of every order at 0, against mpmath's series and SciPy."""

import mpmath
import numpy as np
import pytest
import scipy.special
import sympy

import modeq as mq
from modeq.functions import DERIVATIVES, QUOTIENTS
from modeq.graph import Graph, MpmathAlgebra, SympyAlgebra, evaluate
from modeq.graph.quotients import numeric, precise
from modeq.kernels.special_functions import SPECIAL_FUNCTIONS

POINTS = [-30.0, -12.5, -0.99, -0.51, -0.49, -1e-9, 0.0, 1e-9, 0.3, 1.9, 11.9, 12.1, 300.0, 1 + 1j, -0.3 + 2j, 14 + 3j]
BASES = {
    "sinc": mpmath.sinc,
    "exprel": lambda x: mpmath.expm1(x) / x,
    "log1prel": lambda x: mpmath.log1p(x) / x,
    "tanhrel": lambda x: mpmath.tanh(x) / x,
    "atanrel": lambda x: mpmath.atan(x) / x,
    "asinhrel": lambda x: mpmath.asinh(x) / x,
}
FORMULAS = {  # and their power series at 0, from tables (DLMF 4.19, 4.33, 4.6, 24.2)
    "sin(x)/x": [1, 0, -1 / 6, 0, 1 / 120],
    "1 - sin(x)/x": [0, 0, 1 / 6, 0, -1 / 120],
    "tan(x)/x": [1, 0, 1 / 3, 0, 2 / 15],
    "sinh(2*x)/x": [2, 0, 4 / 3, 0, 4 / 15],
    "expm1(x)/x": [1, 1 / 2, 1 / 6, 1 / 24, 1 / 120],
    "log1p(x)/x": [1, -1 / 2, 1 / 3, -1 / 4, 1 / 5],
    "(exp(x) - 1)/x": [1, 1 / 2, 1 / 6, 1 / 24, 1 / 120],
    "(1 - exp(-x))/x": [1, -1 / 2, 1 / 6, -1 / 24, 1 / 120],
    "log(1 + x)/x": [1, -1 / 2, 1 / 3, -1 / 4, 1 / 5],
    "log(1 - x)/x": [-1, -1 / 2, -1 / 3, -1 / 4, -1 / 5],
    "x/(exp(x) - 1)": [1, -1 / 2, 1 / 12, 0, -1 / 720],
    "x/sin(x)": [1, 0, 1 / 6, 0, 7 / 360],
    "(1 - cos(x))/x**2": [1 / 2, 0, -1 / 24, 0, 1 / 720],
    "sin(x)**2/x**2": [1, 0, -1 / 3, 0, 2 / 45],
    "tanh(x)/x": [1, 0, -1 / 3, 0, 2 / 15],
    "x/tanh(x)": [1, 0, 1 / 3, 0, -1 / 45],
    "atan(2*x)/x": [2, 0, -8 / 3, 0, 32 / 5],
    "asin(x)/x": [1, 0, 1 / 6, 0, 3 / 40],
    "asinh(x)/x": [1, 0, -1 / 6, 0, 3 / 40],
    "atanh(x)/x": [1, 0, 1 / 3, 0, 1 / 5],
    "(cosh(x) - 1)/x**2": [1 / 2, 0, 1 / 24, 0, 1 / 720],
    "(1 - exp(-x**2))/x**2": [1, 0, -1 / 2, 0, 1 / 6],
    "(sqrt(1 + x) - 1)/x": [1 / 2, -1 / 8, 1 / 16, -5 / 128, 7 / 256],
    "(1 - sqrt(1 - x))/x": [1 / 2, 1 / 8, 1 / 16, 5 / 128, 7 / 256],
}


@pytest.mark.parametrize("name", ["sinc", "sinc1", "sinc4", "sinc12", "exprel", "exprel3", "exprel12", "log1prel", "log1prel5"])
def test_values_in_the_plane_are_mpmaths(name):
    base, n = QUOTIENTS[name]
    real, complex_ = SPECIAL_FUNCTIONS[name]
    for x in POINTS:
        if base == "log1prel" and np.real(x) <= -1:
            continue
        expected = complex(precise(name, mpmath.mpmathify(x)))
        scale = max(abs(expected), 1 / (n + 1) if abs(x) < 12 else 1 / abs(x)) if base == "sinc" else abs(expected)
        for found in (numeric(name, x), complex_(complex(x), n), real(x, n) if isinstance(x, float) else numeric(name, x)):
            assert abs(complex(found) - expected) <= 1e-13 * scale


@pytest.mark.parametrize("name", ["tanhrel", "atanrel", "asinhrel"])
@pytest.mark.parametrize("n", [0, 1, 4, 12])
def test_values_from_taylor_series_are_mpmaths(name, n):
    """Compared with the size of the derivative nearby, which has zeros; x = 0.7 and 1 are where the formulas change."""
    function = f"{name}{n or ''}"
    for x in [-300.0, -12.5, -1.01, -0.69, -1e-9, 0.0, 1e-9, 0.3, 0.71, 0.99, 1.9, 30.0, 0.3 + 0.2j, 1.4 - 0.3j, -14 + 0.3j]:
        expected = complex(precise(function, mpmath.mpmathify(x)))
        nearby = [abs(complex(precise(function, mpmath.mpmathify(x + s * max(abs(x), 0.5))))) for s in (-0.2, -0.1, 0.1, 0.2)]
        for found in (numeric(function, np.array([x, x]))[0], SPECIAL_FUNCTIONS[function][0](x, n)):
            assert abs(complex(found) - expected) <= 1e-12 * max(abs(expected), *nearby)


@pytest.mark.parametrize("name", BASES)
def test_the_precise_form_is_the_quotient(name):
    with mpmath.workdps(40):
        for n in (0, 1, 3):
            expected = mpmath.diff(BASES[name], mpmath.mpf("0.7"), n)
            assert abs(precise(f"{name}{n or ''}", mpmath.mpf("0.7")) - expected) < 1e-25


@pytest.mark.parametrize("name", [f"{base}12" for base in BASES])
def test_the_derivative_of_the_highest_divides_again(name):
    graph = Graph()
    u = graph.input("x")
    slope = DERIVATIVES[name](graph, u, graph.apply(name, u))
    (found,) = evaluate(graph, [slope], {"x": mpmath.mpf(3)}, MpmathAlgebra())
    assert found == pytest.approx(float(mpmath.diff(lambda x: precise(name, x), 3)), rel=1e-9)


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_removable_point_has_its_power_series(formula):
    E = mq.Loss.from_sympy(formula, ["x"])
    factorials = np.array([1.0, 1.0, 2.0, 6.0, 24.0])
    coefficients = np.array(FORMULAS[formula])
    assert E([0.0]) == pytest.approx(coefficients[0], abs=1e-15)
    assert E.gradient([0.0])[0] == pytest.approx(coefficients[1], abs=1e-15)
    assert E.hessian([0.0])[0, 0] == pytest.approx(2 * coefficients[2], rel=1e-15, abs=1e-15)
    path = np.array([[0.0], [1.0], [0.0], [0.0]])  # x = t: the gradient has the coefficients (k + 1) c_(k+1)
    slopes = (coefficients * factorials)[1:] / factorials[:4]
    np.testing.assert_allclose(E.along(path)[:4].ravel()[: slopes.size], slopes, atol=1e-14)


def test_factors_and_scales_around_the_quotient_stay():
    E = mq.Loss.from_sympy("y*sin(2*x)/(3*x*(1 + y**2))", ["x", "y"])
    np.testing.assert_allclose(E.gradient([0.0, 0.5]), [0.0, (2 / 3) * (1 - 0.25) / (1.25) ** 2], atol=1e-15)


def test_arrays_have_the_same_quotients():
    functions = {
        "sin": (lambda x: np.sin(x) / x, -1 / 3),
        "sinc": (np.sinc, -(np.pi**2) / 3),
        "exp": (lambda x: (np.exp(x) - 1) / x, 1 / 3),
        "expm1": (lambda x: np.expm1(x) / x, 1 / 3),
        "exprel": (scipy.special.exprel, 1 / 3),
        "log1p": (lambda x: np.log1p(x) / x, 2 / 3),
        "tanh": (lambda x: np.tanh(x) / x, -2 / 3),
        "arctan": (lambda x: np.arctan(x) / x, -2 / 3),
        "arcsinh": (lambda x: np.arcsinh(x) / x, -1 / 3),
    }
    for function, curvature in functions.values():
        E = mq.Loss.from_numpy(lambda p, function=function: np.sum(function(p["x"])), {"x": (2,)})
        np.testing.assert_allclose(np.diag(E.hessian(np.zeros(2))), curvature, rtol=1e-13)
        assert E(np.array([0.3, -0.4])) == pytest.approx(np.sum(function(np.array([0.3, -0.4]))), rel=1e-14)


@pytest.mark.parametrize(
    ("formula", "name"), [("sin(x)/x", "sinc"), ("tanh(x)/x", "tanhrel"), ("atan(x)/x", "atanrel"), ("asinh(x)/x", "asinhrel")]
)
def test_the_compiled_and_the_interpreted_flow_of_a_quotient_agree_with_mpmath(formula, name):
    E = mq.Loss.from_sympy(formula, ["x"])
    flow = mq.modified_equation(mq.GradientDescent(), order=2).on(E)
    interpreted = [flow([x], 0.1)[0] for x in (0.0, 1e-8, 3.0, 40.0)]
    mq.compile(flow)
    for x, value in zip((0.0, 1e-8, 3.0, 40.0), interpreted, strict=True):
        slope, curvature = float(precise(f"{name}1", mpmath.mpf(x))), float(precise(f"{name}2", mpmath.mpf(x)))
        for found in (value, flow([x], 0.1)[0]):
            assert found == pytest.approx(-slope - 0.05 * curvature * slope, abs=1e-15)


def test_printing_writes_the_quotient():
    graph, x = Graph(), sympy.Symbol("x")
    (found,) = evaluate(graph, [graph.apply("sinc1", graph.input("x"))], {"x": x}, SympyAlgebra())
    assert sympy.simplify(found - sympy.diff(sympy.sin(x) / x, x)) == 0


@pytest.mark.parametrize("formula", ["sqrt(x**2)", "sqrt((x - 1)**2)", "sqrt(x**2*y**2)", "sqrt(x**2 - 2*x + 1)", "(x**2)**(3/2)"])
def test_a_root_that_is_an_absolute_value_is_refused(formula):
    with pytest.raises(ValueError, match="is not differentiable"):
        mq.Loss.from_sympy(formula, ["x", "y"])


def test_a_root_that_is_smooth_is_taken():
    assert mq.Loss.from_sympy("sqrt(x**4)", ["x"]).hessian([0.0]) == 2.0
    assert mq.Loss.from_sympy("sqrt(x**2 + 1)", ["x"]).hessian([0.0]) == 1.0


@pytest.mark.parametrize("formula", ["relu(x)", "floor(x)", "|x|", "x**2 + |x - 1|"])
def test_the_reason_is_given_where_a_formula_has_a_kink(formula):
    with pytest.raises(ValueError, match=r"(kink|jump).*derivatives of every order.*smooth"):
        mq.Loss.from_sympy(formula, ["x"])
