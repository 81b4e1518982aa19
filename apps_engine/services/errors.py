"""What the services refuse, each with a stable code."""

from __future__ import annotations

from collections.abc import Sequence

from apps_engine.language.problems import Problem, Severity
from decommerce.tenancy.errors import NotFound, PlatformError


class DefinitionRefused(PlatformError):
    """The definition has errors; `problems` holds all of them, warnings and suggestions included (APP-01)."""

    code = "definition_refused"
    status = 422

    def __init__(self, problems: Sequence[Problem]) -> None:
        errors = [problem for problem in problems if problem.severity is Severity.ERROR]
        first = f" The first, at {errors[0].path or '/'}: {errors[0].message}" if errors else ""
        super().__init__(
            f"The definition has {len(errors)} {'error' if len(errors) == 1 else 'errors'}.{first}",
            hint="Correct every problem listed; nothing was stored.",
        )
        self.problems = list(problems)

    def as_dict(self) -> dict[str, object]:
        return {**super().as_dict(), "problems": [problem.as_dict() for problem in self.problems]}


class AppNotFound(NotFound):
    """No such app in this tenant."""

    code = "app_not_found"


class RunNotFound(NotFound):
    """No such run in this tenant."""

    code = "run_not_found"


class EventNotFound(NotFound):
    """No such event in this tenant, or not any more."""

    code = "event_not_found"


class VersionNotFound(NotFound):
    """The app has no version of that number."""

    code = "version_not_found"


class LetterNotFound(NotFound):
    """No such message among those that were no events."""

    code = "letter_not_found"


class LetterRefused(PlatformError):
    """A message that was no event cannot be taken in anew."""

    code = "letter_refused"
    status = 422


class NameTaken(PlatformError):
    """Another app of the tenant has that name."""

    code = "name_taken"
    status = 409


class VersionConflict(PlatformError):
    """Somebody else changed the app in the meantime."""

    code = "version_conflict"
    status = 409


class TooManyApps(PlatformError):
    """The tenant has as many apps as it may have (APP-08)."""

    code = "too_many_apps"
    status = 409


class NotRunnable(PlatformError):
    """The app cannot run now: paused, or it has no flow to run by hand."""

    code = "not_runnable"
    status = 409


class AccountsOfAnother(PlatformError):
    """The app uses somebody's connected accounts, and somebody else asked for a run (SEC-06)."""

    code = "accounts_of_another"
    status = 403


class TooManyRehearsals(PlatformError):
    """The community tries as many apps at this moment as it may at once (SEC-03)."""

    code = "too_many_rehearsals"
    status = 429
    retryable = True
    retry_after = 5


class NothingRecorded(PlatformError):
    """Only people start the app, so no past tells what it would have done."""

    code = "nothing_recorded"
    status = 409


class ShadowNotFound(NotFound):
    """No draft is, or ever was, beside the app's live version."""

    code = "shadow_not_found"


class ShadowUnderWay(PlatformError):
    """A draft is beside the app's live version already."""

    code = "shadow_under_way"
    status = 409


class TooManyShadows(PlatformError):
    """As many drafts are beside live versions of the community as may be at once."""

    code = "too_many_shadows"
    status = 409


class EffectNotFound(NotFound):
    """No such call in this run."""

    code = "effect_not_found"


class EffectSettled(PlatformError):
    """It is known what became of the call, or it is still being made."""

    code = "effect_settled"
    status = 409


class MailSettled(PlatformError):
    """It is known what became of the e-mail, or it is still being sent."""

    code = "mail_settled"
    status = 409


class NotOfferable(PlatformError):
    """The app has no manual trigger, so no agent could call it."""

    code = "not_offerable"
    status = 409


class RunsUsedUp(PlatformError):
    """The community has had as many runs as it may have in this hour (RUN-07)."""

    code = "quota_executions"
    status = 429
    retryable = True


class InputsRefused(PlatformError):
    """The inputs of a run by hand do not fit what the app asks for; `problems` lie on paths into them."""

    code = "inputs_refused"
    status = 422

    def __init__(self, message: str, *, hint: str = "", problems: Sequence[Problem] = ()) -> None:
        super().__init__(message, hint=hint)
        self.problems = list(problems)

    def as_dict(self) -> dict[str, object]:
        return {**super().as_dict(), "problems": [problem.as_dict() for problem in self.problems]}


class StarterNotFound(NotFound):
    """No ready-made app has that short name."""

    code = "starter_not_found"


class ParametersRefused(PlatformError):
    """The parameters of a ready-made app do not fit; `problems` holds every fault, with paths into them."""

    code = "parameters_refused"
    status = 422

    def __init__(self, problems: Sequence[Problem]) -> None:
        named = ((problem.path.removeprefix("/") or "parameters", problem.message) for problem in problems)
        super().__init__(
            "; ".join(f"{name}: {message}" for name, message in named),
            hint="Correct every parameter that is named; nothing was stored.",
        )
        self.problems = list(problems)

    def as_dict(self) -> dict[str, object]:
        return {**super().as_dict(), "problems": [problem.as_dict() for problem in self.problems]}
