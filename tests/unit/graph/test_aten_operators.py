"""The table of PyTorch's operators, which needs no PyTorch."""

import re
from pathlib import Path

import modeq
from modeq.graph import aten_operators
from modeq.graph.aten_operators import OPERATORS, REFUSED


def test_no_operator_is_both_supported_and_refused():
    assert not set(OPERATORS) & set(REFUSED)


def test_the_module_lists_every_supported_operator():
    assert set(OPERATORS) <= {word.strip(",.") for word in aten_operators.__doc__.split()}


def test_the_page_lists_every_supported_operator_and_no_other():
    page = (Path(modeq.__file__).parents[1] / "docs" / "how-to" / "torch.md").read_text(encoding="utf-8")
    table = page.partition("<!-- operators -->")[2].partition("\n\n")[0]
    assert set(re.findall(r"`([^`]+)`", table)) == set(OPERATORS)
