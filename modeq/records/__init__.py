"""Results as labelled arrays: files that any version can read, xarray datasets, data frames and tables. Needs NumPy only."""

from .archive import load as load
from .comparison_record import ComparisonRecord as ComparisonRecord
from .ensemble_record import EnsembleRecord as EnsembleRecord
from .record import Record as Record
from .trajectories_record import TrajectoriesRecord as TrajectoriesRecord
from .trajectory_record import TrajectoryRecord as TrajectoryRecord

__all__ = ["ComparisonRecord", "EnsembleRecord", "Record", "TrajectoriesRecord", "TrajectoryRecord", "load"]
