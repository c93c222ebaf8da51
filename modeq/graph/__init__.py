"""The expression graph, its passes, and the algebras that it can be evaluated over."""

from ..arithmetic import Algebra as Algebra
from .algebra import MpmathAlgebra as MpmathAlgebra
from .algebra import NumpyAlgebra as NumpyAlgebra
from .algebra import SympyAlgebra as SympyAlgebra
from .algebra import evaluate as evaluate
from .differentiation import gradient as gradient
from .differentiation import jacobian as jacobian
from .differentiation import jvp as jvp
from .graph import Graph as Graph
from .graph import Node as Node
from .lowering import lower as lower
from .polynomials import PolynomialAlgebra as PolynomialAlgebra
from .taylor import TaylorProgram as TaylorProgram
from .taylor import TaylorSeries as TaylorSeries

__all__ = [
    "Algebra",
    "Graph",
    "MpmathAlgebra",
    "Node",
    "NumpyAlgebra",
    "PolynomialAlgebra",
    "SympyAlgebra",
    "TaylorProgram",
    "TaylorSeries",
    "evaluate",
    "gradient",
    "jacobian",
    "jvp",
    "lower",
]
