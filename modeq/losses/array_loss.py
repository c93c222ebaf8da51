"""Losses on arrays: an array graph, compiled, with derivatives of any degree by Taylor arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, final

import numpy as np
from numpy.typing import ArrayLike

from ..codegen.array_program import ArrayProgram
from ..codegen.array_source import array_loss_source
from ..codegen.source import Source
from ..codegen.tiers import GeneratedModule, generated_module
from ..graph.arrays import kinks
from ..kernels.layout import PAR, PATHS
from ..kernels.taylor_fields import workspace_size
from .field import Array
from .jet_field import FieldKernel, JetField, TaylorKernel
from .loss import Loss
from .minibatches import Minibatches, Samples, minibatches
from .packing import ByName, Packing

_CHUNK = 2**22  # numbers in one call of Taylor arithmetic for many directions


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
        self.along(np.zeros((2, self.dimension)))

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
        """Return ∇²E·v, shape (…, d). Many directions at one point, v of shape (Q, d), cost less than Q calls."""
        points, directions = self.check_points(theta), self.check_points(v, what="v")
        if points.ndim == 1:
            return self._products(points, directions.reshape(-1, self.dimension)).reshape(directions.shape)
        points, directions = map(np.array, np.broadcast_arrays(points, directions))  # views have another type for the compiler
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
        >>> E.along([[2.0, 1.0], [1.0, 1.0], [0.0, 0.0]])  # its gradient ((uv − 1)v, (uv − 1)u) at u = 2 + s, v = 1 + s
        array([[1., 2.],
               [4., 7.],
               [4., 5.]])
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
        return self._series(np.ascontiguousarray(point, dtype=given.dtype), given)(given)

    def linearised(self, point: Array, part: int | None = None) -> tuple[Array, Callable[[Array], Array]]:
        """Return f = −∇E at a point, and v → f′ v there, which computes the values at the point once for all v."""
        given = np.zeros((1, 2, self.dimension), point.dtype)
        along = self._series(np.ascontiguousarray(point), given)
        value = along(given)[0, 0].copy()

        def product(direction: Array) -> Array:
            given[0, 1] = direction
            return along(given)[0, 1].copy()

        return value, product

    def _series(self, point: Array, like: Array) -> Callable[[Array], Array]:
        """Return what fills the coefficients along paths of the shape of `like`; those of degree 0 stay from call to call."""
        plan = PATHS.pack({"order": like.shape[1], "paths": len(like), "linked": 0})
        par, at = np.concatenate([self._parameters, plan]), len(self._parameters)
        F, work, known = np.zeros_like(like), np.empty(workspace_size(par, at), like.dtype), 0.0

        def along(given: Array) -> Array:
            nonlocal known
            try:
                self.module.taylor(point, given, par, at, F, work, known, F[:0])
                known = 1.0
            except ZeroDivisionError:  # Numba raises for complex numbers only, whatever its error model
                F[:] = np.nan
            return F

        return along

    def minibatches(
        self, size: int, *, seed: int | None = None, replace: bool = False, samples: Sequence[str] | None = None
    ) -> Minibatches:
        """Return the losses of one epoch of minibatches, which share one compiled module.

        Parameters
        ----------
        size
            Number of samples in a batch; the last one has what is left.
        seed
            Shuffles the samples, in each epoch anew; None takes them in their order, always the same.
        replace
            Whether samples are drawn with replacement, each batch by itself, in each epoch anew.
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
        at, y, work = len(self._parameters), np.ascontiguousarray(point, dtype), np.empty(3 * self.row, dtype)
        for start in range(0, len(directions), rows):
            part = np.ascontiguousarray(directions[start : start + rows], dtype)
            par = np.concatenate([self._parameters, PATHS.pack({"order": 2, "paths": len(part), "linked": 0})])
            try:
                self.module.products(y, part, par, at, result[start : start + rows], work)
            except ZeroDivisionError:  # as in `taylor`
                result[start : start + rows] = np.nan
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
