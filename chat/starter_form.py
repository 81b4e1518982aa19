"""The form of a ready-made app: its fields from the parameters, and what was chosen from the posted form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from zoneinfo import available_timezones

from django.db.models import QuerySet

from apps_engine.language.problems import Problem
from apps_engine.starters import Parameter, Starter
from chat.form_field import PREFIX, Choice, Field, read_number
from decommerce.community.models import Member, Mission, MissionStatus, Reward, RewardStatus, Room, RoomStatus

# What a page can carry; whoever has more names the row by its number in the definition.
MOST_CHOICES = 500

# The rows that a parameter of that format may name, as numbers and names.
_ROWS: Mapping[str, Callable[[], QuerySet]] = {
    "room": lambda: Room.objects.filter(status=RoomStatus.ACTIVE).order_by("name").values_list("pk", "name"),
    "member": lambda: Member.objects.active().order_by("-xp").values_list("pk", "display_name"),
    "mission": lambda: Mission.objects.filter(status=MissionStatus.ACTIVE).order_by("title").values_list("pk", "title"),
    "reward": lambda: Reward.objects.filter(status=RewardStatus.ACTIVE).order_by("title").values_list("pk", "title"),
}


def fields_of(starter: Starter, values: Mapping[str, Any], problems: Sequence[Problem] = ()) -> list[Field]:
    """The fields in the order of the file, with the values and the faults of each."""
    faults = faults_by_name(starter, problems)
    return [
        Field(
            name,
            _control(parameter),
            parameter.title,
            parameter.description,
            values.get(name),
            minimum=parameter.minimum,
            maximum=parameter.maximum,
            longest=parameter.max_length,
            step="1" if parameter.kind == "integer" else "any",
            choices=choices_of(parameter, values.get(name)),
            faults=faults.get(name, ()),
        )
        for name, parameter in starter.parameters.properties.items()
    ]


def faults_by_name(starter: Starter, problems: Sequence[Problem]) -> dict[str, list[str]]:
    """What is wrong with each parameter, in words. What a field says of itself anyway is not said again."""
    faults: dict[str, list[str]] = {}
    for problem in problems:
        name = problem.path.removeprefix("/").partition("/")[0]
        parameter = starter.parameters.properties.get(name)
        hint = "" if parameter is not None and problem.hint == parameter.description else problem.hint
        faults.setdefault(name, []).append(f"{problem.message} {hint}".strip())
    return faults


def chosen(starter: Starter, posted: Mapping[str, str]) -> dict[str, Any]:
    """What the form says, each value with its type; what is not of its type stays a text, which the check refuses."""
    return {
        name: _read(parameter, posted.get(f"{PREFIX}{name}"))
        for name, parameter in starter.parameters.properties.items()
    }


def zones() -> list[str]:
    """The names of the time zones that a form suggests."""
    return sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/")))


def _control(parameter: Parameter) -> str:
    if parameter.enum is not None or parameter.format in _ROWS:
        return "choice"
    if parameter.kind == "boolean":
        return "checkbox"
    if parameter.kind in {"integer", "number"}:
        return "number"
    return {"timezone": "zone", "multiline": "multiline"}.get(parameter.format or "", "text")


def choices_of(parameter: Parameter, value: Any) -> list[Choice]:
    """The options of a parameter: those of its file, or rows of the community. Needs the tenant's scope."""
    if parameter.enum is not None:
        labels = parameter.labels or tuple(str(option) for option in parameter.enum)
        pairs = list(zip(parameter.enum, labels, strict=True))
    elif parameter.format in _ROWS:
        pairs = [(None, "—"), *_ROWS[parameter.format]()[:MOST_CHOICES]]
    else:
        return []
    return [Choice("" if option is None else str(option), label, option == value) for option, label in pairs]


def _read(parameter: Parameter, written: str | None) -> Any:
    if parameter.kind == "boolean":
        return written is not None
    text = (written or "").replace("\x00", "").replace("\r\n", "\n")
    if parameter.kind == "string":
        return text if parameter.format == "multiline" else text.strip()
    if not text.strip() and isinstance(parameter.type, tuple):
        return None
    return read_number(text.strip(), whole=parameter.kind == "integer")
