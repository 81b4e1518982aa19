"""What must hold: lengths, words, scores, amounts, activity."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from chat.composer.draft import Condition

_LESS = r"(?:shorter than|fewer than|less than|under|below|smaller than|lower than|beneath)"
_MORE = r"(?:longer than|more than|over|above|greater than|bigger than|larger than|higher than|exceeds?|exceeding)"
_LEAST = r"(?:at least|a minimum of|no less than)"
_MOST = r"(?:at most|up to|no more than|a maximum of)"
_COMPARISON = rf"(?:(?P<less>{_LESS})|(?P<more>{_MORE})|(?P<least>{_LEAST})|(?P<most>{_MOST}))"
_NUMBER = r"(?P<number>-?\d{1,9})"
_CURRENCY = r"(?:[€$£]|(?:eur|euros?|usd|dollars?|chf|francs?|gbp|pounds?)\b)"
_QUOTED = re.compile(r"\"([^\"]{1,80})\"|(?<!\w)'([^']{1,80})'(?!\w)")
_BARE = re.compile(r"[\w#@&+.-]{2,40}")
_LIST_END = re.compile(
    r"\s+(?:and|then|,)\s*(?:tell|notify|flag|alert|inform|mail|e-?mail|award|give|thank|send|hide)\b", re.I
)

Reader = Callable[[re.Match[str]], Condition | None]


def conditions_in(sentence: str) -> tuple[Condition, ...]:
    """Every condition of a sentence, at most one about each thing, in the order of the table."""
    found: dict[str, Condition] = {}
    for condition in _read(sentence):
        found.setdefault(condition.about, condition)
    return tuple(found.values())


def _read(sentence: str) -> Iterator[Condition]:
    for pattern, read in PATTERNS:
        for match in pattern.finditer(sentence):
            condition = read(match)
            if condition is not None:
                yield condition


def _compared(about: str) -> Reader:
    def read(match: re.Match[str]) -> Condition:
        return Condition(about=about, operator=_operator(match), value=int(match["number"]))

    return read


def _length(match: re.Match[str]) -> Condition:
    return Condition(about="length", operator="gt" if match["longer"] else "lt", value=int(match["number"]))


def _or_more(about: str) -> Reader:
    def read(match: re.Match[str]) -> Condition:
        operator = "lte" if match["down"] else "gte"
        return Condition(about=about, operator=operator, value=int(match["number"]))

    return read


def _operator(match: re.Match[str]) -> str:
    named = {"less": "lt", "more": "gt", "least": "gte", "most": "lte"}
    return next(operator for group, operator in named.items() if match[group])


def _words(match: re.Match[str]) -> Condition | None:
    rest = _LIST_END.split(match["rest"])[0]
    quoted = [first or second for first, second in _QUOTED.findall(rest)]
    words = quoted or [word for word in _BARE.findall(rest.split(",")[0]) if word.lower() not in {"or", "the", "word"}]
    listed = tuple(words[:10] if quoted else words[:1] if " or " not in rest else words[:10])
    return Condition(about="words", operator="contains", value=listed) if listed else None


def _inactive(match: re.Match[str]) -> Condition:
    return Condition(about="inactive", operator="older_than", value=f"{match['number']}{match['unit'][0].lower()}")


def _active(match: re.Match[str]) -> Condition:
    return Condition(about="active", operator="within_last", value=_span(match))


def _recent(match: re.Match[str]) -> Condition:
    return Condition(about="recent", operator="within_last", value=_span(match))


def _span(match: re.Match[str]) -> str:
    unit = match["unit"].lower()
    count = int(match["number"] or 1)
    return f"{count * 30}d" if unit.startswith("month") else f"{count}{unit[0]}"


def _first(match: re.Match[str]) -> Condition:
    return Condition(about="first", operator="eq", value=True)


def _country(match: re.Match[str]) -> Condition:
    return Condition(about="country", operator="eq", value=match["code"])


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


_UNITS = r"(?P<unit>days?|weeks?|hours?|months?)"
_LAST = rf"(?:(?:of|from|in|within|during|over)\s+the\s+)(?:last|past)\s+(?:(?P<number>\d{{1,3}})\s+)?{_UNITS}"

_SCORE = r"\bscor(?:e|es|ed|ing)\s+(?:of\s+|is\s+|was\s+)?"
_OR_MORE = r"(?:or\s+(?:more|higher|above)|(?P<down>or\s+(?:less|fewer|lower)))"
_VOTES = r"(?:votes?|upvotes?|likes?)\b"
_SOLD = r"\b(?:orders?|purchases?|total|amount|worth|buys?)\b[^.]{0,40}?\b"
_NOT_MONEY = r"(?!\s*(?:xp|points|days|characters|pieces|items))"
_SAYING = r"\b(?:contain(?:s|ing)?|mention(?:s|ing)?|include(?:s|ing)?|with the words?|that says?|using the words?)\s+"
_GONE = r"\b(?:inactive|not been active|not active|absent|silent|gone|away)\s+(?:for|since)\s+"

PATTERNS: tuple[tuple[re.Pattern[str], Reader], ...] = (
    (_pattern(rf"\b{_COMPARISON}\s+{_NUMBER}\s+(?:characters?|chars?|letters?|signs)\b"), _compared("length")),
    (_pattern(rf"\b(?:shorter|(?P<longer>longer)) than {_NUMBER}\b(?!\s+(?:xp|points|days|words))"), _length),
    (_pattern(rf"{_SCORE}{_COMPARISON}\s+{_NUMBER}\b"), _compared("score")),
    (_pattern(rf"\b{_COMPARISON}\s+{_NUMBER}\s+{_VOTES}"), _compared("score")),
    (_pattern(rf"{_SCORE}{_NUMBER}\s+{_OR_MORE}"), _or_more("score")),
    (_pattern(rf"\b{_NUMBER}\s+{_OR_MORE}\s+{_VOTES}"), _or_more("score")),
    (_pattern(rf"\b{_COMPARISON}\s+{_NUMBER}\s+(?:comments|replies)\b"), _compared("comments")),
    (_pattern(rf"\b{_COMPARISON}\s+{_NUMBER}\s+(?:xp|points)\b"), _compared("xp")),
    (_pattern(rf"{_SOLD}{_COMPARISON}\s+{_CURRENCY}?\s?{_NUMBER}{_NOT_MONEY}"), _compared("amount")),
    (_pattern(rf"{_SAYING}(?:the\s+words?\s+)?(?P<rest>(?:\"[^\"]{{1,80}}\"|[^.!?]){{1,300}})"), _words),
    (_pattern(rf"{_GONE}(?:more than\s+|over\s+)?(?P<number>\d{{1,3}})\s+(?P<unit>days?|weeks?)"), _inactive),
    (_pattern(rf"\bactive\s+{_LAST}"), _active),
    (_pattern(_LAST), _recent),
    (_pattern(r"\bfirst[- ](?:order|purchase|time (?:buyer|customer))s?\b"), _first),
    (_pattern(r"\bfrom country (?P<code>[A-Z]{2})\b"), _country),
)
