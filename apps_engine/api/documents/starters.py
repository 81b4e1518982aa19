"""`docs/starters.md`: every ready-made app for people to read, written from the files (APP-09)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from apps_engine.services.definitions import check_definition
from apps_engine.services.starters import definition_with
from apps_engine.starters import CATEGORIES, STARTERS, Parameter, Starter, defaults

INTRODUCTION = """\
# Ready-made apps

Written by `make docs` from `apps_engine/starters`; do not edit. Each can be created from the page
**Ready-made apps**, with REST (`POST /api/v1/starters/SLUG/apps`), by an agent, or from the shell:

```
.venv/bin/python manage.py app create --starter SLUG --set NAME=VALUE --tenant TENANT
```

What an app does is told here in the words of the platform itself, with every parameter at its default.
"""


def starters_document() -> str:
    """The whole document, by category."""
    return "\n".join([INTRODUCTION, *_contents(), *(part for key in CATEGORIES for part in _category(key))])


def _contents() -> Iterator[str]:
    for starter in STARTERS.values():
        yield f"- [{starter.name}](#{starter.slug}): {starter.summary}"
    yield ""


def _category(key: str) -> Iterator[str]:
    starters = [starter for starter in STARTERS.values() if starter.category == key]
    if starters:
        yield f"## {CATEGORIES[key]}\n"
    for starter in starters:
        yield from _starter(starter)


def _starter(starter: Starter) -> Iterator[str]:
    checked = check_definition(definition_with(starter, defaults(starter)))
    yield f'### <a id="{starter.slug}"></a>{starter.icon} {starter.name}\n'
    yield f"`{starter.slug}` · {starter.description}\n"
    yield from (f"- {_escaped(sentence)}" for sentence in checked.sentences)
    yield ""
    if starter.parameters.properties:
        yield "| parameter | what it is | default | possible |"
        yield "|---|---|---|---|"
        yield from (_row(name, parameter) for name, parameter in starter.parameters.properties.items())
        yield ""


def _row(name: str, parameter: Parameter) -> str:
    about = _escaped(f"{parameter.title}. {parameter.description}")
    return f"| `{name}` | {about} | {_default(parameter)} | {_escaped(_possible(parameter))} |"


def _default(parameter: Parameter) -> str:
    if parameter.format == "timezone":
        return "the community's"
    return "" if parameter.default is None else _escaped(_short(parameter.default))


def _possible(parameter: Parameter) -> str:
    if parameter.enum is not None:
        return ", ".join(_short(value) for value in parameter.enum)
    if parameter.format is not None and parameter.format != "multiline":
        return f"a {parameter.format}" if parameter.format != "timezone" else "a time zone"
    if parameter.kind == "boolean":
        return "true, false"
    if parameter.kind == "string":
        return f"a text of at most {parameter.max_length} characters"
    return f"{parameter.minimum} to {parameter.maximum}"


def _short(value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else " ".join(str(value).split())
    return text if len(text) <= 60 else f"{text[:59]}…"


def _escaped(text: str) -> str:
    """Fit for a line and a cell of Markdown."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
