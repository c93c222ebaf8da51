"""Orders of known methods: elementary weights agree with 1/γ up to the order and not beyond."""

import pytest
import sympy

import modeq as mq
from modeq.trees import rooted_trees

ROOT3, ROOT15 = sympy.sqrt(3), sympy.sqrt(15)
R = sympy.Rational
# (method, order); tableaux from Hairer, Norsett, Wanner 1993, II.1 and Hairer, Wanner 1996, IV.5.
METHODS = [
    (mq.GradientDescent(), 1),
    (mq.ProximalPoint(), 1),
    (mq.Extragradient(), 1),
    (mq.RungeKutta([[0, 0], ["1/2", 0]], [0, 1], name="explicit midpoint"), 2),
    (mq.RungeKutta([["1/2"]], [1], name="implicit midpoint"), 2),
    (mq.RungeKutta([[0, 0], ["1/2", "1/2"]], ["1/2", "1/2"], name="trapezoidal rule"), 2),
    (mq.RungeKutta([[0, 0, 0], ["1/3", 0, 0], [0, "2/3", 0]], ["1/4", 0, "3/4"], name="Heun"), 3),
    (mq.RungeKutta([["5/12", "-1/12"], ["3/4", "1/4"]], ["3/4", "1/4"], name="Radau IIA"), 3),
    (mq.RungeKutta([[0, 0, 0, 0], ["1/2", 0, 0, 0], [0, "1/2", 0, 0], [0, 0, 1, 0]], ["1/6", "1/3", "1/3", "1/6"], name="RK4"), 4),
    (mq.RungeKutta([["1/4", R(1, 4) - ROOT3 / 6], [R(1, 4) + ROOT3 / 6, "1/4"]], ["1/2", "1/2"], name="Gauss, 2 stages"), 4),
    (
        mq.RungeKutta(
            [
                ["5/36", R(2, 9) - ROOT15 / 15, R(5, 36) - ROOT15 / 30],
                [R(5, 36) + ROOT15 / 24, "2/9", R(5, 36) - ROOT15 / 24],
                [R(5, 36) + ROOT15 / 30, R(2, 9) + ROOT15 / 15, "5/36"],
            ],
            ["5/18", "4/9", "5/18"],
            name="Gauss, 3 stages",
        ),
        6,
    ),
    (mq.RungeKutta([[(3 + ROOT3) / 6, 0], [-ROOT3 / 3, (3 + ROOT3) / 6]], ["1/2", "1/2"], name="Norsett"), 3),
    # Adams–Bashforth, state (x, h f of the last steps)
    (mq.GeneralLinearMethod(A=[[0]], U=[[1, 0]], B=[["3/2"], [1]], V=[[1, "-1/2"], [0, 0]], output=[1, 0], name="AB2"), 2),
    (
        mq.GeneralLinearMethod(
            A=[[0]],
            U=[[1, 0, 0]],
            B=[["23/12"], [1], [0]],
            V=[[1, "-4/3", "5/12"], [0, 0, 0], [0, 1, 0]],
            output=[1, 0, 0],
            name="AB3",
        ),
        3,
    ),
    # BDF2: 3/2 x⁺ − 2x + ½ x⁻ = h f(x⁺), state (x, x⁻)
    (
        mq.GeneralLinearMethod(A=[["2/3"]], U=[["4/3", "-1/3"]], B=[["2/3"], [0]], V=[["4/3", "-1/3"], [1, 0]], output=[1, 0], name="BDF2"),
        2,
    ),
]


@pytest.mark.parametrize(("method", "order"), METHODS, ids=str)
def test_elementary_weights_are_those_of_the_exact_flow_up_to_the_order(method, order):
    assert mq.elementary_weights(method, order) == mq.exact_flow(order)


@pytest.mark.parametrize(("method", "order"), METHODS, ids=str)
def test_and_not_beyond(method, order):
    assert mq.elementary_weights(method, order + 1) != mq.exact_flow(order + 1)


@pytest.mark.parametrize(("method", "order"), METHODS, ids=str)
def test_the_modified_equation_starts_at_the_order(method, order):
    # f + h^p(…): Hairer, Lubich, Wanner 2006, theorem IX.1.2.
    powers = {tree.order for tree, b, _ in mq.modified_equation(method, order=order + 1).terms() if b != 0}
    assert powers == {1, order + 1}


def partial_step(length, colour):
    return mq.RungeKutta([[0]], [length], colours=[colour])


def verlet(length):
    return [partial_step(length / 2, 0), partial_step(length, 1), partial_step(length / 2, 0)]


YOSHIDA = 1 / (2 - sympy.cbrt(2))  # three Störmer–Verlet steps of these lengths, Yoshida 1990
SPLITTINGS = [
    ("symplectic Euler", [partial_step(1, 0), partial_step(1, 1)], 1),
    ("Störmer-Verlet", verlet(R(1)), 2),
    ("Yoshida", [*verlet(YOSHIDA), *verlet(1 - 2 * YOSHIDA), *verlet(YOSHIDA)], 4),
]


def separable(tree):
    """Whether parent and child always differ in colour: the other trees vanish for q' = v(p), p' = w(q)."""
    return all(child.colour != tree.colour and separable(child) for child in tree.children)


@pytest.mark.parametrize(("name", "steps", "order"), SPLITTINGS, ids=lambda value: value if isinstance(value, str) else "")
def test_splitting_methods_have_their_order_on_separable_systems(name, steps, order):
    # Hairer, Lubich, Wanner 2006, II.5 and III.2.
    weights, exact = mq.elementary_weights(mq.compose(*steps), order + 1), mq.exact_flow(order + 1, colours=2)
    right = {p: all(weights[tree] == exact[tree] for tree in rooted_trees(p, colours=2) if separable(tree)) for p in range(1, order + 2)}
    assert right == {p: p <= order for p in range(1, order + 2)}
