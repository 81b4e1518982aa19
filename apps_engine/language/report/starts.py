"""What starts an app, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from apps_engine.language.catalogue import Catalogue
from apps_engine.language.durations import duration_words
from apps_engine.language.predicates import parse_predicate
from apps_engine.language.report.clauses import predicate_words
from apps_engine.language.report.conditions import condition_words
from apps_engine.language.report.schedules import joined, schedule_words
from apps_engine.language.report.words import field_words, path_words

Trigger = Mapping[str, Any]


def start_sentence(trigger: Trigger, catalogue: Catalogue) -> str:
    """One sentence about a trigger: "Runs each time someone writes a post, when its score is at least 10."."""
    return f"{_SENTENCES[trigger['type']](trigger, catalogue)}."


def _scheduled(trigger: Trigger, catalogue: Catalogue) -> str:
    words = schedule_words(trigger["cron"], trigger.get("timezone", "UTC"))
    return f"Runs {words[:1].lower()}{words[1:]}"


def _event(trigger: Trigger, catalogue: Catalogue) -> str:
    return f"Runs each time {_happening(trigger, catalogue)}"


def _delayed(trigger: Trigger, catalogue: Catalogue) -> str:
    flows = {entry.get("flow", trigger["flow"]) for entry in trigger["sequence"]}
    delays = [_delay_words(entry, trigger["flow"] if len(flows) > 1 else None) for entry in trigger["sequence"]]
    words = f"Runs {joined(delays)} after {_happening(trigger, catalogue)}"
    left = trigger.get("exit_when")
    return words if left is None else f"{words}, unless by then {condition_words(left)}"


def _delay_words(entry: Mapping[str, Any], flow: str | None) -> str:
    """When one start is made, and under which condition; which flow, where `flow` is that of those that name none."""
    words = duration_words(str(entry["delay"]))
    words = "at once" if words.startswith("0 ") else words
    if flow is not None:
        words = f"`{entry.get('flow', flow)}` {words}"
    return f"{words} (if by then {condition_words(entry['when'])})" if entry.get("when") is not None else words


def _happening(trigger: Trigger, catalogue: Catalogue) -> str:
    name = trigger["event"]
    event = catalogue.events.get(name)
    happening = event.summary if event is not None else f"another app sends `{name}`"
    if not trigger.get("filter"):
        return happening
    return f"{happening}, when {predicate_words(parse_predicate(trigger['filter']), _subject_of(name))}"


def _subject_of(event: str) -> Callable[[Sequence[str]], str]:
    """Fields of what the event is about are "its" fields."""
    noun = event.partition(".")[0]

    def subject(path: Sequence[str]) -> str:
        if len(path) > 1 and path[0] == noun:
            return f"its {' '.join(field_words(name) for name in path[1:])}"
        return path_words(path)

    return subject


def _manual(trigger: Trigger, catalogue: Catalogue) -> str:
    return "Runs when an admin starts it"


def _chat(trigger: Trigger, catalogue: Catalogue) -> str:
    phrases = ", ".join(f"“{phrase}”" for phrase in trigger["phrases"][:10])
    return f"Runs when a member says {phrases}"


def _webhook(trigger: Trigger, catalogue: Catalogue) -> str:
    return f"Runs when another system calls the endpoint `{trigger['endpoint']}`"


_SENTENCES: Mapping[str, Callable[[Trigger, Catalogue], str]] = {
    "scheduled": _scheduled,
    "event": _event,
    "delayed": _delayed,
    "manual": _manual,
    "keyword": _chat,
    "phrase": _chat,
    "intent": _chat,
    "webhook": _webhook,
}
