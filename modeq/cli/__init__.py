"""The command line."""

from .command import main as main
from .command import run as run

__all__ = [
    "main",
    "run",
]
