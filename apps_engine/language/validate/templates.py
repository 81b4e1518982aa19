"""Templates in a definition: they compile, and everything they read is there (LNG-05, LNG-06)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from apps_engine.language.errors import LanguageError
from apps_engine.language.kinds import Kind, excerpt
from apps_engine.language.nodes import Node, Path, Text, path_text
from apps_engine.language.pointers import join
from apps_engine.language.references import Reference
from apps_engine.language.static_types import UNKNOWN, Type, joined
from apps_engine.language.templates import Template
from apps_engine.language.transforms.columns import ROW
from apps_engine.language.validate.expression_types import (
    common_list,
    expression_type,
    mixing,
    named_fields,
    value_type,
)
from apps_engine.language.validate.findings import Findings
from apps_engine.language.validate.scope import STATE, Binding, Fault, Found, Scope, follow
from apps_engine.language.validate.texts import Texts

_KIND_NAMES = {Kind.LIST: "a list", Kind.OBJECT: "an object"}


@dataclass(slots=True)
class Reader:
    """Checks templates against the names of a place.

    `later` are names that exist elsewhere in the flow, `conditions` those that hold here, `read` collects what is read,
    `allowed` holds paths that are known to have one of the values that the definition lists.
    """

    findings: Findings
    scope: Scope
    texts: Texts
    later: frozenset[str] = frozenset()
    conditions: frozenset[str] = frozenset()
    read: set[str] = field(default_factory=set)
    allowed: Mapping[str, Binding] = field(default_factory=dict)

    def condition(self, source: Any, at: str) -> bool | None:
        """Check a condition; what it comes to in every run, None where that depends on the run."""
        if isinstance(source, bool):
            return source
        found = self._checked(self.texts.condition, source, at) if isinstance(source, str) else None
        return found({}) if found is not None and found.constant else None

    def text(self, source: str, at: str) -> Type:
        """Check one template and tell the type of what it renders."""
        found = self._checked(self.texts.template, source, at)
        if found is not None and isinstance(found.node, Text):
            self._nulls_in_text(found.node, at)
        return self._type(found)

    def expression(self, source: Any, at: str) -> Type:
        """Check a formula and tell the type of its value."""
        if not isinstance(source, str):
            return self.value(source, at)
        return self._type(self._checked(self.texts.formula, source, at))

    def over(self, row: Type, source: str) -> Reader:
        """The same place for a formula over a row, whose fields are names in it."""
        kinds = {name: row.member(name) or row for name in row.fields}
        names = {name: Binding((kind,), "it is given" if kind.optional else "") for name, kind in kinds.items()}
        names[ROW] = Binding((row,))
        if row.open:
            unknown = (root for root in self._roots(source) if self.scope.lookup(root) is None)
            guessed = Type(untrusted=row.tainted, selected=row.picked)
            names = {**{root: Binding((guessed,)) for root in unknown}, **names}
        return replace(self, scope=self.scope.inner(names))

    def _roots(self, source: str) -> set[str]:
        try:
            return {reference.root for reference in self.texts.formula(source).references}
        except LanguageError:
            return set()

    def value(self, tree: Any, at: str) -> Type:
        """Check a JSON tree and tell its type; a text among it is a template."""
        if isinstance(tree, str):
            return self.text(tree, at)
        if isinstance(tree, dict):
            parts = {key: self.value(part, join(at, key)) for key, part in tree.items()}
            return Type(Kind.OBJECT, parts, open=False)
        if isinstance(tree, list):
            return common_list([self.value(part, join(at, place)) for place, part in enumerate(tree)])
        return value_type(tree)

    def template(self, source: str) -> Template | None:
        """The compiled template of a text; None for one that does not compile."""
        try:
            return self.texts.template(source)
        except LanguageError:
            return None

    def type_of(self, source: str) -> Type:
        """The type of what a template renders, without checking it; unknown for one that does not compile."""
        return self._type(self.template(source))

    def node_type(self, node: Node) -> Type:
        """The type of an expression at this place; one that mixes items with others' text picks some of them out."""
        return expression_type(node, self.path_type).marked(selected=self.mixed(node))

    def mixed(self, node: Node) -> int:
        """Who wrote what an expression holds against the items of a loop or of a list."""
        # Outside of loops and rows there are none.
        return 0 if self.scope.outer is None else mixing(node, self.path_type, self.scope.one_of_many)

    def path_type(self, path: Path) -> Type:
        """What is known of the value that a path leads to."""
        binding = self.scope.lookup(path.root)
        if binding is None:
            return UNKNOWN
        reached = [follow(start, path.root, path.segments) for start in binding.types]
        found = joined([one.type for one in reached if isinstance(one, Found)])
        listed = self.allowed and self.allowed.get(path_text(path.root, path.segments)) is binding
        return Type(found.kind) if listed else found

    def _type(self, template: Template | None) -> Type:
        if template is None or template.node is None:
            return UNKNOWN
        # Only what reads items and something else can hold them against each other.
        of_many = {self.scope.one_of_many(reference.root) for reference in template.references}
        mixes = len(of_many) > 1
        return self.node_type(template.node) if mixes else expression_type(template.node, self.path_type)

    def _checked(self, read: Callable[[str], Template], source: str, at: str) -> Template | None:
        try:
            found = read(source)
        except LanguageError as error:
            self.findings.refused(at, error)
            return None
        for reference in found.references:
            self._reference(reference, at)
        if found.filters and found.node is not None:
            self._fields(found.node, at)
        return found

    def _fields(self, node: Node, at: str) -> None:
        """Filters such as `sum: 'xp'` name fields of the rows they go over."""
        for row, name in named_fields(node, self.path_type):
            if row.kind is Kind.OBJECT and isinstance(reached := follow(row, "item", name.split(".")), Fault):
                near = self.findings.suggest(name, row.fields)
                hint = near or _all_of(reached.holder.fields)
                message = f"{row.noun or 'The list'} has no field `{excerpt(name)}`."
                self.findings.add(at, "unknown_field", message, hint)

    def _reference(self, reference: Reference, at: str) -> None:
        self.read.add(reference.root)
        binding = self.scope.lookup(reference.root)
        if binding is None:
            self._unknown_root(reference, at)
            return
        reached = [follow(start, reference.root, reference.path) for start in binding.types]
        faults = [fault for fault in reached if isinstance(fault, Fault)]
        if reference.root == STATE:
            self._state(reference, binding.type, at)
        elif len(faults) == len(reached):
            self._unknown_member(faults[0], at)
        elif not reference.optional:
            if faults or (binding.unless and binding.condition not in self.conditions):
                when = "some of its triggers start the flow" if faults else binding.unless
                self._maybe_missing(path_text(reference.root, reference.path), f"only when {when}", at)
            self._gaps_on_the_way(reached, at)

    def _state(self, reference: Reference, state: Type, at: str) -> None:
        """What the app remembers is there once a step has set it, in this run or in an earlier one."""
        key = reference.path[0] if reference.path else None
        if not isinstance(key, str) or state.kind is not Kind.OBJECT:
            return
        if reference.optional:
            return
        if key not in state.fields:
            hint = self.findings.suggest(key, state.fields) or "Set it with `state_update`, or add `| default: ...`."
            self.findings.add(at, "never_remembered", f"No step of this app sets `state.{excerpt(key)}`.", hint)
        elif not self.scope.remembers(key):
            self._maybe_missing(f"state.{key}", "once a step has set it", at)

    def _unknown_root(self, reference: Reference, at: str) -> None:
        name = reference.root
        written = path_text(name, reference.path)
        trigger = self.scope.lookup("trigger")
        hint = self.findings.suggest(name, chain(self.scope.visible(), self.later))
        if name in self.later:
            hint = f"`{name}` exists only inside another loop, or in a later step."
        elif trigger is not None and any(name in start.fields for start in trigger.types):
            hint = f"Did you mean `trigger.{written}`?"
        self.findings.add(at, "not_in_scope", f"There is nothing called `{excerpt(name)}` here.", hint)

    def _unknown_member(self, fault: Fault, at: str) -> None:
        if fault.holder.kind is Kind.LIST:
            hint = f"Take one item first, as in `{fault.written}[0]`, or go over it with `each`."
            self.findings.add(at, "no_such_path", f"`{fault.written}` is a list and has no `{fault.segment}`.", hint)
        elif fault.holder.kind is Kind.OBJECT and isinstance(fault.segment, str):
            near = self.findings.suggest(fault.segment, fault.holder.fields)
            hint = near or _all_of(fault.holder.fields)
            message = f"`{fault.written}` has no field `{excerpt(fault.segment)}`."
            self.findings.add(at, "unknown_field", message, hint)
        else:
            name = _KIND_NAMES.get(fault.holder.kind, "a plain value")
            self.findings.add(at, "no_such_path", f"`{fault.written}` is {name} and has no `{fault.segment}`.")

    def _maybe_missing(self, written: str, reason: str, at: str) -> None:
        hint = "Add `| default: ...`, or put the step under the same condition."
        self.findings.add(at, "maybe_missing", f"`{written}` is there {reason}.", hint)

    def _gaps_on_the_way(self, reached: Sequence[Found | Fault], at: str) -> None:
        found = [one for one in reached if isinstance(one, Found)]
        if null := [one.nullable_at for one in found if one.nullable_at]:
            self.findings.add(at, "maybe_null", f"`{null[0]}` may be null.", "Add `| default: ...`.")
        if optional := [one.optional_at for one in found if one.optional_at]:
            self._maybe_missing(optional[0], "only when it is given", at)

    def _nulls_in_text(self, node: Text, at: str) -> None:
        """A value that is null has no text, so the whole step would fail."""
        for piece in node.pieces:
            found = _bare_path(piece)
            if found is not None and self.path_type(found).nullable:
                written = path_text(found.root, found.segments)
                hint = f"Write `{{{{ {written} | default: '...' }}}}`."
                self.findings.add(at, "maybe_null", f"`{written}` may be null, which has no text.", hint)


def _bare_path(piece: str | Node) -> Path | None:
    return piece if isinstance(piece, Path) else None


def _all_of(fields: Iterable[str]) -> str:
    named = ", ".join(list(fields)[:20])
    return f"It has: {named}." if named else "It has no fields."
