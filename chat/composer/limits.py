"""What apps cannot do, how people ask for it, and what they can have instead (micro-apps.txt, "CANNOT Do")."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

CORE = "If you need it, ask the platform's developers for it as a feature."


@dataclass(frozen=True, slots=True)
class Limit:
    """One thing that no app can do. `suggestions` are requests that come near it."""

    key: str
    pattern: re.Pattern[str]
    why: str
    instead: str
    suggestions: Sequence[str] = ()


def limit_in(sentence: str) -> Limit | None:
    """The first limit that a sentence runs into, or None."""
    return next((limit for limit in LIMITS if limit.pattern.search(sentence)), None)


def _limit(key: str, pattern: str, why: str, instead: str, *suggestions: str) -> Limit:
    return Limit(key, re.compile(pattern, re.IGNORECASE), why, instead, suggestions)


_MAKE = r"(?:add|create|make|build|show|put|display|change|design|insert)"
_SERVICES = (
    r"slack|discord|mailchimp|stripe|paypal|hubspot|salesforce|zapier|whatsapp|telegram|twitter|facebook|instagram|"
    r"linkedin|tiktok|klaviyo|zendesk|notion|airtable|trello|jira|github|dropbox|twilio|intercom|teams channel"
)

LIMITS = (
    _limit(
        "internal_network",
        r"\b(?:localhost|127\.0\.0\.1|169\.254\.\d|10\.\d+\.\d+\.\d+|192\.168\.\d|metadata\.google)",
        "An app calls public addresses only, never one of an internal network.",
        "Give it a public `https://` address that is on the list of allowed domains.",
    ),
    _limit(
        "code",
        r"\b(?:sql|python|javascript|java|php|bash|shell|perl)\b(?!-)[^.]{0,40}\b(?:script|code|query|command|snippet|"
        r"every|each|night|daily|:)|\b(?:run|execute)\b[^.]{0,30}\b(?:script|sql|code|program|command)\b"
        r"|\b(?:delete|drop|select|update)\b.{0,20}\b(?:from|table|where)\b.{0,40}[=;*]",
        "An app is a definition, never code: it runs no script, no SQL and no program.",
        "Say what should come of it; most things have a building block.",
    ),
    _limit(
        "secrets",
        r"\b(?:save|store|keep|remember|use)\b[^.]{0,30}\b(?:api[- ]?keys?|passwords?|secrets?|tokens?|credentials)\b",
        "An app keeps no secret: no key and no password of another service.",
        "A webhook can tell your own server, which holds the key.",
    ),
    _limit(
        "tables",
        rf"\b{_MAKE}\b[^.]{{0,30}}\b(?:database|tables?|columns?|custom fields?)\b(?! of contents)",
        "An app cannot add a table or a column to the database.",
        f"It can remember small things as its state, and write posts, missions and rewards. {CORE}",
    ),
    _limit(
        "experiments",
        r"\bA/?B[- ](?:test|variant)|\b(?:split test|experiment)\b",
        "There are no A/B tests: an app treats everyone that its conditions name in the same way.",
        "Make two apps with different conditions and compare their runs.",
    ),
    _limit(
        "files",
        r"\b(?:pdfs?|invoices? as|spreadsheets?|excel|csv|zip)\b"
        r"|\b(?:resize|crop|convert|compress|upload|download|edit|transcode)\b[^.]{0,30}"
        r"\b(?:images?|photos?|pictures?|videos?|files?|documents?|audio)\b",
        "An app handles no files: it cannot make, read or change images, PDFs or videos.",
        f"It can write posts and e-mails with the same facts as text. {CORE}",
    ),
    _limit(
        "other_tenants",
        r"\bother (?:communities|tenants|customers of the platform)\b|\b(?:all|across) (?:tenants|communities)\b",
        "An app sees its own community only, never another one.",
        "It can compare this community's weeks or rooms with each other.",
        "E-mail the admins the community's figures every Monday",
    ),
    _limit(
        "history",
        r"\b(?:as of|back in|back then|at the time)\b[^.]{0,30}\b(?:last|month|year|week|january|february|march|april|"
        r"may|june|july|august|september|october|november|december|\d{4})\b"
        r"|\bused to be (?:a )?(?:moderator|admin|owner)s?\b",
        "An app sees how things are now, not how they were at a time in the past.",
        "A weekly report, kept as a post, lets you look back later.",
    ),
    _limit(
        "interval",
        r"\b(?:every|each)\s+(?:\d+\s+)?(?:seconds?|secs?)\b|\b(?:every|each) (?:instant|millisecond)\b",
        "A schedule runs at most once a minute.",
        "An app that starts on an event acts within moments, without looking again and again.",
        "Tell the admins when an order is over 200",
    ),
    _limit(
        "real_time",
        r"\breal[- ]?time\b|\blive (?:counter|feed|chat|ticker|map|view|dashboard|update)|\bwho is online\b",
        "Apps are not live: each run does its work and ends, and nothing of it stays on the screen.",
        f"An app can react to an event within moments. {CORE}",
    ),
    _limit(
        "approval",
        r"\b(?:wait|pause|hold|stop)\b[^.]{0,40}\b(?:approv\w+|confirm\w*|sign(?:s|ed)? off|says? (?:ok|yes))"
        r"|\b(?:until|unless|once|after)\b[^.]{0,30}\bapprov\w+|\basks? (?:me|an admin) before (?:each|every|sending)",
        "A run cannot wait in the middle for somebody to approve it.",
        "You confirm the app once, when it is made; or let it tell the moderators, who then act themselves.",
    ),
    _limit(
        "other_apps",
        r"\b(?:start|run|trigger|launch|call)s?\b (?:the |an?other )?apps?\b[^.]{0,40}\b(?:when|after|once|is|has)\b"
        r"|\bwhen (?:the |an?other )?app\b[^.]{0,40}\b(?:finish\w*|done|ends?|ran|has run)\b|\bone app start",
        "An app cannot start another app.",
        "Combine both into one app, or let one emit an event that the other listens to.",
    ),
    _limit(
        "rollback",
        r"\b(?:undo|roll ?back|take back|revert)\b[^.]{0,60}\b(?:fail\w*|if|when|before|otherwise)\b"
        r"|\bif\b[^.]{0,40}\bfails?\b[^.]{0,30}\b(?:undo|roll ?back|take back|revert)",
        "What a run did before it failed is not undone by itself.",
        "Put what matters most last, so that nothing has to be taken back; a run that failed goes on where it stopped.",
    ),
    _limit(
        "single_timezone",
        r"\b(?:each|every|their|own|his|her|member'?s?|local)\b[^.]{0,30}\btime ?zones?\b"
        r"|\blocal time of (?:each|every)",
        "A schedule has one time zone for everybody; it does not follow each member's own.",
        "Choose the zone in which most members live.",
    ),
    _limit(
        "business_days",
        r"\b(?:skip|except|but not|not on|ignore|without|unless)\b[^.]{0,25}\bholidays?\b|\bbusiness days? only\b"
        r"|\bbank holidays?\b",
        "A schedule knows weekdays, but no holidays: it cannot skip those by itself.",
        "Run it from Monday to Friday, and pause the app over the holidays.",
    ),
    _limit(
        "external_service",
        rf"\b(?:{_SERVICES})\b",
        "Apps do not connect to that service directly.",
        f"A webhook can tell an address of yours that does, once its domain is allowed. {CORE}",
        "Send each new order to https://example.com/orders",
    ),
    _limit(
        "custom_ui",
        rf"\b{_MAKE}\b[^.]{{0,40}}\b(?:page|button|widget|banner|modal|pop-?up|menu|sidebar|tab|dashboard page|form|"
        r"start ?page|home ?page|header|footer|theme|logo)\b(?! views?)",
        "An app cannot change what people see of the platform: no page, button or widget.",
        f"It can write posts, notifications and e-mails. {CORE}",
    ),
)
