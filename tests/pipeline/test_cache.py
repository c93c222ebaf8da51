"""Source → cache → fresh process: compiled once, loaded ever after, never rewritten, private."""

import json
import os
import subprocess
import sys
import threading

import pytest

import modeq as mq
from modeq.codegen import cache_folder, load_module

SERIES = """
import modeq as mq
flow = mq.modified_equation(mq.GradientDescent(), 2).on(mq.losses.double_well())
print(flow([1.4], 0.1).tolist())
print(sum(flow.module.compiled.rhs.stats.cache_misses.values()))
"""
EVERYTHING = """
import json
import modeq as mq
flow = mq.gradient_flow().on(mq.Loss.from_sympy("erf(x)**2", ["x"]))
numbers = [complex(flow([0.3 + 0.1j], 0.1)[0]), flow([0.3], 0.1)[0]]
stats = [flow.module.compiled.rhs.stats]
print(json.dumps({
    "numbers": [repr(number) for number in numbers],
    "hits": sum(sum(s.cache_hits.values()) for s in stats),
    "misses": sum(sum(s.cache_misses.values()) for s in stats),
    "callback hits": flow.c_callback().cache_hits,
}))
"""


def files(folder):
    """Name → time stamp of everything in the cache."""
    return {str(path.relative_to(folder)): path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def twice(tmp_path_factory):
    """What a cold and a warm process report, and the files after each."""
    folder = tmp_path_factory.mktemp("kernels")
    folder.chmod(0o700)
    reports = []
    for _ in range(2):
        environment = {**os.environ, "MODEQ_CACHE_DIR": str(folder), "MODEQ_COMPILE": "always"}
        result = subprocess.run(
            [sys.executable, "-W", "error", "-c", EVERYTHING], capture_output=True, text=True, check=False, env=environment
        )
        assert result.returncode == 0, result.stderr
        reports.append((json.loads(result.stdout), files(folder)))
    return reports


def test_a_warm_process_gets_the_same_numbers(twice):
    (cold, _), (warm, _) = twice
    assert warm["numbers"] == cold["numbers"]


def test_a_cold_process_compiles(twice):
    (cold, _), _ = twice
    assert cold["misses"] > 0


def test_a_warm_process_compiles_nothing(twice):
    _, (warm, _) = twice
    assert warm["misses"] == 0
    assert warm["hits"] > 0


def test_a_warm_process_loads_callbacks(twice):
    _, (warm, _) = twice
    assert warm["callback hits"] > 0


def test_a_warm_process_writes_nothing(twice):
    (_, after_cold), (_, after_warm) = twice
    assert any(name.endswith(".nbc") for name in after_cold)
    assert after_warm == after_cold


def test_processes_that_start_together_compile_once(own_cache, monkeypatch):
    monkeypatch.setenv("MODEQ_COMPILE", "always")
    processes = [
        subprocess.Popen([sys.executable, "-W", "error", "-c", SERIES], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    outputs = [process.communicate(timeout=300) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], [err for _, err in outputs]
    values, compiled = zip(*(out.splitlines() for out, _ in outputs), strict=True)
    assert len(set(values)) == 1
    assert sorted(compiled) == ["0", "0", "1"]
    assert len(list(own_cache.glob("modeq_*.py"))) == 1
    assert list(own_cache.glob("*.tmp")) == []
    assert list(own_cache.glob(".*")) == []


def test_one_text_is_one_file_and_another_text_another(own_cache):
    load_module("value = 101\n")
    load_module("value = 102\n")
    load_module("value = 101\n")
    assert len(list(own_cache.glob("modeq_*.py"))) == 2


def test_a_module_holds_exactly_its_source(own_cache):
    source = "value = 'ψ'  # 103\n"
    module = load_module(source)
    (path,) = own_cache.glob("modeq_*.py")
    assert path.read_text(encoding="utf-8") == source
    assert module.__name__ == path.stem


def test_a_text_is_one_module_in_a_process(own_cache):
    assert load_module("value = 104\n") is load_module("value = 104\n")


def test_a_file_that_exists_is_not_written_again(own_cache):
    source = "value = 105\n"
    module = load_module(source)
    (path,) = own_cache.glob("modeq_*.py")
    os.utime(path, ns=(1, 1))
    del sys.modules[module.__name__]
    load_module(source)
    assert path.stat().st_mtime_ns == 1


def test_a_module_that_fails_leaves_no_trace_in_the_process(own_cache):
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            load_module("value = 1 / 0  # 106\n")


def test_threads_that_load_one_module_all_see_it_complete(own_cache):
    """The second thread may come while the first still runs the module."""
    started = threading.Event()
    seen = []

    def first():
        seen.append(load_module("import builtins\nbuiltins._modeq_started.set()\nimport time\ntime.sleep(0.5)\nvalue = 107\n").value)

    def second():
        started.wait(30)
        module = load_module("import builtins\nbuiltins._modeq_started.set()\nimport time\ntime.sleep(0.5)\nvalue = 107\n")
        seen.append(getattr(module, "value", None))

    import builtins

    builtins._modeq_started = started
    try:
        threads = [threading.Thread(target=target) for target in (first, second)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    finally:
        del builtins._modeq_started
    assert seen == [107, 107]


def test_clearing_deletes_everything_and_counts_modules(own_cache):
    flow = mq.gradient_flow().on(mq.Loss.from_sympy("x**2/2 + x**6", ["x"]))
    mq.compile(flow)
    load_module("value = 108\n")
    assert mq.clear_cache() == 2
    assert files(own_cache) == {}
    assert mq.clear_cache() == 0


def test_clearing_touches_only_generated_modules(own_cache):
    (own_cache / "notes.txt").write_text("mine", encoding="utf-8")
    load_module("value = 109\n")
    mq.clear_cache()
    assert files(own_cache).keys() == {"notes.txt"}


def test_a_loaded_flow_stays_usable_after_clearing(own_cache):
    flow = mq.gradient_flow().on(mq.Loss.from_sympy("x**2/2 + x**8", ["x"]))
    mq.compile(flow)
    before = flow([1.0], 0.1)
    mq.clear_cache()
    assert flow([1.0], 0.1) == before


def test_a_missing_folder_is_made_private(own_cache, monkeypatch):
    monkeypatch.setenv("MODEQ_CACHE_DIR", str(own_cache / "deeper" / "still"))
    folder = cache_folder()
    assert folder.is_dir()
    assert folder.stat().st_mode & 0o077 == 0


posix = pytest.mark.skipif(not hasattr(os, "getuid"), reason="owners and modes are POSIX")


@posix
@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702, 0o1777])
def test_a_folder_that_others_may_write_is_refused(own_cache, mode):
    own_cache.chmod(mode)
    with pytest.raises(PermissionError, match="chmod 700"):
        load_module("value = 110\n")
    assert files(own_cache) == {}
    own_cache.chmod(0o700)


@posix
def test_a_folder_of_somebody_else_is_refused(own_cache, monkeypatch):
    monkeypatch.setattr(os, "getuid", lambda: own_cache.stat().st_uid + 1)
    with pytest.raises(PermissionError, match="MODEQ_CACHE_DIR"):
        load_module("value = 111\n")
    assert files(own_cache) == {}


@posix
def test_generated_files_cannot_be_written_by_others(own_cache):
    load_module("value = 112\n")
    (path,) = own_cache.glob("modeq_*.py")
    assert path.stat().st_mode & 0o022 == 0


def test_without_the_variable_the_folder_is_in_the_users_cache(tmp_path, monkeypatch):
    monkeypatch.delenv("MODEQ_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "modeq"


def test_tests_do_not_use_the_users_cache():
    assert "modeq-tests-" in str(cache_folder())
