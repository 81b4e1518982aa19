"""Steps: the actions and operations of both specifications as the six canonical kinds."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from apps_engine.language.sugar.keys import PARAMETERS, STEP_KEYS, STEP_NAMES, first_of, flattened, renamed, split
from apps_engine.language.sugar.pipeline import OPERATIONS, operation_step, read_steps
from apps_engine.language.sugar.source import Made, Node, Source

_KIND = ("type", "action")
_ARM_NAMES = {**STEP_NAMES, "actions": "steps", "operations": "steps", "then": "steps"}
_LOOP_NAMES = {
    **STEP_NAMES,
    "items": "each",
    "item": "as",
    "actions": "steps",
    "operations": "steps",
    "break_if": "until",
}
_WAIT_NAMES = {**STEP_NAMES, "duration": "for", "delay": "for"}


def steps(source: Source) -> Node:
    """A list of steps, each of them canonical."""
    if not source.is_list:
        return source
    return Made([canonical for element in source.elements() for canonical in step(element)], source.pointer)


def step(source: Source) -> list[Node]:
    """One step of any shape, as one canonical step or several."""
    return next((build(source) for marker, build in _MARKERS if marker in source), [source])


def _canonical(source: Source) -> list[Node]:
    return [Made(renamed(source.members(), {**STEP_NAMES, "parameters": "params"}), source.pointer)]


def _canonical_each(source: Source) -> list[Node]:
    return [Made(_with_steps(renamed(source.members(), STEP_NAMES)), source.pointer)]


def _canonical_branch(source: Source) -> list[Node]:
    members = renamed(source.members(), STEP_NAMES)
    arms = source["branch"]
    if arms.is_list:
        members["branch"] = Made([_arm(arm) for arm in arms.elements()], arms.pointer)
    return [Made(members, source.pointer)]


def _arm(source: Source) -> Node:
    if not source.is_object:
        return source
    return Made(_with_steps(renamed(source.members(), _ARM_NAMES)), source.pointer)


def _typed(source: Source) -> list[Node]:
    kind = _kind(source).value
    if not isinstance(kind, str):
        return _act(source)
    return [operation_step(source, _kind(source))] if kind in OPERATIONS else _TYPED.get(kind, _act)(source)


def _kind(source: Source) -> Source:
    return first_of(source, *_KIND) or source


def _act(source: Source) -> list[Node]:
    """An action with its parameters beside its type, or under `params`."""
    members = renamed(source.members(), STEP_NAMES, without=(*_KIND, *PARAMETERS))
    step, beside = split(members, STEP_KEYS)
    ids, step = split(step, {"id"})
    inside = first_of(source, *PARAMETERS)
    params: Node = Made(beside, source.pointer) if inside is None else inside
    if inside is not None and inside.is_object and beside:
        params = Made({**inside.members(), **beside}, inside.pointer)
    return [Made({**ids, "act": _kind(source), **step, "params": params}, source.pointer)]


def _loop(source: Source) -> list[Node]:
    return [_made_loop(flattened(source, *PARAMETERS), source.pointer)]


def _nested_loop(source: Source) -> list[Node]:
    """`{"for_each": {"items", "as", "actions"}}`, or `for_each` as the items with the rest beside it."""
    inner = source["for_each"]
    if inner.is_object:
        return [_made_loop(flattened(source, "for_each"), source.pointer)]
    members = {("items" if key == "for_each" else key): value for key, value in source.members().items()}
    return [_made_loop(members, source.pointer)]


def _made_loop(members: Mapping[str, Source], pointer: str) -> Node:
    loop = _with_steps(renamed(members, _LOOP_NAMES, without=_KIND))
    return Made({"as": "item", **loop}, pointer)


def _with_steps(members: dict[str, Node]) -> dict[str, Node]:
    nested = members.get("steps")
    return {**members, "steps": steps(nested)} if isinstance(nested, Source) else members


def _conditional(source: Source) -> list[Node]:
    conditions = ("condition", "when", "if")
    rest = renamed(source.members(), {"output": "id"}, without=(*_KIND, *conditions, "then", "else"))
    condition = first_of(source, *conditions)
    arms: list[Node] = []
    if "then" in source:
        then = {"when": condition, "steps": steps(source["then"])} if condition else {"steps": steps(source["then"])}
        arms.append(Made(then, source.pointer))
    if "else" in source:
        arms.append(Made({"steps": steps(source["else"])}, source.pointer))
    return [Made({**rest, "branch": Made(arms, source.pointer)}, source.pointer)]


def _reply(source: Source) -> list[Node]:
    """A conversation_flow waits for the member's answer."""
    step, question = split(renamed(flattened(source, *PARAMETERS), STEP_NAMES, without=_KIND), STEP_KEYS)
    reply = Made({"for_reply": Made(question, source.pointer)}, source.pointer)
    return [Made({**step, "pause": reply}, source.pointer)]


def _wait(source: Source) -> list[Node]:
    members = renamed(flattened(source, *PARAMETERS), _WAIT_NAMES, without=_KIND)
    wait, step = split(members, {"for"})
    return [Made({**step, "pause": Made(wait, source.pointer)}, source.pointer)]


Builder = Callable[[Source], list[Node]]

# The first marker that a step has decides how it is read; canonical markers come before sugared ones.
_MARKERS: tuple[tuple[str, Builder], ...] = (
    ("fetch", read_steps),
    ("connector", read_steps),
    ("act", _canonical),
    ("branch", _canonical_branch),
    ("each", _canonical_each),
    ("pause", _canonical),
    ("for_each", _nested_loop),
    ("type", _typed),
    ("action", _typed),
    ("transform", read_steps),
)

_TYPED: dict[str, Builder] = {
    "for_each": _loop,
    "loop": _loop,
    "conditional": _conditional,
    "conversation_flow": _reply,
    "delay": _wait,
    "wait": _wait,
}
