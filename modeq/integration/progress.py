"""A progress bar for long work, on standard error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_bar(title: str, total: int, *, shown: bool) -> Iterator[Callable[[int], None]]:
    """Yield a function that takes the number of finished units; it does nothing unless `shown`."""
    if not shown:
        yield lambda completed: None
        return
    from rich.console import Console  # deferred: only needed here and in the command line
    from rich.progress import Progress

    with Progress(console=Console(stderr=True)) as bar:
        # the first unit includes compiling, which is announced rather than left as an unexplained pause
        task = bar.add_task(f"{title} (compiling)", total=max(total, 1))

        def advance(completed: int) -> None:
            bar.update(task, completed=completed, description=title)

        yield advance
