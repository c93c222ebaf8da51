"""Print again what the pages say was printed, and compare: ``python docs/check_numbers.py``.

A block of lines below ``<!-- printed by: python -m tests.benchmarks.branches -->`` has to be what this command prints. Words are compared
as they are, numbers to a tenth, because other machines round otherwise. ``<!-- measured by: … -->`` names the source of what depends
on the machine or takes too long to repeat, and is not compared. The tests run the examples of the pages themselves.
"""

from __future__ import annotations

import math
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "docs" / "how-to").glob("*.md")))
PRINTED = re.compile(r"^<!-- printed by: python (-m [\w.]+(?: [\w-]+)*) -->\n((?:.+\n)+)", re.MULTILINE)
NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e[+-]\d+)?")
TOLERANCE = 0.1


def blocks(page: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield the command and the lines of every block that says what printed it."""
    for arguments, text in PRINTED.findall(page.read_text(encoding="utf-8")):
        yield arguments, text.splitlines()


def alike(written: str, printed: str) -> bool:
    """Whether two lines have the same words and nearly the same numbers."""
    if NUMBER.sub("#", written) != NUMBER.sub("#", printed):
        return False
    pairs = zip(NUMBER.findall(written), NUMBER.findall(printed), strict=True)
    return all(math.isclose(float(a), float(b), rel_tol=TOLERANCE) for a, b in pairs)


def main() -> int:
    """Return the number of blocks that have drifted."""
    drifted = 0
    for page in PAGES:
        for arguments, written in blocks(page):
            run = subprocess.run(
                [sys.executable, *arguments.split()], cwd=ROOT, check=True, capture_output=True, text=True, encoding="utf-8"
            )
            printed = run.stdout.splitlines()
            wrong = [pair for pair in zip(written, printed, strict=False) if not alike(*pair)]
            if wrong or len(written) != len(printed):
                drifted += 1
                print(f"{page.relative_to(ROOT)}: python {arguments} prints {len(printed)} lines, {len(written)} are written")
                for line, new in wrong:
                    print(f"  written  {line}\n  printed  {new}")
            else:
                print(f"{page.relative_to(ROOT)}: {len(written)} lines as printed by python {arguments}", flush=True)
    return drifted


if __name__ == "__main__":
    sys.exit(min(main(), 1))
