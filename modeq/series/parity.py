r"""Every map is a symmetric and then an even one, :math:`\Phi_h = \Psi_h \circ S_h`, :math:`S_{-h} = S_h^{-1}`, :math:`\Psi_{-h} = \Psi_h`.

:math:`S_h\circ S_h = \Phi_{-h}^{-1}\circ\Phi_h`, so S has half of the logarithm of the right-hand side.

Reference: M. Aguiar, N. Bergeron, F. Sottile, Combinatorial Hopf algebras and generalized Dehn–Sommerville relations,
Compositio Math. 142 (2006) 1–30,
doi:10.1112/S0010437X0500165X, theorem 1.5, of characters of graded Hopf algebras.
"""

from __future__ import annotations

from fractions import Fraction

from .bseries import FlowSeries, composition, inverse
from .logarithm import exponential, logarithm, scaled


def odd_even_decomposition(series: FlowSeries) -> tuple[FlowSeries, FlowSeries]:
    """Return the symmetric map S and the even map Ψ with composition(S, Ψ) = `series`.

    Parameters
    ----------
    series
        A map.

    Returns
    -------
    tuple[FlowSeries, FlowSeries]
        S and Ψ; Ψ has no trees with an odd number of nodes.

    References
    ----------
    Aguiar, Bergeron, Sottile 2006, doi:10.1112/S0010437X0500165X.

    Examples
    --------
    >>> import modeq as mq
    >>> euler = mq.elementary_weights(mq.GradientDescent(), 4)
    >>> S, even = odd_even_decomposition(euler)
    >>> mq.series.is_symmetric(S), even["[]"], mq.composition(S, even) == euler
    (True, Fraction(0, 1), True)
    """
    squared = composition(series, inverse(reversed_step(series)))
    S = exponential(scaled(logarithm(squared), Fraction(1, 2)))
    return S, composition(inverse(S), series)


def reversed_step(series: FlowSeries) -> FlowSeries:
    """Return the map with −h in the place of h."""
    signs = (-1 if tree.order % 2 else 1 for tree in series.trees)
    return FlowSeries(series.order, series.colours, tuple(sign * a for sign, a in zip(signs, series.coefficients, strict=True)))
