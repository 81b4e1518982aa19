"""Strategies for definitions: sound ones, ones broken in any place, and any JSON at all."""

from __future__ import annotations

from copy import deepcopy
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**6), 10**6),
    st.decimals(-1000, 1000, places=2).map(Decimal),
    st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=12),
    st.sampled_from(
        ["{{ trigger.post.id }}", "{{ rows }}", "{{ item.email }}", "{{ nope }}", "{{", "main", "7d", "users"]
    ),
)
KEYS = ["id", "type", "act", "fetch", "each", "as", "steps", "branch", "when", "params", "where", "pause", "flow", "x"]
KEYS += ["actions", "operations", "trigger", "triggers", "flows", "transform", "filter", "for_each", "loop", "y~/z"]
KEYS += ["conditional", "then", "else", "join", "connector"]
JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=5,
        ),
    ),
    max_leaves=20,
)

CONDITIONS = st.sampled_from(
    [
        True,
        "{{ trigger.post.score }} > 3",
        "trigger.post.status == 'published' and inputs.days > 1",
        "{{ now }} > today",
    ]
)
ROW_TEXTS = st.sampled_from(
    ["{{ item.id | to_text }}", "x{{ item.xp }}", "{{ item.display_name | uppercase }}", "plain"]
)
WHERE = st.sampled_from(
    [
        {},
        {"xp": {"gte": 10}},
        {"xp": {"between": [1, "{{ inputs.days }}"]}, "or": [{"role": "admin"}, {"not": {"role": "member"}}]},
        [{"field": "email", "op": "exists", "value": True}],
        {"last_active_at": {"within_last": "7d"}},
        {"id": "{{ trigger.author.id }}"},
    ]
)


def _common(draw: st.DrawFn, step: dict[str, Any]) -> dict[str, Any]:
    if draw(st.booleans()):
        step["when"] = draw(CONDITIONS)
    if draw(st.integers(0, 4)) == 0:
        step["on_error"] = draw(st.sampled_from(["fail", "continue", "on_empty_result"]))
    if draw(st.integers(0, 4)) == 0:
        step["retry"] = {"max_attempts": draw(st.integers(1, 10)), "base_seconds": draw(st.integers(1, 60))}
    return step


@st.composite
def acts(draw: st.DrawFn, row: str | None) -> dict[str, Any]:
    """An act whose parameters are right; with `row` it may read the loop's item."""
    text = (
        draw(ROW_TEXTS) if row else draw(st.sampled_from(["hello", "{{ trigger.post.title }}", "{{ inputs.days }} d"]))
    )
    step: dict[str, Any] = draw(
        st.sampled_from(
            [
                {"act": "flag_content", "params": {"post_id": "{{ trigger.post.id }}", "reason": "short"}},
                {"act": "send_notification", "params": {"to": "moderators", "title": "News", "body": text}},
                {"act": "award_xp", "params": {"member_id": "{{ trigger.author.id }}", "amount": 5, "reason": "x"}},
                {"act": "create_post", "params": {"title": "x", "body": f"x{text}"}},
                {"act": "webhook", "params": {"url": "https://hooks.example.com/x", "body": {"text": [text]}}},
            ]
        )
    )
    step = deepcopy(step)
    if draw(st.booleans()):
        step["once_per"] = "key:{{ trigger.post.id }}"
    return _common(draw, step)


