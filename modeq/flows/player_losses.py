r"""The losses that the players of a game follow, to first order in h, where they exist.

Player i moves along :math:`f_i=-\nabla_iE_i` with the drift c_ij of `series.drift`. Its own drift is a gradient; that by its interaction
with player j, :math:`\nabla_{ij}E_i\nabla_jE_j`, is one where the mixed derivatives of the two losses are proportional,
:math:`\nabla_{ij}E_j=\kappa\nabla_{ij}E_i`, as in zero-sum games (κ = −1) and games of one common loss (κ = 1):

.. math:: \tilde E_i = E_i + \tfrac h2 c_{ii}\|\nabla_iE_i\|^2 + \sum_{j\ne i}\tfrac{h}{2\kappa_{ij}}c_{ij}\|\nabla_jE_j\|^2 .
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sympy

from ..exact import to_sympy
from ..losses.symbolic_field import as_parameters, as_scalar, as_symbols
from ..methods.method import Method
from ..series.drift import player_drift


def player_losses(
    method: Method,
    losses: Sequence[sympy.Expr | str],
    players: Sequence[Sequence[sympy.Symbol | str]],
    parameters: Mapping[sympy.Symbol | str, float] | None = None,
) -> tuple[sympy.Expr | None, ...]:
    """Return the loss that each player follows to first order in h, θ_i' = −l_i ∇_i Ẽ_i + O(h²).

    Parameters
    ----------
    method
        A method with one field for each player, such as `Simultaneous` or `Alternating`.
    losses, players, parameters
        The game, as `VectorField.game` takes it on symbols.

    Returns
    -------
    tuple
        Ẽ_i of each player in the variables, the parameters, those of the method, and h; None for a player whose drift is no gradient.

    Raises
    ------
    ValueError
        If there is not one loss for each player of the method.

    References
    ----------
    M. Rosca, Y. Wu, B. Dherin, D. Barrett, ICML 2021, arXiv 2105.13922, section 4 (zero-sum games).

    Examples
    --------
    >>> import modeq as mq
    >>> player_losses(mq.Simultaneous(), ["x*y", "-x*y"], [["x"], ["y"]])  # each is drawn away from the centre
    (-h*x**2/4 + h*y**2/4 + x*y, h*x**2/4 - h*y**2/4 - x*y)
    """
    drift = player_drift(method)
    if not len(losses) == len(players) == drift.players:
        raise ValueError(f"{method} has {drift.players} players, got {len(losses)} losses and {len(players)} groups of variables")
    groups = [as_symbols(group) for group in players]
    symbols = as_symbols([symbol for group in groups for symbol in group])
    values = as_parameters(parameters, symbols)
    expressions = [as_scalar(loss, symbols, values) for loss in losses]
    h = sympy.Symbol("h")
    slopes = [[sympy.diff(E, v) for v in group] for E, group in zip(expressions, groups, strict=True)]
    found: list[sympy.Expr | None] = []
    for i, (own, row) in enumerate(zip(groups, drift.interactions, strict=True)):
        total: sympy.Expr | None = expressions[i]
        for j, c in enumerate(row):
            weight = sympy.Integer(1) if j == i else _proportion(expressions[i], expressions[j], own, groups[j])
            if c == 0 or weight == 0:
                continue
            if weight is None or total is None:
                total = None
                break
            total += h / 2 * to_sympy(c) / weight * sum(slope**2 for slope in slopes[j])
        found.append(None if total is None else sympy.expand(total))
    return tuple(found)


def _proportion(first: sympy.Expr, second: sympy.Expr, own: Sequence[sympy.Symbol], others: Sequence[sympy.Symbol]) -> sympy.Expr | None:
    """Return κ with ∇_ij E_j = κ ∇_ij E_i, a number; 0 where ∇_ij E_i = 0 and there is no interaction; None if there is none."""
    pairs = [(sympy.diff(first, v, w), sympy.diff(second, v, w)) for v in own for w in others]
    lead = next(((a, b) for a, b in pairs if sympy.simplify(a) != 0), None)
    if lead is None:
        return sympy.Integer(0)
    kappa = sympy.simplify(lead[1] / lead[0])
    fits = not kappa.free_symbols & {*own, *others} and all(sympy.simplify(b - kappa * a) == 0 for a, b in pairs)
    return kappa if fits and kappa != 0 else None
