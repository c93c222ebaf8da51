"""A flow is one field in many forms: call, right-hand side, kernel, batch, source."""

import ast

import numba
import numpy as np
import pytest
from scipy.integrate import solve_ivp

import modeq as mq

POINT = np.array([0.6, 0.5])
H = 1e-3


@pytest.fixture(scope="module")
def series():
    return mq.modified_equation(mq.GradientDescent(), 2).on(mq.losses.rosenbrock())


@pytest.fixture(scope="module")
def principal():
    return mq.principal_flow(mq.GradientDescent()).on(mq.losses.rosenbrock())


def igr(point, h):
    """−∇E − (h/2) ∇²E ∇E, Barrett and Dherin 2021."""
    E = mq.losses.rosenbrock()
    return -E.gradient(point) - h / 2 * E.hvp(point, E.gradient(point))


def summed(point, h):
    """U log(1 − hΛ)/(hΛ) Uᵀ ∇E, Rosca et al. 2023, at a real point."""
    E = mq.losses.rosenbrock()
    values, vectors = np.linalg.eigh(E.hessian(point))
    z = (h * values).astype(complex)
    return vectors @ (np.log(1 - z) / z * (vectors.T @ E.gradient(point)))


def test_calling_a_series_flow_gives_the_field(series):
    np.testing.assert_allclose(series(POINT, H), igr(POINT, H), rtol=1e-13)


def test_calling_a_principal_flow_gives_the_field(principal):
    np.testing.assert_allclose(principal(POINT, H), summed(POINT, H), rtol=1e-12)


def test_a_series_flow_is_real_at_real_points(series):
    assert series(POINT, H).dtype == np.float64
    assert not series.is_complex


def test_a_principal_flow_is_complex_everywhere(principal):
    assert principal(POINT, H).dtype == np.complex128
    assert principal.is_complex


def test_a_series_flow_is_complex_at_complex_points(series):
    point = POINT + np.array([0.1j, -0.2j])
    np.testing.assert_allclose(series(point, H), igr(point, H), rtol=1e-13)


def test_a_field_is_real_analytic(series):
    """Conjugate points have conjugate values."""
    point = POINT + np.array([0.1j, -0.2j])
    np.testing.assert_allclose(series(point.conj(), H), series(point, H).conj(), rtol=1e-14)


def test_lists_and_integers_are_points(series):
    np.testing.assert_array_equal(series([1, 2], H), series(np.array([1.0, 2.0]), H))


def test_a_strided_view_is_a_point(series):
    padded = np.zeros(4)
    padded[::2] = POINT
    np.testing.assert_array_equal(series(padded[::2], H), series(POINT, H))


def test_calling_does_not_change_the_point(principal):
    point = POINT.astype(complex)
    principal(point, H)
    np.testing.assert_array_equal(point, POINT)


def test_the_right_hand_side_is_bound_to_the_step(series):
    np.testing.assert_array_equal(series.rhs(H)(0.0, POINT), series(POINT, H))
    assert not np.array_equal(series.rhs(2 * H)(0.0, POINT), series(POINT, H))


def test_the_right_hand_side_does_not_depend_on_time(series):
    np.testing.assert_array_equal(series.rhs(H)(7.0, POINT), series.rhs(H)(0.0, POINT))


