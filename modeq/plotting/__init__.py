"""Pictures of results. Importing this package registers them; matplotlib is imported when one is drawn."""

from .comparison import plot_comparison as plot_comparison
from .comparison import plot_error as plot_error
from .comparison import plot_loss as plot_loss
from .comparison import plot_trajectories as plot_trajectories
from .edge_of_stability import plot_edge_of_stability as plot_edge_of_stability
from .edge_of_stability import plot_sharpness as plot_sharpness
from .edge_of_stability import plot_step_sizes as plot_step_sizes
from .edge_of_stability import plot_training_loss as plot_training_loss

__all__ = [
    "plot_comparison",
    "plot_edge_of_stability",
    "plot_error",
    "plot_loss",
    "plot_sharpness",
    "plot_step_sizes",
    "plot_training_loss",
    "plot_trajectories",
]
