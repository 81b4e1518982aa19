"""The member that a row is about, as its fields name them."""

from __future__ import annotations

from apps_engine.contracts import Column
from apps_engine.language.catalogue import FieldSpec, FieldType


def person(word: str, what: str, *, nullable: bool = False) -> tuple[Column, ...]:
    """`<word>_id`, `<word>_name` and `<word>_email` through the model's field of that name; `what` says who it is."""
    return (
        Column(FieldSpec(f"{word}_id", FieldType.INTEGER, f"{what}'s number", nullable=nullable), f"{word}_id"),
        Column(
            FieldSpec(
                f"{word}_name", FieldType.TEXT, f"{what}'s name", nullable=nullable, untrusted=True, personal=True
            ),
            f"{word}__display_name",
        ),
        Column(
            FieldSpec(f"{word}_email", FieldType.TEXT, f"{what}'s e-mail address", nullable=True, personal=True),
            f"{word}__email",
        ),
    )
