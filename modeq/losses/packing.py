"""How a user's parameters are taken apart into named arrays, and put together again."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final


class Packing(ABC):
    """The form in which a loss takes its parameters apart into named arrays, and puts them together again.

    Examples
    --------
    Parameters as a tuple (W, b), for `Loss.from_functions(packing=…)`:

    >>> class Pair(Packing):
    ...     def apart(self, params):
    ...         return dict(zip("Wb", params, strict=True))
    ...
    ...     def together(self, arrays):
    ...         return arrays["W"], arrays["b"]
    >>> Pair().together(Pair().apart((1.0, 2.0)))
    (1.0, 2.0)
    """

    @abstractmethod
    def apart(self, params: Any) -> Mapping[str, Any]:
        """Return the arrays by name, in the order of θ; raise `TypeError` or `ValueError` for another form."""

    @abstractmethod
    def together(self, arrays: Mapping[str, Any]) -> Any:
        """Return the parameters that have these arrays."""


@final
@dataclass(frozen=True)
class ByName(Packing):
    """A dict of arrays by name.

    Examples
    --------
    >>> ByName().apart({"w": 1.0})
    {'w': 1.0}
    """

    def apart(self, params: Any) -> Mapping[str, Any]:
        """Return the arrays by name."""
        if not isinstance(params, Mapping):
            raise TypeError(f"expected the parameters by name, such as {{'W': …, 'b': …}}, got {type(params).__name__}")
        return params

    def together(self, arrays: Mapping[str, Any]) -> Any:
        """Return the arrays as a dict."""
        return dict(arrays)


@final
@dataclass(frozen=True)
class Nested(Packing):
    """Dicts of dicts of arrays; the name of an array is its path, such as ``encoder.W``.

    Examples
    --------
    >>> Nested().apart({"encoder": {"W": 1.0, "b": 2.0}, "scale": 3.0})
    {'encoder.W': 1.0, 'encoder.b': 2.0, 'scale': 3.0}
    >>> Nested().together({"encoder.W": 1.0, "encoder.b": 2.0, "scale": 3.0})
    {'encoder': {'W': 1.0, 'b': 2.0}, 'scale': 3.0}
    """

    def apart(self, params: Any) -> Mapping[str, Any]:
        """Return the arrays by their paths."""
        found: dict[str, Any] = {}
        for name, value in ByName().apart(params).items():
            inner = self.apart(value) if isinstance(value, Mapping) else {"": value}
            found |= {f"{name}.{path}" if path else str(name): array for path, array in inner.items()}
        return found

    def together(self, arrays: Mapping[str, Any]) -> Any:
        """Return the arrays as dicts of dicts."""
        whole: dict[str, Any] = {}
        for path, array in arrays.items():
            *groups, name = path.split(".")
            place = whole
            for group in groups:
                place = place.setdefault(group, {})
            place[name] = array
        return whole
