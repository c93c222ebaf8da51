"""Flows that are one field, generated as code.

The graph of the flow is built once; everything else – source, kernel, right-hand side, batch form, C callback,
stand-alone module, SymPy expressions – is made from it on first use.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self, final

import numpy as np
import sympy
from numpy.typing import ArrayLike, NDArray

from ..codegen.cache import load_module
from ..codegen.export import exported
from ..codegen.source import Source, callback_source
from ..codegen.tiers import GeneratedModule, generated_module
from ..exact import exact, to_sympy
from ..extension_points import bind
from ..losses.field import Field
from ..losses.vector_field import VectorField
from ..series.equation import Equation
from .checks import module_title
from .flow import Array, Flow, Piece, check_step


def _generated_rhs(flow: CompiledFlow) -> Callable[..., Any]:
    return flow.module.rhs


@final
@dataclass(frozen=True, eq=False)
class Code:
    """How the field of a flow is computed on one kind of loss or field.

    Attributes
    ----------
    assemble
        Writes the generated module.
    expand
        Gives the SymPy expressions of the field, or raises where there are none.
    plan
        What kernels of array losses get besides the loss: order and method as numbers.
    right
        f(t, y, par) of the flow, by default the ``rhs`` of the generated module.
    slack
        Where in the plan stands which error of h times the field, relative to the state, is allowed; None if it is always exact.
    """

    assemble: Callable[[], Source]
    expand: Callable[[], sympy.Matrix]
    plan: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    right: Callable[[CompiledFlow], Callable[..., Any]] = _generated_rhs
    slack: int | None = None


@dataclass(frozen=True, eq=False, repr=False)
class CompiledFlow(Flow):
    """A flow with one field, which is generated as code: called, compiled, exported, for one or many points.

    Attributes
    ----------
    code
        How the field is computed.

    Examples
    --------
    >>> import modeq as mq
    >>> flow = mq.modified_equation(mq.GradientDescent(), order=2).on(mq.losses.double_well())
    >>> flow.batch([[2.0, -2.0]], 0.1)
    array([[-9.3,  9.3]])
    """

    code: Code

    def pieces(self, h: float, n: int = 0) -> tuple[Piece, ...]:
        """Return the one field."""
        return (Piece(self._bound(h)),)

    def within(self, rtol: float) -> Self:
        """Allow a tenth of the tolerance as error of h times the field, where the field comes from an iteration."""
        if self.code.slack is None:
            return self
        plan = self.code.plan.copy()
        plan[self.code.slack] = 0.1 * rtol
        return replace(self, code=replace(self.code, plan=plan))

    @cached_property
    def _generated(self) -> Source:
        return self.code.assemble()

    @property
    def source(self) -> str:
        """The generated Python module as text."""
        return self._generated.text

    @property
    def kernel_source(self) -> str:
        """The same."""
        return self.source

    def kernel_parameters(self, h: float) -> NDArray[np.float64]:
        """Return `parameters`."""
        return self.parameters(h)

    @cached_property
    def module(self) -> GeneratedModule:
        """The generated module, whose functions are compiled once that pays; see `codegen.tiers`."""
        return generated_module(self._generated)

    def compile(self) -> None:
        """Compile the field at real points, and at complex ones where it is complex; see `modeq.compile`."""
        self.field.compile()
        if self.code.right is _generated_rhs:
            self.module.compile()
        for kind in (float, complex) if self.is_complex else (float,):
            self._bound(1.0)(0.0, np.zeros(self.dimension, kind))

    @property
    def kernel(self) -> Callable[..., None]:
        """Compiled ``f(t, y, par, out)``, callable inside Numba code.

        ``y`` has shape (d,), ``par`` is `parameters(h)`, the field is written to ``out``, shape (d,); ``t`` enters where the
        field depends on time.
        """
        function: Callable[..., None] = self.module.compiled.kernel
        return function

    def parameters(self, h: float) -> NDArray[np.float64]:
        """Return the kernel's ``par`` = [h, parameters of the loss …]; for losses on arrays also sizes, data and the method."""
        return np.concatenate([self.field.parameter_vector(check_step(h)), self.code.plan])

    def _bound(self, h: float) -> Callable[[float, ArrayLike], Array]:
        """Return f(t, y) for one step size."""
        compiled, par, evaluate = self.code.right(self), self.parameters(h), self._evaluate

        def right(t: float, y: ArrayLike) -> Array:
            return evaluate(compiled, t, y, par)

        return right

    def batch(self, y: ArrayLike, h: float) -> NDArray[Any]:
        """Evaluate at k points at once: y and the result have shape (d, k), SciPy's layout of vectorised functions."""
        points = np.ascontiguousarray(y)
        points = points.astype(complex if np.iscomplexobj(points) else float, copy=False)
        if points.ndim != 2 or points.shape[0] != self.dimension:
            raise ValueError(f"batch takes points of shape ({self.dimension}, k), one column each, got shape {points.shape}")
        out = np.empty(points.shape, complex if self.is_complex else points.dtype)
        self.module.batch(points, self.parameters(h), out)
        return out

    def c_callback(self, *, complex_state: bool | None = None) -> Any:
        """Compile the C function ``void f(double t, scalar *y, double *par, scalar *out)``.

        Parameters
        ----------
        complex_state
            Whether scalar is ``double complex`` (the default for principal flows) or ``double``.

        Returns
        -------
        numba.core.ccallback.CFunc
            Its ``address`` is the pointer, ``ctypes`` a callable.
        """
        is_complex = self.is_complex if complex_state is None else complex_state
        if self.is_complex and not is_complex:
            raise ValueError("a principal flow is complex; its callback needs complex_state=True")
        scalar = "complex128" if is_complex else "float64"
        return load_module(callback_source(self._generated, self.dimension, len(self.parameters(1.0)), scalar).text).callback

    def export(self, path: str | os.PathLike[str]) -> Path:
        """Write the generated module to a file that needs NumPy and Numba only.

        Its ``parameters(h)`` makes ``par`` for a step size. For a loss on arrays the data, sizes and the method are numbers that are
        saved beside it, as ``field.npy`` beside ``field.py``.

        Raises
        ------
        ValueError
            If the file name does not end in ``.py``.
        """
        target = Path(path)
        if target.suffix != ".py":
            raise ValueError(f"the exported module is Python source; name it something.py, got {str(path)!r}")
        par, beside = self.parameters(1.0), target.with_suffix(".npy")
        if len(self.code.plan):
            np.save(beside, par)
        origin = "a given series" if self.equation.method is None else self.equation.method.name
        title = module_title(self.title, origin, self.field)
        source = exported(self._generated, title, self.dimension, par, beside.name if len(self.code.plan) else "")
        target.write_text(source.text, encoding="utf-8")
        return target

    def expressions(self) -> sympy.Matrix:
        """Return the field as a column of SymPy expressions in the variables, the parameters and h, expanded.

        Raises
        ------
        ValueError
            For principal flows, which are functions of the eigenvalues of the Hessian.
        """
        return self.code.expand()

    def vector_field(self, h: float) -> VectorField:
        """Return the flow for a fixed step size as a `VectorField`, on which a method can be run.

        This is how a modifying field is used: ``iterate(method, modifying.on(E).vector_field(h), …)`` lies on the
        exact flow of −∇E up to the order of the equation.

        Raises
        ------
        ValueError
            For principal flows, which have no expressions.
        """
        step = to_sympy(exact(check_step(h)))
        expressions = self.expressions().xreplace({sympy.Symbol("h"): step})
        title = f"{self.title} on {self.field.name}, h = {float(h):g}"
        symbols: Any = self.field  # all others have no expressions
        return VectorField.from_sympy(list(expressions), symbols.variables, symbols.parameters, name=title)

    def __call__(self, state: ArrayLike, h: float) -> Array:
        """Return the field at a state, shape (m,); units: state per unit time."""
        point = self.field.check_point(state) if self.dimension == self.field.dimension else np.asarray(state)
        return self._bound(check_step(h))(0.0, point)

    def _evaluate(self, compiled: Callable[..., Any], t: float, y: ArrayLike, par: NDArray[Any]) -> NDArray[Any]:
        """Call compiled code with a point of the right type and shape; kernels check neither."""
        point = np.asarray(y)
        if point.dtype not in (np.float64, np.complex128) or not point.flags.c_contiguous:
            point = np.ascontiguousarray(point, dtype=complex if np.iscomplexobj(point) else float)
        if point.shape != (self.dimension,):
            raise ValueError(f"the flow on {self.field.name} takes points of shape ({self.dimension},), got {point.shape}")
        try:
            result: NDArray[Any] = compiled(t, point, par)
        except ZeroDivisionError:  # Numba raises for complex numbers only, whatever its error model
            result = np.full(self.dimension, np.nan, complex)
        return result

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return _bound_again, (self.equation, self.field)


def _bound_again(equation: Equation, field: Field) -> Flow:
    """Put an equation on a field, where a flow is unpickled."""
    flow: Flow = bind(equation, field)
    return flow
