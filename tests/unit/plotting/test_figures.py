"""Pictures of a comparison: panels, labels, files; and a hint where matplotlib is missing."""

import sys

import numpy as np
import pytest

import modeq as mq

matplotlib = pytest.importorskip("matplotlib")

GD = mq.GradientDescent()


def compared(loss, start, **changes):
    options = {"h": 1e-3, "steps": 5, "flows": ("gradient", "igr")} | changes
    return mq.compare(GD, loss, start, **options)


@pytest.fixture(scope="module")
def report():
    return compared(mq.losses.rosenbrock(), [0.6, 0.5])


@pytest.fixture(scope="module")
def figure(report):
    return report.plot()


def test_a_loss_in_two_dimensions_has_three_panels(figure):
    assert [ax.get_ylabel() for ax in figure.axes] == [
        "$y$",
        r"distance $\|\mathrm{Re}\,\theta(nh)-\theta_n\|$",
        "loss $E$",
    ]


def test_a_loss_in_one_dimension_is_drawn_over_time():
    report = compared(mq.losses.cosine(), [2.0], h=0.1)
    path, *_ = report.plot().axes
    iterates = next(line for line in path.lines if line.get_label() == "gradient descent")
    np.testing.assert_array_equal(iterates.get_xdata(), report.iterates.t)
    np.testing.assert_array_equal(iterates.get_ydata(), report.iterates.theta[:, 0])
    assert path.get_xlabel() == "time $t = nh$"


def test_a_flow_is_drawn_as_it_runs_between_the_steps(report):
    trajectories = report.plot().axes[0]
    for path in report.trajectories.values():
        drawn = [line for line in trajectories.lines if len(line.get_xdata()) == len(path.theta_between)]
        assert any(np.array_equal(line.get_xydata(), path.theta_between.real) for line in drawn)


def test_panels_go_into_axes_of_ones_own(report):
    from matplotlib.figure import Figure

    figure = Figure()
    axes = figure.subplots(1, 2)
    assert report.plot(ax=axes) is figure
    assert [bool(ax.lines) for ax in axes] == [True, True]
    with pytest.raises(ValueError, match="3 panels, got 4 axes"):
        report.plot(ax=Figure().subplots(1, 4))


def test_size_and_title_can_be_chosen(report):
    figure = report.plot(figsize=(5, 3), title="a long title that does not fit into one line of so narrow a figure as this")
    assert figure.get_size_inches().tolist() == [5, 3]
    assert "\n" in figure.get_suptitle()
    assert not report.plot(title="").get_suptitle()


def test_a_field_has_no_loss_panel():
    game = mq.VectorField.game(["x*y", "-x*y"], [["x"], ["y"]])
    assert len(compared(game, [1.0, 0.5], h=0.1).plot().axes) == 2


def test_axes_are_labelled(figure):
    assert [ax.get_xlabel() for ax in figure.axes] == ["$x$", "step $n$", "step $n$"]


def test_the_title_says_what_was_compared(figure, report):
    assert figure.get_suptitle() == report.title


def test_the_legend_names_the_method_and_every_flow_once(figure):
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert sorted(labels) == ["IGR flow", "gradient descent", "gradient flow"]


def test_the_error_panel_is_logarithmic_and_shows_the_errors(figure, report):
    ax = figure.axes[1]
    assert ax.get_yscale() == "log"
    for line, errors in zip(ax.lines, report.errors.values(), strict=True):
        np.testing.assert_array_equal(line.get_ydata()[1:], errors[1:])


def test_the_loss_panel_shows_the_loss(figure, report):
    np.testing.assert_array_equal(figure.axes[2].lines[0].get_ydata(), report.iterates.loss)


def test_the_trajectories_are_drawn(figure, report):
    np.testing.assert_array_equal(np.transpose(figure.axes[0].lines[0].get_data()), report.iterates.theta)


def test_a_flow_looks_the_same_in_every_panel(figure):
    colours = [{line.get_label(): line.get_color() for line in ax.lines if not line.get_label().startswith("_")} for ax in figure.axes]
    for label in ("gradient flow", "IGR flow"):
        assert len({panel[label] for panel in colours}) == 1


def test_the_saved_file_is_a_png(report, tmp_path):
    report.plot(tmp_path / "out.png")
    assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")


def test_the_ending_chooses_the_format(report, tmp_path):
    report.plot(tmp_path / "out.svg")
    assert "<svg" in (tmp_path / "out.svg").read_text(encoding="utf-8")


def test_drawing_opens_no_window_and_keeps_no_figure(report):
    """Figures are made without pyplot, whose list would keep them alive."""
    from matplotlib import pyplot

    before = pyplot.get_fignums()
    report.plot()
    assert pyplot.get_fignums() == before


def lines_of(figure, label):
    """The data of the lines with a label, panel by panel, rendered without a warning (each is an error)."""
    figure.canvas.draw()
    return [np.transpose(line.get_data()) for ax in figure.axes for line in ax.lines if line.get_label() == label]


