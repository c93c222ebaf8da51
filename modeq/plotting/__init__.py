"""Pictures of results. Importing this package registers them; matplotlib is imported when one is drawn.

Every function draws into the matplotlib axes that it gets as ``ax``, or into a new figure with a legend, and returns the axes. A flow
looks the same in all of them. ``report.plot()`` and ``equation.plot()`` give whole figures. Figures are not known to pyplot, so they
need not be closed; in a notebook end a cell with ``ax.figure`` to show one.
"""

from .comparison import plot_comparison as plot_comparison
from .comparison import plot_error as plot_error
from .comparison import plot_loss as plot_loss
from .comparison import plot_trajectories as plot_trajectories
from .complex_plane import plot_complex_plane as plot_complex_plane
from .edge_of_stability import plot_edge_of_stability as plot_edge_of_stability
from .edge_of_stability import plot_sharpness as plot_sharpness
from .edge_of_stability import plot_step_sizes as plot_step_sizes
from .edge_of_stability import plot_training_loss as plot_training_loss
from .order import plot_order as plot_order
from .symbol import plot_symbol as plot_symbol

__all__ = [
    "plot_comparison",
    "plot_complex_plane",
    "plot_edge_of_stability",
    "plot_error",
    "plot_loss",
    "plot_order",
    "plot_sharpness",
    "plot_step_sizes",
    "plot_symbol",
    "plot_training_loss",
    "plot_trajectories",
]
