"""`docs/codes.md`: every code that a person or a program can meet, with what it means and what to do (LNG-05)."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from pkgutil import walk_packages
from typing import Any

from apps_engine.language.validate.codes import CODES
from apps_engine.runtime.errors import StepError
from apps_engine.runtime.escalation import CLASSES
from decommerce.tenancy.errors import PlatformError

INTRODUCTION = """\
# Codes

Written by `make docs`; do not edit. A code never changes its meaning: programs, escalation rules and people look it up.

## Of a definition

What `app validate`, `POST /api/v1/definitions/validate` and the preview tell, all at once. An error refuses the
definition; a warning and a suggestion do not. An expression that fails while a run renders it has the same code.

"""
RUNS = """
## Of requests and runs

What REST answers (`application/problem+json`), tools answer, and the journal of a run keeps. The rule is the key of
`escalation` that speaks for the failure, where there is one.

"""

# What the engine says of a step or a run in passing, without a class of its own.
ENGINE: Mapping[str, str] = {
    "code_in_parameter": "A text of a ready-made app holds braces, which would be read as a template.",
    "database_conflict": "Two runs waited for each other's rows; this one gave way and is tried again.",
    "database_refused": "The database refused what an action asked for.",
    "definition_outdated": "The version of the app names what is not there any more; save a corrected one.",
    "deprecated_feature": "The app uses a feature that is gone; `app upgrade` shows what takes its place.",
    "effect_in_progress": "Another run is making the very same call; it is tried again.",
    "effect_unknown": "Nobody knows whether a call outside arrived; look there, then settle it.",
    "internal_error": "The engine met a fault of its own; the operators' log has it.",
    "invalid_params": "What a step rendered is not what its action takes.",
    "limit_ai": "The run has made as many AI calls as it may.",
    "limit_email": "The run has written as many e-mails as it may.",
    "limit_message": "The run has sent as many messages as it may.",
    "limit_pause": "A pause of more than a year.",
    "no_longer_wanted": "What the run waited for is over: its `exit_when` holds.",
    "overlap": "Another run of the app is under way or waits, and the app does one at a time.",
    "quota_ai": "The community has used up its AI calls or tokens of this hour or day (RUN-07).",
    "quota_emails": "The community has written as many e-mails as it may in a day (RUN-07).",
    "step_too_slow": "The database took too long for one step; ask for less at once.",
    "too_many_rows": "A pattern would look through more rows than a step may.",
    "worker_lost": "The worker stopped in the middle of the run, at every attempt.",
}

# By name: what stands above this layer has codes too.
_PACKAGES = ("decommerce", "apps_engine", "actions", "connectors", "workers", "mcp_gateway", "chat")
# Modules that are started, not imported.
_PROGRAMS = frozenset({"decommerce.settings", "decommerce.asgi", "decommerce.urls", "decommerce.celery"})


def codes_document() -> str:
    """The whole page as Markdown."""
    return INTRODUCTION + _definitions() + RUNS + _runs()


def _definitions() -> str:
    rows = ((code, told.severity.value, told.meaning, told.remedy) for code, told in sorted(CODES.items()))
    return _table(("code", "severity", "what it means", "what to do"), rows)


def _runs() -> str:
    told: dict[str, tuple[str, str, str]] = {
        code: ("", CLASSES.get(code, ""), meaning) for code, meaning in ENGINE.items()
    }
    for error in _errors():
        status = str(error.status) if issubclass(error, PlatformError) else ""
        told[error.code] = (status, CLASSES.get(error.code, ""), _first_sentence(error))
    rows = ((code, *rest) for code, rest in sorted(told.items()))
    return _table(("code", "HTTP status", "rule", "what it means"), rows)


def _errors() -> Iterator[type[PlatformError] | type[StepError]]:
    """Every class of error that has a code of its own."""
    for package in _PACKAGES:
        for module in walk_packages(import_module(package).__path__, f"{package}."):
            if module.name not in _PROGRAMS and ".migrations" not in module.name and ".management" not in module.name:
                import_module(module.name)
    errors: list[type[PlatformError] | type[StepError]] = [*_below(PlatformError), *_below(StepError)]
    for error in errors:
        if "code" in vars(error) and error.__module__.startswith(_PACKAGES):
            yield error


def _below(base: type[Any]) -> list[type[Any]]:
    direct = base.__subclasses__()
    return [*direct, *(further for error in direct for further in _below(error))]


def _first_sentence(error: type) -> str:
    text = " ".join((inspect.getdoc(error) or "").split())
    return text.partition(". ")[0].rstrip(".") + "."


def _table(headings: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(headings)} |", f"|{'---|' * len(headings)}"]
    for code, *cells in rows:
        lines.append(f"| `{code}` | {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join(lines) + "\n"
