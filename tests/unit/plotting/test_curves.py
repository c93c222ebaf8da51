"""Pictures of orders, symbols, complex planes and regimes: what the lines are, and how flows look."""

import itertools

import numpy as np
import pytest

import modeq as mq
from modeq import plotting
from modeq.plotting.colours import flow_styles

figure_module = pytest.importorskip("matplotlib.figure")

GD = mq.GradientDescent()
WELL = mq.losses.double_well()
QUADRATIC = mq.losses.quadratic([[1.5, 0.0], [0.0, 0.5]])


def axes():
    return figure_module.Figure().subplots()


def line(ax, label):
    (found,) = [candidate for candidate in ax.lines if candidate.get_label() == label]
    return found


@pytest.fixture(scope="module")
def report():
    return mq.compare(GD, QUADRATIC, [1.0, 2.0], h=1.0, steps=4, flows=["gradient", "igr", "principal"])


@pytest.fixture(scope="module")
def estimates():
    flows = {"gradient": mq.gradient_flow(), "igr": mq.modified_equation(GD, 2)}
    return {name: mq.order_of_accuracy(GD, flow.on(WELL), [1.4], [1e-7, 0.005, 0.01, 0.02]) for name, flow in flows.items()}


@pytest.fixture(scope="module")
def pictures(report, estimates):
    """(function, arguments) of every picture in one pair of axes."""
    igr = mq.modified_equation(GD, 2).on(QUADRATIC)
    return [
        (plotting.plot_trajectories, (report,)),
        (plotting.plot_error, (report,)),
        (plotting.plot_loss, (report,)),
        (plotting.plot_complex_plane, (report,)),
        (plotting.plot_order, (estimates,)),
        (plotting.plot_symbol, (mq.principal_flow(GD),)),
        (plotting.plot_regimes, (GD, report.iterates)),
        (plotting.plot_field_difference, (igr, mq.gradient_flow().on(QUADRATIC), 0.1, ((-1, 1), (-1, 1)))),
        (plotting.plot_trees, (mq.modified_equation(GD, 3),)),
        (plotting.plot_graph, (WELL,)),
    ]


def drawn(picture, ax=None):
    function, arguments = picture
    if function is plotting.plot_field_difference:
        return function(*arguments[:3], window=arguments[3], ax=ax)
    return function(*arguments, ax=ax)


def test_the_axes_that_are_given_are_returned_and_get_no_legend(pictures):
    for picture in pictures:
        ax = axes()
        assert drawn(picture, ax) is ax
        assert ax.get_legend() is None
        assert ax.figure.legends == []


def test_without_axes_each_picture_has_a_figure_of_its_own(pictures, tmp_path):
    for picture in pictures:
        ax = drawn(picture)
        assert ax.figure._repr_png_().startswith(b"\x89PNG")
        assert len(ax.figure.legends) == (1 if ax.get_legend_handles_labels()[1] else 0)


def test_something_else_than_axes_is_refused(pictures):
    for picture in pictures:
        with pytest.raises(TypeError, match="ax must be matplotlib axes"):
            drawn(picture, figure_module.Figure())


def test_axes_of_data_are_labelled(pictures):
    for picture in pictures[:8]:
        ax = drawn(picture)
        assert ax.get_xlabel()
        assert ax.get_ylabel()


def test_a_flow_has_one_colour_and_dash_in_every_picture(report, estimates):
    symbols = {"gradient": mq.gradient_flow(), "igr": mq.modified_equation(GD, 2), "principal": mq.principal_flow(GD)}
    shown = [plot(report) for plot in (plotting.plot_trajectories, plotting.plot_error, plotting.plot_loss, plotting.plot_complex_plane)]
    shown += [plotting.plot_symbol(symbols)]
    for label, title in {"igr": "IGR flow", "principal": "principal flow"}.items():
        assert {line(ax, title).get_color() for ax in shown} == {flow_styles([label])[label].colour}
        assert len({line(ax, title).get_linestyle() for ax in shown}) == 1
    fits = [entry for entry in plotting.plot_order(estimates).lines if str(entry.get_label()).startswith("IGR flow")]
    assert fits[0].get_color() == flow_styles(["igr"])["igr"].colour


def test_order_is_drawn_on_logarithmic_axes_with_the_points_of_the_estimates(estimates):
    ax = plotting.plot_order(estimates)
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    shown = {tuple(entry.get_ydata()) for entry in ax.lines}
    assert all(tuple(estimate.errors[estimate.used]) in shown for estimate in estimates.values())


