"""The numbers that an optimizer's formula is made for: factors of memory below 1, and terms that keep roots away from 0."""

from __future__ import annotations

from fractions import Fraction

from ..exact import ScalarLike, exact


def check_memory(**factors: ScalarLike) -> None:
    """Raise unless each factor of a memory is a number from 0 to below 1, or a name that stays symbolic."""
    for name, value in factors.items():
        factor = exact(value, what=name)
        if isinstance(factor, Fraction) and not 0 <= factor < 1:
            raise ValueError(f"{name} is the part of a memory that a step keeps, 0 ≤ {name} < 1 (1 would never forget), got {value}")


def check_positive(**terms: ScalarLike) -> None:
    """Raise unless each number is ≥ 0, or a name that stays symbolic."""
    for name, value in terms.items():
        number = exact(value, what=name)
        if isinstance(number, Fraction) and number < 0:
            raise ValueError(f"{name} must be ≥ 0, got {value}")
