"""Information flow: what members, a model or the outside wrote must not decide who or what is reached (LNG-09, SEC-06).

It may, where the definition narrows it: an enum in the schema of a model's answer, a list of the allowed values in the
condition of the step (`{{ label in ['spam', 'ham'] }}`), or an address whose host is written out. Rows of the platform
that such text picked out are told as a warning; where the outside picked them out and something is sent to somebody,
they are refused too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from apps_engine.language.catalogue import ActionSpec
from apps_engine.language.errors import LanguageError
from apps_engine.language.nodes import Comparison, Filtered, Group, Listing, Literal, Logic, Node, Path, Text, path_text
from apps_engine.language.pointers import join
from apps_engine.language.static_types import Origin
from apps_engine.language.templates import template_texts
from apps_engine.language.validate.scope import Binding, Found, Scope, follow
from apps_engine.language.validate.templates import Reader
from apps_engine.language.validate.texts import Texts

_FIXED_HOST = re.compile(r"https?://[^/?#{}]+[/?#]")
# The parameter of a step that asks a model which holds the author's own words.
PROMPT = "prompt"
_ADDRESSES = frozenset({"url", "image"})
_WRITERS = {Origin.MEMBER: "text that members write", Origin.OUTSIDE: "text from a model or from outside"}


def check_targets(spec: ActionSpec, params: Any, at: str, reader: Reader) -> None:
    """Report parameters that decide who or what is reached and hold what somebody else wrote or picked out."""
    for name in spec.targets if isinstance(params, dict) else ():
        for pointer, text in template_texts(params.get(name)):
            if "{" in text:
                _check_target(spec, name, text, join(at, name) + pointer, reader)


def _check_target(spec: ActionSpec, name: str, text: str, at: str, reader: Reader) -> None:
    found = reader.type_of(text)
    fixed = name in _ADDRESSES and _FIXED_HOST.match(text) is not None
    if found.tainted and fixed:
        _advise_encoding(text, at, reader)
    elif found.tainted:
        _refuse(spec, name, _written(text, reader, "tainted") or name, Origin(found.tainted), at, reader)
    elif found.picked and not fixed:
        written = _written(text, reader, "picked") or name
        refused = found.picked == Origin.OUTSIDE and bool(spec.sends)
        (_refuse_selection if refused else _warn)(spec, written, Origin(found.picked), at, reader)


def check_prompt(spec: ActionSpec, params: Any, at: str, reader: Reader) -> None:
    """Warn of text that somebody else wrote among the instructions of a model: apart from them it is marked as data."""
    prompt = params.get(PROMPT) if spec.spends == "ai" and isinstance(params, dict) else None
    if isinstance(prompt, str) and reader.type_of(prompt).tainted:
        written = _written(prompt, reader, "tainted") or PROMPT
        message = f"`{written}` stands among the instructions for the model, so its text could give orders."
        hint = f'Put it beside them: "input": "{{{{ {written} }}}}". There it is data, whatever it says.'
        reader.findings.add(join(at, PROMPT), "content_in_prompt", message, hint)


def narrowed_by(condition: Any, scope: Scope, texts: Texts) -> dict[str, Binding]:
    """The paths that a condition holds to values written out in it, such as `label` in `label in ['a', 'b']`.

    Each with the binding of its root: the same name may mean another value further in.
    """
    if not isinstance(condition, str):
        return {}
    try:
        node = texts.condition(condition).node
    except LanguageError:
        return {}
    found = ((path, scope.lookup(path.root)) for path in (_narrowed(node) if node is not None else ()))
    return {path_text(path.root, path.segments): binding for path, binding in found if binding is not None}


def _written(text: str, reader: Reader, flaw: str) -> str:
    """The first path of a template whose value has the flaw, as its author wrote it."""
    template = reader.template(text)
    for reference in template.references if template else ():
        binding = reader.scope.lookup(reference.root)
        reached = [follow(start, reference.root, reference.path) for start in binding.types] if binding else []
        if any(getattr(one.type, flaw) for one in reached if isinstance(one, Found)):
            return path_text(reference.root, reference.path)
    return ""


def _narrowed(node: Node) -> Iterator[Path]:
    if isinstance(node, Group):
        yield from _narrowed(node.inner)
    elif isinstance(node, Logic) and node.operator == "and":
        for operand in node.operands:
            yield from _narrowed(operand)
    elif isinstance(node, Comparison) and _written_out(node):
        subject = node.left.inner if isinstance(node.left, Group) else node.left
        # An index known at run time only, and the session's state, may be another value when they are read again.
        fixed = isinstance(subject, Path) and all(isinstance(segment, str | int) for segment in subject.segments)
        if isinstance(subject, Path) and fixed and subject.root != "state":
            yield subject


def _written_out(node: Comparison) -> bool:
    if node.operator == "==":
        return isinstance(node.right, Literal)
    allowed = node.right
    return (
        node.operator == "in"
        and isinstance(allowed, Listing)
        and all(isinstance(item, Literal) for item in allowed.items)
    )


def _advise_encoding(text: str, at: str, reader: Reader) -> None:
    """Behind a host that is written out, text that is not encoded can still add parameters and change the path."""
    node = template.node if (template := reader.template(text)) else None
    for piece in node.pieces if isinstance(node, Text) else ():
        if isinstance(piece, str) or (isinstance(piece, Filtered) and piece.filter.name == "url_encode"):
            continue
        if reader.node_type(piece).tainted:
            hint = "Write `{{ ... | url_encode }}`."
            message = "Text that somebody else wrote stands in an address as it is."
            reader.findings.add(at, "add_url_encode", message, hint)


def _refuse(spec: ActionSpec, name: str, written: str, origin: Origin, at: str, reader: Reader) -> None:
    reader.findings.add(
        at,
        "untrusted_target",
        f"`{written}` is {_WRITERS[origin]}, and would decide whom or what `{spec.name}` reaches.",
        f"Use an id or address of the platform for `{name}`, or allow only values you list: "
        f"when: {{{{ {written} in ['...'] }}}}.",
    )


def _refuse_selection(spec: ActionSpec, written: str, origin: Origin, at: str, reader: Reader) -> None:
    reader.findings.add(
        at,
        "untrusted_recipients",
        f"`{written}` decides to whom `{spec.name}` sends, in rows that {_WRITERS[origin]} picked out.",
        "Select the rows by what the platform knows, or let the model choose from an enum.",
    )


def _warn(spec: ActionSpec, written: str, origin: Origin, at: str, reader: Reader) -> None:
    reader.findings.add(
        at,
        "untrusted_selection",
        f"`{written}` decides whom `{spec.name}` reaches, in rows that {_WRITERS[origin]} picked out.",
        "Make sure that this is meant, or select the rows by what the platform knows.",
    )
