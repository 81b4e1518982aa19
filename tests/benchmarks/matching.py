"""One event against many triggers: the index against testing each predicate."""

from __future__ import annotations

from apps_engine.language.predicate_index import PredicateIndex
from apps_engine.language.predicates import Row, matcher, parse_predicate
from tests.benchmarks.measure import medians, report, seconds

SIZES = (100, 1_000, 10_000)
TIMES = 500
ROW: Row = {"post": {"room_id": 77, "kind": "question", "score": 5, "body_length": 60}}


def matching() -> None:
    """Of each size, triggers for one room each, with a second condition that all of them share."""
    predicates = [
        parse_predicate({"post.room_id": room, "post.kind": "question", "post.score": {"gte": 3}})
        for room in range(max(SIZES))
    ]
    tests = [matcher(predicate) for predicate in predicates]
    indexes = {size: PredicateIndex(enumerate(predicates[:size])) for size in SIZES}
    assert [number for number, test in enumerate(tests) if test(ROW)] == indexes[max(SIZES)].candidates(ROW) == [77]
    variants = {f"the index of {size:,} triggers": lambda size=size: _asked(indexes[size]) for size in SIZES}
    found = medians(
        {"10,000 triggers one by one (floor)": lambda: seconds(lambda: [t(ROW) for t in tests]), **variants}
    )
    report("One event against the triggers of a tenant", found, "10,000 triggers one by one (floor)")


def _asked(index: PredicateIndex[int]) -> float:
    return seconds(lambda: [index.candidates(ROW) for _ in range(TIMES)]) / TIMES
