"""The data sets that scikit-learn brings along: small, real, and read from its own files, never downloaded.

All are standardised: the classes are chosen first, then each column gets mean 0 and variance 1 over the chosen samples
(1/n, the population's; columns that are constant there become 0), then the principal components are taken.
"""

from __future__ import annotations

import gzip
import operator
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import SupportsIndex

import numpy as np
from numpy.typing import NDArray

from ..nearest import nearest
from ..threads import one_thread
from .dataset import Dataset

Array = NDArray[np.float64]
Classes = Sequence[str | int]
_FILES = {"breast_cancer": "breast_cancer.csv", "digits": "digits.csv.gz", "iris": "iris.csv", "wine": "wine_data.csv"}


def breast_cancer(*, inputs: SupportsIndex | None = None, classes: Classes | None = None) -> Dataset:
    """Return 569 breast masses, "malignant" (0) or "benign" (1), described by 30 measurements of their cell nuclei.

    Parameters
    ----------
    inputs
        Keep this many principal components, each with variance 1, instead of all columns.
    classes
        Keep these classes, by name or number, and label them 0, 1, … in this order.

    Returns
    -------
    Dataset
        Standardised after the choice of the classes.

    Raises
    ------
    ImportError
        If scikit-learn, which holds the file, is not installed.
    TypeError, ValueError
        If there are not so many components, or no such classes.

    References
    ----------
    W. Wolberg, O. Mangasarian, N. Street, W. Street, *Breast Cancer Wisconsin (Diagnostic)*, UCI Machine Learning
    Repository (1993), doi:10.24432/C5DW2B; provided by scikit-learn, `sklearn.datasets.load_breast_cancer`.

    Examples
    --------
    >>> breast_cancer()
    <Dataset: breast-cancer, 569 samples, 30 inputs, 2 classes>
    >>> breast_cancer(inputs=4).X.std(axis=0).round(12)
    array([1., 1., 1., 1.])
    """
    return _bundled("breast_cancer", inputs, classes)


def digits(*, inputs: SupportsIndex | None = None, classes: Classes | None = None) -> Dataset:
    """Return 1797 handwritten digits, classes "0" to "9", images of 8 × 8 pixels.

    Three pixels are blank in every image, so there are at most 61 principal components.

    Parameters
    ----------
    inputs
        Keep this many principal components, each with variance 1, instead of all columns.
    classes
        Keep these classes, by name or number, and label them 0, 1, … in this order.

    Returns
    -------
    Dataset
        Standardised after the choice of the classes.

    Raises
    ------
    ImportError
        If scikit-learn, which holds the file, is not installed.
    TypeError, ValueError
        If there are not so many components, or no such classes.

    References
    ----------
    E. Alpaydin, C. Kaynak, *Optical Recognition of Handwritten Digits*, UCI Machine Learning Repository (1998),
    doi:10.24432/C50P49, its test set; provided by scikit-learn, `sklearn.datasets.load_digits`.

    Examples
    --------
    >>> digits(inputs=10, classes=(3, 8))
    <Dataset: digits, 357 samples, 10 inputs, 2 classes>
    """
    return _bundled("digits", inputs, classes)


def iris(*, inputs: SupportsIndex | None = None, classes: Classes | None = None) -> Dataset:
    """Return 150 irises, "setosa", "versicolor" or "virginica", described by the sizes of their sepals and petals.

    Parameters
    ----------
    inputs
        Keep this many principal components, each with variance 1, instead of all columns.
    classes
        Keep these classes, by name or number, and label them 0, 1, … in this order.

    Returns
    -------
    Dataset
        Standardised after the choice of the classes.

    Raises
    ------
    ImportError
        If scikit-learn, which holds the file, is not installed.
    TypeError, ValueError
        If there are not so many components, or no such classes.

    References
    ----------
    R. A. Fisher, *Iris*, UCI Machine Learning Repository (1936), doi:10.24432/C56C76; the measurements are those of
    Fisher, Annals of Eugenics 7 (1936) 179–188, doi:10.1111/j.1469-1809.1936.tb02137.x; provided by scikit-learn,
    `sklearn.datasets.load_iris`, which has two values right that are wrong at UCI.

    Examples
    --------
    >>> iris(classes=("versicolor", "virginica"))
    <Dataset: iris, 100 samples, 4 inputs, 2 classes>
    """
    return _bundled("iris", inputs, classes)


def wine(*, inputs: SupportsIndex | None = None, classes: Classes | None = None) -> Dataset:
    """Return 178 wines of three cultivars, "class_0", "class_1" and "class_2", described by 13 chemical measurements.

    Parameters
    ----------
    inputs
        Keep this many principal components, each with variance 1, instead of all columns.
    classes
        Keep these classes, by name or number, and label them 0, 1, … in this order.

    Returns
    -------
    Dataset
        Standardised after the choice of the classes.

    Raises
    ------
    ImportError
        If scikit-learn, which holds the file, is not installed.
    TypeError, ValueError
        If there are not so many components, or no such classes.

    References
    ----------
    S. Aeberhard, M. Forina, *Wine*, UCI Machine Learning Repository (1992), doi:10.24432/C5PC7J; provided by
    scikit-learn, `sklearn.datasets.load_wine`.

    Examples
    --------
    >>> wine(inputs=2)
    <Dataset: wine, 178 samples, 2 inputs, 3 classes>
    """
    return _bundled("wine", inputs, classes)


