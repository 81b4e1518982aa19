"""Transforms inside a pipeline step, under the names that authors give them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from apps_engine.language.sugar.keys import PARAMETERS, first_of, flattened, renamed
from apps_engine.language.sugar.source import Made, Node, Source

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KIND = ("type", "transform")

_PARAMETER_NAMES: Mapping[str, Mapping[str, str]] = {
    "filter": {"filter": "where", "condition": "where", "conditions": "where", "criteria": "where"},
    "sort": {"field": "by", "fields": "by", "order_by": "by"},
    "limit": {"limit": "count", "n": "count", "take": "count"},
    "group": {"key": "by", "field": "by"},
    "aggregate": {"group_by": "by", "aggregations": "metrics"},
    "merge": {"source": "with", "step": "with", "key": "on"},
    "map": {"mapping": "fields"},
    "calculate": {
        "formula": "expression",
        "input": "expression",
        "total": "expression",
        "precision": "decimals",
        "round": "decimals",
        "split": "distribute",
        "shares": "distribute",
        "parts": "distribute",
    },
    "build_url": {
        "base_url": "url",
        "base": "url",
        "params": "query",
        "parameters": "query",
        "query_params": "query",
    },
}

# How the address of a link is named.
ADDRESSES = ("url", "base_url", "base", "domain")

# The parameter that a transform written as {"sort": "-xp"} means.
_SHORTHAND = {"filter": "where", "sort": "by", "limit": "count", "group": "by", "map": "fields"}


@dataclass(frozen=True, slots=True)
class Stage:
    """One transform of a chain."""

    operation: Node
    params: Node
    pointer: str


def joins(source: Source) -> list[Stage]:
    """A pipeline step's join with the rows of another step, as a merge."""
    join = first_of(source, "join")
    if join is None:
        return []
    if not join.is_object:
        return [Stage("merge", join, join.pointer)]
    params = canonical_params("merge", join.members(), join.pointer)
    other = params.get("with")
    if isinstance(other, Source) and isinstance(other.value, str) and _IDENTIFIER.fullmatch(other.value):
        params["with"] = Source(f"{{{{ {other.value} }}}}", other.pointer)
    return [Stage("merge", Made(params, join.pointer), join.pointer)]


def stages(source: Source) -> list[Stage]:
    """The transforms of a pipeline step written as a list or an object; a canonical transform's name is none."""
    transform = first_of(source, "transform")
    if transform is None or isinstance(transform.value, str):
        return []
    elements = list(transform.elements()) if transform.is_list else [transform]
    return [_stage(element) for element in elements]


def _stage(source: Source) -> Stage:
    kind = first_of(source, *_KIND)
    if kind is not None:
        members = {key: value for key, value in flattened(source, *PARAMETERS).items() if key not in _KIND}
        operation = kind.value if isinstance(kind.value, str) else ""
        return Stage(kind, Made(canonical_params(operation, members, source.pointer), source.pointer), source.pointer)
    if len(source.members()) != 1:
        return Stage(source, Made({}, source.pointer), source.pointer)
    ((operation, value),) = source.members().items()
    shorthand = operation in _SHORTHAND and not (value.is_object and operation not in ("filter", "map"))
    members = {_SHORTHAND[operation]: value} if shorthand else value.members()
    return Stage(operation, Made(canonical_params(operation, members, value.pointer), value.pointer), source.pointer)


def canonical_params(operation: str, members: Mapping[str, Source], pointer: str) -> dict[str, Node]:
    """The parameters of a transform under their canonical names; already canonical ones come back unchanged."""
    special = _SPECIAL.get(operation)
    named = renamed(members, _PARAMETER_NAMES.get(operation, {}))
    params = special(members, named, pointer) if special else named
    return {**params, "by": listed(params["by"])} if "by" in params else params


def listed(node: Node) -> Node:
    """A single text where a list of texts is meant."""
    return Made([node], node.pointer) if isinstance(node, Source) and isinstance(node.value, str) else node


def _filter(members: Mapping[str, Source], named: dict[str, Node], pointer: str) -> dict[str, Node]:
    """`{"type": "filter", "field", "operator", "value"}` is one comparison."""
    if "field" not in members:
        return named
    comparison = renamed(members, {"operator": "op"})
    return {"where": Made([Made(comparison, pointer)], pointer)}


def _sort(members: Mapping[str, Source], named: dict[str, Node], pointer: str) -> dict[str, Node]:
    """`{"type": "sort", "field": "xp", "direction": "desc"}` is `{"by": ["-xp"]}`."""
    direction = next((members[key] for key in ("direction", "order") if key in members), None)
    if direction is None:
        return named
    rest = {key: value for key, value in named.items() if key not in ("direction", "order")}
    by = rest.get("by")
    if direction.value in ("desc", "descending") and isinstance(by, Source) and isinstance(by.value, str):
        rest["by"] = Made([Source(f"-{by.value.removeprefix('-')}", by.pointer)], by.pointer)
    return rest


def _calculate(members: Mapping[str, Source], named: dict[str, Node], pointer: str) -> dict[str, Node]:
    """`{"mode": "distribute", "total", "parts"}` says its mode twice."""
    mode = members.get("mode")
    if mode is None or mode.value != "distribute" or "distribute" not in named:
        return named
    return {key: value for key, value in named.items() if key != "mode"}


def _build_url(members: Mapping[str, Source], named: dict[str, Node], pointer: str) -> dict[str, Node]:
    """`{"domain": "venmo.com"}` is `{"url": "https://venmo.com"}`."""
    domain = members.get("domain")
    if domain is None or "url" in named:
        return named
    rest = {key: value for key, value in named.items() if key != "domain"}
    address = domain.value
    if isinstance(address, str) and "://" not in address:
        address = f"https://{address}"
    return {"url": Source(address, domain.pointer), **rest}


_SPECIAL = {"filter": _filter, "sort": _sort, "calculate": _calculate, "build_url": _build_url}
