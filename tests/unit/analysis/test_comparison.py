"""A comparison: errors against independent runs, a table, a file, and no finished work thrown away."""

import csv
import io

import numpy as np
import pytest

import modeq as mq

E = mq.losses.quadratic([[2, 0], [0, "1/10"]])
START, H, STEPS = [1.0, -2.0], 0.3, 6


@pytest.fixture(scope="module")
def report():
    return mq.compare(mq.GradientDescent(), E, START, h=H, steps=STEPS, flows=("gradient", "igr", 3, "principal"))


def test_flows_keep_the_order_in_which_they_were_asked_for(report):
    assert list(report.errors) == ["gradient", "igr", 3, "principal"]


def test_the_error_of_the_gradient_flow_on_a_quadratic(report):
    """Gradient flow e^(−tλ) against gradient descent (1 − hλ)ⁿ."""
    n, curvature = np.arange(STEPS + 1)[:, None], np.array([2.0, 0.1])
    expected = np.linalg.norm((np.exp(-H * n * curvature) - (1 - H * curvature) ** n) * START, axis=1)
    np.testing.assert_allclose(report.errors["gradient"], expected, atol=1e-9)


def test_errors_shrink_with_the_order_and_vanish_for_the_principal_flow(report):
    largest = [errors.max() for errors in report.errors.values()]
    assert largest == sorted(largest, reverse=True)
    assert report.errors["principal"].max() < 1e-8


def test_errors_start_at_zero(report):
    assert all(errors[0] == 0 for errors in report.errors.values())


def test_errors_have_a_value_for_each_step(report):
    assert all(errors.shape == (STEPS + 1,) for errors in report.errors.values())


def test_series_flows_have_no_imaginary_part(report):
    np.testing.assert_array_equal(report.imaginary["igr"], 0.0)


def test_the_imaginary_part_beyond_the_singularity():
    """(1 − hλ)ᵗ for hλ = 3/2 is (½)ᵗ e^(iπt): real at integer times, and so is the flow there."""
    loss = mq.losses.quadratic([[1]])
    report = mq.compare(mq.GradientDescent(), loss, [1.0], h=1.5, steps=4, flows=("principal",))
    assert report.errors["principal"].max() < 1e-8
    assert report.imaginary["principal"].max() < 1e-8


def test_the_table_has_a_row_for_each_flow(report):
    lines = report.table().splitlines()
    assert "gradient descent on quadratic" in lines[0]
    assert [line.split()[0] for line in lines[3:7]] == ["gradient", "igr", "3", "principal"]
    assert str(report) == report.table()


def test_the_table_shows_the_numbers(report):
    row = next(line for line in report.table().splitlines() if line.startswith("igr"))
    errors = report.errors["igr"]
    assert f"{errors.mean():.2e}" in row
    assert f"{errors.max():.2e}" in row
    assert f"{errors[-1]:.2e}" in row
    assert str(report.trajectories["igr"].evaluations) in row


def test_the_table_ends_with_a_verdict_for_each_flow(report):
    lines = report.table().splitlines()
    assert lines[-4:] == [f"{label}: {verdict}" for label, verdict in report.verdicts.items()]
    assert lines[-1] == "principal: valid: hλ ≤ 0.6; nothing left out but rounding"
    assert lines[-4].startswith("gradient: ")


def test_no_line_of_the_table_is_longer_than_100_columns(report, cosine):
    assert max(len(line) for each in (report, cosine) for line in each.table().splitlines()) <= 100


def test_the_csv_file_has_each_verdict_once(report, tmp_path):
    rows = list(csv.DictReader(io.StringIO(report.to_csv(tmp_path / "out.csv").read_text(encoding="utf-8"))))
    assert [row["igr verdict"] for row in rows] == [report.verdicts["igr"], *[""] * STEPS]


def test_the_csv_file_has_every_number(report, tmp_path):
    target = report.to_csv(tmp_path / "out.csv")
    rows = list(csv.DictReader(io.StringIO(target.read_text(encoding="utf-8"))))
    assert len(rows) == STEPS + 1
    for n, row in enumerate(rows):
        assert float(row["n"]) == n
        assert float(row["t"]) == H * n
        assert float(row["loss"]) == pytest.approx(E(report.iterates.theta[n]), rel=1e-15)
        assert float(row["igr error"]) == report.errors["igr"][n]
        assert float(row["principal imaginary"]) == report.imaginary["principal"][n]


@pytest.fixture(scope="module")
def cosine():
    """A loss on which every branch of the one-step principal flow fails: E = cos θ, θ₀ = 2.5, h = 2.1."""
    return mq.compare(
        mq.GradientDescent(), mq.losses.cosine(), [2.5], h=2.1, steps=10, flows=("gradient", "principal"), max_evaluations=4000
    )


def test_a_flow_that_gives_up_leaves_the_others_alone(cosine):
    assert cosine.trajectories["gradient"].completed
    assert np.isfinite(cosine.errors["gradient"]).all()


