"""From what somebody wrote to a checked definition and its plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from apps_engine.language.escalation import completed
from apps_engine.language.limits import SUPERPOWER
from apps_engine.language.parse import Parsed, parse
from apps_engine.language.problems import Problem, Severity, has_errors
from apps_engine.language.report import report
from apps_engine.language.validate import validate
from apps_engine.language.validate.vocabulary import vocabulary_of
from apps_engine.registry import registry
from apps_engine.services.answer_schemas import schema_problems
from apps_engine.services.authority import require_blocks
from apps_engine.services.constants import constant_problems
from apps_engine.services.deprecations import problems_of
from apps_engine.services.errors import DefinitionRefused
from apps_engine.services.neighbours import problems_with_neighbours
from decommerce.outgoing.allowlist import policy_for_current_tenant
from decommerce.outgoing.domains import covering
from decommerce.tenancy.principal import Principal

Source = bytes | str | dict[str, Any]
NOT_SERVED = frozenset({"keyword", "phrase", "intent"})


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome of a check: `definition` is canonical, or None when the text could not be read at all."""

    problems: Sequence[Problem]
    definition: dict[str, Any] | None
    report: dict[str, Any] | None
    sentences: Sequence[str]
    parsed: Parsed | None = field(default=None, repr=False)

    @property
    def valid(self) -> bool:
        """Whether the definition may be stored."""
        return self.definition is not None and not has_errors(list(self.problems))

    def as_dict(self) -> dict[str, Any]:
        """The outcome as JSON."""
        return {
            "valid": self.valid,
            "problems": [problem.as_dict() for problem in self.problems],
            "report": self.report,
            "sentences": list(self.sentences),
        }


def check(principal: Principal, source: Source) -> Checked:
    """Every problem of a definition, and what it would do in plain words; stores nothing."""
    principal.require("apps:read")
    checked = check_definition(source)
    return replace(checked, problems=[*checked.problems, *_closed_doors(checked), *_neighbours(checked)])


def check_definition(source: Source) -> Checked:
    """The same without a principal, for `manage.py app validate`, which needs no tenant."""
    parsed, filled = _with_rules(parse(source))
    problems = [*parsed.problems, *filled]
    if parsed.definition is None:
        return Checked(problems, None, None, ())
    if not has_errors(problems):
        problems += parsed.locate(validate(parsed.definition, registry.catalogue))
    if not has_errors(problems):
        schemas = schema_problems(parsed.definition)
        # A schema is judged in its own words; its action refuses the same in those of its parameters.
        judged = {problem.path for problem in schemas}
        own = [*schemas, *(fault for fault in constant_problems(parsed.definition) if fault.path not in judged)]
        problems += parsed.locate([*own, *_unserved(parsed.definition)])
    problems += parsed.locate(problems_of(parsed.definition))
    if has_errors(problems):
        return Checked(problems, parsed.definition, None, (), parsed)
    told = report(parsed.definition, registry.catalogue)
    return Checked(problems, parsed.definition, told.as_dict(), told.sentences(), parsed)


def _with_rules(parsed: Parsed) -> tuple[Parsed, list[Problem]]:
    """The same with the escalation rules that a superpower's operations call for, and which were filled in (RUN-11)."""
    definition = parsed.definition
    if definition is None or definition.get("profile") != SUPERPOWER:
        return parsed, []
    if not vocabulary_of(registry.catalogue).definition.accepts(definition):
        return parsed, []
    complete = completed(definition, registry.catalogue)
    added = [name for name in complete["escalation"] if name not in (definition.get("escalation") or {})]
    told = Problem(
        "/escalation",
        "rules_filled_in",
        f"There are rules now for: {', '.join(added)}.",
        "Change their words where the app should say something else.",
        Severity.SUGGESTION,
    )
    return replace(parsed, definition=complete), [told] if added else []


def _unserved(definition: dict[str, Any]) -> list[Problem]:
    return [
        Problem(
            f"/triggers/{index}/type",
            "trigger_not_served",
            f"Nothing starts a trigger of type {trigger['type']} here yet; the app would wait for ever.",
            "Use an event, a schedule, a webhook or a manual trigger.",
            Severity.WARNING,
        )
        for index, trigger in enumerate(definition["triggers"])
        if trigger["type"] in NOT_SERVED
    ]


def _neighbours(checked: Checked) -> list[Problem]:
    """What the community's other apps mean for this one."""
    if checked.parsed is None or checked.definition is None or not checked.valid:
        return []
    return checked.parsed.locate(problems_with_neighbours(checked.definition))


def refuse_cycles(definition: dict[str, Any], source: Source, own_app: int | None) -> None:
    """Raise DefinitionRefused where the app and others would start each other for ever; asked while apps are locked."""
    found = problems_with_neighbours(definition, own_app)
    if has_errors(found):
        raise DefinitionRefused(parse(source).locate(found))


def _closed_doors(checked: Checked) -> list[Problem]:
    """A warning for each domain that the definition calls and the tenant has not allowed yet."""
    domains = (checked.report or {}).get("domains", ())
    if not domains:
        return []
    allowed = policy_for_current_tenant().domains
    return [
        Problem(
            "/permissions/domains",
            "domain_not_allowed",
            f"This community has not allowed calls to {domain} yet; they will be refused.",
            "An owner can allow it: POST /api/v1/domains.",
            Severity.WARNING,
        )
        for domain in domains
        if domain not in allowed and covering(allowed, domain) is None
    ]


def accepted(principal: Principal, source: Source) -> dict[str, Any]:
    """The canonical definition, or DefinitionRefused with every problem; asks for the scopes of its blocks."""
    checked = check(principal, source)
    if checked.definition is None or not checked.valid:
        raise DefinitionRefused(checked.problems)
    require_blocks(principal, checked.definition)
    return checked.definition
