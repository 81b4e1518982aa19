"""Triggers of both specifications under the canonical types and names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count

from apps_engine.language.sugar.keys import renamed
from apps_engine.language.sugar.source import Made, Node, Source

_TYPES = {"cron": "scheduled", "schedule": "scheduled", "system_event": "event"}
_NAMES = {"schedule": "cron", "action_id": "flow", "event_name": "event", "filters": "filter", "delays": "sequence"}
_SCHEMES = {"github": "hmac_sha256"}
_ENTRY_NAMES = {"action_id": "flow", "condition": "when"}


def triggers(sources: Sequence[Source], pointer: str, default_flow: str) -> Node:
    """A list of canonical triggers: without an id named after the type, without a flow starting the default one."""
    taken = {source["id"].value for source in sources if "id" in source and isinstance(source["id"].value, str)}
    made: list[Node] = []
    for source in sources:
        if not source.is_object:
            made.append(source)
            continue
        members = _trigger(source, default_flow)
        if "id" not in members:
            members = {"id": _free(members.get("type"), taken), **members}
        made.append(Made(members, source.pointer))
    return Made(made, pointer)


def manual_inputs(sources: Sequence[Source]) -> Source | None:
    """The inputs that a trigger declares; the canonical definition has them once, at its top."""
    return next((source["inputs"] for source in sources if "inputs" in source), None)


def _trigger(source: Source, default_flow: str) -> dict[str, Node]:
    members = renamed(source.members(), _NAMES, without=("inputs", "delay"))
    kind = members.get("type")
    if isinstance(kind, Source) and isinstance(kind.value, str):
        members["type"] = Source(_TYPES.get(kind.value, kind.value), kind.pointer)
    verify = members.get("verify")
    if isinstance(verify, Source) and isinstance(verify.value, str):
        members["verify"] = Source(_SCHEMES.get(verify.value, verify.value), verify.pointer)
    if "delay" in source:
        members.setdefault("sequence", Made([_entry(source["delay"])], source.pointer))
    sequence = members.get("sequence")
    if isinstance(sequence, Source) and sequence.is_list:
        members["sequence"] = Made([_entry(entry) for entry in sequence.elements()], sequence.pointer)
    members.setdefault("flow", _flow_of_delays(members) or default_flow)
    return members


def _flow_of_delays(members: Mapping[str, Node]) -> Node:
    """The flow of the first delay where each names its own, so that the trigger need not name one."""
    sequence = members.get("sequence")
    entries = sequence.value if isinstance(sequence, Made) and isinstance(sequence.value, list) else []
    flows = [entry.value.get("flow") for entry in entries if isinstance(entry, Made) and isinstance(entry.value, dict)]
    return flows[0] if len(flows) == len(entries) and all(flows) and flows else None


def _entry(source: Source) -> Node:
    """One delay of a sequence, written as an object or as the bare delay."""
    if not source.is_object:
        return Made({"delay": source}, source.pointer)
    return Made(renamed(source.members(), _ENTRY_NAMES), source.pointer)


def _free(kind: Node, taken: set[str]) -> str:
    base = kind.value if isinstance(kind, Source) and isinstance(kind.value, str) else "trigger"
    names = (base if number == 1 else f"{base}_{number}" for number in count(1))
    name = next(name for name in names if name not in taken)
    taken.add(name)
    return name
