"""Numbers in the prose of README and docs come from an example on the page, or the page says what prints them."""

import doctest
import importlib.util
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode, written = True, sys.dont_write_bytecode
specification = importlib.util.spec_from_file_location("check_numbers", ROOT / "docs" / "check_numbers.py")
check_numbers = importlib.util.module_from_spec(specification)
specification.loader.exec_module(check_numbers)
sys.dont_write_bytecode = written

# What is code, formula, link or citation is no number in prose.
NO_PROSE = r"```.*?^```|\$\$.*?\$\$|\$[^$]*\$|`[^`]*`|\]\([^)]*\)|https?://\S+|arXiv \d+\.\d+|doi:\S+|≥ 3\.\d+|<!--.*?-->"
MEASURED = re.compile(r"(?<![\w.])\d+(?:\.\d+)?e[+-]?\d+|(?<![\w.])\d+\.\d+(?![\w.]*\w)|(?<![\w.])\d+(?= (?:%|µs|ms|s|MB)(?!\w))")


def shown(page):
    """All numbers that the examples of a page print, or are given, and those that it says were printed."""
    text = page.read_text(encoding="utf-8")
    examples = [example.source + example.want for example in doctest.DocTestParser().get_examples(text)]
    tables = [line for _, lines in check_numbers.blocks(page) for line in lines]
    return [float(number) for text in (*examples, *tables) for number in re.findall(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?", text)]


def is_rounded(text, number):
    """Whether `text` is what is left of a number at so many digits; a percentage of a fraction as well."""
    digits = text.partition("e")[0].partition(".")[2]
    form = f".{len(digits)}e" if "e" in text else f".{len(digits)}f"
    return any(float(format(value, form)) == float(text) for value in (number, 100 * number))


def unexplained(page):
    """(number, paragraph) where no example shows the number and the paragraph does not say what prints it."""
    known = shown(page)
    text = check_numbers.PRINTED.sub("", page.read_text(encoding="utf-8"))
    text = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    for paragraph in re.split(r"\n\s*\n", text):
        sources = [(ROOT / name).read_text(encoding="utf-8") for name in re.findall(r"`(tests/[\w/]+\.py)`", paragraph)]
        benchmark = re.search(r"(?:`|^<!-- measured by: )python -m tests\.benchmarks[. ]([\w-]+)", paragraph)
        if benchmark and (ROOT / "tests" / "benchmarks" / f"{benchmark[1].replace('-', '_')}.py").exists():
            continue
        for number in MEASURED.findall(re.sub(NO_PROSE, " ", paragraph, flags=re.DOTALL | re.MULTILINE)):
            if not any(is_rounded(number, value) for value in known) and not any(number in source for source in sources):
                yield number, paragraph


@pytest.mark.parametrize("page", check_numbers.PAGES, ids=lambda page: page.name)
def test_every_number_in_prose_is_shown_by_an_example_or_has_a_source(page):
    assert list(unexplained(page)) == []


def test_a_number_that_nothing_prints_is_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("The error is 1.3e-4, or 12 %.\n\n```python\n>>> 0.1234\n0.1234\n\n```\n", encoding="utf-8")
    assert [number for number, _ in unexplained(page)] == ["1.3e-4"]


def test_a_line_with_another_number_or_word_has_drifted():
    assert check_numbers.alike("| rotated | 1.0e-03 |", "| rotated | 1.05e-03 |")
    assert not check_numbers.alike("| rotated | 1.0e-03 |", "| rotated | 1.3e-03 |")
    assert not check_numbers.alike("| rotated | 825 |", "| stalled | 825 |")
