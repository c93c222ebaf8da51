"""Plain words, ``heavy-ball --order 4``, read by the signature of the function that they are for.

The library that reads the words of all commands, and explains and corrects them, takes a third of the time of importing SymPy. What it
would read as it stands here is read without it; all else – help, abbreviations, mistakes – is left to it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any


def plain_words(function: Callable[..., Any], words: Sequence[str]) -> dict[str, Any] | None:
    """Return the arguments that the words stand for; None if they are not that plain.

    Plain is one word for each argument without a default, and options by their whole names, each followed by its value; those with
    the default False are followed by none.

    Examples
    --------
    >>> def derive(method: str, *, order: int = 3, latex: bool = False) -> None: ...
    >>> plain_words(derive, ["gd", "--order", "4"])
    {'method': 'gd', 'order': 4}
    >>> plain_words(derive, ["gd", "--help"])
    """
    parameters = inspect.signature(function).parameters
    places = [name for name, parameter in parameters.items() if parameter.default is parameter.empty]
    found: dict[str, Any] = {}
    rest = iter(words)
    for word in rest:
        name = word.removeprefix("--").replace("-", "_") if word.startswith("--") else places.pop(0) if places else ""
        if name not in parameters or name in found or (not word.startswith("--") and word.startswith("-")):
            return None
        default = parameters[name].default
        value: Any = True if default is False else next(rest, "-") if word.startswith("--") else word
        if isinstance(value, str) and value.startswith("-"):
            return None
        if isinstance(default, int) and default is not False:
            if not value.isdecimal():
                return None
            value = int(value)
        found[name] = value
    return None if places else found
