"""Sweeps: labelled results, errors in words, stores that go on where they were."""

import errno
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest
import zarr

import modeq as mq
from modeq.sweeps import store as store_module

GRID = {"h": [0.5, 1.0, 2.0], "seed": [1, 2]}


def cell(h, seed):
    if h == 1.0 and seed == 2:
        raise ArithmeticError("no such cell")
    return {"number": h * seed, "word": "x" * seed, "wave": 1j * h, "row": (("part",), np.arange(3) * h)}


def whole(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_results_are_labelled_by_the_grid():
    data = mq.sweep(cell, GRID)
    assert data["row"].dims == ("h", "seed", "part")
    assert complex(data["wave"].sel(h=2.0, seed=1)) == 2j
    assert str(data["word"].sel(h=0.5, seed=2).item()) == "xx"


def test_an_error_is_recorded_in_words_and_the_others_go_on():
    data = mq.sweep(cell, GRID)
    assert data["error"].sel(h=1.0, seed=2).item() == "ArithmeticError: no such cell"
    assert data["done"].to_numpy().tolist() == [[1, 1], [1, 2], [1, 1]]
    assert np.isnan(data["number"].sel(h=1.0, seed=2))


def test_a_cell_of_another_form_is_an_error_of_that_cell():
    data = mq.sweep(lambda h: {"row": np.zeros(int(h))}, {"h": [2, 2.5, 3]})
    assert data["error"].to_numpy().tolist()[2].startswith("row has the shape (3,) here, (2,) in the first cell")
    assert data["done"].to_numpy().tolist() == [1, 1, 2]


def labelled(h):
    """Two labels in each cell, of which one is new."""
    words = [f"{h:g}", f"{h + 1:g}"]
    return {"word": (("word",), words), "length": (("word", "entry"), [[h, 2 * h], [h + 1, -h]]), "seen": (("word",), [True, True])}


def test_labels_of_all_cells_are_kept_and_what_a_cell_has_not_is_empty(tmp_path):
    data = mq.sweep(labelled, {"h": [1.0, 2.0, 3.0]}, store=tmp_path / "a.zarr")
    assert data["word"].to_numpy().tolist() == ["1", "2", "3", "4"]
    np.testing.assert_array_equal(data["length"].sel(h=2.0, word=["2", "3"]), [[2, 4], [3, -2]])
    assert np.isnan(data["length"].sel(h=2.0, word=["1", "4"])).all()
    kept = mq.sweeps.open_sweep(tmp_path / "a.zarr").load()
    np.testing.assert_array_equal(kept["length"], data["length"])
    assert kept["word"].to_numpy().tolist() == data["word"].to_numpy().tolist()


@pytest.mark.parametrize("resized", [(), ("word",), ("word", "length")])
def test_a_sweep_that_died_while_labels_were_appended_ends_with_the_same_bytes(tmp_path, resized):
    grid, called = {"h": [1.0, 2.0, 3.0]}, []
    mq.sweep(labelled, grid, store=tmp_path / "alone.zarr")

    def stopping(h):
        called.append(h)
        if called == [1.0, 2.0]:
            raise KeyboardInterrupt
        return labelled(h)

    stopping.__wrapped__ = labelled  # what inspect reads: the same function
    with pytest.raises(KeyboardInterrupt):
        mq.sweep(stopping, grid, store=tmp_path / "died.zarr")
    group = zarr.open_group(tmp_path / "died.zarr", mode="r+")
    for name in resized:  # places without entries
        group[name].resize({"word": (3,), "length": (3, 3, 2)}[name])
    mq.sweep(stopping, grid, store=tmp_path / "died.zarr")
    died, alone = whole(tmp_path / "died.zarr"), whole(tmp_path / "alone.zarr")
    del died["zarr.json"], alone["zarr.json"]  # names the function
    assert died == alone


def test_a_store_holds_what_is_returned(tmp_path):
    data = mq.sweep(cell, GRID, store=tmp_path / "a.zarr")
    kept = mq.sweeps.open_sweep(tmp_path / "a.zarr").load()
    for name in data.variables:
        assert kept[name].dims == data[name].dims
        np.testing.assert_array_equal(kept[name].astype(data[name].dtype), data[name])
    assert kept.attrs == data.attrs


def test_a_sweep_goes_on_where_it_was_and_ends_with_the_same_bytes(tmp_path):
    mq.sweep(cell, GRID, store=tmp_path / "left alone.zarr")
    called = []

    def stopping(h, seed):
        called.append((h, seed))
        if len(called) == 3:
            raise KeyboardInterrupt
        return cell(h, seed)

    stopping.__wrapped__ = cell  # what inspect reads: the same function
    with pytest.raises(KeyboardInterrupt):
        mq.sweep(stopping, GRID, store=tmp_path / "stopped.zarr")
    assert (mq.sweeps.open_sweep(tmp_path / "stopped.zarr")["done"].to_numpy() > 0).sum() == 2
    stopped = whole(tmp_path / "stopped.zarr")
    mq.sweep(stopping, GRID, store=tmp_path / "stopped.zarr")
    assert len(called) == 3 + 4
    finished = whole(tmp_path / "stopped.zarr")
    assert stopped != finished
    key = "zarr.json"  # holds what identifies the function
    assert {n: b for n, b in finished.items() if n != key} == {n: b for n, b in whole(tmp_path / "left alone.zarr").items() if n != key}


def test_another_sweep_on_a_store_is_refused(tmp_path):
    mq.sweep(cell, GRID, store=tmp_path / "a.zarr")
    with pytest.raises(ValueError, match="another function or grid"):
        mq.sweep(cell, {"h": [0.5], "seed": [1]}, store=tmp_path / "a.zarr")
    assert mq.sweep(cell, {"h": [0.5], "seed": [1]}, store=tmp_path / "a.zarr", resume=False).sizes["h"] == 1


def test_a_folder_that_is_no_store_is_left_alone(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("precious")
    with pytest.raises(FileExistsError, match="no store of a sweep"):
        mq.sweep(cell, GRID, store=tmp_path / "mine", resume=False)
    assert (tmp_path / "mine" / "thesis.tex").read_text() == "precious"


def test_two_writers_on_one_store_are_refused(tmp_path):
    begun, over = threading.Event(), threading.Event()

    def slow(h):
        begun.set()
        assert over.wait(60)
        return h

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(mq.sweep, slow, {"h": [1.0]}, store=tmp_path / "a.zarr")
        assert begun.wait(60)
        try:
            with pytest.raises(BlockingIOError, match="another sweep is writing"):
                mq.sweep(slow, {"h": [1.0]}, store=tmp_path / "a.zarr")
        finally:
            over.set()
        assert running.result()["done"].item() == 1


def test_a_full_disk_is_an_error_in_words_and_what_was_done_stays(tmp_path, monkeypatch):
    written = store_module.Store.flush
    calls = []

    class Full:
        def __getitem__(self, name):
            raise OSError(errno.ENOSPC, "No space left on device")

        def __contains__(self, name):
            return True

    def flush(self):
        calls.append(self)
        if len(calls) > 1:
            self._group = Full()
        written(self)

    with monkeypatch.context() as patch:
        patch.setattr(store_module.Store, "flush", flush)
        with pytest.raises(OSError, match=r"No space left.*make room"):
            mq.sweep(cell, GRID, store=tmp_path / "a.zarr")
    assert mq.sweeps.open_sweep(tmp_path / "a.zarr")["number"].to_numpy()[0, 0] == 0.5
    assert (mq.sweep(cell, GRID, store=tmp_path / "a.zarr")["done"].to_numpy() > 0).all()


def test_comparisons_keep_errors_and_verdicts_of_each_flow():
    run = partial(mq.compare, field=mq.losses.double_well(), theta0=[1.4], steps=3, flows=["gradient", "igr"])
    methods = {"gd": mq.GradientDescent(), "hb": mq.HeavyBall(0.5)}
    data = mq.sweep(run, {"h": [0.05, 0.1], "method": methods})
    one = run(h=0.1, method=methods["gd"])
    assert float(data["max_error"].sel({"h": 0.1, "method": "gd", "flow": "igr"})) == np.nanmax(one.errors["igr"])
    assert data["verdict"].sel({"h": 0.1, "method": "gd", "flow": "igr"}).item() == one.verdicts["igr"]


def test_comparisons_from_many_points_keep_quantiles():
    run = partial(mq.compare, mq.GradientDescent(), mq.losses.double_well(), [[1.4], [1.3], [1.2]], steps=3, flows=["igr"])
    kept = mq.sweep(run, {"h": [0.1]})["error_quantiles"].sel(h=0.1, flow="igr", quantile=0.5)
    np.testing.assert_array_equal(kept, run(h=0.1).quantiles([0.5])["igr"][0])


def test_many_runs_and_diagnoses_are_kept():
    E, points = mq.losses.double_well(), [[1.4], [0.5]]
    data = mq.sweep(partial(mq.iterate, mq.GradientDescent(), E, points, steps=3), {"h": [0.1]})
    runs = mq.iterate(mq.GradientDescent(), E, points, h=0.1, steps=3)
    np.testing.assert_array_equal(data["theta"].sel(h=0.1).to_numpy(), runs.theta[:, -1])
    flow = mq.modified_equation(mq.GradientDescent(), 2).on(E)
    data = mq.sweep(partial(mq.validity, flow, [1.4]), {"h": [0.1]})
    assert data["verdict"].item() == mq.validity(flow, [1.4], 0.1).verdict


def test_runs_keep_where_they_ended():
    data = mq.sweep(partial(mq.iterate, mq.GradientDescent(), mq.losses.double_well(), steps=3), {"h": [0.1], "theta0": [[1.4], [0.5]]})
    path = mq.iterate(mq.GradientDescent(), mq.losses.double_well(), [0.5], h=0.1, steps=3)
    assert float(data["theta"].squeeze("h").isel(theta0=1, coordinate=0)) == path.theta[-1, 0]


@pytest.mark.parametrize(
    ("grid", "error", "message"),
    [
        ({}, TypeError, "dictionary of values"),
        ({"h": 0.1}, ValueError, "at least one value"),
        ({"h": [0.1, 0.1]}, ValueError, "may stand in the grid once"),
        ({"a b": [1]}, ValueError, "named like an argument"),
    ],
)
def test_what_is_no_grid_is_refused(grid, error, message):
    with pytest.raises(error, match=message):
        mq.sweep(cell, grid)


def test_what_identifies_a_loss_is_its_data_and_not_its_address():
    from modeq.sweeps.grid import description

    def loss(a):
        return mq.Loss.from_sympy(f"{a}*x**2", ["x"], name="E")

    assert description(loss(1)) == description(loss(1))
    assert description(loss(1)) != description(loss(2))
    assert description(mq.HeavyBall(0.5)) != description(mq.HeavyBall(0.9))
