"""From maps to fields and back: the logarithm and the exponential of B-series, and what a map must be given to be exact.

References: E. Hairer, C. Lubich, G. Wanner, *Geometric Numerical Integration* (2006), section IX.9.1; P. Chartier, E. Hairer,
G. Vilmart 2010, doi:10.1007/s10208-010-9065-1.
"""

from __future__ import annotations

from fractions import Fraction

from ..exact import CoefficientField, Scalar
from .bseries import FieldSeries, FlowSeries, exact_flow, substitution, substitution_quotient


def logarithm(series: FlowSeries) -> FieldSeries:
    """Return the field whose time-h flow is the map `series`, its modified field.

    Parameters
    ----------
    series
        A map, whatever method it comes from.

    Returns
    -------
    FieldSeries
        Up to the same order, without 1/σ.

    References
    ----------
    Hairer, Lubich, Wanner 2006, section IX.9.1.

    Examples
    --------
    >>> from modeq.series import elementary_weights
    >>> from modeq.methods import GradientDescent
    >>> print(logarithm(elementary_weights(GradientDescent(), 3)))
    θ' = f - h/2 f′f + h²/12 f″(f,f) + h²/3 f′f′f + O(h³)
    """
    return series.field()


def exponential(field: FieldSeries) -> FlowSeries:
    """Return the time-h flow of a field.

    Parameters
    ----------
    field
        h times a vector field.

    Returns
    -------
    FlowSeries
        Up to the same order.

    References
    ----------
    Hairer, Lubich, Wanner 2006, section IX.9.1.

    Examples
    --------
    >>> from modeq.series import identity_field
    >>> exponential(identity_field(3)) == exact_flow(3)
    True
    """
    flow: FlowSeries = substitution(field, exact_flow(field.order, colours=field.colours))
    return flow


def counter_field(series: FlowSeries) -> FieldSeries:
    """Return the field to put into the map `series` so that it becomes the exact flow of f, its modifying field.

    Parameters
    ----------
    series
        A map, whatever method it comes from.

    Returns
    -------
    FieldSeries
        Up to the same order.

    Raises
    ------
    ValueError
        If the map does not contain its field, a(•) = 0.

    References
    ----------
    Chartier, Hairer, Vilmart 2010, doi:10.1007/s10208-010-9065-1.

    Examples
    --------
    >>> from modeq.series import elementary_weights
    >>> from modeq.methods import GradientDescent
    >>> print(counter_field(elementary_weights(GradientDescent(), 2)))
    θ' = f + h/2 f′f + O(h²)
    """
    return substitution_quotient(exact_flow(series.order, colours=series.colours), series)


def scaled(field: FieldSeries, factor: Fraction) -> FieldSeries:
    """Return a multiple of a field."""
    numbers = CoefficientField.containing(field.coefficients)
    values: list[Scalar] = [numbers.scalar(numbers.element(b) * numbers.element(factor)) for b in field.coefficients]
    return FieldSeries(field.order, field.colours, tuple(values))
