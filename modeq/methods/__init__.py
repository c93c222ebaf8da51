"""Discrete dynamics: optimizers, Runge–Kutta methods and the user's own updates, all as general linear methods."""

from ..exact import CoefficientField as CoefficientField
from ..exact import Scalar as Scalar
from ..exact import ScalarLike as ScalarLike
from ..exact import exact as exact
from ..exact import free_parameters as free_parameters
from ..exact import to_sympy as to_sympy
from .composition import Lookahead as Lookahead
from .composition import compose as compose
from .extragradient import Extragradient as Extragradient
from .general_linear import GeneralLinearMethod as GeneralLinearMethod
from .gradient_descent import GradientDescent as GradientDescent
from .heavy_ball import HeavyBall as HeavyBall
from .method import Method as Method
from .method import check_method as check_method
from .method import linear_method as linear_method
from .nesterov import Nesterov as Nesterov
from .proximal_point import ProximalPoint as ProximalPoint
from .runge_kutta import RungeKutta as RungeKutta
from .tracing import method as method

__all__ = [
    "CoefficientField",
    "Extragradient",
    "GeneralLinearMethod",
    "GradientDescent",
    "HeavyBall",
    "Lookahead",
    "Method",
    "Nesterov",
    "ProximalPoint",
    "RungeKutta",
    "Scalar",
    "ScalarLike",
    "check_method",
    "compose",
    "exact",
    "free_parameters",
    "linear_method",
    "method",
    "to_sympy",
]
