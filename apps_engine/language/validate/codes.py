"""Every code that parse and validate report, with what it means. Codes are stable: programs and people look them up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from apps_engine.language.problems import Severity

_ERROR, _WARNING, _SUGGESTION = Severity.ERROR, Severity.WARNING, Severity.SUGGESTION


@dataclass(frozen=True, slots=True)
class Code:
    """What a code means, whether it refuses the definition, and what to do where nothing better is known."""

    meaning: str
    severity: Severity = _ERROR
    remedy: str = ""


_DOCUMENT = {
    "json_syntax": Code("The text is no JSON."),
    "not_json": Code("The document holds something that JSON has no form for."),
    "not_utf8": Code("The text is not UTF-8."),
    "not_an_object": Code("The document is JSON, but no object."),
    "too_large": Code("The document has more than 256 KiB."),
    "too_deep": Code("Lists and objects, or an expression, nest too deeply."),
    "duplicate_key": Code("A key stands twice in one object."),
    "not_a_number": Code("NaN or Infinity."),
    "number_too_long": Code("A number has more than 40 digits."),
    "nul_character": Code("A text holds U+0000."),
    "lone_surrogate": Code("A text holds half of a character."),
    "unsupported_schema_version": Code("The schema version is neither the current one nor the one before it."),
    "deprecated": Code("A feature is on its way out; its replacement was put in place.", _WARNING),
}

SHAPE: Mapping[str, Code] = {
    "missing_key": Code("A required member is not there.", remedy="Add it."),
    "unknown_key": Code("A member has no meaning here."),
    "wrong_type": Code("A value has the wrong type.", remedy="Write a value of the right type."),
    "not_allowed": Code("A value is none of the allowed ones."),
    "too_short": Code("A text, list or object has too little in it.", remedy="Put something in, or leave it out."),
    "too_long": Code("A text, list or object has too much in it.", remedy="Shorten it."),
    "out_of_range": Code("A number is too small or too large.", remedy="Choose a number within the range."),
    "bad_format": Code("A text is not written the way it must be.", remedy="Write it in the form that is asked for."),
    "duplicate_value": Code("A list holds the same value twice."),
    "unknown_step": Code("A step is none of the six kinds."),
    "ambiguous_step": Code("A step is of several kinds at once."),
    "bad_default": Code("The default of an input does not fit the input."),
    "bad_inputs": Code("The inputs are no JSON Schema of an object."),
}

_NAMES = {
    "unknown_connector": Code("There is no such connector."),
    "unknown_action": Code("There is no such action."),
    "unknown_event": Code("There is no such event, and `permissions.subscribes` does not name it."),
    "unknown_transform": Code("There is no such transform."),
    "unknown_filter": Code("There is no such template filter.", remedy="Choose one of the documented filters."),
    "unknown_flow": Code("There is no flow of that name.", remedy="Name one of the flows."),
    "unknown_state": Code("There is no state of that name."),
    "unknown_escalation": Code("`on_error` names no escalation rule."),
    "duplicate_id": Code("Two steps, triggers or flows have the same name."),
    "duplicate_start": Code("Two triggers have the same endpoint or phrase.", _WARNING),
    "unknown_service": Code("A permission names an account that no action uses."),
    "reserved_name": Code("A name that the language uses itself."),
    "hides_name": Code("A name hides an outer one of the same name.", _WARNING),
}

_VALUES = {
    "not_in_scope": Code(
        "A template reads a name that is not defined where it stands.",
        remedy="Let an earlier step define it, or correct the name.",
    ),
    "unknown_field": Code("A template, filter or order names a field that is not there."),
    "no_such_path": Code("A template reads a member of something that has none.", remedy="Read the value itself."),
    "maybe_missing": Code("A template reads what is not there in every run.", _WARNING),
    "never_remembered": Code("A template reads a key of the state that no step sets.", _WARNING),
    "maybe_null": Code("A text contains a value that may be null.", _WARNING),
    "not_a_list": Code("A loop or transform goes over something that is no list."),
    "missing_parameter": Code("An action or transform lacks a required parameter.", remedy="Add it to `params`."),
    "unknown_parameter": Code("An action or transform has no such parameter."),
    "operator_not_admitted": Code("A field does not admit this operator, or cannot be filtered."),
    "not_orderable": Code("Rows cannot be ordered by this field."),
    "bad_cron": Code("The schedule cannot be read, or never comes."),
    "bad_timezone": Code("There is no such time zone."),
    "not_a_duration": Code("A text is no duration."),
    "bad_domain": Code("A permission names something that is no domain."),
    "unseen_character": Code(
        "A name, a description, an icon or a tag holds a line break, or a character that turns text around or has no "
        "width.",
        remedy="Write it in one line, without characters that nobody sees.",
    ),
}

# What the expression language refuses, in templates, conditions and filter objects, constants computed included.
_LANGUAGE = {
    "ambiguous_filter": Code("A filter after a whole condition; parentheses are needed."),
    "bad_bounds": Code("`between` takes two numbers, texts or dates, `clamp` the smaller bound first."),
    "bad_currency": Code("A text is no currency."),
    "bad_date_format": Code("A text is no format for dates."),
    "bad_field": Code("A filter object has something else where a field belongs."),
    "bad_index": Code("An index is neither a whole number nor a text."),
    "bad_pattern": Code("A text is no regular expression that runs in linear time."),
    "bad_url": Code("A text is no address for a link."),
    "chained_comparison": Code("Comparisons do not chain."),
    "date_out_of_range": Code("A date is beyond the calendar."),
    "different_lengths": Code("`zip` takes two lists that are equally long."),
    "division_by_zero": Code("A division by zero."),
    "domain_not_linkable": Code("`build_url` makes links to a few known sites only."),
    "empty_filter": Code("A field of a filter object has no operator."),
    "empty_text": Code("A text must not be empty."),
    "list_too_long": Code("A list has more than 10,000 items."),
    "missing_value": Code("A value is null where one is needed."),
    "negative_count": Code("A count is negative, or zero where there must be one at least."),
    "nested_placeholder": Code("A placeholder inside another one."),
    "not_a_truth": Code("A value is neither true nor false."),
    "not_a_whole_number": Code("A number must be whole."),
    "not_an_instant": Code("A text is no date or time."),
    "null_in_list": Code("null is in no list."),
    "result_too_long": Code("A text would have more than a million characters."),
    "template_too_long": Code("A template has more than 64 KiB."),
    "text_too_long": Code("A filter takes no text of this length."),
    "too_many_comparisons": Code("A filter object has more comparisons than a run should make."),
    "too_many_decimals": Code("More decimals than the language keeps."),
    "too_many_digits": Code("A number has more than 40 digits."),
    "too_many_filters": Code("More than 16 filters follow one another."),
    "too_many_operations": Code("A template holds more than 1,000 operations."),
    "too_much_work": Code("The filters of one template go over more items than they should."),
    "unclosed_placeholder": Code("A placeholder has no closing braces."),
    "unclosed_text": Code("A text has no closing quote."),
    "unexpected_character": Code("A character has no meaning here."),
    "unexpected_end": Code("An expression is not complete.", remedy="Write what belongs after its last word."),
    "unexpected_token": Code(
        "An expression goes on where it cannot.", remedy="Put an operator or a filter between two values."
    ),
    "unknown_alias": Code("There is no such `$` name."),
    "unknown_function": Code("There is no such function."),
    "unknown_operator": Code("There is no such operator."),
    "unknown_time_zone": Code("A filter names no time zone."),
    "unknown_unit": Code("A filter names no unit of time."),
    "unsupported_statement": Code("`{% %}` statements do not exist."),
    "wrong_argument_count": Code("A filter has too few or too many arguments."),
}

_LIMITS = {
    "not_in_profile": Code("The profile of the app does not have this."),
    "too_many_flows": Code("More flows than the profile allows."),
    "too_many_steps": Code("More steps in a flow than the profile allows."),
    "nested_too_deep": Code("Loops or branches nest more deeply than the profile allows."),
    "too_many_triggers": Code("More triggers of one type than the profile allows."),
    "too_many_starts": Code("Schedules start the app more often in a day than the profile allows."),
    "too_many_ui_blocks": Code("More UI blocks in a response than the profile allows."),
    "state_too_large": Code("More would be remembered than an app may."),
    "delay_too_long": Code("A delay is longer than the profile allows."),
    "limit_reached": Code("More is read or looped over than one run may use.", _WARNING),
}

_SAFETY = {
    "missing_permission": Code("The app does something that its permissions do not name."),
    "reserved_event": Code("A permission names an event of the platform where an app's own belongs."),
    "untrusted_target": Code("What members, a model or the outside wrote would decide who or what is reached."),
    "untrusted_recipients": Code("What a model or the outside wrote selects the rows that something is sent to."),
    "untrusted_selection": Code("What somebody else wrote selects the rows that decide who is reached.", _WARNING),
    "untrusted_link": Code("Text that somebody else wrote leads the readers of a message on.", _WARNING),
    "missing_completion_criteria": Code("A superpower says what success is."),
    "missing_escalation": Code("A superpower has at least two escalation rules."),
}

_ADVICE = {
    "unreachable_flow": Code("No trigger starts this flow.", _WARNING),
    "unreachable_steps": Code("These steps can never run.", _WARNING),
    "unreachable_state": Code("Nothing leads to this state.", _WARNING),
    "unused_rule": Code("An escalation rule that no failure asks for.", _WARNING),
    "unused_permission": Code("Nothing uses this permission.", _SUGGESTION),
    "no_effect": Code("A setting that changes nothing where it stands.", _WARNING),
    "triggers_itself": Code("The app does what starts it; it will not start itself.", _SUGGESTION),
    "add_once_per": Code("The same people may get the same message again.", _SUGGESTION),
    "content_in_prompt": Code("What somebody else wrote stands among the instructions of a model.", _WARNING),
    "content_in_query": Code("What somebody else wrote is searched for outside of the platform.", _WARNING),
    "add_url_encode": Code("Text that somebody else wrote stands in an address as it is.", _SUGGESTION),
    "add_description": Code("Nothing says what the app is for.", _SUGGESTION),
    "unused_result": Code("Nothing reads what this step fetched.", _SUGGESTION),
}

# What only the platform can tell, which knows the community, its other apps and what it serves.
SERVICE_CODES: Mapping[str, Code] = {
    "event_cycle": Code("Apps start each other in a circle by events of their own."),
    "event_loop": Code("Apps may start each other in a circle by what they do.", _WARNING),
    "same_field": Code("Another app sets the same field.", _WARNING),
    "same_effect": Code("Another app does the same after the same event.", _WARNING),
    "rules_filled_in": Code("Escalation rules were added for what the operations can run into.", _SUGGESTION),
    "invalid_parameter": Code("An action cannot use a parameter as it is written."),
    "output_schema_invalid": Code("No answer of a model could be held to this schema."),
    "domain_not_allowed": Code("The community has not allowed calls to this domain yet.", _WARNING),
    "trigger_not_served": Code("Nothing starts triggers of this type here yet.", _WARNING),
}

# What a definition by itself can be told, by what it is about.
GROUPS: Mapping[str, Mapping[str, Code]] = {
    "The document": _DOCUMENT,
    "Its shape": SHAPE,
    "Names": _NAMES,
    "Values": _VALUES,
    "Expressions": _LANGUAGE,
    "Limits": _LIMITS,
    "Safety": _SAFETY,
    "Advice": _ADVICE,
}
CODES: Mapping[str, Code] = {name: code for group in GROUPS.values() for name, code in group.items()}
