"""Fields of several parts, each from a loss: minibatches, and games of networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import ArrayLike

from .field import Array
from .jet_field import JetField
from .loss import Loss


@final
@dataclass(frozen=True, eq=False, repr=False)
class PartedField(JetField):
    """The field f = f₁ + f₂ + …, where each part is −∇E_c, all of it or what one player moves.

    Attributes
    ----------
    losses
        One for each part, of the same parameters.
    masks
        For each part 1 at the coordinates that it moves and 0 at the others, shape (parts, d).

    See Also
    --------
    modeq.VectorField.from_losses, modeq.VectorField.game : Make it, with examples.
    """

    losses: tuple[Loss, ...]
    masks: Array

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """Shape of each parameter by name."""
        return self.losses[0].shapes

    @property
    def fields(self) -> int:
        """Number of parts."""
        return len(self.losses)

    @property
    def analytic(self) -> bool:
        """Whether all parts have a meaning at complex points."""
        return all(loss.analytic for loss in self.losses)

    @property
    def symmetric(self) -> bool:
        """Whether the Jacobian is symmetric: where each part is a whole gradient."""
        return bool(self.masks.all())

    def ravel(self, params: Any) -> Array:
        """Join parameters, in the form that the first loss has, to θ."""
        return self.losses[0].ravel(params)

    def unravel(self, theta: ArrayLike) -> Any:
        """Split θ into parameters, in the form that the first loss has."""
        return self.losses[0].unravel(theta)

    def check_points(self, theta: ArrayLike, *, what: str = "theta") -> Array:
        """Return points as a float or complex array of shape (…, d), or raise."""
        for loss in self.losses:
            points = loss.check_points(theta, what=what)
        return points

    @property
    def degree(self) -> float:
        """Largest degree of Taylor coefficients that all losses have."""
        return min(loss.degree for loss in self.losses)

    def require(self, degree: int, purpose: str) -> None:
        """Raise unless all losses have Taylor coefficients up to this degree."""
        for loss in self.losses:
            loss.require(degree, purpose)

    def jvp(self, theta: ArrayLike, v: ArrayLike) -> Array:
        """Return f′ v, shape (…, d)."""
        return -np.sum([mask * loss.hvp(theta, v) for mask, loss in zip(self.masks, self.losses, strict=True)], axis=0)

    def part(self, number: int, theta: ArrayLike) -> Array:
        """Return one part of f, shape (…, d), 0 being the first."""
        return -self.masks[number] * self.losses[number].gradient(theta)

    def part_along(self, number: int, path: ArrayLike) -> Array:
        """Return the Taylor coefficients of one part of f along a path, shape (degrees, d), like the path's."""
        return self.masks[number] * self.losses[number].part_along(0, path)

    def value(self, theta: ArrayLike) -> Array:
        """Return f, the sum of the parts, shape (…, d)."""
        return np.sum([self.part(number, theta) for number in range(self.fields)], axis=0)

    def __call__(self, theta: ArrayLike) -> Array:
        """Return f at θ, shape (…, d)."""
        return self.value(theta)

    def part_jacobian(self, number: int, theta: ArrayLike) -> Array:
        """Return the Jacobian of one part, shape (…, d, d)."""
        return -self.masks[number][:, np.newaxis] * self.losses[number].hessian(theta)

    def jacobian(self, theta: ArrayLike) -> Array:
        """Return f′, shape (…, d, d)."""
        return np.sum([self.part_jacobian(number, theta) for number in range(self.fields)], axis=0)


def parted(losses: Sequence[Loss], players: Sequence[Sequence[str]] | None = None, *, name: str) -> PartedField:
    """Return the field of losses of the same parameters; with players each moves its own parameters, by name.

    Raises
    ------
    TypeError, ValueError
        If there is no loss, parameters differ, or players do not share the parameters out.
    """
    every = tuple(losses)
    if not every or not all(isinstance(loss, Loss) for loss in every):
        raise TypeError(f"expected losses, got {[type(loss).__name__ for loss in every]}")
    shapes = dict(every[0].shapes)
    for loss in every[1:]:
        if dict(loss.shapes) != shapes:
            raise ValueError(
                f"all losses must have the parameters {', '.join(shapes)} of the first, in its shapes, but {loss.name} has "
                f"{', '.join(loss.shapes)}; let each take all parameters, and use those that it needs"
            )
    masks = np.ones((len(every), every[0].dimension))
    if players is not None:
        groups = [list(group) for group in players]
        if len(groups) != len(every):
            raise ValueError(f"a game needs one loss for each player, got {len(every)} losses and {len(groups)} players")
        named = [owner for group in groups for owner in group]
        if sorted(named) != sorted(set(named)) or set(named) != set(shapes):
            raise ValueError(f"the players must share out the parameters {', '.join(shapes)}, each to one of them, got {groups}")
        owners = np.repeat(list(shapes), [int(np.prod(shape)) for shape in shapes.values()])
        masks = np.array([np.isin(owners, group) for group in groups], dtype=float)
    return PartedField(name, every, masks)
