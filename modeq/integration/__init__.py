"""Running methods and integrating flows."""

from ..flows.flow import Status as Status
from .domain_of_validity import Validity as Validity
from .domain_of_validity import validity as validity
from .ensembles import Ensemble as Ensemble
from .ensembles import sample as sample
from .ensembles import sample_iterates as sample_iterates
from .iterate import iterate as iterate
from .leg import SOLVERS as SOLVERS
from .progress import progress_bar as progress_bar
from .smooth_start import smooth_start as smooth_start
from .solution import Solution as Solution
from .solve import integrate as integrate
from .step_sizes import StepSizeRule as StepSizeRule
from .step_sizes import dal as dal
from .trajectories import Trajectories as Trajectories
from .trajectory import Trajectory as Trajectory

__all__ = [
    "SOLVERS",
    "Ensemble",
    "Solution",
    "Status",
    "StepSizeRule",
    "Trajectories",
    "Trajectory",
    "Validity",
    "dal",
    "integrate",
    "iterate",
    "progress_bar",
    "sample",
    "sample_iterates",
    "smooth_start",
    "validity",
]
