"""What a sentence asks for: an app of the composer's own blocks, or one from the shelf, whichever does more of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from apps_engine.starters import Found, content_stems, nearest, vocabulary
from chat.composer.called import without_call
from chat.composer.definition import define
from chat.composer.demands import shortfall
from chat.composer.draft import Draft
from chat.composer.filling import parameters_in
from chat.composer.ground import Ground
from chat.composer.questions import open_question
from chat.composer.reading import is_request, read
from chat.composer.spelling import corrected
from chat.composer.spoken import READ, SPOKEN, without_names
from chat.composer.words import even

# The definition that a ready-made app becomes with parameters; None where they do not fit.
Fill = Callable[[str, Mapping[str, Any]], dict[str, Any] | None]

# Below this the words have little to do with an app of the shelf.
NEAR = 6.5
CANDIDATES = 3
# A sentence of which so much is left undone is not understood.
TOO_FAR = 4.0
# How many points of nearness stand for one thing undone.
PER_THING = 10.0
LONGEST_TRIAL = 8
# What is held against a sentence read by the grammar: a text that the person would have to write, a word passed over.
BLANK, NOT_READ = 1.0, 0.4


@dataclass(frozen=True, slots=True)
class _Candidate:
    draft: Draft
    short_of: float
    near: float = 0.0

    @property
    def worth(self) -> float:
        return min(self.near, PER_THING) / PER_THING - self.short_of


def choose(text: str, ground: Ground, fill: Fill) -> Draft | None:
    """The draft that does most of what the text says, or None where nothing comes near."""
    meant = corrected(even(text), vocabulary() | SPOKEN)
    readings = [text] if meant == even(text) else [text, meant]
    found = [candidate for reading in readings if (candidate := _best(text, reading, ground, fill))]
    # Of two that are worth the same, the one of the corrected text.
    return max(reversed(found), key=lambda candidate: candidate.worth).draft if found else None


def _best(said: str, text: str, ground: Ground, fill: Fill) -> _Candidate | None:
    sentence = even(text)
    own = list(_composed(text, sentence, ground))
    if own and own[0].short_of == 0:
        return own[0]
    candidates = [*own, *_from_shelf(said, sentence, ground, fill)]
    near = [candidate for candidate in candidates if candidate.short_of <= TOO_FAR or candidate in own]
    return max(near, key=lambda candidate: candidate.worth, default=None)


def _composed(text: str, sentence: str, ground: Ground) -> Iterator[_Candidate]:
    draft = read(text, ground.rooms)
    if not is_request(draft):
        return
    answered, blanks = _answered(draft, ground)
    said = without_call(sentence) if draft.start == "webhook" else sentence
    left = sum(stem not in READ for stem in set(content_stems(without_names(said, ground))))
    short_of = shortfall(said, define(answered, ground.timezone), ground)
    yield _Candidate(draft, short_of + BLANK * blanks + NOT_READ * left)


def _from_shelf(said: str, sentence: str, ground: Ground, fill: Fill) -> Iterator[_Candidate]:
    for found in nearest(sentence)[:CANDIDATES]:
        draft = _taken(found, said, sentence, ground, fill) if found.score >= NEAR else None
        if draft is not None:
            definition = fill(draft.starter, draft.parameters) or {}
            yield _Candidate(draft, shortfall(sentence, definition, ground, draft.starter), found.score)


def _taken(found: Found, said: str, sentence: str, ground: Ground, fill: Fill) -> Draft | None:
    """The ready-made app with what the sentence says; without any of it where that does not fit together."""
    given = parameters_in(found.starter, sentence, ground)
    chosen = next((values for values in (given, {}) if fill(found.starter.slug, values) is not None), None)
    if chosen is None:
        return None
    return Draft(sentence=said[:300], starter=found.starter.slug, parameters=chosen)


def _answered(draft: Draft, ground: Ground) -> tuple[Draft, int]:
    """The draft as it would be if each question were answered with the first reply, and how many have none.

    It is to be judged, not to be shown.
    """
    blanks = 0
    for _ in range(LONGEST_TRIAL):
        question = open_question(draft)
        if question is None:
            break
        reply = next(iter(question.replies(draft, ground)), "")
        blanks += not reply
        settled = question.answer(draft, reply or "https://example.com/", ground) or draft
        draft = settled.changed(asked=(*draft.asked, question.key))
    return draft, blanks
