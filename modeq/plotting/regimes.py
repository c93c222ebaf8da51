"""The leading eigenvalues of the Hessian along a run, each marked by what the method does along its eigenvector.

Reference: M. Rosca, Y. Wu, C. Qin, B. Dherin, TMLR 2023, arXiv 2302.01952, section 4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..analysis.critical_rates import bounds
from ..analysis.edge_of_stability import run_on_loss
from ..analysis.stability_coefficients import stability_coefficients
from ..integration.trajectory import Trajectory
from ..methods.method import Method
from .figures import axes_or_new, legend_below, step_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LOOKS = {  # colour of Okabe and Ito, marker
    "monotone": ("#0072B2", "o"),
    "oscillating": ("#E69F00", "^"),
    "divergent": ("#D55E00", "X"),
    "escaping": ("#009E73", "v"),
    "flat": ("#999999", "."),
}
_FEW = 5  # eigenvalues, unless asked for otherwise


def plot_regimes(method: Method, path: Trajectory, *, k: int | None = None, every: int = 1, ax: Axes | None = None) -> Axes:
    """Draw the leading eigenvalues of the Hessian along a run against the step, marked by the regime of their eigenvectors.

    The dashed line is the eigenvalue from which the method diverges, 2/h for gradient descent, the dotted one that from which its
    iterates oscillate, 1/h. Regimes are those of `stability_coefficients`: monotone, oscillating, divergent, escaping (λ < 0) and flat.

    Parameters
    ----------
    method
        The method that was run, or modelled by the flow that was; one field, numeric parameters.
    path
        What `modeq.iterate` or `modeq.integrate` returned, on a loss; at least one step.
    k
        Number of eigenvalues, those of largest |λ|; 5 when left out, or all if there are fewer.
    every
        Look at every so many steps.
    ax
        Where to draw; a new figure with a legend when left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If the run is on a vector field or has no step, or `k` or `every` is no number of that kind.

    References
    ----------
    Rosca, Wu, Qin, Dherin, TMLR 2023, arXiv 2302.01952, section 4; Cohen et al., ICLR 2021, arXiv 2103.00065, for 2/h.

    Examples
    --------
    >>> import modeq as mq
    >>> gd, E = mq.GradientDescent(), mq.losses.quadratic([[3, 0], [0, 1]])
    >>> ax = mq.plotting.plot_regimes(gd, mq.iterate(gd, E, [1.0, 1.0], h=0.5, steps=2))
    >>> {line.get_label(): line.get_ydata().tolist() for line in ax.lines}
    {'monotone': [1.0, 1.0, 1.0], 'oscillating': [3.0, 3.0, 3.0], '$2/h$': [4.0, 4.0, 4.0], '$1/h$': [2.0, 2.0, 2.0]}
    """
    loss, chosen = run_on_loss(path, every)
    count = min(_FEW, loss.dimension) if k is None else k
    sizes = np.append(path.step_sizes, path.step_sizes[-1])[chosen]
    found: dict[str, list[tuple[int, float]]] = {name: [] for name in _LOOKS}
    for n, h in zip(chosen.tolist(), sizes.tolist(), strict=True):
        at = stability_coefficients(method, loss, np.ascontiguousarray(path.theta[n].real), h, k=count)
        for value, regime in zip(at.pairs.values.real.tolist(), at.regimes, strict=True):
            found[regime].append((n, value))
    axes = axes_or_new(ax)
    for regime, (colour, marker) in _LOOKS.items():
        if found[regime]:
            axes.plot(*np.transpose(found[regime]), linestyle="none", marker=marker, color=colour, markersize=5, label=regime)
    oscillating, divergent = bounds(method)
    for bound, dash in ((divergent, "--"), (oscillating, ":")):
        if 0 < bound < np.inf:
            axes.plot(chosen, bound / sizes, color="#000000", linestyle=dash, linewidth=1.2, label=f"${bound:.3g}/h$")
    step_axis(axes, r"eigenvalues $\lambda$ of $\nabla^2E$")
    if ax is None:
        legend_below(axes)
    return axes
