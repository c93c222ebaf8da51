"""One-step errors of modified equations of smooth updates along their slow solution: slope p + 1."""

import numpy as np
import pytest

import modeq as mq

E = mq.Loss.from_sympy("exp(0.3*a) + a**2*b**2/4 + (a - b)**2/2 + sqrt(1 + b**2)", ["a", "b"])
POINT = np.array([1.2, -0.9])
METHODS = {
    "Adam": mq.Adam(0.6, 0.7, 0.1, bias_correction=False),
    "Adam, epsilon inside": mq.Adam(0.6, 0.7, 0.1, bias_correction=False, eps_inside=True),
    "AdamW": mq.AdamW(0.5, 0.6, 0.1, weight_decay=0.3, bias_correction=False),
    "NAdam": mq.NAdam(0.5, 0.6, 0.1, bias_correction=False),
    "RMSProp": mq.RMSProp(0.7, 0.1),
    "RMSProp, momentum": mq.RMSProp(0.5, 0.3, momentum=0.4, eps_inside=True),
    "Lion": mq.Lion(0.5, 0.6, smoothing=0.2),
    "normalised": mq.NormalizedGD(0.1),
    "clipped": mq.Clipped(1.0),
    "SAM": mq.SAM(0.2, eps=0.01),
}


def errors(method, order, steps):
    """Distance between one step of the method from its slow solution and the time-h flow, for each step size."""
    from scipy.integrate import solve_ivp

    flow, found = mq.modified_equation(method, order=order).on(E), []
    for h in steps:
        after = mq.iterate(method, E, POINT, h=h, steps=1, start="smooth").theta[-1]
        end = solve_ivp(flow.rhs(h), (0, h), POINT, method="DOP853", rtol=1e-13, atol=1e-15).y[:, -1]
        found.append(np.linalg.norm(after - end))
    return np.array(found)


@pytest.mark.parametrize("order", [1, 2, 3, 4])
@pytest.mark.parametrize("name", METHODS)
def test_one_step_errors_have_slope_p_plus_one(name, order):
    steps = np.array([0.002, 0.004]) if order < 3 else np.array([0.006, 0.009])
    size = errors(METHODS[name], order, steps)
    slope = np.diff(np.log(size))[0] / np.diff(np.log(steps))[0]
    assert abs(slope - order - 1) < 0.15
