"""What should happen, and to whom."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chat.composer.draft import AUTHOR, Effect

_ARTICLE = r"(?:a|an|the|each|every|all|our|their|these|those|any)\s+"
_PEOPLE = (
    r"authors?|writers?|posters?|them|him|her|the (?:new )?members?|the customers?|the buyers?|new (?:members?|users?)|"
    r"newcomers?|who(?:ever)?|members|users|customers|people|everyone|contributors?"
)
_ALL = r"everyone in the community|everybody|all (?:the )?members|the (?:whole |entire )?community|all users"
AUDIENCES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(rf"\b(?:{words})\b", re.IGNORECASE), name)
    for words, name in (
        (r"moderators?|mods", "moderators"),
        (r"admins?|administrators?", "admins"),
        (r"owners?", "owners"),
        (r"team|staff", "team"),
        (_ALL, "everyone"),
        (_PEOPLE, AUTHOR),
    )
)
SEVERITIES: Mapping[str, re.Pattern[str]] = {
    "low": re.compile(r"\b(?:low|minor|not urgent)\b(?!\s*(?:quality|-quality))", re.IGNORECASE),
    "medium": re.compile(r"\b(?:medium|normal|moderate)\b", re.IGNORECASE),
    "high": re.compile(r"\b(?:high|urgent|severe|serious)\b", re.IGNORECASE),
}
HIDING = re.compile(r"\b(?:hide|hidden|take (?:it|them) down|unpublish)\b", re.IGNORECASE)
BY_EMAIL = re.compile(r"\b(?:by|with|via|per|through|in|send(?:s|ing)?)\s+(?:an?\s+)?e-?mails?\b", re.IGNORECASE)
URL = re.compile(r"https://[^\s\"'<>]{3,500}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Verb:
    """How an effect is asked for. The words up to the next verb are its own."""

    pattern: re.Pattern[str]
    read: Callable[[re.Match[str], str, str], Effect]


def effects_in(sentence: str) -> tuple[Effect, ...]:
    """Every effect of a sentence, in its order."""
    matches = sorted(
        ((match, verb) for verb in VERBS for match in verb.pattern.finditer(sentence)), key=lambda pair: pair[0].start()
    )
    effects: list[Effect] = []
    for index, (match, verb) in enumerate(matches):
        end = matches[index + 1][0].start() if index + 1 < len(matches) else len(sentence)
        effect = verb.read(match, sentence[match.start() : end], sentence)
        if not any(_same(effect, other) for other in effects):
            effects.append(effect)
    return tuple(effects)


def audience_in(text: str) -> str:
    """The first audience that a text names, or ''."""
    found = [(match.start(), name) for pattern, name in AUDIENCES if (match := pattern.search(text))]
    return min(found)[1] if found else ""


def severity_in(text: str) -> str:
    """The severity that a text names, or ''."""
    return next((name for name, pattern in SEVERITIES.items() if pattern.search(text)), "")


def _same(effect: Effect, other: Effect) -> bool:
    return effect.kind == other.kind and (effect.to == other.to or not effect.to or not other.to)


def _flag(match: re.Match[str], own: str, sentence: str) -> Effect:
    return Effect(kind="flag", severity=severity_in(sentence), hide=bool(HIDING.search(sentence)))


def _notify(match: re.Match[str], own: str, sentence: str) -> Effect:
    return Effect(kind="email" if BY_EMAIL.search(own) else "notify", to=audience_in(own))


def _email(match: re.Match[str], own: str, sentence: str) -> Effect:
    return Effect(
        kind="email", to=audience_in(own) or AUTHOR, tone="remind" if "inactive" in sentence.lower() else "tell"
    )


def _award(match: re.Match[str], own: str, sentence: str) -> Effect:
    amount = re.search(r"(-?\d{1,6})\s*(?:xp|points|experience)", own, re.IGNORECASE)
    return Effect(kind="award", to=AUTHOR, amount=int(amount[1]) if amount else None)


def _thank(match: re.Match[str], own: str, sentence: str) -> Effect:
    return Effect(kind="email" if BY_EMAIL.search(own) else "notify", to=AUTHOR, tone="thank")


def _welcome(match: re.Match[str], own: str, sentence: str) -> Effect:
    if re.search(r"\b(?:with|in|by)\s+(?:a|an)\s+(?:\w+\s+)?post\b", own, re.IGNORECASE):
        return Effect(kind="post", tone="welcome")
    return Effect(kind="email" if BY_EMAIL.search(own) else "notify", to=AUTHOR, tone="welcome")


def _remind(match: re.Match[str], own: str, sentence: str) -> Effect:
    return Effect(kind="email" if BY_EMAIL.search(own) else "notify", to=audience_in(own) or AUTHOR, tone="remind")


def _post(match: re.Match[str], own: str, sentence: str) -> Effect:
    return Effect(kind="post", tone="welcome" if "welcome" in own.lower() else "tell")


def _webhook(match: re.Match[str], own: str, sentence: str) -> Effect:
    url = URL.search(sentence)
    return Effect(kind="webhook", url=url[0].rstrip(".,;)") if url else "")


def _verb(text: str, read: Callable[[re.Match[str], str, str], Effect]) -> Verb:
    return Verb(re.compile(text, re.IGNORECASE), read)


# "with an email" says how, not what.
_NOT_A_NOUN = r"(?<!\ban )(?<!\bby )(?<!\bwith )(?<!\bvia )(?<!\ba )(?<!\bin )"
_BEGINNING = r"(?:(?<=^)|(?<=[,;:] )|(?<=\band )|(?<=\bthen )|(?<=\bautomatically ))"

VERBS = (
    _verb(r"(?<!someone )\bflag\b(?! is\b)", _flag),
    _verb(r"\bmark\b(?= .{0,40}\bfor review\b)", _flag),
    _verb(r"\breport\b(?= .{0,40}\bto the mod)", _flag),
    _verb(r"\bhide\b(?= (?:posts?|them|it|every|any))", _flag),
    _verb(rf"\b(?:tell|notify|alert|inform|ping|warn)\b(?=\s+(?:{_ARTICLE})?\w)", _notify),
    _verb(r"\blet\b(?=[\w\s]{2,30}\bknow\b)", _notify),
    _verb(r"\bsend (?:a |an )?(?:notification|message|alert)\b", _notify),
    _verb(rf"{_NOT_A_NOUN}\b(?:e-?mail|mail)\b(?!s)(?=\s+(?!addr)\w)", _email),
    _verb(r"\bsend\b(?=[\w\s]{0,40}?\b(?:an )?e-?mails?\b)", _email),
    _verb(r"\bwrite to\b", _email),
    _verb(r"\b(?:award|give|grant)s?\b(?=.{0,60}\b(?:xp|points|experience)\b)", _award),
    _verb(r"\badd\b(?= \d+ (?:xp|points))", _award),
    _verb(r"\brewards?\b", _award),
    _verb(r"\b(?:thank|congratulate)\b", _thank),
    _verb(r"\b(?:welcome|greet)\b(?!\s+(?:message|post|note|e-?mail|mail|letter))", _welcome),
    _verb(r"\b(?:remind|nudge|win back)\b", _remind),
    _verb(
        rf"{_BEGINNING}(?:post|publish|announce|write)\b(?=\s+(?:an?|the|in|something|about|our|who|that|it)\b)", _post
    ),
    _verb(rf"{_BEGINNING}(?:post|publish|announce|write)\b(?=\s+\")", _post),
    _verb(r"\bwebhook\b", _webhook),
    _verb(r"\bcall\b(?=.{0,40}https://)", _webhook),
    _verb(r"\bsend\b(?=.{0,60}\bto https://)", _webhook),
)
