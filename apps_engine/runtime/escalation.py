"""What a person is told when a step fails for good: the app's rule for that class of failure (RUN-11)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps_engine.language.plan_references import references_of
from apps_engine.language.references import Reference
from apps_engine.runtime.scope import Scope

# A rule of the app that speaks for a failure: {"key", "text"}.
Rule = dict[str, str]

EMPTY_RESULT = "on_empty_result"
PARTIAL_FAILURE = "on_partial_failure"

# Codes of errors, by the key of the rule that speaks for them. A code that is not here has no class of its own.
CLASSES: Mapping[str, str] = {
    "oauth_revoked": "on_oauth_failure",
    "oauth_not_connected": "on_oauth_failure",
    "oauth_scope_missing": "on_oauth_failure",
    "oauth_expired": "on_oauth_failure",
    "oauth_failure": "on_oauth_failure",
    "oauth_not_configured": "on_oauth_failure",
    "empty_result": EMPTY_RESULT,
    "ambiguous_input": "on_ambiguous_input",
    "rate_limited": "on_rate_limit",
    "outgoing_quota_reached": "on_rate_limit",
    "quota_emails": "on_rate_limit",
    "quota_events": "on_rate_limit",
    "quota_ai": "on_rate_limit",
    "model_busy": "on_rate_limit",
    "model_answer_invalid": "on_llm_extraction_failure",
    "model_answer_cut": "on_llm_extraction_failure",
    "model_refused": "on_llm_extraction_failure",
    "model_request_refused": "on_llm_extraction_failure",
    "model_window_full": "on_llm_extraction_failure",
    "model_timed_out": "on_llm_extraction_failure",
    "model_broken": "on_llm_extraction_failure",
    "image_refused": "on_llm_extraction_failure",
    "image_unavailable": "on_llm_extraction_failure",
}


def escalation(
    error: Mapping[str, Any], part: Any, scope: Scope, rules: Mapping[str, str], *, acted: bool
) -> Rule | None:
    """The rule {"key", "text"} that speaks for an error of `part` (a step or a template of the plan), if there is one.

    A rule for the very class of the failure comes before the one for a run of which something was done.
    """
    wanted = [CLASSES.get(error["code"], "")]
    if error["code"] == "missing_value" and any(_reads_nothing(reference, scope) for reference in references_of(part)):
        wanted.append(EMPTY_RESULT)
    if acted:
        wanted.append(PARTIAL_FAILURE)
    return next(({"key": key, "text": rules[key]} for key in wanted if key in rules), None)


def _reads_nothing(reference: Reference, scope: Scope) -> bool:
    """Whether the path leads to a list that has no items, or into one."""
    value = scope.get(reference.root)
    for segment in reference.path:
        if not isinstance(value, Mapping) or segment not in value:
            break
        value = value[segment]
    return bool(value == [])