def _bundled(loader: str, inputs: SupportsIndex | None, classes: Classes | None) -> Dataset:
    name = loader.replace("_", "-")
    count = None if inputs is None else _count(inputs)
    X, y, names = _load(loader)
    if classes is not None:
        chosen = _chosen(classes, names, name)
        rows = np.isin(y, chosen)
        X, y = X[rows], np.array([chosen.index(label) for label in y[rows]])
        names = tuple(names[label] for label in chosen)
    X = _standardised(X)
    return Dataset(name, X if count is None else _principal_components(X, count, name), y, names)


def _load(name: str) -> tuple[Array, NDArray[np.int64], tuple[str, ...]]:
    """Return inputs, labels and names of classes, from the file: importing scikit-learn takes longer than a run."""
    package = find_spec("sklearn")
    if package is None or not package.submodule_search_locations:
        raise ImportError(f"the data set {name!r} needs scikit-learn; install it with: pip install 'modeq[data]'")
    path = Path(package.submodule_search_locations[0]) / "datasets" / "data" / _FILES[name]
    with path.open(encoding="utf-8") if path.suffix == ".csv" else gzip.open(path, "rt", encoding="utf-8") as rows:
        # The first line has the numbers of samples and inputs and the names of the classes; that of the digits is a sample already.
        classes = tuple(rows.readline().strip().split(",")[2:]) if path.suffix == ".csv" else tuple("0123456789")
        table = np.loadtxt(rows, delimiter=",")
    return table[:, :-1], table[:, -1].astype(np.int64), classes


def _standardised(X: Array) -> Array:
    constant = np.ptp(X, axis=0) == 0
    centred = X - X.mean(axis=0)
    return np.where(constant, 0.0, centred / np.where(constant, 1.0, centred.std(axis=0)))


def _principal_components(X: Array, count: int, name: str) -> Array:
    """Project centred columns on their first principal directions and scale each projection to variance 1.

    With the singular value decomposition X = U S Vᵀ the projections are X V = U S, so those of variance 1 are √n U. The
    sign of a direction is free: its largest loading is made positive, the first of them if several are equally large.
    """
    with one_thread(X.shape[1]):
        U, sizes, Vt = np.linalg.svd(X, full_matrices=False)
    available = int(np.sum(sizes > sizes[0] * max(X.shape) * np.finfo(float).eps))  # the rank, as NumPy's matrix_rank counts it
    if count > available:
        raise ValueError(
            f"{name} has {available} principal components among {X.shape[1]} columns, so inputs is at most {available}, got {count}"
        )
    loadings = Vt[:count]
    size = np.abs(loadings)
    leading = np.argmax(size > (1 - 1e-6) * size.max(axis=1, keepdims=True), axis=1)  # equal up to rounding counts as equal
    return np.sqrt(len(X)) * U[:, :count] * np.sign(loadings[np.arange(count), leading])


def _count(inputs: SupportsIndex) -> int:
    if isinstance(inputs, (bool, np.bool_)) or not hasattr(inputs, "__index__"):
        raise TypeError(f"inputs is the number of principal components, an integer, got {inputs!r}")
    if (count := operator.index(inputs)) < 1:
        raise ValueError(f"inputs is the number of principal components, at least 1, got {count}; leave it out for all columns")
    return count


def _chosen(classes: Classes, names: tuple[str, ...], name: str) -> list[int]:
    """Return the numbers of classes given by name or number."""
    if isinstance(classes, str) or not isinstance(classes, Iterable) or isinstance(classes, (set, frozenset)):  # a set has no order
        raise TypeError(f"classes are a list of names or numbers, such as {names[:2]} or (0, 1), got {classes!r}")
    chosen = [_class(label, names, name) for label in classes]
    repeated = [names[label] for label in chosen if chosen.count(label) > 1]
    if repeated:
        raise ValueError(f"the class {repeated[0]!r} of {name} is listed twice; list each class once")
    if len(chosen) < 2:
        raise ValueError(f"at least two classes of {name} are needed, got {list(classes)!r}; known: {', '.join(names)}")
    return chosen


def _class(label: str | SupportsIndex, names: tuple[str, ...], name: str) -> int:
    known = f"known: {', '.join(names)}, or 0 … {len(names) - 1}"
    if isinstance(label, str):
        if label in names:
            return names.index(label)
        raise ValueError(f"{name} has no class {label!r}{nearest(label, names)}; {known}")
    if isinstance(label, (bool, np.bool_)) or not hasattr(label, "__index__"):
        raise TypeError(f"a class of {name} is a name or a number, got {label!r}; {known}")
    if not 0 <= (number := operator.index(label)) < len(names):
        raise ValueError(f"{name} has no class {number}; {known}")
    return number
