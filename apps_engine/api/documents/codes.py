"""`docs/codes.md`: what validation reports, what saving refuses, what a run ends with and a request is refused with."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any

from apps_engine.api.documents.markdown import code, page, section, sentence, table
from apps_engine.language.escalation import FAILURES
from apps_engine.language.validate.codes import GROUPS, SERVICE_CODES, Code
from apps_engine.runtime.codes import RUN_CODES
from apps_engine.runtime.errors import StepError
from apps_engine.runtime.escalation import CLASSES
from decommerce.tenancy.errors import PlatformError

Error = type[PlatformError] | type[StepError]

_ABOUT = (
    "Every problem and every error has a code that stays the same, a place, and a hint that says what to do. "
    "Programs and people look them up here."
)
_KINDS = ("code", "kind", "meaning", "what to do")
# Whose errors people and programs can meet, and modules that are started, not imported.
# By name: what stands above this layer has codes too.
_PACKAGES = ("decommerce", "apps_engine", "actions", "connectors", "workers", "mcp_gateway", "chat")
_SKIPPED = frozenset({"migrations", "management", "asgi", "urls", "settings", "celery"})


def codes_document() -> str:
    """Every code with what it means."""
    judged = [section(title, _codes(known), level=3) for title, known in GROUPS.items()]
    return page(
        "Codes",
        _ABOUT,
        section("What validation says of a definition", _SEVERITIES, *judged),
        section("What saving says", "These depend on the community and its other apps.", _codes(SERVICE_CODES)),
        section("What a step or a run ends with", _RUNS, _errors(lambda error: not _of_requests(error), RUN_CODES)),
        section("How a request is refused", _REQUESTS, _errors(_of_requests, REQUEST_CODES)),
        section("Rules for failures", _RULES, table(("rule", "when it speaks", "codes"), _rule_rows())),
    )


def error_classes() -> list[Error]:
    """Every class of errors with a code, wherever it is defined, in the order of their codes."""
    for name in _modules():
        import_module(name)
    found = {*_below(PlatformError), *_below(StepError)}
    # A class without a code of its own says what its parent's code says already.
    named = (error for error in found if "code" in vars(error) and error.__module__.split(".")[0] in _PACKAGES)
    return sorted(named, key=lambda error: (error.code, error.__module__, error.__name__))


_SEVERITIES = "An error refuses the definition; a warning and a suggestion do not."
_RUNS = (
    "And with the codes of expressions above, where they depend on what a run renders. “Again” says whether the same "
    "may work later; then the retry of the step or of the app applies. The rule is the key of `escalation` "
    "that speaks for it."
)
_REQUESTS = "By a page, REST, MCP or the shell, beside those of a definition."
# Where errors are defined that a request can meet and a run cannot.
_REQUEST_MODULES = (
    "chat",
    "mcp_gateway",
    "apps_engine.api",
    "apps_engine.services",
    "decommerce.community.founding",
    "decommerce.community.importing",
    "decommerce.idempotency",
    "decommerce.tenancy",
)
# Codes of requests that no class of errors has by itself.
REQUEST_CODES: Mapping[str, str] = {
    "bad_head": "The head of a request cannot be read.",
    "body_not_json": "A shop's delivery is no JSON.",
    "body_not_object": "A shop's delivery is JSON, but no object.",
    "not_a_batch": "The body is no list of events.",
    "owner_database_missing": "A community can be founded only by who owns the database.",
    "slug_taken": "Another community has that short name.",
}
_RUN_MODULES = frozenset({"apps_engine.services.tasks"})
_RULES = "`escalation` of a definition has a text for each of these; `on_error` of a step may name one."


def _codes(known: Mapping[str, Code]) -> str:
    rows = ((code(name), one.severity.value, one.meaning, one.remedy) for name, one in sorted(known.items()))
    return table(_KINDS, rows)


def _errors(wanted: Callable[[Error], bool], also: Mapping[str, str]) -> str:
    """A table of the classes of errors that are wanted and of codes that have no class."""
    rows = {name: (code(name), meaning, "") for name, meaning in also.items()}
    for error in filter(wanted, error_classes()):
        meaning = sentence(" ".join((error.__doc__ or "").partition("\n\n")[0].split()))
        again = "yes" if issubclass(error, PlatformError) and error.retryable else ""
        rows.setdefault(error.code, (code(error.code), meaning, again))
    return table(("code", "meaning", "again?", "rule"), ((*rows[name], _rule(name)) for name in sorted(rows)))


def _rule(name: str) -> str:
    return code(CLASSES[name]) if name in CLASSES else ""


def _of_requests(error: Error) -> bool:
    return error.__module__.startswith(_REQUEST_MODULES) and error.__module__ not in _RUN_MODULES


def _rule_rows() -> Iterator[tuple[str, str, str]]:
    for name, failure in FAILURES.items():
        named = sorted(known for known, rule in CLASSES.items() if rule == name)
        yield code(name), failure.fires, ", ".join(map(code, named))


def _below(error: type[Exception]) -> Iterator[Any]:
    yield error
    for inner in error.__subclasses__():
        yield from _below(inner)


def _modules() -> Iterator[str]:
    for package in _PACKAGES:
        for module in pkgutil.walk_packages(import_module(package).__path__, f"{package}."):
            if not _SKIPPED & {*module.name.split(".")}:
                yield module.name
