"""Bounds on the distance of gradient descent from the gradient flow against measured distances: none is ever violated."""

import numpy as np
import pytest

import modeq as mq
from modeq.analysis import tube_constants

GD = mq.GradientDescent()
LOSSES = {
    "indefinite quadratic": mq.losses.quadratic([[3, 0.5], [0.5, -0.4]]),
    "double well": mq.losses.double_well(),
    "chain": mq.losses.deep_chain(3),
    "Rosenbrock": mq.losses.rosenbrock(),
    "Himmelblau": mq.losses.himmelblau(),
}


@pytest.mark.parametrize("name", LOSSES)
def test_no_bound_is_violated_from_random_starts(name):
    loss, random = LOSSES[name], np.random.default_rng(len(name))
    flow = mq.gradient_flow().on(loss)
    for _ in range(4):
        start = 0.8 * random.standard_normal(loss.dimension)
        h = random.uniform(0.005, 0.2) / np.abs(loss.spectrum(start)).max()
        run, path = mq.iterate(GD, loss, start, h=h, steps=25), mq.integrate(flow, start, h=h, steps=25)
        found = mq.deviation_bound(run, path)
        slack = found.errors * (1 - 1e-6) - 1e-9
        assert (found.bounds >= slack).all()
        assert (mq.deviation_bound(run).bounds >= slack).all()
        assert tube_constants(path, every=5).bound(h) >= slack.max()


@pytest.mark.parametrize(("h", "error"), [(0.1, 4.70e-2), (0.05, 2.36e-2)])
def test_the_bound_on_the_chain_is_close(h, error):
    """From (.30, .25, .20) until T = 20, where bounds from constants alone are off by factors of hundreds."""
    loss, steps = mq.losses.deep_chain(3), round(20 / h)
    run = mq.iterate(GD, loss, [0.3, 0.25, 0.2], h=h, steps=steps)
    flow = mq.integrate(mq.gradient_flow().on(loss), [0.3, 0.25, 0.2], h=h, steps=steps)
    found = mq.deviation_bound(run, flow)
    assert found.errors.max() == pytest.approx(error, rel=5e-3)
    assert 1 <= found.ratio <= 1.6
