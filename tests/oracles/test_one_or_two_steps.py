"""Away from the edge of stability the verdict on two steps as one map recommends the flow of one step: against the iterates."""

import numpy as np
import pytest

import modeq as mq

GD = mq.GradientDescent()
BOWL = mq.Loss.from_sympy("log(cosh(x)) + 0.15*y**2*(1 + x**2/2) + x**3/15 + x*y/10", ["x", "y"], name="bowl")
QUARTIC = mq.Loss.from_sympy("x**4/4 + x**2/2", ["x"], name="quartic")
CATALOGUE = ("rosenbrock", "himmelblau", "beale", "banana", "cosine", "double_well", "styblinski_tang", "deep_chain")
LOSSES = [*((getattr(mq.losses, name)(), None) for name in CATALOGUE), (BOWL, (0.6, -0.8)), (QUARTIC, (0.6,))]


def largest_product(E, start, h, steps):
    path = mq.iterate(GD, E, start, h=h, steps=steps)
    return h * max(np.abs(np.linalg.eigvalsh(E.hessian(point))).max() for point in path.theta) if path.completed else np.inf


def step_size(E, start, product, steps):
    """The step size for which the largest hλ along the run is `product`, to a few percent."""
    h = product / np.abs(np.linalg.eigvalsh(E.hessian(start))).max()
    for _ in range(8):
        h *= max(0.5, product / largest_product(E, start, h, steps))
    return h


@pytest.mark.parametrize("product", [0.3, 0.75])
@pytest.mark.parametrize(("E", "start"), LOSSES, ids=lambda value: getattr(value, "name", ""))
def test_one_step_is_recommended_where_it_is_closer(E, start, product):
    start = np.array(E.start if start is None else start)
    h = step_size(E, start, product, 20)
    report = mq.compare(GD, E, start, h=h, steps=20, flows=["principal", "two-step"])
    assert report.verdicts["two-step"].endswith("away from the edge 'principal' is closer")
    assert np.nanmax(report.errors["principal"][::2]) < np.nanmax(report.errors["two-step"])


@pytest.mark.parametrize(("E", "start"), [LOSSES[0], LOSSES[1], LOSSES[8]], ids=lambda value: getattr(value, "name", ""))
def test_so_is_its_degree_two(E, start):
    start = np.array(E.start if start is None else start)
    report = mq.compare(GD, E, start, h=step_size(E, start, 0.6, 20), steps=20, flows=["principal2", "two-step2"])
    assert report.verdicts["two-step2"].endswith("away from the edge 'principal2' is closer")
    assert np.nanmax(report.errors["principal2"][::2]) < np.nanmax(report.errors["two-step2"])


def test_at_the_edge_it_is_not():
    report = mq.compare(GD, mq.losses.rosenbrock(), [0.9, 0.7], h=2.2e-3, steps=30, flows=["principal", "two-step"])
    assert "closer" not in report.verdicts["two-step"]
    assert np.nanmax(report.errors["two-step"]) < np.nanmax(report.errors["principal"][::2])


def test_nor_where_both_are_exact():
    report = mq.compare(GD, mq.losses.booth(), [0.0, 0.0], h=0.02, steps=10, flows=["two-step", "two-step2"])
    assert all(verdict.endswith("rounding") for verdict in report.verdicts.values())
