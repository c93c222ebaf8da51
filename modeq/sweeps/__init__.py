"""One run for each cell of a grid, with the results as one labelled dataset that is written as they come."""

from .measures import measures as measures
from .sweep import open_sweep as open_sweep
from .sweep import sweep as sweep

__all__ = ["measures", "open_sweep", "sweep"]
