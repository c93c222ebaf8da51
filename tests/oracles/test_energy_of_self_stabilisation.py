"""The toy of Berthier at the edge of stability, arXiv 2609.01034, eq. 4.1: its nearly conserved energy over 40,000 steps.

On f = ½(y + ζx)x² − ε(x + y) with u = ε^(−½)(y − 2/η) and a = ε^(−½)|x| the energy u²/2 + a²/4 − ½ log a² of the cycles of gradient
descent drifts at the rate η²(2 − 9ζ²)⟨u²⟩ in the time εk of step k.
"""

import numpy as np
import pytest

import modeq as mq

ETA, EPS, STEPS, WINDOW = 0.3, 1e-4, 40_000, 2000


START = [2 * np.sqrt(EPS), 2 / ETA + 0.3 * np.sqrt(EPS)]


def toy(zeta):
    return mq.Loss.from_sympy("(y + zeta*x)*x**2/2 - epsilon*(x + y)", ["x", "y"], {"zeta": zeta, "epsilon": EPS})


def cycles(zeta):
    """u and a of all iterates."""
    x, y = mq.iterate(mq.GradientDescent(), toy(zeta), START, h=ETA, steps=STEPS).theta.T
    return (y - 2 / ETA) / np.sqrt(EPS), np.abs(x) / np.sqrt(EPS)


def windows(values):
    return values[:STEPS].reshape(-1, WINDOW).mean(axis=1)


@pytest.mark.parametrize("zeta", [0.0, 0.3, np.sqrt(2) / 3, 0.5])
def test_the_energy_drifts_as_predicted(zeta):
    u, a = cycles(zeta)
    energy = windows(u**2 / 2 + a**2 / 4 - np.log(a**2) / 2)
    change = energy[-1] - energy[0]
    squares = windows(u**2)
    predicted = ETA**2 * (2 - 9 * zeta**2) * EPS * WINDOW * ((squares[1:] + squares[:-1]) / 2).sum()
    if zeta == np.sqrt(2) / 3:
        assert abs(change) < 1e-3
    else:
        assert np.sign(change) == np.sign(2 - 9 * zeta**2)
        assert change == pytest.approx(predicted, rel=0.05)


def test_the_flow_of_two_steps_follows_every_second_iterate():
    """The size of a cycle is how far y goes. All 40,000 steps take DOP853 some 14,000 evaluations and end at 1e-4 of it."""
    report = mq.compare(mq.GradientDescent(), toy(0.3), START, h=ETA, steps=1000, rtol=1e-8, flows=("two-step",))
    size = np.ptp(report.iterates.theta[:, 1])
    assert report.trajectories["two-step"].completed
    assert np.nanmax(report.errors["two-step"]) < 1e-2 * size
