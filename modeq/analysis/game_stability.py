r"""Whether players go to a fixed point of their game or leave it, and whether flows say so.

Near a point with f = 0 a round of the method is the linear map M: the stages solve :math:`Y = A\,h\,J Y + U y` where J applies to each
stage the Jacobian of its player. Players go there where all eigenvalues of M are inside the unit circle, a flow where those of its
Jacobian have negative real parts. Imaginary parts matter: players who turn round a centre of the gradient flow may leave it or fall in,
as they move at once or one after the other.

Reference: M. Rosca, Y. Wu, B. Dherin, D. Barrett, ICML 2021, arXiv 2105.13922, section 3.3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..flows.flow import Flow, check_step
from ..flows.registry import named_equation
from ..losses.field import Field
from ..methods.general_linear import GeneralLinearMethod
from ..methods.method import Method, linear_method
from ..records.aligned import aligned

Array: TypeAlias = NDArray[Any]
_STATIONARY = 1e-6  # size of the field, relative to that of its Jacobian, that counts as 0
_NEUTRAL = 1e-7  # growth per round that the differences of flows do not decide


@final
@dataclass(frozen=True, eq=False, repr=False)
class GameStability:
    """A fixed point of a game under a method and its flows.

    Attributes
    ----------
    method, h
        What plays, with which step size.
    multipliers
        Eigenvalues of one round, complex, by decreasing modulus, shape (r·d,); below 1 in modulus they attract.
    rates
        Eigenvalues of the Jacobian of each flow, by its name, complex, by decreasing real part; below 0 they attract. Units: 1/time.

    See Also
    --------
    modeq.game_stability : Makes it, with an example.
    """

    method: Method
    h: float
    multipliers: Array
    rates: Mapping[str, Array]

    @property
    def method_verdict(self) -> str:
        """``attracts``, ``repels``, or ``neutral`` where the linear part does not decide."""
        return _verdict(float(np.abs(self.multipliers).max()) - 1)

    @property
    def verdicts(self) -> Mapping[str, str]:
        """The same for each flow."""
        return {name: _verdict(float(values.real.max()) * self.h) for name, values in self.rates.items()}

    def table(self) -> str:
        """Return the method and its flows as aligned text."""
        rows = [("", "growth per round", "verdict"), (str(self.method), f"{np.abs(self.multipliers).max():.6f}", self.method_verdict)]
        for name, values in self.rates.items():
            rows.append((name, f"{np.exp(self.h * values.real.max()):.6f}", self.verdicts[name]))
        return "\n".join(aligned(rows))

    def __str__(self) -> str:
        return self.table()

    def __repr__(self) -> str:
        return f"<GameStability: {self.method} {self.method_verdict}>"


def game_stability(
    method: Method, game: Field, theta: ArrayLike, *, h: float, flows: Iterable[str | int] = (1, 2, 3, "map")
) -> GameStability:
    """Find whether players go to a fixed point of their game or leave it, and what flows say of it.

    Parameters
    ----------
    method
        Such as `Simultaneous` or `Alternating`.
    game
        A field with a part for each player, see `VectorField.game`.
    theta
        A point where no player moves, real, shape (d,).
    h
        Step size > 0.
    flows
        Names of flows, as in `compare`.

    Returns
    -------
    GameStability

    Raises
    ------
    TypeError, ValueError
        If the field is not 0 at θ, or the arguments do not fit together.

    References
    ----------
    M. Rosca, Y. Wu, B. Dherin, D. Barrett, ICML 2021, arXiv 2105.13922, section 3.3.

    Examples
    --------
    >>> import modeq as mq
    >>> game = mq.VectorField.game(["x*y + 0.045*x**2", "-x*y + 0.045*y**2"], [["x"], ["y"]])  # of Rosca et al.
    >>> at_once = game_stability(mq.Simultaneous(), game, [0, 0], h=0.2)
    >>> at_once.method_verdict, at_once.verdicts["order 1"], at_once.verdicts["order 2"]
    ('repels', 'attracts', 'repels')
    >>> game_stability(mq.Alternating(), game, [0, 0], h=0.2).method_verdict
    'attracts'
    """
    linear = linear_method(method, "the stability of a game")
    linear.require_numbers("the stability of a game")
    step, point = check_step(h), game.check_point(theta)
    jacobians = [game.part_jacobian(colour, point) for colour in range(game.fields)]
    scale = np.abs(jacobians).sum()
    size = float(np.linalg.norm(game.value(point)))
    if not size <= _STATIONARY * scale * (1 + float(np.linalg.norm(point))):
        raise ValueError(f"theta is no fixed point of {game.name}: the field there has the norm {size:.3g}; refine it first")
    if linear.fields == 1:
        jacobians = [np.sum(jacobians, axis=0)]
    bound = [named_equation(method, name).on(game) for name in flows]
    rates = {flow.title: _rates(flow, point, step) for flow in bound}
    multipliers = np.linalg.eigvals(round_matrix(linear, jacobians, step))
    return GameStability(method, step, multipliers[np.argsort(-np.abs(multipliers))], rates)


def round_matrix(method: GeneralLinearMethod, jacobians: list[Array], h: float) -> Array:
    """Return the matrix M of one step on a linear field, shape (r·d, r·d), from the Jacobian of each part."""
    A, U, B, V, _ = method.matrices()
    one = np.eye(len(jacobians[0]))
    stages = np.zeros((method.stages * len(one),) * 2)
    for i, colour in enumerate(method.colours):
        block = slice(i * len(one), (i + 1) * len(one))
        stages[block, block] = h * jacobians[colour]
    inner = np.linalg.solve(np.eye(len(stages)) - np.kron(A, one) @ stages, np.kron(U, one))
    return np.asarray(np.kron(B, one) @ stages @ inner + np.kron(V, one))


def _rates(flow: Flow, point: Array, h: float) -> Array:
    """Return the eigenvalues of a flow's Jacobian, by central differences, which are exact to ε² at a zero of the field."""
    state, right = flow.start(point, h), flow.rhs(h)
    columns = []
    for j in range(len(state)):
        move = np.zeros(len(state))
        move[j] = 1e-5 * (1 + abs(state[j]))
        columns.append((right(0.0, state + move) - right(0.0, state - move)) / (2 * move[j]))
    values = np.linalg.eigvals(np.array(columns).T)
    return np.asarray(values[np.argsort(-values.real)], complex)


def _verdict(growth: float) -> str:
    return "attracts" if growth < -_NEUTRAL else "repels" if growth > _NEUTRAL else "neutral"
