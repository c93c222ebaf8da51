"""Residual networks as Euler steps in depth: neural ODEs, modified equations, recovered activations, bounds, training, scaling."""

from .backpropagation import DepthGradient as DepthGradient
from .backpropagation import backpropagate as backpropagate
from .backpropagation import reconstruct as reconstruct
from .block import Block as Block
from .convergence_table import DepthConvergence as DepthConvergence
from .convergence_table import convergence as convergence
from .depth_flow import DepthFlow as DepthFlow
from .distance import DepthDistance as DepthDistance
from .distance import distance_to_ode as distance_to_ode
from .distance import leading_error as leading_error
from .interpolants import INTERPOLANTS as INTERPOLANTS
from .interpolants import Interpolant as Interpolant
from .network import ResidualNetwork as ResidualNetwork
from .network_field import NetworkField as NetworkField
from .random_networks import Scaling as Scaling
from .random_networks import scaling as scaling
from .schemes import SCHEMES as SCHEMES
from .smoothness import WeightSmoothness as WeightSmoothness
from .smoothness import weight_smoothness as weight_smoothness
from .training import DepthTraining as DepthTraining
from .training import cross_entropy as cross_entropy
from .training import squared_error as squared_error
from .training import train as train

__all__ = [
    "INTERPOLANTS",
    "SCHEMES",
    "Block",
    "DepthConvergence",
    "DepthDistance",
    "DepthFlow",
    "DepthGradient",
    "DepthTraining",
    "Interpolant",
    "NetworkField",
    "ResidualNetwork",
    "Scaling",
    "WeightSmoothness",
    "backpropagate",
    "convergence",
    "cross_entropy",
    "distance_to_ode",
    "leading_error",
    "reconstruct",
    "scaling",
    "squared_error",
    "train",
    "weight_smoothness",
]
