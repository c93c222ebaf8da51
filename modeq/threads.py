"""One thread for small matrices.

NumPy's and SciPy's BLAS wake all their threads for a matrix of a hundred rows, thousands of times in a run, and the threads wait for
each other: with two of them on two busy cores an eigenproblem took 1.6 times as long at d = 100, 9 times at 200, 400 and 800
(`scipy.linalg.eigh`, OpenBLAS). At d = 500 one evaluation of a principal flow at a complex point, by a Krylov space of 175 dimensions,
took 50 times as long. At d = 2410, the digits network at hλ = 1.28, ten steps took 7 s with one thread and more than 100 s with two; the
loss itself gains from threads where it is larger still. The threads of a single singular value decomposition, 569 × 30, waited for
each other for 0.2 s, of which it needed 0.5 ms.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from .sizes import ONE_THREAD


@contextmanager
def one_thread(size: int) -> Iterator[None]:
    """Limit BLAS to one thread for matrices of `size` columns, or a flow whose states have so many numbers; larger ones have all threads.

    Examples
    --------
    >>> with one_thread(10):
    ...     pass
    """
    if size > ONE_THREAD:
        yield
        return
    from threadpoolctl import threadpool_limits  # deferred: it looks at the libraries that are loaded

    with threadpool_limits(limits=1, user_api="blas"):
        yield
