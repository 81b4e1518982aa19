"""The header Retry-After: a number of seconds or a date (RFC 9110, section 10.2.3)."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

from django.utils import timezone

# Whoever asks for more is asked again after a day.
MOST_SECONDS = 86_400


def retry_after_of(header: str | None) -> int | None:
    """Seconds from now, 0 to a day; None for a header that is missing or says neither."""
    text = (header or "").strip()
    if text.isascii() and text.isdecimal():
        return min(int(text[:9]), MOST_SECONDS)
    try:
        seconds = (parsedate_to_datetime(text) - timezone.now()).total_seconds()
    except (TypeError, ValueError):
        return None
    return min(max(round(seconds), 0), MOST_SECONDS)
