"""Steps that act: parameters, permissions, and who is reached (ACT-05, LNG-09)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from apps_engine.language.catalogue import ActionSpec, FieldSpec
from apps_engine.language.kinds import Kind
from apps_engine.language.pointers import join
from apps_engine.language.schema_types import of_schema
from apps_engine.language.static_types import TEXT, UNKNOWN, Origin, Type, of_field
from apps_engine.language.validate.effects import TASK_KEY, TASKS, check_effects
from apps_engine.language.validate.params import accepts_null, check_params, rendered_fits
from apps_engine.language.validate.permissions import check_permitted
from apps_engine.language.validate.review import Place, Walk
from apps_engine.language.validate.templates import Reader
from apps_engine.language.validate.trust import check_prompt, check_query, check_targets

Step = Mapping[str, Any]

# The dotted path of a whole answer: all that a model writes.
_EVERYTHING = frozenset({""})
_MODEL_SCHEMAS = ("output_schema", "schema")
_PROVENANCE = ("model", "offline", "recognised")
# In an answer from outside, what the action itself says in the platform's name.
_OWN_WORDS = frozenset({Kind.TEXT, Kind.BOOLEAN, Kind.INSTANT})


def check_act(step: Step, at: str, place: Place, walk: Walk) -> Type:
    """Report wrong parameters, missing permissions and untrusted targets; the result is what the action declares."""
    reader, findings = place.reader(walk), walk.review.findings
    once = reader.text(step["once_per"], join(at, "once_per")) if isinstance(step.get("once_per"), str) else UNKNOWN
    # Of the items with one key only the first has its turn.
    chosen = max(place.chosen, once.picked)
    name, params = step.get("act"), step.get("params")
    spec = walk.review.catalogue.actions.get(name) if isinstance(name, str) else None
    params_at = join(at, "params") if "params" in step else at
    if spec is None:
        if isinstance(name, str):
            known = walk.review.catalogue.actions
            hint = findings.suggest(name, known) or f"Possible: {', '.join(sorted(known))}."
            findings.add(join(at, "act"), "unknown_action", f"There is no action `{name[:40]}`.", hint)
        reader.value(params, params_at)
        return UNKNOWN
    given = params if isinstance(params, dict) else {}
    if params is None or isinstance(params, dict):
        parameters = walk.review.vocabulary.parameters(spec)
        if not walk.review.shaped:
            check_params(given, parameters.written, params_at, spec.name, findings)
        types = _check_values(parameters.rendered, given, params_at, reader)
        check_targets(spec, given, params_at, chosen, reader)
        check_prompt(spec, given, params_at, reader)
        check_query(spec, given, params_at, reader)
        check_permitted(spec, given, at, params_at, walk.review)
        if TASKS in spec.writes:
            chosen = max(chosen, types.get(TASK_KEY, UNKNOWN).picked)
        handed = types["data"].marked(selected=chosen) if "data" in types else UNKNOWN
        check_effects(spec, given, handed, params_at, walk, place.times)
    return _result(spec, given)


def _check_values(schemas: Mapping[str, Step], params: Step, at: str, reader: Reader) -> dict[str, Type]:
    """Check the templates of the parameters, and that what they render fits; the types of that by name."""
    types: dict[str, Type] = {}
    for name, value in params.items():
        where = join(at, name)
        rendered = types[name] = reader.value(value, where)
        if not isinstance(value, str) or "{{" not in value or name not in schemas:
            continue
        if reason := rendered_fits(rendered, schemas[name]):
            hint = "Add `| to_text`." if rendered.kind is Kind.NUMBER else str(schemas[name].get("description", ""))
            reader.findings.add(where, "wrong_type", reason, hint)
        elif rendered.nullable and not accepts_null(schemas[name]):
            hint = "Add `| default: ...`, or leave such rows out with `where`."
            reader.findings.add(where, "maybe_null", f"What this renders may be null, and `{name}` may not.", hint)
    return types


def _result(spec: ActionSpec, params: Step) -> Type:
    """What later steps may read. A local action that refuses one item says so in `skipped`."""
    schema = next((params[key] for key in _MODEL_SCHEMAS if isinstance(params.get(key), dict)), None)
    if schema is not None and not spec.local:
        return _answer(spec, schema, of_schema(schema, _EVERYTHING, origin=Origin.OUTSIDE))
    if not spec.result:
        return Type(untrusted=Origin.PLATFORM if spec.local else Origin.OUTSIDE)
    fields = {field.name: of_field(field) if spec.local else _from_outside(field) for field in spec.result}
    return Type(Kind.OBJECT, {**fields, "skipped": Type(TEXT.kind, nullable=True)}, open=False)


def _answer(spec: ActionSpec, schema: Step, answer: Type) -> Type:
    """A model that has a schema fills all of it in; beside that stands what the platform knows of the answer.

    A model that may add members of its own can add those of the platform's names too.
    """
    origin = Origin.PLATFORM if schema.get("additionalProperties", False) is False else Origin.OUTSIDE
    known = {field.name: of_field(field).marked(untrusted=origin) for field in spec.result if field.name in _PROVENANCE}
    given = {name: replace(kind, optional=False) for name, kind in answer.fields.items()}
    return replace(answer, fields={**known, **given})


def _from_outside(field: FieldSpec) -> Type:
    """A field of an answer. A number that something outside chose may stand for anybody's id, whatever it counts."""
    found = of_field(field)
    chosen = field.untrusted or found.kind not in _OWN_WORDS
    return found.marked(untrusted=Origin.OUTSIDE if chosen else Origin.PLATFORM)
