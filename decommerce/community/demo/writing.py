"""What the members of a demo community wrote."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from decommerce.community.demo.theme import Theme
from decommerce.community.models import Comment, Member, Post, PostKind, Reaction, Room, RoomMember

POSTS = 250
COMMENTS = 400
REACTIONS = 600
DAYS = 120
# Some posts say little, as in every community.
SHORT = ("First!", "Anyone?", "Same.", "+1", "Bump", "Hello everybody.", "Test, please ignore.", "Thanks!")
SHARE_OF_SHORT = 0.12
SHARE_OF_ANSWERS = 0.2


def make_rooms(theme: Theme, now: datetime) -> list[Room]:
    """The rooms of the theme, opened two years ago."""
    opened = now - timedelta(days=730)
    return [
        Room(
            external_id=f"demo:{number}",
            name=name,
            slug=name.lower().replace(" ", "-"),
            description=description,
            created_at=opened,
        )
        for number, (name, description) in enumerate(theme.rooms, 1)
    ]


def make_room_members(rooms: Sequence[Room], members: Sequence[Member], random: Random) -> list[RoomMember]:
    """Everybody is in the first room, and in some of the others."""
    return [
        RoomMember(room=room, member=member, joined_at=member.joined_at)
        for member in members
        for room in (rooms[0], *random.sample(rooms[1:], random.randint(0, 3)))
    ]


def make_posts(
    theme: Theme, rooms: Sequence[Room], members: Sequence[Member], random: Random, now: datetime
) -> list[Post]:
    """Posts of the last months; few people write most of them, as in every community."""
    times = sorted(now - timedelta(minutes=random.randint(30, DAYS * 24 * 60)) for _ in range(POSTS))
    posts: list[Post] = []
    for number, moment in enumerate(times, 1):
        post = _post(theme, number, random)
        post.author = members[int(len(members) * random.random() ** 2)]
        post.created_at = post.updated_at = moment
        questions = [earlier for earlier in posts[-40:] if earlier.kind == PostKind.QUESTION]
        if questions and random.random() < SHARE_OF_ANSWERS:
            post.parent = random.choice(questions)
            post.room, post.kind, post.title = post.parent.room, PostKind.ANSWER, ""
        else:
            post.room = random.choice(rooms)
        posts.append(post)
    return posts


def make_comments(theme: Theme, posts: Sequence[Post], members: Sequence[Member], random: Random) -> list[Comment]:
    """Comments within a few days of their posts."""
    comments = []
    for number in range(1, COMMENTS + 1):
        post = random.choice(posts)
        post.comment_count += 1
        comments.append(
            Comment(
                external_id=f"demo:{number}",
                post=post,
                author=random.choice(members),
                body=random.choice(theme.replies),
                score=random.choice((0, 0, 0, 1, 2)),
                created_at=post.created_at + timedelta(minutes=random.randint(1, 25)),
            )
        )
    return comments


def make_reactions(posts: Sequence[Post], members: Sequence[Member], random: Random) -> list[Reaction]:
    """Likes, one of a member to a post; popular posts draw more. They make the posts' scores."""
    pairs = {(int(len(posts) * random.random() ** 1.7), random.randrange(len(members))) for _ in range(REACTIONS)}
    reactions = []
    for number, (post_index, member_index) in enumerate(sorted(pairs), 1):
        post = posts[post_index]
        post.score += 1
        reactions.append(
            Reaction(
                external_id=f"demo:{number}",
                post=post,
                member=members[member_index],
                kind="like",
                created_at=post.created_at + timedelta(minutes=random.randint(1, 29)),
            )
        )
    return reactions


def _post(theme: Theme, number: int, random: Random) -> Post:
    subject = random.choice(theme.subjects)
    opening = random.choice(theme.openings)
    if random.random() < SHARE_OF_SHORT:
        body = random.choice(SHORT)
    else:
        sentences = [opening.format(subject=subject), *random.sample(theme.remarks, random.randint(0, 8))]
        body = " ".join(sentences[:4]) + "".join(f"\n\n{sentence}" for sentence in sentences[4:])
    return Post(
        external_id=f"demo:{number}",
        title=subject[0].upper() + subject[1:],
        body=body,
        body_length=len(body),
        kind=PostKind.QUESTION if "?" in opening else PostKind.POST,
    )
