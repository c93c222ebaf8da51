"""Modified equations of smooth updates against closed forms of order 2.

References: M. D. Cattaneo, J. M. Klusowski, B. Shigida, On the implicit bias of Adam, ICML 2024, arXiv 2309.00079, for Adam and RMSProp;
the others by the same expansion, done by hand.
"""

import numpy as np
import pytest

import modeq as mq

E = mq.Loss.from_sympy("exp(0.3*a) + a**2*b**2/4 + (a - b)**2/2 + sqrt(1 + b**2)", ["a", "b"])
THETA, H = np.array([1.2, -0.9]), 0.01
g, HESSIAN = E.gradient(THETA), E.hessian(THETA)
B1, B2, EPS, W = 0.9, 0.99, 1e-2, 0.1
INSIDE, OUTSIDE = np.sqrt(g * g + EPS), np.abs(g) + EPS


def adam(R, share):
    """−g/R − (h/2)[…]·H(g/R)/R, share = ε/R² or ε/R."""
    bracket = (1 + B1) / (1 - B1) - (1 + B2) / (1 - B2) + (1 + B2) / (1 - B2) * share
    return -g / R - H / 2 * bracket * (HESSIAN @ (g / R)) / R


def adamw(memory, R=INSIDE):
    u = g / R + W * THETA
    D = HESSIAN @ u
    bracket = memory - B2 / (1 - B2) * g * g / R**2
    return -u - H * D / R * bracket - H / 2 * (EPS / R**3 * D + W * u)


def lion(rho1=0.8, rho2=0.9):
    R = np.sqrt(g * g + EPS)
    u = g / R + W * THETA
    D = HESSIAN @ u
    return -u - H * rho1 / (1 - rho2) * EPS / R**3 * D - H / 2 * (EPS / R**3 * D + W * u)


def normalised():
    size = np.linalg.norm(g)
    unit = g / size
    return -unit - H / 2 * (np.eye(2) - np.outer(unit, unit)) @ HESSIAN @ unit / size


CASES = {
    "Adam, epsilon inside": (mq.Adam(B1, B2, EPS, eps_inside=True), adam(INSIDE, EPS / INSIDE**2)),
    "Adam, epsilon outside": (mq.Adam(B1, B2, EPS), adam(OUTSIDE, EPS / OUTSIDE)),
    "AdamW": (mq.AdamW(B1, B2, EPS, weight_decay=W, eps_inside=True), adamw(B1 / (1 - B1))),
    "NAdam with decay": (None, adamw(B1**2 / (1 - B1))),
    "Lion": (mq.Lion(0.8, 0.9, smoothing=EPS, weight_decay=W), lion()),
    "normalised": (mq.NormalizedGD(), normalised()),
}


@mq.method(memory=("m", "v"))
def nadam_with_decay(theta, m, v, h, f, *, beta1, beta2, eps, decay):
    s = f(theta)
    m = beta1 * m - (1 - beta1) * s
    v = beta2 * v + (1 - beta2) * s**2
    return theta - h * ((beta1 * m - (1 - beta1) * s) / np.sqrt(v + eps) + decay * theta), m, v


@pytest.mark.parametrize("name", CASES)
def test_order_two_is_the_closed_form(name):
    method, expected = CASES[name]
    method = method or nadam_with_decay(beta1=B1, beta2=B2, eps=EPS, decay=W)
    assert np.allclose(mq.modified_equation(method, order=2).on(E)(THETA, H), expected, rtol=1e-12, atol=1e-12)


def test_a_wrong_coefficient_is_seen():
    wrong = adam(OUTSIDE, 1.001 * EPS / OUTSIDE)
    assert not np.allclose(mq.modified_equation(mq.Adam(B1, B2, EPS), order=2).on(E)(THETA, H), wrong, rtol=1e-12, atol=1e-12)


