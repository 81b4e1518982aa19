"""The start of a new connector or action: its file, its test, and its line in the table.

What is written runs at once. The test fails where the author has something to say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from keyword import iskeyword
from pathlib import Path
from string import Template
from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models

from decommerce.tenancy.encrypted_text import EncryptedTextField
from decommerce.tenancy.errors import PlatformError

STARTS = Path(__file__).with_name("scaffolds")
_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_INTERNAL = frozenset({"tenant", "external_id", "idem_key"})


class ScaffoldRefused(PlatformError):
    """The start cannot be written."""

    code = "scaffold_refused"


@dataclass(frozen=True, slots=True)
class _Kind:
    """How a model's field is declared: its type, and an example as Python source."""

    type: str
    example: str


# The first class that fits decides.
_KINDS: tuple[tuple[type[models.Field], _Kind], ...] = (
    (models.BooleanField, _Kind("BOOLEAN", "True")),
    (models.IntegerField, _Kind("INTEGER", "3")),
    (models.ForeignKey, _Kind("INTEGER", "42")),
    (models.DecimalField, _Kind("DECIMAL", 'Decimal("12.50")')),
    (models.DateTimeField, _Kind("INSTANT", '"2026-11-20T08:15:00Z"')),
    (models.CharField, _Kind("TEXT", '"A short text"')),
    (models.TextField, _Kind("TEXT", '"A longer text"')),
    (ArrayField, _Kind("LIST", '["one", "two"]')),
    (models.JSONField, _Kind("OBJECT", "{}")),
)


def scaffold_connector(root: Path, name: str, model: str) -> list[Path]:
    """Write a connector that reads a model ("community.Reaction"); returns the files written and changed."""
    found = _model(model)
    words = name.replace("_", " ")
    fields = [(field, kind) for field in found._meta.fields if (kind := _kind(field)) and field.name not in _INTERNAL]
    values = {
        **_names(name),
        "nouns": words,
        "Nouns": words.capitalize(),
        "noun_of_one": str(found._meta.verbose_name),
        "model": found.__name__,
        "model_module": found.__module__.rpartition(".")[0],
        "imports": _imports(fields),
        "columns": "\n".join(_column(field, kind) for field, kind in fields),
        "sample": "\n".join(f'            "{_declared(field)}": {kind.example},' for field, kind in fields),
    }
    return _write(root, "connectors", "connector", name, values)


def scaffold_action(root: Path, name: str, *, external: bool = False) -> list[Path]:
    """Write an action; returns the files written and changed."""
    words = name.replace("_", " ")
    kind = "external_action" if external else "local_action"
    return _write(root, "actions", kind, name, {**_names(name), "words": words, "Words": words.capitalize()})


def _names(name: str) -> dict[str, str]:
    if not _NAME.fullmatch(name) or iskeyword(name):
        raise ScaffoldRefused(f"“{name}” is no name of a block.", hint="Write it like room_visits.")
    return {"name": name, "class_name": "".join(part.capitalize() for part in name.split("_"))}


def _model(label: str) -> type[models.Model]:
    """A model of the community: of every other the rows are not those of one tenant, or nothing to be read by apps."""
    known = {f"community.{model.__name__}": model for model in apps.get_app_config("community").get_models()}
    if label not in known:
        raise ScaffoldRefused(f"There is no model {label} to read.", hint=f"Choose one of: {', '.join(sorted(known))}.")
    return known[label]


def _kind(field: models.Field) -> _Kind | None:
    if isinstance(field, EncryptedTextField):
        return None
    return next((kind for cls, kind in _KINDS if isinstance(field, cls)), None)


def _declared(field: models.Field) -> str:
    return field.attname


def _imports(fields: list[tuple[models.Field, _Kind]]) -> str:
    exact = "from decimal import Decimal\n" if any(kind.type == "DECIMAL" for _, kind in fields) else ""
    return f"{exact}from typing import Any"


def _column(field: models.Field, kind: _Kind) -> str:
    """One declared field. Text is taken for what members wrote until somebody knows better."""
    about = f'"{str(field.verbose_name).capitalize()}"'
    marks = [
        mark
        for mark, holds in (
            ("nullable=True", field.null),
            ("untrusted=True", kind.type == "TEXT" and not field.choices),
            ("personal=True", isinstance(field, models.EmailField)),
        )
        if holds
    ]
    source = "pk" if field.primary_key else field.attname
    spec = ", ".join([f'"{_declared(field)}"', f"FieldType.{kind.type}", about, *marks])
    line = f'        Column(FieldSpec({spec}), "{source}"),'
    if len(line) <= 120:
        return line
    return f'        Column(\n            FieldSpec({spec}),\n            "{source}",\n        ),'


def _write(root: Path, package: str, kind: str, name: str, values: Mapping[str, Any]) -> list[Path]:
    block, test = root / package / f"{name}.py", root / "tests" / package / f"test_{name}.py"
    taken = next((path for path in (block, test) if path.exists()), None)
    if taken is not None:
        raise ScaffoldRefused(f"{taken.relative_to(root)} exists.", hint="Choose another name, or delete it.")
    table = root / package / "table.py"
    listed = _listed(table.read_text(), package, name, values["class_name"])
    for path, start in ((block, kind), (test, f"{kind}_test" if package == "actions" else "connector_test")):
        path.write_text(Template((STARTS / f"{start}.txt").read_text()).substitute(values))
    table.write_text(listed)
    return [block, test, table]


def _listed(table: str, package: str, name: str, class_name: str) -> str:
    """The table with the import in its place and the instance at the end."""
    head, tuple_start, entries = table.partition(f"{package.upper()}: ")
    opening, future, rest = head.partition("from __future__ import annotations\n\n")
    imports = sorted([*rest.split("\n"), f"from {package}.{name} import {class_name}"])
    body = entries.rstrip().removesuffix(")").rstrip()
    separator = "\n    " if "\n" in body else " "
    ending = ",\n)" if "\n" in body else ")"
    instances = f"{body.removesuffix(',')},{separator}{class_name}(){ending}\n"
    return f"{opening}{future}" + "\n".join(filter(None, imports)) + f"\n\n{tuple_start}{instances}"
