"""Equations bound to losses and vector fields. Importing this package registers the bindings."""

from . import binding as binding
from . import map_flows as map_flows
from . import modified_losses as modified_losses
from .central import CentralFlow as CentralFlow
from .centre import CentreFlow as CentreFlow
from .flow import Flow as Flow
from .flow import check_step as check_step
from .rod import RodFlow as RodFlow

__all__ = [
    "CentralFlow",
    "CentreFlow",
    "Flow",
    "RodFlow",
    "binding",
    "check_step",
    "modified_losses",
]
