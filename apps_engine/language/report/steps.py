"""What the steps of a flow do, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from apps_engine.language.catalogue import Catalogue
from apps_engine.language.compile_steps import kind_of_step
from apps_engine.language.durations import duration_words
from apps_engine.language.pointers import join
from apps_engine.language.predicates import parse_predicate
from apps_engine.language.report.clauses import predicate_words
from apps_engine.language.report.conditions import condition_words, formula_words
from apps_engine.language.report.words import capitalised, field_words, value_words
from apps_engine.language.validate.review import Walk

Step = Mapping[str, Any]

_TITLES = ("subject", "title", "reason", "message")


def step_sentences(steps: Sequence[Step], at: str, walk: Walk, loops: tuple[str, ...] = ()) -> Iterator[str]:
    """One sentence for each step that reads or does something, with the conditions and loops around it."""
    for index, step in enumerate(steps):
        place = join(at, index)
        if "each" in step:
            yield from _each(step, place, walk, loops)
        elif "branch" in step:
            yield from _branch(step, place, walk, loops)
        else:
            kind, catalogue = str(kind_of_step(step)), walk.review.catalogue
            gone = isinstance(step[kind], str) and step[kind] in catalogue.gone
            words = f"fails, for `{step[kind]}` is no longer there" if gone else _WORDS[kind](step, catalogue, loops)
            yield f"{capitalised(words)}{_conditions(step)}."


def _each(step: Step, at: str, walk: Walk, loops: tuple[str, ...]) -> Iterator[str]:
    inner = list(step_sentences(step["steps"], join(at, "steps"), walk, (*loops, step["as"])))
    first = walk.places.get(join(at, "steps", 0))
    most = f", at most {first.times:,}" if first is not None else ""
    for sentence in inner:
        prefix = "" if sentence.startswith("For each ") else f"For each {field_words(step['as'])}{most}: "
        yield prefix + (sentence[:1].lower() + sentence[1:] if prefix else sentence)


def _branch(step: Step, at: str, walk: Walk, loops: tuple[str, ...]) -> Iterator[str]:
    for index, arm in enumerate(step["branch"]):
        when = f"If {condition_words(arm['when'])}: " if isinstance(arm.get("when"), str) else "Otherwise: "
        for sentence in step_sentences(arm["steps"], join(at, "branch", index, "steps"), walk, loops):
            yield when + sentence[:1].lower() + sentence[1:]


def _fetch(step: Step, catalogue: Catalogue, loops: tuple[str, ...]) -> str:
    connector = catalogue.connectors[step["fetch"]]
    limit = step.get("limit", connector.max_rows)
    most = ("at most one of the " if limit == 1 else f"up to {limit:,} ") if isinstance(limit, int) else ""
    chosen = ""
    if step.get("where"):
        chosen = f" whose {predicate_words(parse_predicate(step['where']), _plain)}"
    return f"reads {most}{connector.noun}{chosen}"


def _transform(step: Step, catalogue: Catalogue, loops: tuple[str, ...]) -> str:
    params = step.get("params") or {}
    return _TRANSFORMS[step["transform"]](params)


def _filtered(params: Step) -> str:
    return f"keeps those whose {predicate_words(parse_predicate(params['where']), _plain)}"


def _sorted(params: Step) -> str:
    orders = (
        f"{field_words(by.removeprefix('-'))}{', highest first' if by.startswith('-') else ''}" for by in params["by"]
    )
    return f"sorts them by {', then '.join(orders)}"


def _limited(params: Step) -> str:
    return f"keeps the first {value_words(params['count'])}"


def _grouped(params: Step) -> str:
    return f"groups them by {', '.join(map(field_words, params['by']))}"


def _aggregated(params: Step) -> str:
    by = f" by {', '.join(map(field_words, params['by']))}" if "by" in params else ""
    return (
        f"computes {', '.join(map(field_words, params['metrics']))}{by}"
        if isinstance(params["metrics"], dict)
        else "computes"
    )


def _merged(params: Step) -> str:
    return f"puts {formula_words(params['with']) if isinstance(params['with'], str) else 'others'} beside them"


def _mapped(params: Step) -> str:
    return "reshapes them"


def _calculated(params: Step) -> str:
    count = params.get("distribute")
    shares = f"{count} shares" if isinstance(count, int) else f"as many shares as {formula_words(count)}"
    shares = f" and splits it into {shares}" if "distribute" in params else ""
    return f"works out {formula_words(params['expression'])}{shares}"


def _linked(params: Step) -> str:
    return f"makes a link to {params['url'].partition('{{')[0][:80] if isinstance(params['url'], str) else 'a site'}"


_TRANSFORMS: Mapping[str, Callable[[Step], str]] = {
    "calculate": _calculated,
    "build_url": _linked,
    "filter": _filtered,
    "sort": _sorted,
    "limit": _limited,
    "group": _grouped,
    "aggregate": _aggregated,
    "merge": _merged,
    "map": _mapped,
}


def _plain(path: Sequence[str]) -> str:
    return " ".join(map(field_words, path))


def _act(step: Step, catalogue: Catalogue, loops: tuple[str, ...]) -> str:
    spec = catalogue.actions[step["act"]]
    params = step.get("params") or {}
    reached = f" to {value_words(params['to'], loops)}" if "to" in spec.targets and "to" in params else ""
    if "url" in spec.targets and isinstance(params.get("url"), str):
        reached = f" ({params['url'][:80]})"
    title = next((f": “{params[key]}”" for key in _TITLES if isinstance(params.get(key), str)), "")
    amount = f", amount {value_words(params['amount'], loops)}" if "amount" in params else ""
    return f"{spec.sentence}{reached}{amount}{title}"


def _pause(step: Step, catalogue: Catalogue, loops: tuple[str, ...]) -> str:
    wait = step["pause"].get("for")
    if wait is None:
        return "waits for a reply"
    return f"waits {duration_words(wait if isinstance(wait, str) else f'{wait}s')}"


def _conditions(step: Step) -> str:
    when = f", when {condition_words(step['when'])}" if isinstance(step.get("when"), str) else ""
    once = f", at most once for each “{step['once_per']}”" if "once_per" in step else ""
    return when + once


_WORDS: Mapping[str, Callable[[Step, Catalogue, tuple[str, ...]], str]] = {
    "fetch": _fetch,
    "transform": _transform,
    "act": _act,
    "pause": _pause,
}
