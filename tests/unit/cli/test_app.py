"""The command in this process: what it prints, what it writes, what it refuses."""

import csv

import numpy as np
import pytest

import modeq as mq
from modeq.cli import main
from modeq.flows.registry import flow_names


@pytest.fixture
def run(capsys):
    def call(*words):
        code = main(list(words))
        out, err = capsys.readouterr()
        return code, out, err

    return call


def test_derive_prints_the_equation(run):
    code, out, err = run("derive", "gd", "--order", "2")
    assert (code, err) == (0, "")
    assert out.strip() == str(mq.modified_equation(mq.GradientDescent(), 2))


def test_derive_prints_latex(run):
    _, out, _ = run("derive", "gd", "--order", "3", "--latex")
    assert out.strip() == mq.modified_equation(mq.GradientDescent(), 3).latex("loss")


@pytest.mark.parametrize("notation", ["loss", "field", "trees"])
def test_derive_knows_three_notations(run, notation):
    _, out, _ = run("derive", "gd", "--notation", notation)
    assert out.strip() == mq.modified_equation(mq.GradientDescent(), 3).text(notation)


def test_derive_keeps_the_momentum_symbolic(run):
    _, out, _ = run("derive", "heavy-ball", "--order", "2")
    assert "β" in out


def test_derive_puts_numbers_in_the_place_of_the_momentum(run):
    _, out, _ = run("derive", "heavy-ball", "--order", "1", "--beta", "0.9")
    assert out.strip() == "θ' = -10 ∇E + O(h)"


def test_derive_prints_the_principal_flow_too(run):
    _, out, _ = run("derive", "gd", "--order", "1", "--principal")
    assert out.splitlines()[1] == str(mq.principal_flow(mq.GradientDescent()))


def test_derive_prints_the_modifying_equation(run):
    _, out, _ = run("derive", "gd", "--order", "2", "--modifying", "--notation", "field")
    assert out.strip() == "θ' = f + h/2 f′f + O(h²)"


def test_compare_prints_a_row_for_each_flow(run):
    code, out, err = run("compare", "x**4/4 - x**2/2", "--at", "1.4", "--h", "0.1", "--steps", "5", "--flows", "gradient,igr")
    assert (code, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines()[3:]] == ["gradient", "igr", "gradient:", "igr:"]


def test_compare_writes_a_table_of_every_step(run, tmp_path):
    target = tmp_path / "out.csv"
    code, out, _ = run("compare", "double-well", "--h", "0.1", "--steps", "5", "--flows", "gradient", "--csv", str(target))
    assert code == 0
    assert str(target) in out
    rows = list(csv.DictReader(target.read_text(encoding="utf-8").splitlines()))
    assert len(rows) == 6
    assert float(rows[0]["loss"]) == pytest.approx(1.4**4 / 4 - 1.4**2 / 2)


def test_compare_writes_a_picture(run, tmp_path):
    pytest.importorskip("matplotlib")
    target = tmp_path / "out.png"
    code, out, _ = run("compare", "double-well", "--h", "0.1", "--steps", "5", "--flows", "gradient", "--plot", str(target))
    assert code == 0
    assert str(target) in out
    assert target.read_bytes().startswith(b"\x89PNG")


def test_compare_runs_other_methods(run):
    words = ["compare", "double-well", "--h", "0.001", "--steps", "3", "--flows", "igr", "--method", "heavy-ball", "--beta", "0.5"]
    code, out, _ = run(*words, "--start", "smooth")
    assert code == 0
    assert "heavy ball on double-well" in out


def test_export_writes_a_module(run, tmp_path):
    target = tmp_path / "field.py"
    code, out, _ = run("export", "double-well", "--flow", "igr", "--output", str(target))
    assert code == 0
    assert str(target) in out
    expected = mq.modified_equation(mq.GradientDescent(), 2).on(mq.losses.double_well()).export(tmp_path / "expected.py")
    assert target.read_text(encoding="utf-8") == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"], ["derive", "--help"], ["compare", "-h"], ["export", "--help"]])
def test_help_is_no_error(run, words):
    code, out, err = run(*words)
    assert (code, err) == (0, "")
    assert "modeq" in out


COMPARE = ["compare", "x**2", "--at", "1", "--h", "0.1", "--steps", "2", "--flows", "gradient"]


def changed(option, value):
    words = list(COMPARE)
    if option in words:
        words[words.index(option) + 1] = value
    else:
        words += [option, value]
    return words