def test_the_lines_of_an_order_picture_have_the_fitted_slopes(estimates):
    ax = plotting.plot_order(estimates)
    fits = [entry for entry in ax.lines if "slope" in str(entry.get_label())]
    measured = [np.diff(np.log(entry.get_ydata()))[0] / np.diff(np.log(entry.get_xdata()))[0] for entry in fits]
    np.testing.assert_allclose(measured, [estimate.slope for estimate in estimates.values()], rtol=1e-12)


def test_points_near_rounding_are_hollow(estimates):
    unused = ~estimates["igr"].used
    assert unused.any()
    hollow = [entry for entry in plotting.plot_order(estimates).lines if entry.get_markerfacecolor() == "none"]
    assert {x for entry in hollow for x in entry.get_xdata()} == {1e-7}


@pytest.mark.parametrize("decades", [0.5, 1.5, 2.5, 4.0])
def test_labels_of_step_sizes_do_not_overlap(decades):
    hs = np.geomspace(0.4 * 10**-decades, 0.4, 6)
    ax = plotting.plot_order(mq.OrderEstimate(2.0, hs, hs**2, hs > 0))
    ax.figure.draw_without_rendering()
    low, high = ax.get_xlim()
    ticks = [*ax.xaxis.get_major_ticks(), *ax.xaxis.get_minor_ticks()]
    shown = sorted(
        (tick.get_loc(), tick.label1.get_window_extent()) for tick in ticks if low <= tick.get_loc() <= high and tick.label1.get_text()
    )
    assert len(shown) > 1
    assert all(left.x1 < right.x0 for (_, left), (_, right) in itertools.pairwise(shown))


@pytest.mark.parametrize("wrong", [{"igr": 3.0}, 3.0, [1.0]])
def test_only_estimates_have_orders(wrong):
    with pytest.raises(TypeError, match="order_of_accuracy"):
        plotting.plot_order(wrong)


def test_no_estimate_is_no_picture():
    with pytest.raises(ValueError, match="at least one"):
        plotting.plot_order({})


def test_the_symbol_of_gradient_descent_is_its_logarithm():
    """Rosca et al. 2023: α(z) = log(1 − z)/z."""
    z = np.array([0.25, 0.5, 1.5, 2.5])
    ax = plotting.plot_symbol(mq.principal_flow(GD), z)
    expected = np.log((1 - z).astype(complex)) / z
    np.testing.assert_allclose(line(ax, "principal flow").get_ydata(), expected.real, rtol=1e-12)
    np.testing.assert_allclose(line(ax, "principal flow, Im").get_ydata(), expected.imag, atol=1e-12)


def test_the_symbol_of_a_truncated_equation_is_the_truncated_series():
    """log(1 − z)/z = −1 − z/2 − z²/3 − …"""
    z = np.linspace(0, 2, 9)
    ax = plotting.plot_symbol(mq.modified_equation(GD, 3), z)
    np.testing.assert_allclose(line(ax, "order 3").get_ydata(), -1 - z / 2 - z**2 / 3, rtol=1e-14)


def test_a_symbolic_method_has_no_curve():
    for flow in (mq.principal_flow(mq.HeavyBall("beta")), mq.modified_equation(mq.HeavyBall("beta"), 2)):
        with pytest.raises(ValueError, match="beta"):
            plotting.plot_symbol(flow)


@pytest.mark.parametrize("wrong", [[1.0], [[1.0, 2.0]], [0.0, np.nan], [0.0, 1j]])
def test_a_curve_needs_real_numbers(wrong):
    with pytest.raises(ValueError, match="hlambda"):
        plotting.plot_symbol(mq.principal_flow(GD), wrong)


def test_only_equations_have_symbols():
    with pytest.raises(TypeError, match="principal flow"):
        plotting.plot_symbol(GD)


def test_iterates_are_points_in_the_complex_plane(report):
    shown = line(plotting.plot_complex_plane(report, 1), "gradient descent")
    np.testing.assert_array_equal(shown.get_xdata(), report.iterates.theta[:, 1])
    assert not shown.get_ydata().any()


def test_the_principal_flow_turns_half_a_circle_in_one_step(report):
    """On λ = 3/2 with h = 1 it is (−1/2)^t, so Im θ > 0 in the first step, and at t = 1/2 θ = i/√2."""
    ax = plotting.plot_complex_plane(report, 0)
    colour = line(ax, "principal flow").get_color()
    path = max((entry for entry in ax.lines if entry.get_color() == colour), key=lambda entry: len(entry.get_xdata()))
    points = path.get_xdata() + 1j * path.get_ydata()
    np.testing.assert_allclose(points[12], 1j / np.sqrt(2), atol=1e-5)


