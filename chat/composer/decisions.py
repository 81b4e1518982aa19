"""A typed yes or no to what was proposed. Only the button confirms, since it carries what the person saw (CHT-03)."""

from __future__ import annotations

import re

_YES = re.compile(
    r"(?:yes|yep|yeah|ok|okay|sure|confirm|confirmed|agreed|go ahead|do it|create it|(?:yes,? )?please(?: do)?)"
    r"(?: it| the app)?[.! ]*",
    re.IGNORECASE,
)
_NO = re.compile(r"(?:no|nope|no,? thanks?(?: you)?|reject(?: it)?)[.! ]*", re.IGNORECASE)
_END = re.compile(r"(?:cancel|abort|never ?mind|forget (?:it|that)|drop (?:it|that))[.! ]*", re.IGNORECASE)


def is_yes(text: str) -> bool:
    """Whether somebody only agrees."""
    return bool(_YES.fullmatch(text.strip()))


def is_no(text: str) -> bool:
    """Whether somebody only declines; it may well answer a question too."""
    return bool(_NO.fullmatch(text.strip()))


def is_end(text: str) -> bool:
    """Whether somebody wants nothing of it any more; it answers no question."""
    return bool(_END.fullmatch(text.strip()))
