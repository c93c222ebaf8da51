"""One thread for the small matrices of a flow.

NumPy's and SciPy's BLAS wake all their threads for a matrix of a hundred rows, thousands of times in a run, and the threads wait for
each other: with two of them on two busy cores an eigenproblem took 1.6 times as long at d = 100, 9 times at 200, 400 and 800
(`scipy.linalg.eigh`, OpenBLAS), and idle cores gain little below 500.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

_LARGE = 500  # numbers in a state from which threads may help


@contextmanager
def one_thread(size: int) -> Iterator[None]:
    """Limit BLAS to one thread while a flow whose states have `size` numbers runs; larger ones have the threads that are set.

    Examples
    --------
    >>> with one_thread(10):
    ...     pass
    """
    if size >= _LARGE:
        yield
        return
    from threadpoolctl import threadpool_limits  # deferred: it looks at the libraries that are loaded

    with threadpool_limits(limits=1, user_api="blas"):
        yield
