"""Pauses: how long, and for whose reply."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps_engine.language.durations import parse_duration
from apps_engine.language.errors import LanguageError
from apps_engine.language.kinds import Kind, described_kinds
from apps_engine.language.pointers import join
from apps_engine.language.static_types import NUMBER, TEXT, Origin, Type, object_of
from apps_engine.language.validate.findings import Findings
from apps_engine.language.validate.review import Place, Review, Walk


def check_pause(step: Mapping[str, Any], at: str, place: Place, walk: Walk) -> Type:
    """Report a wait that is too long or that the profile does not have."""
    wait = step.get("pause")
    if not isinstance(wait, dict):
        return object_of({"seconds": NUMBER}, open=True)
    where = join(at, "pause", "for")
    duration = wait.get("for")
    if isinstance(duration, str) and "{{" in duration:
        found = place.reader(walk).text(duration, where)
        if found.kind not in (Kind.NUMBER, Kind.TEXT, Kind.ANY):
            message = f"This renders {described_kinds((found.kind,))}, but must be a number of seconds."
            walk.review.findings.add(where, "wrong_type", message, "Write 30m, 2h, 7d, or a number of seconds.")
    else:
        check_delay(duration, where, walk.review)
    if "for_reply" not in wait:
        return object_of({"seconds": NUMBER}, open=True)
    if walk.review.limit("reply_pauses") == 0:
        hint = "Only superpowers wait for people; end the flow here and let another trigger go on."
        walk.review.findings.add(
            join(at, "pause", "for_reply"), "not_in_profile", "This app cannot wait for a reply.", hint
        )
    place.reader(walk).value(wait["for_reply"], join(at, "pause", "for_reply"))
    reply = object_of({"text": TEXT}, open=True)
    return reply.marked(untrusted=Origin.MEMBER)


def check_delay(duration: Any, at: str, review: Review) -> None:
    """Report a duration that is none, or longer than something may be put off."""
    seconds = duration_seconds(duration, at, review.findings)
    most = review.limit("delay_hours")
    if seconds is not None and most is not None and seconds > most * 3600:
        review.findings.add(at, "delay_too_long", f"The profile allows at most {most} hours.", "Choose a shorter time.")


def duration_seconds(duration: Any, at: str, findings: Findings) -> int | None:
    """The seconds of a duration as written, None for one that cannot be read."""
    if isinstance(duration, bool) or not isinstance(duration, str | int):
        return None
    if isinstance(duration, int):
        return duration
    try:
        return int(parse_duration(duration).total_seconds())
    except LanguageError as error:
        findings.refused(at, error)
        return None
