"""What an app can be about, and how a definition names it, in an event and as a row of a connector."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class View:
    """The paths that a definition uses. `fields` maps what a condition is about to the field that a filter names."""

    item: str
    member_id: str
    member_name: str
    label: str
    excerpt: str
    link: str
    fields: Mapping[str, str]
    # The member may be unknown: then nothing can be done for them.
    member_field: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """`pattern` finds it in a sentence; `columns` are what a fetch needs for the texts below."""

    name: str
    plural: str
    pattern: re.Pattern[str]
    event: str
    connector: str
    columns: tuple[str, ...]
    as_event: View
    as_row: View
    newest: str = "-created_at"


def _words(text: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{text})\b", re.IGNORECASE)


ORDER = Subject(
    "order",
    "orders",
    _words(r"orders?|purchases?|buys?|bought|checkout|customers?"),
    "order.created",
    "shopify_orders",
    ("id", "name", "member_id", "total_price", "currency"),
    View(
        item="trigger.order.id",
        member_id="trigger.order.member_id",
        member_name="trigger.member.display_name",
        label="trigger.order.name",
        excerpt="{{ trigger.order.total_price }} {{ trigger.order.currency }}, {{ trigger.order.item_count }} pieces.",
        link="",
        fields={"amount": "order.total_price", "first": "order.first_purchase"},
        member_field="order.member_id",
    ),
    View(
        item="order.id",
        member_id="order.member_id",
        member_name="order.member_name",
        label="order.name",
        excerpt="{{ order.total_price }} {{ order.currency }}",
        link="",
        fields={"amount": "total_price", "first": "first_purchase", "recent": "created_at"},
        member_field="member_id",
    ),
)
COMMENT = Subject(
    "comment",
    "comments",
    _words(r"comments?|commented|commenting|repl(?:y|ies|ied)"),
    "comment.created",
    "comments",
    ("id", "body", "score", "author_id", "author_name", "post_id", "post_title"),
    View(
        item="trigger.comment.id",
        member_id="trigger.author.id",
        member_name="trigger.author.display_name",
        label="trigger.post.title",
        excerpt="{{ trigger.author.display_name }} wrote: “{{ trigger.comment.body | truncate: 200 }}”",
        link="/community/posts/{{ trigger.comment.post_id }}/",
        fields={"words": "comment.body"},
    ),
    View(
        item="comment.id",
        member_id="comment.author_id",
        member_name="comment.author_name",
        label="comment.post_title",
        excerpt="“{{ comment.body | truncate: 200 }}”",
        link="/community/posts/{{ comment.post_id }}/",
        fields={"words": "body", "score": "score", "recent": "created_at"},
    ),
)
POST = Subject(
    "post",
    "posts",
    _words(r"posts?|posted|posting|questions?|answers?|threads?|topics?"),
    "post.created",
    "posts",
    ("id", "title", "body", "score", "author_id", "author_name"),
    View(
        item="trigger.post.id",
        member_id="trigger.author.id",
        member_name="trigger.author.display_name",
        label="trigger.post.title",
        excerpt="{{ trigger.author.display_name }} wrote: “{{ trigger.post.body | truncate: 200 }}”",
        link="/community/posts/{{ trigger.post.id }}/",
        fields={"length": "post.body_length", "words": "post.body", "room": "post.room_id"},
    ),
    View(
        item="post.id",
        member_id="post.author_id",
        member_name="post.author_name",
        label="post.title",
        excerpt="“{{ post.body | truncate: 200 }}”",
        link="/community/posts/{{ post.id }}/",
        fields={
            "length": "body_length",
            "words": "body",
            "score": "score",
            "room": "room_id",
            "comments": "comment_count",
            "recent": "created_at",
        },
    ),
)
MEMBER = Subject(
    "member",
    "members",
    _words(r"members?|users?|people|newcomers?|someone|everyone|contributors?|joins?|joined|signs? up|registers?"),
    "member.joined",
    "users",
    ("id", "display_name", "xp"),
    View(
        item="trigger.member.id",
        member_id="trigger.member.id",
        member_name="trigger.member.display_name",
        label="trigger.member.display_name",
        excerpt="{{ trigger.member.display_name }} is new here.",
        link="",
        fields={"country": "member.country"},
    ),
    View(
        item="member.id",
        member_id="member.id",
        member_name="member.display_name",
        label="member.display_name",
        excerpt="{{ member.display_name }}",
        link="",
        fields={"xp": "xp", "inactive": "last_active_at", "active": "last_active_at", "recent": "joined_at"},
    ),
    newest="-joined_at",
)

SUBJECTS: Mapping[str, Subject] = {subject.name: subject for subject in (ORDER, COMMENT, POST, MEMBER)}


@dataclass(frozen=True, slots=True)
class Happening:
    """An event that is not the coming of something new, and how people say it."""

    event: str
    subject: str
    pattern: re.Pattern[str]


HAPPENINGS = (
    Happening("post.flagged", "post", _words(r"posts? (?:is|are|was|gets?|were) flagged|someone flags|flagged posts?")),
    Happening("post.updated", "post", _words(r"posts? (?:is|are|was|gets?) (?:edited|changed)|edits (?:a|their) post")),
    Happening("order.refunded", "order", _words(r"refund(?:s|ed)?")),
    Happening("order.fulfilled", "order", _words(r"(?:shipped|fulfilled|sent out)")),
    Happening("order.paid", "order", _words(r"(?:is|are|was|gets?|been) paid|pays")),
)
