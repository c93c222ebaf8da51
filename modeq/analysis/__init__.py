"""Comparing methods with flows; stability along runs and near stationary points."""

from .compare import compare as compare
from .comparison import Comparison as Comparison
from .critical_rates import CriticalLearningRates as CriticalLearningRates
from .critical_rates import critical_learning_rates as critical_learning_rates
from .curvature_profile import CurvatureProfile as CurvatureProfile
from .curvature_profile import curvature_profile as curvature_profile
from .deep_linear import balance as balance
from .deep_linear import deep_linear_curvature as deep_linear_curvature
from .deep_linear import factors as factors
from .deviation_bound import DeviationBound as DeviationBound
from .deviation_bound import deviation_bound as deviation_bound
from .edge_of_stability import EdgeOfStability as EdgeOfStability
from .edge_of_stability import edge_of_stability as edge_of_stability
from .edge_watch import EdgeWatch as EdgeWatch
from .edge_watch import watch_edge as watch_edge
from .eigenpairs import Eigenpairs as Eigenpairs
from .eigenpairs import eigenpairs as eigenpairs
from .ensemble_comparison import EnsembleComparison as EnsembleComparison
from .game_stability import GameStability as GameStability
from .game_stability import game_stability as game_stability
from .jacobian_spectrum import JacobianSpectrum as JacobianSpectrum
from .jacobian_spectrum import jacobian_spectrum as jacobian_spectrum
from .leading_gradient import LeadingGradient as LeadingGradient
from .leading_gradient import leading_gradient as leading_gradient
from .loss_rate import loss_rate as loss_rate
from .order import OrderEstimate as OrderEstimate
from .order import order_of_accuracy as order_of_accuracy
from .smaller_steps import StepRatio as StepRatio
from .smaller_steps import step_ratio as step_ratio
from .stability_coefficients import StabilityCoefficients as StabilityCoefficients
from .stability_coefficients import stability_coefficients as stability_coefficients
from .step_drift import StepDrift as StepDrift
from .step_drift import per_step_drift as per_step_drift
from .step_eigenvalues import StepEigenvalues as StepEigenvalues
from .step_eigenvalues import step_eigenvalues as step_eigenvalues
from .step_guarantees import largest_step as largest_step
from .truncation import TruncationOrder as TruncationOrder
from .truncation import optimal_truncation_order as optimal_truncation_order
from .tube import TubeConstants as TubeConstants
from .tube import tube_constants as tube_constants
from .weak_order import WeakOrder as WeakOrder
from .weak_order import weak_order as weak_order

__all__ = [
    "Comparison",
    "CriticalLearningRates",
    "CurvatureProfile",
    "DeviationBound",
    "EdgeOfStability",
    "EdgeWatch",
    "Eigenpairs",
    "EnsembleComparison",
    "GameStability",
    "JacobianSpectrum",
    "LeadingGradient",
    "OrderEstimate",
    "StabilityCoefficients",
    "StepDrift",
    "StepEigenvalues",
    "StepRatio",
    "TruncationOrder",
    "TubeConstants",
    "WeakOrder",
    "balance",
    "compare",
    "critical_learning_rates",
    "curvature_profile",
    "deep_linear_curvature",
    "deviation_bound",
    "edge_of_stability",
    "eigenpairs",
    "factors",
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
    "step_ratio",
    "tube_constants",
    "watch_edge",
    "weak_order",
]
