"""Copying numerical routines into generated modules: their text, and that of all that they call.

What a routine calls is found in its syntax tree: names that its module knows. A name that stands for a number, such as a slot of a
`Layout`, becomes the number; an argument that is `Injected` is left out, since the generated module has a global of that name.
Generated text is searched for the names of all routines alike.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from types import FunctionType, ModuleType
from typing import Any, TypeAlias, final

from ..kernels import (
    array_operations,
    branches,
    degrees,
    gauss,
    grid_numbers,
    krylov,
    loops,
    map_taylor,
    matrix_functions,
    second_degree,
    separable,
    special_functions,
    taylor_fields,
    third_correction,
    third_degree,
)
from ..kernels.layout import Layout
from ..kernels.special_functions import SPECIAL_FUNCTIONS, by_type

_LIBRARY = (
    *(array_operations, taylor_fields, krylov, separable, map_taylor, loops, matrix_functions, degrees),
    *(branches, second_degree, grid_numbers, third_degree, third_correction),
)
_INLINED = krylov.INLINED | loops.INLINED | separable.INLINED
_OF_THE_COMPILER = special_functions.COMPILED | taylor_fields.COMPILED  # functions that have a text of their own for it
# Functions that Python calls: their machine code, which has in it all that they call, is kept; see `whole_program`.
_CALLED_BY_PYTHON = frozenset(
    ("kernel", "rhs", "batch", "loss", "taylor", "products", "couplings", "run_explicit", "run_implicit", "run_paths", "run_explicit_paths")
)
WITHIN = '@njit(nogil=True, error_model="numpy", fastmath={"contract"})'
_JIT_IN_ANY_ORDER = WITHIN.replace('"}', '", "reassoc"}')
_JIT_INLINED = WITHIN.replace("})", '}, inline="always")')


@final
@dataclass(frozen=True)
class Routine:
    """A function that a module has under another name."""

    function: Callable[..., Any]
    name: str


def jit(name: str) -> str:
    """Write the decorator of a function.

    Examples
    --------
    >>> jit("psi")
    '@njit(nogil=True, error_model="numpy", fastmath={"contract"})'
    """
    return WITHIN.replace("(", "(cache=True, ", 1) if name in _CALLED_BY_PYTHON else WITHIN


Part: TypeAlias = str | Callable[..., Any] | Routine


def texts(parts: Sequence[Part]) -> list[str]:
    """Return the text of all parts, each after what it calls, everything once.

    Examples
    --------
    >>> from modeq.kernels.branches import log1p_ratio
    >>> [text.partition("(w")[0].rpartition("def ")[2] for text in texts([log1p_ratio])]
    ['log_branch', 'log1p_near', 'log1p_ratio']
    """
    taken = {name for part in parts for name in _defined(part)}
    done: dict[str, None] = {}

    def add(part: Part) -> None:
        for called in _called(part):
            name = called if isinstance(called, str) else called.__name__
            if name not in taken:
                taken.add(name)
                add_special(called) if isinstance(called, str) else add(called)
        done[_text(part)] = None

    def add_special(name: str) -> None:
        for function in SPECIAL_FUNCTIONS[name]:
            if function.__name__ not in taken:
                taken.add(function.__name__)
                add(function)
        done[by_type(name)] = None

    for part in parts:
        add(part)
    return list(done)


def _text(part: Part) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, Routine):
        return _copied(part.function, part.name)
    return _OF_THE_COMPILER.get(part) or _copied(part, part.__name__)


def _defined(part: Part) -> list[str]:
    if isinstance(part, str):
        return [statement.name for statement in _parsed(part).body if isinstance(statement, ast.FunctionDef)]
    return [part.name if isinstance(part, Routine) else part.__name__]


def _called(part: Part) -> Sequence[Any]:
    """Return the functions that a part calls, and the names of special functions."""
    if isinstance(part, str):
        return [name if name in SPECIAL_FUNCTIONS else _library()[name] for name in _names(part)]
    return _called_by(part.function if isinstance(part, Routine) else part)


@lru_cache(maxsize=256)
def _names(text: str) -> list[str]:
    return [name for name in _loaded(_parsed(text)) if name in SPECIAL_FUNCTIONS or name in _library()]


@cache
def _called_by(function: Any) -> list[Any]:
    if function in _OF_THE_COMPILER:
        return []
    definition = _definition(function)
    called = [_library()[name] for name in sorted(_injected(definition)) if name in _library()]  # of the same name unless a part has it
    own = {argument.arg for argument in definition.args.args}
    for name in _loaded(definition):
        value = function.__globals__.get(name)
        if (
            name not in own
            and isinstance(value, FunctionType)
            and sys.modules[value.__module__].__package__ == function.__globals__["__package__"]
        ):
            called.append(value)
    return called


def _loaded(tree: ast.AST) -> list[str]:
    """Return the names that a tree reads and does not assign, in order."""
    nodes = list(ast.walk(tree))
    names = [node for node in nodes if type(node) is ast.Name]
    own = {node.id for node in names if type(node.ctx) is not ast.Load}
    own |= {argument.arg for node in nodes if type(node) is ast.arguments for argument in node.args}
    return [name for name in dict.fromkeys(node.id for node in names) if name not in own]


@cache
def _library() -> dict[str, Any]:
    """All routines by name."""
    found: dict[str, Any] = {}
    for module in (*_LIBRARY, special_functions, gauss):
        for name, value in vars(module).items():
            if isinstance(value, FunctionType) and value.__module__ == module.__name__:
                found[name] = value
    return found


@lru_cache(maxsize=64)  # the texts of one module; those of others may be forgotten
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


@cache
def _sources(module: ModuleType) -> dict[str, str]:
    """The texts of the functions of a module, which is read once for all."""
    text = inspect.getsource(module)
    lines = text.splitlines()
    functions = [statement for statement in ast.parse(text).body if isinstance(statement, ast.FunctionDef)]
    return {function.name: "\n".join(lines[function.lineno - 1 : function.end_lineno]) for function in functions}


def _definition(function: Callable[..., Any]) -> ast.FunctionDef:
    """Return a syntax tree that belongs to the caller."""
    (definition,) = ast.parse(_sources(sys.modules[function.__module__])[function.__name__]).body
    assert isinstance(definition, ast.FunctionDef)
    return definition


def _injected(definition: ast.FunctionDef) -> set[str]:
    """Return the names of the arguments that are functions of the module."""
    marked = [(argument.arg, argument.annotation) for argument in definition.args.args]
    return {name for name, annotation in marked if isinstance(annotation, ast.Name) and annotation.id == "Injected"}


@cache
def _copied(function: Callable[..., Any], name: str) -> str:
    """Copy a function's text without annotations, whose names the module does not have, and without injected arguments."""
    definition = _definition(function)
    left_out = _injected(definition)
    definition.returns = None
    definition.name = name
    definition.args.args = [argument for argument in definition.args.args if argument.arg not in left_out]
    for argument in definition.args.args:
        argument.annotation = None
    definition = ast.fix_missing_locations(_Plain(function.__globals__, left_out).visit(definition))
    decorator = _JIT_IN_ANY_ORDER if function in array_operations.IN_ANY_ORDER else _JIT_INLINED if function in _INLINED else jit(name)
    return f"{decorator}\n{ast.unparse(definition)}"


class _Plain(ast.NodeTransformer):
    """Drop annotations of assignments and injected arguments of calls; write slots of layouts as numbers."""

    def __init__(self, names: dict[str, Any], left_out: set[str]) -> None:
        self._names, self._left_out = names, left_out

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        return self.visit(ast.Assign([node.target], node.value, lineno=0)) if node.value is not None else node

    def visit_Call(self, node: ast.Call) -> Any:
        node.args = [argument for argument in node.args if not (isinstance(argument, ast.Name) and argument.id in self._left_out)]
        return self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> Any:
        layout = self._names.get(node.value.id) if isinstance(node.value, ast.Name) else None
        return ast.Constant(getattr(layout, node.attr)) if isinstance(layout, Layout) else self.generic_visit(node)
