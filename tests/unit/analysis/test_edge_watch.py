"""Long runs at the edge of stability, and their checkpoints."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import modeq as mq

ETA, EPS = 0.3, 1e-4
GD = mq.GradientDescent()
START = [2 * np.sqrt(EPS), 2 / ETA + 0.3 * np.sqrt(EPS)]


def toy(zeta: float) -> mq.Loss:
    return mq.Loss.from_sympy(f"(y + {zeta}*x)*x**2/2 - {EPS}*(x + y)", ["x", "y"])


@pytest.mark.parametrize("zeta", [0.0, 0.5])
def test_on_the_toy_variance_and_energy_are_those_of_its_formulas(zeta: float) -> None:
    """Berthier, arXiv 2609.01034: E = u²/2 + a²/4 − ½ log a², smallest, ½ − ½ log 2, at u = 0 and a² = 2; up to O(√ε)."""
    watch = mq.watch_edge(GD, toy(zeta), START, h=ETA, steps=3001, every=50)
    x, y = mq.iterate(GD, toy(zeta), START, h=ETA, steps=3000).theta[watch.n].T
    u, a = (y - 2 / ETA) / np.sqrt(EPS), np.abs(x) / np.sqrt(EPS)
    np.testing.assert_allclose(watch.variance, x**2, rtol=0.05)
    energy = u**2 / 2 + a**2 / 4 - np.log(a**2) / 2 - (1 - np.log(2)) / 2
    np.testing.assert_allclose(watch.energy, energy, atol=0.05)
    assert (watch.regime == "edge").all()
    assert watch.threshold == 2 / ETA


def test_sharpness_is_that_of_the_whole_hessian() -> None:
    data = mq.data.chebyshev(3, 20)
    E = mq.losses.mlp((1, 20, 1), "tanh", "mean-squared", data.X, data.y)
    theta = mq.losses.xavier(E, 0)
    watch = mq.watch_edge(GD, E, theta, h=0.2, steps=101, every=20)
    path = mq.iterate(GD, E, theta, h=0.2, steps=101).theta
    for n, sharpness in zip(watch.n, watch.sharpness, strict=True):
        centre = (path[n - 1] + 2 * path[n] + path[n + 1]) / 4
        assert sharpness == pytest.approx(np.linalg.eigvalsh(E.hessian(centre))[-1], rel=1e-7)
    np.testing.assert_allclose(watch.theta, path[-1], rtol=1e-12)


class Killed(Exception):
    pass


@pytest.mark.parametrize("method", [GD, mq.HeavyBall(0.5)], ids=str)
def test_a_run_that_is_killed_and_resumed_gives_the_same_bytes(method: mq.Method, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    E, options = toy(0.3), {"h": ETA, "every": 5}
    alone, killed = tmp_path / "alone.npz", tmp_path / "killed.npz"
    mq.watch_edge(method, E, START, steps=501, checkpoint=alone, **options)
    calls = 0

    def dying(loss: mq.Loss, *arguments: object) -> object:
        nonlocal calls
        calls += 1
        if calls == 60:
            raise Killed
        return hvp(loss, *arguments)

    hvp = type(E).hvp
    with monkeypatch.context() as patch:
        patch.setattr(type(E), "hvp", dying)
        with pytest.raises(Killed):
            mq.watch_edge(method, E, START, steps=501, checkpoint=killed, **options)
    with np.load(killed) as kept:
        assert 0 < kept["n"] < 501
    mq.watch_edge(method, E, START, steps=501, checkpoint=killed, **options)
    assert killed.read_bytes() == alone.read_bytes()


def test_a_checkpoint_of_another_run_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "run.npz"
    mq.watch_edge(GD, toy(0.3), START, h=ETA, steps=20, every=5, checkpoint=file)
    with pytest.raises(ValueError, match="another run"):
        mq.watch_edge(GD, toy(0.3), START, h=0.2, steps=20, every=5, checkpoint=file)
    with pytest.raises(ValueError, match="another run"):
        mq.watch_edge(GD, toy(0.4), START, h=ETA, steps=20, every=5, checkpoint=file)
    with pytest.raises(ValueError, match="20 steps already"):
        mq.watch_edge(GD, toy(0.3), START, h=ETA, steps=10, every=5, checkpoint=file)
    file.write_bytes(b"no archive")
    with pytest.raises(ValueError, match="no checkpoint"):
        mq.watch_edge(GD, toy(0.3), START, h=ETA, steps=20, every=5, checkpoint=file)


def test_a_run_that_diverges_ends_with_what_it_saw() -> None:
    watch = mq.watch_edge(GD, mq.Loss.from_sympy("x**4/4 + 5*x**2", ["x"]), [1.0], h=0.5, steps=100, every=2)
    assert watch.regime[0] == "beyond"
    assert watch.n[-1] < 99


def test_adaptive_methods_are_judged_by_the_eigenvalues_of_their_steps() -> None:
    method, E = mq.Adam(0.9, 0.999, 1.0, bias_correction=False), mq.losses.quadratic([[39]])
    watch = mq.watch_edge(method, E, [1e-9], h=1.0, steps=5, every=2)
    eigenvalues = mq.step_eigenvalues(method, mq.iterate(method, E, [1e-9], h=1.0, steps=6))
    np.testing.assert_allclose(watch.sharpness, eigenvalues.largest[watch.n + 1], rtol=1e-6)
    assert (watch.sharpness > watch.threshold).all()
    assert np.isnan(watch.energy).all()


def test_bad_input_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="every is a number"):
        mq.watch_edge(GD, toy(0.3), START, h=ETA, steps=5, every=1)
    with pytest.raises(ValueError, match="explicit methods"):
        mq.watch_edge(mq.ProximalPoint(), toy(0.3), START, h=ETA, steps=5)
