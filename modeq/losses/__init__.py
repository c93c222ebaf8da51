"""Losses and vector fields: from SymPy, NumPy, JAX, PyTorch and functions, with an analytic and a neural catalogue."""

from .activations import ACTIVATIONS as ACTIVATIONS
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
from .array_loss import ArrayLoss as ArrayLoss
from .field import Field as Field
from .functions import FunctionLoss as FunctionLoss
from .initialisation import balanced as balanced
from .initialisation import he as he
from .initialisation import xavier as xavier
from .jax_functions import jax_functions as jax_functions
from .loss import Loss as Loss
from .minibatches import Minibatches as Minibatches
from .models import linear_regression as linear_regression
from .models import logistic_regression as logistic_regression
from .models import matrix_factorisation as matrix_factorisation
from .networks import deep_linear as deep_linear
from .networks import mlp as mlp
from .networks import residual as residual
from .objectives import OBJECTIVES as OBJECTIVES
from .objectives import Objective as Objective
from .packing import Packing as Packing
from .parted import PartedField as PartedField
from .symbolic_field import SymbolicField as SymbolicField
from .symbolic_field import total_field as total_field
from .symbolic_loss import SymbolicLoss as SymbolicLoss
from .time_field import SymbolicTimeField as SymbolicTimeField
from .time_field import TimeField as TimeField
from .time_jets import ArrayTimeField as ArrayTimeField
from .time_jets import JetTimeField as JetTimeField
from .vector_field import VectorField as VectorField

__all__ = [
    "ACTIVATIONS",
    "CATALOGUE",
    "OBJECTIVES",
    "ArrayLoss",
    "ArrayTimeField",
    "Field",
    "FunctionLoss",
    "JetTimeField",
    "Loss",
    "Minibatches",
    "Objective",
    "Packing",
    "PartedField",
    "SymbolicField",
    "SymbolicLoss",
    "SymbolicTimeField",
    "TimeField",
    "VectorField",
    "balanced",
    "banana",
    "beale",
    "booth",
    "cosine",
    "deep_chain",
    "deep_linear",
    "double_well",
    "he",
    "himmelblau",
    "jax_functions",
    "linear_regression",
    "logistic_regression",
    "matrix_factorisation",
    "mlp",
    "monkey_saddle",
    "quadratic",
    "residual",
    "rosenbrock",
    "saddle",
    "styblinski_tang",
    "total_field",
    "xavier",
]
