r"""What discretization adds to each player of a game at first order: its own drift and that of its interactions.

With one clock for all players, t = n·h after n rounds, the modified equation of order 2 is

.. math:: \dot\theta_i = l_i\bigl[f_i - h\sum_j c_{ij}\,\partial_{\theta_j}f_i\,f_j\bigr],
          \qquad c_{ij} = -b([\bullet_j]_i)/b(\bullet_i).

c_ii is the drift of player i by itself, c_ij that by its interaction with player j. Simultaneous updates have c_ii = l_i/(2n_i) and
c_ij = l_j/2;
where player j moves before player i, c_ij = −l_j/2.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import final

from ..exact import CoefficientField, Scalar
from ..methods.general_linear import GeneralLinearMethod
from ..methods.method import Method, linear_method
from ..trees.rooted import RootedTree
from .equations import ModifiedEquation
from .text import join_terms, term_text

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@final
@dataclass(frozen=True, repr=False)
class PlayerDrift:
    """The drift of each player at first order in h, as coefficients; make it by `player_drift`.

    Attributes
    ----------
    method
        A method with one field for each player.

    Examples
    --------
    >>> import modeq as mq
    >>> drift = mq.player_drift(mq.Alternating(rates=("a", "l"), updates=(2, 1)))
    >>> drift.own, drift.interactions[0][1], drift.interactions[1][0]
    ((a/4, l/2), l/2, -a/2)
    """

    method: GeneralLinearMethod

    @property
    def players(self) -> int:
        """Number of players."""
        return self.method.fields

    @cached_property
    def rates(self) -> tuple[Scalar, ...]:
        """l_i = b(•_i): how fast each player moves per round, in units of h."""
        return tuple(self._equation.coefficient(RootedTree((), i)) for i in range(self.players))

    @cached_property
    def interactions(self) -> tuple[tuple[Scalar, ...], ...]:
        """c_ij by player i and the player j that it interacts with, in units of h; c_ii is its own drift."""
        rows = []
        for i in range(self.players):
            drift = [self._equation.coefficient(RootedTree([RootedTree((), j)], i)) for j in range(self.players)]
            field = CoefficientField.containing([*drift, self.rates[i]])
            rows.append(tuple(field.scalar(-field.element(b) / field.element(self.rates[i])) for b in drift))
        return tuple(rows)

    @property
    def own(self) -> tuple[Scalar, ...]:
        """c_ii, the drift of each player by itself."""
        return tuple(row[i] for i, row in enumerate(self.interactions))

    @cached_property
    def _equation(self) -> ModifiedEquation:
        return ModifiedEquation(self.method, 2)

    def text(self) -> str:
        """Write one line for each player."""
        lines = []
        for i, row in enumerate(self.interactions):
            name = _number(i)
            terms = [term_text(-c, 1, f"∂{_number(j)}f{name} f{_number(j)}") for j, c in enumerate(row) if c != 0]
            rate = "" if self.rates[i] == 1 else f"{term_text(self.rates[i], 0, '')[1]} "
            body = f"f{name}{join_terms(terms, continued=True)}"
            lines.append(f"θ{name}' = {rate}[{body}] + O(h²)" if rate else f"θ{name}' = {body} + O(h²)")
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"<PlayerDrift of {self.method.name}>"


def player_drift(method: Method) -> PlayerDrift:
    """Split what discretization adds to each player at first order in h into its own drift and that of its interactions.

    Parameters
    ----------
    method
        A method with one field for each player, such as `Simultaneous` or `Alternating`.

    Returns
    -------
    PlayerDrift
        Coefficients c_ij of θ_i' = l_i [f_i − h Σ_j c_ij ∂_j f_i f_j], all players on one clock, t = n·h after n rounds.

    Raises
    ------
    ValueError
        If the method has one field only.

    References
    ----------
    M. Rosca, Y. Wu, B. Dherin, D. Barrett, ICML 2021, arXiv 2105.13922; theorems 3.1 and 3.2, there with a clock for each player,
    which is the same where their rates are equal.

    Examples
    --------
    >>> import modeq as mq
    >>> print(player_drift(mq.Alternating()))
    θ₁' = f₁ - h/2 ∂₁f₁ f₁ - h/2 ∂₂f₁ f₂ + O(h²)
    θ₂' = f₂ + h/2 ∂₁f₂ f₁ - h/2 ∂₂f₂ f₂ + O(h²)
    """
    linear = linear_method(method, "the drift of players")
    if linear.fields < 2:
        raise ValueError(f"{linear.name} has one field and no players; take a method with several, such as Simultaneous() or Alternating()")
    return PlayerDrift(linear)


def _number(player: int) -> str:
    return str(player + 1).translate(_SUBSCRIPTS)