@pytest.mark.parametrize("steps", [0, 1])
def test_very_short_runs_show_the_points_there_are(steps):
    path, *_ = lines_of(compared(mq.losses.rosenbrock(), [0.6, 0.5], steps=steps).plot(), "gradient descent")
    assert path.shape == (steps + 1, 2)
    assert path[0].tolist() == [0.6, 0.5]


def test_a_run_that_diverges_can_be_drawn(tmp_path):
    """Values of the loss range over 300 decades."""
    report = compared(mq.losses.rosenbrock(), [3.0, 3.0], h=0.1, steps=20, flows=("gradient",), max_evaluations=3000)
    assert report.iterates.status == "diverged"
    report.plot(tmp_path / "out.png")


def test_a_flow_that_gave_up_is_marked_where_it_ended():
    report = compared(mq.losses.cosine(), [2.5], h=2.1, steps=10, flows=("principal",), max_evaluations=4000)
    marks = [line for line in mq.plotting.plot_error(report).lines if line.get_marker() == "x"]
    assert [mark.get_xdata()[0] for mark in marks] == [len(report.trajectories["principal"]) - 1]


def test_a_run_that_rests_in_a_minimum_is_a_point_within_its_panel():
    figure = compared(mq.losses.quadratic(), [0.0, 0.0]).plot()
    path, *_ = lines_of(figure, "gradient descent")
    assert not path.any()
    low, high = figure.axes[0].get_xlim()
    assert low < 0 < high


def test_a_run_along_the_edge_of_the_domain_is_drawn_where_it_is():
    loss = mq.Loss.from_sympy("x*log(x) + y*log(y)", ["x", "y"])
    report = compared(loss, [0.02, 0.5], h=0.01)
    path, *_ = lines_of(report.plot(), "gradient descent")
    np.testing.assert_array_equal(path, report.iterates.theta)


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        (["w_a_b", "y"], ["w_a_b", "$y$"]),
        (["x_", "y"], ["$x$", "$y$"]),
        (["theta", "x1"], ["$θ$", "$x_{1}$"]),
        (["w_1", "λ2"], ["$w_{1}$", "$λ_{2}$"]),
    ],
)
def test_names_of_variables_are_labels_in_formulas(names, labels):
    loss = mq.Loss.from_sympy(f"{names[0]}**2 + {names[1]}**2/2", names)
    figure = compared(loss, [1.0, 1.0], h=0.1).plot()
    figure.canvas.draw()  # what cannot be typeset raises here
    assert [figure.axes[0].get_xlabel(), figure.axes[0].get_ylabel()] == labels


def test_any_name_of_a_loss_can_be_a_title():
    loss = mq.Loss.from_sympy("x**2", ["x"], name="costs 5$ or x_1^{2$")
    figure = compared(loss, [1.0], h=0.1).plot()
    figure.canvas.draw()
    assert "costs 5" in figure.get_suptitle().replace("\\", "")


def test_only_results_can_be_drawn():
    from modeq.extension_points import draw

    with pytest.raises(TypeError, match="no picture of int"):
        draw(3)


def test_contours_need_two_variables():
    report = compared(mq.losses.cosine(), [2.0], h=0.1)
    figure = report.plot()
    with pytest.raises(ValueError, match="two coordinates"):
        mq.plotting.plot_trajectories(report, ax=figure.axes[0])


def test_without_matplotlib_the_message_says_how_to_get_it(report, monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delitem(sys.modules, "modeq.plotting.jupyter")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r"pip install 'modeq\[plot\]'"):
        report.plot()


def test_no_legend_is_cut_off():
    """Flows with long names on a narrow figure."""
    E = mq.losses.cosine()
    titles = ["a flow with a long name", "another with a name as long", "principal flow and its degree", "and one more for good measure"]
    for title in titles:
        mq.flows.register(title, lambda method: mq.gradient_flow(), help="for this test")
    report = compared(E, [2.0], h=0.1, steps=2, flows=titles)
    for title in titles:
        mq.flows.unregister(title)
    for figure in (report.plot(), mq.plotting.plot_loss(report).figure):
        figure.draw_without_rendering()
        box = figure.legends[0].get_window_extent()
        assert box.x0 >= 0
        assert box.x1 <= figure.bbox.x1


def test_every_panel_tells_flows_apart_without_colour():
    """Also those with the look of their place, such as principal+3, and where all lines coincide."""
    names = ["gradient", "igr", 3, "principal", "principal+3", "principal2", "map", "two-step"]
    report = mq.compare(mq.GradientDescent(), mq.losses.rosenbrock(), [0.6, 0.5], h=1e-3, steps=30, flows=names)
    for ax in report.plot().axes:
        lines = [line for line in ax.lines if line.get_label()[0] != "_" and line.get_label() != "gradient descent"]
        assert len({(line.get_marker(), str(line._unscaled_dash_pattern)) for line in lines}) == len(names)
        assert len({line.get_marker() for line in lines}) == len({str(line._unscaled_dash_pattern) for line in lines}) == len(names)
