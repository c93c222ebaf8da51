"""The Chebyshev regression follows T_n(cos φ) = cos nφ."""

import numpy as np
import pytest

from modeq.data import chebyshev


@pytest.mark.parametrize("degree", [0, 1, 3, 5, 12])
def test_the_targets_are_cosines_of_the_multiple_angle(degree):
    data = chebyshev(degree, 20)
    np.testing.assert_allclose(data.y, np.cos(degree * np.arccos(data.X[:, 0])), atol=1e-12)


def test_the_points_are_equally_spaced_with_both_ends():
    data = chebyshev(3, 9)
    assert data.X.shape == (9, 1)
    np.testing.assert_allclose(np.diff(data.X[:, 0]), 0.25)
    assert (data.X[0, 0], data.X[-1, 0]) == (-1.0, 1.0)


def test_it_is_a_regression():
    assert chebyshev(4, 20).classes == ()
    assert chebyshev(4, 20).name == "chebyshev-4"


def test_noise_has_the_given_size_and_depends_on_the_seed_only():
    clean, noisy = chebyshev(3, 4000), chebyshev(3, 4000, noise=0.1, seed=1)
    assert (noisy.y - clean.y).std() == pytest.approx(0.1, rel=0.05)
    np.testing.assert_array_equal(noisy.y, chebyshev(3, 4000, noise=0.1, seed=1).y)
    assert not np.array_equal(noisy.y, chebyshev(3, 4000, noise=0.1, seed=2).y)


@pytest.mark.parametrize(
    ("degree", "points", "noise", "message"),
    [
        (-1, 20, 0.0, "degree must be at least 0, got -1"),
        (3, 1, 0.0, "points must be at least 2, got 1"),
        (3, 20, -0.1, "at least 0, got -0.1"),
        (3, 20, float("nan"), "finite and at least 0, got nan"),
        (3, 20, float("inf"), "finite and at least 0, got inf"),
    ],
)
def test_impossible_sizes_are_refused(degree, points, noise, message):
    with pytest.raises(ValueError, match=message):
        chebyshev(degree, points, noise=noise)


@pytest.mark.parametrize(("degree", "points", "noise"), [(3.0, 20, 0.0), (3, "20", 0.0), (True, 20, 0.0), (3, 20, "0.1"), (3, 20, None)])
def test_sizes_are_numbers(degree, points, noise):
    with pytest.raises(TypeError):
        chebyshev(degree, points, noise=noise)
