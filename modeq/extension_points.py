"""Generic functions whose implementations live in a later layer and are loaded on first use.

`equation.on(E)` is offered by the series and done by the flows; `report.plot()` is offered by the analysis and done by the
plotting. Imports follow the data flow only, so the early layer declares an extension point, the late layer registers an
implementation for each type, and `modeq/__init__.py` alone knows which package provides what.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import singledispatch
from typing import Any, TypeVar, final

_Function = TypeVar("_Function", bound=Callable[..., Any])
_PROVIDERS: dict[str, str] = {}


def provide(point: str, package: str) -> None:
    """Say which package registers the implementations of an extension point."""
    _PROVIDERS[point] = package


@final
class ExtensionPoint:
    """A function that dispatches on the type of its first argument and imports its provider when first called.

    Parameters
    ----------
    name
        What `provide` calls it.
    refusal
        Message of the `TypeError` for types without implementation, with ``{}`` for the type's name.
    """

    def __init__(self, name: str, refusal: str) -> None:
        self._name = name

        def refuse(value: Any, *_: Any) -> Any:
            raise TypeError(refusal.format(type(value).__name__))

        self._dispatch = singledispatch(refuse)

    def register(self, kind: type) -> Callable[[_Function], Any]:
        """Decorate the implementation for a type."""
        return self._dispatch.register(kind)

    def __call__(self, value: Any, *arguments: Any) -> Any:
        """Call the implementation for the type of `value`."""
        importlib.import_module(_PROVIDERS[self._name])
        return self._dispatch(value, *arguments)
