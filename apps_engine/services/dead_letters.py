"""Messages on the events queue that were no events: read, put back and thrown away by operators (TRG-08).

They belong to no tenant that is known, and may hold anybody's data; no page and no key of a tenant shows them. They are
read as the scheduler's role, which alone may.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import Q

from apps_engine.language.jsontext import JsonTextError, loads
from apps_engine.services.errors import LetterNotFound, LetterRefused
from apps_engine.services.ingest import Ingested, ingest
from apps_engine.store.models import DeadLetter

SCHEDULER = "scheduler"
LARGEST = 67_108_864


def list_letters(*, code: str = "", limit: int = 20, cursor: int | None = None) -> list[DeadLetter]:
    """The latest letters with this reason's code, newest first; `cursor` is the number of the last one before."""
    letters = DeadLetter.objects.using(SCHEDULER).order_by("-pk")
    if code:
        letters = letters.filter(code=code)
    if cursor is not None:
        letters = letters.filter(pk__lt=cursor)
    return list(letters[:limit])


def requeue_letters(numbers: Sequence[int]) -> Ingested:
    """Take letters in anew, after whatever was wrong with them was put right; those that are taken in are gone.

    What still is no event is counted once more, or buried anew where the reason is another one today. Raises
    LetterNotFound, and LetterRefused for one that is no JSON.
    """
    letters = DeadLetter.objects.using(SCHEDULER).in_bulk(list(numbers))
    if missing := [number for number in numbers if number not in letters]:
        raise LetterNotFound(f"There is no dead letter {missing[0]}.", hint="List them to see their numbers.")
    envelopes = [envelope for number in numbers for envelope in _envelopes(letters[number])]
    outcome = ingest(envelopes)
    # Gone only now: who dies in between takes them in twice, and the second time they are duplicates.
    _delete(Q(pk=letter.pk, times=letter.times) for letter in letters.values())
    return outcome


def drop_letters(numbers: Sequence[int]) -> int:
    """Throw letters away; returns how many there were."""
    return _delete([Q(pk__in=list(numbers))])


def _delete(which: Iterable[Q]) -> int:
    with transaction.atomic(using=SCHEDULER):
        return sum(DeadLetter.objects.using(SCHEDULER).filter(those).delete()[0] for those in which)


def _envelopes(letter: DeadLetter) -> list[object]:
    try:
        value = loads(letter.body, max_bytes=LARGEST)
    except JsonTextError as error:
        raise LetterRefused(
            f"Letter {letter.pk} is no JSON: {error.message}", hint="Have its sender send it again, then drop it."
        ) from error
    return value if isinstance(value, list) else [value]
