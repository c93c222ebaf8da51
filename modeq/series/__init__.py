"""B-series: the modified equation to any order, its inverse, the principal flow, and how they are written down."""

from .bseries import FieldSeries as FieldSeries
from .bseries import FlowSeries as FlowSeries
from .bseries import composition as composition
from .bseries import elementary_weights as elementary_weights
from .bseries import exact_flow as exact_flow
from .bseries import identity_field as identity_field
from .bseries import inverse as inverse
from .bseries import substitution as substitution
from .bseries import substitution_quotient as substitution_quotient
from .continuous_stages import average_vector_field as average_vector_field
from .continuous_stages import continuous_stage_series as continuous_stage_series
from .drift import PlayerDrift as PlayerDrift
from .drift import player_drift as player_drift
from .effective_order import effective_order as effective_order
from .epoch_equation import EpochEquation as EpochEquation
from .epoch_equation import EpochLoss as EpochLoss
from .equation import Equation as Equation
from .equations import ModifiedEquation as ModifiedEquation
from .equations import ModifyingEquation as ModifyingEquation
from .equations import gradient_flow as gradient_flow
from .equations import modified_equation as modified_equation
from .equations import modifying_equation as modifying_equation
from .logarithm import exponential as exponential
from .logarithm import logarithm as logarithm
from .map_flow import MapFlow as MapFlow
from .map_flow import UpdateMapFlow as UpdateMapFlow
from .map_flow import whole_state_flow as whole_state_flow
from .modified_loss import FailedCondition as FailedCondition
from .modified_loss import ModifiedLoss as ModifiedLoss
from .parity import odd_even_decomposition as odd_even_decomposition
from .principal import PrincipalFlow as PrincipalFlow
from .principal_flows import principal_flow as principal_flow
from .regimes import Regime as Regime
from .regimes import Regimes as Regimes
from .regimes import regimes as regimes
from .reshuffled import EpochSeries as EpochSeries
from .reshuffled import reshuffled_epoch as reshuffled_epoch
from .roots import CharacteristicRoots as CharacteristicRoots
from .roots import characteristic_roots as characteristic_roots
from .rosenbrock import rosenbrock_series as rosenbrock_series
from .series_equation import SeriesEquation as SeriesEquation
from .slow_memory import SlowMemoryEquation as SlowMemoryEquation
from .stability import StabilityFunction as StabilityFunction
from .stability import stability_function as stability_function
from .stochastic import StochasticEquation as StochasticEquation
from .stochastic import stochastic_equation as stochastic_equation
from .structure import energy_preserving_order as energy_preserving_order
from .structure import is_energy_preserving as is_energy_preserving
from .structure import is_symmetric as is_symmetric
from .structure import is_symplectic as is_symplectic
from .structure import order_of_symplecticity as order_of_symplecticity
from .time_polynomials import TimePolynomials as TimePolynomials
from .time_polynomials import time_polynomials as time_polynomials
from .two_derivatives import two_derivative_series as two_derivative_series
from .update_equation import UpdateEquation as UpdateEquation

__all__ = [
    "CharacteristicRoots",
    "EpochEquation",
    "EpochLoss",
    "EpochSeries",
    "Equation",
    "FailedCondition",
    "FieldSeries",
    "FlowSeries",
    "MapFlow",
    "ModifiedEquation",
    "ModifiedLoss",
    "ModifyingEquation",
    "PlayerDrift",
    "PrincipalFlow",
    "Regime",
    "Regimes",
    "SeriesEquation",
    "StabilityFunction",
    "StochasticEquation",
    "TimePolynomials",
    "UpdateEquation",
    "UpdateMapFlow",
    "average_vector_field",
    "characteristic_roots",
    "composition",
    "continuous_stage_series",
    "effective_order",
    "elementary_weights",
    "energy_preserving_order",
    "exact_flow",
    "exponential",
    "gradient_flow",
    "identity_field",
    "inverse",
    "is_energy_preserving",
    "is_symmetric",
    "is_symplectic",
    "logarithm",
    "modified_equation",
    "modifying_equation",
    "odd_even_decomposition",
    "order_of_symplecticity",
    "player_drift",
    "principal_flow",
    "regimes",
    "reshuffled_epoch",
    "rosenbrock_series",
    "stability_function",
    "stochastic_equation",
    "substitution",
    "substitution_quotient",
    "time_polynomials",
    "two_derivative_series",
    "whole_state_flow",
]
