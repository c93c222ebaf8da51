"""Series of maps that are no general linear methods, against their own definitions expanded in h, and against published orders."""

from fractions import Fraction
from functools import reduce

import pytest
import sympy

import modeq as mq
from modeq import series
from modeq.trees import RootedTree

x, y, h, tau, zeta = sympy.symbols("x y h tau zeta")
FIELD = sympy.Matrix([x * y + y**3 / 2 + 1, x**2 - 2 * y + x**3 * y / 3])
POINT = {x: sympy.Rational(1, 2), y: sympy.Rational(-1, 3)}
ORDER = 4


def rational(value):
    return sympy.Rational(value.numerator, value.denominator) if isinstance(value, Fraction) else value


def along(vector, direction):
    """The derivative of a vector of expressions along another."""
    return vector.jacobian([x, y]) * direction


def elementary_differential(tree):
    """F(τ) at the point: the derivative of f along the F of the children, which stay fixed."""
    fixed = [elementary_differential(child) for child in tree.children]
    return reduce(along, fixed, FIELD).subs(POINT)


def sum_of_trees(flow):
    terms = (
        h**tree.order * rational(a) / tree.symmetry * elementary_differential(tree)
        for tree, a in zip(flow.trees, flow.coefficients, strict=True)
    )
    return sum(terms, sympy.zeros(2, 1))


def truncated(vector):
    """Powers of h up to the order."""
    return vector.applyfunc(lambda entry: sum(sympy.expand(entry).coeff(h, k) * h**k for k in range(ORDER + 1)))


def at(vector, place):
    return truncated(vector.subs(dict(zip((x, y), place, strict=True)), simultaneous=True))


def start():
    return sympy.Matrix([POINT[x], POINT[y]])


def continuous_stages(M):
    """The stages as polynomials in τ, by fixed-point iteration."""
    Y = start()
    for _ in range(ORDER):
        F = at(FIELD, Y)
        A = sum(M[i][j] * tau ** (i + 1) / (i + 1) * zeta**j for i in range(len(M)) for j in range(len(M)))
        Y = truncated(start() + h * (A * F.subs(tau, zeta)).applyfunc(lambda e: sympy.integrate(sympy.expand(e), (zeta, 0, 1))))
    return truncated(start() + h * at(FIELD, Y).applyfunc(lambda e: sympy.integrate(sympy.expand(e), (tau, 0, 1))))


def rosenbrock(alpha, gamma, b):
    stages, J = [], FIELD.jacobian([x, y]).subs(POINT)
    for i in range(len(b)):
        k = sympy.zeros(2, 1)
        inner = at(FIELD, start() + sum((alpha[i][j] * stages[j] for j in range(i)), sympy.zeros(2, 1)))
        for _ in range(ORDER):  # the linear system, by fixed-point iteration
            linear = sum((gamma[i][j] * stages[j] for j in range(i)), gamma[i][i] * k)
            k = truncated(h * inner + h * J * linear)
        stages.append(k)
    return truncated(start() + sum((w * k for w, k in zip(b, stages, strict=True)), sympy.zeros(2, 1)))


def two_derivatives(A, second, b, b_second):
    G = along(FIELD, FIELD)
    f, g = [], []
    for i in range(len(b)):
        Y = start() + sum((h * A[i][j] * f[j] + h**2 * second[i][j] * g[j] for j in range(i)), sympy.zeros(2, 1))
        f.append(at(FIELD, truncated(Y)))
        g.append(at(G, truncated(Y)))
    return truncated(start() + sum((h * b[j] * f[j] + h**2 * b_second[j] * g[j] for j in range(len(b))), sympy.zeros(2, 1)))


HALF, THIRD = sympy.Rational(1, 2), sympy.Rational(1, 3)
ROSENBROCK = ([[0, 0], [1, 0]], [[THIRD, 0], [-2 * THIRD, THIRD]], [HALF, HALF])
CHAN_TSAI = ([[0, 0], [HALF, 0]], [[0, 0], [sympy.Rational(1, 8), 0]], [1, 0], [sympy.Rational(1, 6), THIRD])
MAPS = {
    "average vector field": (series.average_vector_field(ORDER), lambda: continuous_stages([[1]])),
    "continuous stages": (
        series.continuous_stage_series([[1, "1/2"], ["1/3", -1]], ORDER),
        lambda: continuous_stages([[1, HALF], [THIRD, -1]]),
    ),
    "Rosenbrock": (series.rosenbrock_series(*ROSENBROCK, ORDER), lambda: rosenbrock(*ROSENBROCK)),
    "two derivatives": (series.two_derivative_series(*CHAN_TSAI, ORDER), lambda: two_derivatives(*CHAN_TSAI)),
}


