"""Apps from the shell, for people who keep definitions in git: what each verb of `manage.py app` does."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apps_engine.language.jsontext import JsonTextError, loads
from apps_engine.services.apps import create_app, delete_app, list_apps, pause_app, resume_app, update_app
from apps_engine.services.backtests import backtest
from apps_engine.services.definitions import Checked, check, check_definition
from apps_engine.services.dry_run import dry_run
from apps_engine.services.presentation import app_as_dict, run_as_dict, use_as_dict
from apps_engine.services.quotas import set_quota, usage
from apps_engine.services.runs import FINAL, RunFilter, get_run, list_runs, run_app
from apps_engine.services.starters import create_app_from, get_starter, starter_as_dict
from apps_engine.services.upgrades import apply_upgrade, preview_upgrade
from apps_engine.starters import Starter, search
from apps_engine.store.models import Execution
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.errors import PlatformError
from decommerce.tenancy.models import Tenant
from decommerce.tenancy.principal import Principal, system_principal

LOOK_EVERY_SECONDS = 0.2
STANDARD_INPUT = "-"


class ShellError(PlatformError):
    """What was typed cannot be done; the message is the one line that is shown."""

    code = "shell"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a verb prints; with a `complaint` the command also fails with that line."""

    document: Any
    complaint: str = ""


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb: its arguments, and what it does with them."""

    summary: str
    run: Callable[[Mapping[str, Any]], Outcome]
    arguments: tuple[str, ...]


def validate(options: Mapping[str, Any]) -> Outcome:
    """Check a file; needs no tenant."""
    source = _source(options["file"])
    if options["tenant"] is None:
        return _checked(options["file"], check_definition(source))
    principal = principal_of(options)
    with tenant_scope(principal.tenant_id):
        return _checked(options["file"], check(principal, source))


def create(options: Mapping[str, Any]) -> Outcome:
    """Store a file, or a ready-made app with its parameters, as a new app."""
    if (options["file"] is None) == (options["starter"] is None):
        raise ShellError("Name either a file or a ready-made app: --starter SLUG.")
    if options["starter"] is not None:
        return _create_from_starter(options)
    if options["set"] or options["as"] is not None:
        raise ShellError("--set and --as go with --starter; a file says it all itself.")
    source, principal = _source(options["file"]), principal_of(options)
    with tenant_scope(principal.tenant_id):
        return Outcome(app_as_dict(create_app(principal, source)))


def starters(options: Mapping[str, Any]) -> Outcome:
    """The ready-made apps with their parameters and defaults; needs no tenant."""
    return Outcome(
        [
            {**starter_as_dict(starter), "parameters": starter.schema_of_parameters()["properties"]}
            for starter in search(" ".join(options["words"]))
        ]
    )


def update(options: Mapping[str, Any]) -> Outcome:
    """Store a file as the next version of an app."""
    source, principal = _source(options["file"]), principal_of(options)
    with tenant_scope(principal.tenant_id):
        return Outcome(app_as_dict(update_app(principal, options["name"], source)))


def upgrade(options: Mapping[str, Any]) -> Outcome:
    """Bring an app up to date, or with --preview show what that would change."""
    principal = principal_of(options)
    with tenant_scope(principal.tenant_id):
        change = preview_upgrade if options["preview"] else apply_upgrade
        return Outcome(change(principal, options["name"]).as_dict())


def run(options: Mapping[str, Any]) -> Outcome:
    """Queue a run, and with --wait see it through."""
    inputs, principal = object_of(options, "inputs"), principal_of(options)
    with tenant_scope(principal.tenant_id):
        execution = run_app(principal, options["name"], inputs)
    if options["wait"]:
        _wait(principal, execution.pk, options["timeout"])
    with tenant_scope(principal.tenant_id):
        execution = get_run(principal, execution.pk)
        document = run_as_dict(execution, principal, steps=True)
    bad = execution.state in FINAL and execution.state != Execution.State.SUCCEEDED
    return Outcome(document, f"Run {execution.pk} did not succeed; its state: {execution.state}." if bad else "")


def try_out(options: Mapping[str, Any]) -> Outcome:
    """Dry-run a file: nothing is stored and nothing happens."""
    source, event, inputs = _source(options["file"]), object_of(options, "event"), object_of(options, "inputs")
    principal = principal_of(options)
    with tenant_scope(principal.tenant_id):
        return Outcome(dry_run(principal, source, inputs=inputs, event=event).as_dict())


def try_on_the_past(options: Mapping[str, Any]) -> Outcome:
    """Backtest a file: nothing is stored and nothing happens."""
    source, principal = _source(options["file"]), principal_of(options)
    with tenant_scope(principal.tenant_id):
        return Outcome(backtest(principal, source, days=options["days"]).as_dict())


def runs(options: Mapping[str, Any]) -> Outcome:
    """The latest runs of an app."""
    principal = principal_of(options)
    with tenant_scope(principal.tenant_id):
        latest = list_runs(principal, options["name"], limit=options["limit"], which=RunFilter(options["state"]))
        return Outcome([run_as_dict(execution, principal, steps=False) for execution in latest])


def show_usage(options: Mapping[str, Any]) -> Outcome:
    """The quotas of a tenant and what is used of them; --allow changes what it may use."""
    principal = principal_of(options)
    with tenant_scope(principal.tenant_id):
        for name, allowed in [_allowed(text) for text in options["allow"]]:
            set_quota(principal, name, allowed)
        return Outcome([use_as_dict(use) for use in usage(principal)])


def show_all(options: Mapping[str, Any]) -> Outcome:
    """The apps of a tenant."""
    principal = principal_of(options)
    with tenant_scope(principal.tenant_id):
        return Outcome([app_as_dict(app) for app in list_apps(principal)])


def pause(options: Mapping[str, Any]) -> Outcome:
    """Stop an app for a while."""
    principal = principal_of(options)
    with tenant_scope(principal.tenant_id):
        return Outcome(app_as_dict(pause_app(principal, options["name"])))


def resume(options: Mapping[str, Any]) -> Outcome:
    """Start an app again."""
    principal = principal_of(options)
    with tenant_scope(principal.tenant_id):
        return Outcome(app_as_dict(resume_app(principal, options["name"])))


def delete(options: Mapping[str, Any]) -> Outcome:
    """Stop an app for ever."""
    principal = principal_of(options)
    with tenant_scope(principal.tenant_id):
        return Outcome(app_as_dict(delete_app(principal, options["name"])))


VERBS: Mapping[str, Verb] = {
    "validate": Verb("check a definition", validate, ("file", "any tenant")),
    "starters": Verb("list the ready-made apps", starters, ("words",)),
    "create": Verb(
        "make an app from a definition or a ready-made app", create, ("any file", "starter", "set", "as", "tenant")
    ),
    "update": Verb("give an app a new definition", update, ("name", "file", "tenant")),
    "upgrade": Verb("bring an app up to date", upgrade, ("name", "tenant", "preview")),
    "run": Verb("run an app by hand", run, ("name", "tenant", "inputs", "wait", "timeout")),
    "dry-run": Verb("try a definition without any effect", try_out, ("file", "tenant", "inputs", "event")),
    "backtest": Verb("try a definition on recorded events", try_on_the_past, ("file", "tenant", "days")),
    "runs": Verb("list an app's runs", runs, ("name", "tenant", "limit", "state")),
    "usage": Verb("show a tenant's quotas, or change them", show_usage, ("tenant", "allow")),
    "list": Verb("list the apps", show_all, ("tenant",)),
    "pause": Verb("pause an app", pause, ("name", "tenant")),
    "resume": Verb("resume an app", resume, ("name", "tenant")),
    "delete": Verb("delete an app", delete, ("name", "tenant")),
}


def _source(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == STANDARD_INPUT else Path(file).read_bytes()
    except OSError as error:
        raise ShellError(f"Cannot read {file}: {error.strerror}.") from error


def _create_from_starter(options: Mapping[str, Any]) -> Outcome:
    principal = principal_of(options)
    with tenant_scope(principal.tenant_id):
        starter = get_starter(principal, options["starter"])
        parameters = dict(_assigned(starter, text) for text in options["set"])
        return Outcome(app_as_dict(create_app_from(principal, starter.slug, parameters, name=options["as"])))


def _assigned(starter: Starter, text: str) -> tuple[str, Any]:
    """A parameter and its value from NAME=VALUE; a text is taken as it is, anything else is JSON."""
    name, sign, written = text.partition("=")
    if not sign:
        raise ShellError(f"--set takes NAME=VALUE, not {text!r}.")
    parameter = starter.parameters.properties.get(name)
    if parameter is not None and parameter.kind == "string":
        return name, written
    try:
        return name, loads(written)
    except JsonTextError:
        # The check of the parameters says what is wanted instead.
        return name, written


def _allowed(text: str) -> tuple[str, int | None]:
    name, sign, amount = text.partition("=")
    if not sign or not (amount == "default" or (amount.isascii() and amount.isdecimal())):
        raise ShellError(f"--allow takes NAME=AMOUNT or NAME=default, not {text!r}.")
    return name, None if amount == "default" else int(amount)


def principal_of(options: Mapping[str, Any]) -> Principal:
    """The shell itself, in the tenant that is named; raises ShellError."""
    tenant = Tenant.objects.filter(slug=options["tenant"]).first()
    if tenant is None:
        raise ShellError(f"There is no tenant “{options['tenant']}”.")
    return system_principal(tenant.pk, "the shell")


def object_of(options: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    """The JSON object that an option holds, None without the option; raises ShellError."""
    text = options[name]
    if text is None:
        return None
    try:
        value = loads(text)
    except JsonTextError as error:
        raise ShellError(f"--{name}: {error.message} {error.hint}".rstrip()) from error
    if not isinstance(value, dict):
        raise ShellError(f"--{name} takes a JSON object.")
    return value


def _checked(file: str, checked: Checked) -> Outcome:
    errors = sum(problem.severity == "error" for problem in checked.problems)
    complaint = "" if checked.valid else f"{file}: {errors} {'error' if errors == 1 else 'errors'}."
    return Outcome(checked.as_dict(), complaint)


def _wait(principal: Principal, run_id: int, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while True:
        with tenant_scope(principal.tenant_id):
            state = get_run(principal, run_id).state
        if state in FINAL:
            return
        if time.monotonic() > deadline:
            raise ShellError(f"Run {run_id} is still {state} after {seconds:g} s. Is a worker running?")
        time.sleep(LOOK_EVERY_SECONDS)
