"""Reading mail through the Gmail API, version 1 (https://developers.google.com/workspace/gmail/api/reference/rest)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from html import unescape
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings

from decommerce.accounts.google.api import GoogleApi
from decommerce.accounts.google.mime import MailText, header_of, texts_of
from decommerce.outgoing.errors import OutgoingTooLarge
from decommerce.outgoing.json_api import Answer, ServiceFailed

# A read costs 5 units and a person has 250 a second; more at once is answered with 429 for some of the parts.
BATCH = 20
MAX_PAGES = 5
MAX_BATCH_BYTES = 8_000_000
_MESSAGES = "/gmail/v1/users/me/messages"
_HEADERS = ("From", "To", "Subject")


@dataclass(frozen=True, slots=True)
class Mail:
    """One message. `texts` is None where only its envelope was asked for, or its text is too large to read."""

    id: str
    thread_id: str
    sender: str
    to: str
    subject: str
    at: datetime
    snippet: str
    labels: tuple[str, ...]
    texts: tuple[MailText, ...] | None


def search_mail(google: GoogleApi, query: str, limit: int, *, with_text: bool) -> tuple[list[Mail], bool]:
    """The newest messages that match, and whether there are more. One request finds them, one reads each twenty."""
    found, more = _matching(google, query, limit)
    mails: list[Mail] = []
    for start in range(0, len(found), BATCH):
        mails += _read(google, found[start : start + BATCH], full=with_text)
    return mails, more


def _matching(google: GoogleApi, query: str, limit: int) -> tuple[list[str], bool]:
    found: list[str] = []
    page = ""
    for _ in range(MAX_PAGES):
        asked: dict[str, str | int] = {"q": query, "maxResults": limit - len(found)}
        answer = google.get(f"{settings.GMAIL_URL}{_MESSAGES}", {**asked, "pageToken": page} if page else asked)
        # Where nothing matches there is no list at all, but an estimate.
        if "messages" not in answer and "resultSizeEstimate" not in answer:
            raise ServiceFailed("Gmail answered with no list of messages.", hint="Try again later.")
        found += [str(row["id"]) for row in answer.get("messages", ())]
        page = str(answer.get("nextPageToken") or "")
        if not page or len(found) >= limit:
            break
    return found[:limit], bool(page) or len(found) > limit


def _read(google: GoogleApi, ids: Sequence[str], *, full: bool) -> list[Mail]:
    """The messages of these ids that are still there.

    One that is too large to be read comes without its text: nobody can hide a mailbox by sending a huge mail.
    """
    targets = [_target(message, full) for message in ids]
    try:
        answers = google.batch(f"{settings.GMAIL_URL}/batch/gmail/v1", targets, MAX_BATCH_BYTES)
    except OutgoingTooLarge:
        if len(ids) == 1 and full:
            return _read(google, ids, full=False)
        if len(ids) == 1:
            raise
        half = len(ids) // 2
        return _read(google, ids[:half], full=full) + _read(google, ids[half:], full=full)
    parts = [_checked(google, part) for part in answers]
    return [_mail(part.json, full) for part in parts if part is not None]


def _target(message: str, full: bool) -> str:
    asked: dict[str, str | Sequence[str]] = {"format": "full" if full else "metadata"}
    if not full:
        asked["metadataHeaders"] = _HEADERS
    return f"{_MESSAGES}/{quote(message, safe='')}?{urlencode(asked, doseq=True)}"


def _checked(google: GoogleApi, part: Answer | None) -> Answer | None:
    """The part where it is a message; None for one that was deleted since it was found."""
    if part is None:
        raise ServiceFailed("Gmail left a message out of its answer.", hint="Try again later.", retryable=True)
    if part.status not in {200, 404}:
        raise google.failure(part)
    return part if part.status == 200 else None


def _mail(message: Mapping[str, Any], full: bool) -> Mail:
    payload = message.get("payload")
    part = payload if isinstance(payload, dict) else {}
    sender, to, subject = (_decoded(header_of(part, name.lower())) for name in _HEADERS)
    return Mail(
        id=str(message.get("id", "")),
        thread_id=str(message.get("threadId", "")),
        sender=sender,
        to=to,
        subject=subject,
        at=datetime.fromtimestamp(int(message.get("internalDate") or 0) / 1000, UTC),
        snippet=unescape(str(message.get("snippet") or "")),
        labels=tuple(str(label) for label in message.get("labelIds") or ()),
        texts=tuple(texts_of(part)) if full else None,
    )


def _decoded(value: str) -> str:
    """A header with its encoded words as text (RFC 2047); one that is broken stays as it is."""
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, ValueError):
        return value
