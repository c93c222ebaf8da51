"""Compiling a function with all that it calls as one program.

Numba compiles every function that another one calls to machine code of its own, with all that this one calls in it, and puts its
code into the caller as well. So what is called through n layers is optimised and translated n times. Here only the functions that
Python calls – those that a generated module has in the cache – become machine code, together with what they call; on the way there the
others stay LLVM's intermediate code. That takes half as long.

Such functions have no entry for Python. What a module defines forgets that it was compiled so, and is compiled anew if Python calls it.
Where Numba's classes are not what they were in the versions known, its own way stays.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from types import ModuleType
from typing import Any

_ENTRIES = ("wrapper", "cfunc_wrapper")  # what Numba calls the code by which Python and C call a function
_names: list[str] = []  # of the functions that Python calls and that are being compiled, the outermost first


def compile_whole(module: ModuleType) -> None:
    """Let functions of a generated module be compiled with all that they call, as one program, whoever has them compiled."""
    functions = [value for value in vars(module).values() if hasattr(value, "py_func") and value.py_func.__module__ == module.__name__]
    called = [function for function in functions if is_kept(function)]
    if called and _library_class() is not None:
        within = [function for function in functions if not is_kept(function)]
        for function in called:
            function.compile = partial(_compile, function, within)


def is_kept(function: Any) -> bool:
    """Whether Numba keeps the machine code of a function in its cache."""
    return getattr(getattr(function, "_cache", None), "cache_path", None) is not None


def _compile(function: Any, within: list[Any], signature: Any) -> Any:
    with _one_program(function.__name__):
        result = type(function).compile(function, signature)
    if not _names:
        for other in within:
            other._reset_overloads()
    return result


@contextmanager
def _one_program(name: str) -> Iterator[None]:
    """Compile what is compiled meanwhile, but for the function `name`, no further than to LLVM's intermediate code."""
    from numba.core.compiler_lock import global_compiler_lock
    from numba.core.registry import cpu_target

    with global_compiler_lock:  # no other thread compiles
        codegen = cpu_target.target_context.codegen()
        _names.append(name)
        if len(_names) == 1:
            codegen._library_class, codegen.set_env = _library_class(), partial(_set_environment, codegen)
        try:
            yield
        finally:
            _names.pop()
            if not _names:
                del codegen._library_class, codegen.set_env


def _set_environment(codegen: Any, name: str, environment: Any) -> None:
    """Do what Numba does, for functions that are machine code: others have no place in memory."""
    if codegen._engine.get_global_value_address(name):
        type(codegen).set_env(codegen, name, environment)


@cache
def _library_class() -> Any:
    """Return a class of Numba's libraries, one for each function, that can stay intermediate code; None where Numba has none such."""
    try:
        from numba.core.codegen import JITCodeLibrary, JITCPUCodegen
        from numba.core.dispatcher import Dispatcher
    except ImportError:
        return None
    needed = {
        JITCodeLibrary: (
            *("add_ir_module", "_optimize_final_module", "_finalize_final_module", "get_pointer_to_function"),
            *("_finalize_dynamic_globals", "_verify_declare_only_symbols"),
        ),
        JITCPUCodegen: ("_library_class", "set_env"),
        Dispatcher: ("_reset_overloads",),
    }
    if not all(hasattr(owner, name) for owner, names in needed.items() for name in names):
        return None
    nowhere = ctypes.PYFUNCTYPE(ctypes.py_object, *3 * [ctypes.c_void_p])(_is_no_function)

    class Library(JITCodeLibrary):  # type: ignore[misc]  # Numba has no types
        def __init__(self, codegen: Any, name: str) -> None:
            super().__init__(codegen, name)
            self._is_machine_code = name in (_names[-1], "nrt")  # the latter is Numba's own for all

        def add_ir_module(self, ir_module: Any) -> None:
            if self._is_machine_code or ir_module.name not in _ENTRIES:
                super().add_ir_module(ir_module)

        def _optimize_final_module(self) -> None:
            if self._is_machine_code:
                super()._optimize_final_module()

        def _finalize_final_module(self) -> None:
            if self._is_machine_code:
                super()._finalize_final_module()
            else:
                self._finalize_dynamic_globals()
                self._verify_declare_only_symbols()
                self._finalized = True

        def get_pointer_to_function(self, name: str) -> Any:
            return super().get_pointer_to_function(name) if self._is_machine_code else ctypes.cast(nowhere, ctypes.c_void_p).value

    return Library


def _is_no_function(*_: Any) -> Any:
    raise RuntimeError("this function was compiled as a part of another one, and has no entry for Python")
