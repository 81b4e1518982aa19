"""Keeping secrets that stand in addresses out of the logs (SEC-07)."""

from __future__ import annotations

import logging
import re
from typing import Any

# Shops and other systems call addresses that nobody can guess, Google sends people back with a code in the address, and
# the link in an e-mail speaks for its reader for ever; who reads a log shall have none of them.
_SECRET = re.compile(r"((?:/intake/[^/\s]+|/unsubscribe|/hooks)/)[^/\s?]+|(/accounts/callback/\?)\S+")


class HideSecretAddresses(logging.Filter):
    """Replaces the secret part of addresses in a record's message and arguments; lets every record pass."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true."""
        record.msg = hidden(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(hidden(value) for value in record.args)
        return True


def hidden(value: Any) -> Any:
    """The value, the secret part of every address in it replaced where it is text."""
    return _SECRET.sub(r"\1\2…", value) if isinstance(value, str) else value
