"""`modeq sweep` reads a plan, refuses what it does not know, and goes on."""

import pytest

import modeq as mq
from modeq.cli import main

PLAN = """
store = "out.zarr"
[run]
loss = "x**4/4 - x**2/2"
at = [1.4]
steps = 3
flows = ["gradient", "igr"]
[grid]
h = [0.05, 0.1]
method = ["gd", "proximal-point"]
"""


def test_a_plan_gives_a_store_and_is_gone_on_with(tmp_path, capsys):
    plan = tmp_path / "plan.toml"
    plan.write_text(PLAN)
    for _ in range(2):
        assert main(["sweep", str(plan)]) == 0
        assert "4 comparisons" in capsys.readouterr().out
    data = mq.sweeps.open_sweep(tmp_path / "out.zarr").load()
    one = mq.compare(mq.ProximalPoint(), mq.Loss.from_sympy("x**4/4 - x**2/2", ["x"]), [1.4], h=0.1, steps=3, flows=["igr"])
    assert data["final_error"].sel({"h": 0.1, "method": "proximal-point", "flow": "igr"}).item() == pytest.approx(one.errors["igr"][-1])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("steps = 3", "stepps = 3", "did you mean 'steps'"),
        ('store = "out.zarr"', "", "folder for its results"),
        ("h = [0.05, 0.1]", "", "needs 'h'"),
        ("steps = 3", "steps = ", "no TOML"),
        ("steps = 3", "steps = 3\nh = 0.1", "stands in [run] and in [grid]"),
    ],
)
def test_a_bad_plan_is_refused_in_a_line(old, new, message, tmp_path, capsys):
    plan = tmp_path / "plan.toml"
    plan.write_text(PLAN.replace(old, new))
    assert main(["sweep", str(plan)]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out.zarr").exists()
