"""An app as far as the conversation has settled it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict

Start = Literal["event", "schedule", "manual", "webhook", ""]
EffectKind = Literal["flag", "notify", "email", "award", "post", "webhook"]
Tone = Literal["tell", "thank", "welcome", "remind"]
# Whom an effect reaches: an audience of the platform, or `author`: the person whom each item is about.
AUTHOR = "author"


class Frozen(BaseModel):
    """A value that is replaced, never changed."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Condition(Frozen):
    """One thing that must hold. `about` is a key of the subject's fields; numbers are kept as they were written."""

    about: str
    operator: str
    value: int | str | bool | tuple[str, ...]


class Effect(Frozen):
    """One thing that happens."""

    kind: EffectKind
    tone: Tone = "tell"
    to: str = ""
    amount: int | None = None
    severity: str = ""
    hide: bool = False
    text: str = ""
    room_id: int | None = None
    url: str = ""


class Draft(Frozen):
    """What is to be built. `asked` holds the questions that were answered; `app_id` an app made of an earlier draft.

    With `starter` it is the ready-made app of that short name with these parameters, and nothing else counts.
    """

    sentence: str
    subject: str = ""
    start: Start = ""
    event: str = ""
    cron: str = ""
    conditions: tuple[Condition, ...] = ()
    effects: tuple[Effect, ...] = ()
    order_by: str = ""
    count: int | None = None
    room_ids: tuple[int, ...] = ()
    name: str = ""
    asked: tuple[str, ...] = ()
    app_id: int | None = None
    starter: str = ""
    parameters: Mapping[str, int | float | str | bool | None] = {}

    def changed(self, **values: object) -> Draft:
        """A copy with other values, checked like the first."""
        return Draft.model_validate({**self.model_dump(), **values})

    def with_effects(self, change: dict[str, object], *kinds: str) -> Draft:
        """A copy in which the effects of these kinds (all of them where none is named) are changed."""
        effects = [
            {**effect.model_dump(), **change} if not kinds or effect.kind in kinds else effect.model_dump()
            for effect in self.effects
        ]
        return self.changed(effects=effects)

    def effect(self, *kinds: str) -> Effect | None:
        """The first effect of one of these kinds."""
        return next((effect for effect in self.effects if effect.kind in kinds), None)