BAD = {
    "unknown command": ["drive", "gd"],
    "missing argument": ["derive"],
    "unknown option": ["derive", "gd", "--ordre", "3"],
    "unknown method": ["derive", "gdx"],
    "order 0": ["derive", "gd", "--order", "0"],
    "order in words": ["derive", "gd", "--order", "three"],
    "unknown notation": ["derive", "gd", "--notation", "dots"],
    "momentum without need": ["derive", "gd", "--beta", "0.9"],
    "unstable momentum": ["derive", "heavy-ball", "--beta", "1.5"],
    "momentum as formula": ["derive", "heavy-ball", "--beta", "__import__('os')"],
    "no step size": ["compare", "x**2", "--at", "1"],
    "step size 0": changed("--h", "0"),
    "negative step size": changed("--h", "-0.1"),
    "step size NaN": changed("--h", "nan"),
    "infinite step size": changed("--h", "inf"),
    "step size in words": changed("--h", "small"),
    "negative steps": changed("--steps", "-1"),
    "broken steps": changed("--steps", "1.5"),
    "unknown flow": changed("--flows", "gradient,prinzipal"),
    "flow twice": changed("--flows", "igr,igr"),
    "no flows": changed("--flows", ","),
    "order 0 flow": changed("--flows", "0"),
    "point of another dimension": changed("--at", "1,2"),
    "point in words": changed("--at", "here"),
    "point NaN": changed("--at", "nan"),
    "unknown solver": changed("--solver", "RK4"),
    "unknown start": changed("--start", "fast"),
    "unknown variable": changed("--variables", "y"),
    "variable twice": changed("--variables", "x,x"),
    "method without momentum": changed("--method", "nesterov"),
    "no start": ["compare", "x**2", "--h", "0.1"],
    "unknown loss": ["compare", "rosenbrok", "--h", "0.1"],
    "not a formula": ["compare", "x**", "--at", "1", "--h", "0.1"],
    "empty formula": ["compare", "", "--at", "1", "--h", "0.1"],
    "kink": ["compare", "Abs(x)", "--at", "1", "--h", "0.1"],
    "maximum": ["compare", "Max(x, 0)**2", "--at", "1", "--h", "0.1"],
    "sign": ["compare", "x*sign(x)", "--at", "1", "--h", "0.1"],
    "complex": ["compare", "sqrt(-1)*x", "--at", "1", "--h", "0.1"],
    "list": ["compare", "[x, x]", "--at", "1", "--h", "0.1"],
    "pair": ["compare", "x, x", "--at", "1", "--h", "0.1"],
    "truth value": ["compare", "True", "--at", "1", "--h", "0.1"],
    "unknown function": ["compare", "gamma(x)", "--at", "1", "--h", "0.1"],
    "constant": ["compare", "2 + 3", "--at", "1", "--h", "0.1"],
    "division by zero": ["compare", "x/0", "--at", "1", "--h", "0.1"],
    "tower of powers": ["compare", "9**9**9*x", "--at", "1", "--h", "0.1"],
    "number beyond floats": [
        "compare",
        "*".join(["10**60"] * 6) + "*x**2",
        "--at",
        "1",
        "--h",
        "0.1",
        "--steps",
        "1",
        "--flows",
        "gradient",
    ],
    "integer of 5000 digits": ["compare", "9" * 5000 + "*x", "--at", "1", "--h", "0.1"],
    "attribute": ["compare", "(1).__class__", "--at", "1", "--h", "0.1"],
    "export without python": ["export", "double-well", "--flow", "igr", "--output", "field.txt"],
    "export into nowhere": ["export", "double-well", "--flow", "igr", "--output", "/dev/null/missing/field.py"],
    "export of a flow with a state": ["export", "double-well", "--flow", "rod", "--output", "field.py"],
    "rod flow of an implicit method": [
        "compare",
        "double-well",
        "--h",
        "0.1",
        "--steps",
        "2",
        "--method",
        "proximal-point",
        "--flows",
        "rod",
    ],
    "csv into nowhere": changed("--csv", "/dev/null/missing/out.csv"),
    "several lines": ["compare", "x**2\n+ y.z", "--at", "1", "--h", "0.1"],
}


@pytest.mark.parametrize("words", BAD.values(), ids=BAD.keys())
def test_bad_input_is_one_line_on_standard_error_and_exit_code_2(run, words):
    code, out, err = run(*words)
    assert code == 2
    assert out == "" or "csv" in words[-2]
    assert len(err.strip().splitlines()) == 1
    assert err.startswith("modeq: ")
    assert "Traceback" not in err


@pytest.mark.parametrize("suggestion", [("derive", "gdd", "gd"), ("compare", "rosenbrok", "rosenbrock")])
def test_the_nearest_known_word_is_suggested(run, suggestion):
    command, typed, nearest = suggestion
    _, _, err = run(command, typed, *(["--h", "0.1"] if command == "compare" else []))
    assert f"did you mean {nearest!r}" in err


HOSTILE = [
    "__import__('os').system('touch {}')",
    "open('{}', 'w')",
    "(lambda: open('{}', 'w'))()",
    "[c for c in ().__class__.__base__.__subclasses__()]",
    "exec(\"open('{}', 'w')\")",
    'x**2 # """; __import__(\'os\').mkdir(\'{}\'); """',
    "x**2 #\\\"\"\"; __import__('os').mkdir('{}')",
    'x**2 + f\'{{open("{}", "w")}}\'',
]


