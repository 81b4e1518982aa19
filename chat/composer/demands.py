"""What a sentence demands of an app, and how far a definition falls short of it.

Whatever made a definition, a grammar or a shelf, is judged by the same things: the acts and the rows that the words
call for, the numbers, quotations and rooms that they name, and when it shall run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from apps_engine.language import jsontext
from chat.composer.ground import Ground
from chat.composer.schedule import WEEKDAYS, schedule_in, time_in
from chat.composer.spoken import SEARCHED

Definition = Mapping[str, Any]
# How bad it is to miss something that was said, and to do it at another time.
UNMET, UNSAID, OTHERWISE_TIMED = 2.0, 2.0, 2.0
_NUMBER = re.compile(r"(?<![\w.:/-])(\d{1,7})(?!\w|:\d|\.\d)")
_QUOTED = re.compile(r"\"([^\"]{1,500})\"")
_URL = re.compile(r"https?://[^\s\"'<>]+")
_TOLD = ("send_notification", "send_email")


def _demand(words: str, *met_by: str) -> tuple[re.Pattern[str], frozenset[str]]:
    return re.compile(rf"\b(?:{words})\b", re.IGNORECASE), frozenset(met_by)


# What words call for; one of the things behind them will do.
DEMANDS = (
    _demand(r"e-?mail(?:s|ed)?(?! addr)|mail(?:s|ed)?|newsletters?|digest", "send_email", "gmail_search"),
    _demand(r"xp|points", "award_xp", "xp.awarded", "users", "create_mission", "onboarding-missions"),
    _demand(r"flag(?!ged)|junk|spam\w*|low[- ]quality", "flag_content"),
    _demand(r"is flagged|gets flagged", "post.flagged"),
    _demand(r"tell|notify|alert|ping|inform|warn", *_TOLD),
    _demand(
        r"post (?:an?|the|\")|publish|announce\w*|shout-?out|(?:in|write|make) an? (?:\w+ )?post",
        "create_post",
    ),
    _demand(r"archive|tidy up|(?:dead|quiet|silent|old) (?:rooms?|channels?)|rooms? nobody", "rooms"),
    _demand(r"suspend|deactivate|dead accounts|clean ?up .{0,20}(?:accounts|members)", "update_user"),
    _demand(r"missions?", "missions", "user_missions", "create_mission", "assign_mission", "mission.completed"),
    _demand(r"rewards? (?:is|are|becomes?) available|new rewards?|redeem|claim", "rewards", "reward.created"),
    _demand(r"carts?|checkouts?", "shopify_checkouts"),
    _demand(
        r"orders?|purchases?|bought|buys?|buyers?|customers?|spent|spenders?",
        "order.created", "order.paid", "order.fulfilled", "order.refunded", "shopify_orders", "shopify_customers",
        "shopify_products", "shopify_checkouts", "shop-community-correlation", "shopify-community-emails",
    ),
    _demand(r"refund(?:s|ed)?(?! policy)", "order.refunded", "shopify_orders", "post.created", "comment.created"),
    _demand(r"shipped|delivery|delivered|fulfilled|sent out", "order.fulfilled"),
    _demand(r"products?(?! reviews?)", "shopify_products", "product.created"),
    _demand(r"referrals?|bring (?:a )?friends?|invite friends", "contribution.created"),
    _demand(r"each comment|comments? that|(?:a|new|every) comments?", "comment.created", "comments"),
    _demand(r"calendar|upcoming events", "calendar_query"),
    _demand(r"inbox|unread", "gmail_search"),
    _demand(r"streaks?|in a row|day after day", "streak-bonus-system"),
    _demand(
        r"joins?|joined|signs? up|signed up|newcomers?|new (?:members?|users?|people)",
        "member.joined", "users", "new-user-watchlist", "onboarding-missions",
    ),
    _demand(
        r"(?:e-?mail|mail|send|newsletter)\b.{0,30}\b(?:our |all |every )?(?:members|users|everyone)(?! whose| who)",
        "users", "engagement_metrics", "member.joined", "shopify_customers", "user_missions",
    ),
    _demand(
        r"everyone who|(?:members|people|accounts|users) (?:who|that|which|not)|inactive|went quiet|churn",
        "users", "shopify_orders", "posts", "post.created", "contribution.created", "streak-bonus-system", "order.paid",
    ),
    _demand(r"best posts|top posts|liked most|worked", "posts"),
    _demand(r"figures|kpis?|statistics", "analytics_metrics"),
    _demand(r"how (?:each|the) rooms?|busiest room|room health", "rooms"),
    _demand(r"use ai|with ai|by ai", "ai_analyze", "ai_generate", "llm_extract"),
    _demand(r"by hand|manually|when i (?:start|run|press)", "manual"),
)  # fmt: skip


def shortfall(sentence: str, definition: Definition, ground: Ground, origin: str = "") -> float:
    """How much of what the sentence says the definition does not do; 0 where it does all of it.

    `origin` is the short name of the ready-made app that it was made of: some are known by what they do.
    """
    traits = {*_traits(definition), origin}
    asked = SEARCHED.sub(" ", sentence)
    unmet = sum(bool(pattern.search(asked)) and not traits & met_by for pattern, met_by in DEMANDS)
    unsaid = sum(1 for _ in _unsaid(sentence, definition, ground))
    return UNMET * unmet + UNSAID * unsaid + OTHERWISE_TIMED * _otherwise_timed(sentence, definition)


def _traits(definition: Definition) -> Iterator[str]:
    for trigger in definition["triggers"]:
        yield trigger.get("event", trigger["type"])
    yield from _blocks(definition["flows"])


def _blocks(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (value[kind] for kind in ("fetch", "act") if isinstance(value.get(kind), str))
        for inner in value.values():
            yield from _blocks(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _blocks(inner)


def _unsaid(sentence: str, definition: Definition, ground: Ground) -> Iterator[str]:
    """Numbers, quotations, addresses and rooms of the sentence that the definition does not have."""
    schedule = schedule_in(sentence)
    plain = f"{sentence[: schedule.start]} {sentence[schedule.end :]}" if schedule else sentence
    written = jsontext.dumps({**definition, "name": "", "description": ""})
    for number in _NUMBER.findall(_QUOTED.sub(" ", plain)):
        weeks = str(int(number) * 7)
        if not any(re.search(rf"(?<![\d.]){one}(?!\d)", written) for one in (number, weeks)):
            yield number
    yield from (url for url in _URL.findall(sentence) if url.rstrip(".,;)") not in written)
    yield from (text for text in _QUOTED.findall(sentence) if jsontext.dumps(text)[1:-1] not in written)
    for room in ground.rooms:
        named = re.search(
            rf"\b(?:in|to|into|room) (?:the )?(?:room )?{re.escape(room.name)}\b", sentence, re.IGNORECASE
        )
        if named and not re.search(rf"(?<![\d.]){room.id}(?!\d)", written):
            yield room.name


def _otherwise_timed(sentence: str, definition: Definition) -> int:
    """1 where the sentence names a time at which the definition does not run."""
    schedule = schedule_in(sentence)
    if schedule is None:
        return 0
    crons = [trigger["cron"] for trigger in definition["triggers"] if trigger["type"] == "scheduled"]
    return int(not any(_same_time(schedule.cron, cron, exact=time_in(sentence) is not None) for cron in crons))


def _same_time(asked: str, cron: str, *, exact: bool) -> bool:
    """Whether the days are the same and, with `exact`, the hour. "Every week" does not mean a Monday."""
    wanted, has = _by_number(asked).split(), _by_number(cron).split()
    weekly = wanted[4] == "1" and wanted[2] == "*" and has[4].isdigit()
    days = wanted[2] == has[2] and (wanted[4] == has[4] or (weekly and not exact) or _daily_on_workdays(wanted, has))
    return days and (not exact or wanted[1] == has[1])


def _daily_on_workdays(wanted: list[str], has: list[str]) -> bool:
    return wanted[4] == "*" and has[4] == "1-5"


def _by_number(cron: str) -> str:
    for number, name in enumerate(WEEKDAYS):
        cron = cron.replace(name, str(number))
    return cron
