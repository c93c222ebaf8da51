"""Alternating updates on fields whose Euler steps are exact flows: the Baker–Campbell–Hausdorff formula.

With f₀ = (u(y), 0) and f₁ = (0, v(x)) each half of symplectic Euler is an exact flow, and the modified field is the logarithm
of a product of exponentials of Lie derivatives: Hairer, Lubich, Wanner 2006, III.4 and III.5.
"""

import pytest
import sympy

import modeq as mq

x, y = VARIABLES = sympy.symbols("x y")
FIELDS = [(y**2 - 2 * y + 3, sympy.Integer(0)), (sympy.Integer(0), x**3 + x**2 / 2 - 1)]


def along(field, a):
    """Derivative of a field in the direction of the field a."""
    return [sum(sympy.diff(component, v) * ai for v, ai in zip(VARIABLES, a, strict=True)) for component in field]


def bracket(a, b):
    """The commutator of Lie derivatives L_A L_B − L_B L_A, which is the field B′A − A′B."""
    return tuple(sympy.expand(left - right) for left, right in zip(along(b, a), along(a, b), strict=True))


def plus(*terms):
    return tuple(sympy.expand(sum(weight * field[i] for weight, field in terms)) for i in range(2))


def elementary_differential(tree):
    arguments = [elementary_differential(child) for child in tree.children]
    result = []
    for component in FIELDS[tree.colour]:
        terms = [(component, sympy.Integer(1))]  # (derivative of this node's field, product of arguments)
        for argument in arguments:
            terms = [(sympy.diff(c, v), factor * a) for c, factor in terms for v, a in zip(VARIABLES, argument, strict=True)]
        result.append(sympy.expand(sum(c * factor for c, factor in terms)))
    return tuple(result)


def modified_field(method, order):
    """Coefficients of h⁰ … h^(order−1)."""
    equation = mq.modified_equation(method, order=order)
    return [
        plus(*((sympy.Rational(str(b / sigma)), elementary_differential(tree)) for tree, b, sigma in equation.terms() if tree.order == p))
        for p in range(1, order + 1)
    ]


@pytest.mark.parametrize("first", [0, 1])
def test_symplectic_euler_is_baker_campbell_hausdorff(first):
    a, b = FIELDS[first], FIELDS[1 - first]
    ab = bracket(a, b)
    aab, bab = bracket(a, ab), bracket(b, ab)
    twelfth, half = sympy.Rational(1, 12), sympy.Rational(1, 2)
    expected = [
        plus((1, a), (1, b)),
        plus((half, ab)),
        plus((twelfth, aab), (-twelfth, bab)),
        plus((-twelfth / 2, bracket(b, aab))),
    ]
    gd = mq.GradientDescent()
    assert modified_field(mq.compose(gd.on_field(first), gd.on_field(1 - first)), 4) == expected


def test_stoermer_verlet_is_the_symmetric_baker_campbell_hausdorff_formula():
    # exp(hA/2) exp(hB) exp(hA/2) = exp(h(A + B) − h³/24 [A,[A,B]] − h³/12 [B,[A,B]] + …); ibid., III.4.2.
    a, b = FIELDS
    ab = bracket(a, b)
    kick = mq.RungeKutta([[0]], ["1/2"])
    method = mq.compose(kick, mq.GradientDescent().on_field(1), kick)
    expected = [
        plus((1, a), (1, b)),
        plus((0, a)),
        plus((-sympy.Rational(1, 24), bracket(a, ab)), (-sympy.Rational(1, 12), bracket(b, ab))),
        plus((0, a)),
    ]
    assert modified_field(method, 4) == expected
