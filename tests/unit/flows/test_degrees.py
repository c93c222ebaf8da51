"""Flows of degrees 2 and 3 as values: titles, bad input, pickling. Nothing is compiled here."""

import pickle

import numpy as np
import pytest

import modeq as mq

GD = mq.GradientDescent()


def network():
    return mq.losses.mlp((2, 3, 1), "tanh", "mean-squared", np.ones((4, 2)), np.ones(4))


@pytest.mark.parametrize(
    ("options", "title"),
    [
        ({"degree": 2}, "principal flow of degree 2"),
        ({"degree": 3}, "principal flow of degree 3"),
        ({"degree": 2, "order": 5}, "principal flow of degree 2 + order 5"),
        ({"degree": 2, "branch": "principal"}, "principal flow of degree 2, principal branch"),
    ],
)
def test_the_title_names_the_degree(options, title):
    assert str(mq.principal_flow(GD, **options).on(mq.losses.rosenbrock())) == title


def test_degree_three_on_arrays_says_which_degrees_there_are():
    with pytest.raises(ValueError, match=r"degree 3 .* the degrees are 1 and 2"):
        mq.principal_flow(GD, degree=3).on(network())


def test_piecewise_losses_have_no_degree_two():
    loss = mq.losses.mlp((2, 3, 1), "relu", "mean-squared", np.ones((4, 2)), np.ones(4))
    with pytest.raises(ValueError, match="piecewise"):
        mq.principal_flow(GD, degree=2).on(loss)


@pytest.mark.parametrize("degree", [2, 3])
def test_methods_need_numbers(degree):
    with pytest.raises(ValueError, match=r"with_parameters\(beta=…\)"):
        mq.principal_flow(mq.HeavyBall("beta"), degree=degree).on(mq.losses.rosenbrock())


@pytest.mark.parametrize("degree", [2, 3])
def test_there_is_no_formula_in_the_coordinates(degree):
    with pytest.raises(ValueError, match="no useful formula"):
        mq.principal_flow(GD, degree=degree).on(mq.losses.rosenbrock()).expressions()


def test_flows_on_networks_survive_pickling():
    flow = mq.principal_flow(GD, degree=2, order=4, hessian="lanczos").on(network())
    copy = pickle.loads(pickle.dumps(flow))
    assert copy.equation == flow.equation
    assert copy.source == flow.source
    assert (copy.parameters(0.3) == flow.parameters(0.3)).all()


def test_one_text_serves_all_step_sizes_points_and_samples():
    other = mq.losses.mlp((5, 4, 1), "tanh", "mean-squared", np.arange(35.0).reshape(7, 5), np.arange(7.0))
    first = mq.losses.mlp((2, 3, 1), "tanh", "mean-squared", np.arange(8.0).reshape(4, 2), np.arange(4.0))
    sources = {mq.principal_flow(GD, degree=2, hessian=h).on(E).source for E in (other, first) for h in ("dense", "lanczos")}
    assert len(sources) == 2
