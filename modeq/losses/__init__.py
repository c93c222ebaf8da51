"""Losses and vector fields: from SymPy, and an analytic catalogue."""

from .analytic import CATALOGUE as CATALOGUE
from .analytic import banana as banana
from .analytic import beale as beale
from .analytic import booth as booth
from .analytic import cosine as cosine
from .analytic import deep_chain as deep_chain
from .analytic import double_well as double_well
from .analytic import himmelblau as himmelblau
from .analytic import monkey_saddle as monkey_saddle
from .analytic import quadratic as quadratic
from .analytic import rosenbrock as rosenbrock
from .analytic import saddle as saddle
from .analytic import styblinski_tang as styblinski_tang
from .field import Field as Field
from .field import total_field as total_field
from .loss import Loss as Loss
from .vector_field import VectorField as VectorField

__all__ = [
    "CATALOGUE",
    "Field",
    "Loss",
    "VectorField",
    "banana",
    "beale",
    "booth",
    "cosine",
    "deep_chain",
    "double_well",
    "himmelblau",
    "monkey_saddle",
    "quadratic",
    "rosenbrock",
    "saddle",
    "styblinski_tang",
    "total_field",
]
