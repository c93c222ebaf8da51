"""What the equations given by a series in trees have in common: their coefficients, their texts, and a dictionary of them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from ..exact import CoefficientField, Scalar, exact, to_sympy
from ..expressions import parse_expression
from ..methods.general_linear import GeneralLinearMethod
from ..trees.rooted import RootedTree
from .bseries import FieldSeries
from .equation import Equation
from .latex import equation_latex
from .text import equation_lines, equation_text
from .time_polynomials import check_order
from .time_text import time_latex, time_text

_FORMAT = 1


@dataclass(frozen=True, repr=False)
class SeriesEquation(Equation):
    """A series over rooted trees, cut off by order: what `ModifiedEquation` and `ModifyingEquation` have in common.

    Attributes
    ----------
    method
        The method.
    order
        The largest number p of nodes that is kept.

    See Also
    --------
    modeq.modified_equation, modeq.modifying_equation
    """

    method: GeneralLinearMethod
    order: int
    kind: ClassVar[str]
    """``"modified"`` or ``"modifying"``."""

    @property
    @abstractmethod
    def series(self) -> FieldSeries:
        """The field series with all coefficients b(τ)."""

    def coefficient(self, tree: RootedTree | str) -> Scalar:
        """Return b(τ), without 1/σ: a Fraction, or a SymPy expression where parameters are symbolic.

        Raises
        ------
        ValueError
            If the text is no tree, or the tree has more nodes than `order`.
        """
        return self.series[tree]

    def terms(self) -> list[tuple[RootedTree, Scalar, int]]:
        """List (tree, b, σ) for every tree, by order; within an order the tall trees come first."""
        pairs = sorted(
            zip(self.series.trees, self.series.coefficients, strict=True),
            key=lambda pair: (pair[0].order, tuple(-level for level in pair[0].level_sequence), pair[0].colour_sequence),
        )
        return [(tree, b, tree.symmetry) for tree, b in pairs]

    def latex(self, notation: str | None = None, *, time: str | None = None) -> str:
        r"""Write the equation as LaTeX.

        Parameters
        ----------
        notation
            ``"loss"`` (∇E, ∇²E …; the default for one field), ``"field"`` (f, f′ …; the default for several fields, which
            are numbered f₁, f₂ … for the colours 0, 1 …) or ``"trees"``.
        time
            Name of the time s to write the equation for fields f(x, s) that depend on it, with ∂ₛ, in the notation "field".
        """
        if time is not None:
            return time_latex(*self._in_time(notation), time)
        return equation_latex(*self._written(notation))

    def text(self, notation: str | None = None, *, time: str | None = None) -> str:
        """Write the equation as one line; the same arguments as `latex`.

        Examples
        --------
        >>> import modeq as mq
        >>> mq.ModifiedEquation(mq.GradientDescent(), 2).text(time="s")
        "x' = f - h/2 f′f - h/2 ∂ₛf + O(h²)"
        """
        if time is not None:
            return time_text(*self._in_time(notation), time)
        return equation_text(*self._written(notation))

    def lines(self, notation: str | None = None) -> list[str]:
        """Write the equation with one line for each power of h; the same notations as `latex`.

        Examples
        --------
        >>> import modeq as mq
        >>> for line in mq.modified_equation(mq.GradientDescent(), order=3).lines():
        ...     print(line)
        θ' = -∇E
             - h/2 ∇²E∇E
             - h²/3 (∇²E)²∇E - h²/12 ∇³E[∇E,∇E]
             + O(h³)
        """
        return equation_lines(*self._written(notation))

    def _in_time(self, notation: str | None) -> tuple[list[tuple[RootedTree, Scalar]], int]:
        if notation not in (None, "field"):
            raise ValueError(f"fields that depend on time are written in the notation 'field', got {notation!r}; leave it out")
        if self.method.fields > 1:
            raise ValueError(f"{self.method.name} evaluates {self.method.fields} fields, and fields that depend on time have one part")
        pairs, order, *_ = self._written("field")
        return pairs, order

    def _written(self, notation: str | None) -> tuple[list[tuple[RootedTree, Scalar]], int, str, int]:
        usual = "loss" if self.method.fields == 1 else "field"
        pairs = [(tree, b) for tree, b, _ in self.terms()]
        return pairs, self.order, usual if notation is None else notation, self.method.fields

    def __reduce__(self) -> tuple[type[Self], tuple[GeneralLinearMethod, int]]:
        return type(self), (self.method, self.order)  # without what is cached

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.method.name}, order {self.order}>"

    def to_dict(self) -> dict[str, Any]:
        """Return plain data (text, lists, integers) that `from_dict` reads back without loss."""
        m = self.method
        return {
            "format": _FORMAT,
            "kind": type(self).__name__,
            "method": {
                "name": m.name,
                **{key: [list(map(_write, row)) for row in getattr(m, key)] for key in ("A", "U", "B", "V")},
                "output": list(map(_write, m.output)),
                "colours": list(m.colours),
            },
            "order": self.order,
            "coefficients": {str(tree): _write(b) for tree, b, _ in self.terms()},
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_dict` wrote.

        Raises
        ------
        ValueError
            If an entry is missing or malformed, or if the coefficients are not those of the method.
        """
        try:
            if (data["format"], data["kind"]) != (_FORMAT, cls.__name__):
                raise ValueError(f"expected format {_FORMAT} of {cls.__name__}, got {data['format']} of {data['kind']}")
            source = data["method"]
            A, U, B, V = (tuple(tuple(map(_read, row)) for row in source[key]) for key in ("A", "U", "B", "V"))
            output, name = tuple(map(_read, source["output"])), source["name"]
            method = GeneralLinearMethod(A=A, U=U, B=B, V=V, output=output, colours=source["colours"], name=name)
            coefficients = {RootedTree.parse(text): _read(value) for text, value in data["coefficients"].items()}
            check_order(data["order"])
            equation = cls(method, data["order"])
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"this is no complete dictionary of a {cls.__name__}: {error!r} is missing or malformed") from None
        if coefficients != dict(zip(equation.series.trees, equation.series.coefficients, strict=True)):
            raise ValueError(f"the coefficients in this dictionary are not those of {method.name} up to order {equation.order}")
        return equation


def _write(value: Scalar) -> str:
    return str(to_sympy(value))


def _read(text: str) -> Scalar:
    value = exact(parse_expression(text))
    field = CoefficientField.containing([value])
    return field.scalar(field.element(value))  # one form for equal values
