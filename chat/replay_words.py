"""How many runs failed, and what became of them as they were taken up again, in words (RUN-13)."""

from __future__ import annotations

from datetime import timedelta

from apps_engine.services.backlog import PAUSED
from apps_engine.services.replays import MOST_FAILED, FailedReplay
from apps_engine.store.models import App
from chat.notices import Notice
from chat.relative_time import relative

REFUSED = {
    "retry": "could not be: somebody else took them up meanwhile.",
    "again": "could not be: they do not fit the newest version, or the community may make no more runs this hour.",
}


def failed_in_words(count: int) -> str:
    """Of runs that were counted up to one more than a button takes."""
    if count > MOST_FAILED:
        return f"More than {MOST_FAILED:,} runs"
    return f"{count:,} run" if count == 1 else f"{count:,} runs"


def replay_in_words(done: FailedReplay, app: App) -> Notice:
    """What a page says after all failed runs of an app were taken up again."""
    held = bool(done.replay.queued) and app.status in PAUSED
    count, refused = done.replay.queued, done.replay.refused
    sentences = [f"{count:,} failed run{' is' if count == 1 else 's are'} queued again{'' if held else _pace(done)}."]
    if held:
        sentences.append("They start when the app is resumed: it is paused.")
    if refused:
        sentences.append(f"{refused:,} {REFUSED[done.way]}")
    if done.replay.left:
        sentences.append("That is as many as one press takes; more are left, with a button below.")
    return Notice(" ".join(sentences), "warn" if held or refused or done.replay.left else "good")


def _pace(done: FailedReplay) -> str:
    waits = timedelta(seconds=done.behind + done.replay.queued - 1)
    if not done.replay.queued or waits <= timedelta(0):
        return ""
    if waits < timedelta(minutes=1):
        return ", one a second"
    return f", one a second: the last begins {relative(done.at + waits, done.at)}"
