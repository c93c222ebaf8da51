r"""The coefficient α(hλ) of flows along an eigenvector of the Hessian, θ̇ = α(hλ)(uᵀ∇E)u, real and imaginary part.

For the principal flow :math:`\alpha(z)=\log R(-z)/z`; for a modified equation truncated after p nodes it is the polynomial
:math:`\alpha(z)=-\sum_{j<p} b(\tau_{j+1})(-z)^j` of its chains :math:`\tau_1, \tau_2, \dots`

Reference: M. Rosca, Y. Wu, C. Qin, B. Dherin, TMLR 2023, arXiv 2302.01952, section 3.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from ..extension_points import draw
from ..series.equation import Equation
from ..series.regimes import regimes
from .colours import flow_styles, flow_title
from .figures import axes_or_new, finished, legend_below, new_figure, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_POINTS = 1201
_LAST = 3.0  # hλ up to which curves are drawn where a method has no bounds
_BEYOND = 1.5  # times the last bound, such as that of stability
_SHORT = 0.05  # of the range: a first regime shorter than this is drawn on a logarithmic axis
_MARGIN = 0.15
_SHARE = 0.02  # of the curve may leave the picture, at its singularities


def plot_symbol(flows: Equation | Mapping[str | int, Equation], hlambda: ArrayLike | None = None, *, ax: Axes | None = None) -> Axes:
    """Draw α(hλ) of one or several flows: thick lines for the real part, thin ones for the imaginary part.

    Along an eigenvector with eigenvalue λ a flow is θ̇ = α(hλ)(uᵀ∇E)u: downhill where Re α < 0, rotating in the complex plane where
    Im α ≠ 0. Imaginary parts that are 0 everywhere are left out. A dotted vertical line marks where α is infinite.

    Parameters
    ----------
    flows
        A principal flow or modified equation with numeric parameters and one field, or several by the names in the legend.
    hlambda
        Real numbers hλ in increasing order, shape (n,). When left out, from 0 to 1.5 times the last boundary of the methods' regimes, 3
        for gradient descent; on a logarithmic axis if the first regime is short, as that of heavy ball with β = 0.9.
    ax
        Where to draw; a new figure with a legend when left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If there is nothing to draw, a flow has symbolic parameters or several fields, or `hlambda` is no vector of real numbers.

    References
    ----------
    Rosca, Wu, Qin, Dherin, TMLR 2023, arXiv 2302.01952, section 3.

    Examples
    --------
    >>> import modeq as mq
    >>> gd = mq.GradientDescent()
    >>> ax = mq.plotting.plot_symbol({"igr": mq.modified_equation(gd, order=2), "principal": mq.principal_flow(gd)}, [0.5, 1.5])
    >>> {line.get_label(): line.get_ydata().round(3).tolist() for line in ax.lines if line.get_label()[0] != "_"}
    {'IGR flow': [-1.25, -1.75], 'principal flow': [-1.386, -0.462], 'principal flow, Im': [0.0, 2.094]}
    """
    several: Mapping[str | int, Equation] = {flows.title: flows} if isinstance(flows, Equation) else flows
    if not isinstance(several, Mapping) or not all(isinstance(flow, Equation) for flow in several.values()):
        raise TypeError("expected a principal flow or modified equation, or a dict of them by their names")
    if not several:
        raise ValueError("there is nothing to draw: give at least one flow, such as principal_flow(method)")
    z = _range(several) if hlambda is None else np.asarray(hlambda)
    if z.ndim != 1 or len(z) < 2 or z.dtype.kind not in "iuf" or not np.isfinite(z).all():
        raise ValueError(f"hlambda must be at least two finite real numbers, shape (n,), got {hlambda!r}")
    with np.errstate(all="ignore"):  # an infinite α is left out of the picture
        curves = {label: flow.alpha(z) for label, flow in several.items()}
    axes = axes_or_new(ax)
    axes.axhline(0.0, color="0.6", linewidth=0.8)
    for point in _singularities(several, z):
        axes.axvline(point, color="0.6", linewidth=0.8, linestyle=":")
    for i, (label, style) in enumerate(flow_styles(several).items()):
        look = {**style.marked(i, len(several), len(z)), "markersize": 5, "markerfacecolor": style.colour}
        name = plain(flow_title(label))
        axes.plot(z, curves[label].real, **look, linewidth=2.0, label=name)
        if np.abs(curves[label].imag[np.isfinite(curves[label])]).max(initial=0.0) > 0:
            axes.plot(z, curves[label].imag, **{**look, "markerfacecolor": "white"}, linewidth=0.9, label=f"{name}, Im")
    _window(axes, list(curves.values()))
    if hlambda is None and z[0] > 0:
        axes.set_xscale("log")
    axes.set_xlim(z[0], z[-1])
    axes.set_xlabel(r"$h\lambda$")
    axes.set_ylabel(r"$\alpha(h\lambda)$: real part thick, imaginary part thin")
    axes.grid(visible=True, alpha=0.3)
    if ax is None:
        legend_below(axes)
    return axes


def _range(flows: Mapping[str | int, Equation]) -> np.ndarray:
    """Return values hλ over all regimes of the methods that the flows describe; none of them 0 if the first one is short."""
    methods = [method.linear for flow in flows.values() if (method := flow.describes) is not None]
    known = [method for method in methods if method is not None and method.fields == 1 and not method.parameters]
    ends = sorted({float(part.upper) for method in known for part in regimes(method).intervals} - {np.inf})
    last = _BEYOND * ends[-1] if ends else _LAST
    if ends and ends[0] < _SHORT * last:
        return np.geomspace(ends[0] / 10, last, _POINTS)
    return np.linspace(0.0, last, _POINTS)


@draw.register(Equation)
def _(equation: Equation, path: object = None) -> Figure:
    figure = new_figure(5.6, 4.4)
    legend_below(plot_symbol(equation, ax=figure.add_subplot()))
    figure.suptitle(plain(f"{equation.title} of {equation.method}"))
    return finished(figure, path)


def _singularities(flows: Mapping[str | int, Equation], z: np.ndarray) -> list[float]:
    points = {complex(point) for flow in flows.values() for point in flow.singularities}
    return sorted(point.real for point in points if point.imag == 0 and z[0] <= point.real <= z[-1])


def _window(ax: Axes, curves: list[np.ndarray]) -> None:
    """Show what all curves have between their singularities."""
    lows, highs = [0.0], [0.0]
    for curve in curves:
        finite = curve[np.isfinite(curve)]
        for part in (finite.real, finite.imag):
            if len(part):
                lows.append(float(np.quantile(part, _SHARE)))
                highs.append(float(np.quantile(part, 1 - _SHARE)))
    reach = max(max(highs) - min(lows), 1e-12)
    ax.set_ylim(min(lows) - _MARGIN * reach, max(highs) + _MARGIN * reach)
