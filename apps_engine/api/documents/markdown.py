"""Writing Markdown tables and headings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def page(title: str, about: str, *parts: str) -> str:
    """A whole page: its title, what it is and who writes it, and its parts."""
    note = f"Written by `make docs` from the declarations; do not edit. {about}"
    return "\n\n".join([f"# {title}", note, *(part for part in parts if part)]) + "\n"


def section(title: str, *parts: str, level: int = 2) -> str:
    """A heading and what stands below it."""
    return "\n\n".join([f"{'#' * level} {title}", *(part for part in parts if part)])


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; empty without rows."""
    lines = [_row(row) for row in rows]
    return "\n".join([_row(heads), _row(["---"] * len(heads)), *lines]) if lines else ""


def code(text: object) -> str:
    """A text as code; one that holds backticks is fenced by two."""
    written = str(text)
    return f"`` {written} ``" if "`" in written else f"`{written}`"


def sentence(text: str) -> str:
    """A text as a sentence."""
    whole = text[:1].upper() + text[1:]
    return whole if not whole or whole.endswith((".", "!", "?")) else f"{whole}."


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|').replace(chr(10), ' ') for cell in cells)} |"
