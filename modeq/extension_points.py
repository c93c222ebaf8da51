"""Generic functions whose implementations live in a later layer and are loaded on first use.

`equation.on(E)` is offered by the series and done by the flows; `report.plot()` is offered by the analysis and done by the
plotting. Imports follow the data flow only: the early layer calls a function of this module, the late layer registers an
implementation for each kind of its first arguments, and the module that registers them all is imported when the function is
first called.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from itertools import product
from typing import Any, TypeVar, final

_Function = TypeVar("_Function", bound=Callable[..., Any])


@final
class ExtensionPoint:
    """A function that dispatches on the types of its first arguments; the most specific implementation is called.

    Of two implementations the one that is more specific in an earlier argument wins.

    Parameters
    ----------
    provider
        The module whose import registers the implementations of modeq.
    refusal
        Message of the `TypeError` where there is none, with one ``{}`` for the name of each type.
    """

    def __init__(self, provider: str, refusal: str) -> None:
        self._provider, self._refusal = provider, refusal
        self._arity = refusal.count("{}")
        self._known: dict[tuple[type, ...], Callable[..., Any]] = {}

    def register(self, *kinds: type) -> Callable[[_Function], _Function]:
        """Decorate the implementation for these types of the first arguments."""
        if len(kinds) != self._arity:
            raise TypeError(f"expected {self._arity} type(s), got {len(kinds)}")

        def remember(function: _Function) -> _Function:
            self._known[kinds] = function
            return function

        return remember

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """Call the implementation for the types of the first arguments."""
        importlib.import_module(self._provider)
        first = arguments[: self._arity]
        for kinds in product(*(type(argument).__mro__ for argument in first)):
            if kinds in self._known:
                return self._known[kinds](*arguments, **options)
        raise TypeError(self._refusal.format(*(type(argument).__name__ for argument in first)))


bind = ExtensionPoint("modeq.flows.bindings", "{} cannot be put on a {}")
"""``bind(equation, field)`` gives the flow."""
modified_loss_on = ExtensionPoint("modeq.flows.bindings", "{} cannot be put on a {}")
"""``modified_loss_on(modified_loss, loss, h)`` gives a loss."""
loss_expression = ExtensionPoint("modeq.flows.bindings", "{} has no formula on a {}")
"""``loss_expression(modified_loss, loss)`` gives the formula of such a loss."""
draw = ExtensionPoint("modeq.plotting", "there is no picture of {}")
"""``draw(result, path)`` gives the figure."""
animate = ExtensionPoint("modeq.plotting", "there is no animation of {}")
"""``animate(result, path, frames, seconds)`` gives the animation."""
