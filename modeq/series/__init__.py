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
from .epoch_equation import EpochEquation as EpochEquation
from .epoch_equation import EpochLoss as EpochLoss
from .equation import Equation as Equation
from .equations import ModifiedEquation as ModifiedEquation
from .equations import ModifyingEquation as ModifyingEquation
from .equations import gradient_flow as gradient_flow
from .equations import modified_equation as modified_equation
from .equations import modifying_equation as modifying_equation
from .map_flow import MapFlow as MapFlow
from .map_flow import whole_state_flow as whole_state_flow
from .modified_loss import FailedCondition as FailedCondition
from .modified_loss import ModifiedLoss as ModifiedLoss
from .principal import PrincipalFlow as PrincipalFlow
from .principal_flows import principal_flow as principal_flow
from .regimes import Regime as Regime
from .regimes import Regimes as Regimes
from .regimes import regimes as regimes
from .reshuffled import EpochSeries as EpochSeries
from .reshuffled import reshuffled_epoch as reshuffled_epoch
from .roots import CharacteristicRoots as CharacteristicRoots
from .roots import characteristic_roots as characteristic_roots
from .stability import StabilityFunction as StabilityFunction
from .stability import stability_function as stability_function
from .time_polynomials import TimePolynomials as TimePolynomials
from .time_polynomials import time_polynomials as time_polynomials

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
    "PrincipalFlow",
    "Regime",
    "Regimes",
    "StabilityFunction",
    "TimePolynomials",
    "characteristic_roots",
    "composition",
    "elementary_weights",
    "exact_flow",
    "gradient_flow",
    "identity_field",
    "inverse",
    "modified_equation",
    "modifying_equation",
    "principal_flow",
    "regimes",
    "reshuffled_epoch",
    "stability_function",
    "substitution",
    "substitution_quotient",
    "time_polynomials",
    "whole_state_flow",
]
