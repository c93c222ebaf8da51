"""Scalar losses: on symbols, and on arrays as ordinary NumPy code has them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, final

import numpy as np
import sympy
from numpy.typing import ArrayLike

from ..codegen.array_program import ArrayProgram
from ..codegen.array_source import array_loss_source
from ..codegen.source import Source
from ..codegen.tiers import GeneratedModule, generated_module
from ..graph.algebra import NumpyAlgebra
from ..graph.arrays import kinks
from ..graph.differentiation import gradient, jacobian
from ..graph.graph import Graph
from ..graph.jax_tracing import trace_jax
from ..graph.taylor import TaylorProgram, TaylorSeries
from ..graph.torch_tracing import trace_torch
from ..graph.tracing import trace
from ..kernels.layout import PAR, PATHS
from ..kernels.taylor_fields import workspace_size
from . import spectra
from .arguments import checked_data, checked_layout, checked_shapes
from .field import Array, Field
from .jet_field import FieldKernel, JetField, TaylorKernel
from .minibatches import Minibatches, Samples, minibatches
from .packing import ByName, Packing
from .pytree import PyTree, require_jax
from .samples import as_size
from .state_dict import StateDict, require_torch
from .symbolic_field import SymbolicField, as_parameters, as_scalar, as_symbols, lowered

if TYPE_CHECKING:
    from .functions import FunctionLoss

_CHUNK = 2**22  # numbers in one call of Taylor arithmetic for many directions


@dataclass(frozen=True, eq=False, repr=False)
class Loss(Field):
    """A scalar loss E(θ); methods follow f = −∇E.

    Build one with `Loss.from_sympy` or `Loss.from_numpy`, or take one from `modeq.losses`.

    See Also
    --------
    modeq.losses.Field : What losses and vector fields share.

    Examples
    --------
    >>> E = Loss.from_sympy("a*x**2/2 + cos(y)", ["x", "y"], {"a": 3})
    >>> E.gradient([1.0, 0.0]), E.hessian([1.0, 0.0]).diagonal()
    (array([ 3., -0.]), array([ 3., -1.]))
    """

    @staticmethod
    def from_sympy(
        expr: sympy.Expr | str,
        variables: Iterable[sympy.Symbol | str],
        parameters: Mapping[sympy.Symbol | str, float] | None = None,
        *,
        name: str = "loss",
    ) -> SymbolicLoss:
        """Make a loss from a SymPy expression, or from text that is parsed, never evaluated.

        Parameters
        ----------
        expr
            Smooth and real in the variables.
        variables
            The coordinates of θ, in order.
        parameters
            Symbols that are no coordinates, with their values.
        name
            What tables and messages call it.

        Raises
        ------
        TypeError, ValueError
            If `expr` is no scalar, contains unknown symbols, kinks (|x|, max …) or functions that modeq cannot compile.

        Examples
        --------
        >>> E = Loss.from_sympy("x**4/4 - x**2/2", ["x"])
        >>> E([2.0]), E.gradient([2.0])
        (2.0, array([6.]))
        """
        symbols = as_symbols(variables)
        values = as_parameters(parameters, symbols)
        expression = as_scalar(expr, symbols, values)
        graph = Graph()
        (value,) = lowered([expression], graph, symbols, values)
        return SymbolicLoss(name, symbols, values, graph, expression, value)

    @staticmethod
    def from_numpy(
        function: Callable[..., Any],
        params: Mapping[str, int | tuple[int, ...]],
        data: Mapping[str, ArrayLike] | None = None,
        *,
        name: str | None = None,
    ) -> ArrayLoss:
        """Make a loss from ordinary NumPy code.

        Parameters
        ----------
        function
            ``function(params, **data)`` returns the loss, a scalar. It is run once, on stand-ins for arrays that record what
            is done to them; `graph.numpy_operations` lists what they know.
        params
            Name and shape of each parameter, or an array of this shape; θ holds them in this order, each row by row. Dicts may be
            nested: the function, `ravel` and `unravel` have the same form, and a parameter is called ``encoder.W``.
        data
            Fixed arrays by name, finite numbers.
        name
            What tables and messages call it; the name of the function when left out.

        Raises
        ------
        TypeError, ValueError
            If the function uses an operation outside the set, turns parameters into plain numbers, or returns no scalar; the
            message names the line.

        Examples
        --------
        >>> import numpy as np
        >>> def loss(p, X, y):
        ...     return np.mean((np.tanh(X @ p["W"]) @ p["v"] + p["b"] - y) ** 2)
        >>> X = np.array([[0.0, 1.0], [1.0, 0.5], [2.0, -1.0]])
        >>> E = Loss.from_numpy(loss, {"W": (2, 3), "v": (3,), "b": ()}, {"X": X, "y": [0.0, 1.0, 2.0]})
        >>> E.dimension, round(E(np.zeros(10)), 6), E.gradient(np.zeros(10))[-1]
        (10, 1.666667, np.float64(-2.0))
        """
        shapes, packing = checked_shapes(params)

        def made(arrays: Mapping[str, Array], title: str) -> ArrayLoss:
            graph, value = trace(function, shapes, arrays)
            return ArrayLoss(title, shapes, _program(graph, value, shapes), packing=packing, origin=Samples(arrays, made))

        return made(checked_data(data), _title(function, name))

    @staticmethod
    def from_jax(
        function: Callable[..., Any], params: Any, data: Mapping[str, ArrayLike] | None = None, *, name: str | None = None
    ) -> ArrayLoss:
        """Make a loss from JAX code: flax, equinox, haiku or plain functions of pytrees.

        The function is traced by JAX once, in double precision, and compiled by modeq; JAX does not run afterwards. Models in
        float32 are taken in double precision, and so are casts to lower precision inside.

        Parameters
        ----------
        function
            ``function(params, **data)`` returns the loss, a scalar. `graph.jax_primitives` lists what it may use.
        params
            A pytree; its leaves of floats are the parameters, in JAX's order, each row by row. Their values become `start`.
        data
            Fixed arrays by name, finite numbers.
        name
            What tables and messages call it; the name of the function when left out.

        Returns
        -------
        ArrayLoss
            ``E.ravel(params)`` joins a pytree of this form to θ, ``E.unravel(θ)`` makes one. Parameters are called by their paths.

        Raises
        ------
        TypeError, ValueError
            If the function uses a primitive outside the set, returns no scalar, or has derivatives that are not those of its
            values (stop_gradient, custom_vjp …); the message names the line.
        ImportError
            If JAX is not installed.

        Examples
        --------
        >>> import jax.numpy as jnp
        >>> def loss(p, X, y):
        ...     return jnp.mean((jnp.tanh(X @ p["W"]) @ p["v"] - y) ** 2)
        >>> X = [[0.0, 1.0], [1.0, 0.5], [2.0, -1.0]]
        >>> E = Loss.from_jax(loss, {"W": jnp.zeros((2, 3)), "v": jnp.ones(3)}, {"X": X, "y": [0.0, 1.0, 2.0]})
        >>> E.dimension, round(E(E.start), 6), list(E.unravel(E.start))
        (9, 1.666667, ['W', 'v'])
        """
        require_jax("Loss.from_jax")
        tree, leaves = PyTree.of(params)
        shapes, start = _shapes_and_start(leaves)

        def made(arrays: Mapping[str, Array], title: str) -> ArrayLoss:
            graph, value = trace_jax(function, leaves, tree.assembled, arrays)
            return ArrayLoss(title, shapes, _program(graph, value, shapes), tree, Samples(arrays, made), start=start)

        return made(checked_data(data), _title(function, name))

    @staticmethod
    def from_torch(module: Any, objective: Callable[..., Any], inputs: Any, targets: Any = None, *, name: str | None = None) -> ArrayLoss:
        """Make a loss from a PyTorch module.

        The module is exported by `torch.export` once, in double precision, and compiled by modeq; PyTorch does not run afterwards.
        Models in float32 are taken in double precision.

        Parameters
        ----------
        module
            A `torch.nn.Module`, usually after ``module.eval()``. Parameters that require a gradient are those of the loss,
            under their names in `named_parameters`; others, and buffers, stay as they are. Their values become `start`.
        objective
            ``objective(module(inputs), targets)`` is the loss, a scalar: a function such as `torch.nn.functional.mse_loss`, or a
            module such as ``torch.nn.CrossEntropyLoss()``.
        inputs
            A tensor or an array, or a tuple of several.
        targets
            A tensor or an array; left out for an objective of the outputs alone.
        name
            What tables and messages call it; the name of the module's class when left out.

        Returns
        -------
        ArrayLoss
            ``E.unravel(θ)`` is a state dict for `load_state_dict`, ``E.ravel(module.state_dict())`` is θ.

        Raises
        ------
        TypeError, ValueError
            If the module uses an operator outside the set that `graph.aten_operators` lists, dropout in training mode among them,
            or derivatives that are not those of its values (detach, autograd.Function …); the message names the line.
        ImportError
            If PyTorch is not installed.

        Examples
        --------
        >>> import torch  # doctest: +SKIP
        >>> net = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1))  # doctest: +SKIP
        >>> E = Loss.from_torch(net, torch.nn.functional.mse_loss, torch.ones(4, 2), torch.zeros(4, 1))  # doctest: +SKIP
        >>> E.dimension  # doctest: +SKIP
        13
        """
        require_torch("Loss.from_torch")
        state, leaves = StateDict.of(module)
        shapes, start = _shapes_and_start(leaves)
        given = inputs if isinstance(inputs, tuple) else (inputs,)
        data = {f"input {n}": value for n, value in enumerate(given)} | ({} if targets is None else {"targets": targets})

        def made(arrays: Mapping[str, Any], title: str) -> ArrayLoss:
            values = list(arrays.values())
            graph, value = trace_torch(module, objective, values[: len(given)], values[len(given) :], leaves)
            return ArrayLoss(title, shapes, _program(graph, value, shapes), state, Samples(arrays, made), start=start)

        return made(data, _title(type(module), name))

    @staticmethod
    def from_functions(
        *,
        dimension: int,
        value: Callable[..., Any],
        gradient: Callable[..., Any],
        hvp: Callable[..., Any] | None = None,
        along: Callable[..., Any] | None = None,
        analytic: bool = False,
        name: str = "loss",
        shapes: Mapping[str, tuple[int, ...]] | None = None,
        packing: Packing | None = None,
        start: tuple[float, ...] | None = None,
    ) -> FunctionLoss:
        """Make a loss of functions that somebody else's code computes, on any device.

        What is given decides which flows exist: the gradient flow with ``gradient``; the IGR flow and principal flows with ``hvp``;
        everything else with ``along``.

        Parameters
        ----------
        dimension
            Number d of parameters.
        value
            E(θ), a number, for θ of shape (d,).
        gradient
            ∇E(θ), shape (d,).
        hvp
            ∇²E(θ)·v, shape (d,), of θ and v.
        along
            Taylor coefficients of ∇E along a path Σ_j θ_j sʲ, shape (degrees, d), of the path's, θ₀, θ₁, …, of the same shape.
        analytic
            Whether the functions take complex points and are analytic there, as principal flows beyond hλ = 1 need.
        name
            What tables and messages call it.
        shapes
            Shape of each parameter by name, in the order of θ; one vector ``theta`` when left out.
        packing
            The form in which `ravel` takes parameters; a dict by name when left out.
        start
            A point to start a comparison from.

        Returns
        -------
        FunctionLoss
            A loss as any other, as far as its functions reach; errors name the one that is missing.

        Raises
        ------
        TypeError, ValueError
            If a function is none, or the shapes do not have `dimension` entries.

        Examples
        --------
        >>> import numpy as np
        >>> E = Loss.from_functions(dimension=2, value=lambda x: x @ x / 2, gradient=lambda x: x, hvp=lambda x, v: v)
        >>> E.gradient([1.0, 2.0]), E.sharpness([1.0, 2.0])
        (array([1., 2.]), 1.0)
        """
        from .functions import FunctionLoss  # deferred: every kind of loss builds on this class

        given = {"value": value, "gradient": gradient, "hvp": hvp, "along": along}
        functions = {key: function for key, function in given.items() if function is not None}
        for key, function in functions.items():
            if not callable(function):
                raise TypeError(f"{key} is a function of θ, got {type(function).__name__}")
        size = as_size(dimension, "the dimension")
        layout = {"theta": (size,)} if shapes is None else checked_layout(shapes, size)
        return FunctionLoss(name, layout, functions, analytic, packing or ByName(), start=start)

    def __repr__(self) -> str:
        return f"<Loss: {self.name}, d = {self.dimension}>"

    @property
    def fields(self) -> int:
        """One: the field −∇E has no parts."""
        return 1

    @property
    def symmetric(self) -> bool:
        """Whether the Jacobian of the field is symmetric: true for a gradient."""
        return True

    @abstractmethod
    def __call__(self, theta: ArrayLike) -> Any:
        """Return E at θ of shape (d,), or at many points of shape (…, d)."""

    @abstractmethod
    def gradient(self, theta: ArrayLike) -> Array:
        """Return ∇E, shape (…, d)."""

    @abstractmethod
    def hessian(self, theta: ArrayLike) -> Array:
        """Return ∇²E, shape (…, d, d)."""

    @abstractmethod
    def hvp(self, theta: ArrayLike, v: ArrayLike) -> Array:
        """Return ∇²E·v, shape (…, d)."""

    @abstractmethod
    def third(self, theta: ArrayLike, u: ArrayLike, v: ArrayLike) -> Array:
        """Return ∇³E[u, v] at one point, shape (d,)."""

    @abstractmethod
    def along(self, path: ArrayLike) -> Array:
        """Return the Taylor coefficients of ∇E along a path Σ_j θ_j sʲ, shape (degrees, d), like the path."""

    def require(self, degree: int, purpose: str) -> None:
        """Raise unless Taylor coefficients of ∇E up to this degree can be computed."""

    def jvp(self, theta: ArrayLike, v: ArrayLike) -> Array:
        """Return f′ v = −∇²E v, shape (…, d)."""
        return -self.hvp(theta, v)

    def require_loss(self, purpose: str) -> Loss:
        """Return the loss itself."""
        return self

    def potential(self, theta: ArrayLike) -> Any:
        """Return E at points, shape (…,)."""
        return self(theta)

    def value(self, theta: ArrayLike) -> Array:
        """Return f = −∇E, shape (…, d)."""
        return -self.gradient(theta)

    def part(self, number: int, theta: ArrayLike) -> Array:
        """Return the one part of f, −∇E."""
        return -self.gradient(theta)

    def jacobian(self, theta: ArrayLike) -> Array:
        """Return f′ = −∇²E, shape (…, d, d)."""
        return -self.hessian(theta)

    def spectrum(self, theta: ArrayLike, k: int | None = None) -> Array:
        """Return eigenvalues of the Hessian at a real point, in decreasing order.

        Parameters
        ----------
        k
            How many, those of largest absolute value; all when left out. For many parameters a few are found by Lanczos'
            method from Hessian–vector products, without the Hessian.

        Raises
        ------
        TypeError, ValueError
            If θ is complex, or k is not between 1 and d.

        Examples
        --------
        >>> from modeq.losses import quadratic
        >>> quadratic([[2, 0], [0, -3]]).spectrum([0.0, 0.0], k=1)
        array([-3.])
        """
        return spectra.spectrum(self, self._real_point(theta), k)

    def sharpness(self, theta: ArrayLike) -> float:
        """Return the largest eigenvalue of the Hessian at a real point; gradient descent is stable below 2/h.

        Examples
        --------
        >>> from modeq.losses import quadratic
        >>> quadratic([[2, 0], [0, -3]]).sharpness([0.0, 0.0])
        2.0
        """
        return spectra.sharpness(self, self._real_point(theta))

    def _real_point(self, theta: ArrayLike) -> Array:
        point = self.check_point(theta)
        if np.iscomplexobj(point):
            raise TypeError("the spectrum is that of a symmetric matrix; give a real point, such as theta.real")
        return point


def _title(made_from: Any, name: str | None) -> str:
    return str(getattr(made_from, "__name__", "loss") if name is None else name)


def _program(graph: Graph, value: int, shapes: Mapping[str, tuple[int, ...]]) -> ArrayProgram:
    """Return the program of a graph whose inputs are the parameters."""
    return ArrayProgram(graph, value, tuple(graph.input(key, shape) for key, shape in shapes.items()))


def _shapes_and_start(leaves: Mapping[str, Array]) -> tuple[dict[str, tuple[int, ...]], tuple[float, ...]]:
    shapes = {key: leaf.shape for key, leaf in leaves.items()}
    return shapes, tuple(np.concatenate([leaf.ravel() for leaf in leaves.values()]).tolist())


@final
@dataclass(frozen=True, eq=False, repr=False)
class SymbolicLoss(Loss, SymbolicField):
    """A loss on symbols, made by `Loss.from_sympy`.

    Attributes
    ----------
    expression
        E in SymPy.

    See Also
    --------
    modeq.Loss.from_sympy : Makes it, with an example.
    """

    expression: sympy.Expr
    node: int = field(repr=False)

    @cached_property
    def _derivatives(self) -> tuple[Graph, list[int], list[list[int]]]:
        graph = self.graph.copy()
        inputs = [graph.input(name) for name in self.inputs]
        slope = gradient(graph, self.node, inputs)
        return graph, slope, jacobian(graph, slope, inputs)

    def parts(self, graph: Graph) -> list[list[int]]:
        """Return −∇E as the one part of the field, in a copy of this loss's graph."""
        inputs = [graph.input(name) for name in self.inputs]
        return [[graph.negate(node) for node in gradient(graph, self.node, inputs)]]

    def __call__(self, theta: ArrayLike) -> Any:
        """Return E at θ of shape (d,), or at many points of shape (…, d)."""
        (value,) = self.evaluate([self.node], theta)
        return value.item() if value.ndim == 0 else value.copy()

    def gradient(self, theta: ArrayLike) -> Array:
        """Return ∇E, shape (…, d)."""
        graph, slope, _ = self._derivatives
        return np.stack(self.evaluate(slope, theta, graph), axis=-1)

    def hessian(self, theta: ArrayLike) -> Array:
        """Return ∇²E, shape (…, d, d)."""
        graph, _, rows = self._derivatives
        return np.stack([np.stack(self.evaluate(row, theta, graph), axis=-1) for row in rows], axis=-2)

    def hvp(self, theta: ArrayLike, v: ArrayLike) -> Array:
        """Return ∇²E·v, shape (…, d)."""
        direction = self.check_points(v, what="v")
        return np.einsum("...ij,...j->...i", self.hessian(theta), direction)

    @cached_property
    def _taylor(self) -> TaylorProgram:
        graph, slope, _ = self._derivatives
        return TaylorProgram(graph.copy(), slope)

    def along(self, path: ArrayLike) -> Array:
        """Return the Taylor coefficients of ∇E along a path, shape (degrees, d), like the path.

        Examples
        --------
        >>> Loss.from_sympy("x**3/3", ["x"]).along([[2.0], [1.0], [0.0]]).ravel()  # (2 + s)²
        array([4., 4., 1.])
        """
        coefficients = self.check_points(path, what="the path")
        fixed = {f"p{i}": value for i, value in enumerate(self.parameters.values())}
        series = TaylorSeries(self._taylor, NumpyAlgebra(), self.inputs, fixed)
        with np.errstate(all="ignore"):
            rows = [series.extend(list(row)) for row in coefficients]
        return np.array([[0.0 if entry is None else entry for entry in row] for row in rows], coefficients.dtype)

    @cached_property
    def _third(self) -> tuple[Graph, list[int]]:
        graph, _, rows = self._derivatives
        graph, form = graph.copy(), graph.zero
        for i, row in enumerate(rows):
            for j, entry in enumerate(row):
                form = graph.add(form, graph.multiply(entry, graph.multiply(graph.input(f"u{i}"), graph.input(f"v{j}"))))
        return graph, gradient(graph, form, [graph.input(name) for name in self.inputs])

    def third(self, theta: ArrayLike, u: ArrayLike, v: ArrayLike) -> Array:
        """Return ∇³E[u, v], shape (d,), the gradient of uᵀ∇²E v.

        Examples
        --------
        >>> Loss.from_sympy("x**2*y", ["x", "y"]).third([3.0, 5.0], [1.0, 0.0], [1.0, 0.0])  # (0, ∂³E/∂x²∂y)
        array([0., 2.])
        """
        graph, outputs = self._third
        first, second = self.check_point(u, what="u"), self.check_point(v, what="v")
        others = {f"u{i}": value for i, value in enumerate(first)} | {f"v{i}": value for i, value in enumerate(second)}
        return np.stack(self.evaluate(outputs, self.check_point(theta), graph, others))


