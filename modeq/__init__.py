"""modeq: modified equations of optimizers, from derivation to compiled flow.

Gradient descent and its relatives are discrete maps. modeq derives the continuous flow that such a map follows – as a
series in the step size to any order, or with all powers of the Hessian summed in the principal flow –, compiles it, and
checks it against the optimizer itself.

Everything public is an attribute of this package. Names are imported on first use, so ``import modeq`` costs nothing.
"""

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_PACKAGES = (
    *("analysis", "codegen", "data", "depth", "flows", "graph", "integration", "losses", "methods", "plotting", "records"),
    *("series", "sweeps", "trees"),
)
_NAMES = {
    "analysis": (
        "Comparison",
        "CriticalLearningRates",
        "CurvatureProfile",
        "DeviationBound",
        "EdgeOfStability",
        "EdgeWatch",
        "GameStability",
        "JacobianSpectrum",
        "LeadingGradient",
        "EnsembleComparison",
        "OrderEstimate",
        "StabilityCoefficients",
        "StepDrift",
        "StepEigenvalues",
        "TruncationOrder",
        "WeakOrder",
        "compare",
        "critical_learning_rates",
        "curvature_profile",
        "deviation_bound",
        "edge_of_stability",
        "game_stability",
        "jacobian_spectrum",
        "largest_step",
        "leading_gradient",
        "loss_rate",
        "optimal_truncation_order",
        "order_of_accuracy",
        "per_step_drift",
        "stability_coefficients",
        "step_eigenvalues",
        "watch_edge",
        "weak_order",
    ),
    "codegen": ("clear_cache", "compile"),
    "flows": (
        "CentralFlow",
        "CentreFlow",
        "CompiledFlow",
        "Flow",
        "NormalizedLimitFlow",
        "RodFlow",
        "ScaleInvariantLimitFlow",
        "SquareRootLimitFlow",
        "player_losses",
    ),
    "integration": (
        "Ensemble",
        "sample",
        "sample_iterates",
        "Trajectories",
        "Trajectory",
        "Validity",
        "dal",
        "integrate",
        "iterate",
        "validity",
    ),
    "losses": (
        "Loss",
        "VectorField",
    ),
    "methods": (
        "AMSGrad",
        "Adagrad",
        "Adam",
        "AdamW",
        "Alternating",
        "Clipped",
        "Lion",
        "Muon",
        "NAdam",
        "NormalizedGD",
        "RMSProp",
        "SAM",
        "Simultaneous",
        "SmoothSign",
        "SmoothUpdate",
        "Extragradient",
        "GeneralLinearMethod",
        "GradientDescent",
        "HeavyBall",
        "Lookahead",
        "Method",
        "Nesterov",
        "Preconditioner",
        "ProximalPoint",
        "RungeKutta",
        "ScalarRMSProp",
        "compose",
        "from_optax",
        "method",
    ),
    "records": ("load",),
    "series": (
        "EpochEquation",
        "EpochLoss",
        "EpochSeries",
        "Equation",
        "FieldSeries",
        "FlowSeries",
        "MapFlow",
        "ModifiedEquation",
        "ModifiedLoss",
        "ModifyingEquation",
        "PlayerDrift",
        "PrincipalFlow",
        "composition",
        "elementary_weights",
        "exact_flow",
        "gradient_flow",
        "inverse",
        "modified_equation",
        "modifying_equation",
        "player_drift",
        "principal_flow",
        "reshuffled_epoch",
        "StochasticEquation",
        "stochastic_equation",
        "substitution",
        "whole_state_flow",
        "UpdateEquation",
        "UpdateMapFlow",
    ),
    "sweeps": ("sweep",),
    "trees": (
        "RootedTree",
        "rooted_trees",
    ),
}
_HOMES = {name: package for package, names in _NAMES.items() for name in names}

__all__ = [*_HOMES, *_PACKAGES]  # noqa: PLE0604 - names, all of them texts

