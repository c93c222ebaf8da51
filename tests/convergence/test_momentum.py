"""With memory, a step along the smooth solution differs from the order-p flow by O(h^(p+1))."""

import pytest

import modeq as mq

from .measurement import TOLERANCE, one_step_slope

CASES = {
    "rosenbrock": (mq.losses.rosenbrock(), (-0.8, 1.2)),
    "double well": (mq.losses.double_well(), (1.4,)),
}


def momentum_scale(beta):
    """Successive coefficients of heavy ball grow like (1 − β)⁻², so the step sizes shrink by as much."""
    return (1 - beta) ** 2


@pytest.mark.parametrize("order", range(1, 5))
@pytest.mark.parametrize("loss", CASES)
@pytest.mark.parametrize("family", [mq.HeavyBall, mq.Nesterov], ids=["heavy ball", "Nesterov"])
def test_from_the_smooth_start_the_one_step_error_has_slope_p_plus_1(family, loss, order):
    E, point = CASES[loss]
    beta = 0.5
    method = family(beta)
    flow = mq.modified_equation(method, order).on(E)
    slope = one_step_slope(method, flow, point, order, scale=momentum_scale(beta))
    assert slope == pytest.approx(order + 1, abs=TOLERANCE)


@pytest.mark.parametrize("order", [1, 3])
def test_strong_momentum_keeps_the_order(order):
    E, point = CASES["rosenbrock"]
    beta = 0.9
    method = mq.HeavyBall(beta)
    slope = one_step_slope(method, mq.modified_equation(method, order).on(E), point, order, scale=momentum_scale(beta))
    assert slope == pytest.approx(order + 1, abs=TOLERANCE)


def test_the_principal_flow_of_heavy_ball_completed_to_order_3_has_slope_4():
    E, point = CASES["double well"]
    method = mq.HeavyBall(0.5)
    slope = one_step_slope(method, mq.principal_flow(method, order=3).on(E), point, 3, scale=momentum_scale(0.5))
    assert slope == pytest.approx(4, abs=TOLERANCE)
