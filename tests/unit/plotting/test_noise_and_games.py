"""Fans of ensembles and portraits of games."""

import numpy as np
import pytest

import modeq as mq

pytest.importorskip("matplotlib")
FLOW = mq.stochastic_equation(1, covariance=[[1, 0], [0, 1]]).on(mq.losses.quadratic([[1, 0], [0, 2]]))
GAME = mq.VectorField.game(["x*y", "-x*y"], [["x"], ["y"]])


def test_a_fan_has_the_quantiles_of_the_paths(tmp_path):
    runs = mq.sample(FLOW, [1.0, 0.5], h=0.1, steps=5, paths=30, seed=0)
    axes = mq.plotting.plot_fan(runs, 1)
    median = next(line for line in axes.lines if line.get_label() == "median")
    np.testing.assert_allclose(median.get_ydata(), np.median(runs.theta[:, :, 1], axis=1))
    assert len(runs.plot(tmp_path / "fan.png").axes) == 2
    assert (tmp_path / "fan.png").stat().st_size > 1000
    with pytest.raises(ValueError, match="coordinates 0 to 1"):
        mq.plotting.plot_fan(runs, 2)


def test_a_portrait_shows_runs_on_the_flow():
    run = mq.iterate(mq.Alternating(), GAME, [1.0, 0.0], h=0.2, steps=10)
    flow = mq.modified_equation(mq.Alternating(), order=2).on(GAME)
    path = mq.integrate(flow, [1.0, 0.0], h=0.2, steps=10)
    axes = mq.plotting.plot_phase_portrait(flow, 0.2, box=((-1.5, 1.5), (-2, 2)), points=5, runs=[run, path])
    drawn = {line.get_label(): line.get_xydata() for line in axes.lines}
    np.testing.assert_array_equal(drawn["iterates"], run.theta)
    np.testing.assert_array_equal(drawn["order 2"], path.theta)
