"""Sentences that people typically write, with what they should come to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Sentence:
    """`asks` are the keys of the questions in order, each answered with its first reply unless `answers` says else."""

    text: str
    trigger: dict[str, Any]
    acts: list[str]
    asks: list[str] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)


def event(name: str, **where: Any) -> dict[str, Any]:
    """An event trigger as the definition has it."""
    return {"type": "event", "event": name, **({"filter": where} if where else {})}


def schedule(cron: str) -> dict[str, Any]:
    """A scheduled trigger as the definition has it."""
    return {"type": "scheduled", "cron": cron}


SENTENCES = [
    Sentence(
        "Flag posts shorter than 80 characters and tell the moderators",
        event("post.created", **{"post.body_length": {"lt": 80}}),
        ["flag_content", "send_notification"],
        ["severity"],
    ),
    Sentence(
        "every Monday, mail the ten most active members",
        schedule("0 9 * * 1"),
        ["send_email"],
        ["ranking", "text"],
    ),
    Sentence(
        "thank everyone whose post scored 10 or more",
        schedule("0 9 * * 1"),
        ["send_notification"],
        ["start"],
    ),
    Sentence("award 50 XP to new members", event("member.joined"), ["award_xp"]),
    Sentence("welcome new members with an email", event("member.joined"), ["send_email"], ["text"]),
    Sentence(
        "tell the admins when an order is over 200",
        event("order.created", **{"order.total_price": {"gt": 200}}),
        ["send_notification"],
    ),
    Sentence(
        "Flag posts that contain 'crypto' or 'casino' and tell the mods",
        event("post.created", **{"post.body": {"matches": "(?i)crypto|casino"}}),
        ["flag_content", "send_notification"],
        ["severity"],
    ),
    Sentence(
        'hide posts that contain "buy now"',
        event("post.created", **{"post.body": {"matches": "(?i)buy now"}}),
        ["flag_content"],
        ["severity"],
    ),
    Sentence(
        "Notify the moderators about posts longer than 2,000 characters",
        event("post.created", **{"post.body_length": {"gt": 2000}}),
        ["send_notification"],
    ),
    Sentence(
        "every day at 18:30 tell the team about posts with a score below 0",
        schedule("30 18 * * *"),
        ["send_notification"],
    ),
    Sentence(
        "Email members who have been inactive for 30 days every Friday",
        schedule("0 9 * * 5"),
        ["send_email"],
        ["text"],
    ),
    Sentence(
        "Give 20 XP to the author when a post is longer than 500 characters",
        event("post.created", **{"post.body_length": {"gt": 500}}),
        ["award_xp"],
    ),
    Sentence("When someone comments, award them 5 XP", event("comment.created"), ["award_xp"]),
    Sentence("Tell the moderators when someone flags a post", event("post.flagged"), ["send_notification"]),
    Sentence("let the owners know when an order is refunded", event("order.refunded"), ["send_notification"]),
    Sentence(
        "Every Monday at 9 award 100 XP to the 3 members with the most XP",
        schedule("0 9 * * 1"),
        ["award_xp"],
    ),
    Sentence("Post a welcome message in General when someone joins", event("member.joined"), ["create_post"], ["text"]),
    Sentence(
        "every Friday at 17:00 post the 5 best posts in Gear",
        schedule("0 17 * * 5"),
        ["create_post"],
        ["text"],
    ),
    Sentence(
        "Send a webhook to https://hooks.example.com/paid when an order is paid",
        event("order.paid"),
        ["webhook"],
    ),
    Sentence(
        "every weekday at 8am remind the team to check the review queue",
        schedule("0 8 * * 1-5"),
        ["send_notification"],
    ),
    Sentence("send an email to all members every month", schedule("0 9 1 * *"), ["send_email"], ["text"]),
    Sentence("email the admins when someone joins", event("member.joined"), ["send_email"], ["text"]),
    Sentence(
        "every day notify the admins about orders over 500 from the last 24 hours",
        schedule("0 9 * * *"),
        ["send_notification"],
    ),
    Sentence(
        "posts longer than 3000 characters",
        event("post.created", **{"post.body_length": {"gt": 3000}}),
        ["send_notification"],
        ["effects"],
    ),
    Sentence(
        "When our form posts to a webhook, tell the moderators",
        {"type": "webhook"},
        ["send_notification"],
    ),
    Sentence(
        "As soon as our CRM calls the webhook, then send it to https://crm.example.com/done",
        {"type": "webhook"},
        ["webhook"],
    ),
]
