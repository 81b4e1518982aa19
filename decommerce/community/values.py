"""Checking values before they are written."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from decommerce.community.exact_json import storable
from decommerce.tenancy.errors import PlatformError


class ValueInvalid(PlatformError):
    """A value that its field cannot hold."""

    code = "value_invalid"


def checked(model: type[models.Model], name: str, value: Any) -> Any:
    """The value as the field of that name holds it; raises ValueInvalid."""
    field: Any = model._meta.get_field(name)
    try:
        return field.clean(storable(value), None)
    except ValidationError as error:
        raise ValueInvalid(f"{name} cannot be {value!r}: {' '.join(error.messages)}") from error
