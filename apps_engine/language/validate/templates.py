"""Templates in a definition: they compile, and everything they read is there (LNG-05, LNG-06)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from apps_engine.language.errors import LanguageError
from apps_engine.language.grammar import parse_pieces, parse_tokens
from apps_engine.language.kinds import Kind, excerpt
from apps_engine.language.nodes import Node, Path, Text, path_text
from apps_engine.language.references import Findings as Read
from apps_engine.language.static_types import UNKNOWN, Type
from apps_engine.language.templates import (
    Reference,
    Template,
    compile_condition,
    compile_expression,
    compile_template,
    template_texts,
)
from apps_engine.language.tokens import scan_condition, scan_template
from apps_engine.language.transforms.columns import ROW
from apps_engine.language.validate.expression_types import common_list, expression_type, value_type
from apps_engine.language.validate.findings import Findings
from apps_engine.language.validate.scope import Binding, Fault, Found, Scope, follow

_KIND_NAMES = {Kind.LIST: "a list", Kind.OBJECT: "an object"}


@dataclass(frozen=True, slots=True)
class Reader:
    """Checks templates against the names of a place.

    `later` are names that exist elsewhere in the flow, `conditions` those that hold here, `read` collects what is read,
    `allowed` holds paths that are known to have one of the values that the definition lists.
    """

    findings: Findings
    scope: Scope
    later: frozenset[str] = frozenset()
    conditions: frozenset[str] = frozenset()
    read: set[str] = field(default_factory=set)
    allowed: Mapping[str, Binding] = field(default_factory=dict)

    def condition(self, source: Any, at: str) -> None:
        """Check a condition."""
        if isinstance(source, str):
            self._compiled(compile_condition, source, at)

    def tree(self, tree: Any, at: str) -> None:
        """Check every text of a JSON tree."""
        for pointer, text in template_texts(tree):
            self.text(text, at + pointer)

    def text(self, source: str, at: str) -> Type:
        """Check one template and tell the type of what it renders."""
        if self._compiled(compile_template, source, at) is None:
            return UNKNOWN
        node = parse_pieces(scan_template(source), Read())
        if isinstance(node, Text):
            self._nulls_in_text(node, at)
        return expression_type(node, self._path_type)

    def expression(self, source: Any, at: str) -> Type:
        """Check a formula and tell the type of its value."""
        if not isinstance(source, str):
            return self.value(source, at)
        if self._compiled(compile_expression, source, at) is None:
            return UNKNOWN
        return expression_type(parse_tokens(scan_condition(source), Read()), self._path_type)

    def over(self, row: Type, source: str) -> Reader:
        """The same place for a formula over a row, whose fields are names in it."""
        inner = self.scope.inner()
        inner.names = {
            name: Binding((kind,), "it is given" if kind.optional else "") for name, kind in row.fields.items()
        }
        inner.names[ROW] = Binding((row,))
        if row.open:
            unknown = (root for root in self._roots(source) if self.scope.lookup(root) is None)
            inner.names = {**{root: Binding((Type(untrusted=row.tainted),)) for root in unknown}, **inner.names}
        return replace(self, scope=inner)

    @staticmethod
    def _roots(source: str) -> set[str]:
        try:
            return {reference.root for reference in compile_expression(source).references}
        except LanguageError:
            return set()

    def value(self, tree: Any, at: str) -> Type:
        """Check a JSON tree and tell its type; a text among it is a template."""
        if isinstance(tree, str):
            return self.text(tree, at)
        self.tree(tree, at)
        return self._tree_type(tree)

    def type_of(self, source: str) -> Type:
        """The type of what a template renders, without checking it; unknown for one that does not compile."""
        try:
            node = parse_pieces(scan_template(source), Read())
        except LanguageError:
            return UNKNOWN
        return expression_type(node, self._path_type)

    def _tree_type(self, tree: Any) -> Type:
        if isinstance(tree, str):
            return self.type_of(tree)
        if isinstance(tree, dict):
            return Type(Kind.OBJECT, {key: self._tree_type(part) for key, part in tree.items()}, open=False)
        return common_list([self._tree_type(part) for part in tree]) if isinstance(tree, list) else value_type(tree)

    def _compiled(self, compile_: Callable[[str], Template], source: str, at: str) -> Template | None:
        try:
            template = compile_(source)
        except LanguageError as error:
            self.findings.refused(at, error)
            return None
        for reference in template.references:
            self._reference(reference, at)
        return template

    def narrowed(self, allowed: Mapping[str, Binding]) -> Reader:
        """The same place, where these paths hold only values that the definition lists."""
        return replace(self, allowed=allowed)

    def _path_type(self, path: Path) -> Type:
        binding = self.scope.lookup(path.root)
        if binding is not None and self.allowed.get(path_text(path.root, path.segments)) is binding:
            return UNKNOWN
        reached = [follow(start, path.root, path.segments) for start in binding.types] if binding else []
        return next((found.type for found in reached if isinstance(found, Found)), UNKNOWN)

    def _reference(self, reference: Reference, at: str) -> None:
        self.read.add(reference.root)
        binding = self.scope.lookup(reference.root)
        if binding is None:
            self._unknown_root(reference, at)
            return
        reached = [follow(start, reference.root, reference.path) for start in binding.types]
        faults = [fault for fault in reached if isinstance(fault, Fault)]
        written = path_text(reference.root, reference.path)
        if len(faults) == len(reached):
            self._unknown_member(faults[0], at)
        elif not reference.optional:
            if faults:
                self._maybe_missing(written, "only when some of its triggers start the flow", at)
            elif binding.unless and binding.condition not in self.conditions:
                self._maybe_missing(written, f"only when {binding.unless}", at)
            self._gaps_on_the_way(reached, at)

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
            hint = near or f"It has: {', '.join(list(fault.holder.fields)[:20])}."
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
            if found is not None and self._path_type(found).nullable:
                written = path_text(found.root, found.segments)
                hint = f"Write `{{{{ {written} | default: '...' }}}}`."
                self.findings.add(at, "maybe_null", f"`{written}` may be null, which has no text.", hint)


def _bare_path(piece: str | Node) -> Path | None:
    return piece if isinstance(piece, Path) else None
