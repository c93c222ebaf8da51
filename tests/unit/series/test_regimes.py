"""Regimes of hλ: intervals where the principal root is real and largest, one of a pair, overtaken, or beside a root above 1."""

import math
from itertools import pairwise

import numpy as np
import pytest
import sympy

import modeq as mq
from modeq.series import characteristic_roots, regimes
from modeq.series.regimes import MEANINGS

AB2 = mq.GeneralLinearMethod(A=[[0]], U=[[1, 0]], B=[["3/2"], [1]], V=[[1, "-1/2"], [0, 0]], output=[1, 0], name="Adams-Bashforth 2")
AB3 = mq.GeneralLinearMethod(
    A=[[0]],
    U=[[1, 0, 0]],
    B=[["23/12"], [1], [0]],
    V=[[1, "-4/3", "5/12"], [0, 0, 0], [0, 1, 0]],
    output=[1, 0, 0],
    name="Adams-Bashforth 3",
)
RK4 = mq.RungeKutta([[0, 0, 0, 0], ["1/2", 0, 0, 0], [0, "1/2", 0, 0], [0, 0, 1, 0]], ["1/6", "1/3", "1/3", "1/6"], name="RK4")
AVERAGED = mq.GeneralLinearMethod(  # gradient descent that reports a⁺ = a/2 + x⁺/2: roots 1 − z and ½
    A=[[0]], U=[[1, 0]], B=[[1], ["1/2"]], V=[[1, 0], ["1/2", "1/2"]], output=[0, 1], name="averaged gradient descent"
)
TWO_MOMENTA = mq.compose(mq.HeavyBall("9/10"), mq.HeavyBall("1/2"))
S, O, R, X, U = "smooth", "oscillating", "ringing", "overtaken", "unstable"


def described(method):
    """[(name, upper end)], without the last end, which is ∞."""
    found = regimes(method).intervals
    assert found[0].lower == 0
    assert found[-1].upper == sympy.oo
    assert all(a.upper == b.lower for a, b in pairwise(found))
    return [(regime.name, regime.upper) for regime in found[:-1]] + [(found[-1].name, None)]


def exactly(text):
    return None if text is None else sympy.sympify(text)


@pytest.mark.parametrize(
    ("method", "meant"),
    [
        (mq.GradientDescent(), [(S, "1"), (O, "2"), (U, None)]),
        (mq.ProximalPoint(), [(S, None)]),
        (mq.RungeKutta([["1/2"]], [1], name="implicit midpoint"), [(S, "2"), (O, None)]),
        (mq.Extragradient(), [(S, "1"), (U, None)]),
        (AB2, [(S, "2/3"), (X, "1"), (U, None)]),
        (AVERAGED, [(S, "1/2"), (X, "3/2"), (O, "2"), (U, None)]),
        (mq.HeavyBall("-1/2"), [(S, "1/2"), (X, "1"), (U, None)]),
        (mq.HeavyBall(-1), [(U, None)]),
        (mq.compose(mq.HeavyBall("1/4"), mq.HeavyBall("1/4")), [(S, "1/4"), (R, "9/4"), (S, "5/2"), (U, None)]),
    ],
    ids=lambda value: str(value) if not isinstance(value, list) else "",
)
def test_regimes_of_methods_with_rational_boundaries(method, meant):
    assert described(method) == [(name, exactly(end)) for name, end in meant]


@pytest.mark.parametrize("beta", ["1/100", "1/4", "1/2", "9/10", "99/100"])
def test_heavy_ball_is_smooth_rings_oscillates_and_diverges(beta):
    momentum = sympy.Rational(beta)
    ends = [(1 - sympy.sqrt(momentum)) ** 2, (1 + sympy.sqrt(momentum)) ** 2, 2 * (1 + momentum)]
    found = described(mq.HeavyBall(beta))
    assert [name for name, _ in found] == [S, R, O, U]
    assert [sympy.simplify(end - meant) for (_, end), meant in zip(found, ends, strict=False)] == [0, 0, 0]


@pytest.mark.parametrize("beta", ["1/100", "1/4", "1/2", "9/10", "99/100"])
def test_nesterov_is_smooth_rings_oscillates_and_diverges(beta):
    momentum = sympy.Rational(beta)
    ends = [((1 - momentum) / (1 + momentum)) ** 2, 1, 2 * (1 + momentum) / (1 + 2 * momentum)]
    assert described(mq.Nesterov(beta)) == [*zip([S, R, O], ends, strict=True), (U, None)]


def test_negative_momentum_is_overtaken_beyond_one_plus_beta():
    # Roots of opposite sign: β/R passes −R where their sum 1 + β − z is 0.
    assert described(mq.HeavyBall("-1/3"))[0] == (S, sympy.Rational(2, 3))


def test_a_boundary_that_solves_a_cubic_is_an_algebraic_number():
    (name, end), _ = described(RK4)
    assert name == S
    assert sympy.simplify(sympy.Poly(sympy.Symbol("z") ** 3 / 24 - sympy.Symbol("z") ** 2 / 6 + sympy.Symbol("z") / 2 - 1).eval(end)) == 0


def test_adams_bashforth_three_loses_stability_at_six_elevenths():
    assert described(AB3)[1] == (X, sympy.Rational(6, 11))


def test_where_a_real_root_passes_a_pair_the_boundary_is_found_by_bisection():
    ringing, overtaken = regimes(TWO_MOMENTA).intervals[1:3]
    assert (ringing.name, overtaken.name) == (R, X)
    first, pair, third = sorted(np.abs(characteristic_roots(TWO_MOMENTA)(float(ringing.upper))))
    assert third - first < 1e-9
    assert first <= pair <= third