def test_errors_are_nan_where_a_flow_did_not_get(cosine):
    path = cosine.trajectories["principal"]
    assert not path.completed
    errors = cosine.errors["principal"]
    assert np.isfinite(errors[: len(path)]).all()
    assert np.isnan(errors[len(path) :]).all()


def test_the_table_says_where_a_flow_gave_up_and_why(cosine):
    path = cosine.trajectories["principal"]
    assert f"{path.status} at step {len(path) - 1}" in cosine.table()
    assert path.message in " ".join(cosine.table().split())  # lines are wrapped


def test_a_csv_file_of_an_unfinished_flow_has_all_rows(cosine, tmp_path):
    text = cosine.to_csv(tmp_path / "out.csv").read_text(encoding="utf-8")
    assert len(text.splitlines()) == 12
    assert text.splitlines()[-1].split(",")[-1] == "nan"


def test_a_method_that_diverges_is_part_of_the_report():
    loss = mq.Loss.from_sympy("x**4", ["x"])
    report = mq.compare(mq.GradientDescent(), loss, [2.0], h=0.5, steps=30, flows=("gradient",))
    assert report.iterates.status == "diverged"
    assert np.isnan(report.errors["gradient"][len(report.iterates) :]).all()
    assert report.iterates.message in " ".join(report.table().split())


def test_errors_of_a_run_that_diverges_are_those_before_it_leaves():
    """x ← x − x³: from 2 to −6 and 210, and with h³ more at each step; only the first two are within a thousand starts."""
    loss = mq.Loss.from_sympy("x**4/4", ["x"])
    report = mq.compare(mq.GradientDescent(), loss, [2.0], h=1.0, steps=30, flows=("gradient",))
    (row,) = report.record.rows()[1:]
    expected = max(abs(theta - 2 / np.sqrt(1 + 8 * n)) for n, theta in enumerate([2.0, -6.0, 210.0]))  # x = 2/√(1 + 8t)
    assert float(row[2]) == pytest.approx(expected, rel=5e-3)
    assert "the errors are those up to step 2" in " ".join(report.table().split())


def test_a_flow_that_overflows_at_once_still_gives_a_report():
    loss = mq.Loss.from_sympy("exp(exp(x))", ["x"])
    report = mq.compare(mq.GradientDescent(), loss, [7.0], h=0.1, steps=2, flows=("gradient", "principal"), max_evaluations=2000)
    assert "principal" in report.table()


def test_a_field_without_loss_can_be_compared(tmp_path):
    game = mq.VectorField.game(["x*y", "-x*y"], [["x"], ["y"]])
    report = mq.compare(mq.GradientDescent(), game, [1.0, 0.0], h=0.1, steps=3, flows=("gradient", "principal"))
    assert report.errors["principal"].max() < 1e-9 < report.errors["gradient"].max()
    assert report.to_csv(tmp_path / "a.csv").read_text(encoding="utf-8").splitlines()[1].split(",")[2] == "nan"


def test_momentum_can_start_on_the_smooth_solution():
    loss = mq.losses.quadratic([[1]])
    report = mq.compare(mq.HeavyBall("1/2"), loss, [1.0], h=0.05, steps=8, flows=("principal",), start="smooth")
    assert report.errors["principal"].max() < 1e-9


def test_equations_and_flows_are_flows_too():
    method = mq.GradientDescent()
    flows = (mq.modified_equation(method, 2), mq.gradient_flow().on(E), mq.principal_flow(method))
    report = mq.compare(method, E, START, h=H, steps=2, flows=flows)
    assert list(report.errors) == ["order 2", "order 1", "principal flow"]


def test_a_single_flow_needs_no_tuple():
    assert list(mq.compare(mq.GradientDescent(), E, START, h=H, steps=1, flows="igr").errors) == ["igr"]
    assert list(mq.compare(mq.GradientDescent(), E, START, h=H, steps=1, flows=2).errors) == [2]


def test_a_flow_is_asked_for_once():
    with pytest.raises(ValueError, match="once"):
        mq.compare(mq.GradientDescent(), E, START, h=H, steps=1, flows=("igr", "igr"))


def test_a_misspelt_flow_is_refused_before_anything_runs():
    with pytest.raises(ValueError, match="'principal'"):
        mq.compare(mq.GradientDescent(), E, START, h=H, steps=10**9, flows=("gradient", "principle"))


def test_a_comparison_without_flows_shows_the_method():
    report = mq.compare(mq.GradientDescent(), E, START, h=H, steps=1, flows=())
    assert len(report.iterates) == 2
    assert "gradient descent" in report.table()


@pytest.mark.parametrize("flow", [None, 2.0, True, E])
def test_a_flow_of_the_wrong_kind_is_refused(flow):
    with pytest.raises(TypeError, match="flow"):
        mq.compare(mq.GradientDescent(), E, START, h=H, steps=1, flows=(flow,))
