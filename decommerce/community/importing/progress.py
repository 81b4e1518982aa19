"""Progress that people can follow: a bar in a terminal, a line for each part elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

# Reports that one part has come this far, in units of its total.
Advance = Callable[[int], None]


class ProgressReport:
    """Shows how far the parts of an import are."""

    def __init__(self, stream: IO[str]) -> None:
        self.stream = stream
        self.console = Console(file=stream)

    @contextmanager
    def part(self, title: str, total: int) -> Iterator[Advance]:
        """One part with its own bar."""
        if not self.console.is_terminal:
            self.stream.write(f"{title} ...\n")
            yield lambda position: None
            return
        columns = (TextColumn("{task.description:<18}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self.console) as progress:
            task = progress.add_task(title, total=max(total, 1))
            yield lambda position: progress.update(task, completed=position)
            progress.update(task, completed=max(total, 1))
