"""Pictures of many runs, basins and phase portraits."""

import matplotlib.style
import numpy as np
import pytest

import modeq as mq

WELLS = mq.Loss.from_sympy("(x**2 - 1)**2/4 + y**2/2", ["x", "y"]).described(minima=((-1.0, 0.0), (1.0, 0.0)), box=((-2, 2), (-1, 1)))


def test_runs_in_the_plane_are_one_line_each():
    runs = mq.iterate(mq.GradientDescent(), WELLS, [[0.5, 0.5], [0.2, 0.1], [30.0, 0.0]], h=0.1, steps=4)
    ax = mq.plotting.plot_ensemble(runs)
    lines = [path for bundle in ax.collections if hasattr(bundle, "get_segments") for path in bundle.get_segments()]
    found = [line for line in lines if len(line) and np.allclose(line[0], [0.2, 0.1])]
    np.testing.assert_allclose(found[0], runs.theta[1])


def test_runs_in_one_dimension_show_their_losses():
    runs = mq.iterate(mq.GradientDescent(), mq.losses.double_well(), [[1.4], [0.5]], h=0.1, steps=4)
    assert mq.plotting.plot_ensemble(runs).get_ylabel() == "loss $E$"
    assert runs.plot().axes


def test_the_band_of_errors_has_the_median_as_its_line():
    report = mq.compare(mq.GradientDescent(), mq.losses.double_well(), [[1.4], [1.3], [1.2]], h=0.1, steps=3, flows=["igr"])
    ax = report.plot().axes[0]
    np.testing.assert_allclose(ax.lines[0].get_ydata(), report.quantiles([0.5])["igr"][0, 1:])


def test_a_point_lies_in_the_basin_of_the_minimum_that_its_run_reaches():
    ax = mq.plotting.plot_basins(mq.GradientDescent(), WELLS, h=0.1, steps=100, points=8)
    left, right = (area.get_paths()[0].get_extents() for area in ax.collections[:2])
    assert left.x1 < 0.3
    assert right.x0 > -0.3


def test_stream_lines_need_two_coordinates_and_a_box():
    flow = mq.gradient_flow().on(mq.losses.double_well())
    with pytest.raises(ValueError, match="two coordinates"):
        mq.plotting.plot_phase_portrait(flow, 0.1)
    plane = mq.gradient_flow().on(mq.Loss.from_sympy("x*y", ["x", "y"]))
    with pytest.raises(ValueError, match=r"box=\(\(left, right\)"):
        mq.plotting.plot_phase_portrait(plane, 0.1)


def test_stream_lines_leave_out_where_the_field_is_not_finite():
    flow = mq.gradient_flow().on(mq.Loss.from_sympy("sqrt(x) + y**2", ["x", "y"]))
    ax = mq.plotting.plot_phase_portrait(flow, 0.1, box=((-1, 1), (-1, 1)), points=6)
    lines = np.concatenate([line for line in ax.collections[-1].get_segments() if len(line)])
    assert (lines[:, 0] > 0).all()


def test_iterates_and_the_edge_are_seen_on_a_dark_style_sheet():
    report = mq.compare(mq.GradientDescent(), mq.losses.double_well(), [1.4], h=0.1, steps=3, flows=["igr"])
    data = mq.sweep(lambda h, s: h * s, {"h": [0.5, 1.0, 2.0], "s": [1, 2]})
    with matplotlib.style.context("dark_background"):
        figure = report.plot()
        edge = mq.plotting.plot_sweep(data, "value", y="s", sharpness=2.0)
    points = next(line for line in figure.axes[0].lines if line.get_label() == "gradient descent")
    assert points.get_color() == edge.lines[0].get_color() == "white"


def test_text_has_no_heat_map():
    data = mq.sweep(lambda h, s: str(h), {"h": [0.5, 1.0], "s": [1, 2]})
    with pytest.raises(ValueError, match="no real numbers"):
        mq.plotting.plot_sweep(data, "value", y="s")
