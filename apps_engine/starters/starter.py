"""What the file of a starter holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

# The categories in the order in which people meet them, with their headings.
CATEGORIES: Mapping[str, str] = {
    "email": "Email and communication",
    "content": "Content",
    "engagement": "Engagement and games",
    "analytics": "Analytics and reports",
    "moderation": "Moderation and management",
    "shopify": "Shop",
    "superpowers": "Superpowers",
}

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=64)]
Sentence = Annotated[str, StringConstraints(min_length=1, max_length=160)]
Type = Literal["integer", "number", "string", "boolean"]

# Texts of which the platform knows the possible values; all others are free text.
KNOWN_FORMATS = frozenset({"timezone"})
# Whole numbers that name a row of the community.
ROW_FORMATS = frozenset({"room", "member", "mission", "reward"})


class Parameter(BaseModel):
    """One thing that the admin chooses, as JSON Schema; `labels` are the words for the values of `enum`.

    `format`: timezone; room, member, mission or reward (the number of one, or null for none); multiline.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Type | tuple[Type, Literal["null"]]
    title: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    description: Annotated[str, StringConstraints(max_length=300)]
    default: Any
    minimum: Any = None
    maximum: Any = None
    min_length: int | None = Field(None, alias="minLength")
    max_length: int | None = Field(None, alias="maxLength")
    enum: tuple[Any, ...] | None = None
    labels: tuple[str, ...] | None = None
    format: Literal["timezone", "room", "member", "mission", "reward", "multiline"] | None = None

    @model_validator(mode="after")
    def _bounded(self) -> Parameter:
        """A number lies between two bounds, a text is no longer than it may be."""
        if self.labels is not None and len(self.labels) != len(self.enum or ()):
            raise ValueError("there is one label for each value")
        counted = self.kind in {"integer", "number"} and self.enum is None and self.format not in ROW_FORMATS
        if counted and None in (self.minimum, self.maximum):
            raise ValueError("a number needs a minimum and a maximum")
        if self.free_text and self.max_length is None:
            raise ValueError("a text needs a maxLength")
        return self

    @property
    def kind(self) -> Type:
        """The type, null left aside."""
        return self.type[0] if isinstance(self.type, tuple) else self.type

    @property
    def free_text(self) -> bool:
        """Whether the admin may write anything."""
        return self.kind == "string" and self.enum is None and self.format not in KNOWN_FORMATS

    def schema_of(self) -> dict[str, Any]:
        """The parameter as JSON Schema."""
        return self.model_dump(mode="python", by_alias=True, exclude_unset=True)


class Parameters(BaseModel):
    """The schema of an object of parameters; those that are left out have their defaults."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Literal["object"]
    properties: dict[Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")], Parameter]


class Starter(BaseModel):
    """A ready-made app. In `definition`, {"$param": name} stands for a parameter's value and <<name>> for its text."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    slug: Slug
    category: Literal["email", "content", "engagement", "analytics", "moderation", "shopify", "superpowers"]
    name: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    summary: Sentence
    description: Annotated[str, StringConstraints(min_length=1, max_length=2_000)]
    icon: Annotated[str, StringConstraints(min_length=1, max_length=8)]
    synonyms: Annotated[tuple[Annotated[str, StringConstraints(max_length=60)], ...], Field(min_length=3)]
    parameters: Parameters
    definition: dict[str, Any]

    def schema_of_parameters(self) -> dict[str, Any]:
        """The JSON Schema (draft 2020-12) of the parameters."""
        return {
            "type": "object",
            "additionalProperties": False,
            "properties": {name: parameter.schema_of() for name, parameter in self.parameters.properties.items()},
        }
