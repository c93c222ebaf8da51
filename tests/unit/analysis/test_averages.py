"""Flows against the averages (θ_{n−1} + 2θ_n + θ_{n+1})/4 of the iterates."""

import csv
import io

import numpy as np
import pytest

import modeq as mq

GD = mq.GradientDescent()
STEPS = 12


@pytest.fixture(scope="module")
def report():
    """Beyond the edge: iterates that oscillate."""
    return mq.compare(GD, mq.losses.cosine(), [2.5], h=2.1, steps=STEPS, flows=("gradient", "rod", "central"))


def test_averages_have_no_two_cycle():
    """Of θ_n = a + (−1)ⁿb the average is a."""
    report = mq.compare(GD, mq.losses.quadratic([[1]]), [0.3], h=2.0, steps=5, flows=())
    np.testing.assert_allclose(report.averages[1:-1], 0.0, atol=1e-15)


def test_averages_are_between_neighbours(report):
    theta = report.iterates.theta
    for n in range(1, STEPS):
        np.testing.assert_allclose(report.averages[n], (theta[n - 1] + 2 * theta[n] + theta[n + 1]) / 4)


def test_the_ends_have_no_average(report):
    assert np.isnan(report.averages[[0, -1]]).all()
    for errors in report.average_errors.values():
        assert np.flatnonzero(np.isnan(errors)).tolist() == [0, STEPS]


def test_average_errors_are_distances_to_averages(report):
    expected = np.abs(report.trajectories["rod"].theta - report.averages)[1:-1, 0]
    np.testing.assert_allclose(report.average_errors["rod"][1:-1], expected)


def test_the_table_shows_both(report):
    lines = report.table().splitlines()
    assert "average" in lines[1]
    row = next(line for line in lines if line.startswith("rod "))
    assert f"{report.errors['rod'].mean():.2e}" in row
    assert f"{np.nanmean(report.average_errors['rod']):.2e}" in row
    share = np.nanmax(report.average_errors["rod"]) / np.abs(report.iterates.theta - report.iterates.theta[0]).max()
    assert report.verdicts["rod"].endswith(f"follows averages of iterates, off by {100 * share:.2g} % of the way from them")
    assert max(map(len, lines)) <= 100


def test_the_csv_file_has_both(report, tmp_path):
    rows = list(csv.DictReader(io.StringIO(report.to_csv(tmp_path / "out.csv").read_text(encoding="utf-8"))))
    assert float(rows[3]["rod average error"]) == report.average_errors["rod"][3]
    assert rows[0]["rod average error"] == "nan"


@pytest.mark.parametrize("steps", [0, 1])
def test_short_runs_have_no_average(steps):
    report = mq.compare(GD, mq.losses.cosine(), [2.5], h=2.1, steps=steps, flows=("rod",))
    assert np.isnan(report.average_errors["rod"]).all()
    assert "–" in report.table()


def test_a_method_that_diverges_leaves_averages_out():
    report = mq.compare(GD, mq.Loss.from_sympy("x**4", ["x"]), [2.0], h=0.5, steps=30, flows=("gradient",))
    reached = len(report.iterates)
    assert np.isnan(report.averages[reached - 1 :]).all()
    assert "gradient" in report.table()


def test_rod_and_central_flows_can_be_drawn(report, tmp_path):
    pytest.importorskip("matplotlib")
    report.plot(tmp_path / "out.png")
    assert (tmp_path / "out.png").stat().st_size > 0
