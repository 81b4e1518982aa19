"""Codes that a step or a run can end with and that no class of errors has by itself, with what they mean.

A step can also end with any code of the language (`language.validate.codes`) that depends on what a run renders, and
with those of the errors that its block raises. A test finds every code in the source and holds it documented.
"""

from __future__ import annotations

from collections.abc import Mapping

RUN_CODES: Mapping[str, str] = {
    "code_in_parameter": "A text of a ready-made app holds braces, which would be read as a template.",
    "database_conflict": "Two runs waited for each other's rows; this one gave way and is tried again.",
    "definition_outdated": "The version of the app names what is not there any more; save a corrected one.",
    "internal_error": "The engine met a fault of its own; the operators' log has it.",
    "no_longer_wanted": "When the delay was over, its `when` did not hold or the `exit_when` of its trigger did.",
    "replaced": "A newer run of the app took the place of this one, because the app restarts.",
    "overlap": "Another run of the app is under way or waits, and the app does one at a time.",
    "worker_lost": "The worker stopped in the middle of the run, at its last attempt.",
    "bad_character": "A text holds half of a character.",
    "database_refused": "The database refused what an action asked for.",
    "deprecated_feature": "The step uses a connector or an action that is no longer there.",
    "effect_in_progress": "Another run is making this very call.",
    "effect_unknown": "Nobody knows whether a call outside arrived: the worker died in between.",
    "invalid_params": "What a step rendered for an action is nothing that it can use.",
    "limit_ai": "The run has made all the AI calls that it may make.",
    "limit_email": "The run has written all the e-mails that it may write.",
    "limit_message": "The run has sent all the messages that it may send.",
    "limit_pause": "A pause would be longer than a run may wait.",
    "not_bound": "A filter object was used before its values were rendered.",
    "quota_ai": "The community has used up the AI calls or tokens of this hour or day.",
    "quota_emails": "The community has used up the e-mails of this day.",
    "quota_events": "The community's apps have sent each other all the events of this hour.",
    "step_too_slow": "The database was not done with a step in time.",
    "too_many_rows": "A pattern would have to be looked for in more rows than a step may look at.",
    "url_too_long": "A link would be longer than a link may be.",
    "value_too_large": "A result holds more than a run keeps.",
}