@pytest.mark.parametrize(("flow", "step"), MAPS.values(), ids=MAPS)
def test_the_sum_over_trees_is_one_step(flow, step):
    difference = truncated(start() + sum_of_trees(flow)) - step()
    assert difference.applyfunc(sympy.expand) == sympy.zeros(2, 1)


def agrees(flow):
    """The largest order up to which a map is the exact flow."""
    return max(p for p in range(flow.order + 1) if p == 0 or flow.truncated(p) == mq.exact_flow(p))


def test_the_two_stage_method_of_chan_and_tsai_has_order_four():
    """Numer. Algorithms 53 (2010) 171–194, section 3."""
    assert agrees(series.two_derivative_series(*CHAN_TSAI, 5)) == 4


def test_the_two_stage_rosenbrock_method_has_order_two_for_every_gamma():
    """ROS2: Verwer, Spee, Blom, Hundsdorfer, SIAM J. Sci. Comput. 20 (1999) 1456–1480, section 2."""
    gamma = sympy.Symbol("gamma")
    flow = series.rosenbrock_series([[0, 0], [1, 0]], [[gamma, 0], [-2 * gamma, gamma]], [HALF, HALF], 3)
    assert agrees(flow) == 2


def test_the_average_vector_field_method_is_symmetric_of_order_two():
    flow = series.average_vector_field(5)
    assert agrees(flow) == 2
    assert series.is_symmetric(flow)


def test_a_continuous_stage_method_of_order_four_preserves_energy():
    """M = [[4, −6], [−6, 12]], Hairer's collocation method: Miyatake, Butcher 2016, section 3."""
    flow = series.continuous_stage_series([[4, -6], [-6, 12]], 5)
    assert agrees(flow) == 4
    assert series.is_energy_preserving(flow)


# Modified and modifying equations of any map ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", [mq.GradientDescent(), mq.HeavyBall("beta"), mq.RungeKutta([["1/2"]], [1])], ids=str)
def test_the_modified_equation_of_a_series_is_that_of_its_method(method):
    flow = mq.elementary_weights(method, 4)
    assert mq.modified_equation(flow) == mq.modified_equation(method, 4).series
    assert mq.modified_equation(flow, 3) == mq.modified_equation(method, 3).series


def test_the_modifying_field_makes_a_map_exact():
    flow = series.average_vector_field(5)
    assert mq.substitution(mq.modifying_equation(flow), flow) == mq.exact_flow(5)
    assert series.exponential(mq.modified_equation(flow)) == flow


# Structure ---------------------------------------------------------------------------------------------------------------------------

GAUSS = mq.RungeKutta(
    [["1/4", sympy.Rational(1, 4) - sympy.sqrt(3) / 6], [sympy.Rational(1, 4) + sympy.sqrt(3) / 6, "1/4"]], ["1/2", "1/2"]
)
HEUN = mq.RungeKutta([[0, 0], [1, 0]], ["1/2", "1/2"])
TRAPEZOIDAL = mq.RungeKutta([[0, 0], ["1/2", "1/2"]], ["1/2", "1/2"])
RK4 = mq.RungeKutta(
    [[0, 0, 0, 0], ["1/2", 0, 0, 0], [0, "1/2", 0, 0], [0, 0, 1, 0]], ["1/6", "1/3", "1/3", "1/6"], name="classical Runge–Kutta"
)


def symplectic_by_definition(flow):
    """a(u∘v) + a(v∘u) = a(u)a(v), Hairer, Lubich, Wanner 2006, theorem VI.7.6."""
    for u in flow.trees:
        for v in flow.trees:
            if u.order + v.order <= flow.order:
                joined = [mq.RootedTree((*one.children, other)) for one, other in ((u, v), (v, u))]
                if sympy.simplify(sum(rational(flow[tree]) for tree in joined) - rational(flow[u]) * rational(flow[v])) != 0:
                    return False
    return True


@pytest.mark.parametrize(
    ("flow", "expected"),
    [
        (mq.elementary_weights(GAUSS, 5), True),
        (mq.elementary_weights(mq.RungeKutta([["1/2"]], [1]), 6), True),
        (mq.elementary_weights(TRAPEZOIDAL, 4), False),
        (mq.elementary_weights(RK4, 5), False),
        (series.average_vector_field(4), False),
        (mq.exact_flow(6), True),
    ],
)
def test_symplectic_is_what_the_condition_on_the_map_says(flow, expected):
    assert series.is_symplectic(flow) is expected
    assert symplectic_by_definition(flow) is expected


def test_methods_of_order_p_are_symplectic_and_preserve_energy_to_order_p():
    midpoint = mq.RungeKutta([[0, 0], ["1/2", 0]], [0, 1])
    for method, order in ((mq.GradientDescent(), 1), (midpoint, 2), (RK4, 4)):
        flow = mq.elementary_weights(method, order + 1)
        assert series.order_of_symplecticity(flow) == order
        assert series.energy_preserving_order(flow) >= order


