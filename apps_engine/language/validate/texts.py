"""The templates, conditions and formulas of definitions, each compiled once however often it is looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from apps_engine.language.errors import LanguageError
from apps_engine.language.nodes import Literal
from apps_engine.language.templates import (
    Template,
    compile_condition,
    compile_expression,
    compile_template,
    constant_template,
)

_Compile = Callable[[str], Template]

# What is kept beyond one definition: people and models write the next draft with most of the texts of the last one.
KEPT = 2_048
LONGEST_KEPT = 2_000


@dataclass(slots=True)
class Texts:
    """What was compiled for one definition: the template of each text, or why there is none."""

    _known: dict[tuple[str, _Compile], Template | LanguageError] = field(default_factory=dict)

    def template(self, source: str) -> Template:
        """A text with placeholders; raises LanguageError."""
        if "{" not in source and len(source) <= LONGEST_KEPT:
            return Template(source, (), (), True, constant_template(source).render, Literal(source))
        return self._compiled(source, compile_template)

    def condition(self, source: str) -> Template:
        """A condition; raises LanguageError."""
        return self._compiled(source, compile_condition)

    def formula(self, source: str) -> Template:
        """A formula of a transform; raises LanguageError."""
        return self._compiled(source, compile_expression)

    def _compiled(self, source: str, compile_: _Compile) -> Template:
        known = self._known.get((source, compile_))
        if known is None:
            try:
                known = kept(source, compile_) if len(source) <= LONGEST_KEPT else compile_(source)
            except LanguageError as error:
                known = error
            self._known[source, compile_] = known
        if isinstance(known, LanguageError):
            raise known.with_traceback(None)
        return known


@lru_cache(KEPT)
def kept(source: str, compile_: _Compile) -> Template:
    """The template of a text of any definition; raises LanguageError."""
    return compile_(source)
