"""Comparing methods with flows."""

from .comparison import Comparison as Comparison
from .comparison import compare as compare
from .flow_names import named_equation as named_equation
from .order import OrderEstimate as OrderEstimate
from .order import order_of_accuracy as order_of_accuracy

__all__ = [
    "Comparison",
    "OrderEstimate",
    "compare",
    "named_equation",
    "order_of_accuracy",
]
