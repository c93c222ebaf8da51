"""Aligned text: the one look of the tables of this package."""

from __future__ import annotations

from collections.abc import Sequence


def aligned(rows: Sequence[Sequence[str]], *, left: Sequence[int] = ()) -> list[str]:
    r"""Return lines with aligned columns, the first row underlined; numbers are right-aligned, the last column and those of `left` are not.

    Examples
    --------
    >>> print("\n".join(aligned([("λ", "regime"), ("12", "flat")])))
     λ  regime
    ──  ──────
    12  flat
    """
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    alignments = ["<" if i in left or i == len(widths) - 1 else ">" for i in range(len(widths))]
    lines = ["  ".join(f"{cell:{a}{w}}" for cell, a, w in zip(row, alignments, widths, strict=True)).rstrip() for row in rows]
    lines.insert(1, "  ".join("─" * width for width in widths))
    return lines


def number(value: complex, digits: int = 4) -> str:
    """Write a number with a few digits, without an imaginary part of rounding errors."""
    if abs(value.imag) <= 1e-12 * abs(value):
        return f"{value.real:.{digits}g}"
    return f"{value:.{digits}g}"
