"""Exact linear algebra over a coefficient field, for the few and small matrices of a method."""

from __future__ import annotations

from typing import Any

from sympy.polys.matrices import DomainMatrix as SympyDomainMatrix

from ..exact import CoefficientField, DomainMatrix


def product(left: DomainMatrix, right: DomainMatrix) -> DomainMatrix:
    """Multiply two matrices given as lists of rows."""
    columns = list(zip(*right, strict=True))
    return [[_dot(row, column) for column in columns] for row in left]


def apply(matrix: DomainMatrix, vector: list[Any]) -> list[Any]:
    """Multiply a matrix and a vector."""
    return [_dot(row, vector) for row in matrix]


def _dot(left: Any, right: Any) -> Any:
    total = left[0] * right[0]  # keeps the element type even when every product is zero
    for a, b in zip(left[1:], right[1:], strict=True):
        if a and b:
            total += a * b
    return total


def identity_minus(matrix: DomainMatrix, field: CoefficientField) -> DomainMatrix:
    """Return I − matrix."""
    one = field.element(1)
    return [[(one if i == j else field.element(0)) - entry for j, entry in enumerate(row)] for i, row in enumerate(matrix)]


def kernel(matrix: DomainMatrix, field: CoefficientField) -> list[list[Any]]:
    """Return a basis of {x : matrix x = 0}."""
    size = len(matrix)
    basis = SympyDomainMatrix(matrix, (size, size), field.domain).nullspace()
    return basis.to_list()


def inverse(matrix: DomainMatrix, field: CoefficientField) -> DomainMatrix:
    """Invert a regular matrix exactly."""
    size = len(matrix)
    result: DomainMatrix = SympyDomainMatrix(matrix, (size, size), field.domain).inv().to_list()
    return result


def transpose(matrix: DomainMatrix) -> DomainMatrix:
    """Swap rows and columns."""
    return [list(column) for column in zip(*matrix, strict=True)]
