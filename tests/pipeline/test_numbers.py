"""Numbers in the prose of README and docs come from an example in their section, or their paragraph says what prints them."""

import ast
import doctest
import importlib.util
import re
import sys
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode, written = True, sys.dont_write_bytecode
specification = importlib.util.spec_from_file_location("check_numbers", ROOT / "docs" / "check_numbers.py")
check_numbers = importlib.util.module_from_spec(specification)
specification.loader.exec_module(check_numbers)
sys.dont_write_bytecode = written

# What is code, formula, link or citation is no number in prose.
NO_PROSE = r"```.*?^```|\$\$.*?\$\$|\$[^$]*\$|`[^`]*`|\]\([^)]*\)|https?://\S+|arXiv\s+\d+\.\d+|doi:\S+|≥ 3\.\d+|<!--.*?-->"
MEASURED = re.compile(
    r"(?<![\w.])\d+(?:\.\d+)?e[+-]?\d+|(?<![\w.])\d+(?:\.\d+)? %|(?<![\w.])\d+\.\d+(?![\w.]*\w)|(?<![\w.])\d+(?= (?:µs|ms|s|MB)(?!\w))"
)
NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?")


def sections(page):
    """The text of a page from each heading to the next; what stands in code is no heading."""
    text = page.read_text(encoding="utf-8")
    headings = [match.start() for match in re.finditer(r"^#{1,6} |^```.*?^```", text, re.DOTALL | re.MULTILINE) if match[0].startswith("#")]
    return [text[start:end] for start, end in pairwise([0, *headings, len(text)])]


def shown(section):
    """All numbers that the examples of a section print, or are given, and those that it says were printed."""
    examples = [example.source + example.want for example in doctest.DocTestParser().get_examples(section)]
    tables = [lines for _, lines in check_numbers.PRINTED.findall(section)]
    return [float(number) for text in (*examples, *tables) for number in NUMBER.findall(text)]


def asserted(test):
    """The numbers in the assertions of a test, in its cases and in what is drawn at random; no others of its file explain anything."""
    found = []
    for node in ast.walk(ast.parse(test.read_text(encoding="utf-8"))):
        called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
        if isinstance(node, ast.Assert) or "assert_" in called or called.endswith("parametrize") or called.startswith("rng."):
            found += [abs(value.value) for value in ast.walk(node) if isinstance(value, ast.Constant) and type(value.value) in (int, float)]
    return found


def is_rounded(text, number):
    """Whether `text` is what is left of a number at so many digits; a percentage of a fraction, or of a printed percentage."""
    written = text.removesuffix(" %")
    digits = written.partition("e")[0].partition(".")[2]
    form = f".{len(digits)}e" if "e" in written else f".{len(digits)}f"
    values = (number, 100 * number) if text.endswith("%") else (number,)
    return any(float(format(value, form)) == float(written) for value in values)


def unexplained(page):
    """(number, paragraph) where no example of the section shows the number and the paragraph does not say what prints it."""
    for section in sections(page):
        known = shown(section)
        prose = re.sub(r"^```.*?^```", "", check_numbers.PRINTED.sub("", section), flags=re.DOTALL | re.MULTILINE)
        for paragraph in re.split(r"\n\s*\n", prose):
            sources = re.findall(r"`(tests/[\w/]+\.py)`", paragraph)
            benchmark = re.search(r"(?:`|^<!-- measured by: )python -m tests\.benchmarks[. ]([\w-]+)", paragraph)
            if benchmark and (ROOT / "tests" / "benchmarks" / f"{benchmark[1].replace('-', '_')}.py").exists():
                continue
            printed = [number for source in sources for number in asserted(ROOT / source)]
            for number in MEASURED.findall(re.sub(NO_PROSE, " ", paragraph, flags=re.DOTALL | re.MULTILINE)):
                if not any(is_rounded(number, value) for value in known) and float(number.removesuffix(" %")) not in printed:
                    yield number, paragraph


@pytest.mark.parametrize("page", check_numbers.PAGES, ids=lambda page: page.name)
def test_every_number_in_prose_is_shown_by_an_example_or_has_a_source(page):
    assert list(unexplained(page)) == []


def test_a_number_that_nothing_prints_is_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("The error is 1.3e-4, or 12 %.\n\n```python\n>>> 0.1234\n0.1234\n\n```\n", encoding="utf-8")
    assert [number for number, _ in unexplained(page)] == ["1.3e-4"]


def test_a_number_is_explained_by_its_own_section_only(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# One\n\n```python\n>>> 0.25  # no heading\n0.25\n\n```\n\n0.25\n\n# Two\n\n0.25\n", encoding="utf-8")
    assert [paragraph for _, paragraph in unexplained(page)] == ["0.25\n"]


def test_of_a_test_only_what_it_asserts_explains_a_number(tmp_path):
    test = tmp_path / "test_this.py"
    test.write_text("SIZE = 0.7\n\n\ndef test_it():\n    h = 0.25\n    assert abs(run(h) - 3.5) < 2e-11\n", encoding="utf-8")
    assert sorted(asserted(test)) == [2e-11, 3.5]


def test_only_percentages_are_hundredths(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("The error is 12.34, or 12.34 %.\n\n```python\n>>> 0.1234\n0.1234\n\n```\n", encoding="utf-8")
    assert [number for number, _ in unexplained(page)] == ["12.34"]


def test_a_line_with_another_number_or_word_has_drifted():
    assert check_numbers.alike("| rotated | 1.0e-03 |", "| rotated | 1.05e-03 |")
    assert not check_numbers.alike("| rotated | 1.0e-03 |", "| rotated | 1.3e-03 |")
    assert not check_numbers.alike("| rotated | 825 |", "| stalled | 825 |")
