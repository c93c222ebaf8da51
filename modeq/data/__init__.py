"""Small data sets for finite-sum losses: bundled with scikit-learn, or computed. Nothing is downloaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from .bundled import breast_cancer as breast_cancer
from .bundled import digits as digits
from .bundled import iris as iris
from .bundled import wine as wine
from .chebyshev import chebyshev as chebyshev
from .dataset import Dataset as Dataset

DATASETS: Mapping[str, Callable[..., Dataset]] = MappingProxyType(
    {"breast-cancer": breast_cancer, "digits": digits, "iris": iris, "wine": wine, "chebyshev": chebyshev}
)
"""The data sets by the names that the command line knows; each can be called without arguments."""

__all__ = ["DATASETS", "Dataset", "breast_cancer", "chebyshev", "digits", "iris", "wine"]
