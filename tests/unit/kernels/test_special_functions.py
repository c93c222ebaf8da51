"""Special functions that compiled code needs at complex points, against mpmath."""

import mpmath
import numpy as np
import pytest

from modeq.kernels.special_functions import erf_complex


@pytest.mark.parametrize("radius", [1e-12, 0.1, 1.0, 2.4, 2.6, 3.5, 4.1, 6.0])
def test_the_error_function_in_the_plane(radius):
    """Relative to 1 + |erf|, which is huge near the imaginary axis."""
    for angle in np.linspace(-np.pi, np.pi, 49):
        z = complex(radius * np.exp(1j * angle))
        expected = complex(mpmath.erf(z))
        assert abs(erf_complex(z) - expected) <= 2e-12 * (1 + abs(expected))


@pytest.mark.parametrize("x", [-30.0, -5.0, 5.0, 30.0])
def test_the_error_function_far_out_on_the_real_axis(x):
    assert erf_complex(complex(x)) == pytest.approx(np.sign(x), rel=1e-11)


def test_the_error_function_is_odd():
    assert erf_complex(-(0.7 + 0.4j)) == -erf_complex(0.7 + 0.4j)
