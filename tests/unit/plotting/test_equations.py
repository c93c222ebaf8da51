"""Pictures of trees, graphs and differences of flows."""

import numpy as np
import pytest

import modeq as mq
from modeq import plotting

patches = pytest.importorskip("matplotlib.patches")
quiver = pytest.importorskip("matplotlib.quiver")

GD = mq.GradientDescent()
E = mq.losses.quadratic([[2.0, 0.0], [0.0, 1.0]])
WINDOW = ((-1.0, 1.0), (-1.0, 1.0))


def coefficients(ax):
    return [text.get_text() for text in ax.texts if text.get_gid() == "coefficient"]


def nodes(ax):
    return [entry for entry in ax.lines if entry.get_marker() == "o"]


@pytest.mark.parametrize("order", [1, 3, 5])
def test_every_tree_is_drawn_with_all_its_nodes(order):
    equation = mq.modified_equation(GD, order)
    ax = plotting.plot_trees(equation)
    assert len(coefficients(ax)) == len(equation.terms())
    assert len(nodes(ax)) == sum(tree.order for tree, _, _ in equation.terms())


def test_coefficients_are_divided_by_the_symmetry():
    """Hairer, Lubich, Wanner, IX.1: f − h/2 f′f + h²(1/3 f′f′f + 1/12 f″(f,f)) for the explicit Euler method."""
    shown = coefficients(plotting.plot_trees(mq.modified_equation(GD, 3)))
    assert shown == ["$1$", r"$-\frac{1}{2}$", r"$\frac{1}{3}$", r"$\frac{1}{12}$"]


def test_trees_with_coefficient_zero_are_grey():
    ax = plotting.plot_trees(mq.modified_equation(GD, 4))
    grey = [text.get_color() for text in ax.texts if text.get_text() == "$0$"]
    black = [text.get_color() for text in ax.texts if text.get_text() == "$1$"]
    assert grey == ["0.65"]
    assert black == ["#000000"]


@pytest.mark.parametrize("equation", [mq.modified_equation(mq.HeavyBall("beta"), 4), mq.modified_equation(GD, 6)], ids=["beta", "many"])
def test_coefficients_do_not_overlap(equation):
    figure = equation.plot()
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_nodes_are_filled_by_their_field():
    method = mq.GeneralLinearMethod(A=[[0, 0], [1, 0]], U=[[1], [1]], B=[[1, 1]], V=[[1]], output=[1], colours=[0, 1])
    fills = {entry.get_markerfacecolor() for entry in nodes(plotting.plot_trees(mq.modified_equation(method, 2)))}
    assert fills == {"#000000", "#FFFFFF"}


def test_too_many_trees_are_refused():
    with pytest.raises(ValueError, match="too many for one picture"):
        plotting.plot_trees(mq.modified_equation(GD, 8))


def test_only_equations_have_trees():
    with pytest.raises(TypeError, match="modified or modifying equation"):
        plotting.plot_trees(mq.principal_flow(GD))


@pytest.mark.parametrize("equation", [mq.modified_equation(GD, 3), mq.modifying_equation(GD, 3), mq.principal_flow(GD)])
def test_equations_draw_themselves(equation, tmp_path):
    figure = equation.plot(tmp_path / "out.png")
    assert "gradient descent" in figure.get_suptitle()
    assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG")


def test_the_graph_has_a_text_for_each_node_and_an_arrow_for_each_edge():
    loss = mq.losses.rosenbrock()
    network = loss.graph.to_networkx([loss.node])
    ax = plotting.plot_graph(loss)
    assert len(ax.texts) == len(network)
    assert sum(isinstance(patch, patches.FancyArrowPatch) for patch in ax.patches) == network.number_of_edges()


def test_nodes_of_a_graph_do_not_overlap():
    ax = plotting.plot_graph(mq.modified_equation(GD, 2).on(mq.losses.double_well()))
    ax.figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in ax.texts]
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_inputs_have_their_names():
    loss = mq.Loss.from_sympy("a*x_1**2 + theta", ["x_1", "theta"], {"a": 2})
    assert {"$x_{1}$", "$θ$", "$a$"} <= {text.get_text() for text in plotting.plot_graph(loss).texts}


def test_what_is_subtracted_is_dashed():
    ax = plotting.plot_graph(mq.Loss.from_sympy("exp(x) - y**3*x", ["x", "y"]))
    assert sum(patch.get_linestyle() not in ("-", "solid") for patch in ax.patches) == 1


@pytest.mark.parametrize(
    "source",
    [
        mq.VectorField.game(["x*y", "-x*y"], [["x"], ["y"]]),
        mq.modified_equation(GD, 2).on(mq.losses.double_well()),
        mq.Loss.from_numpy(lambda p, X: np.sum(np.tanh(X @ p["w"])), {"w": (2,)}, {"X": np.eye(2)}),
    ],
    ids=["field", "flow", "arrays"],
)
def test_fields_flows_and_losses_on_arrays_have_graphs(source):
    assert plotting.plot_graph(source).texts


def test_what_has_no_graph_is_refused():
    with pytest.raises(TypeError, match="a loss, a vector field or a flow"):
        plotting.plot_graph(3)
    with pytest.raises(ValueError, match="no useful formula"):
        plotting.plot_graph(mq.principal_flow(GD).on(E))


def test_too_large_graphs_are_refused():
    with pytest.raises(ValueError, match="too many for one picture"):
        plotting.plot_graph(mq.modified_equation(GD, 5).on(mq.losses.himmelblau()))


def test_the_difference_of_igr_and_gradient_flow_points_along_minus_half_h_hessian_gradient():
    first, second = mq.modified_equation(GD, 2).on(E), mq.gradient_flow().on(E)
    ax = plotting.plot_field_difference(first, second, 0.1, window=WINDOW)
    (arrows,) = [entry for entry in ax.collections if isinstance(entry, quiver.Quiver)]
    x, y = arrows.XY.T
    expected = np.stack([-4 * x, -y])  # −h/2 H∇E with H = diag(2, 1)
    np.testing.assert_allclose(np.stack([arrows.U, arrows.V]), expected / np.hypot(*expected), atol=1e-9)


def test_equal_flows_have_no_difference(tmp_path):
    flow = mq.gradient_flow().on(E)
    ax = plotting.plot_field_difference(flow, flow, 0.1, window=WINDOW)
    ax.figure.savefig(tmp_path / "out.png")
    assert len(ax.figure.axes) == 1  # no colour bar


def test_the_region_of_interest_is_the_window():
    loss = mq.losses.rosenbrock()
    ax = plotting.plot_field_difference(mq.principal_flow(GD).on(loss), mq.gradient_flow().on(loss), 1e-3)
    assert (ax.get_xlim(), ax.get_ylim()) == loss.box


def test_flows_that_do_not_fit_are_refused():
    igr = mq.modified_equation(GD, 2)
    flow = igr.on(E)
    with pytest.raises(TypeError, match="expected a flow"):
        plotting.plot_field_difference(flow, igr, 0.1)
    with pytest.raises(ValueError, match="in the plane"):
        plotting.plot_field_difference(igr.on(mq.losses.double_well()), flow, 0.1)
    with pytest.raises(ValueError, match="bound to one field"):
        plotting.plot_field_difference(flow, igr.on(mq.losses.rosenbrock()), 0.1)
    with pytest.raises(ValueError, match="window must be"):
        plotting.plot_field_difference(flow, flow, 0.1, window=((1, 0), (0, 1)))
