"""Results as HTML for notebooks: a table, sentences, and pictures that are part of the text."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape


def table_html(title: str, rows: Sequence[Sequence[str]], notes: Sequence[str] = (), picture: str = "") -> str:
    """Return a title, a table whose first row names the columns, notes and a picture, with no style of its own."""
    head, *body = rows
    cells = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    lines = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in body)
    below = "".join(f"<div>{escape(note)}</div>" for note in notes)
    return (
        f"<div><strong>{escape(title)}</strong></div><table><thead><tr>{cells}</tr></thead><tbody>{lines}</tbody></table>{below}{picture}"
    )


def image_html(data: bytes, form: str, words: str) -> str:
    """Return an image, ``"png"`` or ``"gif"``, that needs no file."""
    return f'<img alt="{escape(words)}" src="data:image/{form};base64,{base64.b64encode(data).decode()}"/>'
