"""Rows for somebody who asks: one fetch, judged and read as the fetch of an app is (PIP-02, MCP-03)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import OperationalError, connection
from django.utils import timezone
from psycopg.errors import QueryCanceled

from apps_engine.contracts import ActionContext
from apps_engine.language.compile import compile_definition
from apps_engine.language.instants import format_instant
from apps_engine.language.limits import AUTOMATION
from apps_engine.language.migrate import CURRENT
from apps_engine.language.parse import parse
from apps_engine.language.plan import Fetch
from apps_engine.language.predicates import bind, comparisons
from apps_engine.language.problems import Problem, has_errors
from apps_engine.language.validate import validate
from apps_engine.registry import registry
from apps_engine.runtime.ports import Query
from apps_engine.services.engine.reader import RowReader
from decommerce.tenancy.errors import PlatformError
from decommerce.tenancy.principal import Principal

# Somebody waits, with a connection.
MOST_SECONDS = 10
_STEP = "/flows/main/steps/0"


class FetchRefused(PlatformError):
    """What is asked for does not fit the connector; `problems` has every fault with its path in the question."""

    code = "invalid_arguments"

    def __init__(self, problems: Sequence[Problem]) -> None:
        faults = "; ".join(f"{problem.path or '/'}: {problem.message}" for problem in problems)
        super().__init__(f"This cannot be read: {faults}", hint=problems[0].hint)
        self.problems = list(problems)

    def as_dict(self) -> dict[str, object]:
        return {**super().as_dict(), "problems": [problem.as_dict() for problem in self.problems]}


class TooSlow(PlatformError):
    """Reading took longer than anybody waits."""

    code = "took_too_long"
    status = 503


def asked_by(principal: Principal, now: datetime) -> ActionContext:
    """Where a reading or an act comes from that no app asks for."""
    return ActionContext(tenant_id=principal.tenant_id, app_id=0, app_name="", execution_id=0, now=now)


def read_rows(
    principal: Principal, connector: str, asked: Mapping[str, Any], *, offset: int = 0
) -> list[dict[str, Any]]:
    """The rows of a connector: `asked` may hold where, fields, order_by and limit, as a fetch does.

    Needs the tenant's scope and ends it on TooSlow; raises FetchRefused, and StepError for what only the rows tell.
    """
    principal.require(registry.connectors[connector].scope)
    step = _step({"fetch": connector, **asked})
    now = timezone.now()
    where = None if step.where is None else bind(step.where, {}, format_instant(now))
    limit = registry.connectors[connector].max_rows if step.limit is None else int(step.limit({}))
    _end_after(MOST_SECONDS)
    try:
        return RowReader(asked_by(principal, now)).fetch(
            Query(connector, where, step.fields, step.order_by, limit, offset)
        )
    except OperationalError as error:
        if not isinstance(error.__cause__, QueryCanceled):
            raise
        message = f"This takes longer than {MOST_SECONDS} seconds to read."
        raise TooSlow(message, hint="Ask for fewer fields, or narrow the rows by a date.") from error


def _step(fetch: Mapping[str, Any]) -> Fetch:
    parsed = parse(
        {
            "schema_version": CURRENT,
            "profile": AUTOMATION,
            "name": "Rows",
            "triggers": [{"id": "asked", "type": "manual", "flow": "main"}],
            "flows": {"main": {"steps": [{"id": "rows", **fetch}]}},
        }
    )
    problems = list(parsed.problems)
    if parsed.definition is not None and not has_errors(problems):
        problems = parsed.locate(validate(parsed.definition, registry.catalogue))
    if parsed.definition is None or has_errors(problems):
        raise FetchRefused(_of_question(problems))
    (step,) = compile_definition(parsed.definition, registry.catalogue).flows["main"].steps
    assert isinstance(step, Fetch)
    rendered = [] if step.where is None else [one for one in comparisons(step.where) if not one.value.constant]
    if rendered:
        hint = "Write the value itself."
        raise FetchRefused(
            [Problem(f"/where{one.path}", "not_constant", "Only apps have placeholders.", hint) for one in rendered]
        )
    return step


def _end_after(seconds: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{seconds}s"])


def _of_question(problems: Sequence[Problem]) -> list[Problem]:
    errors = [problem for problem in problems if has_errors([problem])]
    return [replace(problem, path=problem.path.removeprefix(_STEP)) for problem in errors]
