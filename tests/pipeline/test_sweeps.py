"""Sweeps in other processes, on a cluster, and killed."""

import os
import signal
import subprocess
import sys
import time

import distributed
import numpy as np
import pytest

import modeq as mq

KILLED = """
import sys, time
import modeq as mq
def cell(h, seed):
    time.sleep(0.01)
    return {"number": h * seed, "word": "x" * seed, "row": [h, h * seed]}
mq.sweep(cell, {"h": [0.125 * i for i in range(1, 9)], "seed": [1, 2, 3, 4, 5, 6, 7, 8]}, store=sys.argv[1])
"""


def whole(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_killed_sweep_ends_with_the_bytes_of_one_that_was_left_alone(tmp_path):
    script = tmp_path / "killed.py"
    script.write_text(KILLED)

    def begin(name):
        return subprocess.Popen([sys.executable, "-W", "error", str(script), str(tmp_path / name)])

    assert begin("alone.zarr").wait(300) == 0
    random, kills = np.random.default_rng(0), 0
    store = tmp_path / "killed.zarr"
    for _ in range(3):
        process = begin("killed.zarr")
        until = time.monotonic() + 120
        while not store.exists() and process.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(random.uniform(0, 0.5))
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            kills += 1
        process.wait(60)
    assert kills
    assert begin("killed.zarr").wait(300) == 0
    assert whole(store) == whole(tmp_path / "alone.zarr")


LIMITED = """# A process whose files do not get larger than the number given: a write beyond fails as on a full disk.
import resource, signal, sys
if len(sys.argv) > 2:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of processes are POSIX")
def test_a_sweep_that_cannot_write_says_so_and_goes_on_with_the_same_bytes(tmp_path):
    script = tmp_path / "killed.py"
    many = KILLED.replace("h * seed]", "*numpy.random.default_rng(seed).random(200)]").replace("import", "import numpy,", 1)
    script.write_text(LIMITED + many)

    def run(name, *largest):
        command = [sys.executable, str(script), str(tmp_path / name), *map(str, largest)]
        return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)

    for largest, finished in ((300, False), (4_000, True)):  # too small for the first file, and for the rows of more than one cell
        ended = run("full.zarr", largest)
        last = ended.stderr.splitlines()[-1]
        assert last.startswith("OSError: results cannot be written"), last
        assert "make room" in last
        if finished:
            assert mq.sweeps.open_sweep(tmp_path / "full.zarr")["done"].to_numpy()[0, 0] == 1
    assert (run("full.zarr").returncode, run("alone.zarr").returncode) == (0, 0)
    assert whole(tmp_path / "full.zarr") == whole(tmp_path / "alone.zarr")


def test_processes_and_a_cluster_compute_the_same_as_this_process():
    E = mq.losses.double_well()

    def cell(h, n):
        path = mq.iterate(mq.GradientDescent(), E, [1.4], h=h, steps=n)
        if n == 3:
            raise ValueError("not three")
        return {"theta": path.theta[-1]}

    grid = {"h": [0.05, 0.1], "n": [1, 2, 3]}
    here = mq.sweep(cell, grid)
    assert mq.sweep(cell, grid, executor=2).equals(here)
    with (
        distributed.LocalCluster(n_workers=1, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        assert mq.sweep(cell, grid, executor=client).equals(here)
    assert here["error"].sel(h=0.1, n=3).item() == "ValueError: not three"


def test_a_script_that_processes_cannot_import_is_told_so(tmp_path):
    script = tmp_path / "unguarded.py"
    script.write_text("import modeq as mq\nmq.sweep(lambda h: h, {'h': [1.0, 2.0]}, executor=1)\n")
    result = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=120, check=False)
    assert "outside if __name__ == '__main__'" in result.stderr.splitlines()[-1]
