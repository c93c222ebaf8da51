"""Every public name says what it does: arguments, shapes, errors and sources, with an example; and the reference lists it."""

import ast
import dataclasses
import inspect
import re
import textwrap
from pathlib import Path

import pytest
from numpydoc.docscrape import NumpyDocString

import modeq

ROOT = Path(modeq.__file__).parent
REFERENCE = ROOT.parent / "docs" / "api"
PACKAGES = ("analysis", "data", "depth", "losses", "plotting", "records", "sweeps", "trees")  # all that these export is meant for users
NAMES = [name for name in modeq.__all__ if not inspect.ismodule(getattr(modeq, name))]
NAMES += [f"{package}.{name}" for package in PACKAGES for name in getattr(modeq, package).__all__ if name not in NAMES]


def find(name):
    value = modeq
    for part in name.split("."):
        value = getattr(value, part)
    return value


DOCUMENTED = [name for name in NAMES if callable(find(name))]
FUNCTIONS = [name for name in DOCUMENTED if not inspect.isclass(find(name))]
CLASSES = [name for name in DOCUMENTED if inspect.isclass(find(name))]


def sections(name):
    return NumpyDocString(inspect.getdoc(find(name)))


def described(entries):
    """Names that a section describes; one entry may name several."""
    return {name.strip(" *") for entry in entries for name in entry.name.split(",")}


def see_also(name):
    """Full names of what a docstring points to."""
    return [link for links, _ in sections(name)["See Also"] for link, _ in links]


def takes_arrays(annotation):
    return bool(re.search(r"\b(Array|ArrayLike|NDArray)\b", str(annotation)))


def own_raises(function):
    """Names of the exceptions that the text of a function raises itself."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(function))))
    calls = [node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise) and node.exc is not None]
    return {ast.unparse(call.func) for call in calls if isinstance(call, ast.Call)}


@pytest.mark.parametrize("name", DOCUMENTED)
def test_a_docstring_starts_with_a_sentence(name):
    summary = " ".join(sections(name)["Summary"])
    assert summary.endswith((".", "!")), summary


@pytest.mark.parametrize("name", DOCUMENTED)
def test_a_docstring_has_an_example_or_says_what_makes_such_a_value(name):
    examples = [name, *(link.removeprefix("modeq.") for link in see_also(name))] if name in CLASSES else [name]
    assert any(">>> " in "\n".join(sections(other)["Examples"]) for other in examples)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_parameter_is_described(name):
    assert described(sections(name)["Parameters"]) >= set(inspect.signature(find(name)).parameters)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_a_function_returns_is_described(name):
    returned = inspect.signature(find(name)).return_annotation
    said = sections(name)["Returns"] or sections(name)["Yields"] or sections(name)["Summary"][0].startswith("Return ")
    assert said or returned == "None"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_errors_that_a_function_raises_itself_are_named(name):
    named = " ".join(entry.type for entry in sections(name)["Raises"])
    assert {error for error in own_raises(find(name)) if error not in named} == set()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_arrays_come_with_their_shapes(name):
    signature = inspect.signature(find(name))
    described_by = {part: " ".join(entry.desc) for entry in sections(name)["Parameters"] for part in described([entry])}
    for parameter in signature.parameters.values():
        if takes_arrays(parameter.annotation):
            assert "shape" in described_by[parameter.name], parameter.name
    if takes_arrays(signature.return_annotation):
        assert "shape" in " ".join(" ".join([entry.type, *entry.desc]) for entry in sections(name)["Returns"])


@pytest.mark.parametrize("name", [name for name in CLASSES if dataclasses.is_dataclass(find(name))])
def test_every_field_of_a_value_is_described_and_arrays_with_their_shapes(name):
    fields = [field for field in dataclasses.fields(find(name)) if field.repr]  # the others are no part of the value
    documents = [NumpyDocString(inspect.getdoc(kind)) for kind in find(name).__mro__ if dataclasses.is_dataclass(kind)]
    assert {field.name for field in fields} <= set().union(*(described(document["Attributes"]) for document in documents))
    assert "shape" in inspect.getdoc(find(name)) or not any(takes_arrays(field.type) for field in fields)


@pytest.mark.parametrize("name", DOCUMENTED)
def test_mathematics_has_a_source(name):
    assert "math:" not in inspect.getdoc(find(name)) or sections(name)["References"]


def test_the_reference_lists_every_public_name_once():
    texts = [page.read_text(encoding="utf-8") for page in REFERENCE.glob("*.rst")]
    listed = [name for text in texts for name in re.findall(r"^   ([\w.]+)$|^\.\. autodata:: (?:modeq\.)?([\w.]+)", text, re.MULTILINE)]
    listed = [first or second for first, second in listed]
    assert [name for name in NAMES if listed.count(name) != 1] == []
