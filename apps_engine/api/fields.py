"""The fields of bodies and query strings: what a wrong value is told, and how the OpenAPI document tells them.

A message may have a second line: what to do about it, which `problems` shows as the hint.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NoReturn

from django.core.validators import ProhibitNullCharactersValidator, RegexValidator
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps_engine.api.shapes import OBJECT
from apps_engine.language.kinds import excerpt
from apps_engine.language.labels import UNSEEN
from apps_engine.language.suggestions import did_you_mean

LARGEST_NUMBER = 2**63 - 1
_PLAIN = f"[^{UNSEEN}]*"
_UNSEEN_CHARACTERS = "There are line breaks or characters in it that nobody sees.\nLeave them out."
_MAY_BE_BLANK = RegexValidator(f"^{_PLAIN}$", _UNSEEN_CHARACTERS, "unseen_characters")
_SAYS_SOMETHING = RegexValidator(rf"^{_PLAIN}[^\s{UNSEEN}]{_PLAIN}$", _UNSEEN_CHARACTERS, "unseen_characters")


class Strict(serializers.Serializer):
    """An object whose members are all known: one that is not was mistyped, or stands in the wrong place."""

    def to_internal_value(self, data: Any) -> Any:
        """The checked members; raises ValidationError with the unknown ones too."""
        unknown = [name for name in data if name not in self.fields] if isinstance(data, Mapping) else []
        try:
            checked = super().to_internal_value(data)
        except serializers.ValidationError as error:
            known: Any = error.detail
            raise serializers.ValidationError({**known, **self._refusals(unknown)}) from error
        if unknown:
            raise serializers.ValidationError(self._refusals(unknown))
        return checked

    def _refusals(self, unknown: Iterable[Any]) -> dict[str, list[serializers.ErrorDetail]]:
        return {
            str(name): [serializers.ErrorDetail(self._said_of(str(name)), "unknown_field")]
            for name in list(unknown)[:20]
        }

    def _said_of(self, name: str) -> str:
        hint = did_you_mean(name, self.fields) or f"Possible here: {', '.join(self.fields)}."
        return f"“{excerpt(name)}” has no meaning here.\n{hint}"


class Text(serializers.CharField):
    """A text, and no number that could be one."""

    default_error_messages = {"invalid": "This is a text."}

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        kept = [one for one in self.validators if not isinstance(one, ProhibitNullCharactersValidator)]
        self.validators = [*kept, _MAY_BE_BLANK if self.allow_blank else _SAYS_SOMETHING]

    def to_internal_value(self, data: Any) -> str:
        """The text without the spaces around it."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


@extend_schema_field({"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]})
class InstantOrNull(serializers.DateTimeField):
    """An instant, or null for none."""


class Whole(serializers.IntegerField):
    """A whole number of JSON, and no text that could be one."""

    default_error_messages = {"invalid": "This is a whole number."}

    def to_internal_value(self, data: Any) -> int:
        """The number; 3.0 is 3, as JSON Schema has it."""
        if isinstance(data, bool) or not isinstance(data, int | Decimal) or data != int(data):
            self.fail("invalid")
        return int(data)


class EventSource(serializers.RegexField):
    """Where events come from: the path of a program, such as /billing or /billing/eu; empty for nowhere of its own."""

    default_error_messages = {"invalid": "Write a path such as /billing, or /billing/eu."}

    def __init__(self, **options: Any) -> None:
        super().__init__(r"^(/[a-z0-9][a-z0-9._-]{0,39}){0,4}$", allow_blank=True, **options)


class Flag(serializers.BooleanField):
    """true or false, and no word for them."""

    default_error_messages = {"invalid": "This is true or false."}

    def to_internal_value(self, data: Any) -> bool:
        """The value."""
        if not isinstance(data, bool):
            self.fail("invalid")
        return data


class Choice(serializers.ChoiceField):
    """One of a few words; the others are told which."""

    def fail(self, key: str, **values: Any) -> NoReturn:
        """Refuse a value: with the one that was probably meant, and all there are."""
        if key != "invalid_choice":
            super().fail(key, **values)
        raise _not_a_choice(values.get("input"), self.choices)


class Choices(serializers.MultipleChoiceField):
    """Some of a few words."""

    def fail(self, key: str, **values: Any) -> NoReturn:
        """Refuse a value: with the one that was probably meant, and all there are."""
        if key != "invalid_choice":
            super().fail(key, **values)
        raise _not_a_choice(values.get("input"), self.choices)


@extend_schema_field({"type": ["object", "string"], "additionalProperties": True, "minLength": 2})
class DefinitionField(serializers.Field):
    """A definition: a JSON object, or the text of one."""

    default_error_messages = {"wrong_type": "A definition is a JSON object, or the text of one."}

    def to_internal_value(self, data: Any) -> dict[str, Any] | str:
        """The definition, not looked into."""
        if not isinstance(data, dict | str):
            self.fail("wrong_type")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field(OBJECT)
class ObjectField(serializers.Field):
    """Any JSON object, as it came."""

    default_error_messages = {"wrong_type": "This is a JSON object."}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """The object, not looked into."""
        if not isinstance(data, dict):
            self.fail("wrong_type")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


def _not_a_choice(given: Any, choices: Mapping[Any, Any]) -> serializers.ValidationError:
    names = [str(choice) for choice in choices]
    near = did_you_mean(given, names) if isinstance(given, str) else ""
    hint = " ".join(part for part in (near, f"Possible: {', '.join(names)}.") if part)
    shown = excerpt(given) if isinstance(given, str | int) else "This"
    return serializers.ValidationError(f"“{shown}” is none of the choices.\n{hint}", "invalid_choice")
