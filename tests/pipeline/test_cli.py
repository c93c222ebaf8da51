"""The command in a process of its own."""

import shutil
import sys
from pathlib import Path

import pytest


@pytest.fixture
def modeq(fresh_python, tmp_path):
    return lambda *words: fresh_python("-m", "modeq", *words, cwd=tmp_path)


def test_derive(modeq):
    result = modeq("derive", "gd", "--order", "3", "--notation", "field")
    assert result.returncode == 0
    assert result.stderr == ""
    # f − (h/2) f′f + h² (⅓ f′f′f + (1/12) f″(f, f)), Hairer, Lubich, Wanner, IX.1
    assert "f - h/2 f′f" in result.stdout


def test_the_installed_command_is_the_module(modeq, tmp_path):
    import subprocess

    command = shutil.which("modeq", path=str(Path(sys.executable).parent))
    if command is None:
        pytest.skip("the package is not installed with its script")
    result = subprocess.run([command, "derive", "gd"], capture_output=True, text=True, check=False, timeout=120, cwd=tmp_path)
    assert (result.returncode, result.stdout) == (0, modeq("derive", "gd").stdout)


def test_compare_writes_table_picture_and_csv(modeq, tmp_path):
    words = ["compare", "x**4/4 - x**2/2", "--at", "1.4", "--h", "0.1", "--steps", "4", "--flows", "gradient,principal"]
    files = ["--csv", "out.csv"]
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        pass
    else:
        files += ["--plot", "out.png"]
    result = modeq(*words, *files)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    assert "principal" in result.stdout
    assert len((tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()) == 6
    if "--plot" in files:
        assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG")


def test_an_exported_field_runs(modeq, fresh_python, tmp_path):
    """The gradient flow of x⁴/4 − x²/2 at 2 is −6."""
    result = modeq("export", "double-well", "--flow", "gradient", "--output", "field.py")
    assert result.returncode == 0, result.stderr
    ran = fresh_python("import numpy as np, field; print(field.rhs(0.0, np.array([2.0]), np.array([0.1]))[0])", cwd=tmp_path)
    assert ran.stdout.strip() == "-6.0", ran.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("compare", "x**", "--at", "1", "--h", "0.1"),
        ("compare", "9**9**9*x", "--at", "1", "--h", "0.1"),
        ("compare", "x**2", "--at", "1", "--h", "nan"),
        ("derive", "gd", "--order", "0"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(modeq, words):
    result = modeq(*words)
    assert result.returncode == 2
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("formula", ["__import__('os').system('touch mark')", 'x**2 # """; open(\'mark\', \'w\').close(); """'])
def test_hostile_formulas_execute_nothing(modeq, tmp_path, formula):
    modeq("compare", formula, "--at", "1", "--h", "0.1", "--steps", "1", "--flows", "gradient")
    assert not (tmp_path / "mark").exists()


def test_a_reader_that_has_enough_ends_the_command_without_a_word():
    """As `modeq derive … | head` does; it leaves before the first word, since a pipe would hold all that is written here."""
    import subprocess
    import sys

    command = [sys.executable, "-W", "error", "-m", "modeq", "derive", "heavy-ball", "--order", "8"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_text_survives_a_terminal_without_unicode(fresh_python, tmp_path):
    """θ′ and ∇ in an ASCII locale must not end in a traceback."""
    import os

    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"}
    result = fresh_python("-m", "modeq", "derive", "gd", cwd=tmp_path, env=environment)
    assert "Traceback" not in result.stderr
