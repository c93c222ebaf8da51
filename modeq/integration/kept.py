"""What results have in common: their data can be kept, and some have one picture."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..extension_points import draw
from ..records.html import image_html, table_html
from ..records.record import Record

if TYPE_CHECKING:
    import pandas
    import xarray


class Kept(ABC):
    """A result whose numbers and texts can be kept: as a file, a dataset or a data frame."""

    @property
    @abstractmethod
    def record(self) -> Record:
        """All numbers and texts as labelled arrays: what is saved, and what tables are made of."""

    def table(self) -> str:
        """Return the table as aligned text."""
        return self.record.table()

    def to_xarray(self) -> xarray.Dataset:
        """Return everything as a dataset, whose dimensions and variables the record describes."""
        return self.record.to_xarray()

    def to_dataframe(self) -> pandas.DataFrame:
        """Return one row for each step of each run; up to 100 coordinates become columns."""
        return self.record.to_dataframe()

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write all numbers and texts to one file, which `modeq.load` reads in any version; nothing in it is executed."""
        return self.record.save(path)

    def _repr_html_(self) -> str:
        return self.record._repr_html_()


class Drawn(Kept):
    """A result that prints as a table and has one picture, which its class describes."""

    def plot(self, path: str | os.PathLike[str] | None = None) -> Any:
        """Draw the picture.

        Parameters
        ----------
        path
            Where to save the picture; its ending chooses the format. Not saved when left out.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        ImportError
            If matplotlib is not installed (the extra ``plot``).
        """
        return draw(self, path)

    def __str__(self) -> str:
        return self.table()

    def _repr_html_(self) -> str:
        record = self.record
        try:
            picture = image_html(self.plot()._repr_png_(), "png", record.title)
        except ImportError:  # without matplotlib the table alone
            picture = ""
        return table_html(record.title, record.rows(), record.notes, picture)