def test_a_method_may_be_symplectic_to_a_higher_order_than_its_own():
    """Heun: Σbc² + Σbac = 1/2 + 0 is (Σb)(Σbc); see Aubry, Chartier, BIT 38 (1998) 439–461, on pseudo-symplectic methods."""
    flow = mq.elementary_weights(HEUN, 4)
    assert (agrees(flow), series.order_of_symplecticity(flow)) == (2, 3)


def test_only_the_exact_flow_is_symplectic_and_preserves_energy():
    """Chartier, Faou, Murua, Numer. Math. 103 (2006) 575–590; the rest have one of both at most."""
    both = [
        (series.is_symplectic(flow), series.is_energy_preserving(flow))
        for flow in (mq.exact_flow(6), mq.elementary_weights(mq.RungeKutta([["1/2"]], [1]), 6), series.average_vector_field(6))
    ]
    assert both == [(True, True), (True, False), (False, True)]


def test_symmetric_maps_have_even_fields():
    flows = [mq.elementary_weights(method, 5) for method in (TRAPEZOIDAL, GAUSS, HEUN, mq.ProximalPoint())]
    assert [series.is_symmetric(flow) for flow in flows] == [True, True, False, False]


def test_the_parts_of_a_map_have_their_parity():
    flow = mq.elementary_weights(HEUN, 5)
    symmetric, even = series.odd_even_decomposition(flow)
    assert series.is_symmetric(symmetric)
    assert not any(a for tree, a in zip(even.trees, even.coefficients, strict=True) if tree.order % 2)
    assert mq.composition(symmetric, even) == flow


def test_a_change_of_coordinates_keeps_the_effective_order():
    chi, flow = mq.elementary_weights(HEUN, 5), mq.elementary_weights(RK4, 5)
    disguised = mq.composition(mq.composition(mq.inverse(chi), flow), chi)
    assert agrees(disguised) < 4
    assert series.effective_order(disguised) == series.effective_order(flow) == 4


def test_renormalised_coefficients_are_divided_by_the_symmetry():
    found = mq.exact_flow(4).renormalised()
    assert found[mq.RootedTree.parse("[[],[],[]]")] == Fraction(1, 4) / 6


@pytest.mark.parametrize(
    "call",
    [
        lambda: series.continuous_stage_series([[1, 2]], 2),
        lambda: series.rosenbrock_series([[1]], [[1]], [1], 2),
        lambda: series.rosenbrock_series([[0]], [[1]], [1, 1], 2),
        lambda: series.two_derivative_series([[1]], [[0]], [1], [0], 2),
        lambda: series.two_derivative_series([[0]], [[0]], [1], [0, 1], 2),
        lambda: series.is_symplectic(mq.exact_flow(2, colours=2)),
        lambda: series.effective_order(mq.elementary_weights(mq.HeavyBall("beta"), 2)),
        lambda: mq.modified_equation(mq.exact_flow(2), 3),
    ],
)
def test_bad_input_is_refused(call):
    with pytest.raises(ValueError, match=r"must be|conditions are for|needs numbers|cannot truncate"):
        call()


def test_a_multirate_method_is_the_composition_of_its_steps():
    """By Baker, Campbell and Hausdorff: m steps of size h/m on f₁, then one on f₂: −h/2m f₁′f₁ − h/2 f₂′f₂ + h/2 (f₂′f₁ − f₁′f₂)."""
    for count in (1, 2, 5):
        part = mq.RungeKutta([[0]], [f"1/{count}"]).on_field(0)
        method = mq.compose(*[part] * count, mq.GradientDescent().on_field(1))
        equation = mq.modified_equation(method, order=2)
        leaf = RootedTree((), 0), RootedTree((), 1)
        found = {(i, j): equation.coefficient(RootedTree((leaf[j],), i)) for i in (0, 1) for j in (0, 1)}  # f_i′ f_j
        assert found == {(0, 0): -Fraction(1, 2 * count), (1, 1): -Fraction(1, 2), (1, 0): Fraction(1, 2), (0, 1): -Fraction(1, 2)}


def test_a_symmetric_multirate_method_has_order_two():
    half = mq.RungeKutta([[0, 0], ["1/4", 0]], [0, "1/2"])
    strang = mq.compose(half.on_field(1), half.on_field(0), half.on_field(0), half.on_field(1))
    fields = mq.VectorField.from_losses([mq.Loss.from_sympy(text, ["x", "y"]) for text in ("2*x**2 + y**4/4", "(x - y)**2/2 + x**3/3")])
    exact = mq.modified_equation(strang, order=2).on(fields)  # f₁ + f₂: the term of order h is 0
    assert mq.order_of_accuracy(strang, exact, [0.3, 0.5], [0.04, 0.02, 0.01]).slope == pytest.approx(3.0, abs=0.1)
