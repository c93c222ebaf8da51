"""Pictures of step size, sharpness and loss along runs."""

import numpy as np
import pytest

import modeq as mq
from modeq import plotting

figure_module = pytest.importorskip("matplotlib.figure")

GD = mq.GradientDescent()
E = mq.losses.rosenbrock()


@pytest.fixture(scope="module")
def edge():
    return mq.edge_of_stability(GD, mq.iterate(GD, E, [0.6, 0.5], h=mq.dal(), steps=8))


def axes():
    return figure_module.Figure().subplots()


def drawn(ax):
    return [line.get_ydata() for line in ax.lines]


def test_each_panel_draws_into_its_axes_and_returns_them(edge):
    panels = {plotting.plot_step_sizes: [edge.step_sizes], plotting.plot_sharpness: [edge.sharpness, edge.threshold]}
    panels[plotting.plot_training_loss] = [edge.loss]
    for panel, expected in panels.items():
        ax = axes()
        assert panel(edge, ax=ax) is ax
        np.testing.assert_array_equal(np.array(drawn(ax)), np.array(expected))


def test_one_run_has_three_panels_and_a_title(edge, tmp_path):
    figure = edge.plot(tmp_path / "edge.png")
    assert [ax.get_xlabel() for ax in figure.axes] == ["step $n$"] * 3
    assert figure.get_suptitle() == "gradient descent on rosenbrock"
    assert (tmp_path / "edge.png").stat().st_size > 10_000


def test_step_sizes_are_drawn_where_they_change():
    constant = [mq.edge_of_stability(GD, mq.iterate(GD, E, [0.6, 0.5], h=h, steps=4)) for h in (1e-3, 5e-4)]
    figure = plotting.plot_edge_of_stability(dict(zip("ab", constant, strict=True)))
    assert [ax.get_ylabel().split()[0] for ax in figure.axes] == ["sharpness", "loss"]


def test_runs_are_told_apart_without_colour(edge):
    figure = plotting.plot_edge_of_stability({"a": edge, "b": edge, "c": edge})
    for ax in figure.axes:
        assert len({line.get_marker() for line in ax.lines if line.get_linestyle() == "-"}) == 3


def test_several_runs_share_a_legend(edge):
    constant = mq.edge_of_stability(GD, mq.iterate(GD, E, [0.6, 0.5], h=1e-3, steps=8))
    figure = plotting.plot_edge_of_stability({"DAL": edge, "constant": constant})
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["DAL", "constant"]
    assert [len(ax.lines) for ax in figure.axes] == [2, 4, 2]


def test_a_run_that_diverges_does_not_hide_the_others(edge):
    """The window stays near the others, and numbers that overflow are left out."""
    wild = mq.edge_of_stability(GD, mq.iterate(GD, mq.losses.double_well(), [1.4], h=3.0, steps=8))
    assert wild.loss.max() > 1e100 * edge.loss.max()
    for panel in (plotting.plot_training_loss, plotting.plot_sharpness):
        low, high = panel({"DAL": edge, "wild": wild}, ax=axes()).get_ylim()
        assert -1e60 < low < high < 1e60


def test_no_run_is_no_picture():
    with pytest.raises(ValueError, match="at least one run"):
        plotting.plot_edge_of_stability({})
