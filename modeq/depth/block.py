"""What a layer of a residual network adds to its input: φ(x, θ), written in NumPy, with derivatives of any degree.

The function is run once, on stand-ins that record what is done to them (`graph.tracing`). The graph gives values, products with the
transposed Jacobian by reverse mode, and Taylor coefficients along paths in x and θ; all of them run in NumPy, without a compiler.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..graph.algebra import NumpyAlgebra, evaluate
from ..graph.differentiation import gradient
from ..graph.graph import Graph
from ..graph.jax_tracing import trace_jax
from ..graph.taylor import TaylorProgram, TaylorSeries
from ..graph.tracing import trace
from ..losses.pytree import require_jax

Array = NDArray[np.float64]
Weights = Mapping[str, Array]
FrontEnd = Callable[[Callable[[Any], Any], Mapping[str, tuple[int, ...]]], tuple[Graph, int]]
_STATE, _COTANGENT = "the state", "the cotangent"  # inputs of the graph; no weight has such a name
_NUMBERS = NumpyAlgebra()


def _numpy(pairing: Callable[[Any], Any], shapes: Mapping[str, tuple[int, ...]]) -> tuple[Graph, int]:
    return trace(pairing, shapes, {})


def _jax(pairing: Callable[[Any], Any], shapes: Mapping[str, tuple[int, ...]]) -> tuple[Graph, int]:
    names = list(shapes)
    points = np.random.default_rng(0)  # where derivatives are compared with JAX's, if the function has rules of its own
    leaves = {name: points.standard_normal(shape) for name, shape in shapes.items()}
    return trace_jax(pairing, leaves, lambda values: dict(zip(names, values, strict=True)), {})


@final
@dataclass(frozen=True, eq=False, repr=False)
class Block:
    r"""A residual block φ(x, θ): layer k of a network with N layers is :math:`x_{k+1} = x_k + \frac1N φ(x_k, θ_k)`.

    Attributes
    ----------
    function
        ``function(x, weights)`` gets samples as rows, x of shape (n, d), and a dict of the weights of one layer; it returns an array
        of the shape of x and treats each row by itself. `graph.numpy_operations` lists what it may use.
    shapes
        Name and shape of each array of weights.
    width
        Number d of units.
    name
        For tables and messages.
    front_end
        What traces the function; `from_jax` sets another one.

    Raises
    ------
    TypeError, ValueError
        If the function uses what cannot be traced, or does not return one row of d numbers for each sample.

    References
    ----------
    K. He, X. Zhang, S. Ren, J. Sun, *Deep residual learning for image recognition*, CVPR 2016, doi:10.1109/CVPR.2016.90.

    Examples
    --------
    >>> block = Block(lambda x, p: np.tanh(x @ p["W"].T), {"W": (2, 2)}, width=2)
    >>> block.values(np.zeros((3, 2)), {"W": np.eye(2)}).shape
    (3, 2)
    >>> block.jacobian(np.zeros((1, 2)), {"W": np.array([[1.0, 2.0], [3.0, 4.0]])})[0]
    array([[1., 2.],
           [3., 4.]])
    """

    function: Callable[[Any, Any], Any]
    shapes: Mapping[str, tuple[int, ...]]
    width: int
    name: str = "block"
    front_end: FrontEnd = field(default=_numpy, repr=False)
    _programs: dict[int, _Program] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        if isinstance(self.width, bool) or not isinstance(self.width, int) or self.width < 1:
            raise ValueError(f"width is the number of units, an integer ≥ 1, got {self.width!r}")
        if not isinstance(self.shapes, Mapping) or not self.shapes:
            raise TypeError(f'shapes names each array of weights with its shape, such as {{"W": (3, 3)}}, got {self.shapes!r}')
        self._program(1)

    @classmethod
    def from_jax(cls, function: Callable[[Any, Any], Any], shapes: Mapping[str, tuple[int, ...]], width: int, name: str = "block") -> Self:
        """Make a block of a JAX function, traced by JAX once, in double precision; `graph.jax_primitives` lists what it may use.

        Parameters
        ----------
        function
            ``function(x, weights)`` of rows x of shape (n, d) and a dict of arrays.
        shapes, width, name
            As for blocks in NumPy.

        Raises
        ------
        TypeError, ValueError
            If the function uses what cannot be traced, or does not return one row of d numbers for each sample.
        ImportError
            If JAX is not installed.

        Examples
        --------
        >>> import jax
        >>> block = Block.from_jax(lambda x, p: jax.nn.softplus(x @ p["W"]), {"W": (2, 2)}, width=2)
        >>> block.values(np.zeros((1, 2)), {"W": np.eye(2)}).round(4)
        array([[0.6931, 0.6931]])
        """
        require_jax("Block.from_jax")
        return cls(function, shapes, width, name, _jax)

    def __repr__(self) -> str:
        weights = ", ".join(f"{name} {shape}" for name, shape in self.shapes.items())
        return f"<Block: {self.name}, width {self.width}, {weights}>"

    @property
    def size(self) -> int:
        """Number of weights of one layer."""
        return sum(int(np.prod(shape)) for shape in self.shapes.values())

    def values(self, x: Array, weights: Weights) -> Array:
        """Return φ at samples x of shape (n, d), the same shape."""
        program = self._program(len(x))
        (value,) = evaluate(program.graph, [program.output], {_STATE: x, **weights}, _NUMBERS)
        return np.broadcast_to(value, x.shape)

    def pullback(self, x: Array, weights: Weights, cotangent: Array) -> tuple[Array, dict[str, Array]]:
        """Return φ_xᵀ c, shape (n, d), and φ_θᵀ c by name, summed over samples, for cotangents c of shape (n, d)."""
        program = self._program(len(x))
        inputs = {_STATE: x, _COTANGENT: cotangent, **weights}
        by_state, *by_weights = evaluate(program.graph, program.slopes, inputs, _NUMBERS)
        named = zip(self.shapes.items(), by_weights, strict=True)
        return np.broadcast_to(by_state, x.shape), {name: np.broadcast_to(value, shape) for (name, shape), value in named}

    def series(self, samples: int) -> Callable[[Array | None, Mapping[str, Array | None]], Array | None]:
        """Begin a path in x and θ: each call takes the next Taylor coefficient of both and returns that of φ; None stands for 0."""
        program = self._program(samples)
        path = TaylorSeries(program.taylor, _NUMBERS, [_STATE, *self.shapes], {})

        def extend(x: Array | None, weights: Mapping[str, Array | None]) -> Array | None:
            (value,) = path.extend([x, *(weights.get(name) for name in self.shapes)])
            return None if value is None else np.broadcast_to(value, (samples, self.width))

        return extend

    def push(self, x: Array, weights: Weights, direction: Array) -> Array:
        """Return φ_x v, shape (n, d), for directions v of shape (n, d)."""
        extend = self.series(len(x))
        extend(x, weights)
        value = extend(direction, {})
        return np.zeros(x.shape) if value is None else value

    def jacobian(self, x: Array, weights: Weights) -> Array:
        """Return φ_x at each of n samples, shape (n, d, d)."""
        d = self.width
        directions = np.tile(np.eye(d), (len(x), 1))
        return self.push(np.repeat(x, d, axis=0), weights, directions).reshape(len(x), d, d).swapaxes(1, 2)

    def checked(self, x: ArrayLike) -> Array:
        """Return samples as floats of shape (n, d), one sample of shape (d,) as (1, d), or raise."""
        samples = np.asarray(x)
        if samples.dtype.kind not in "biuf":
            raise TypeError(f"samples are real numbers of shape (n, {self.width}), got {x!r}")
        rows = np.atleast_2d(samples.astype(float))
        if rows.ndim != 2 or rows.shape[1] != self.width or not len(rows):
            raise ValueError(f"{self.name} works on samples of shape (n, {self.width}), or ({self.width},), got {samples.shape}")
        if not np.isfinite(rows).all():
            raise ValueError(f"samples are finite numbers, got {np.count_nonzero(~np.isfinite(rows))} others")
        return rows

    def _program(self, samples: int) -> _Program:
        if samples not in self._programs:
            self._programs[samples] = _program(self, samples)
        return self._programs[samples]


@final
@dataclass(frozen=True, eq=False)
class _Program:
    """The graph of Σ c·φ(x, θ) for a number of samples: its slope in c is φ, the others are products with φ_xᵀ and φ_θᵀ."""

    graph: Graph
    output: int
    slopes: list[int]
    taylor: TaylorProgram


def _program(block: Block, samples: int) -> _Program:
    shape = (samples, block.width)

    def pairing(inputs: Mapping[str, Any]) -> Any:
        result = block.function(inputs[_STATE], {name: inputs[name] for name in block.shapes})
        if np.shape(result) != shape:
            raise ValueError(
                f"{block.name} must return one row of {block.width} numbers for each sample, shape {shape}, got {np.shape(result)}"
            )
        return (inputs[_COTANGENT] * result).sum()

    shapes = {_STATE: shape, **block.shapes, _COTANGENT: shape}
    graph, value = block.front_end(pairing, shapes)
    nodes = [graph.input(name, tuple(size)) for name, size in shapes.items()]
    *slopes, output = gradient(graph, value, nodes)
    return _Program(graph, output, slopes, TaylorProgram(graph, [output]))
