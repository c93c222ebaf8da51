"""From graphs to compiled kernels: source text, on-disk cache, stand-alone export."""

from .cache import cache_folder as cache_folder
from .cache import clear_cache as clear_cache
from .cache import load_module as load_module
from .source import Assignments as Assignments
from .source import Source as Source
from .source import assign as assign
from .source import callback_source as callback_source
from .source import field_source as field_source
from .source import iteration_source as iteration_source
from .source import principal_source as principal_source
from .tiers import GeneratedModule as GeneratedModule
from .tiers import compile as compile  # noqa: A004 - under its own name, mq.compile
from .tiers import generated_module as generated_module

__all__ = [
    "Assignments",
    "GeneratedModule",
    "Source",
    "assign",
    "cache_folder",
    "callback_source",
    "clear_cache",
    "compile",
    "field_source",
    "generated_module",
    "iteration_source",
    "load_module",
    "principal_source",
]
