"""A flow: an equation bound to a loss or vector field, as a compiled vector field.

The graph of the flow is built once; everything else – source, kernel, right-hand side, batch form, C callback,
stand-alone module, SymPy expressions – is made from it on first use.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any, final

import numpy as np
import sympy
from numpy.typing import ArrayLike, NDArray

from ..codegen.cache import load_module
from ..codegen.source import callback_source
from ..exact import exact, to_sympy
from ..losses.field import Field
from ..losses.symbolic_field import SymbolicField
from ..losses.vector_field import VectorField

Equation = Any  # ModifiedEquation, ModifyingEquation or PrincipalFlow


def _compiled_rhs(module: ModuleType) -> Callable[..., Any]:
    return module.rhs


@final
@dataclasses.dataclass(frozen=True, eq=False)
class Memory:
    """How a flow on the whole state y of a method with memory, r vectors of length d one after the other, is entered and left.

    Attributes
    ----------
    rest
        u, length r: u ⊗ θ is the state at rest in θ.
    output
        c, length r: θ = Σ c_q y_q.
    """

    rest: NDArray[np.float64]
    output: NDArray[np.float64]


@final
@dataclasses.dataclass(frozen=True, eq=False)
class Flow:
    """The vector field θ̇ = f̃_h(θ) of an equation on a loss or field.

    Make one with ``equation.on(E)``. States are real or complex arrays of shape (d,); time is t = n·h.

    Attributes
    ----------
    equation
        What was bound.
    field
        The loss or vector field.
    title
        One line for tables and the generated module.
    is_complex
        Whether the values are complex even at real points (principal flows beyond hλ = 1).
    plan
        What kernels of array losses get besides the loss: order and method as numbers.
    memory
        For flows on the whole state of a method with memory how states begin and end; None if the state is θ.

    Examples
    --------
    >>> import modeq as mq
    >>> flow = mq.modified_equation(mq.GradientDescent(), order=2).on(mq.losses.double_well())
    >>> flow([2.0], 0.1)  # −g − h/2 Hg with g = 6, H = 11
    array([-9.3])
    >>> flow.batch([[2.0, -2.0]], 0.1)
    array([[-9.3,  9.3]])
    """

    equation: Equation
    field: Field
    title: str
    is_complex: bool
    assemble: Callable[[], str] = dataclasses.field(repr=False)
    expand: Callable[[], sympy.Matrix] = dataclasses.field(repr=False)
    plan: NDArray[np.float64] = dataclasses.field(default_factory=lambda: np.empty(0), repr=False)
    right: Callable[[ModuleType], Callable[..., Any]] = dataclasses.field(default=_compiled_rhs, repr=False)
    memory: Memory | None = None

    @property
    def dimension(self) -> int:
        """Number of coordinates: d, with memory r·d."""
        return self.field.dimension * (1 if self.memory is None else len(self.memory.rest))

    def at_rest(self, theta: NDArray[Any]) -> NDArray[Any]:
        """Return the state at rest in θ: θ itself without memory."""
        return theta if self.memory is None else np.outer(self.memory.rest, theta).ravel()

    def output(self, states: NDArray[Any]) -> NDArray[Any]:
        """Return θ of states, shape (…, d) from (…, dimension)."""
        if self.memory is None:
            return states
        parts = states.reshape(*states.shape[:-1], len(self.memory.rest), self.field.dimension)
        return np.asarray(np.einsum("q,...qd->...d", self.memory.output, parts))

    @cached_property
    def source(self) -> str:
        """The generated Python module as text."""
        return self.assemble()

    @cached_property
    def module(self) -> ModuleType:
        """The generated module, loaded through the on-disk cache; its functions compile on first use."""
        return load_module(self.source)

    @property
    def kernel(self) -> Callable[..., None]:
        """Compiled ``f(t, y, par, out)``, callable inside Numba code.

        ``y`` has shape (d,), ``par`` is `parameters(h)`, the field is written to ``out``, shape (d,); ``t`` is not used.
        """
        function: Callable[..., None] = self.module.kernel
        return function

    def parameters(self, h: float) -> NDArray[np.float64]:
        """Return the kernel's ``par`` = [h, parameters of the loss …]; for losses on arrays also sizes, data and the method."""
        return np.concatenate([self.field.parameter_vector(check_step(h)), self.plan])

    def rhs(self, h: float) -> Callable[[float, ArrayLike], NDArray[Any]]:
        """Return f(t, y) for `scipy.integrate.solve_ivp`, bound to the step size h.

        Principal flows return complex values: start `solve_ivp` from a complex y0, or use `modeq.integrate`.
        """
        compiled, par, evaluate = self.right(self.module), self.parameters(h), self._evaluate

        def rhs(t: float, y: ArrayLike) -> NDArray[Any]:
            return evaluate(compiled, y, par)

        return rhs

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
        return load_module(callback_source(self.source, self.dimension, len(self.parameters(1.0)), scalar)).callback

    def export(self, path: str | os.PathLike[str]) -> Path:
        """Write the generated module to a file that needs NumPy and Numba only.

        For a loss on arrays its data, sizes and the method are numbers in ``par``, saved next to it: after
        ``par = numpy.load("field.npy")`` set ``par[0]`` to the step size.

        Raises
        ------
        ValueError
            If the file name does not end in ``.py``.
        """
        target = Path(path)
        if target.suffix != ".py":
            raise ValueError(f"the exported module is Python source; name it something.py, got {str(path)!r}")
        target.write_text(self.source, encoding="utf-8")
        if len(self.plan):
            np.save(target.with_suffix(".npy"), self.parameters(1.0))
        return target

    def expressions(self) -> sympy.Matrix:
        """Return the field as a column of SymPy expressions in the variables, the parameters and h, expanded.

        Raises
        ------
        ValueError
            For principal flows, which are functions of the eigenvalues of the Hessian.
        """
        return self.expand()

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
        assert isinstance(self.field, SymbolicField)  # all others have no expressions
        return VectorField.from_sympy(list(expressions), self.field.variables, self.field.parameters, name=title)

    def __call__(self, theta: ArrayLike, h: float) -> NDArray[Any]:
        """Return the field at a state, shape (d,), with memory (r·d,); units: state per unit time."""
        point = self.field.check_point(theta) if self.memory is None else np.asarray(theta)
        return self._evaluate(self.right(self.module), point, self.parameters(h))

    def _evaluate(self, compiled: Callable[..., Any], y: ArrayLike, par: NDArray[Any]) -> NDArray[Any]:
        """Call compiled code with a point of the right type and shape; kernels check neither."""
        point = np.asarray(y)
        if point.dtype not in (np.float64, np.complex128) or not point.flags.c_contiguous:
            point = np.ascontiguousarray(point, dtype=complex if np.iscomplexobj(point) else float)
        if point.shape != (self.dimension,):
            raise ValueError(f"the flow on {self.field.name} takes points of shape ({self.dimension},), got {point.shape}")
        try:
            result: NDArray[Any] = compiled(0.0, point, par)
        except ZeroDivisionError:  # Numba raises for complex numbers only, whatever its error model
            result = np.full(self.dimension, np.nan, complex)
        return result

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return _bound, (self.equation, self.field)

    def __str__(self) -> str:
        return self.title

    def __repr__(self) -> str:
        return f"<Flow: {self.title} on {self.field.name}>"


def _bound(equation: Equation, field: Field) -> Flow:
    """Bind again, where a flow is unpickled."""
    flow: Flow = equation.on(field)
    return flow


def check_step(h: Any) -> float:
    """Return a step size as float, or raise unless it is a finite number > 0."""
    if isinstance(h, (bool, str)) or not np.isscalar(h) or np.iscomplexobj(h):
        raise TypeError(f"the step size h must be a number > 0, got {h!r}")
    try:
        step = float(h)  # type: ignore[arg-type]  # isscalar does not narrow the type
    except OverflowError:
        step = np.inf
    if not (step > 0 and np.isfinite(step)):
        raise ValueError(f"the step size h must be finite and > 0, got {h!r}")
    return step
