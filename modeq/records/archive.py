"""One file for a result: a NumPy archive (``.npz``, NEP 1 arrays in a zip) with a description in JSON. Nothing in it is executed."""

from __future__ import annotations

import json
import os
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from .comparison_record import ComparisonRecord
from .ensemble_record import EnsembleRecord
from .record import Record
from .trajectories_record import TrajectoriesRecord
from .trajectory_record import TrajectoryRecord
from .version import VERSION

FORMAT = 1
"""Raised when older versions could not read the file; what is added – variables, attributes – they ignore."""

_KINDS: dict[str, type[Record]] = {kind.kind: kind for kind in (ComparisonRecord, EnsembleRecord, TrajectoryRecord, TrajectoriesRecord)}


def write(record: Record, path: str | os.PathLike[str]) -> Path:
    """Write a record; the file is whole or not there."""
    target = Path(path)
    names = list(record.variables)
    header = {
        "modeq": VERSION,
        "format": FORMAT,
        "kind": record.kind,
        "variables": {name: list(record.variables[name][0]) for name in names},
        "attributes": dict(record.attributes),
    }
    arrays: dict[str, Any] = {f"array_{i}": record[name] for i, name in enumerate(names)}
    descriptor, temporary = tempfile.mkstemp(dir=target.absolute().parent, prefix=f".{target.name}-")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            np.savez_compressed(stream, allow_pickle=False, header=np.array(json.dumps(header, ensure_ascii=False)), **arrays)
        Path(temporary).chmod(0o644)  # as a file that was opened here, not a private one
        Path(temporary).replace(target)
    finally:
        Path(temporary).unlink(missing_ok=True)
    return target


def load(path: str | os.PathLike[str]) -> Record:
    """Read a result that ``save`` wrote: its data, table, dataset and data frame, without the loss and the method.

    Needs NumPy only, in this or another version of modeq; nothing in the file is executed.

    Parameters
    ----------
    path
        A file from ``report.save(path)``, ``path.save(path)`` or ``runs.save(path)``.

    Returns
    -------
    Record
        A `ComparisonRecord`, an `EnsembleRecord`, a `TrajectoryRecord` or `TrajectoriesRecord`.

    Raises
    ------
    ValueError
        If the file is not one of modeq, is damaged, or comes from a later version whose format is not known here.
    FileNotFoundError
        If there is no such file.

    Examples
    --------
    >>> import modeq as mq, pathlib, tempfile
    >>> report = mq.compare(mq.GradientDescent(), mq.losses.double_well(), [1.4], h=0.1, steps=3, flows=["igr"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     kept = mq.load(report.save(pathlib.Path(folder) / "report.npz"))
    >>> kept.table() == report.table()
    True
    """
    name = str(path)
    try:
        with Path(path).open("rb") as stream, np.load(stream, allow_pickle=False) as archive:  # opened here: np.load leaves bad files open
            header = json.loads(str(archive["header"]))
            if header["format"] > FORMAT:
                raise ValueError(f"{name!r} was written by modeq {header['modeq']} in format {header['format']}; update modeq to read it")
            variables = {
                variable: (tuple(dimensions), archive[f"array_{i}"]) for i, (variable, dimensions) in enumerate(header["variables"].items())
            }
            return _KINDS[header["kind"]](variables, header["attributes"])
    except FileNotFoundError:
        raise FileNotFoundError(f"there is no file {name!r}; name one that report.save(path) wrote") from None
    except (KeyError, TypeError, AttributeError, EOFError, zipfile.BadZipFile, OSError) as error:
        raise ValueError(f"{name!r} is no result that modeq wrote, or is damaged ({type(error).__name__}: {error})") from None
    except ValueError as error:
        if "update modeq" in str(error):
            raise
        raise ValueError(f"{name!r} is no result that modeq wrote, or is damaged; expected a file from report.save(path)") from None