@pytest.mark.parametrize("formula", HOSTILE)
@pytest.mark.parametrize("command", ["compare", "export"])
def test_hostile_formulas_execute_nothing(run, fresh_python, tmp_path, formula, command):
    mark = tmp_path / "mark"
    text = formula.format(mark)
    if command == "compare":
        run("compare", text, "--at", "1", "--h", "0.1", "--steps", "1", "--flows", "gradient")
    else:
        code, _, _ = run("export", text, "--flow", "gradient", "--output", str(tmp_path / "field.py"))
        if code == 0:
            fresh_python("import field", cwd=tmp_path)
    assert not mark.exists()


@pytest.mark.parametrize("words", [["derive", "heavy-ball", "--beta", "{}"], ["compare", "x**2", "--at", "{}", "--h", "0.1"]])
def test_hostile_numbers_execute_nothing(run, tmp_path, words):
    mark = tmp_path / "mark"
    code, _, _ = run(*(word.format(f"__import__('os').system('touch {mark}')") for word in words))
    assert code == 2
    assert not mark.exists()


def test_trouble_during_a_run_is_part_of_the_table_not_an_error(run):
    """The flow of a loss that overflows stops at once; the method's own row of trouble is shown as well."""
    code, out, err = run("compare", "exp(exp(exp(x)))", "--at", "3", "--h", "0.1", "--steps", "2", "--flows", "gradient,principal")
    assert (code, err) == (0, "")
    assert "at step 0" in out


def test_the_output_file_is_not_left_half_written(run, tmp_path):
    """A refused comparison leaves no file."""
    target = tmp_path / "out.csv"
    run("compare", "x**2", "--at", "1", "--h", "-1", "--csv", str(target))
    assert list(tmp_path.iterdir()) == []


def test_numbers_of_the_csv_file_are_read_back_without_loss(run, tmp_path):
    target = tmp_path / "out.csv"
    run("compare", "double-well", "--h", "0.1", "--steps", "3", "--flows", "gradient", "--csv", str(target))
    losses = [float(row["loss"]) for row in csv.DictReader(target.read_text(encoding="utf-8").splitlines())]
    path = mq.iterate(mq.GradientDescent(), mq.losses.double_well(), [1.4], h=0.1, steps=3)
    np.testing.assert_array_equal(losses, path.loss)


def test_high_orders_are_grouped_by_powers_of_the_step(run):
    _, out, err = run("derive", "gd", "--order", "6", "--notation", "field")
    lines = out.splitlines()
    assert lines[0] == "θ' = f"
    assert [line.strip()[:5] for line in lines[1:]] == ["- h/2", "+ h²/", "- h³/", "+ h⁴/", "- h⁵/", "+ O(h"]
    assert err == ""


def test_long_equations_are_announced(run):
    _, out, err = run("derive", "gd", "--order", "9")
    assert err.startswith("order 9 has 486 terms")
    assert len(out.splitlines()) == 10


def test_a_step_size_may_be_a_fraction(run):
    rows = [run("compare", "x**2/2", "--at", "1", "--h", h, "--steps", "2", "--flows", "gradient") for h in ("1/10", "0.1")]
    assert rows[0] == rows[1]
    assert rows[0][0] == 0


@pytest.mark.parametrize("place", [0, 8])
def test_a_formula_may_begin_with_a_minus(run, place):
    words = ["--at", "1", "--h", "0.1", "--steps", "2", "--flows", "gradient"]
    words[place:place] = ["-cos(x)"] if place == 0 else ["--", "-cos(x)"]
    code, out, _ = run("compare", *words)
    assert code == 0
    assert "gradient descent on -cos(x)" in out


def test_a_formula_among_options_that_begins_with_a_minus_gets_a_hint(run):
    code, _, err = run("compare", "--at", "1", "--h", "0.1", "-cos(x)")
    assert code == 2
    assert "after --" in err


def test_a_file_in_no_folder_is_refused_before_anything_is_compiled(run, tmp_path):
    code, _, err = run("export", "rosenbrock", "--flow", "igr", "--output", str(tmp_path / "missing" / "field.py"))
    assert code == 2
    assert "there is no folder" in err


def test_help_lists_every_flow(run):
    _, out, _ = run("compare", "--help")
    words = " ".join(out.split())
    assert not [name for entry in flow_names() for name in entry.examples if name not in words]


def test_an_unknown_option_is_not_taken_for_a_formula(run):
    code, _, err = run("compare", "x**2", "--h", "0.1", "--theta0", "1")
    assert code == 2
    assert "--theta0" in err
    assert "after --" not in err


@pytest.mark.parametrize("text", ["1/0", "1/10/3", "small"])
def test_what_is_no_number_is_shown_with_one(run, text):
    code, _, err = run("compare", "x**2", "--h", text)
    assert code == 2
    assert f"expected a number such as 0.1, 1e-3 or 1/10, got '{text}'" in err


def test_export_names_all_files_that_it_writes(run, tmp_path):
    for loss, others in (("rosenbrock", []), ("linear-regression", ["field.npy"])):
        folder = tmp_path / loss
        folder.mkdir()
        code, out, _ = run("export", loss, "--flow", "igr", "--output", str(folder / "field.py"))
        assert code == 0
        assert sorted(file.name for file in folder.iterdir()) == [*others, "field.py"]
        assert all(str(file) in out for file in folder.iterdir())
