"""Modified equations with slow memory as a coordinate: closed forms of order 2, slopes with 1 − β = c h, and long memory."""

import numpy as np
import pytest
from scipy.integrate import DOP853

import modeq as mq

E = mq.Loss.from_sympy("exp(0.3*a) + a**2*b**2/4 + (a - b)**2/2 + sqrt(1 + b**2)", ["a", "b"])
THETA, V = np.array([1.2, -0.9]), np.array([0.4, 0.7])
g, HESSIAN = E.gradient(THETA), E.hessian(THETA)


@mq.method(memory=("v",))
def with_old_memory(theta, v, h, f, *, rho, eps):
    s = f(theta)
    return theta + h * s / (np.sqrt(v) + eps), rho * v + (1 - rho) * s * s


@pytest.mark.parametrize(("make", "sign"), [(mq.RMSProp, -1), (with_old_memory, 1)], ids=["new memory", "old memory"])
def test_order_two_of_rmsprop_is_the_closed_form(make, sign):
    """By hand: expand θ(t + h) and v(t + h) in h and compare powers."""
    h, c, eps = 0.01, 0.7, 0.1
    D, r = 1 / (np.sqrt(V) + eps), g * g - V
    theta_dot = -g * D - h / 2 * (D * (HESSIAN @ (D * g)) + sign * c / 2 * g * D**2 / np.sqrt(V) * r)
    v_dot = c * r + h / 2 * (2 * c * g * (HESSIAN @ (D * g)) + c**2 * r)
    method = make(rho=1 - c * h, eps=eps)
    field = mq.modified_equation(method, order=2, slow=("v",)).on(E)(np.concatenate([THETA, V]), h)
    assert np.allclose(field, np.concatenate([theta_dot, v_dot]), rtol=1e-12)


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_one_step_errors_have_slope_p_plus_one_with_the_rate_fixed(order):
    errors, sizes = [], np.array([1.5e-3, 1e-3])
    for h in sizes:
        method = mq.RMSProp(1 - 0.7 * h, 0.1)
        flow = mq.modified_equation(method, order=order, slow=("v",)).on(E)
        gradient = E.gradient(THETA)
        v = (1 - 0.7 * h) * V + 0.7 * h * gradient**2
        after = np.concatenate([THETA - h * gradient / (np.sqrt(v) + 0.1), v])
        solver = DOP853(flow.rhs(h), 0.0, np.concatenate([THETA, V]), h, rtol=1e3, atol=1e3, first_step=h)
        solver.step()
        errors.append(np.linalg.norm(solver.y - after))
    assert abs(np.diff(np.log(errors))[0] / np.diff(np.log(sizes))[0] - order - 1) < 0.1


def test_a_long_memory_is_followed_where_the_series_on_the_slow_manifold_is_useless():
    method, h, steps = mq.RMSProp(0.999, 1e-2, start=1.0), 0.01, 40
    run = mq.iterate(method, E, THETA, h=h, steps=steps)
    flow = mq.integrate(mq.modified_equation(method, order=3, slow=("v",)).on(E), THETA, h=h, steps=steps)
    slaved = mq.integrate(mq.modified_equation(method, order=1).on(E), THETA, h=h, steps=steps, max_evaluations=2000)
    moved = np.linalg.norm(run.theta[-1] - THETA)
    assert np.linalg.norm(flow.theta - run.theta, axis=1).max() < 1e-5 * moved
    assert np.allclose(flow.state["v"], run.state["v"], rtol=1e-5)
    assert np.linalg.norm(slaved.theta[-1] - run.theta[len(slaved.theta) - 1]) > 0.1 * moved


def test_the_formula_has_the_memory_as_a_vector():
    text = str(mq.modified_equation(mq.RMSProp("rho", "epsilon"), order=2, slow=("v",)))
    assert text.startswith("θ' = -∇E/(√v+ε) - ch/4 √v⊙∇E/(√v+ε)² + ch/4 |∇E|²⊙∇E/((√v+ε)²·√v) - h/2 ∇²E[∇E/(√v+ε)]/(√v+ε) + O(h²), v' = ")
    assert r"\dot{v}" in mq.modified_equation(mq.RMSProp("rho", "epsilon"), order=1, slow="v").latex()


REFUSED = {
    "unknown": (lambda: mq.modified_equation(mq.RMSProp(), order=1, slow=("m",)), r"slow names memory of RMSProp, each once, which is v"),
    "counted": (lambda: mq.modified_equation(mq.Adam(), order=1, slow=("v",)), "take bias_correction=False"),
    "linear": (lambda: mq.modified_equation(mq.HeavyBall(0.9), order=1, slow=("v",)), "leave slow out"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_slow_memory_is_refused(name):
    make, message = REFUSED[name]
    with pytest.raises(ValueError, match=message):
        make()
