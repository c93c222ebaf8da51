"""Pictures of results. Importing this package registers them; matplotlib is imported when one is drawn."""

from .comparison import plot_comparison as plot_comparison
from .comparison import plot_error as plot_error
from .comparison import plot_loss as plot_loss
from .comparison import plot_trajectories as plot_trajectories

__all__ = [
    "plot_comparison",
    "plot_error",
    "plot_loss",
    "plot_trajectories",
]
