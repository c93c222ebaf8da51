"""Imports follow the data flow, nothing heavy is imported before it is used, and the public names are what they say."""

import ast
import json
import re
from itertools import pairwise
from pathlib import Path

import networkx as nx
import pytest

import modeq

ROOT = Path(modeq.__file__).parent

# What every part imports: the ground floor, on which everything stands, and above it the picture in README and docs.
GROUND = {"arithmetic", "exact", "expressions", "extension_points", "functions", "nearest", "sizes", "threads"}
IMPORTS = {
    "arithmetic": {"exact"},
    "exact": {"expressions"},
    "expressions": {"nearest"},
    "extension_points": set(),
    "functions": {"exact"},
    "nearest": set(),
    "sizes": set(),
    "threads": {"sizes"},
    "trees": set(),
    "kernels": set(),
    "records": set(),
    "data": {"nearest", "threads"},
    "methods": {"arithmetic", "exact", "functions", "sizes"},
    "graph": {"arithmetic", "exact", "functions", "nearest", "kernels"},
    "series": {"arithmetic", "exact", "expressions", "extension_points", "functions", "sizes", "kernels", "trees", "methods"},
    "codegen": {"exact", "functions", "graph", "kernels"},
    "losses": {"exact", "expressions", "nearest", "sizes", "codegen", "graph", "kernels"},
    "flows": {
        *("arithmetic", "exact", "extension_points", "nearest", "sizes", "records", "trees", "methods", "series"),
        *("graph", "kernels", "codegen", "losses"),
    },
    "integration": {
        *("extension_points", "sizes", "threads", "records", "trees", "methods", "series"),
        *("graph", "kernels", "codegen", "losses", "flows"),
    },
    "depth": {"methods", "graph", "losses", "flows"},
    "analysis": {"extension_points", "sizes", "records", "methods", "series", "losses", "flows", "integration"},
    "sweeps": {"records", "methods", "losses", "flows", "integration", "analysis"},
    "plotting": {
        "exact",
        "extension_points",
        "records",
        "trees",
        "methods",
        "series",
        "graph",
        "losses",
        "flows",
        "integration",
        "analysis",
    },
    "cli": {
        *("expressions", "nearest", "data", "trees", "methods", "series", "losses", "flows", "integration"),
        *("depth", "analysis", "sweeps"),
    },
}


def part_of(path):
    """The package or module directly below modeq that a file belongs to."""
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def statements(tree):
    """All nodes but those for type checkers only, which may look in either direction."""
    for node in ast.iter_child_nodes(tree):
        if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            yield node
            yield from statements(node)


