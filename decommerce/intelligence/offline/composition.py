"""Texts put together from patterns: what the prompt is for picks the pattern, the data fills it.

Nobody pretends here: whoever shows such a text says that no AI model wrote it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any

from decommerce.intelligence.offline.source import Source
from decommerce.intelligence.offline.summary import summary
from decommerce.intelligence.offline.texts import cut, first_line, is_for_machines, plain_text
from decommerce.intelligence.offline.words import words
from decommerce.intelligence.port import ModelRequest

MOST_LINES = 10
_NAMES = ("first_name", "display_name", "member_name", "customer_name", "user_name", "name", "author_name", "username")
_FIGURES = (
    "score",
    "xp",
    "points",
    "count",
    "total",
    "total_price",
    "price",
    "posts",
    "comments",
    "amount",
    "streak",
    "days",
)


@dataclass(frozen=True, slots=True)
class Purpose:
    """One kind of text: the words of a prompt that ask for it, its subject, and its sentences around the data."""

    asked: frozenset[str]
    subject: str
    opening: str
    closing: str


def _purpose(asked: str, subject: str, opening: str, closing: str) -> Purpose:
    return Purpose(frozenset(asked.split()), subject, opening, closing)


PURPOSES: Sequence[Purpose] = (
    _purpose(
        "welcome onboarding onboard greet greeting joined newcomer newcomers",
        "Welcome to the community",
        "Welcome! It is good to have you here.",
        "Have a look around, and introduce yourself when you are ready.",
    ),
    _purpose(
        "thank thanks thanking gratitude purchase bought buyer order ordered",
        "Thank you",
        "Thank you, we appreciate it.",
        "If you have any questions, just answer this message.",
    ),
    _purpose(
        "abandoned cart checkout",
        "You left something behind",
        "Your cart is still waiting for you.",
        "You can go on where you stopped, whenever it suits you.",
    ),
    _purpose(
        "inactive winback win-back win back miss missed lapsed churn re-engage reengage return comeback",
        "We would like to see you again",
        "It has been a while, and we would like to see you again.",
        "Come by when you have a moment: there is something new to read.",
    ),
    _purpose(
        "remind reminder reminders mission missions due upcoming event deadline",
        "A short reminder",
        "This is a short reminder.",
        "There is still time.",
    ),
    _purpose(
        "congratulate congratulations celebrate celebration milestone anniversary birthday achievement streak winner",
        "Congratulations",
        "Congratulations, well done!",
        "Thank you for being part of this.",
    ),
    _purpose(
        "recap digest summary summarise summarize highlights report roundup weekly monthly newsletter",
        "What happened lately",
        "Here is what happened lately.",
        "Thank you to everyone who took part.",
    ),
    _purpose(
        "spotlight contributor contributors leaderboard top ranking",
        "Thank you to our top contributors",
        "These members stood out.",
        "Thank you for everything you share.",
    ),
    _purpose(
        "announce announcement product launch new release",
        "Something new",
        "There is news.",
        "Tell us what you think of it.",
    ),
    _purpose(
        "review feedback rating rate opinion survey",
        "How was it?",
        "We would like to hear what you think.",
        "A few words are enough.",
    ),
    _purpose(
        "reward rewards claim discount coupon vip loyalty",
        "Something for you",
        "There is a reward for you.",
        "Thank you for being with us.",
    ),
    _purpose(
        "challenge campaign discussion conversation question prompt engage",
        "Join in",
        "We would like to hear from you.",
        "Write an answer below.",
    ),
    _purpose(
        "plan draft itinerary schedule outline idea ideas suggest suggestion suggestions",
        "A first draft",
        "Here is what is known so far.",
        "The rest is for you to fill in.",
    ),
    _purpose(
        "reply answer respond response",
        "Your message",
        "Thank you for your message.",
        "Someone of the team will look at it.",
    ),
)
_PLAIN = Purpose(frozenset(), "A note from the team", "A note from the team.", "")
_FORMAL = frozenset(["formal", "professional", "polite", "business", "serious"])


def composed_text(request: ModelRequest, source: Source) -> str:
    """A text for the purpose, with the lines of the data in it."""
    purpose = _purpose_of(request)
    name = _name(source)
    greeting = _greeting(request.tone, name)
    parts = [greeting, purpose.opening, _data_lines(source), purpose.closing]
    text = "\n\n".join(part for part in parts if part)
    return shortened(text, request.max_characters)


def composed_subject(request: ModelRequest, source: Source) -> str:
    """A line that names the purpose."""
    purpose, name = _purpose_of(request), _name(source)
    subject = f"{purpose.subject}, {name}" if name else purpose.subject
    return shortened(first_line(subject, 120), request.max_characters)


def shortened(text: str, most: int | None) -> str:
    """The text in at most so many characters."""
    return text if most is None else cut(text, most)


def line_of(row: Any) -> str:
    """One row as a line: what it is called, and its first figure."""
    if not isinstance(row, Mapping):
        return first_line(plain_text(str(row)), 120)
    source = Source(row)
    figure = next((name for name in _FIGURES if isinstance(row.get(name), int | float | Decimal)), None)
    title = first_line(plain_text(source.title), 100)
    return f"{title} ({figure.replace('_', ' ')}: {row[figure]})" if figure and title else title


def _purpose_of(request: ModelRequest) -> Purpose:
    """The purpose whose words the prompt names most; an earlier one where two are even."""
    asked = words(request.instructions)
    counts = [sum(word in purpose.asked for word in asked) for purpose in PURPOSES]
    best = max(counts)
    return PURPOSES[counts.index(best)] if best else _PLAIN


def _name(source: Source) -> str:
    if not isinstance(source.value, Mapping | list) or source.rows:
        return ""
    named = (source.keyed.get(name) for name in _NAMES)
    return next((first_line(plain_text(name), 60) for name in named if isinstance(name, str) and name.strip()), "")


def _greeting(tone: str, name: str) -> str:
    formal = bool(_FORMAL.intersection(words(tone)))
    if not name:
        return "Hello," if formal else "Hi everyone,"
    return f"Dear {name}," if formal else f"Hi {name},"


def _data_lines(source: Source) -> str:
    if source.rows:
        lines = [line for row in source.rows[:MOST_LINES] if (line := line_of(row))]
        more = len(source.rows) - MOST_LINES
        return "\n".join([*(f"- {line}" for line in lines), *([f"- and {more} more"] if more > 0 else [])])
    if isinstance(source.value, Mapping):
        return _named_thing(source.value) or _facts(source.value)
    return summary(source.text) if isinstance(source.value, str) else ""


def _named_thing(value: Mapping[str, Any]) -> str:
    """The title of what the data is about, such as a post or a product."""
    for part in (value, *(held for held in value.values() if isinstance(held, Mapping))):
        title = part.get("title") or part.get("subject")
        if isinstance(title, str) and title.strip():
            return f"It is about: {first_line(plain_text(title), 200)}"
    return ""


def _facts(value: Mapping[str, Any]) -> str:
    """The plain members of the data, one a line, without names and what only machines read."""
    told = [
        f"- {name.replace('_', ' ').capitalize()}: {first_line(plain_text(str(part)), 100)}"
        for name, part in islice(value.items(), MOST_LINES * 10)
        if isinstance(part, str | int | float | Decimal) and not isinstance(part, bool)
        if name not in _NAMES and not is_for_machines(name, part)
    ]
    return "\n".join(told[:MOST_LINES])
