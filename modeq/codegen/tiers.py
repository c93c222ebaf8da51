"""Generated modules in two tiers: run as they are at once, compiled when that pays.

A person does not wait for a compiler to see a first number. The text of a module runs as Python (`interpreted`) until that has taken
about as long as the next tier costs: a quarter of a second where the compiled function is in the cache on disk, one second where
it has to be compiled. Compiling happens in another process with low priority, which fills the cache, because Numba keeps the
interpreter to itself while it compiles; then the function is loaded from there. Both tiers give the same numbers up to rounding.

``MODEQ_COMPILE`` in the environment is ``auto`` for that, ``always`` to compile at the first call as Numba does, or ``never`` to
stay in Python, but for what asks for compiled code: `modeq.compile`, ``flow.kernel``, callbacks and exported modules.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from functools import cached_property
from types import ModuleType
from typing import Any, final
from weakref import WeakValueDictionary

import numpy as np

from . import background
from .cache import load_module, module_name
from .interpreted import interpreted
from .source import Source

POLICIES = ("auto", "always", "never")
_LOAD = 0.25  # seconds in Python after which loading a compiled function pays, with Numba's import
_COMPILE = 1.0  # seconds after which compiling pays
_LOOK = 0.05  # seconds in Python between two looks at the cache
_known: WeakValueDictionary[str, GeneratedModule] = WeakValueDictionary()


def generated_module(source: Source) -> GeneratedModule:
    """Return the module of a text; each text is one module per process."""
    name = module_name(source.text)
    module = _known.get(name)
    if module is None:
        module = _known.setdefault(name, GeneratedModule(name, source))
    return module


def policy() -> str:
    """Return the value of ``MODEQ_COMPILE``.

    Raises
    ------
    ValueError
        If it is none of those known.
    """
    chosen = os.environ.get("MODEQ_COMPILE", "auto")
    if chosen not in POLICIES:
        raise ValueError(f"MODEQ_COMPILE must be one of {', '.join(POLICIES)}, got {chosen!r}")
    return chosen


@final
class GeneratedModule:
    r"""The functions of a generated text, as attributes that choose the tier at each call.

    Attributes
    ----------
    name
        What the compiled module is called.
    source
        Its text.

    Examples
    --------
    >>> code = "import numpy as np\nfrom numba import njit\n\n@njit\ndef doubled(y):\n    return 2.0 * y\n"
    >>> generated_module(Source("Doubles.", code)).doubled(np.ones(2))
    array([2., 2.])
    """

    def __init__(self, name: str, source: Source) -> None:
        self.name, self.source = name, source
        self.is_compiled = False

    @cached_property
    def python(self) -> dict[str, Any]:
        """The functions by name, as they are."""
        return interpreted(self.source)

    @cached_property
    def compiled(self) -> ModuleType:
        """The module with Numba's functions, which compile when they are first called."""
        return load_module(self.source.text)

    def compile(self) -> None:
        """Use compiled functions only from now on; they compile when they are first called."""
        self.is_compiled = True

    def __getattr__(self, name: str) -> TieredFunction:
        if name.startswith("_"):
            raise AttributeError(name)
        function = TieredFunction(self, name)
        setattr(self, name, function)  # found without this method from now on
        return function


@final
class TieredFunction:
    """A function that runs in Python until it has cost what its compiled form would cost.

    What is compiled depends on the types of the arguments; here they are told apart by that of the state, the first array.
    """

    def __init__(self, module: GeneratedModule, name: str) -> None:
        self._module, self._name = module, name
        self._ready: dict[str, Callable[..., Any]] = {}
        self._spent: dict[str, float] = {}
        self._look: dict[str, float] = {}
        self._state = -1

    def __call__(self, *arguments: Any) -> Any:
        """Run the function, in one tier or the other."""
        if self._state < 0:
            self._state = next(i for i, argument in enumerate(arguments) if isinstance(argument, np.ndarray))
        kind = arguments[self._state].dtype.char
        compiled = self._ready.get(kind)
        if compiled is not None:
            return compiled(*arguments)
        if self._module.is_compiled or policy() == "always":
            return self._compile(kind, arguments)(*arguments)
        return self._interpret(kind, arguments)

    def _compile(self, kind: str, arguments: tuple[Any, ...]) -> Callable[..., Any]:
        background.compile_now(self._module.source.text, self._name, background.described(arguments))
        function: Callable[..., Any] = getattr(self._module.compiled, self._name)
        self._ready[kind] = function
        return function

    def _interpret(self, kind: str, arguments: tuple[Any, ...]) -> Any:
        started = time.perf_counter()
        try:
            with np.errstate(all="ignore"):
                return self._module.python[self._name](*arguments)
        except (ArithmeticError, ValueError) as error:
            if isinstance(error, ValueError) and not str(error).startswith(("math ", "cannot convert float")):
                raise
            raise ZeroDivisionError(str(error)) from error  # what compiled code raises for complex numbers
        finally:
            spent = self._spent[kind] = self._spent.get(kind, 0.0) + time.perf_counter() - started
            if spent > self._look.get(kind, 0.0):
                self._climb(kind, spent, arguments)

    def _climb(self, kind: str, spent: float, arguments: tuple[Any, ...]) -> None:
        """Take the compiled function if it is there and pays; have it compiled if that pays."""
        if policy() == "never":
            self._look[kind] = np.inf
            return
        types = background.described(arguments)
        if background.is_compiled(self._module.name, self._name, types):
            if spent > _LOAD or "numba" in sys.modules:
                self._compile(kind, arguments)
            self._look[kind] = max(spent + _LOOK, _LOAD)
        elif spent > _COMPILE:
            if not background.compile_later(self._module, self._name, types):  # then here
                self._compile(kind, arguments)
            self._look[kind] = spent + _LOOK
        else:
            self._look[kind] = _COMPILE


def compile(*things: Any) -> None:  # noqa: A001 - what it does, under modeq's name
    """Compile losses and flows now, and use nothing but compiled code for them from now on.

    Without it they run as Python at first, and are compiled in the background once that pays; see ``MODEQ_COMPILE`` above. Worth it
    before timing, and before a long run whose first minute matters.

    Parameters
    ----------
    things
        Losses, vector fields and flows; those that have no code of their own are left as they are.

    Raises
    ------
    TypeError
        If one of them is something else.

    Examples
    --------
    >>> import modeq as mq
    >>> flow = mq.gradient_flow().on(mq.Loss.from_sympy("x**2", ["x"]))
    >>> mq.compile(flow)
    >>> flow([1.0], 0.1)
    array([-2.])
    """
    for thing in things:
        if not callable(getattr(thing, "compile", None)) or isinstance(thing, type):
            raise TypeError(f"expected a loss or flow such as equation.on(E), got {thing!r}")
        with np.errstate(all="ignore"):  # kernels are called once where θ = 0, which need not be a point of theirs
            thing.compile()
