"""Inputs and targets of a finite-sum loss."""

from __future__ import annotations

import operator
from dataclasses import dataclass, replace
from typing import Any, Self, SupportsIndex, final

import numpy as np
from numpy.typing import NDArray


@final
@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """n samples with k inputs each and a target: a class for classification, a number for regression.

    The arrays are copied and read-only.

    Attributes
    ----------
    name
        For tables and messages.
    X
        Inputs, shape (n, k), finite floats.
    y
        Targets, shape (n,): labels 0, …, C − 1 (integers) if there are classes, else finite floats.
    classes
        Names of the C classes, in the order of their labels; empty for regression.

    Raises
    ------
    TypeError, ValueError
        If the shapes do not fit, a number is NaN or infinite, or a label is no class.

    Examples
    --------
    >>> data = Dataset("exclusive or", [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0], ("equal", "different"))
    >>> data
    <Dataset: exclusive or, 4 samples, 2 inputs, 2 classes>
    >>> data.signs()
    array([-1.,  1.,  1., -1.])
    """

    name: str
    X: NDArray[np.float64]
    y: NDArray[Any]
    classes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if isinstance(self.classes, str):
            raise TypeError(f"classes are the names of the classes, such as ('no', 'yes'), got {self.classes!r}")
        X = _finite(self.X, f"the inputs X of {self.name}")
        if X.ndim != 2 or 0 in X.shape:
            raise ValueError(f"the inputs X of {self.name} must have shape (samples, inputs), got {X.shape}")
        y = _finite(self.y, f"the targets y of {self.name}")
        if y.shape != X.shape[:1]:
            raise ValueError(f"the targets y of {self.name} must have shape ({len(X)},), one for each row of X, got {y.shape}")
        if self.classes:
            strange = y[~np.isin(y, np.arange(len(self.classes)))]
            if strange.size:
                raise ValueError(f"the labels of {self.name} must be 0 … {len(self.classes) - 1}, one for each class, got {strange[0]:g}")
            y = y.astype(np.int64)
        X.flags.writeable = y.flags.writeable = False
        object.__setattr__(self, "X", X)
        object.__setattr__(self, "y", y)
        object.__setattr__(self, "classes", tuple(self.classes))

    def __repr__(self) -> str:
        kind = f"{len(self.classes)} classes" if self.classes else "regression"
        return f"<Dataset: {self.name}, {self.samples} samples, {self.inputs} input{'s' * (self.inputs > 1)}, {kind}>"

    def __len__(self) -> int:
        return self.samples

    @property
    def samples(self) -> int:
        """Number n of samples."""
        return len(self.X)

    @property
    def inputs(self) -> int:
        """Number k of inputs of each sample."""
        return self.X.shape[1]

    def signs(self) -> NDArray[np.float64]:
        """Return −1.0 for the first class and +1.0 for the second, shape (n,).

        Raises
        ------
        ValueError
            If there are not two classes.

        Examples
        --------
        >>> Dataset("step", [[-1.0], [1.0]], [0, 1], ("left", "right")).signs()
        array([-1.,  1.])
        """
        if len(self.classes) != 2:
            found = f"{len(self.classes)} ({', '.join(self.classes)}); choose two" if self.classes else "none, it is a regression"
            raise ValueError(f"signs need two classes, {self.name} has {found}")
        return 2.0 * self.y - 1.0

    def one_hot(self) -> NDArray[np.float64]:
        """Return 1.0 in the column of each sample's class and 0.0 elsewhere, shape (n, C).

        Raises
        ------
        ValueError
            If there are no classes.

        Examples
        --------
        >>> Dataset("step", [[-1.0], [1.0]], [0, 1], ("left", "right")).one_hot()
        array([[1., 0.],
               [0., 1.]])
        """
        if not self.classes:
            raise ValueError(f"one_hot needs classes, {self.name} has none, it is a regression; its targets are in y")
        return np.eye(len(self.classes))[self.y]

    def subset(self, samples: SupportsIndex, seed: int = 0) -> Self:
        """Return a random choice of samples, without repetition and in their order; the inputs are not standardised again.

        Parameters
        ----------
        samples
            How many, from 1 to n.
        seed
            Of the random choice; the same seed gives the same samples.

        Raises
        ------
        ValueError
            If there are not so many samples.

        Examples
        --------
        >>> data = Dataset("line", [[0.0], [1.0], [2.0]], [0.0, 1.0, 2.0])
        >>> data.subset(2)
        <Dataset: line, 2 samples, 1 input, regression>
        """
        count = _integer(samples, "samples")
        if not 1 <= count <= self.samples:
            raise ValueError(f"{self.name} has {self.samples} samples, so a subset has 1 to {self.samples} of them, got {count}")
        chosen = np.sort(np.random.default_rng(seed).choice(self.samples, size=count, replace=False))
        return replace(self, X=self.X[chosen], y=self.y[chosen])


def _finite(values: Any, what: str) -> NDArray[np.float64]:
    """Return a copy as finite floats, or raise."""
    try:
        array = np.asarray(values)
        if array.dtype.kind not in "biufO" or (array.dtype == object and any(entry is None for entry in array.ravel())):
            raise TypeError
        array = np.array(array, dtype=float)
    except (TypeError, ValueError):
        raise TypeError(f"{what} must be real numbers, got {type(values).__name__} {values!r:.60}") from None
    bad = np.argwhere(~np.isfinite(array))
    if bad.size:
        place = ", ".join(str(index) for index in bad[0].tolist())
        raise ValueError(
            f"{what} must be finite, but {len(bad)} of them are NaN or infinite, the first at [{place}]; leave those samples out"
        )
    return array


def _integer(value: SupportsIndex, what: str) -> int:
    """Return an integer, or raise."""
    if isinstance(value, (bool, np.bool_)) or not hasattr(value, "__index__"):
        raise TypeError(f"{what} must be an integer, got {value!r}")
    return operator.index(value)
