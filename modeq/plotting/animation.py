"""A run as it happens: frames with the iterates and the flows up to a step, as a GIF for files and notebooks."""

from __future__ import annotations

import io
import numbers
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import numpy as np

from ..analysis.comparison import Comparison
from ..extension_points import animate
from ..records.html import image_html
from .colours import flow_styles, flow_title, ink
from .comparison import plot_error, plot_path, plot_trajectories
from .figures import figure_legend, new_figure, plain


@final
@dataclass(frozen=True, repr=False)
class Animation:
    """Moving pictures; a notebook shows them where they are the value of a cell.

    Attributes
    ----------
    gif
        The file's content.
    frames
        Number of pictures.
    title
        What they show.

    See Also
    --------
    modeq.plotting.animate_comparison
    """

    gif: bytes
    frames: int
    title: str

    def _repr_html_(self) -> str:
        return image_html(self.gif, "gif", self.title)

    def __repr__(self) -> str:
        return f"<Animation: {self.title}, {self.frames} frames>"


@animate.register(Comparison)
def animate_comparison(report: Comparison, path: Any = None, frames: int = 60, seconds: float = 6.0) -> Animation:
    """Draw a comparison as it happens: trajectories (in one or two dimensions) and errors up to step n, one frame after the other.

    Parameters
    ----------
    report
        What `modeq.compare` returned.
    path
        Where to save it, a ``.gif``. Not saved when left out.
    frames
        Largest number of pictures, ≥ 2.
    seconds
        How long it takes, > 0; it starts again at the end.

    Returns
    -------
    Animation

    Raises
    ------
    ImportError
        If matplotlib is not installed (the extra ``plot``).
    ValueError
        If a number is out of its range, or the file is no GIF.

    Examples
    --------
    >>> import modeq as mq
    >>> report = mq.compare(mq.GradientDescent(), mq.losses.rosenbrock(), [0.6, 0.5], h=1e-3, steps=2, flows=["igr"])
    >>> mq.plotting.animate_comparison(report, frames=3, seconds=1.0)
    <Animation: gradient descent on rosenbrock, h = 0.001, 2 steps, 3 frames>
    """
    if isinstance(frames, bool) or not isinstance(frames, numbers.Integral) or frames < 2:
        raise ValueError(f"frames is the number of pictures, an integer ≥ 2, got {frames!r}")
    if not (isinstance(seconds, numbers.Real) and 0 < seconds < np.inf):
        raise ValueError(f"seconds is how long the animation takes, > 0, got {seconds!r}")
    target = None if path is None else Path(path)
    if target is not None and target.suffix.lower() != ".gif":
        raise ValueError(f"animations are written as GIF; name the file something.gif, got {str(path)!r}")
    shown = np.unique(np.linspace(0, report.steps, min(int(frames), report.steps + 1)).round().astype(int)).tolist()
    gif = _gif(report, shown, 1000 * float(seconds) / len(shown))
    if target is not None:
        target.write_bytes(gif)
    return Animation(gif, len(shown), report.title)


@dataclass(frozen=True)
class _Moving:
    """A line that is drawn up to a time."""

    line: Any
    x: np.ndarray
    y: np.ndarray
    t: np.ndarray

    def until(self, time: float) -> None:
        count = int(np.searchsorted(self.t, time * (1 + 1e-12), side="right"))
        self.line.set_data(self.x[:count], self.y[:count])


def _gif(report: Comparison, shown: list[int], milliseconds: float) -> bytes:
    """Draw the whole picture for its frame and contours, then its lines up to one time after the other."""
    panels = [_errors] if report.field.dimension > 2 else [_states, _errors]
    figure, moving = new_figure(5.6 * len(panels), 4.4), list[_Moving]()
    for panel, ax in zip(panels, np.atleast_1d(figure.subplots(1, len(panels))), strict=True):
        moving += panel(report, ax)
    entries = {moving[0].line.get_label(): moving[0].line} if len(panels) > 1 else {}
    figure_legend(figure, entries | {one.line.get_label(): one.line for one in moving[-len(report.trajectories) :]})
    longest = max([report.iterates, *report.trajectories.values()], key=len).t
    return _frames(figure, moving, report.title, [(n, longest[min(n, len(longest) - 1)]) for n in shown], milliseconds)


def _emptied(ax: Any) -> Any:
    """Keep the frame, the contours and the minima of a picture."""
    ax.set(xlim=ax.get_xlim(), ylim=ax.get_ylim())
    for line in list(ax.lines):
        if line.get_marker() != "*":
            line.remove()
    return ax


def _states(report: Comparison, ax: Any) -> list[_Moving]:
    """Return the lines of trajectories in the plane, or of the one coordinate over time."""
    plane = report.field.dimension == 2
    (plot_trajectories if plane else plot_path)(report, ax=ax)
    _emptied(ax)

    def moving(t: np.ndarray, theta: np.ndarray, **look: Any) -> _Moving:
        x, y = theta.real.T if plane else (t, theta[:, 0].real)
        return _Moving(ax.plot(x, y, **look)[0], x, y, t)

    iterates = report.iterates
    lines = [moving(iterates.t, iterates.theta, marker="o", color=ink(), markersize=4, linewidth=0.5, label=plain(report.method.name))]
    looks = flow_styles(report.trajectories)
    for i, (label, style) in enumerate(looks.items()):
        path = report.trajectories[label]
        look = style.marked(i, len(looks), len(path.t_between))
        lines.append(moving(path.t_between, path.theta_between, **look, linewidth=1.6))
    return lines


def _errors(report: Comparison, ax: Any) -> list[_Moving]:
    """Return the lines of the errors."""
    plot_error(report, ax=ax)
    _emptied(ax)
    lines = []
    looks = flow_styles(report.trajectories)
    for i, (label, style) in enumerate(looks.items()):
        path = report.trajectories[label]
        n = np.arange(0, len(path), path.period)
        errors = report.errors[label][n]
        y, look = np.where(errors > 0, errors, np.nan), style.marked(i, len(looks), len(n))
        line = ax.plot(n, y, **look, linewidth=1.8, label=plain(flow_title(label)))[0]
        lines.append(_Moving(line, n, y, path.t[n]))
    return lines


def _frames(figure: Any, moving: list[_Moving], title: str, shown: list[tuple[int, float]], milliseconds: float) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # deferred: matplotlib and Pillow are optional
    from PIL import Image

    canvas, images = FigureCanvasAgg(figure), []
    heading = figure.suptitle(plain(f"{title}: step {shown[-1][0]}"))
    canvas.draw()  # decides the layout, which then stays
    figure.set_layout_engine("none")
    for artist in (heading, *(one.line for one in moving)):
        artist.set_animated(True)
    canvas.draw()
    background = canvas.copy_from_bbox(figure.bbox)  # contours take most of the time and do not move
    for n, time in shown:
        canvas.restore_region(background)
        for one in moving:
            one.until(time)
            one.line.axes.draw_artist(one.line)
        heading.set_text(plain(f"{title}: step {n}"))
        figure.draw_artist(heading)
        images.append(Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB").convert("P", palette=Image.Palette.ADAPTIVE))
    stream = io.BytesIO()
    images[0].save(stream, "GIF", save_all=True, append_images=images[1:], duration=round(milliseconds), loop=0)
    return stream.getvalue()
