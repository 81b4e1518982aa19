"""What the composer says once a call was made, confirmed or rejected."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chat.composer.words import plain_markdown
from chat.decision_words import reason_in_words
from chat.model.port import CallResult

Value = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """An answer's text and the replies that go with it."""

    text: str
    suggestions: Sequence[str] = ()


def outcome_of(tool: str, result: CallResult) -> Said:
    """The answer to what came of a call of that tool."""
    if result.refused:
        return _refused(result.value)
    told = OUTCOMES.get(tool)
    return told(result.value) if told else Said("Done.")


def _refused(value: Value) -> Said:
    if value.get("code") == "rejected":
        return Said("All right, nothing was changed. Say what should be different, or describe something else.")
    if value.get("code") == "expired":
        return Said("The offer ran out before it was confirmed, so nothing was changed.", ("Propose it again",))
    problems = "".join(f"\n- {plain_markdown(problem['message'])}" for problem in value.get("problems", ())[:10])
    said = " ".join(plain_markdown(str(value.get(part, ""))) for part in ("message", "hint"))
    return Said(f"That did not work: {said.strip()}{problems}")


def _link(value: Value) -> str:
    return f"[{plain_markdown(value['name'])}](/apps/{value['id']}/)"


def _created(value: Value) -> Said:
    triggers = {trigger["type"] for trigger in value["definition"]["triggers"]}
    text = f"{_link(value)} is {value['status']}. "
    if "event" in triggers:
        return Said(text + "From now on it runs by itself; each run is on its page, step by step.", ("List my apps",))
    if "webhook" in triggers:
        said = "On its page is the address to call. Make a secret there and give both to the sender; then it listens."
        return Said(text + said, ("List my apps",))
    if "manual" in triggers:
        return Said(text + "It runs when you start it.", (f"Run {value['name']} now",))
    return Said(text + "It runs on its schedule; you can also start it by hand.", (f"Run {value['name']} now",))


def _updated(value: Value) -> Said:
    return Said(
        f"{_link(value)} is now at version {value['version']}. Runs that had begun keep the version they began with."
    )


def _paused(value: Value) -> Said:
    return Said(f"{_link(value)} is paused. No new step starts until it is resumed.", (f"Resume {value['name']}",))


def _resumed(value: Value) -> Said:
    return Said(f"{_link(value)} is active again. {plain_markdown(value['backlog'])}")


def _deleted(value: Value) -> Said:
    return Said(f"“{plain_markdown(value['name'])}” is deleted.", ("List my apps",))


def _ran(value: Value) -> Said:
    app = plain_markdown(value["app"]["name"])
    if value["state"] == "skipped":
        return Said(f"Another run of “{app}” is still waiting or running, so this one was skipped.")
    return Said(f"[Run #{value['id']}](/runs/{value['id']}/) of “{app}” is {value['state']}. Its page follows it.")


def _listed(value: Value) -> Said:
    if not value["apps"]:
        return Said("There are no apps yet. Describe one in a sentence.")
    lines = [f"- {_link(app)} — {app['status']}, {_runs(app['runs'])}" for app in value["apps"]]
    return Said("\n".join(["These are your apps:", "", *lines]))


def _shown(value: Value) -> Said:
    lines = [f"- {plain_markdown(sentence)}" for sentence in value["sentences"]]
    return Said("\n".join([f"{_link(value)} is {value['status']}, {_runs(value['runs'])}.", "", *lines]))


def _explained(value: Value) -> Said:
    if not value["decisions"]:
        return Said("Nothing was turned away lately: no event came that it had to refuse.")
    lines = [f"- {_reason(decision)}" for decision in value["decisions"][:5]]
    return Said("\n".join(["The latest reasons why it did not run:", "", *lines]))


def _told_of_run(value: Value) -> Said:
    if not value["runs"]:
        return Said("No run of it failed, as far back as runs are kept.", ("List my apps",))
    run = value["runs"][0]
    lines = [f"[Run #{run['id']}](/runs/{run['id']}/) of “{plain_markdown(run['app']['name'])}” is {run['state']}."]
    if run.get("withheld"):
        return Said(f"{lines[0]} {run['withheld']}")
    error = run["error"]
    if error:
        at = f" at `{error['path']}`" if error.get("path") else ""
        lines.append(f"**Why:** {plain_markdown(error['message'])} It stopped{at}.")
        lines.append(f"**What to do:** {plain_markdown(error['hint'])}" if error.get("hint") else "")
        lines.append("It is tried again by itself." if error.get("retryable") and run["state"] == "queued" else "")
    return Said("\n\n".join(filter(None, lines)))


def _reason(decision: Value) -> str:
    times = f" ({decision['repeats']} times)" if decision.get("repeats", 1) > 1 else ""
    return f"{plain_markdown(reason_in_words(decision['outcome'], decision.get('details', {})))}{times}"


def _runs(count: int) -> str:
    return "no runs yet" if not count else f"{count:,} run{'' if count == 1 else 's'}"


OUTCOMES: Mapping[str, Callable[[Value], Said]] = {
    "create_app": _created,
    "create_app_from_starter": _created,
    "update_app": _updated,
    "pause_app": _paused,
    "resume_app": _resumed,
    "delete_app": _deleted,
    "run_app": _ran,
    "list_apps": _listed,
    "get_app": _shown,
    "get_app_logs": _told_of_run,
    "why_not_run": _explained,
}