@final
@dataclass(frozen=True, eq=False, repr=False)
class ArrayLoss(JetField, Loss):
    """A loss on arrays, made by `Loss.from_numpy`: compiled, with derivatives of any degree by Taylor arithmetic.

    Attributes
    ----------
    layout
        Shape of each parameter by name.
    program
        The array graph.
    packing
        The form in which `ravel` takes parameters and `unravel` returns them.
    origin
        What it was made from; None for losses that are no function of data, or come from another process.

    See Also
    --------
    modeq.Loss.from_numpy : Makes it, with an example.
    """

    layout: Mapping[str, tuple[int, ...]]
    program: ArrayProgram = field(repr=False)
    packing: Packing = field(default=ByName(), repr=False)
    origin: Samples | None = field(default=None, repr=False)

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """Shape of each parameter by name."""
        return self.layout

    def ravel(self, params: Any) -> Array:
        """Join parameters to θ, shape (d,), from a dict of arrays by name, or what the loss was made from, such as a pytree."""
        return super().ravel(self.packing.apart(params))

    def unravel(self, theta: ArrayLike) -> Any:
        """Split θ, shape (d,), into parameters in the form that `ravel` takes."""
        return self.packing.together(super().unravel(theta))

    @cached_property
    def analytic(self) -> bool:
        """Whether E has a meaning at complex points; relu, |x|, max and the like have none."""
        return not self.pieces

    @cached_property
    def pieces(self) -> tuple[str, ...]:
        """Where the function decides which piece of E holds: lines of its code; empty for analytic losses."""
        graph = self.program.graph
        return tuple(dict.fromkeys(graph.origins.get(number, "") for number in kinks(graph, [self.program.value])))

    @cached_property
    def source(self) -> Source:
        """The generated module of the loss as text."""
        return array_loss_source(self.program)

    @cached_property
    def module(self) -> GeneratedModule:
        """The generated module, whose functions are compiled once that pays; see `codegen.tiers`."""
        return generated_module(self.source)

    def compile(self) -> None:
        """Compile E, its gradient and its derivatives along paths, see `modeq.compile`."""
        self.module.compile()
        origin = np.zeros(self.dimension)
        self._values(origin)
        self.hvp(origin, origin)

    @property
    def has_kernels(self) -> bool:
        """Methods run on it in generated code."""
        return True

    @property
    def row(self) -> int:
        """Number of entries of all intermediate arrays."""
        return self.program.row

    def field_kernel(self) -> FieldKernel:
        """Return −∇E(y, par), compiled."""
        gradient = self.module.loss

        def field(y: Array, par: Array) -> Array:
            out = np.empty_like(y)
            gradient(y, par, out)
            return -out

        return field

    def taylor_kernel(self, colours: tuple[int, ...] = ()) -> TaylorKernel:
        """Return the generated function."""
        kernel: TaylorKernel = self.module.taylor
        return kernel

    def written(self, write: Callable[[ArrayProgram], Source]) -> Source:
        """Return what `write` makes of the program."""
        return write(self.program)

    @cached_property
    def _parameters(self) -> Array:
        layout, data = self.program.layout, self.program.data
        slots = {"step": 0.0, "numbers": len(layout), "end": PAR.size + len(layout) + len(data)}
        return PAR.pack(slots, then=np.concatenate([layout, data]))

    def parameter_vector(self, h: float) -> Array:
        """Return ``[h, sizes and offsets …, data …]``, the last argument of kernels."""
        result = self._parameters.copy()
        result[PAR.step] = h
        return result

    def check_points(self, theta: ArrayLike, *, what: str = "theta") -> Array:
        """Return points as a float or complex array of shape (…, d), or raise."""
        points = super().check_points(theta, what=what)
        if np.iscomplexobj(points) and not self.analytic:
            raise TypeError(
                f"{what} is complex, but {self.name} is piecewise{self.pieces[0]}: which piece holds is decided by a sign, "
                "which complex numbers do not have; use a smooth function such as softplus or gelu, or a flow that stays real"
            )
        return points

    def __call__(self, theta: ArrayLike) -> Any:
        """Return E at θ of shape (d,), or at many points of shape (…, d)."""
        points = self.check_points(theta)
        values, _ = self._values(points)
        return values.item() if values.ndim == 0 else values

    def gradient(self, theta: ArrayLike) -> Array:
        """Return ∇E, shape (…, d)."""
        return self._values(self.check_points(theta))[1]

    def hessian(self, theta: ArrayLike) -> Array:
        """Return ∇²E, shape (…, d, d)."""
        points = self.check_points(theta)
        identity = np.eye(self.dimension)
        rows = [self._products(point, identity) for point in points.reshape(-1, self.dimension)]
        return np.reshape(rows, (*points.shape, self.dimension))

    def hvp(self, theta: ArrayLike, v: ArrayLike) -> Array:
        """Return ∇²E·v, shape (…, d)."""
        points, directions = np.broadcast_arrays(self.check_points(theta), self.check_points(v, what="v"))
        pairs = zip(points.reshape(-1, self.dimension), directions.reshape(-1, self.dimension), strict=True)
        return np.reshape([self._products(point, v[np.newaxis])[0] for point, v in pairs], points.shape)

    def along(self, path: ArrayLike) -> Array:
        """Return the Taylor coefficients of ∇E along a path.

        Parameters
        ----------
        path
            Coefficients θ₀, θ₁, … of Σ_j θ_j sʲ, shape (degrees, d).

        Returns
        -------
        ndarray
            Coefficients of ∇E along it, shape (degrees, d); that of degree 1 is ∇²E θ₁. Cost: of the square of the degree.

        Examples
        --------
        >>> from modeq.losses import deep_linear
        >>> E = deep_linear((1, 1, 1))  # ½(uv − 1)²
        >>> E.along([[2.0, 1.0], [1.0, 0.0], [0.0, 0.0]])  # its gradient ((uv − 1)v, (uv − 1)u) at u = 2 + s, v = 1
        array([[1., 2.],
               [1., 3.],
               [0., 1.]])
        """
        coefficients = self.check_points(path, what="the path")
        if coefficients.ndim != 2 or len(coefficients) == 0:
            raise ValueError(f"a path has the shape (degrees, {self.dimension}), got {coefficients.shape}")
        given = np.ascontiguousarray(coefficients[np.newaxis])
        return -self.taylor(given[0, 0], given)[0]

    def part_along(self, number: int, path: ArrayLike) -> Array:
        """Return the Taylor coefficients of −∇E along a path, as `along`."""
        return -self.along(path)

    def third(self, theta: ArrayLike, u: ArrayLike, v: ArrayLike) -> Array:
        """Return ∇³E[u, v], shape (d,), by polarisation from the coefficients of degree 2 along u + v and u − v.

        Examples
        --------
        >>> from modeq.losses import deep_linear
        >>> deep_linear((1, 1, 1)).third([2.0, 1.0], [1.0, 0.0], [1.0, 0.0])  # of ½(uv − 1)²: (0, ∂³E/∂u²∂v) = (0, 2v)
        array([0., 2.])
        """
        point, first, second = (self.check_point(x, what=what) for x, what in ((theta, "theta"), (u, "u"), (v, "v")))
        given = np.zeros((2, 3, self.dimension), np.result_type(point, first, second))
        given[0, 1], given[1, 1] = first + second, first - second
        F = self.taylor(point.astype(given.dtype), given)
        return (F[1, 2] - F[0, 2]) / 2

    def taylor(self, point: Array, given: Array, part: int | None = None) -> Array:
        """Return the coefficients of f = −∇E along paths from `point`; ``given`` and the result have shape (Q, degrees, d)."""
        plan = PATHS.pack({"order": given.shape[1], "paths": len(given), "linked": 0})
        F = np.zeros_like(given)
        par, at = np.concatenate([self._parameters, plan]), len(self._parameters)
        work = np.empty(workspace_size(par, at), given.dtype)
        try:
            self.module.taylor(np.ascontiguousarray(point, dtype=given.dtype), given, par, at, F, work, False, F[:0])
        except ZeroDivisionError:  # Numba raises for complex numbers only, whatever its error model
            F[:] = np.nan
        return F

    def minibatches(
        self, size: int, *, seed: int | None = None, replace: bool = False, samples: Sequence[str] | None = None
    ) -> Minibatches:
        """Return the losses of one epoch of minibatches, which share one compiled module.

        Parameters
        ----------
        size
            Number of samples in a batch; the last one has what is left.
        seed
            Shuffles the samples; None takes them in their order.
        replace
            Whether samples are drawn with replacement, each batch by itself.
        samples
            Names of the data whose first axis runs over samples; all of them when left out. For losses from PyTorch they are
            ``input 0``, … and ``targets``.

        Returns
        -------
        Minibatches
            A sequence of losses. ``VectorField.from_losses(batches)`` is the field of one epoch, one part for each.

        Raises
        ------
        TypeError, ValueError
            If the loss does not know its samples, or the size does not fit.

        Examples
        --------
        >>> import numpy as np
        >>> E = Loss.from_numpy(lambda p, x: np.mean((p["w"] - x) ** 2), {"w": ()}, {"x": np.arange(6.0)})
        >>> batches = E.minibatches(2)
        >>> len(batches), [batch([0.0]) for batch in batches], E([0.0]) == np.mean([batch([0.0]) for batch in batches])
        (3, [0.5, 6.5, 20.5], np.True_)
        """
        return minibatches(self, self.origin, size, seed, replace, samples)

    def _products(self, point: Array, directions: Array) -> Array:
        """Hessian–vector products, row by row, in chunks that bound the memory."""
        dtype = np.result_type(point, directions)
        rows = max(1, _CHUNK // (2 * self.dimension))
        result = np.empty(directions.shape, dtype)
        for start in range(0, len(directions), rows):
            part = directions[start : start + rows]
            given = np.zeros((len(part), 2, self.dimension), dtype)
            given[:, 1] = part
            result[start : start + rows] = -self.taylor(point, given)[:, 1]
        return result

    def _values(self, points: Array) -> tuple[Array, Array]:
        slopes = np.empty(points.shape, points.dtype)
        values = np.empty(points.shape[:-1], points.dtype)
        for index in np.ndindex(values.shape):
            try:
                values[index] = self.module.loss(np.ascontiguousarray(points[index]), self._parameters, slopes[index])
            except ZeroDivisionError:
                values[index] = slopes[index] = np.nan
        return values, slopes

    def __getstate__(self) -> dict[str, Any]:
        # The module is compiled again where the loss is unpickled; functions of the user's may not be picklable.
        return {name: value for name, value in self.__dict__.items() if name != "module"} | {"origin": None}