ALL = [
    mq.GradientDescent(),
    mq.HeavyBall("9/10"),
    mq.HeavyBall("-1/2"),
    mq.HeavyBall(sympy.sqrt(2) / 2),
    mq.Nesterov("9/10"),
    mq.Nesterov("-1/4"),
    AB2,
    AB3,
    AVERAGED,
    TWO_MOMENTA,
    mq.Lookahead(mq.HeavyBall("1/2"), steps=2),
    mq.compose(mq.HeavyBall("1/2"), mq.HeavyBall("1/2")),
]


def followed(method, target, steps=4000):
    """(R, the other eigenvalues of M) at hλ = target: the eigenvalue followed from 1 on a path below the real axis."""
    A, U_, B, V, _ = method.matrices()
    R_ = 1.0 + 0j
    for k in range(1, steps + 1):
        s = (k / steps) ** 2
        z = target * s - 0.5j * abs(target) * s * (1 - s)
        found = np.linalg.eigvals(V - z * B @ np.linalg.solve(np.eye(len(A)) + z * A, U_))
        own = np.abs(found - R_).argmin()
        R_ = found[own]
    return R_, np.delete(found, own)


@pytest.mark.parametrize("method", ALL, ids=str)
@pytest.mark.parametrize("z", [1e-3, 0.0913, 0.47, 0.81, 1.17, 2.3, 2.7, 3.4])
def test_regimes_agree_with_eigenvalues_followed_in_small_steps(method, z):
    root, others = followed(method, z)
    largest = max(abs(root), np.abs(others).max(initial=0.0))
    name = regimes(method).at(z).name
    assert (name == U) == (largest > 1)
    if name != U:
        assert (name == X) == (largest > abs(root) * (1 + 1e-9))
        assert (name in (S, O)) == (abs(root.imag) < 1e-9 and name != X)
        assert name in (X, R) or (root.real > 0) == (name == S)


def run_from_rest(method, z, steps):
    A, U_, B, V, c = method.matrices()
    M = V - z * B @ np.linalg.solve(np.eye(len(A)) + z * A, U_)
    state = np.array([float(entry) for entry in method.invariants[0]])
    x = []
    for _ in range(steps):
        x.append(c @ state)
        state = M @ state
    return np.array(x)


@pytest.mark.parametrize(
    ("method", "z"),
    [(mq.HeavyBall("9/10"), 0.002), (mq.Nesterov("9/10"), 0.002), (mq.HeavyBall("9/10"), 3.799), (mq.HeavyBall("-1/2"), 0.3), (AB3, 0.3)],
    ids=str,
)
def test_runs_reach_the_flow_at_the_rate_of_the_second_root_over_the_first(method, z):
    assert regimes(method).at(z).name in (S, O)
    roots = characteristic_roots(method)
    values, amplitude = roots(z), roots.amplitudes(z)[0]
    gaps = np.abs(run_from_rest(method, z, 60) / (amplitude * values[0] ** np.arange(60)) - 1)
    slowest = abs(values[1] / values[0])
    assert (gaps[-1] / gaps[-21]) ** (1 / 20) == pytest.approx(slowest, rel=0.02)


@pytest.mark.parametrize(("method", "z"), [(mq.HeavyBall("-1/2"), 0.9), (AB2, 0.8), (AB3, 0.5), (AVERAGED, 0.9)], ids=str)
def test_overtaken_runs_leave_the_flow_for_the_largest_root(method, z):
    assert regimes(method).at(z).name == X
    principal, second = characteristic_roots(method)(z)[:2]
    x = run_from_rest(method, z, 200)
    assert x[-1] / x[-2] == pytest.approx(second.real, rel=1e-6)
    assert abs(principal) < abs(second)


def test_at_finds_the_interval_and_counts_its_upper_end():
    found = regimes(mq.GradientDescent())
    assert [found.at(z).name for z in (0.5, 1, 1.5, 2, 2.0001, 1e9)] == [S, S, O, O, U, U]


@pytest.mark.parametrize("z", [0, -0.1, math.inf, math.nan])
def test_regimes_are_for_positive_curvature(z):
    with pytest.raises(ValueError, match="hλ > 0"):
        regimes(mq.GradientDescent()).at(z)


def test_symbolic_parameters_have_no_order_and_no_regimes():
    with pytest.raises(ValueError, match="free parameter beta"):
        regimes(mq.HeavyBall("beta"))


def test_the_principal_flow_knows_its_regimes_and_prints_them():
    text = str(mq.principal_flow(mq.HeavyBall(0.9)).regimes())
    assert "0.0026334  3.79737    ringing" in text
    assert text.endswith("0.0026334 = 19/10 - 3√10/5\n3.79737 = 3√10/5 + 19/10")
    assert all(len(line) < 100 for line in text.splitlines())


def test_tables_leave_out_boundaries_that_are_no_square_roots():
    assert "CRootOf" not in str(regimes(RK4))


def test_tables_tell_close_boundaries_apart():
    lines = str(regimes(mq.HeavyBall(0.999))).splitlines()
    assert lines[5].split()[:3] == ["3.9979997", "3.998", "oscillating"]


def test_every_regime_has_a_meaning():
    names = {regime.name for method in ALL for regime in regimes(method).intervals}
    assert names == set(MEANINGS)
    assert regimes(RK4).intervals[1].meaning == "runs diverge"
    assert repr(regimes(AB2)) == "<Regimes of Adams-Bashforth 2: smooth, overtaken, unstable>"
