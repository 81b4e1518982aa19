"""Data pipeline steps: one step that reads, joins and transforms becomes one canonical step for each of these.

The last one carries the author's id, so that references mean its final rows; those before it are named `<id>__1`,
`<id>__2` and so on.
"""

from __future__ import annotations

from apps_engine.language.sugar.keys import PARAMETERS, STEP_KEYS, STEP_NAMES, first_of, flattened, renamed, split
from apps_engine.language.sugar.source import Made, Node, Source
from apps_engine.language.sugar.transforms import ADDRESSES, Stage, canonical_params, joins, listed, stages

OPERATIONS = frozenset({"calculate", "build_url"})

_FETCH_NAMES = {**STEP_NAMES, "connector": "fetch", "filter": "where", "filters": "where"}
_TRANSFORM_NAMES = {**STEP_NAMES, "parameters": "params", "source": "from", "input": "from"}
_CHAIN_KEYS = frozenset({"id", "from", "join", "transform"})


def read_steps(source: Source) -> list[Node]:
    """A step that reads or transforms, as one canonical step or a chain of them."""
    chain = [*joins(source), *stages(source)]
    if chain:
        return _linked(source, chain)
    return [_fetch(source) if _reads(source) else _transform(source)]


def operation_step(source: Source, kind: Source) -> Node:
    """A superpower's calculate or build_url: pure, so a transform without rows.

    The `params` of a link with its address beside them are what the link carries, not those of the operation.
    """
    carries = kind.value == "build_url" and any(key in source for key in ADDRESSES)
    members = source.members() if carries else flattened(source, *PARAMETERS)
    beside = {key: value for key, value in members.items() if key in (*STEP_KEYS, *STEP_NAMES)}
    given = {key: value for key, value in members.items() if key not in (*beside, "type", "action")}
    params = canonical_params(str(kind.value), given, source.pointer)
    return Made(
        {**renamed(beside, STEP_NAMES), "transform": kind, "params": Made(params, source.pointer)}, source.pointer
    )


def _reads(source: Source) -> bool:
    return "fetch" in source or "connector" in source


def _fetch(source: Source) -> Node:
    return Made(_fetch_members(source), source.pointer)


def _fetch_members(source: Source) -> dict[str, Node]:
    step = renamed(source.members(), _FETCH_NAMES, without=("type",))
    return {key: listed(value) if key in ("fields", "order_by") else value for key, value in step.items()}


def _transform(source: Source) -> Node:
    step = renamed(source.members(), _TRANSFORM_NAMES)
    name, params = source["transform"].value, step.get("params")
    if isinstance(params, Source) and params.is_object and isinstance(name, str):
        step["params"] = Made(canonical_params(name, params.members(), params.pointer), params.pointer)
    return Made(step, source.pointer)


def _linked(source: Source, chain: list[Stage]) -> list[Node]:
    """The steps of a chain, each but the first fed by the one before it."""
    links = [({"transform": stage.operation, "params": stage.params}, stage.pointer) for stage in chain]
    feed: Node = first_of(source, "from", "source", "input")
    if _reads(source):
        _, members = split(_fetch_members(source), _CHAIN_KEYS)
        links.insert(0, (members, source.pointer))
    final: Node = first_of(source, "id") or "rows"
    base = final.value if isinstance(final, Source) else final
    made: list[Node] = []
    for number, (step, pointer) in enumerate(links, start=1):
        name = final if number == len(links) else f"{base}__{number}"
        fed: dict[str, Node] = {} if feed is None or "fetch" in step else {"from": feed}
        made.append(Made({"id": name, **step, **fed}, pointer))
        feed = f"{{{{ {base}__{number} }}}}"
    return made