if TYPE_CHECKING:  # the same table for type checkers and editors; a test keeps the two alike
    from . import analysis as analysis
    from . import codegen as codegen
    from . import data as data
    from . import depth as depth
    from . import flows as flows
    from . import graph as graph
    from . import integration as integration
    from . import losses as losses
    from . import methods as methods
    from . import plotting as plotting
    from . import records as records
    from . import series as series
    from . import sweeps as sweeps
    from . import trees as trees
    from .analysis import Comparison as Comparison
    from .analysis import CriticalLearningRates as CriticalLearningRates
    from .analysis import CurvatureProfile as CurvatureProfile
    from .analysis import DeviationBound as DeviationBound
    from .analysis import EdgeOfStability as EdgeOfStability
    from .analysis import EdgeWatch as EdgeWatch
    from .analysis import EnsembleComparison as EnsembleComparison
    from .analysis import GameStability as GameStability
    from .analysis import JacobianSpectrum as JacobianSpectrum
    from .analysis import LeadingGradient as LeadingGradient
    from .analysis import OrderEstimate as OrderEstimate
    from .analysis import StabilityCoefficients as StabilityCoefficients
    from .analysis import StepDrift as StepDrift
    from .analysis import StepEigenvalues as StepEigenvalues
    from .analysis import TruncationOrder as TruncationOrder
    from .analysis import WeakOrder as WeakOrder
    from .analysis import compare as compare
    from .analysis import critical_learning_rates as critical_learning_rates
    from .analysis import curvature_profile as curvature_profile
    from .analysis import deviation_bound as deviation_bound
    from .analysis import edge_of_stability as edge_of_stability
    from .analysis import game_stability as game_stability
    from .analysis import jacobian_spectrum as jacobian_spectrum
    from .analysis import largest_step as largest_step
    from .analysis import leading_gradient as leading_gradient
    from .analysis import loss_rate as loss_rate
    from .analysis import optimal_truncation_order as optimal_truncation_order
    from .analysis import order_of_accuracy as order_of_accuracy
    from .analysis import per_step_drift as per_step_drift
    from .analysis import stability_coefficients as stability_coefficients
    from .analysis import step_eigenvalues as step_eigenvalues
    from .analysis import watch_edge as watch_edge
    from .analysis import weak_order as weak_order
    from .codegen import clear_cache as clear_cache
    from .codegen import compile as compile  # noqa: A004 - under its own name, mq.compile
    from .flows import CentralFlow as CentralFlow
    from .flows import CentreFlow as CentreFlow
    from .flows import CompiledFlow as CompiledFlow
    from .flows import Flow as Flow
    from .flows import NormalizedLimitFlow as NormalizedLimitFlow
    from .flows import RodFlow as RodFlow
    from .flows import ScaleInvariantLimitFlow as ScaleInvariantLimitFlow
    from .flows import SquareRootLimitFlow as SquareRootLimitFlow
    from .flows import player_losses as player_losses
    from .integration import Ensemble as Ensemble
    from .integration import Trajectories as Trajectories
    from .integration import Trajectory as Trajectory
    from .integration import Validity as Validity
    from .integration import dal as dal
    from .integration import integrate as integrate
    from .integration import iterate as iterate
    from .integration import sample as sample
    from .integration import sample_iterates as sample_iterates
    from .integration import validity as validity
    from .losses import Loss as Loss
    from .losses import VectorField as VectorField
    from .methods import SAM as SAM
    from .methods import Adagrad as Adagrad
    from .methods import Adam as Adam
    from .methods import AdamW as AdamW
    from .methods import Alternating as Alternating
    from .methods import AMSGrad as AMSGrad
    from .methods import Clipped as Clipped
    from .methods import Extragradient as Extragradient
    from .methods import GeneralLinearMethod as GeneralLinearMethod
    from .methods import GradientDescent as GradientDescent
    from .methods import HeavyBall as HeavyBall
    from .methods import Lion as Lion
    from .methods import Lookahead as Lookahead
    from .methods import Method as Method
    from .methods import Muon as Muon
    from .methods import NAdam as NAdam
    from .methods import Nesterov as Nesterov
    from .methods import NormalizedGD as NormalizedGD
    from .methods import Preconditioner as Preconditioner
    from .methods import ProximalPoint as ProximalPoint
    from .methods import RMSProp as RMSProp
    from .methods import RungeKutta as RungeKutta
    from .methods import ScalarRMSProp as ScalarRMSProp
    from .methods import Simultaneous as Simultaneous
    from .methods import SmoothSign as SmoothSign
    from .methods import SmoothUpdate as SmoothUpdate
    from .methods import compose as compose
    from .methods import from_optax as from_optax
    from .methods import method as method
    from .records import load as load
    from .series import EpochEquation as EpochEquation
    from .series import EpochLoss as EpochLoss
    from .series import EpochSeries as EpochSeries
    from .series import Equation as Equation
    from .series import FieldSeries as FieldSeries
    from .series import FlowSeries as FlowSeries
    from .series import MapFlow as MapFlow
    from .series import ModifiedEquation as ModifiedEquation
    from .series import ModifiedLoss as ModifiedLoss
    from .series import ModifyingEquation as ModifyingEquation
    from .series import PlayerDrift as PlayerDrift
    from .series import PrincipalFlow as PrincipalFlow
    from .series import StochasticEquation as StochasticEquation
    from .series import UpdateEquation as UpdateEquation
    from .series import UpdateMapFlow as UpdateMapFlow
    from .series import composition as composition
    from .series import elementary_weights as elementary_weights
    from .series import exact_flow as exact_flow
    from .series import gradient_flow as gradient_flow
    from .series import inverse as inverse
    from .series import modified_equation as modified_equation
    from .series import modifying_equation as modifying_equation
    from .series import player_drift as player_drift
    from .series import principal_flow as principal_flow
    from .series import reshuffled_epoch as reshuffled_epoch
    from .series import stochastic_equation as stochastic_equation
    from .series import substitution as substitution
    from .series import whole_state_flow as whole_state_flow
    from .sweeps import sweep as sweep
    from .trees import RootedTree as RootedTree
    from .trees import rooted_trees as rooted_trees


def __getattr__(name: str) -> Any:
    """Import a public name on first use."""
    if name in _PACKAGES:
        return importlib.import_module(f".{name}", __name__)
    if name not in _HOMES:
        raise AttributeError(f"module 'modeq' has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
