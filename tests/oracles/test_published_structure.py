"""What publications say of named methods, in one table: order, symplecticity, energy, symmetry and effective order.

Energy: E. Celledoni, R. McLachlan, D. McLaren, B. Owren, R. Quispel, W. Wright, ESAIM: M2AN 43 (2009) 645–649, doi:10.1051/m2an/2009020,
for the methods of two and three stages; G. Barrios de León, D. Ketcheson, H. Ranocha, ESAIM: M2AN 59 (2025) 729–748, arXiv 2407.15365, for
that of the classical method. Symplecticity and symmetry of collocation and Lobatto methods: E. Hairer, C. Lubich, G. Wanner, *Geometric
Numerical Integration* (2006), sections II.1, V.2 and VI.4; Lobatto IIIE: R. Chan, BIT 30 (1990), and Nørsett, Wanner, BIT 21 (1981).
Pseudo-symplectic Heun: A. Aubry, P. Chartier, BIT 38 (1998) 439–461. Effective order: J. Butcher, Lecture Notes in Mathematics 109 (1969)
133–139, doi:10.1007/BFb0060019.
"""

import pytest
import sympy

import modeq as mq
from modeq import series

ROOT3 = sympy.sqrt(3)
Q = sympy.Rational
METHODS = {
    "Celledoni et al., 3 stages": ([[0, 0, 0], ["1/3", 0, 0], ["-5/48", "15/16", 0]], ["1/10", "1/2", "2/5"]),
    "Ralston, 2 stages": ([[0, 0], ["2/3", 0]], ["1/4", "3/4"]),
    "Heun": ([[0, 0], [1, 0]], ["1/2", "1/2"]),
    "classical": ([[0, 0, 0, 0], ["1/2", 0, 0, 0], [0, "1/2", 0, 0], [0, 0, 1, 0]], ["1/6", "1/3", "1/3", "1/6"]),
    "Butcher 1969": (
        [[0] * 5, ["1/5", 0, 0, 0, 0], [0, "2/5", 0, 0, 0], ["3/16", 0, "5/16", 0, 0], ["1/4", 0, "-5/4", 2, 0]],
        ["1/6", 0, 0, "2/3", "1/6"],
    ),
    "Gauss": ([[Q(1, 4), Q(1, 4) - ROOT3 / 6], [Q(1, 4) + ROOT3 / 6, Q(1, 4)]], ["1/2", "1/2"]),
    "Radau IA": ([["1/4", "-1/4"], ["1/4", "5/12"]], ["1/4", "3/4"]),
    "Radau IIA": ([["5/12", "-1/12"], ["3/4", "1/4"]], ["3/4", "1/4"]),
    "Lobatto IIIA": ([[0, 0, 0], ["5/24", "1/3", "-1/24"], ["1/6", "2/3", "1/6"]], ["1/6", "2/3", "1/6"]),
    "Lobatto IIIB": ([["1/6", "-1/6", 0], ["1/6", "1/3", 0], ["1/6", "5/6", 0]], ["1/6", "2/3", "1/6"]),
    "Lobatto IIIC": ([["1/6", "-1/3", "1/6"], ["1/6", "5/12", "-1/12"], ["1/6", "2/3", "1/6"]], ["1/6", "2/3", "1/6"]),
    "Lobatto IIIE": ([["1/4", 0], ["1/2", "1/4"]], ["1/2", "1/2"]),
}
PUBLISHED = {  # order of accuracy, of energy where one is published, symplectic, symmetric
    "Celledoni et al., 3 stages": (2, 4, False, False),
    "Ralston, 2 stages": (2, 3, False, False),
    "Heun": (2, None, False, False),
    "classical": (4, 4, False, False),
    "Butcher 1969": (4, 4, False, False),
    "Gauss": (4, None, True, True),
    "Radau IA": (3, None, False, False),
    "Radau IIA": (3, None, False, False),
    "Lobatto IIIA": (4, None, False, True),
    "Lobatto IIIB": (4, None, False, True),
    "Lobatto IIIC": (4, None, False, False),
    "Lobatto IIIE": (2, None, True, True),
}
"""Celledoni et al. count conditions of the modified field, so a method of order p has an energy order of at least p."""


@pytest.fixture(scope="module", params=METHODS)
def case(request):
    return request.param, mq.elementary_weights(mq.RungeKutta(*METHODS[request.param]), 6)


def test_the_order_of_accuracy_is_the_published_one(case):
    name, flow = case
    assert max(p for p in range(1, 7) if flow.truncated(p) == mq.exact_flow(p)) == PUBLISHED[name][0]


def test_the_order_of_energy_is_the_published_one(case):
    name, flow = case
    order, energy, _, _ = PUBLISHED[name]
    found = series.energy_preserving_order(flow)
    assert found == energy if energy is not None else order <= found < 6


def test_symplectic_and_symmetric_are_those_that_are_known_to_be(case):
    name, flow = case
    assert (series.is_symplectic(flow), series.is_symmetric(flow)) == PUBLISHED[name][2:]


def test_the_pseudo_symplectic_order_of_heun_is_three():
    assert series.order_of_symplecticity(mq.elementary_weights(mq.RungeKutta(*METHODS["Heun"]), 6)) == 3


def test_the_method_of_butcher_has_effective_order_five():
    """With the classical conditions of order 4 only: a change of coordinates before and after gives the fifth."""
    flow = mq.elementary_weights(mq.RungeKutta(*METHODS["Butcher 1969"]), 6)
    assert series.effective_order(flow) == 5
    assert series.effective_order(mq.elementary_weights(mq.RungeKutta(*METHODS["classical"]), 6)) == 4


def test_lobatto_iiia_and_iiib_are_a_symplectic_pair():
    """b_i â_ij + b_j a_ji = b_i b_j, Sun 1993; Hairer, Lubich, Wanner 2006, theorem VI.4.5. So is their mean."""
    a, b = ([[Q(entry) for entry in row] for row in METHODS[name][0]] for name in ("Lobatto IIIA", "Lobatto IIIB"))
    mean = [[(x + y) / 2 for x, y in zip(rows[0], rows[1], strict=True)] for rows in zip(a, b, strict=True)]
    flow = mq.elementary_weights(mq.RungeKutta(mean, METHODS["Lobatto IIIA"][1]), 5)
    assert series.is_symplectic(flow)
    assert series.is_symmetric(flow)
