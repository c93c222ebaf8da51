"""Gradient descent of several players, each on its own loss, all at once or one after the other.

Player c moves its own parameters along the field of colour c. In a round it takes n_c steps of size h·l_c/n_c, so that l_c is its rate per
round whatever n_c is.

Reference: M. Rosca, Y. Wu, B. Dherin, D. Barrett, Discretization drift in two-player games, ICML 2021, arXiv 2105.13922, section 2.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from ..exact import Scalar, ScalarLike, exact
from .general_linear import GeneralLinearMethod


def Simultaneous(
    rates: Sequence[ScalarLike] = (1, 1), *, updates: Sequence[int] | None = None, name: str | None = None
) -> GeneralLinearMethod:
    """All players start a round from the same point: nobody sees the moves of the others before the next round.

    θ_c⁺ = θ_c + n_c steps of h·l_c/n_c along f_c, with the parameters of the others as they were at the start of the round.

    Parameters
    ----------
    rates
        l_c, the rate of each player per round in units of h, numbers or names.
    updates
        n_c, the number of updates of each player in a round; one each when left out.
    name
        What messages and tables call it.

    Returns
    -------
    GeneralLinearMethod
        With one field for each player; run it on `VectorField.game`.

    Raises
    ------
    TypeError, ValueError
        If there are fewer than two players, or not one rate and one number of updates ≥ 1 for each.

    References
    ----------
    M. Rosca, Y. Wu, B. Dherin, D. Barrett, ICML 2021, arXiv 2105.13922, section 2.

    Examples
    --------
    >>> import modeq as mq
    >>> game = mq.VectorField.game(["x*y", "-x*y"], [["x"], ["y"]])
    >>> mq.iterate(Simultaneous(), game, [1.0, 1.0], h=0.5, steps=1).theta[-1]
    array([0.5, 1.5])
    """
    weights, colours = _steps(rates, updates)
    return _method(name or _title("simultaneous", rates, updates), weights, colours, lambda s, t: colours[s] == colours[t])


def Alternating(
    rates: Sequence[ScalarLike] = (1, 1), *, updates: Sequence[int] | None = None, name: str | None = None
) -> GeneralLinearMethod:
    """The players move one after the other, the first one first: each sees the moves that the others made before.

    Parameters
    ----------
    rates, updates, name
        As for `Simultaneous`.

    Returns
    -------
    GeneralLinearMethod
        With one field for each player; run it on `VectorField.game`.

    References
    ----------
    M. Rosca, Y. Wu, B. Dherin, D. Barrett, ICML 2021, arXiv 2105.13922, section 2.

    Examples
    --------
    >>> import modeq as mq
    >>> game = mq.VectorField.game(["x*y", "-x*y"], [["x"], ["y"]])
    >>> mq.iterate(Alternating(), game, [1.0, 1.0], h=0.5, steps=1).theta[-1]  # y sees the new x = 1/2
    array([0.5 , 1.25])
    """
    weights, colours = _steps(rates, updates)
    return _method(name or _title("alternating", rates, updates), weights, colours, lambda s, t: True)


def _steps(rates: Sequence[ScalarLike], updates: Sequence[int] | None) -> tuple[list[Scalar], list[int]]:
    """Return the size l_c/n_c and the player of each single step."""
    if isinstance(rates, str) or not isinstance(rates, Sequence) or len(rates) < 2:
        raise ValueError(f"a game has at least two players, give one rate for each such as rates=(1, 1), got {rates!r}")
    counts = [1] * len(rates) if updates is None else list(updates)
    if len(counts) != len(rates):
        raise ValueError(f"there are {len(rates)} rates and {len(counts)} numbers of updates; give one of each for every player")
    if not all(isinstance(count, int) and not isinstance(count, bool) and count >= 1 for count in counts):
        raise ValueError(f"updates are integers ≥ 1, one for each player, got {updates!r}")
    weights, colours = list[Scalar](), list[int]()
    for player, (rate, count) in enumerate(zip(rates, counts, strict=True)):
        weights += [exact(rate, what=f"the rate of player {player + 1}") * Fraction(1, count)] * count
        colours += [player] * count
    return weights, colours


def _method(name: str, weights: list[Scalar], colours: list[int], seen: Callable[[int, int], bool]) -> GeneralLinearMethod:
    """Build the one-step method whose step s starts where the steps t < s that it has seen ended."""
    size = len(weights)
    A = [[weights[t] if t < s and seen(s, t) else 0 for t in range(size)] for s in range(size)]
    return GeneralLinearMethod(A=A, U=[[1]] * size, B=[weights], V=[[1]], output=[1], colours=colours, name=name)


def _title(word: str, rates: Sequence[ScalarLike], updates: Sequence[int] | None) -> str:
    shown = [] if all(rate == 1 for rate in rates) else [f"rates={tuple(map(str, rates))}".replace("'", "")]
    shown += [f"updates={tuple(updates)}"] if updates is not None and set(updates) != {1} else []
    return f"{word} gradient descent" + (f" ({', '.join(shown)})" if shown else "")
