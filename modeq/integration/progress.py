"""A progress bar for long work, on standard error."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_bar(title: str, total: int, *, shown: bool, rate: bool = False) -> Iterator[Callable[[int], None]]:
    """Yield a function that takes the number of finished units; it does nothing unless `shown`. `rate` adds units per second."""
    if not shown:
        yield lambda completed: None
        return
    from rich.console import Console  # deferred: only needed here and in the command line
    from rich.progress import Progress

    with Progress(console=Console(stderr=True)) as bar:
        # the first unit includes compiling, which is announced rather than left as an unexplained pause
        task = bar.add_task(f"{title} (compiling)", total=max(total, 1))

        begun = time.monotonic()

        def advance(completed: int) -> None:
            pace = f", {completed / max(time.monotonic() - begun, 1e-9):.3g}/s" if rate else ""
            bar.update(task, completed=completed, description=title + pace)

        yield advance
