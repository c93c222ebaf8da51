"""Momentum on quadratics in three dimensions: the principal flow, both roots, and the iterates, at t = nh.

The flow is linear there, so its solution is the exponential of a matrix and nothing is left to an integrator.
"""

import numpy as np
import pytest
import scipy.linalg

import modeq as mq
from modeq.series import characteristic_roots, regimes

FAMILIES = [mq.HeavyBall, mq.Nesterov]
STEPS = 60
SMOOTH = (2e-3, 9e-4, 1e-4)  # hλ for β = 9/10
RINGING = (0.9, 0.3, 4e-3)
MIXED = (0.9, 4e-3, 9e-4)
AXES = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))[0]
START = np.array([0.8, -0.5, 1.1])


def quadratic(eigenvalues):
    H = AXES @ np.diag(eigenvalues) @ AXES.T
    values = {"a": H[0, 0], "b": H[1, 1], "c": H[2, 2], "d": H[0, 1], "e": H[0, 2], "g": H[1, 2]}
    return mq.Loss.from_sympy("(a*x**2 + b*y**2 + c*z**2)/2 + d*x*y + e*x*z + g*y*z", ["x", "y", "z"], values)


def flow_points(method, E, start):
    """θ(nh), n = 0 … STEPS, of the principal flow with h = 1."""
    flow = mq.principal_flow(method).on(E)
    generator = np.array([flow(axis, 1.0) for axis in np.eye(3)]).T
    return np.array([scipy.linalg.expm(n * generator) @ start for n in range(STEPS + 1)])


def iterates(method, E, start, point=START):
    path = mq.iterate(method, E, point, h=1.0, steps=STEPS, start=start)
    assert path.completed
    return path.theta


def along_axes(method, spectrum, weights):
    """Σ_i u_i Σ_k weights(i)_k R_k(hλ_i)ⁿ u_iᵀ START, n = 0 … STEPS."""
    roots, powers = characteristic_roots(method), np.arange(STEPS + 1)[:, None]
    modes = [(roots(z) ** powers) @ weights(z) for z in spectrum]
    return (np.array(modes).T * (AXES.T @ START)) @ AXES.T


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("spectrum", [SMOOTH, RINGING, MIXED], ids=["smooth", "ringing", "mixed"])
def test_from_the_smooth_start_the_flow_follows_every_iterate_exactly(family, spectrum):
    method, E = family("9/10"), quadratic(spectrum)
    point = START if spectrum is SMOOTH else START.astype(complex)  # which asks for a complex smooth solution
    path, flow = iterates(method, E, "smooth", point), flow_points(method, E, START)
    assert np.abs(path - flow).max() < 1e-12
    assert (np.abs(path.imag).max() > 0.1) == (spectrum is not SMOOTH)


@pytest.mark.parametrize("family", FAMILIES)
def test_beyond_the_smooth_regime_a_real_smooth_start_is_refused_with_the_bound(family):
    bound = min(float(point) for point in characteristic_roots(family("9/10")).branch_points)  # (1 − √β)², ((1 − β)/(1 + β))²
    with pytest.raises(ValueError, match=f"beyond hλ = {bound:.4g} its roots are complex; take start='rest' and the flow 'map'"):
        iterates(family("9/10"), quadratic(RINGING), "smooth")


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("spectrum", [SMOOTH, RINGING, MIXED], ids=["smooth", "ringing", "mixed"])
def test_from_rest_the_iterates_are_the_sum_over_both_roots(family, spectrum):
    method = family("9/10")
    path = iterates(method, quadratic(spectrum), "rest")
    both = along_axes(method, spectrum, characteristic_roots(method).amplitudes)
    assert np.abs(both - path).max() < 1e-12


@pytest.mark.parametrize("family", FAMILIES)
def test_where_it_rings_the_iterates_are_the_real_part_of_the_flow_from_twice_the_amplitude(family):
    method, E = family("9/10"), quadratic(RINGING)
    assert {regimes(method).at(z).name for z in RINGING} == {"ringing"}
    doubled = np.array([2 * characteristic_roots(method).amplitudes(z)[0] for z in RINGING])
    start = AXES @ (doubled * (AXES.T @ START))
    path = iterates(method, E, "rest")
    assert np.abs(flow_points(method, E, start).real - path).max() < 1e-12
    assert np.abs(flow_points(method, E, START).real - path).max() > 0.1  # from START itself it is another solution


@pytest.mark.parametrize("family", FAMILIES)
def test_where_it_is_smooth_the_iterates_from_rest_reach_the_flow_from_the_shifted_start(family):
    method, E = family("9/10"), quadratic(SMOOTH)
    assert {regimes(method).at(z).name for z in SMOOTH} == {"smooth"}
    roots = characteristic_roots(method)
    shifted = AXES @ (np.array([roots.amplitudes(z)[0].real for z in SMOOTH]) * (AXES.T @ START))
    gaps = np.linalg.norm(iterates(method, E, "rest") - flow_points(method, E, shifted), axis=1)
    parasitic = max(roots(z)[1].real for z in SMOOTH)  # the transient is Σ a₂R₂ⁿ: it shrinks as its slowest root at least
    assert gaps[-1] < gaps[0] * parasitic**STEPS * 1.01
    assert np.linalg.norm(iterates(method, E, "rest")[-1] - flow_points(method, E, START)[-1]) > 10 * gaps[-1]
