"""From graphs to compiled kernels: source text, on-disk cache, stand-alone export."""

from .cache import cache_folder as cache_folder
from .cache import clear_cache as clear_cache
from .cache import load_module as load_module
from .source import Assignments as Assignments
from .source import assign as assign
from .source import callback_source as callback_source
from .source import field_source as field_source
from .source import iteration_source as iteration_source
from .source import principal_source as principal_source

__all__ = [
    "Assignments",
    "assign",
    "cache_folder",
    "callback_source",
    "clear_cache",
    "field_source",
    "iteration_source",
    "load_module",
    "principal_source",
]
