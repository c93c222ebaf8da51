"""Scalar losses: what every kind of them answers, and how each kind is made."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy
from numpy.typing import ArrayLike

from . import spectra
from .field import Array, Field
from .packing import ByName, Packing

if TYPE_CHECKING:
    from .array_loss import ArrayLoss
    from .functions import FunctionLoss
    from .symbolic_loss import SymbolicLoss


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
        from .symbolic_loss import symbolic_loss  # deferred: every kind of loss builds on this class

        return symbolic_loss(expr, variables, parameters, name)

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
        from .traced_losses import numpy_loss  # deferred: every kind of loss builds on this class

        return numpy_loss(function, params, data, name)

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
        from .traced_losses import jax_loss  # deferred: every kind of loss builds on this class

        return jax_loss(function, params, data, name)

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
        from .traced_losses import torch_loss  # deferred: every kind of loss builds on this class

        return torch_loss(module, objective, inputs, targets, name)

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
        from .functions import function_loss  # deferred: every kind of loss builds on this class

        given = {"value": value, "gradient": gradient, "hvp": hvp, "along": along}
        return function_loss(dimension, given, analytic, name, shapes, packing or ByName(), start)

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