def test_the_right_hand_side_serves_solve_ivp(series):
    ours = solve_ivp(series.rhs(H), (0, 0.03), POINT, rtol=1e-10, atol=1e-12)
    plain = solve_ivp(lambda t, y: igr(y, H), (0, 0.03), POINT, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(ours.y[:, -1], plain.y[:, -1], rtol=1e-9)


def test_a_principal_right_hand_side_serves_solve_ivp_from_a_complex_start(principal):
    ours = solve_ivp(principal.rhs(H), (0, 0.01), POINT.astype(complex), rtol=1e-9, atol=1e-11)
    plain = solve_ivp(lambda t, y: summed(y.real, H), (0, 0.01), POINT.astype(complex), rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(ours.y[:, -1], plain.y[:, -1], rtol=1e-7)


def test_the_kernel_can_be_called_from_compiled_code(series):
    kernel = series.kernel

    @numba.njit
    def euler(y, par, steps, dt):
        out = np.empty_like(y)
        for _ in range(steps):
            kernel(0.0, y, par, out)
            y = y + dt * out
        return y

    expected = POINT
    for _ in range(5):
        expected = expected + 1e-3 * igr(expected, H)
    np.testing.assert_allclose(euler(POINT, series.parameters(H), 5, 1e-3), expected, rtol=1e-12)


@pytest.mark.parametrize("count", [0, 1, 63, 64, 65, 200])
def test_the_batch_form_agrees_with_single_points(series, count):
    points = np.random.default_rng(count).normal(size=(2, count))
    values = series.batch(points, H)
    assert values.shape == (2, count)
    for column, value in zip(points.T, values.T, strict=True):
        np.testing.assert_allclose(value, series(column, H), rtol=1e-12)


@pytest.mark.parametrize("count", [0, 1, 65])
def test_the_batch_form_takes_complex_points(series, count):
    generator = np.random.default_rng(count)
    points = generator.normal(size=(2, count)) + 1j * generator.normal(size=(2, count))
    values = series.batch(points, H)
    for column, value in zip(points.T, values.T, strict=True):
        np.testing.assert_allclose(value, series(column, H), rtol=1e-12)


@pytest.mark.parametrize("count", [0, 1, 70])
def test_the_batch_form_of_a_principal_flow(principal, count):
    points = np.random.default_rng(count).uniform(0.3, 0.7, size=(2, count))
    values = principal.batch(points, H)
    assert values.dtype == np.complex128
    for column, value in zip(points.T, values.T, strict=True):
        np.testing.assert_allclose(value, principal(column, H), rtol=1e-12)


def test_the_batch_form_of_a_principal_flow_takes_complex_points(principal):
    points = np.array([[0.6 + 0.1j, 0.4], [0.5, 0.2 - 0.1j]])
    np.testing.assert_allclose(principal.batch(points, H)[:, 0], principal(points[:, 0], H), rtol=1e-12)


def test_the_batch_form_takes_any_memory_layout(series):
    points = np.random.default_rng(0).normal(size=(70, 2))
    np.testing.assert_array_equal(series.batch(points.T, H), series.batch(np.ascontiguousarray(points.T), H))


def test_the_source_is_python_that_imports_numpy_and_numba_only(principal, series):
    for flow in (principal, series):
        tree = ast.parse(flow.source)
        imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert imported <= {"cmath", "math", "numpy", "numba"}


def test_the_source_is_the_same_every_time(series):
    again = mq.modified_equation(mq.GradientDescent(), 2).on(mq.losses.rosenbrock())
    assert again.source == series.source


def test_the_kernel_of_equal_flows_is_one_object(series):
    again = mq.modified_equation(mq.GradientDescent(), 2).on(mq.losses.rosenbrock())
    assert again.kernel is series.kernel


def test_the_step_size_is_an_argument_not_a_constant(series):
    assert series.parameters(0.5)[0] == 0.5
    assert "0.5 " not in series.source.split('"""')[2].split("h = par")[0]


def test_parameters_of_the_loss_are_arguments():
    first = mq.modified_equation(mq.GradientDescent(), 2).on(mq.Loss.from_sympy("a*x**4", ["x"], {"a": 1}))
    second = mq.modified_equation(mq.GradientDescent(), 2).on(mq.Loss.from_sympy("a*x**4", ["x"], {"a": 3}))
    assert first.source == second.source
    x, h, a = 0.7, 0.1, 3.0
    assert second([x], h)[0] == pytest.approx(-4 * a * x**3 - h / 2 * 12 * a * x**2 * 4 * a * x**3, rel=1e-13)


def test_the_export_is_the_source(series, tmp_path):
    """With `parameters`, which makes what modeq would hand in, and a text that says how to call it."""
    text = series.export(tmp_path / "field.py").read_text(encoding="utf-8")
    code = str(series.source).split('"""', 2)[2].strip()
    assert code in text
    assert "def parameters(h):" in text.split(code)[1]


def test_the_title_says_which_flow_it_is(series, principal):
    assert str(series) == "order 2"
    assert str(principal) == "principal flow"


def test_expressions_are_in_the_variables_and_h(series):
    column = series.expressions()
    assert column.shape == (2, 1)
    assert {s.name for s in column.free_symbols} == {"x", "y", "h"}
    substituted = column.subs({"x": 0.6, "y": 0.5, "h": H})
    np.testing.assert_allclose(np.array(substituted, dtype=float).ravel(), igr(POINT, H), rtol=1e-12)