def test_a_coordinate_has_a_number_or_a_name(report):
    name = QUADRATIC.coordinates[1]
    for first, second in zip(plotting.plot_complex_plane(report, 1).lines, plotting.plot_complex_plane(report, name).lines, strict=True):
        np.testing.assert_array_equal(first.get_xdata(), second.get_xdata())


@pytest.mark.parametrize("wrong", [2, -1, "nothing", True, 0.5])
def test_an_unknown_coordinate_is_refused(report, wrong):
    with pytest.raises(ValueError, match="coordinates"):
        plotting.plot_complex_plane(report, wrong)


def test_eigenvalues_are_marked_by_their_regimes():
    """With h = 1 an eigenvalue 5/2 > 2/h diverges, 3/2 > 1/h oscillates, 1/2 is monotone, −1/4 escapes."""
    E = mq.losses.quadratic(np.diag([2.5, 1.5, 0.5, -0.25]).tolist())
    ax = plotting.plot_regimes(GD, mq.iterate(GD, E, [1.0] * 4, h=1.0, steps=2))
    expected = {"divergent": 2.5, "oscillating": 1.5, "monotone": 0.5, "escaping": -0.25, "$2/h$": 2.0, "$1/h$": 1.0}
    for label, value in expected.items():
        np.testing.assert_allclose(line(ax, label).get_ydata(), [value] * 3, rtol=1e-12)


def test_thresholds_are_those_of_the_method():
    """Polyak 1964: heavy ball diverges from hλ = 2(1 + β) on."""
    method = mq.HeavyBall("1/2")
    ax = plotting.plot_regimes(method, mq.iterate(method, QUADRATIC, [1.0, 1.0], h=0.5, steps=2))
    np.testing.assert_allclose(line(ax, "$3/h$").get_ydata(), 6.0)


def test_the_threshold_follows_the_step_sizes():
    path = mq.iterate(GD, QUADRATIC, [1.0, 1.0], h=lambda n: 0.1 * (n + 1), steps=3)
    shown = line(plotting.plot_regimes(GD, path), "$2/h$").get_ydata()
    np.testing.assert_allclose(shown[:3], 2 / path.step_sizes)


def test_a_vector_field_has_no_eigen_regimes():
    game = mq.VectorField.game(["x*y", "-x*y"], [["x"], ["y"]])
    with pytest.raises(ValueError, match="vector field"):
        plotting.plot_regimes(GD, mq.iterate(GD, game, [1.0, 1.0], h=0.1, steps=2))


def test_a_field_has_no_loss_to_draw():
    game = mq.VectorField.game(["x*y", "-x*y"], [["x"], ["y"]])
    with pytest.raises(ValueError, match="no loss"):
        plotting.plot_loss(mq.compare(GD, game, [1.0, 0.5], h=0.1, steps=2, flows=["gradient"]))


def test_three_coordinates_have_no_contours():
    E = mq.losses.quadratic(np.eye(3).tolist())
    with pytest.raises(ValueError, match="two coordinates"):
        plotting.plot_trajectories(mq.compare(GD, E, [1.0] * 3, h=0.1, steps=2, flows=["gradient"]))


def test_only_comparisons_are_compared():
    for plot in (plotting.plot_trajectories, plotting.plot_error, plotting.plot_loss, plotting.plot_complex_plane):
        with pytest.raises(TypeError, match=r"modeq\.compare"):
            plot(3)


def test_the_flow_of_two_steps_is_drawn_at_every_second_step():
    report = mq.compare(GD, WELL, [1.2], h=0.1, steps=6, flows=["two-step"])
    shown = plotting.plot_error(report).lines[0]
    assert shown.get_xdata().tolist() == [0, 2, 4, 6]
    assert np.isfinite(shown.get_ydata()[1:]).all()


@pytest.mark.parametrize(
    ("method", "scale", "first", "last"),
    [
        (GD, "linear", 0, 1.5 * 2),
        (mq.HeavyBall("9/10"), "log", (1 - np.sqrt(0.9)) ** 2 / 10, 1.5 * 3.8),  # smooth up to (1 − √β)², stable up to 2(1 + β)
        (mq.ProximalPoint(), "linear", 0, 3),
    ],
)
def test_a_symbol_is_drawn_over_the_regimes_of_its_method(method, scale, first, last):
    ax = plotting.plot_symbol(mq.principal_flow(method))
    assert ax.get_xscale() == scale
    np.testing.assert_allclose(ax.get_xlim(), (first, last))
