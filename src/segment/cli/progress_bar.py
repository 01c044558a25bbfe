"""Progress on stderr."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from segment.progress import ProgressCallback
from segment.settings import Settings


@contextmanager
def progress_bars() -> Iterator[ProgressCallback]:
    """Show a bar per step of a job."""
    from segment.sentences import Sentences

    console, words = Console(stderr=True), Sentences(Settings().language)
    columns = (TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=console) as bars:

        def report(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(words.word("terminal.step.", step), total=total)
            bars.update(tasks[step], completed=done, total=total)

        yield report


@contextmanager
def one_step(step: str) -> Iterator[None]:
    """Show that a step is at work, and for how long, until it is done."""
    with progress_bars() as progress:
        progress(step, 0, 1)
        yield
        progress(step, 1, 1)
