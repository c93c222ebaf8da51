"""One-step errors on networks fall like h^(p+1)."""

import numpy as np
import pytest

import modeq as mq

RNG = np.random.default_rng(3)
X = RNG.normal(size=(6, 2))

NETWORKS = {
    "tanh": lambda: mq.losses.mlp((2, 3, 1), "tanh", "mean-squared", X, RNG.normal(size=6)),
    "softplus": lambda: mq.losses.mlp((2, 3, 3), "softplus", "softmax", X, np.array([0, 1, 2, 0, 1, 2])),
    "residual": lambda: mq.losses.residual(3, 1, "gelu", "logistic", X, np.array([0, 1, 1, 0, 1, 0])),
}


@pytest.fixture(scope="module", params=NETWORKS)
def network(request):
    E = NETWORKS[request.param]()
    return E, 1.2 * np.random.default_rng(4).normal(size=E.dimension)


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_the_slope_is_one_more_than_the_order(network, order):
    E, theta = network
    scale = 1 / np.abs(E.spectrum(theta)).max()
    flow = mq.modified_equation(mq.GradientDescent(), order=order).on(E)
    estimate = mq.order_of_accuracy(mq.GradientDescent(), flow, theta, scale * np.array([0.04, 0.02, 0.01]))
    assert estimate.slope == pytest.approx(order + 1, abs=0.1)


def test_momentum_keeps_the_order_from_the_smooth_start(network):
    E, theta = network
    method = mq.HeavyBall(0.5)
    scale = 1 / np.abs(E.spectrum(theta)).max()
    flow = mq.modified_equation(method, order=2).on(E)
    estimate = mq.order_of_accuracy(method, flow, theta, scale * np.array([0.02, 0.01, 0.005]))
    assert estimate.slope == pytest.approx(3, abs=0.1)