@st.composite
def steps(draw: st.DrawFn, depth: int = 2, row: str | None = None, taken: int = 0) -> list[dict[str, Any]]:
    """Steps whose references are in scope; ids are numbered by their place, so they never clash."""
    made: list[dict[str, Any]] = []
    rows: str | None = None
    for number in range(draw(st.integers(1, 4))):
        name = f"s{taken}_{number}"
        kind = draw(st.sampled_from(["fetch", "transform", "act", "act", "each", "branch", "pause"]))
        if kind == "fetch":
            step = {"id": name, "fetch": "users", "where": draw(WHERE), "limit": draw(st.integers(1, 100))}
            if draw(st.booleans()):
                step["order_by"] = ["-xp", "id"]
            made.append(step)
            rows = name
        elif kind == "transform" and rows:
            made.append({"id": name, "transform": "limit", "from": f"{{{{ {rows} }}}}", "params": {"count": 3}})
            rows = name
        elif kind == "each" and rows and depth:
            inner = draw(steps(depth - 1, "item", taken * 10 + number + 1))
            made.append(_common(draw, {"each": f"{{{{ {rows} }}}}", "as": "item", "steps": inner}))
        elif kind == "branch" and depth == 2:
            arms = [
                {"when": draw(CONDITIONS), "steps": draw(steps(0, row, taken * 10 + number + 11))},
                {"steps": draw(steps(0, row, taken * 10 + number + 31))},
            ]
            made.append({"branch": arms})
        elif kind == "pause":
            made.append({"pause": {"for": draw(st.sampled_from(["30m", 60, "{{ inputs.days }}"]))}})
        else:
            made.append(draw(acts(row)))
    return made


TRIGGERS: list[dict[str, Any]] = [
    {"id": "t", "type": "event", "event": "post.created", "flow": "main"},
    {
        "id": "t",
        "type": "event",
        "event": "post.created",
        "filter": {"post.score": {"gte": 3}},
        "flow": "main",
    },
    {
        "id": "t",
        "type": "delayed",
        "event": "post.created",
        "sequence": [{"delay": "1d"}, {"delay": 60, "when": "trigger.post.score > 3", "flow": "main"}],
        "exit_when": False,
        "flow": "main",
    },
]


@st.composite
def definitions(draw: st.DrawFn) -> dict[str, Any]:
    """Canonical definitions that are mostly sound."""
    trigger = draw(st.sampled_from(TRIGGERS))
    flow: dict[str, Any] = {"steps": draw(steps())}
    if draw(st.booleans()):
        flow["response"] = {"template": "{{ trigger.post.title }}", "ui": [{"type": "header", "text": "{{ now }}"}]}
    definition: dict[str, Any] = {
        "schema_version": "1.1",
        "profile": "automation",
        "name": "Generated",
        "description": "For tests",
        "inputs": {"type": "object", "properties": {"days": {"type": "integer", "default": 7}}},
        "triggers": [deepcopy(trigger)],
        "flows": {"main": flow},
        "permissions": {"domains": ["hooks.example.com"]},
        "escalation": {"on_empty_result": "Say so."},
    }
    if draw(st.booleans()):
        definition["settings"] = {"concurrency": {"mode": "parallel", "max": 2, "key": "{{ trigger.post.id }}"}}
    return definition


def _places(tree: Any) -> list[tuple[Any, Any]]:
    """Every (holder, key) in a tree."""
    found: list[tuple[Any, Any]] = []
    pending = [tree]
    while pending:
        item = pending.pop()
        keys = list(item) if isinstance(item, dict) else range(len(item)) if isinstance(item, list) else ()
        for key in keys:
            found.append((item, key))
            pending.append(item[key])
    return found


@st.composite
def broken(draw: st.DrawFn) -> dict[str, Any]:
    """Definitions with up to four places replaced by anything, removed or renamed."""
    definition = deepcopy(draw(definitions()))
    for _ in range(draw(st.integers(1, 4))):
        places = _places(definition)
        holder, key = places[draw(st.integers(0, len(places) - 1))]
        change = draw(st.sampled_from(["replace", "remove", "rename"]))
        if change == "replace" or isinstance(holder, list):
            holder[key] = draw(JSON)
        else:
            value = holder.pop(key)
            if change == "rename":
                holder[draw(st.text(max_size=8).filter(lambda t: "\x00" not in t and t.isprintable()))] = value
    return definition
