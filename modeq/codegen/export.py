"""A generated module as a file that stands alone: it says what it computes, and makes its own parameters."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .source import Source


def exported(source: Source, title: str, d: int, par: NDArray[np.float64], numbers: str = "") -> Source:
    """Add ``parameters(h)`` to a module, and say in its first lines what it is and how it is called.

    Parameters
    ----------
    title
        The flow, its method and its loss, as the first line.
    d
        Numbers in a state.
    par
        The parameters of the kernel, the step size first.
    numbers
        Name of the file beside it that holds them, as `numpy.save` writes it; if there is none they are written out.
    """
    where = f", which are read from {numbers} beside this file" if numbers else ""
    description = (
        f"{title}\n\n"
        f"par = parameters(h) are the numbers of the loss and the method for a step size h{where}.\n"
        f"rhs(t, y, par) returns the field at y, shape ({d},); kernel(t, y, par, out) writes it into out, for code that Numba compiles.\n"
        f"batch(y, par, out) takes y and out of shape ({d}, k), one point in each column.\n"
    )
    values = 'np.load(__file__.removesuffix(".py") + ".npy")' if numbers else f"np.array({[float(number) for number in par]!r})"
    code = f"\n\ndef parameters(h):\n    par = {values}\n    par[0] = h\n    return par\n"
    return replace(source, description=description, code=source.code + code)
