"""Figures that a notebook shows although pyplot does not know them. Imported on first use, since matplotlib is."""

from __future__ import annotations

import io
from typing import final

from matplotlib.figure import Figure


@final
class JupyterFigure(Figure):
    """A matplotlib figure with a PNG representation."""

    def _repr_png_(self) -> bytes:
        stream = io.BytesIO()
        self.savefig(stream, format="png", dpi=self.dpi)
        return stream.getvalue()
