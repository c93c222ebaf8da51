"""modeq: modified equations of optimizers, from derivation to compiled flow.

Gradient descent and its relatives are discrete maps. modeq derives the continuous flow that such a map follows – as a
series in the step size to any order, or with all powers of the Hessian summed in the principal flow –, compiles it, and
checks it against the optimizer itself.
"""

from . import losses as losses
from . import plotting as plotting
from .analysis import Comparison as Comparison
from .analysis import OrderEstimate as OrderEstimate
from .analysis import compare as compare
from .analysis import order_of_accuracy as order_of_accuracy
from .codegen import clear_cache as clear_cache
from .flows import Flow as Flow
from .integrate import Trajectory as Trajectory
from .integrate import integrate as integrate
from .integrate import iterate as iterate
from .losses import Loss as Loss
from .losses import VectorField as VectorField
from .methods import Extragradient as Extragradient
from .methods import GeneralLinearMethod as GeneralLinearMethod
from .methods import GradientDescent as GradientDescent
from .methods import HeavyBall as HeavyBall
from .methods import Lookahead as Lookahead
from .methods import Method as Method
from .methods import Nesterov as Nesterov
from .methods import ProximalPoint as ProximalPoint
from .methods import RungeKutta as RungeKutta
from .methods import compose as compose
from .methods import method as method
from .series import FieldSeries as FieldSeries
from .series import FlowSeries as FlowSeries
from .series import ModifiedEquation as ModifiedEquation
from .series import ModifyingEquation as ModifyingEquation
from .series import PrincipalFlow as PrincipalFlow
from .series import composition as composition
from .series import elementary_weights as elementary_weights
from .series import exact_flow as exact_flow
from .series import gradient_flow as gradient_flow
from .series import inverse as inverse
from .series import modified_equation as modified_equation
from .series import modifying_equation as modifying_equation
from .series import principal_flow as principal_flow
from .series import substitution as substitution
from .trees import RootedTree as RootedTree
from .trees import rooted_trees as rooted_trees
