"""Parameters are read exactly."""

from fractions import Fraction

import numpy as np
import pytest
import sympy

import modeq as mq
from modeq.exact import exact, to_sympy


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (0.9, Fraction(9, 10)),
        (0.1 + 0.2, Fraction("0.30000000000000004")),
        (1e-3, Fraction(1, 1000)),
        (3, Fraction(3)),
        ("1/3", Fraction(1, 3)),
        ("0.25", Fraction(1, 4)),
        (Fraction(2, 7), Fraction(2, 7)),
        (np.int64(2), Fraction(2)),
        (np.float64(0.9), Fraction(9, 10)),
        (sympy.Rational(1, 6), Fraction(1, 6)),
        (sympy.Float("0.9"), Fraction(9, 10)),
    ],
)
def test_a_number_means_the_decimal_or_ratio_that_was_written(given, meant):
    assert exact(given) == meant


def test_a_name_stays_symbolic():
    assert exact("beta") == sympy.Symbol("beta")


def test_roots_stay_exact():
    assert exact(sympy.sqrt(3) / 6) == sympy.sqrt(3) / 6


def test_to_sympy_does_not_round():
    assert to_sympy(Fraction(1, 3)) == sympy.Rational(1, 3)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), sympy.oo, sympy.nan, sympy.zoo, sympy.I, "1+", "1/0", "a b", "", "lambda"])
def test_what_is_no_finite_real_number_is_refused(value):
    with pytest.raises(ValueError, match="weight w must be"):
        exact(value, what="weight w")


@pytest.mark.parametrize("value", [None, True, [1], 1j, object()])
def test_what_is_no_number_at_all_is_refused(value):
    with pytest.raises(TypeError, match="weight w must be"):
        exact(value, what="weight w")


def test_parameters_are_listed_sorted():
    assert mq.RungeKutta([[0, 0], ["b", 0]], ["c", "a"]).parameters == ("a", "b", "c")


def test_with_parameters_equals_building_with_the_number():
    assert mq.HeavyBall("beta").with_parameters(beta=0.9) == mq.HeavyBall(0.9)


def test_with_parameters_can_rename_a_symbol():
    assert mq.HeavyBall("beta").with_parameters(beta="mu") == mq.HeavyBall("mu")


def test_with_parameters_reaches_symbols_that_carry_assumptions():
    momentum = sympy.Symbol("beta", positive=True)
    assert mq.HeavyBall(momentum).with_parameters(beta=0.9) == mq.HeavyBall(0.9)


def test_an_unknown_parameter_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match=r"no free parameter 'gamma'; its free parameters: beta"):
        mq.HeavyBall("beta").with_parameters(gamma=1)


def test_running_needs_numbers():
    with pytest.raises(ValueError, match=r"with_parameters\(beta=…\)"):
        mq.HeavyBall("beta").matrices()
