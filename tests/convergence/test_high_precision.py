"""Orders measured with 60 digits, without the compiled kernels: the slopes are those of exact arithmetic.

The flow's SymPy expressions are integrated with Gragg's extrapolated midpoint rule in mpmath, the method is written out.
Step sizes can be so small that the slope is p + 1 to three digits.

Reference: E. Hairer, S. P. Nørsett, G. Wanner, *Solving Ordinary Differential Equations I* (1993), II.9.
"""

import mpmath
import pytest
import sympy

import modeq as mq

DIGITS = 60
LEVELS = 9  # of the extrapolation: the error is of order h^19
STEPS = [mpmath.mpf(10) ** -4, mpmath.mpf(10) ** -4 / 2]

CASES = {
    "double well": (mq.losses.double_well(), ("1.4",)),
    "cosine": (mq.losses.cosine(), ("2.3",)),
    "himmelblau": (mq.losses.himmelblau(), ("1", "1.5")),
}


@pytest.fixture(autouse=True)
def _digits():
    with mpmath.workdps(DIGITS):
        yield


def compiled(expressions, symbols):
    """Return exact expressions as a function of mpmath numbers."""
    function = sympy.lambdify(symbols, list(expressions), "mpmath", cse=True)
    return lambda *values: mpmath.matrix(function(*values))


def flow_after(field, start, time):
    """Integrate an autonomous field over one short interval by extrapolating the midpoint rule in (time/n)²."""
    table = []
    for level in range(1, LEVELS + 1):
        n = 2 * level
        width = time / n
        before, here = start, start + width * field(start)
        for _ in range(n - 1):
            before, here = here, before + 2 * width * field(here)
        row = [here]
        for k, coarse in enumerate(table[-1] if table else [], start=1):
            ratio = (mpmath.mpf(n) / (2 * (level - k))) ** 2
            row.append(row[-1] + (row[-1] - coarse) / (ratio - 1))
        table.append(row)
    return table[-1][-1]


def slope(E, start, order):
    """Measure d log(error)/d log h of one step of gradient descent against the order-p flow."""
    symbols = list(E.variables)
    gradient = compiled([sympy.diff(E.expression, symbol) for symbol in symbols], symbols)
    modified = compiled(mq.modified_equation(mq.GradientDescent(), order).on(E).expressions(), [*symbols, sympy.Symbol("h")])
    point = mpmath.matrix([mpmath.mpf(entry) for entry in start])
    errors = []
    for h in STEPS:
        end = flow_after(lambda theta, h=h: modified(*theta, h), point, h)
        errors.append(mpmath.norm(end - (point - h * gradient(*point))))
    return float(mpmath.log(errors[0] / errors[1]) / mpmath.log(STEPS[0] / STEPS[1]))


@pytest.mark.parametrize("order", [1, 2, 3, 4, 5, 6, 7])
@pytest.mark.parametrize("loss", CASES)
def test_the_slope_is_p_plus_1_to_two_digits(loss, order):
    E, start = CASES[loss]
    assert slope(E, start, order) == pytest.approx(order + 1, abs=0.02)


def test_the_reference_integrates_a_known_flow_to_forty_digits():
    end = flow_after(lambda theta: -theta, mpmath.matrix([1]), mpmath.mpf(1) / 100)
    assert abs(end[0] - mpmath.exp(-mpmath.mpf(1) / 100)) < mpmath.mpf(10) ** -40
