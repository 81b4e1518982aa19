"""A definition's report as the facts that a person weighs before they confirm: when, what, from where, to whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chat.placeholders import readable

Report = Mapping[str, Any]
Fact = dict[str, Any]

LONGEST_SAYING = 600
SENDINGS: Mapping[str, str] = {"email": "e-mails", "notification": "notifications"}
# Told of as a call to the outside, not as a message to somebody.
CALLS = frozenset({"webhook"})
# What a run spends, in words; zero is not worth a line.
SPENDINGS: Mapping[str, tuple[str, str]] = {
    "emails": ("e-mail", "e-mails"),
    "ai_calls": ("AI call", "AI calls"),
    "messages": ("message", "messages"),
    "loop_items": ("item in its loop", "items in its loops"),
}


def facts_of(report: Report, definition: Mapping[str, Any]) -> list[Fact]:
    """Facts as {"icon", "label", "lines"}, in the order in which people ask."""
    facts = [
        _fact("clock", "When", report["starts"]),
        _fact("spark", "What", report["steps"]),
        _fact("chat", "Says", _sayings(definition)),
        _fact("read", "Reads", _readings(report)),
        _fact("write", "Writes", [_sentence(report["writes"])] if report["writes"] else ["Nothing."]),
        _fact("mail", "Sends", _sendings(report)),
        _fact("limit", "At most", [_worst_case(report["worst_case"])]),
    ]
    return [fact for fact in facts if fact["lines"]]


def told(icon: str, label: str, lines: Sequence[str]) -> list[Fact]:
    """One more fact, or none where there is nothing to tell."""
    return [_fact(icon, label, lines)] if lines else []


def _fact(icon: str, label: str, lines: Sequence[str]) -> Fact:
    return {"icon": icon, "label": label, "lines": [readable(line) for line in lines]}


def _sayings(definition: Mapping[str, Any]) -> list[str]:
    """What people will read of it: the bodies of messages and posts."""
    bodies = [
        step["params"]["body"]
        for flow in definition["flows"].values()
        for step in _acts(flow["steps"])
        if isinstance((step.get("params") or {}).get("body"), str)
    ]
    return [body if len(body) <= LONGEST_SAYING else f"{body[:LONGEST_SAYING]}…" for body in dict.fromkeys(bodies)]


def _acts(steps: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for step in steps:
        if "act" in step:
            yield step
        yield from _acts(step.get("steps", ()))
        for arm in step.get("branch", ()):
            yield from _acts(arm["steps"])


def _readings(report: Report) -> list[str]:
    own = [f"{name.capitalize()} of the person who made the app." for name in report.get("accounts", ())]
    return [*map(_reading, report["reads"]), *own] or ["Only what the event itself tells."]


def _reading(reading: Mapping[str, Any]) -> str:
    fields = ", ".join(field.replace("_", " ") for field in reading["fields"])
    personal = ", ".join(field.replace("_", " ") for field in reading["personal"])
    about = f" About people: {personal}." if personal else ""
    return f"{reading['noun'].capitalize()}: {fields}.{about}"


def _sendings(report: Report) -> list[str]:
    sent = [SENDINGS.get(name, f"{name.replace('_', ' ')}s") for name in report["sends"] if name not in CALLS]
    lines = [f"{_sentence(sent)[:-1]}, to {_recipients(report)}."] if sent else []
    if report["external"]:
        outside = ", ".join(report["domains"] or report["external"])
        lines.append(f"Data leaves the platform: {outside}.")
    return lines or ["Nothing."]


def _recipients(report: Report) -> str:
    reached = [reach["words"] for reach in report["reaches"] if reach["parameter"] == "to"]
    return " and ".join(dict.fromkeys(reached)) or "whom its steps name"


def _worst_case(worst: Mapping[str, int]) -> str:
    spent = [_counted(worst[name], *nouns) for name, nouns in SPENDINGS.items() if worst.get(name)]
    minutes = worst["seconds"] // 60
    limit = _counted(minutes, "minute", "minutes") if minutes else _counted(worst["seconds"], "second", "seconds")
    return f"{_sentence([*spent, limit])[:-1]} a run."


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def _sentence(words: Sequence[str]) -> str:
    text = " and ".join(words) if len(words) < 3 else f"{', '.join(words[:-1])} and {words[-1]}"
    return f"{text[:1].upper()}{text[1:]}."
