"""The journal of one execution: read once at the start, written with each commit."""

from __future__ import annotations

import re
from collections.abc import Iterable

from apps_engine.runtime.ports import Entry
from apps_engine.runtime.size import characters
from apps_engine.store.journal import Behind

NOTHING = Behind()
_CHUNK = re.compile(r"^(?P<loop>.*)\[\d+:(?P<end>\d+)\](?:/[^/\[\]]+)?$")


class Journal:
    """Entries by path, and those not yet written."""

    def __init__(self, stored: Iterable[Entry] = (), behind: Behind = NOTHING) -> None:
        self._entries: dict[str, Entry] = {}
        self._progress: dict[str, int] = {}
        self._unwritten: list[Entry] = []
        self.entries: list[Entry] = []
        self.acted = behind.acted
        self.characters = behind.characters
        for entry in stored:
            self._index(entry)

    def completed(self, path: str) -> Entry | None:
        return self._entries.get(path)

    def progress(self, path: str) -> int:
        return self._progress.get(path, 0)

    def record(self, entry: Entry) -> None:
        self._index(entry)
        self._unwritten.append(entry)
        self.entries.append(entry)

    def take(self) -> list[Entry]:
        """The entries to write with this commit."""
        taken, self._unwritten = self._unwritten, []
        return taken

    def _index(self, entry: Entry) -> None:
        self.characters += characters(entry.input) + characters(entry.output)
        if entry.status == "failed":
            return
        self._entries[entry.path] = entry
        self.acted = self.acted or (entry.kind == "act" and entry.status == "done" and entry.items > 0)
        chunk = _CHUNK.match(entry.path)
        if chunk is not None:
            self._progress[chunk["loop"]] = max(self.progress(chunk["loop"]), int(chunk["end"]))
