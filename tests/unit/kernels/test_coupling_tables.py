"""All coefficients of degree 2 at once are those that are computed one by one."""

import numpy as np
import pytest

import modeq as mq
from modeq.kernels import coupling_tables
from modeq.kernels.second_degree import log_mean_differences
from modeq.series.modes import modes


@pytest.mark.parametrize("method", [mq.GradientDescent(), mq.HeavyBall(0.5), mq.RungeKutta([[0, 0], ["2/3", 0]], ["1/4", "3/4"])])
def test_differences_of_logarithmic_means_agree_in_all_cases(method):
    """Near and far from 0, near each other, negative R, complex: every branch of the scalar function is met."""
    values = np.array([0.0, 1e-9, -0.01, 0.05 + 0.02j, -0.2, -0.8, -1.3, -0.4 + 0.9j, -0.45, 0.12])
    rows = np.array([modes(method, 1).mode(z) for z in values])
    n = len(values)
    i, j, k = (axis.ravel() for axis in np.meshgrid(range(n), range(n), range(n), indexing="ij"))
    with np.errstate(all="ignore"):  # cases that another formula answers
        found = np.array(coupling_tables.log_mean_differences(rows[i].T, rows[j].T, rows[k].T))
    expected = np.array(
        [log_mean_differences(rows[a].tolist(), rows[b].tolist(), rows[c].tolist()) for a, b, c in zip(i, j, k, strict=True)]
    )
    np.testing.assert_allclose(found, expected.T, rtol=1e-9, atol=1e-11)


def test_a_table_is_symmetric_and_holds_the_coefficients():
    numbers = modes(mq.GradientDescent(), 1)

    def write(row, z):
        row[:] = numbers.mode(z)

    def coefficient(i, j, k):
        from modeq.kernels.second_degree import second_degree

        return second_degree(i, j, k, numbers.size, numbers.powers) if np.ndim(i[0]) == 0 else whole(i, j, k)

    def whole(i, j, k):
        shape = np.broadcast_shapes(np.shape(i[0]), np.shape(j[0]))
        out = np.empty(shape, complex)
        for place in np.ndindex(shape):
            out[place] = numbers(i[0][place[0], 0], j[0][place[1]], k[0][place[1]])
        return out

    outer, inner = np.array([-0.3, -1.2]), np.array([-0.1, -0.5, 0.2])
    table = coupling_tables.coefficient_table(write, coefficient, outer, inner, numbers.width)
    np.testing.assert_allclose(table, table.transpose(0, 2, 1))
    assert table[1, 0, 2] == pytest.approx(numbers(-1.2, -0.1, 0.2))
