"""The smooth start puts a method with memory on its slow manifold."""

import numpy as np
import pytest

import modeq as mq

E = mq.losses.rosenbrock()


@pytest.mark.parametrize(
    "method", [mq.HeavyBall("1/2"), mq.Nesterov("1/2"), mq.Lookahead(mq.HeavyBall("1/2"), steps=2)], ids=lambda m: m.name
)
def test_the_later_part_of_a_run_from_rest_is_a_run_from_its_smooth_start(method):
    """After the transient of rate β = ½ has died out, starting smoothly over a point continues the run through it."""
    h = 5e-5
    long = mq.iterate(method, E, [0.6, 0.5], h=h, steps=70).theta
    smooth = mq.iterate(method, E, long[60], h=h, steps=10, start="smooth").theta
    rest = mq.iterate(method, E, long[60], h=h, steps=10).theta
    assert np.abs(smooth - long[60:]).max() < 1e-9
    assert np.abs(rest - long[60:]).max() > 1e-6


def test_the_smooth_start_is_exact_on_quadratics():
    """x_n = R(z)ⁿ x₀ for the principal root R of ρ² − (1 + β + z)ρ + β, z = −hλ."""
    beta, h, x0 = 0.5, 0.1, 2.0
    for curvature in (0.3, 1.0, -1.0, 100.0):
        z = -h * curvature
        total = 1 + beta + z
        root = (total + np.sqrt(complex(total**2 - 4 * beta))) / 2 if total > 0 else (total - np.sqrt(total**2 - 4 * beta)) / 2
        path = mq.iterate(mq.HeavyBall("1/2"), mq.losses.quadratic([[curvature]]), [x0 + 0j], h=h, steps=20, start="smooth").theta.ravel()
        ratios = path[1:] / path[:-1]
        np.testing.assert_allclose(ratios, ratios[0], rtol=1e-9)
        assert min(abs(ratios[0] - r) for r in np.roots([1, -total, beta])) < 1e-10
        if abs(z) < 0.05:  # far from the branch point it is the root near 1
            assert abs(ratios[0] - root) < 1e-10


def test_methods_without_memory_start_at_the_point():
    smooth = mq.iterate(mq.GradientDescent(), E, [0.6, 0.5], h=1e-3, steps=5, start="smooth").theta
    rest = mq.iterate(mq.GradientDescent(), E, [0.6, 0.5], h=1e-3, steps=5).theta
    np.testing.assert_array_equal(smooth, rest)


def test_the_output_of_the_smooth_start_is_the_point():
    path = mq.iterate(mq.Nesterov("1/2"), E, [0.6, 0.5], h=1e-4, steps=1, start="smooth")
    np.testing.assert_array_equal(path.theta[0], [0.6, 0.5])


def test_a_series_that_does_not_converge_is_refused():
    """Beyond 300 coordinates the series alone is the start; its terms grow like (hλ/0.0026)ʲ here."""
    chain = mq.Loss.from_numpy(lambda p: np.sum(p["x"] ** 2) / 2 + np.sum(p["x"] ** 4) / 4, {"x": 301})
    with pytest.raises(ValueError, match="does not converge at this point and step size; take start='rest'"):
        mq.iterate(mq.HeavyBall(0.9), chain, np.ones(301), h=0.05, steps=1, start="smooth")


def test_momentum_with_two_fields_has_a_smooth_start():
    """Two players with heavy ball who take turns: a run from rest, once slow, is the run from its smooth start."""
    game = mq.VectorField.game(["x**2/2 + x*y", "-x*y + y**4/4"], [["x"], ["y"]])
    turns = mq.compose(mq.HeavyBall("1/4").on_field(0), mq.HeavyBall("1/4").on_field(1))
    long = mq.iterate(turns, game, [0.6, 0.5], h=5e-3, steps=40).theta
    smooth = mq.iterate(turns, game, long[30], h=5e-3, steps=10, start="smooth").theta
    assert np.abs(smooth - long[30:]).max() < 1e-10


@pytest.mark.parametrize("exprs", [["v", "1"], ["v - x", "1 - v"], ["v", "0"]], ids=["force", "damped", "free"])
def test_a_defective_jacobian_has_a_smooth_start(exprs):
    """The double integrator and its damped form: f′ is a Jordan block, which has no eigenbasis."""
    field = mq.VectorField.from_sympy(exprs, ["x", "v"])
    long = mq.iterate(mq.HeavyBall("1/2"), field, [1.0, 0.5], h=0.01, steps=60).theta
    smooth = mq.iterate(mq.HeavyBall("1/2"), field, long[50], h=0.01, steps=10, start="smooth").theta
    assert np.abs(smooth - long[50:]).max() < 1e-10


def test_the_smooth_start_of_a_game_with_rotation_is_real():
    """f′ has the eigenvalues ±i; far below the branch points the slow manifold over a real point is real."""
    game = mq.VectorField.game(["x*y", "-x*y"], [["x"], ["y"]])
    path = mq.iterate(mq.HeavyBall("1/2"), game, [1.0, 0.0], h=0.05, steps=3, start="smooth").theta
    assert np.isrealobj(path)
