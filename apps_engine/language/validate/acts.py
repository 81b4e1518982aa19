"""Steps that act: parameters, permissions, and who is reached (ACT-05, LNG-09)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from apps_engine.language.catalogue import ActionSpec
from apps_engine.language.kinds import Kind
from apps_engine.language.pointers import join
from apps_engine.language.schema_types import of_schema
from apps_engine.language.static_types import TEXT, UNKNOWN, Type, of_field
from apps_engine.language.validate.params import accepts_null, check_params, parameter_schemas, rendered_fits
from apps_engine.language.validate.review import Place, Walk
from apps_engine.language.validate.templates import Reader
from apps_engine.language.validate.trust import check_targets

Step = Mapping[str, Any]

# Actions that send an app event, and the parameter that names it.
EMITTING = {"emit_event": "event", "emit_events": "event"}
_HOST = re.compile(r"https?://(?:[^/?#@]*@)?([^/?#:{}]+)(?=[/?#:]|$)")
# The dotted path of a whole answer: all that a model writes.
_EVERYTHING = frozenset({""})
_MODEL_SCHEMAS = ("output_schema", "schema")


def check_act(step: Step, at: str, place: Place, walk: Walk) -> Type:
    """Report wrong parameters, missing permissions and untrusted targets; the result is what the action declares."""
    reader, findings = place.reader(walk), walk.review.findings
    if isinstance(step.get("once_per"), str):
        reader.text(step["once_per"], join(at, "once_per"))
    name, params = step.get("act"), step.get("params")
    spec = walk.review.catalogue.actions.get(name) if isinstance(name, str) else None
    params_at = join(at, "params") if "params" in step else at
    if spec is None:
        if isinstance(name, str):
            known = walk.review.catalogue.actions
            hint = findings.suggest(name, known) or f"Possible: {', '.join(sorted(known))}."
            findings.add(join(at, "act"), "unknown_action", f"There is no action `{name[:40]}`.", hint)
        reader.tree(params, params_at)
        return UNKNOWN
    given = params if isinstance(params, dict) else {}
    if params is None or isinstance(params, dict):
        check_params(given, spec.params, params_at, spec.name, findings)
        _check_values(spec, given, params_at, reader)
        check_targets(spec, given, params_at, place.narrowed, reader)
        _check_permissions(spec, given, params_at, walk)
    return _result(spec, given)


def _check_values(spec: ActionSpec, params: Step, at: str, reader: Reader) -> None:
    """Check the templates of the parameters, and that what they render fits."""
    schemas = parameter_schemas(spec.params)
    for name, value in params.items():
        where = join(at, name)
        rendered = reader.value(value, where)
        if not isinstance(value, str) or "{{" not in value or name not in schemas:
            continue
        if reason := rendered_fits(rendered, schemas[name]):
            hint = "Add `| to_text`." if rendered.kind is Kind.NUMBER else str(schemas[name].get("description", ""))
            reader.findings.add(where, "wrong_type", reason, hint)
        elif rendered.nullable and not accepts_null(schemas[name]):
            hint = "Add `| default: ...`, or leave such rows out with `where`."
            reader.findings.add(where, "maybe_null", f"What this renders may be null, and `{name}` may not.", hint)


def _check_permissions(spec: ActionSpec, params: Step, at: str, walk: Walk) -> None:
    if "webhook" in spec.sends:
        _check_domain(params.get("url"), join(at, "url"), walk)
    parameter = EMITTING.get(spec.name)
    event = params.get(parameter) if parameter is not None else None
    if isinstance(event, str) and "{{" not in event and event not in walk.review.permitted("emits"):
        hint = f'Add "permissions": {{"emits": ["{event}"]}}.'
        where = join(at, parameter or "")
        walk.review.findings.add(where, "missing_permission", f"The app may not send the event `{event[:60]}`.", hint)


def _check_domain(url: Any, at: str, walk: Walk) -> None:
    if not isinstance(url, str):
        return
    allowed = walk.review.permitted("domains")
    host = _HOST.match(url)
    if host is not None and host[1].lower() not in allowed:
        hint = f'Add "permissions": {{"domains": ["{host[1].lower()}"]}}; an admin allows the domain for the community.'
        walk.review.findings.add(at, "missing_permission", f"The app may not call `{host[1][:80]}`.", hint)
    elif host is None and "{{" in url and not allowed:
        hint = 'Name the domains it may call: "permissions": {"domains": [...]}.'
        walk.review.findings.add(at, "missing_permission", "The app may not call any domain.", hint)


def _result(spec: ActionSpec, params: Step) -> Type:
    """What later steps may read. A local action that refuses one item says so in `skipped`."""
    model = next((params[key] for key in _MODEL_SCHEMAS if isinstance(params.get(key), dict)), None)
    untrusted = any(field.untrusted for field in spec.result) or spec.spends == "ai" or _from_outside(spec)
    if model is not None and untrusted:
        return _all_given(of_schema(model, _EVERYTHING))
    if not spec.result:
        return Type(untrusted=untrusted)
    fields = {field.name: of_field(field) for field in spec.result}
    return Type(Kind.OBJECT, {**fields, "skipped": Type(TEXT.kind, nullable=True)}, open=False)


def _all_given(answer: Type) -> Type:
    """A model that has a schema fills all of it in."""
    fields = {name: replace(kind, optional=False) for name, kind in answer.fields.items()}
    return replace(answer, fields=fields)


def _from_outside(spec: ActionSpec) -> bool:
    """Whether the result is whatever something outside answered."""
    return not spec.local and not spec.result
