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
from apps_engine.language.templates import Template, template_texts
from apps_engine.language.validate.expression_types import paths_of
from apps_engine.language.validate.permissions import ADDRESSES
from apps_engine.language.validate.scope import Binding, Found, Scope, follow
from apps_engine.language.validate.templates import Reader
from apps_engine.language.validate.texts import Texts

_FIXED_HOST = re.compile(r"https?://[^/?#{}]+[/?#]")
# The parameter of a step that asks a model which holds the author's own words.
PROMPT = "prompt"
# The parameter that says what is looked for outside.
QUERY = "query"
# The parameter of a message that leads its readers on, and the beginnings that say where.
LINK = "link"
_FIXED_PLACE = re.compile(r"/[^/\\{}]|https?://[^/?#{}]+[/?#]")
_WRITERS = {Origin.MEMBER: "text that members write", Origin.OUTSIDE: "text from a model or from outside"}


def check_targets(spec: ActionSpec, params: Any, at: str, chosen: int, reader: Reader) -> None:
    """Report parameters that decide who or what is reached and hold what somebody else wrote or picked out.

    `chosen` is who decides for which items of a loop the step runs.
    """
    for name in spec.targets if isinstance(params, dict) else ():
        for pointer, text in template_texts(params.get(name)):
            if "{" in text and (template := reader.template(text)) is not None:
                _check_target(spec, name, template, join(at, name) + pointer, chosen, reader)
    link = params.get(LINK) if isinstance(params, dict) and LINK not in spec.targets else None
    if isinstance(link, str) and "{" in link and not _FIXED_PLACE.match(link) and reader.type_of(link).tainted:
        message = f"Whoever gets what `{spec.name}` sends would be led where somebody else wrote."
        hint = 'Write the beginning out: "/posts/{{ trigger.post.id }}", "https://example.com/...".'
        reader.findings.add(join(at, LINK), "untrusted_link", message, hint)


def _check_target(spec: ActionSpec, name: str, template: Template, at: str, chosen: int, reader: Reader) -> None:
    node = template.node or Literal(template.source)
    found = reader.node_type(node)
    fixed = name in ADDRESSES and _FIXED_HOST.match(template.source) is not None
    picked = max(found.picked, chosen if _of_items(template, reader) else Origin.PLATFORM)
    if found.tainted and fixed:
        _advise_encoding(node, at, reader)
    elif found.tainted:
        _refuse(spec, name, _written(template, reader, "tainted") or name, Origin(found.tainted), at, reader)
    elif picked and not fixed:
        refused = picked == Origin.OUTSIDE and bool(spec.sends)
        written = _written(template, reader, "picked") or name
        (_refuse_selection if refused else _warn)(spec, written, Origin(picked), at, reader)


def chosen_by(condition: str, reader: Reader) -> int:
    """Who decides for which items of a loop a condition holds.

    It may compare them with what somebody wrote, or read what a step inside the loop found out in that way.
    """
    try:
        template = reader.texts.condition(condition)
    except LanguageError:
        return Origin.PLATFORM
    if template.node is None:
        return Origin.PLATFORM
    made = (path for path in paths_of(template.node) if reader.scope.of_each(path.root))
    return max([reader.mixed(template.node), *(reader.path_type(path).picked for path in made)])


def _of_items(template: Template, reader: Reader) -> bool:
    """Whether a template reads the item of a loop."""
    return any(reader.scope.one_of_many(reference.root) for reference in template.references)


def check_prompt(spec: ActionSpec, params: Any, at: str, reader: Reader) -> None:
    """Warn of text that somebody else wrote among the instructions of a model: apart from them it is marked as data."""
    prompt = params.get(PROMPT) if spec.spends == "ai" and isinstance(params, dict) else None
    template = reader.template(prompt) if isinstance(prompt, str) else None
    if template is not None and reader.type_of(template.source).tainted:
        written = _written(template, reader, "tainted") or PROMPT
        message = f"`{written}` stands among the instructions for the model, so its text could give orders."
        hint = f'Put it beside them: "input": "{{{{ {written} }}}}". There it is data, whatever it says.'
        reader.findings.add(join(at, PROMPT), "content_in_prompt", message, hint)


def check_query(spec: ActionSpec, params: Any, at: str, reader: Reader) -> None:
    """Warn where somebody else wrote what is searched for: it leaves the platform, and decides what is found."""
    query = params.get(QUERY) if not spec.local and isinstance(params, dict) else None
    template = reader.template(query) if isinstance(query, str) else None
    if template is not None and reader.type_of(template.source).tainted:
        written = _written(template, reader, "tainted") or QUERY
        message = f"`{written}` is sent to where `{spec.name}` searches, and what it says decides what is found."
        hint = "Search for words of your own, or for a value of the platform such as a name of a room or a date."
        reader.findings.add(join(at, QUERY), "content_in_query", message, hint)


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


def _written(template: Template, reader: Reader, flaw: str) -> str:
    """The first path of a template whose value has the flaw, as its author wrote it."""
    for reference in template.references:
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


def _advise_encoding(node: Node, at: str, reader: Reader) -> None:
    """Behind a host that is written out, text that is not encoded can still add parameters and change the path."""
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
