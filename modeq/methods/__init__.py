"""Discrete dynamics: optimizers, Runge–Kutta methods and the user's own updates, all as general linear methods."""

from ..exact import CoefficientField as CoefficientField
from ..exact import Scalar as Scalar
from ..exact import ScalarLike as ScalarLike
from ..exact import exact as exact
from ..exact import free_parameters as free_parameters
from ..exact import to_sympy as to_sympy
from .adagrad import Adagrad as Adagrad
from .adagrad import AMSGrad as AMSGrad
from .adam import Adam as Adam
from .adam import AdamW as AdamW
from .composition import Lookahead as Lookahead
from .composition import compose as compose
from .extragradient import Extragradient as Extragradient
from .from_optax import from_optax as from_optax
from .general_linear import GeneralLinearMethod as GeneralLinearMethod
from .gradient_descent import GradientDescent as GradientDescent
from .heavy_ball import HeavyBall as HeavyBall
from .lion import Lion as Lion
from .method import Method as Method
from .method import check_method as check_method
from .method import linear_method as linear_method
from .muon import Muon as Muon
from .nadam import NAdam as NAdam
from .nesterov import Nesterov as Nesterov
from .normalised import Clipped as Clipped
from .normalised import NormalizedGD as NormalizedGD
from .players import Alternating as Alternating
from .players import Simultaneous as Simultaneous
from .preconditioner import Preconditioner as Preconditioner
from .proximal_point import ProximalPoint as ProximalPoint
from .rmsprop import RMSProp as RMSProp
from .rmsprop import ScalarRMSProp as ScalarRMSProp
from .runge_kutta import RungeKutta as RungeKutta
from .sam import SAM as SAM
from .smooth_sign import SmoothSign as SmoothSign
from .smooth_update import SmoothUpdate as SmoothUpdate
from .update import method as method

__all__ = [
    "SAM",
    "AMSGrad",
    "Adagrad",
    "Adam",
    "AdamW",
    "Alternating",
    "Clipped",
    "CoefficientField",
    "Extragradient",
    "GeneralLinearMethod",
    "GradientDescent",
    "HeavyBall",
    "Lion",
    "Lookahead",
    "Method",
    "Muon",
    "NAdam",
    "Nesterov",
    "NormalizedGD",
    "Preconditioner",
    "ProximalPoint",
    "RMSProp",
    "RungeKutta",
    "Scalar",
    "ScalarLike",
    "ScalarRMSProp",
    "Simultaneous",
    "SmoothSign",
    "SmoothUpdate",
    "check_method",
    "compose",
    "exact",
    "free_parameters",
    "from_optax",
    "linear_method",
    "method",
    "to_sympy",
]
