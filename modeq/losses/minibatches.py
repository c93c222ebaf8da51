"""One epoch of minibatches: losses of some samples each, which share one compiled module."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, final, overload

import numpy as np
from numpy.typing import ArrayLike

from .field import Array, Field
from .samples import as_size

if TYPE_CHECKING:
    from .loss import Loss


@final
@dataclass(frozen=True)
class Samples:
    """What a loss was made from, so that it can be made again from some of its samples.

    Attributes
    ----------
    data
        Arrays by name.
    again
        Makes the loss, of another name, from other data.
    """

    data: Mapping[str, Array]
    again: Callable[[Mapping[str, Array], str], Loss] = field(repr=False)


@final
@dataclass(frozen=True, eq=False, repr=False)
class Minibatches(Field, Sequence["Loss"]):
    """The losses of one epoch, in order, each made when it is asked for; as a field step n of a method sees that of batch n.

    Attributes
    ----------
    full
        The loss of all samples, which is what the field is where there is no step number.
    samples
        Numbers of the samples in each batch, shape (size,) each.
    origin
        What the full loss was made from.
    rows
        Names of the data whose first axis runs over samples.
    redraw
        Gives the samples of epoch 1, 2, …; None where all epochs have the same batches.
    weights
        Share of each batch in all samples that are drawn: for a loss that is a mean over samples, drawn without replacement,
        Σ_b weights[b] E_b is the full loss; with equal sizes this is their mean.

    See Also
    --------
    modeq.losses.ArrayLoss.minibatches : Makes them, with an example.
    """

    full: Loss
    samples: tuple[Array, ...]
    origin: Samples = field(repr=False)
    rows: tuple[str, ...] = field(repr=False)
    redraw: Callable[[int], tuple[Array, ...]] | None = field(default=None, repr=False)

    def epoch(self, number: int) -> Minibatches:
        """Return the batches of an epoch, 0 being the first: these themselves, or others where they are shuffled or drawn anew."""
        if number == 0 or self.redraw is None:
            return self
        known = self._later
        if known.get("number") != number:
            known |= {"number": number, "batches": replace(self, samples=self.redraw(number), redraw=None)}
        result: Minibatches = known["batches"]
        return result

    @cached_property
    def _later(self) -> dict[str, Any]:
        return {}  # the one epoch after the first that was asked for last

    @cached_property
    def weights(self) -> Array:
        """Share of each batch in all samples."""
        sizes = np.array([len(batch) for batch in self.samples], dtype=float)
        return sizes / sizes.sum()

    @cached_property
    def _made(self) -> dict[int, Loss]:
        return {}

    def __len__(self) -> int:
        return len(self.samples)

    @overload
    def __getitem__(self, number: int) -> Loss: ...

    @overload
    def __getitem__(self, number: slice) -> list[Loss]: ...

    def __getitem__(self, number: int | slice) -> Loss | list[Loss]:
        if isinstance(number, slice):
            return [self[n] for n in range(*number.indices(len(self)))]
        position = range(len(self))[number]
        if position not in self._made:
            batch = self.samples[position]
            part = {name: array[batch] if name in self.rows else array for name, array in self.origin.data.items()}
            self._made[position] = self.origin.again(part, f"{self.full.name}, batch {position + 1} of {len(self)}")
        return self._made[position]

    def __iter__(self) -> Iterator[Loss]:
        return (self[number] for number in range(len(self)))

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """Shape of each parameter by name."""
        return self.full.shapes

    @property
    def fields(self) -> int:
        """One: a step sees one batch."""
        return 1

    @property
    def has_kernels(self) -> bool:
        """Methods run on it in NumPy, step by step."""
        return False

    @property
    def analytic(self) -> bool:
        """Whether the losses have a meaning at complex points."""
        return self.full.analytic

    @property
    def symmetric(self) -> bool:
        """Whether the Jacobian is symmetric, as that of a gradient is."""
        return True

    def value(self, theta: ArrayLike) -> Array:
        """Return f of the full loss, shape (…, d)."""
        return self.full.value(theta)

    def part(self, number: int, theta: ArrayLike) -> Array:
        """Return the one part, that of the full loss."""
        return self.full.value(theta)

    def jacobian(self, theta: ArrayLike) -> Array:
        """Return f′ of the full loss, shape (…, d, d)."""
        return self.full.jacobian(theta)

    def potential(self, theta: ArrayLike) -> Any:
        """Return the full loss at points, shape (…,)."""
        return self.full(theta)

    def parameter_vector(self, h: float) -> Array:
        """Return ``[h]``: each batch has a vector of its own."""
        return np.array([h])

    def ravel(self, params: Any) -> Array:
        """Join parameters, in the form that the full loss has, to θ."""
        return self.full.ravel(params)

    def unravel(self, theta: ArrayLike) -> Any:
        """Split θ into parameters, in the form that the full loss has."""
        return self.full.unravel(theta)

    def of_step(self, n: int) -> Loss:
        """Return the loss of step n, 0 being the first; after the last batch the next epoch begins."""
        epoch, number = divmod(n, len(self))
        return self.epoch(epoch)[number]

    def __repr__(self) -> str:
        sizes = sorted({len(batch) for batch in self.samples}, reverse=True)
        return f"<Minibatches: {len(self)} of {' or '.join(map(str, sizes))} samples, of {self.full.name}>"


def minibatches(
    loss: Loss, origin: Samples | None, size: Any, seed: int | None, with_replacement: bool, rows: Sequence[str] | None
) -> Minibatches:
    """Draw the batches of one epoch."""
    if origin is None or not origin.data:
        raise ValueError(
            f"{loss.name} does not know its samples; minibatches are of losses that Loss.from_numpy, from_jax or from_torch "
            "made with data, in this process"
        )
    names = _rows(origin.data, rows)
    count = len(origin.data[names[0]])
    length = as_size(size, "the size of a batch")
    if length > count:
        raise ValueError(f"a batch has at most the {count} samples that there are, got size={length}")
    entropy = np.random.SeedSequence(seed).entropy  # a fresh one for None, which all epochs of these batches share

    def drawn(epoch: int) -> tuple[Array, ...]:
        random = np.random.default_rng(np.random.SeedSequence(entropy, spawn_key=(epoch,) * bool(epoch)))
        if with_replacement:
            return tuple(random.integers(0, count, length) for _ in range(-(-count // length)))
        order = np.arange(count) if seed is None else random.permutation(count)
        return tuple(order[start : start + length] for start in range(0, count, length))

    redraw = drawn if with_replacement or seed is not None else None
    return Minibatches(f"minibatches of {loss.name}", loss, drawn(0), origin, names, redraw, start=loss.start)


def _rows(data: Mapping[str, Array], rows: Sequence[str] | None) -> tuple[str, ...]:
    """Return the names of the arrays whose first axis runs over samples."""
    if rows is not None:
        unknown = [name for name in rows if name not in data]
        if unknown or not rows:
            raise ValueError(f"samples are along the first axis of some of {', '.join(data)}, got {list(rows)}")
        names = tuple(rows)
    else:
        names = tuple(data)
    lengths = {name: len(data[name]) if np.ndim(data[name]) else None for name in names}
    if None in lengths.values() or len(set(lengths.values())) > 1:
        listed = ", ".join(f"{name} has {'none' if n is None else n}" for name, n in lengths.items())
        raise ValueError(f"the arrays of data must have one sample in each row, but {listed}; name those that have as samples=('X', 'y')")
    return names
