"""Execute the notebooks from scratch, each in a process of its own, and write what they show to docs/notebooks.

``python docs/execute_notebooks.py`` runs all of ``notebooks/*.py``, ``python docs/execute_notebooks.py 02`` those whose names start
like this. An error, a warning or anything else on the error stream of a notebook, and a run of more than three minutes are fatal.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "notebooks"
PAGES = ROOT / "docs" / "notebooks"
LIMIT = 180.0  # seconds for one notebook


class NotebookError(Exception):
    """A notebook failed; the message says where and why."""


def execute(source: Path) -> nbformat.NotebookNode:
    """Run a notebook in percent format in a new process and an empty folder; return it with its outputs."""
    notebook = jupytext.read(source)
    notebook.metadata.setdefault("kernelspec", {"name": "python3", "display_name": "Python 3", "language": "python"})
    deadline = time.monotonic() + LIMIT
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            notebook,
            kernel_name="python3",
            timeout_func=lambda _: max(1, int(deadline - time.monotonic())),
            resources={"metadata": {"path": folder}},
            extra_arguments=["--log-level=ERROR", "--InlineBackend.figure_formats=retina"],
        )
        client.execute()
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "stream" and output.name == "stderr":
                raise NotebookError(f"the cell\n\n{cell.source}\n\nwrote to the error stream:\n\n{output.text}")
        cell.metadata.pop("execution", None)  # the times of day at which cells ran
    return notebook


def main(prefixes: list[str]) -> int:
    """Execute the notebooks whose names start with one of the prefixes, all without any; return the number of failures."""
    sources = sorted(SOURCES.glob("[0-9]*.py"))
    PAGES.mkdir(exist_ok=True)
    for page in PAGES.glob("*.ipynb"):
        if page.stem not in {source.stem for source in sources}:
            page.unlink()
    chosen = [source for source in sources if not prefixes or source.name.startswith(tuple(prefixes))]
    failed = 0
    for source in chosen:
        page = PAGES / f"{source.stem}.ipynb"
        page.unlink(missing_ok=True)  # what an earlier run showed is not what this one shows
        start = time.monotonic()
        try:
            nbformat.write(execute(source), page)
        except Exception as error:  # whatever goes wrong in one, the others are run
            failed += 1
            print(f"{source.stem}: FAILED after {time.monotonic() - start:.0f} s\n{error}", file=sys.stderr, flush=True)
        else:
            print(f"{source.stem}: {time.monotonic() - start:.0f} s", flush=True)
    print(f"{len(chosen)} notebooks, {failed} failed")
    return failed


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
