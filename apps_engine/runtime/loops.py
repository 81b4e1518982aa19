"""Loops: by chunks in bulk where the body is local, item by item otherwise (ACT-03, RUN-04).

A chunk is one savepoint and one commit. When it fails it is undone and run item by item, which finds the culprit and
keeps the others. An item's steps have the same paths either way, so the journal knows what is done.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from apps_engine.language.errors import LanguageError, WrongType
from apps_engine.language.plan import Act, Each
from apps_engine.runtime.ahead import WINDOW, call_ahead
from apps_engine.runtime.calls import rendered_call
from apps_engine.runtime.errors import StepError
from apps_engine.runtime.ports import EffectCall, Entry
from apps_engine.runtime.run import Result, Run
from apps_engine.runtime.scope import Scope, item_scope

# What a commit and its statements cost is shared by so many items. Of five hundred each costs little less, while a
# fault or a dead worker costs them all again.
CHUNK = 200
SHOWN_RESULTS = 3


def each(run: Run, step: Each, scope: Scope, path: str) -> Result:
    """Run the body for every item, up to the limit of the profile; reaching it is said in the result."""
    items = step.items(scope)
    if not isinstance(items, list):
        raise WrongType("A loop goes over a list.", "Let `each` name a list, such as the result of a fetch.")
    limit = run.plan.limits.items_per_loop
    scopes = [item_scope(scope, step.name, item, index, len(items)) for index, item in enumerate(items[:limit])]
    if step.chunked:
        _by_chunks(run, step, scopes, path)
        ended = len(scopes)
    else:
        ended = _by_items(run, step, scopes, path)
    output: dict[str, Any] = {"count": ended}
    if len(items) > limit:
        output["limited"] = {"limit": "items_per_loop", "of": limit, "left_out": len(items) - limit}
    return Result(output, {"items": len(items)}, ended)


def _by_chunks(run: Run, step: Each, scopes: Sequence[Scope], path: str) -> None:
    for start in range(run.ports.journal.progress(path), len(scopes), CHUNK):
        chunk = scopes[start : start + CHUNK]
        run.guard(path)
        try:
            with run.meter.provisional(), run.ports.work.step():
                entries = _all_in_bulk(run, step, chunk, path, start)
        except (StepError, LanguageError):
            for index, scope in enumerate(chunk, start):
                run.steps(step.steps, scope, f"{path}[{index}]")
            entries = [Entry(f"{path}[{start}:{start + len(chunk)}]", "each", "done", items=len(chunk))]
        for entry in entries:
            run.ports.journal.record(entry)
        run.advance(path, start + len(chunk), len(scopes))
        run.commit()


def _by_items(run: Run, step: Each, scopes: Sequence[Scope], path: str) -> int:
    """One item after the other; returns how many there were when `until` held, or all."""
    for index, scope in enumerate(scopes):
        if step.ahead and index % WINDOW == 0:
            call_ahead(run, step, scopes[index : index + WINDOW], path, index)
        run.steps(step.steps, scope, f"{path}[{index}]")
        run.advance(path, index + 1, len(scopes))
        if step.until is not None and step.until(scope):
            return index + 1
    return len(scopes)


def _all_in_bulk(run: Run, step: Each, chunk: Sequence[Scope], path: str, start: int) -> list[Entry]:
    """The actions of the body one after the other; whether the run may go on was asked before the first."""
    entries: list[Entry] = []
    for act in step.steps:
        if isinstance(act, Act):
            if entries:
                run.ports.work.check()
            entries.append(_bulk(run, act, chunk, path, start))
    return entries


def _bulk(run: Run, act: Act, chunk: Sequence[Scope], path: str, start: int) -> Entry:
    """One action for every item of the chunk that wants it and has not had it."""
    began = run.ports.clock.elapsed()
    started = run.ports.clock.now()
    calls: list[EffectCall] = []
    wanting: list[Scope] = []
    for index, scope in enumerate(chunk, start):
        item_path = f"{path}[{index}]/{act.key}"
        done = run.ports.journal.completed(item_path)
        if done is not None:
            output = done.output
        elif act.when is None or act.when(scope):
            calls.append(rendered_call(act, scope, item_path))
            wanting.append(scope)
            continue
        else:
            output = None
        if act.id is not None:
            scope[act.id] = output
    results = run.ports.effects.apply(act.action, calls, run.meter) if calls else []
    if act.id is not None:
        for scope, result in zip(wanting, results, strict=True):
            scope[act.id] = result
    return Entry(
        path=f"{path}[{start}:{start + len(chunk)}]/{act.key}",
        kind="act",
        status="done",
        input={"action": act.action, "calls": len(calls), "first": [call.params for call in calls[:SHOWN_RESULTS]]},
        output={"skipped": sum(bool(result.get("skipped")) for result in results), "first": results[:SHOWN_RESULTS]},
        items=len(calls),
        started_at=started,
        duration_ms=int((run.ports.clock.elapsed() - began) * 1000),
    )
