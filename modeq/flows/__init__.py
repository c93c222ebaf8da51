"""Equations on losses and vector fields, and the names by which flows are asked for.

What puts equations on fields imports compilers and solvers; it is loaded on first use.
"""

import importlib
from typing import TYPE_CHECKING, Any

from .registry import FlowName as FlowName
from .registry import Look as Look
from .registry import flow_names as flow_names
from .registry import named_equation as named_equation
from .registry import register as register
from .registry import unregister as unregister

if TYPE_CHECKING:
    from .central import CentralFlow as CentralFlow
    from .centre import CentreFlow as CentreFlow
    from .compiled import CompiledFlow as CompiledFlow
    from .flow import Flow as Flow
    from .flow import Piece as Piece
    from .flow import check_step as check_step
    from .limit import LimitFlow as LimitFlow
    from .limit import NormalizedLimitFlow as NormalizedLimitFlow
    from .limit import ScaleInvariantLimitFlow as ScaleInvariantLimitFlow
    from .limit import SquareRootLimitFlow as SquareRootLimitFlow
    from .player_losses import player_losses as player_losses
    from .rod import RodFlow as RodFlow

_HOMES = {
    "CentralFlow": "central",
    "CentreFlow": "centre",
    "CompiledFlow": "compiled",
    "Flow": "flow",
    "LimitFlow": "limit",
    "NormalizedLimitFlow": "limit",
    "Piece": "flow",
    "RodFlow": "rod",
    "ScaleInvariantLimitFlow": "limit",
    "SquareRootLimitFlow": "limit",
    "check_step": "flow",
    "player_losses": "player_losses",
}

__all__ = [*_HOMES, "FlowName", "Look", "flow_names", "named_equation", "register", "unregister"]  # noqa: PLE0604 - names, all of them texts


def __getattr__(name: str) -> Any:
    """Import a name on first use."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
