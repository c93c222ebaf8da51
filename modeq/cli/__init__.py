"""The command line."""

from .app import main as main
from .app import run as run

__all__ = [
    "main",
    "run",
]
