"""The tableau of DOP853: conditions that hold for any Runge–Kutta pair of its orders, and SciPy's own copy."""

import numpy as np
import pytest
from scipy.integrate import DOP853

from modeq.codegen import dormand_prince as tableau


def _dense(rows, columns: int) -> np.ndarray:
    matrix = np.zeros((len(rows), columns))
    for i, row in enumerate(rows):
        matrix[i, list(row)] = list(row.values())
    return matrix


def test_rows_sum_to_the_times_of_their_stages():
    for time, row in (*tableau._STAGES, *tableau._BETWEEN):
        assert sum(row.values()) == pytest.approx(time, abs=1e-14)


def test_the_weights_are_a_quadrature_of_order_eight_and_the_error_estimates_sum_to_zero():
    times = np.array([0.0, *(time for time, _ in tableau._STAGES)])
    weights = _dense([tableau._END], 12)[0]
    for q in range(8):
        assert weights @ times**q == pytest.approx(1 / (q + 1), abs=1e-13)
    for row in (tableau._FIFTH, tableau._THIRD):
        assert abs(sum(row.values())) < 1e-13


def test_scipy_has_the_same_tableau():
    assert np.array_equal(_dense([{}, *(row for _, row in tableau._STAGES)], 12), DOP853.A[:12, :12])
    assert np.array_equal(_dense([tableau._END], 12)[0], DOP853.B)
    assert np.array_equal(_dense([tableau._FIFTH, tableau._THIRD], 13), [DOP853.E5, DOP853.E3])
    assert np.array_equal(_dense([row for _, row in tableau._BETWEEN], 16), DOP853.A_EXTRA)
    assert np.array_equal(_dense(tableau._INTERPOLANT, 16), DOP853.D)
