"""The pages link what is there, and a package by its own pages rather than by those of a registry."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "docs" / "how-to").glob("*.md"))]
LINK = re.compile(r"\]\(([^)\s]+)\)")
REGISTRIES = ("pypi" + ".org", "anaconda" + ".org", "pythonhosted" + ".org", "npmjs" + ".com")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_relative_links_lead_to_a_file(page):
    targets = [link.partition("#")[0] for link in LINK.findall(page.read_text(encoding="utf-8")) if not link.startswith(("http", "#"))]
    made = ROOT / "docs" / "notebooks"  # by running the notebooks
    assert [target for target in targets if not (page.parent / target).exists() and (page.parent / target).resolve().parent != made] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_packages_are_linked_by_their_own_pages(page):
    text = page.read_text(encoding="utf-8")
    assert [host for host in REGISTRIES if host in text] == []
