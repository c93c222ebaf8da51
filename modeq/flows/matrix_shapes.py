"""Whether an update of whole parameter arrays fits their shapes: the update run on shapes instead of numbers."""

from __future__ import annotations

from typing import Any, TypeAlias, final

from ..exact import Scalar
from ..graph.per_array import matrix_shape
from ..losses.field import Field
from ..methods.method import Method

Shape: TypeAlias = tuple[int, ...]  # (rows, columns), or () of one number


@final
class _Shapes:
    """The algebra of shapes; the words are what an error says was done."""

    def constant(self, value: Scalar | int) -> Shape:
        return ()

    def power(self, a: Shape, exponent: Scalar | int) -> Shape:
        return a

    def apply(self, function: str, a: Shape) -> Shape:
        return a

    def negate(self, a: Shape) -> Shape:
        return a

    def total(self, a: Shape) -> Shape:
        return ()

    def transpose(self, a: Shape) -> Shape:
        return a[::-1]

    def matmul(self, a: Shape, b: Shape) -> Shape:
        if a and b and a[1] != b[0]:
            raise ValueError(f"takes the product of matrices of shapes {a} and {b}; transpose one of them with .T")
        return (a[0], b[1]) if a and b else a or b

    def _same(self, a: Shape, b: Shape) -> Shape:
        if a and b and a != b:
            raise ValueError(f"combines matrices of shapes {a} and {b} entry by entry; make them of one shape, with @ and .T")
        return a or b

    add = subtract = multiply = divide = maximum = minimum = _same


def check_shapes(method: Method, field: Field) -> None:
    """Raise unless an update of whole arrays takes each parameter array, as a matrix, to one of its own shape.

    Raises
    ------
    ValueError
        With the name of the array and the shapes.
    """
    algebra: Any = _Shapes()
    for name, shape in field.shapes.items() if method.per_array else ():
        matrix: Any = matrix_shape(shape)
        place = f"the parameter array {name}, which is {matrix[0]} × {matrix[1]}"
        try:
            new = method.step([matrix] * method.states, (), 1, lambda colour, point: point, algebra)
        except ValueError as error:
            raise ValueError(f"{method.name} does not fit {place}: it {error}") from None
        wrong = next((found for found in new if found not in (matrix, ())), None)
        if wrong:
            raise ValueError(f"{method.name} returns a matrix of shape {wrong} for {place}; it must keep the shape")
