"""Objects answer for themselves: few lines ask for the kind of a flow, equation or field outside its own module, each with its reason."""

import ast
from collections import Counter
from pathlib import Path

import modeq

ROOT = Path(modeq.__file__).parent
CONTRACTS = {"Flow", "Equation", "Field", "ModifiedLoss"}

# What is asked, and why the contract does not answer it.
ASKED = {
    ("analysis/chosen_flows.py", "Flow"): "a person gives a flow, an equation or a name",
    ("analysis/chosen_flows.py", "Equation"): "the same",
    ("analysis/weak_order.py", "StochasticFlow"): "an argument of a public function, refused in words",
    ("flows/checks.py", "Field"): "the same",
    ("integration/ensembles.py", "StochasticFlow"): "the same",
    ("losses/parted.py", "Loss"): "the same",
    ("plotting/symbol.py", "Equation"): "a person gives one or several: two lines",
    ("plotting/trees.py", "SeriesEquation"): "only a B-series has trees to draw; refused in words",
}


def definitions():
    """The module of each class, and the names of its bases."""
    home, bases = {}, {}
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                home[node.name] = path
                bases[node.name] = {name.id for base in node.bases for name in ast.walk(base) if isinstance(name, ast.Name)}
    return home, bases


def kinds(bases):
    """All classes that derive from a contract."""
    found = set(CONTRACTS)
    while more := {name for name, above in bases.items() if above & found} - found:
        found |= more
    return found


def named(tree):
    return {node.id if isinstance(node, ast.Name) else node.attr for node in ast.walk(tree) if isinstance(node, (ast.Name, ast.Attribute))}


def asked(tree):
    """Yield what each question for a type names: isinstance, issubclass, comparisons with type(…), cases of match."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("isinstance", "issubclass"):
            yield named(node.args[1])
        elif isinstance(node, ast.Compare) and any("type" in named(side) for side in (node.left, *node.comparators)):
            yield named(node)
        elif isinstance(node, ast.match_case):
            yield named(node.pattern)


def test_few_lines_ask_for_the_kind_of_a_flow_equation_or_field_outside_its_module():
    home, bases = definitions()
    known, found = kinds(bases), Counter()
    for path in ROOT.rglob("*.py"):
        for names in asked(ast.parse(path.read_text(encoding="utf-8"))):
            for name in names & known:
                if home[name] != path:
                    found[path.relative_to(ROOT).as_posix(), name] += 1
    assert len(known) > 40  # they were found
    assert set(found) == set(ASKED)
    assert sum(found.values()) <= 10


def test_every_way_to_ask_is_seen():
    code = "isinstance(a, Flow)\nissubclass(b, (int, Loss))\ntype(c) is Field\nd == type(e)\nmatch f:\n    case Rod(): pass\n"
    seen = set().union(*asked(ast.parse(code)))
    assert {"Flow", "Loss", "Field", "Rod"} <= seen
    assert len(list(asked(ast.parse(code)))) == 5
