"""Generated modules as text: the canonical kernel and the forms derived from it.

Every module is self-contained – helper functions are copied into it, so that its hash changes when they do – and
imports only NumPy and Numba. It defines

``kernel(t, y, par, out)``
    the field at y, shape (d,), written to out; ``par`` is ``[h, parameters …]``;
``rhs(t, y, par)``
    the same as a new array;
``batch(y, par, out)``
    many points at once, y and out of shape (d, k), which must not overlap.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, final

from ..graph.graph import Graph
from ..kernels.degrees import add_second_degree, add_up_to_third, eigen_1, eigen_2, eigen_n
from .routines import Part, Routine, jit, texts
from .statements import statements

BLOCK = 256  # points per block of the batch form


@final
@dataclass(frozen=True)
class Assignments:
    """Straight-line code: the outputs of a graph as local variables.

    Attributes
    ----------
    lines
        Assignments, without the loading of inputs.
    results
        Name or literal of each output.
    dimension
        Number d of coordinates y0, y1, …
    parameters
        Names of the parameters after h.
    clock
        Name of the parameter that is a time, to which kernels add t; empty if there is none.
    """

    lines: tuple[str, ...]
    results: tuple[str, ...]
    dimension: int
    parameters: tuple[str, ...]
    clock: str = ""

    def loads(self, subscript: str = "y[{}]") -> list[str]:
        """Statements that load the coordinates."""
        return [f"y{i} = {subscript.format(i)}" for i in range(self.dimension)]

    def constants(self) -> list[str]:
        """Statements that load the step size and the parameters."""
        named = enumerate(self.parameters)
        return ["h = par[0]", *(f"p{i} = par[{i + 1}]{' + t' * (name == self.clock)}" for i, name in named)]


def assign(graph: Graph, outputs: Sequence[int], dimension: int, parameters: Sequence[str], *, clock: str = "") -> Assignments:
    """Print a graph whose inputs are y0 … y(d−1), h, p0, p1 …."""
    names = [f"y{i}" for i in range(dimension)] + ["h"] + [f"p{i}" for i in range(len(parameters))]
    lines, results = statements(graph, outputs, {name: name for name in names})
    return Assignments(tuple(lines), tuple(results), dimension, tuple(parameters), clock)


@final
@dataclass(frozen=True)
class Source:
    """A module: what it is for, and its code.

    Attributes
    ----------
    description
        Its docstring.
    code
        Imports and functions, as the compiler gets them.
    in_python
        Functions that stand for those of the same name where it runs without a compiler, see `interpreted`.
    """

    description: str
    code: str
    in_python: str = ""

    @property
    def text(self) -> str:
        """The module as text."""
        return f'"""{_harmless(self.description)}"""\n\n{self.code}'


def field_source(body: Assignments, title: str) -> Source:
    """Write the module of a field that is straight-line code throughout, which in NumPy takes many points as well as one."""
    stores = [f"out[{i}] = {result}" for i, result in enumerate(body.results)]
    kernel = _function("kernel(t, y, par, out)", [*body.constants(), *body.loads(), *body.lines, *stores])
    return _module(title, body, [kernel, _RHS, _straight_batch(body)], _BATCH_IN_PYTHON)


@final
@dataclass(frozen=True)
class SpectralFunctions:
    """The functions of eigenvalues that a principal flow is made of, as text for a module.

    Attributes
    ----------
    texts
        ``psi(z)`` and ``distance(z)``; for degree 2 ``write_mode(row, z)`` and ``coefficient(i, j, k)``; for degree 3 ``third``.
    width
        Numbers in a row that describes an eigenvalue, 0 for degree 1.
    """

    texts: tuple[str, ...]
    width: int


def principal_source(body: Assignments, title: str, functions: SpectralFunctions) -> Source:
    """Write the module of ψ(h f′) f, with the corrections of higher degrees, plus what completes it.

    Parameters
    ----------
    body
        Outputs in order: f (d), the Jacobian h f′ by rows (d²), the completion (d), for degrees 2 and 3 h²/2 f″, shape (d, d, d),
        and for degree 3 h³/6 f‴, shape (d, d, d, d).
    """
    d = body.dimension
    field, jacobian, completion = body.results[:d], body.results[d : d + d * d], body.results[d + d * d : 2 * d + d * d]
    higher = body.results[2 * d + d * d :]
    lines = [*body.constants(), *body.loads(), *body.lines]
    completions = ["" if entry == "0.0" else f" + {entry}" for entry in completion]
    if d > 2 or higher:
        rows = [*field, *jacobian, *higher]
        lines += [f"given = np.zeros(({len(rows) // d}, {d}), np.complex128)"]
        lines += [f"given[{k // d}, {k % d}] = {entry}" for k, entry in enumerate(rows) if entry != "0.0"]
    if d == 1:
        lines += [f"slope = {field[0]}", "moved = complex(0.0, 0.0)", "if slope != 0.0:"]  # ∞·0 is 0 here
        lines += [f"    moved = psi(complex({jacobian[0]})) * slope", f"out[0] = moved{completions[0]}"]
    elif d == 2:
        entries = ", ".join(f"complex({entry})" for entry in (*jacobian, *field))
        lines += [f"first, second = apply_2({entries})"]
        lines += [f"out[{i}] = {name}{completions[i]}" for i, name in enumerate(("first", "second"))]
    else:
        lines += [f"apply_n(given[1:{1 + d}], given[0], {d}, out)"]
        lines += [f"out[{i}] = out[{i}]{entry}" for i, entry in enumerate(completions) if entry]
    apply: list[Part] = []
    if higher:
        lines += [f"by_degree(given, {functions.width}, out)"]
        add = add_second_degree if len(higher) == d**3 else add_up_to_third
        apply = [Routine(_EIGEN[min(d, 3)], "eigen"), Routine(add, "add_corrections")]
    kernel = _function("kernel(t, y, par, out)", lines)
    return _module(title, body, [*functions.texts, *apply, kernel, _COMPLEX_RHS, looped_batch("np.complex128")])


def scalar_functions(increment: str, singular: Sequence[complex], sheet: int, chains: Sequence[float] = ()) -> tuple[str, str]:
    """Write ψ(z) less Σ chains[k] zᵏ, and the distance from z to the nearest point where it is not analytic, at most 1."""
    less = f" - polynomial({tuple(chains)!r}, z)" if chains else ""
    psi = _function("psi(z)", [f"return psi_from_increment({increment}, z, {sheet}){less}"])
    nearest = [f"nearest = min(nearest, abs(z - {point!r}))" for point in singular]
    return psi, _function("distance(z)", ["nearest = 1.0", *nearest, "return nearest"])


def mode_functions(increment: str, sheet: int, numbers: str, middle: str = "") -> str:
    """Write ``write_mode(row, z)``; `middle` is what degree 3 needs besides, see `kernels.third_degree.fill_middle`."""
    lines = [f"value = {increment}", f"fill_mode(row, z, value, psi_from_increment(value, z, {sheet}), {numbers})"]
    return _function("write_mode(row, z)", [*lines, *([f"fill_middle(row, {middle})"] if middle else [])])


def coefficient_function(size: int, powers: int, pairs: Sequence[float], order: int) -> str:
    """Write ``coefficient(i, j, k)``, c less its Taylor polynomial with the coefficients `pairs`."""
    less = f" - polynomial_3({tuple(pairs)!r}, {order}, i[0], j[0], k[0])" if pairs else ""
    return _function("coefficient(i, j, k)", [f"return second_degree(i, j, k, {size}, {powers}){less}"])


def third_function(shape: tuple[int, int, int, int]) -> str:
    """Write ``third(rows, parts, T, Q, out)`` for T = h²/2 f″ and Q = h³/6 f‴; see `kernels.third_degree.Shape`."""
    return _function("third(rows, parts, T, Q, out)", [f"add_third_degree(rows, parts, T, Q, 1.0, 2.0, {shape}, out)"])


_EIGEN: dict[int, Callable[..., Any]] = {1: eigen_1, 2: eigen_2, 3: eigen_n}


def couplings_text(width: int) -> str:
    """Write ``couplings(outer, inner)``, c at all combinations of eigenvalues."""
    return _function("couplings(outer, inner)", [f"return coefficient_table(outer, inner, {width})"])


def couplings_source(functions: SpectralFunctions) -> Source:
    """Write the module of ``couplings(outer, inner)``."""
    call = f"coefficient_table(write_mode, coefficient, outer, inner, {functions.width})"
    in_python = f"def couplings(outer, inner):\n    return {call}\n"
    return assembled("The coefficients of degree 2: generated by modeq.", [*functions.texts, couplings_text(functions.width)], in_python)


def iteration_source(title: str, fields: Sequence[Assignments], jacobians: Sequence[Assignments], loop: Callable[..., Any]) -> Source:
    """Write the module that runs a method: ``field`` and ``jacobian`` by colour, and the functions of `loop`.

    Parameters
    ----------
    fields, jacobians
        For each colour d and d² outputs; no Jacobians for explicit methods.
    loop
        The function to call, see `kernels.loops`.
    """
    d = fields[0].dimension
    parts: list[Part] = [_dispatch("field", fields, [f"[{i}]" for i in range(d)])]
    if jacobians:
        parts.append(_dispatch("jacobian", jacobians, [f"[{k // d}, {k % d}]" for k in range(d * d)]))
    return assembled(" ".join(title.split()), [*parts, loop])


def _dispatch(name: str, bodies: Sequence[Assignments], places: Sequence[str]) -> str:
    """Write name(colour, y, par, out) from one piece of straight-line code for each colour."""
    functions = []
    for colour, body in enumerate(bodies):
        stores = [f"out{place} = {result}" for place, result in zip(places, body.results, strict=True)]
        lines = [*body.constants(), *body.loads(), *body.lines, *stores]
        functions.append(_function(f"{name}_{colour}(y, par, out)", lines))
    calls = [f"if colour == {colour}:\n    {name}_{colour}(y, par, out)" for colour in range(len(bodies))]
    return "\n\n\n".join([*functions, _function(f"{name}(colour, y, par, out)", calls)])


def callback_source(source: Source, d: int, count: int, scalar: str) -> Source:
    """Extend a module by the C callback ``void (double t, scalar *y, double *par, scalar *out)``, par of `count` numbers."""
    code = (
        "\n\nfrom numba import carray, cfunc, types\n"
        f"\n\n@cfunc(types.void(types.float64, types.CPointer(types.{scalar}), types.CPointer(types.float64), "
        f"types.CPointer(types.{scalar})), cache=True, nopython=True)\n"
        f"def callback(t, y, par, out):\n    kernel(t, carray(y, {d}), carray(par, {count}), carray(out, {d}))\n"
    )
    return replace(source, code=source.code + code)


def _module(title: str, body: Assignments, parts: Sequence[Part], in_python: str = "") -> Source:
    title = " ".join(title.split())
    layout = ", ".join(["h", *body.parameters])
    description = (
        f"{title}\n\n"
        f"kernel(t, y, par, out) writes the field at y, shape ({body.dimension},), into out; par = [{layout}].\n"
        f"rhs(t, y, par) returns it; batch(y, par, out) takes y and out of shape ({body.dimension}, k).\n"
    )
    return assembled(description, parts, in_python)


def assembled(description: str, parts: Sequence[Part], in_python: str = "") -> Source:
    """Join the parts and what they call below the imports that they need."""
    text = "".join(f"\n\n{part}\n" for part in texts(parts))
    imports = [f"import {name}" for name in ("cmath", "math") if re.search(rf"(?<!\w){name}\.", text)]
    imports += ["", *(["import numpy as np"] if "np." in text else [])]
    imports += ["from llvmlite import ir"] * ("@intrinsic" in text)
    imports += ["from numba import njit" + ", types" * ("types." in text)]
    extensions = [name for name in ("intrinsic", "overload") if f"@{name}" in text]
    imports += [f"from numba.extending import {', '.join(extensions)}"] * bool(extensions)
    return Source(description, "\n".join(imports).lstrip() + "\n" + text, in_python)


def _harmless(description: str) -> str:
    """Keep names that users chose inside the docstring: no quote, no backslash, no control character leaves it."""
    return "".join(symbol if symbol == "\n" or (symbol.isprintable() and symbol not in '"\\') else "?" for symbol in description)


def _function(signature: str, lines: Sequence[str]) -> str:
    return f"{jit(signature.partition('(')[0])}\ndef {signature}:\n" + textwrap.indent("\n".join(lines), "    ")


_RHS = _function("rhs(t, y, par)", ["out = np.empty_like(y)", "kernel(t, y, par, out)", "return out"])
_COMPLEX_RHS = _function("rhs(t, y, par)", ["out = np.empty(y.shape, np.complex128)", "kernel(t, y, par, out)", "return out"])


_BATCH_IN_PYTHON = "def batch(y, par, out):\n    kernel(0.0, y, par, out)\n"


def _straight_batch(body: Assignments) -> str:
    """Evaluate whole blocks of points, so that LLVM turns the loop into vector code.

    A block has a constant length and its results go to a scratch array whose rows are that constant apart: then LLVM sees
    that no store meets a later load. The last block is shifted back to be whole. Fewer points are done one by one.
    """
    rows = len(body.results)
    lines = [
        *(["t = 0.0"] if body.clock else []),
        *body.constants(),
        "points = y.shape[1]",
        f"if points < {BLOCK}:",
        *(f"    {line}" for line in _one_by_one("y.dtype")),
        "    return",
        f"scratch = np.empty({rows * BLOCK}, y.dtype)",
        f"for block in range((points + {BLOCK - 1}) // {BLOCK}):",
        f"    start = max(0, min(block * {BLOCK}, points - {BLOCK}))",  # max: LLVM must see that no index is negative
        f"    for i in range({BLOCK}):",
        *(f"        {line}" for line in (*body.loads("y[{}, start + i]"), *body.lines)),
        *(f"        scratch[{i * BLOCK} + i] = {result}" for i, result in enumerate(body.results)),
        f"    for row in range({rows}):",
        f"        for i in range({BLOCK}):",
        f"            out[row, start + i] = scratch[row * {BLOCK} + i]",
    ]
    return _function("batch(y, par, out)", lines)


def looped_batch(dtype: str) -> str:
    """Write the batch form that calls the kernel for each point; `dtype` is that of the values."""
    return _function("batch(y, par, out)", _one_by_one(dtype))


def _one_by_one(dtype: str) -> list[str]:
    """Call the kernel for each point."""
    return [
        "point = np.empty(y.shape[0], y.dtype)",
        f"value = np.empty(out.shape[0], {dtype})",
        "for i in range(y.shape[1]):",
        "    for row in range(y.shape[0]):",
        "        point[row] = y[row, i]",
        "    kernel(0.0, point, par, value)",
        "    for row in range(out.shape[0]):",
        "        out[row, i] = value[row]",
    ]
