"""The commands on depth and on bounds, in this process."""

import pytest

from modeq.cli import main


@pytest.fixture
def run(capsys):
    def call(*words):
        code = main(list(words))
        out, err = capsys.readouterr()
        return code, out, err

    return call


def test_convergence_prints_slopes(run):
    code, out, err = run("depth", "convergence", "--layers", "8,16,32", "--orders", "1", "--width", "2")
    assert (code, err) == (0, "")
    assert out.splitlines()[0].split() == ["N", "order", "1", "reconstruction", "gradient"]
    slope = next(line for line in out.splitlines() if line.strip().startswith("slope"))
    assert float(slope.split()[1]) == pytest.approx(-1, abs=0.15)


@pytest.mark.parametrize("weights", ["lipschitz", "independent"])
def test_heun_networks_have_their_table(run, weights):
    code, out, _ = run(
        "depth", "convergence", "--method", "heun", "--weights", weights, "--layers", "4,8,16", "--orders", "1", "--width", "2"
    )
    assert code == 0
    assert len(out.splitlines()) == 7


def test_scaling_prints_the_regime(run):
    code, out, _ = run("depth", "scaling", "--beta", "1", "--layers", "4,8", "--width", "4", "--draws", "5")
    assert code == 0
    assert "identity: the layers do nothing" in out


def test_bound_prints_distance_and_bounds(run):
    code, out, err = run("bound", "double-well", "--at", "0.5", "--h", "0.05", "--steps", "20", "--epsilon", "0.1")
    assert (code, err) == (0, "")
    values = [line.rsplit(maxsplit=1)[1] for line in out.splitlines()]
    assert float(values[0]) < float(values[1]) <= 1.6 * float(values[0])
    assert len(values) == 8


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["depth", "convergence", "--layers", "8,many,32"], "integers separated by commas"),
        (["depth", "convergence", "--activation", "tan"], "known: tanh, relu, identity"),
        (["depth", "convergence", "--weights", "iid"], "known: smooth, lipschitz, independent"),
        (["bound", "double-well", "--h", "0.1", "--data", "digits"], "--data"),
        (["bound", "double-well", "--h", "0.1", "--plot", "missing/out.png"], "no folder"),
        (["bound", "rosenbrock", "--h", "5", "--steps", "50"], "take a smaller --h"),
    ],
)
def test_bad_input_is_one_line(run, words, message):
    code, _, err = run(*words)
    assert code == 2
    assert message in err
    assert err.count("\n") == 1
