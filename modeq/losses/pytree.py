"""Pytrees of JAX: nested dicts, lists, tuples and modules of flax, equinox and haiku as parameters of a loss."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self, final

import numpy as np

from .packing import Packing


def _is_array(leaf: Any) -> bool:
    """Whether a leaf is an array of floats; integers, functions and the like stay as they are."""
    return getattr(getattr(leaf, "dtype", None), "kind", "") in ("f", "V")  # V: bfloat16


def _are_parameters(params: Any) -> list[bool]:
    """Say of each leaf whether it is one: arrays of floats, and Python's floats unless they are settings of a module of equinox.

    The rate of an ``eqx.nn.Dropout`` is a leaf too; `equinox.filter_grad` takes no derivative by it.
    """
    from jax import tree_util  # deferred: optional

    module = getattr(sys.modules.get("equinox"), "Module", ())
    parts = tree_util.tree_leaves(params, is_leaf=lambda part: isinstance(part, module))
    return [
        _is_array(leaf) or (isinstance(leaf, float) and not isinstance(part, module))
        for part in parts
        for leaf in tree_util.tree_leaves(part)
    ]


@final
@dataclass(frozen=True)
class PyTree(Packing):
    """A pytree whose leaves of floats are the parameters.

    Attributes
    ----------
    structure
        JAX's description of the tree.
    names
        The path of each leaf of floats, such as ``params.Dense_0.kernel``.
    rest
        The other leaves, by their positions.
    """

    structure: Any
    names: tuple[str, ...]
    rest: Mapping[int, Any] = field(repr=False)

    @classmethod
    def of(cls, params: Any) -> tuple[Self, dict[str, np.ndarray]]:
        """Return the form of a pytree, and its leaves by name in double precision.

        Raises
        ------
        TypeError, ValueError
            If there is no leaf of floats, or one is complex, empty, NaN or infinite.
        """
        from jax import tree_util  # deferred: optional

        paths, structure = tree_util.tree_flatten_with_path(params)
        arrays, rest = {}, {}
        for position, ((path, leaf), trained) in enumerate(zip(paths, _are_parameters(params), strict=True)):
            if getattr(getattr(leaf, "dtype", None), "kind", "") == "c":
                raise TypeError(f"the parameter {_name(path)} is complex; use its real and imaginary parts as two parameters")
            if not trained:
                rest[position] = leaf
                continue
            array = np.asarray(leaf, dtype=float)
            if array.size == 0 or not np.isfinite(array).all():
                raise ValueError(
                    f"the parameter {_name(path)} has {'no entries' if array.size == 0 else 'entries that are NaN or infinite'}"
                )
            arrays[_name(path)] = array
        if not arrays:
            raise TypeError(
                f"params is a pytree of arrays of floats, such as {{'W': jnp.zeros((3, 4))}}, got {type(params).__name__} without any"
            )
        return cls(structure, tuple(arrays), rest), arrays

    def apart(self, params: Any) -> Mapping[str, Any]:
        """Return the leaves of floats by their paths."""
        from jax import tree_util  # deferred: optional

        leaves, structure = tree_util.tree_flatten(params)
        if structure != self.structure:
            raise ValueError(f"expected parameters of the form {self.structure}, got {structure}")
        values = [leaf for position, leaf in enumerate(leaves) if position not in self.rest]
        return dict(zip(self.names, values, strict=True))

    def together(self, arrays: Mapping[str, Any]) -> Any:
        """Return the tree with these leaves."""
        return self.assembled([arrays[name] for name in self.names])

    def assembled(self, values: Sequence[Any]) -> Any:
        """Return the tree with these leaves, in the order of the names."""
        given = iter(values)
        count = len(self.names) + len(self.rest)
        return self.structure.unflatten([self.rest[n] if n in self.rest else next(given) for n in range(count)])


def require_jax(what: str) -> None:
    """Raise unless JAX is installed."""
    if importlib.util.find_spec("jax") is None:
        raise ImportError(f"{what} needs JAX; install it with pip install 'modeq[jax]'")


def _name(path: Sequence[Any]) -> str:
    from jax import tree_util  # deferred: optional

    return tree_util.keystr(tuple(path), simple=True, separator=".") or "theta"
