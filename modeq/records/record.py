"""What can be kept of a result: labelled arrays and attributes, without methods, losses or code."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .html import table_html

if TYPE_CHECKING:
    import pandas
    import xarray

Array: TypeAlias = NDArray[Any]
Variable: TypeAlias = tuple[tuple[str, ...], Array]
"""Names of the dimensions, and an array with as many axes; dtype float, complex, int, bool or text (``<U…``)."""

_COLUMNS = 100  # data frames leave dimensions with more entries out


@dataclass(frozen=True, eq=False, repr=False)
class Record(ABC):
    """The data of a result: what `save` writes and `load` reads. Made by ``report.record`` or ``path.record``.

    Attributes
    ----------
    variables
        Dimensions and array, of any shape, by name. A variable named like its only dimension holds its labels.
    attributes
        Texts and numbers that describe the result; ``"title"`` is one line.

    See Also
    --------
    modeq.load
    """

    variables: Mapping[str, Variable]
    attributes: Mapping[str, Any]

    kind: ClassVar[str]
    frame: ClassVar[tuple[str, ...]]  # dimensions that index the rows of a data frame

    def __getitem__(self, name: str) -> Array:
        """Return the array of a variable."""
        if name not in self.variables:
            raise KeyError(f"there is no {name!r}; known: {', '.join(self.variables)}")
        return self.variables[name][1]

    @property
    def title(self) -> str:
        """One line that says what it is."""
        return str(self.attributes["title"])

    @abstractmethod
    def rows(self) -> list[tuple[str, ...]]:
        """Return the table as texts, the names of the columns first."""

    @property
    def notes(self) -> Sequence[str]:
        """Sentences below the table."""
        return ()

    @abstractmethod
    def table(self) -> str:
        """Return the result as aligned text."""

    def __str__(self) -> str:
        return self.table()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.title}>"

    def _repr_html_(self) -> str:
        return table_html(self.title, self.rows(), self.notes)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the data to one file; see `modeq.load`."""
        from .archive import write  # deferred: the archive knows all kinds of records, which are made of this one

        return write(self, path)

    def to_xarray(self) -> xarray.Dataset:
        """Return the data as a dataset.

        Raises
        ------
        ImportError
            If xarray is not installed (the extra ``sweep``).
        """
        try:
            import xarray  # deferred: optional
        except ImportError:
            raise ImportError("datasets need xarray; install it with: pip install 'modeq[sweep]'") from None
        labels = {name: value for name, value in self.variables.items() if value[0] == (name,)}
        data = {name: value for name, value in self.variables.items() if name not in labels}
        return xarray.Dataset(data, labels, {"kind": self.kind, **self.attributes})

    def to_dataframe(self) -> pandas.DataFrame:
        """Return one row for each step, or each step of each flow; vectors become columns if they have at most 100 entries.

        Raises
        ------
        ImportError
            If pandas is not installed (the extra ``sweep``).
        """
        try:
            import pandas  # deferred: optional
        except ImportError:
            raise ImportError("data frames need pandas; install it with: pip install 'modeq[sweep]'") from None
        index = pandas.MultiIndex.from_product([self[name].tolist() for name in self.frame], names=self.frame)
        shape = tuple(len(self[name]) for name in self.frame)
        columns: dict[str, Array] = {}
        for name, (dimensions, values) in self.variables.items():
            if name in self.frame or not set(dimensions) & set(self.frame):
                continue
            others = [other for other in dimensions if other not in self.frame]
            count = values.shape[dimensions.index(others[0])] if others else 1
            if len(others) > 1 or count > _COLUMNS:
                continue
            own = [other for other in dimensions if other in self.frame]
            moved = values.transpose([dimensions.index(other) for other in (*own, *others)])
            missing = tuple(axis for axis, other in enumerate(self.frame) if other not in own)
            whole = np.broadcast_to(np.expand_dims(moved, missing), (*shape, *moved.shape[len(own) :]))
            flat = whole.reshape(-1, *moved.shape[len(own) :])
            if not others:
                columns[name] = flat
                continue
            labels = self[others[0]] if others[0] in self.variables else np.arange(count)
            columns |= {f"{name}.{label}": flat[:, i] for i, label in enumerate(labels)}
        frame = pandas.DataFrame(columns, index=index)
        return frame if len(self.frame) > 1 else frame.droplevel([]).set_index(index.get_level_values(0))
