"""log(1 + x)/x keeps all digits, for one number and for many."""

import mpmath
import numpy as np
import pytest

from modeq.kernels.branches import (
    PRINCIPAL,
    ROTATED,
    increment_rational,
    log1p_ratio,
    log1p_ratios,
    psi_from_increment,
    psi_of_reals,
)

SIZES = [1e-200, 1e-12, 1e-4, 2e-3, 0.1, 0.49, 0.51, 0.99, 1.01, 3.0, 1e8, 1e200]
ANGLES = [0.0, 0.4, 1.5, 2.2, 3.1, -0.4, -1.7, -3.1]
POINTS = np.array([size * complex(np.cos(angle), np.sin(angle)) for size in SIZES for angle in ANGLES])


def exact(x):
    with mpmath.workdps(450):
        point = mpmath.mpmathify(x)
        return complex(mpmath.log(1 + point) / point)


@pytest.mark.parametrize("x", POINTS)
def test_one_number_and_an_array_of_it_have_all_digits(x):
    expected = exact(x)
    for found in (log1p_ratio(complex(x), PRINCIPAL), log1p_ratios(np.array([x]))[0]):
        assert abs(found - expected) <= 2e-15 * abs(expected)


def test_real_numbers_stay_real():
    x = np.array([-0.999, -0.5, -1e-9, 0.0, 1e-300, 0.7, 40.0])
    found = log1p_ratios(x)
    assert found.dtype == float
    expected = [1.0 if value == 0 else exact(value).real for value in x]
    np.testing.assert_allclose(found, expected, rtol=4e-16)
    assert np.isnan(log1p_ratios(np.array([-1.5]))[0])
    assert log1p_ratios(np.array([-1.0]))[0] == np.inf


def test_the_limit_at_zero_is_one():
    assert log1p_ratio(0j, PRINCIPAL) == log1p_ratios(np.zeros(1, complex))[0] == 1.0


def test_all_real_points_at_once_have_what_each_has():
    """Of the method R = (1 + ζ/2)/(1 − ζ/2), with numerator and denominator of (R − 1)/ζ = 1/(1 − ζ/2)."""
    numbers = ((1.0,), (1.0, -0.5))
    x = np.array([-1.9, -0.5, -1e-9, 0.0, 1e-3, 1.9])
    expected = [psi_from_increment(increment_rational(complex(value), *numbers), complex(value), ROTATED) for value in x]
    np.testing.assert_allclose(psi_of_reals(x, *numbers), expected, rtol=1e-15)
    assert np.isnan(psi_of_reals(np.array([-2.0, -3.0, 2.0, 4.0]), *numbers)).all()  # R is 0, negative, ∞ and negative