def test_the_formula_without_coordinates_is_that_of_the_paper():
    text = str(mq.modified_equation(mq.RMSProp("rho", "epsilon"), order=2))
    assert text == "θ' = -∇E/R + ρh/(1-ρ) ∇²E[∇E/R]/R - ε(1+ρ)h/(2-2ρ) ∇²E[∇E/R]/R² + O(h²), R = |∇E|+ε"


@pytest.mark.parametrize("order", [2, 3])
def test_the_formula_has_the_numbers_of_the_flow(order):
    """The bodies of the printed terms, computed on the loss, add up to the flow of the other route."""
    method = mq.RMSProp(0.7, 0.1)
    equation = mq.modified_equation(method, order=order)

    def value(expression):
        name = expression.func.__name__
        if name == "D":
            _, *along = (None, *map(value, expression.args[1:]))
            return HESSIAN @ along[0] if len(along) == 1 else E.third(THETA, *along)
        if expression.is_Symbol:
            return {"∇E": g, "|∇E|": np.abs(g), "R": np.abs(g) + 0.1, "θ": THETA}[expression.name]
        if expression.is_Number:
            return float(expression)
        parts = [value(argument) for argument in expression.args]
        return {"Mul": np.prod, "Add": np.sum}[name](np.broadcast_arrays(*parts), axis=0) if name != "Pow" else parts[0] ** parts[1]

    total = sum(H**power * float(weight) * value(body) for power, body, weight in equation.terms())
    assert np.allclose(total, equation.on(E)(THETA, H), rtol=1e-11)


def test_two_orders_of_decay_on_gradient_descent_are_those_of_the_decayed_loss():
    @mq.method
    def decayed(theta, h, f, *, w):
        return theta + h * (f(theta) - w * theta)

    with_decay = mq.Loss.from_sympy("exp(0.3*a) + a**2*b**2/4 + (a - b)**2/2 + sqrt(1 + b**2) + 0.05*(a**2 + b**2)", ["a", "b"])
    expected = mq.modified_equation(mq.GradientDescent(), order=2).on(with_decay).expressions().subs({"a": 1.2, "b": -0.9, "h": H})
    assert np.allclose(mq.modified_equation(decayed(w=0.1), order=2).on(E)(THETA, H), np.array(expected, float).ravel(), rtol=1e-12)


def test_a_memory_that_forgets_nothing_is_told_apart():
    with pytest.raises(ValueError, match=r"memory v of Adagrad forgets nothing.*'map'"):
        mq.modified_equation(mq.Adagrad(), order=2)


def test_a_memory_that_is_too_long_has_no_smooth_start():
    with pytest.raises(ValueError, match=r"does not get small.*'map'"):
        mq.iterate(mq.RMSProp(0.999, 1e-3), E, THETA, h=0.1, steps=1, start="smooth")


def test_muon_is_expanded_matrix_by_matrix():
    """Without memory Muon is Euler's method on F(θ) = NS(−∇E): f̃ = F − (h/2) F′F."""
    X = np.array([[0.5, -0.2], [0.1, 0.7], [-0.3, 0.4]])
    loss = mq.Loss.from_numpy(lambda p, X, y: np.mean((X @ p["W"] - y) ** 2), {"W": (2, 2)}, {"X": X, "y": X**2})
    method, theta, size = mq.Muon(0, iterations=2), np.array([0.4, -0.3, 0.2, 0.9]), 1e-5

    def update(at):
        G = loss.gradient(at).reshape(2, 2)
        Y = G / np.sqrt(np.sum(G * G) + 1e-14)
        for _ in range(2):
            S = Y @ Y.T
            Y = 3.4445 * Y + (-4.7750 * S + 2.0315 * S @ S) @ Y
        return -Y.ravel()

    F = update(theta)
    expected = F - H / 2 * (update(theta + size * F) - update(theta - size * F)) / (2 * size)
    assert np.allclose(mq.modified_equation(method, order=2).on(loss)(theta, H), expected, rtol=1e-7)
