"""What an admin chose for a starter: the defaults filled in, and every fault with its path and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from apps_engine.language.cron import CronError, check_timezone
from apps_engine.language.pointers import join
from apps_engine.language.problems import Problem
from apps_engine.language.validate.faults import report_faults
from apps_engine.language.validate.findings import Findings
from apps_engine.language.validate.validator import Validator
from apps_engine.starters.shelf import STARTERS
from apps_engine.starters.starter import Starter

# What the language would read in a text: an opening placeholder or statement, or half of one at the edge of the text.
_CODE = re.compile(r"\{[{%]|\{\Z")


def defaults(starter: Starter, timezone: str = "UTC") -> dict[str, Any]:
    """Every parameter with its default; a time zone's is the community's own."""
    return {
        name: timezone if parameter.format == "timezone" else parameter.default
        for name, parameter in starter.parameters.properties.items()
    }


def faults(starter: Starter, values: Mapping[str, Any]) -> list[Problem]:
    """Everything that is wrong with the values; paths are JSON Pointers into them."""
    findings = Findings()
    report_faults(_validator(starter.slug), dict(values), "", findings)
    return [*findings.problems, *_texts(starter, values)]


def _texts(starter: Starter, values: Mapping[str, Any]) -> Iterator[Problem]:
    for name, parameter in starter.parameters.properties.items():
        value = values.get(name)
        if not isinstance(value, str):
            continue
        if parameter.free_text and _CODE.search(value):
            yield Problem(
                join("", name),
                "code_in_parameter",
                "This text is taken as it is, and {{ or {% would make it a template.",
                "Leave out the braces. To use placeholders, create the app and edit its definition.",
            )
        if parameter.format == "timezone":
            try:
                check_timezone(value)
            except CronError as error:
                yield Problem(join("", name), error.code, error.message, error.hint)


@lru_cache(maxsize=128)
def _validator(slug: str) -> Validator:
    return Validator(STARTERS[slug].schema_of_parameters())
