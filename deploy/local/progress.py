"""What a person sees while the system starts: a spinner on a terminal, plain lines elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from rich.console import Console


def say(console: Console, text: str) -> None:
    """Print `text` as it is. A terminal that is gone must not keep us from stopping in order."""
    with suppress(OSError):
        console.print(text, markup=False, highlight=False, soft_wrap=True)


class Progress:
    """Numbered steps with the time that each took."""

    def __init__(self, console: Console, steps: int) -> None:
        self._console = console
        self._steps = steps
        self._done = 0

    @contextmanager
    def step(self, title: str) -> Iterator[Callable[[str], None]]:
        """One step; call what it yields with the latest detail. The line stays when the step is done."""
        self._done += 1
        label = f"[{self._done}/{self._steps}] {title}"
        begin = time.monotonic()
        if not self._console.is_terminal:
            say(self._console, f"{label} ...")
        with self._console.status(label.replace("[", r"\["), spinner="dots") as status:
            yield lambda detail: status.update(self._within(f"{label}  {detail}").replace("[", r"\["))
        say(self._console, f"{label}  {time.monotonic() - begin:.1f} s")

    def _within(self, text: str) -> str:
        return text[: self._console.width - 4]
