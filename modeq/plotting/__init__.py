"""Pictures of results. Importing this package registers them; matplotlib is imported when one is drawn.

Every function draws into the matplotlib axes that it gets as ``ax``, or into a new figure with a legend, and returns the axes. A flow
looks the same in all of them. ``report.plot()`` and ``equation.plot()`` give whole figures. Figures are not known to pyplot, so they
need not be closed; in a notebook end a cell with ``ax.figure`` to show one.
"""

from .animation import Animation as Animation
from .animation import animate_comparison as animate_comparison
from .basins import plot_basins as plot_basins
from .colours import flow_styles as flow_styles
from .colours import flow_title as flow_title
from .comparison import plot_comparison as plot_comparison
from .comparison import plot_error as plot_error
from .comparison import plot_loss as plot_loss
from .comparison import plot_path as plot_path
from .comparison import plot_trajectories as plot_trajectories
from .comparisons import plot_comparisons as plot_comparisons
from .complex_plane import plot_complex_plane as plot_complex_plane
from .deviation import plot_deviation as plot_deviation
from .deviation import plot_tube as plot_tube
from .edge_of_stability import plot_edge_of_stability as plot_edge_of_stability
from .edge_of_stability import plot_sharpness as plot_sharpness
from .edge_of_stability import plot_step_sizes as plot_step_sizes
from .edge_of_stability import plot_training_loss as plot_training_loss
from .ensembles import plot_ensemble as plot_ensemble
from .ensembles import plot_error_quantiles as plot_error_quantiles
from .expression_graph import plot_graph as plot_graph
from .fan import plot_fan as plot_fan
from .field_difference import plot_field_difference as plot_field_difference
from .order import plot_order as plot_order
from .phase_portrait import plot_phase_portrait as plot_phase_portrait
from .regimes import plot_regimes as plot_regimes
from .sweep import plot_sweep as plot_sweep
from .symbol import plot_symbol as plot_symbol
from .trees import plot_trees as plot_trees

__all__ = [
    "Animation",
    "animate_comparison",
    "flow_styles",
    "flow_title",
    "plot_basins",
    "plot_comparison",
    "plot_comparisons",
    "plot_complex_plane",
    "plot_deviation",
    "plot_edge_of_stability",
    "plot_ensemble",
    "plot_error",
    "plot_error_quantiles",
    "plot_fan",
    "plot_field_difference",
    "plot_graph",
    "plot_loss",
    "plot_order",
    "plot_path",
    "plot_phase_portrait",
    "plot_regimes",
    "plot_sharpness",
    "plot_step_sizes",
    "plot_sweep",
    "plot_symbol",
    "plot_training_loss",
    "plot_trajectories",
    "plot_trees",
    "plot_tube",
]
