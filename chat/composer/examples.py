"""Sentences to begin with; each is one that the offline composer understands."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence, and the icon beside it."""

    text: str
    icon: str


EXAMPLES = (
    Example("Flag posts shorter than 80 characters and tell the moderators", "flag"),
    Example("Every Monday at 9, mail the ten most active members", "mail"),
    Example("Thank everyone whose post scored 10 or more", "spark"),
    Example("Award 50 XP to new members", "plus"),
    Example("Welcome new members with an email", "mail"),
    Example("Tell the admins when an order is over 200", "bell"),
)
