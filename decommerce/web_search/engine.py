"""What the adapter of a search engine says: how it is asked and what its answer means. Another is one more file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar, Literal

from decommerce.outgoing.json_api import Answer
from decommerce.outgoing.request import OutgoingRequest

Freshness = Literal["day", "week", "month", "year"]


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for. `country` is a code of ISO 3166-1 with two letters."""

    text: str
    limit: int
    freshness: Freshness | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One result. Title and snippet are the engine's, with whatever markup and entities it left in them."""

    title: str
    url: str
    snippet: str
    published_at: datetime | None = None


class SearchEngine(ABC):
    """One engine at one address. An adapter sends nothing itself."""

    name: ClassVar[str]
    home: ClassVar[str] = ""  # its address where the operator names none
    needs_key: ClassVar[bool] = True

    def __init__(self, url: str, key: str) -> None:
        self.url = url.rstrip("/")
        self.key = key

    @abstractmethod
    def request(self, query: Query) -> OutgoingRequest:
        """How it is asked."""

    @abstractmethod
    def read(self, answer: Answer) -> Sequence[Found]:
        """The results, best first; none where nothing matched.

        Raises SearchRefused, ServiceBusy or ServiceFailed for an answer that is no list of results: that nothing was
        found must never be said of a search that failed.
        """


def found_in(rows: object, *, snippet: str, published: str) -> list[Found]:
    """The rows that lead to a page of the web, whatever else an engine lists; the names are the engine's own."""
    listed = rows if isinstance(rows, list) else []
    return [
        Found(_text(row.get("title")), row["url"], _text(row.get(snippet)), _instant(row.get(published)))
        for row in listed
        if isinstance(row, dict) and _text(row.get("url")).startswith(("https://", "http://"))
    ]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _instant(value: object) -> datetime | None:
    """The time of an ISO 8601 text, UTC where it has no offset; None for anything else."""
    try:
        moment = datetime.fromisoformat(_text(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
