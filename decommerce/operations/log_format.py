"""Lines of the log: as JSON, one object a line, for machines that collect them; as text for people (OPS-01)."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

from decommerce.log_redaction import hidden

# What a filter or a caller's `extra` may add; nothing else of a record is written.
NAMED = ("request_id", "tenant_id", "app_id", "run_id")
# Breaks of lines, and what a terminal obeys.
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")
TEXT = "%(asctime)s %(levelname)s %(name)s %(message)s"


class TextLines(logging.Formatter):
    """A line for people, with the traceback of an error behind it."""

    def __init__(self, fmt: str = TEXT) -> None:
        super().__init__(fmt)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name that `logging` calls
        """One line whatever somebody's text in it would make of it: no break, and nothing that a terminal obeys."""
        return _CONTROL.sub(
            lambda found: found.group().encode("unicode_escape").decode(), super().formatMessage(record)
        )

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the name that `logging` calls
        """The traceback, without what is secret in it."""
        return str(hidden(super().formatException(ei)))


class JsonLines(logging.Formatter):
    """Time (RFC 3339, UTC), level, logger, message, the numbers of the work at hand, and the traceback of an error."""

    def format(self, record: logging.LogRecord) -> str:
        """One line; a line break in a message or a traceback is escaped."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
        }
        line.update({name: value for name in NAMED if (value := getattr(record, name, None))})
        if record.exc_info:
            line["error"] = hidden(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)
