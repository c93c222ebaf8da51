"""Results that are kept: one file, a dataset, a data frame, the same table."""

import json
import os

import numpy as np
import pytest

import modeq as mq

REPORT = mq.compare(mq.GradientDescent(), mq.losses.double_well(), [1.4], h=0.1, steps=4, flows=["igr", 4])
OVERTAKEN = mq.compare(mq.HeavyBall(0.5), mq.losses.saddle(), [1.0, 1e-3], h=0.2, steps=3, flows=["principal"])


@pytest.mark.parametrize("report", [REPORT, OVERTAKEN])
def test_a_loaded_report_has_the_same_table_and_numbers(report, tmp_path):
    kept = mq.load(report.save(tmp_path / "kept"))
    assert str(kept) == str(report)
    for label, errors in report.errors.items():
        np.testing.assert_array_equal(kept.errors[str(label)], errors)
    np.testing.assert_array_equal(kept["iterates"], report.iterates.theta)


def test_a_comparison_from_many_points_is_kept_with_its_quantiles(tmp_path):
    points = [[1.4], [1.2], [-9.0]]  # from the last one gradient descent diverges
    report = mq.compare(mq.GradientDescent(), mq.losses.double_well(), points, h=0.1, steps=12, flows=["gradient", 3])
    kept = mq.load(report.save(tmp_path / "kept"))
    assert str(kept) == str(report)
    np.testing.assert_array_equal(kept.quantiles([0.5])["3"], report.quantiles([0.5])[3])
    np.testing.assert_array_equal(report.to_xarray()["error"].sel(flow="gradient", path=1), report.errors["gradient"][1])
    frame = report.to_dataframe()
    assert frame.loc[("3", 0, 12), "theta.x"] == report.ensembles[3].theta[0, 12, 0]


def test_a_saved_report_is_read_with_numpy_and_xarray_alone(tmp_path, fresh_python):
    path = REPORT.save(tmp_path / "report.npz")
    code = f"""
import sys
for name in ("sympy", "scipy", "numba", "matplotlib", "networkx", "mpmath", "typer", "rich", "zarr", "dask"):
    sys.modules[name] = None
import modeq as mq
kept = mq.load({str(path)!r})
assert kept.to_xarray()["error"].dims == ("flow", "step")
print(kept.table())
"""
    result = fresh_python(code, env={**os.environ, "PYTHONIOENCODING": "utf-8"})
    assert result.stdout == REPORT.table() + "\n", result.stderr


def test_a_dataset_is_labelled_by_flow_step_and_coordinate():
    data = REPORT.to_xarray()
    np.testing.assert_array_equal(data["error"].sel(flow="igr"), REPORT.errors["igr"])
    np.testing.assert_array_equal(data["theta"].sel(flow="4", coordinate="x"), REPORT.trajectories[4].theta[:, 0])
    assert data.attrs["method"] == "gradient descent"


def test_a_data_frame_has_a_row_for_each_step_of_each_flow():
    frame = OVERTAKEN.to_dataframe()
    path = OVERTAKEN.trajectories["principal"]
    assert list(frame.index.names) == ["flow", "step"]
    np.testing.assert_array_equal(frame.loc[("principal", 2), ["theta.x", "theta.y"]].to_numpy(complex), path.theta[2])
    np.testing.assert_array_equal(frame["t"], path.t)  # the same for each flow


def test_a_run_keeps_its_points_step_sizes_memory_and_end(tmp_path):
    path = mq.iterate(mq.RMSProp(0.5), mq.losses.quadratic(), [2.0, 1.0], h=[0.1, 0.2], steps=2)
    kept = mq.load(path.save(tmp_path / "run.npz"))
    np.testing.assert_array_equal(kept["theta"], path.theta)
    np.testing.assert_array_equal(kept["v"], path.extras["v"])
    np.testing.assert_array_equal(kept["step_size"][:2], path.step_sizes)
    assert kept.attributes["status"] == "completed"
    assert list(path.to_dataframe().index) == [0, 1, 2]
    assert kept.to_xarray().sizes["step"] == 3


def test_a_file_holds_nothing_that_is_executed(tmp_path):
    with np.load(REPORT.save(tmp_path / "report.npz"), allow_pickle=False) as archive:
        assert all(archive[name].dtype != object for name in archive.files)


def test_a_file_with_a_pickle_is_refused(tmp_path):
    path = tmp_path / "bad.npz"
    np.savez(path, header=np.array({"format": 1}, dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match="no result that modeq wrote"):
        mq.load(path)


def test_a_truncated_file_is_refused_in_words(tmp_path):
    path = REPORT.save(tmp_path / "report.npz")
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(ValueError, match="damaged"):
        mq.load(path)


def test_a_file_of_a_later_format_asks_for_an_update(tmp_path):
    path = tmp_path / "later.npz"
    np.savez(path, header=np.array(json.dumps({"modeq": "9.0", "format": 99, "kind": "comparison", "variables": {}, "attributes": {}})))
    with pytest.raises(ValueError, match=r"modeq 9\.0 in format 99; update modeq"):
        mq.load(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"report\.save"):
        mq.load(tmp_path / "none.npz")


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = REPORT.save(tmp_path / "report.npz")
    before = path.read_bytes()

    def full(*arguments, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", full)
    with pytest.raises(OSError, match="No space left"):
        OVERTAKEN.save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
