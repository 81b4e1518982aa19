"""Keeping secrets that stand in addresses, and rows that the database quotes, out of the logs (SEC-07)."""

from __future__ import annotations

import logging
import re
from typing import Any

# Shops and other systems call addresses that nobody can guess, Google sends people back with a code in the address, and
# the links in e-mails speak for their readers; who reads a log shall have none of them.
_SECRET = re.compile(r"((?:/intake/[^/\s]+|/unsubscribe|/hooks|/invitation)/)[^/\s?]+|(/accounts/callback/\?)\S+")
# What an error of PostgreSQL quotes: the row that it refused, the line of a statement with its values.
_ROWS = re.compile(r"(?ms)^(DETAIL:|CONTEXT:|LINE \d+:).*?(?=\n\nThe above exception|\n\nDuring handling|\Z)")


class HideSecretAddresses(logging.Filter):
    """Hides what is secret in a record's message and arguments, errors among them; lets every record pass."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true."""
        record.msg = hidden(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(_shown(value) for value in record.args)
        return True


def _shown(value: Any) -> Any:
    return hidden(str(value)) if isinstance(value, BaseException) else hidden(value)


def hidden(value: Any) -> Any:
    """The value; where it is text, without the secret part of addresses and the rows that PostgreSQL quotes."""
    return _ROWS.sub(r"\1 …", _SECRET.sub(r"\1\2…", value)) if isinstance(value, str) else value