def imported(path):
    """(part of modeq, line) for every import in a file, inside functions too."""
    package = ["modeq", *path.relative_to(ROOT).parent.parts]
    for node in statements(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name.split(".") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            base = base + (node.module.split(".") if node.module else [])
            names = [base] if len(base) > 1 else [[*base, alias.name] for alias in node.names]
        for name in names:
            if name[0] == "modeq" and len(name) > 1 and name[1] != "__version__":
                yield name[1], node.lineno


FILES = sorted(path for path in ROOT.rglob("*.py") if path.parent != ROOT or path.name not in ("__init__.py", "__main__.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_follow_the_data_flow(path):
    here = part_of(path)
    wrong = [f"line {line}: {name}" for name, line in imported(path) if name != here and name not in IMPORTS[here]]
    assert not wrong


def test_the_table_permits_nothing_that_no_file_imports():
    used = {part: set() for part in IMPORTS}
    for path in FILES:
        used[part_of(path)] |= {name for name, _ in imported(path)}
    assert {part: others - used[part] for part, others in IMPORTS.items() if others - used[part]} == {}


def test_every_part_has_its_place_in_the_data_flow():
    parts = {part_of(path) for path in ROOT.rglob("*.py")} - {"__init__", "__main__"}
    assert parts == set(IMPORTS)


PICTURES = {"README.md": set(IMPORTS) - GROUND | {"exact"}, "docs/api/index.rst": set(IMPORTS) - GROUND - {"kernels"}}


@pytest.mark.parametrize("page", PICTURES)
def test_the_picture_shows_every_part_where_the_imports_have_it(page):
    """In each line what is on the right needs something on the left, what is on the left is needed on the right; no part is missing."""
    text = (ROOT.parent / page).read_text(encoding="utf-8")
    lines = [line.strip() for line in text.splitlines() if "─►" in line or "──┐" in line]
    steps = [[set(re.findall(r"[a-z]+", step)) for step in re.split("─►", line)] for line in lines]
    assert {part for line in steps for step in line for part in step} == PICTURES[page]
    needs = nx.transitive_closure(nx.DiGraph([(part, other) for part, others in IMPORTS.items() for other in others]))
    for line in steps:
        for low, high in pairwise(step for step in line if step):
            assert all(any(needs.has_edge(part, other) for other in low) for part in high), (low, high)
            assert all(any(needs.has_edge(part, other) for part in high) for other in low), (low, high)


def test_the_table_of_the_readme_names_every_part():
    table = [line for line in (ROOT.parent / "README.md").read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    named = {name for line in table for name in re.findall(r"`([a-z_]+)(?:/|\.py)", line)}
    assert set(IMPORTS) <= named
    files = {name for line in table for name in re.findall(r"`([a-z_/]+(?:/|\.py))`", line)}
    assert {name for name in files if not (ROOT / name).exists()} == set()
    assert "flows/registry.py" in files


def test_the_imports_of_the_code_have_no_cycle():
    below = {part: set() for part in IMPORTS}
    for path in FILES:
        below[part_of(path)] |= {name for name, _ in imported(path)} - {part_of(path)}
    graph = nx.DiGraph([(part, other) for part, others in below.items() for other in others])
    assert graph.number_of_edges() > len(IMPORTS)  # it was read
    assert nx.is_directed_acyclic_graph(graph)


def test_the_command_line_is_the_only_way_in_besides_the_package():
    """`__init__` and `__main__` import nothing at once but names of their own package."""
    for name in ("__init__.py", "__main__.py"):
        assert {part for part, _ in imported(ROOT / name)} <= {"cli"}


@pytest.mark.parametrize("package", ["trees", "methods", "series", "expressions"])
def test_deriving_names_no_numerical_library(package):
    target = ROOT / package
    files = target.rglob("*.py") if target.is_dir() else [target.with_suffix(".py")]
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = (
                [a.name for a in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            assert not {name.split(".")[0] for name in names} & {"numba", "scipy", "matplotlib"}


HEAVY = ["numba", "scipy.integrate", "scipy.special", "matplotlib", "typer", "rich"]


def loaded(fresh_python, code):
    result = fresh_python(f"{code}\nimport json, sys\nprint(json.dumps([m for m in {HEAVY} if m in sys.modules]))")
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_importing_the_package_loads_nothing_heavy(fresh_python):
    assert loaded(fresh_python, "import modeq") == []


def test_deriving_an_equation_loads_nothing_heavy(fresh_python):
    code = (
        "import modeq as mq\nstr(mq.modified_equation(mq.HeavyBall('beta'), 3))\nmq.principal_flow(mq.GradientDescent()).coefficient(0.5)"
    )
    assert loaded(fresh_python, code) == []


@pytest.mark.parametrize("words", [["--help"], ["derive", "--help"], ["derive", "gd", "--order", "3"]])
def test_deriving_on_the_command_line_loads_no_numerical_library(fresh_python, words):
    code = f"""
import json, sys
from modeq.cli import main
assert main({words!r}) == 0
print(json.dumps(sorted({{module.partition(".")[0] for module in sys.modules}} & {{"numba", "scipy", "sklearn", "matplotlib", "rich"}})))
"""
    result = fresh_python(code)
    assert json.loads(result.stdout.splitlines()[-1]) == [], result.stderr


def test_plain_words_are_read_without_the_library_for_words(fresh_python):
    result = fresh_python("import sys\nfrom modeq.cli import main\nmain(['derive', 'gd'])\nprint({'typer', 'pydantic'} & set(sys.modules))")
    assert result.stdout.splitlines()[-1] == "set()", result.stderr


def test_binding_and_expanding_loads_no_compiler(fresh_python):
    code = "import modeq as mq\nmq.modified_equation(mq.GradientDescent(), 3).on(mq.losses.rosenbrock()).expressions()"
    assert loaded(fresh_python, code) == []


def test_every_public_name_exists():
    for name in modeq.__all__:
        assert getattr(modeq, name) is not None
        assert name in dir(modeq)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="gradient_decent"):
        modeq.gradient_decent  # noqa: B018


def test_type_checkers_see_the_same_names():
    """The lazy table and the imports for type checkers are two copies of one list."""
    tree = ast.parse((ROOT / "__init__.py").read_text(encoding="utf-8"))
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    seen = {alias.asname for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert seen == set(modeq.__all__)


def test_nothing_public_is_missing_its_documentation():
    undocumented = [name for name in modeq.__all__ if not (getattr(modeq, name).__doc__ or "").strip()]
    assert not undocumented
