"""A residual network as a field that depends on time: what methods, equations and flows of modeq take."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

import numpy as np
from numpy.typing import ArrayLike

from ..losses.field import Array
from ..losses.time_jets import JetTimeField

if TYPE_CHECKING:
    from .network import ResidualNetwork


@final
@dataclass(frozen=True, eq=False, repr=False)
class NetworkField(JetTimeField):
    """f(x, s) = φ(x, θ(s)) for n samples at once; x holds them one after the other.

    Attributes
    ----------
    network
        Its block and the weights as a function of depth.
    samples
        Number n.

    See Also
    --------
    modeq.depth.ResidualNetwork.field : Makes it, with an example.
    """

    network: ResidualNetwork
    samples: int

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """The samples, as rows."""
        return {"x": (self.samples, self.network.block.width)}

    def value(self, theta: ArrayLike, s: float = 0.0) -> Array:
        """Return f at x = θ, shape (n·d,), and depth s."""
        rows = self.check_point(theta).reshape(self.shapes["x"])
        return self.network.block.values(rows, self.network.theta(s)).ravel()

    def series(self) -> Callable[[Array | None, float | None], Array | None]:
        """Begin a path in x and s, along which s moves at a constant speed."""
        extend, interpolant = self.network.block.series(self.samples), self.network.theta
        depth, speed, degree = 0.0, 0.0, -1

        def following(theta: Array | None, s: float | None) -> Array | None:
            nonlocal depth, speed, degree
            degree += 1
            if degree == 0:
                depth = 0.0 if s is None else s
            elif degree == 1:
                speed = 0.0 if s is None else s
            terms = interpolant.coefficients(depth, degree + 1, interpolant.piece(depth))[degree]
            weights = {name: None if part is None else part * speed**degree for name, part in terms.items()}
            found = extend(None if theta is None else np.reshape(theta, self.shapes["x"]), weights)
            return None if found is None else found.ravel()

        return following
