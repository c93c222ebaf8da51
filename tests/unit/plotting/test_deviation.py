"""Pictures of bounds and tubes."""

import numpy as np
import pytest

import modeq as mq
from modeq import plotting

pytest.importorskip("matplotlib")


@pytest.fixture(scope="module")
def bound():
    E = mq.losses.rosenbrock()
    run = mq.iterate(mq.GradientDescent(), E, [0.6, 0.5], h=2e-4, steps=10)
    return mq.deviation_bound(run, mq.integrate(mq.gradient_flow().on(E), [0.6, 0.5], h=2e-4, steps=10))


def test_the_bound_and_the_distance_are_drawn(bound):
    lines = plotting.plot_deviation(bound).lines
    np.testing.assert_allclose(lines[0].get_ydata(), bound.bounds[1:])
    np.testing.assert_allclose(lines[1].get_ydata(), bound.errors[1:])


def test_the_tube_has_a_disc_for_each_point(bound):
    axes = plotting.plot_tube(bound)
    assert len(axes.collections[0].get_paths()) == 11
    assert [line.get_label() for line in axes.lines] == ["gradient descent", "gradient flow", "tube"]


def test_two_coordinates_give_two_panels(bound, tmp_path):
    assert len(bound.plot(tmp_path / "bound.png").axes) == 2
    assert (tmp_path / "bound.png").exists()


def test_a_tube_needs_two_coordinates():
    run = mq.iterate(mq.GradientDescent(), mq.losses.double_well(), [0.5], h=0.05, steps=3)
    with pytest.raises(ValueError, match="two coordinates, here are 1"):
        plotting.plot_tube(mq.deviation_bound(run))
