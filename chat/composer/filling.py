"""The parameters of a ready-made app as a sentence gives them: numbers, times, rooms, texts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps_engine.starters import EMPTY, Parameter, Starter, stem, words_of
from chat.composer.ground import Ground
from chat.composer.schedule import WEEKDAYS, schedule_in, time_in

# So many words before and after a number, or a quotation, say what it is about.
BEFORE, AFTER = 4, 4
UNITS: Mapping[str, tuple[str, int]] = {"week": ("day", 7), "weeks": ("day", 7), "fortnight": ("day", 14)}
_NUMBER = re.compile(
    r"(?<![\w.:/-])[€$£]?(?P<number>\d{1,7}(?:\.\d{1,2})?)(?:st|nd|rd|th)?(?!\w|:\d|\.\d)"
    r"|(?P<glued>\d{1,6})(?=(?:xp|pts?|d|h)\b)",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"\"([^\"]{1,500})\"")
_URL = re.compile(r"https://[^\s\"'<>]{3,280}", re.IGNORECASE)
_NOT = re.compile(r"\b(?:without|no|not|don'?t|never)\b", re.IGNORECASE)
# What a parameter is called beside its name and its title: the words that people use for it.
ALSO: Mapping[str, str] = {
    "away": "days",
    "bonus": "xp extra bonus",
    "bought_days": "days bought",
    "budget": "of budget spend",
    "days": "days day",
    "every": "every each th days friends post",
    "first": "first place xp winner",
    "first_after": "days after",
    "gift": "xp gift",
    "hours": "hours hour",
    "invite_after": "invitation days",
    "long": "days after long",
    "long_bonus": "xp extra",
    "members": "members contributors top",
    "minimum": "over at least from more amount posts",
    "offer": "with says",
    "posts": "posts best top",
    "shortest": "shorter under characters than less",
    "silent": "days",
    "suspend": "days inactive away",
    "threshold": "spent over amount",
    "tip_percent": "tip percent",
    "warn_percent": "percent warn",
    "xp": "xp points",
}


@dataclass(frozen=True, slots=True)
class Said:
    """A value of the sentence with the stems of the words around it, nearest first."""

    value: Any
    around: tuple[str, ...]


def parameters_in(starter: Starter, sentence: str, ground: Ground) -> dict[str, Any]:
    """Every parameter that the sentence gives a value for."""
    parameters = starter.parameters.properties
    given: dict[str, Any] = {}
    given.update(_times(parameters, sentence))
    given.update(_rooms(parameters, sentence, ground))
    given.update(_choices(parameters, sentence))
    given.update(_texts(parameters, sentence))
    given.update(_numbers(parameters, sentence))
    return given


def _times(parameters: Mapping[str, Parameter], sentence: str) -> Iterator[tuple[str, Any]]:
    schedule = schedule_in(sentence)
    clock = time_in(sentence)
    cron = schedule.cron.split() if schedule else None
    if "hour" in parameters and (clock or (cron and cron[1].isdigit())):
        yield "hour", clock[0] if clock else int(cron[1]) if cron else None
    if cron and "weekday" in parameters and cron[4][:1].isdigit():
        yield "weekday", WEEKDAYS[int(cron[4][0])]


def _rooms(parameters: Mapping[str, Parameter], sentence: str, ground: Ground) -> Iterator[tuple[str, Any]]:
    named = next((room for room in ground.rooms if re.search(rf"\b{re.escape(room.name)}\b", sentence, re.I)), None)
    if named is not None:
        yield from ((name, named.id) for name, parameter in parameters.items() if parameter.format == "room")


def _choices(parameters: Mapping[str, Parameter], sentence: str) -> Iterator[tuple[str, Any]]:
    words = {stem(word) for word in words_of(sentence)}
    for name, parameter in parameters.items():
        if parameter.kind == "boolean" and stem(name.removeprefix("use_")) in words:
            yield name, not _NOT.search(sentence)
        elif parameter.enum is not None and name != "weekday":
            labels = parameter.labels or tuple(map(str, parameter.enum))
            yield from (
                (name, value)
                for value, label in zip(parameter.enum, labels, strict=True)
                if {stem(word) for word in words_of(label)} <= words
            )


def _texts(parameters: Mapping[str, Parameter], sentence: str) -> Iterator[tuple[str, Any]]:
    free = {name: parameter for name, parameter in parameters.items() if parameter.free_text}
    urls = [Said(found[0].rstrip(".,;)"), ("link",)) for found in _URL.finditer(sentence)]
    quoted = [Said(found[1], _around(sentence, found.start(), found.end())) for found in _QUOTED.finditer(sentence)]
    yield from _assigned({name: free[name] for name in free if "link" in name}, urls)
    texts = {name: free[name] for name in free if "link" not in name and name != "sign_off"}
    yield from _assigned(texts, quoted, least=0)


def _numbers(parameters: Mapping[str, Parameter], sentence: str) -> Iterator[tuple[str, Any]]:
    schedule = schedule_in(sentence)
    plain = _QUOTED.sub(lambda found: " " * len(found[0]), sentence)
    if schedule:
        plain = plain[: schedule.start] + " " * (schedule.end - schedule.start) + plain[schedule.end :]
    counted = {name: parameter for name, parameter in parameters.items() if _is_counted(name, parameter)}
    yield from _assigned(counted, list(_numbers_said(plain)), least=0)


def _is_counted(name: str, parameter: Parameter) -> bool:
    a_number = parameter.kind in {"integer", "number"} and parameter.enum is None
    return a_number and not parameter.format and name != "hour"


def _numbers_said(sentence: str) -> Iterator[Said]:
    for found in _NUMBER.finditer(sentence):
        text = found["number"] or found["glued"]
        value = float(text) if "." in text else int(text)
        unit, times = UNITS.get(next(iter(words_of(sentence[found.end() :])), ""), ("", 1))
        around = _around(sentence, found.start(), found.end())
        yield Said(value * times, (unit, *around) if unit else around)


def _around(sentence: str, start: int, end: int) -> tuple[str, ...]:
    """The stems next to a place, the nearest first, those behind it before those in front."""
    behind = [word for word in words_of(sentence[end : end + 60]) if not word.isdigit()][:AFTER]
    front = [word for word in reversed(words_of(sentence[max(0, start - 60) : start])) if not word.isdigit()][:BEFORE]
    merged = [word for pair in zip([*behind, *[""] * AFTER], [*front, *[""] * BEFORE], strict=False) for word in pair]
    return tuple(stem(word) for word in merged if word)


def _assigned(
    parameters: Mapping[str, Parameter], said: Sequence[Said], least: float = -1
) -> Iterator[tuple[str, Any]]:
    """Each value to the parameter that it fits best; a value that fits none is left, and so is a parameter.

    Among equals the order decides: "100, 50 and 25" are the first, the second and the third place.
    """
    fits = [
        (_fit(name, parameter, one), -place, -rank, name, one)
        for place, one in enumerate(said)
        for rank, (name, parameter) in enumerate(parameters.items())
        if _allows(parameter, one.value)
    ]
    names: set[str] = set()
    values: set[int] = set()
    for fit, place, _, name, one in sorted(fits, key=lambda entry: entry[:3], reverse=True):
        if fit > least and name not in names and place not in values:
            names.add(name)
            values.add(place)
            yield name, one.value


def _fit(name: str, parameter: Parameter, said: Said) -> float:
    """How much the words around speak of the parameter: the nearer, the more."""
    close = {stem(word) for word in words_of(f"{name.replace('_', ' ')} {ALSO.get(name, '')} {parameter.title}")}
    wide = {stem(word) for word in words_of(parameter.description) if word not in EMPTY}
    return sum(
        (2.0 if word in close else 1.0 if word in wide else 0.0) / (2 + place) for place, word in enumerate(said.around)
    )


def _allows(parameter: Parameter, value: Any) -> bool:
    if isinstance(value, str):
        return parameter.max_length is None or len(value) <= parameter.max_length
    if isinstance(value, float) and parameter.kind == "integer":
        return False
    return bool(parameter.minimum <= value <= parameter.maximum)
