"""Flags: asking the moderators to look at a post, and saying that it was looked at."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from decommerce.community.insertion import insert_new
from decommerce.community.models import Flag, FlagSeverity, Post, PostStatus
from decommerce.community.outbox import NewEvent, emit_many
from decommerce.community.services.members import persons
from decommerce.community.services.posts import post_payload, set_post_status
from decommerce.community.services.statuses import StatusChange
from decommerce.community.values import checked
from decommerce.tenancy.cause import Cause, current_cause

ANONYMOUS = "system"


@dataclass(frozen=True, slots=True)
class NewFlag:
    """A flag to raise in the name of whoever acts. `review` also takes a published post down until it is looked at."""

    post_id: int
    reason: str
    severity: str = FlagSeverity.MEDIUM
    review: bool = False


@dataclass(frozen=True, slots=True)
class FlagResult:
    """`outcome`: flagged, already_flagged (an open flag by the same app or person) or not_found. `taken_down`: the
    post was published until then."""

    post_id: int
    flag_id: int | None
    outcome: str
    taken_down: bool = False


@dataclass(frozen=True, slots=True)
class FlagResolution:
    """A flag that was looked at. `publish` also publishes its post if that waits for review and has no other flag."""

    flag_id: int
    publish: bool = False


@dataclass(frozen=True, slots=True)
class FlagResolved:
    """`outcome`: resolved, already_resolved or not_found. `published`: its post is published again."""

    flag_id: int
    outcome: str
    published: bool = False


def flag_posts(news: Sequence[NewFlag]) -> list[FlagResult]:
    """Flag posts; emits post.flagged for each new flag, and post.status_changed for posts it takes down."""
    cause = current_cause()
    posts = Post.objects.in_bulk({new.post_id for new in news})
    rows = [_row(new, cause) if new.post_id in posts else None for new in news]
    possible = [row for row in rows if row is not None]
    inserted = insert_new(possible)
    raised = [row for row in possible if row.pk in inserted]
    down = _take_down(news, posts, {row.post_id for row in raised})
    _announce(raised, posts)
    earlier = _open_flags(cause, [row.post_id for row in possible]) if len(raised) < len(possible) else {}
    return [
        FlagResult(new.post_id, None, "not_found")
        if row is None
        else FlagResult(new.post_id, row.pk, "flagged", new.post_id in down)
        if row.pk in inserted
        else FlagResult(new.post_id, earlier.get(new.post_id), "already_flagged")
        for new, row in zip(news, rows, strict=True)
    ]


def resolve_flags(wanted: Sequence[FlagResolution]) -> list[FlagResolved]:
    """Say that flags were looked at; emits post.status_changed for posts that are published again."""
    held = Flag.objects.filter(pk__in={one.flag_id for one in wanted}).select_for_update().order_by("pk")
    flags = {flag.pk: flag for flag in held}
    resolved = {pk: flag for pk, flag in flags.items() if flag.resolved_at is None}
    Flag.objects.filter(pk__in=list(resolved)).update(resolved_at=timezone.now())
    publishing = {resolved[one.flag_id].post_id for one in wanted if one.publish and one.flag_id in resolved}
    published = _publish(publishing)
    results = []
    for one in wanted:
        flag = resolved.pop(one.flag_id, None)
        if flag is None:
            results.append(FlagResolved(one.flag_id, "already_resolved" if one.flag_id in flags else "not_found"))
        else:
            results.append(FlagResolved(flag.pk, "resolved", one.publish and flag.post_id in published))
    return results


def _publish(post_ids: Collection[int]) -> set[int]:
    """Those of the posts that are published now: they waited for review and no flag is open."""
    if not post_ids:
        return set()
    open_flags = Flag.objects.filter(post_id__in=post_ids, resolved_at=None)
    clear = sorted(set(post_ids) - set(open_flags.values_list("post_id", flat=True)))
    changes = [StatusChange(pk, PostStatus.PUBLISHED, only_from=PostStatus.REVIEW) for pk in clear]
    return {change.row_id for change in set_post_status(changes) if change.outcome == "changed"}


def _row(new: NewFlag, cause: Cause) -> Flag:
    return Flag(
        post_id=new.post_id,
        reason=checked(Flag, "reason", new.reason.strip()[:500] or "No reason given"),
        severity=checked(Flag, "severity", new.severity),
        raised_by_label=_label(cause),
        app_id=cause.app_id,
    )


def _label(cause: Cause) -> str:
    return cause.principal.label[:200] if cause.principal else ANONYMOUS


def _open_flags(cause: Cause, post_ids: Sequence[int]) -> dict[int, int]:
    same = Q(app_id=cause.app_id) if cause.app_id is not None else Q(app_id=None, raised_by_label=_label(cause))
    return dict(Flag.objects.filter(same, resolved_at=None, post_id__in=post_ids).values_list("post_id", "pk"))


def _take_down(news: Sequence[NewFlag], posts: Mapping[int, Post], raised: Collection[int]) -> set[int]:
    """The posts that were published and wait for review now."""
    wanted = [new.post_id for new in news if new.review and new.post_id in raised]
    changes = [StatusChange(pk, PostStatus.REVIEW, only_from=PostStatus.PUBLISHED) for pk in dict.fromkeys(wanted)]
    down = {change.row_id for change in set_post_status(changes) if change.outcome == "changed"} if changes else set()
    for pk in down:
        posts[pk].status = PostStatus.REVIEW
    return down


def _announce(flags: Sequence[Flag], posts: Mapping[int, Post]) -> None:
    authors = persons(posts[flag.post_id].author_id for flag in flags)
    emit_many(
        [
            NewEvent(
                "post.flagged",
                {
                    "post": post_payload(posts[flag.post_id]),
                    "author": authors[posts[flag.post_id].author_id],
                    "flag": {
                        "id": flag.pk,
                        "reason": flag.reason,
                        "severity": flag.severity,
                        "raised_by": flag.raised_by_label,
                    },
                },
                f"post/{flag.post_id}",
                f"post.flagged:{flag.pk}",
            )
            for flag in flags
        ]
    )
