"""Who is in a room: a dump does not tell, but whoever wrote there is."""

from __future__ import annotations

from django.db import connection

from decommerce.community.importing.tally import Tally
from decommerce.tenancy.context import current_tenant_id

_ENTER = """
WITH written AS (
    SELECT room_id, author_id, created_at FROM community_post
    WHERE tenant_id = %(tenant)s AND room_id IS NOT NULL AND external_id LIKE 'se:%%'
    UNION ALL
    SELECT post.room_id, comment.author_id, comment.created_at FROM community_comment comment
    JOIN community_post post ON post.tenant_id = comment.tenant_id AND post.id = comment.post_id
    WHERE comment.tenant_id = %(tenant)s AND post.room_id IS NOT NULL AND comment.external_id LIKE 'se:%%'
), first AS (
    SELECT room_id, author_id, min(created_at) AS joined_at FROM written GROUP BY room_id, author_id
), entered AS (
    INSERT INTO community_roommember (tenant_id, room_id, member_id, joined_at)
    SELECT %(tenant)s, room_id, author_id, joined_at FROM first ORDER BY joined_at, author_id
    ON CONFLICT DO NOTHING RETURNING 1
)
SELECT (SELECT count(*) FROM first), (SELECT count(*) FROM entered)
"""


def enter_rooms() -> Tally:
    """Let members into the rooms in which they wrote, since they first did. Nothing is announced: nobody joined."""
    with connection.cursor() as cursor:
        cursor.execute(_ENTER, {"tenant": current_tenant_id()})
        every, entered = cursor.fetchone()
    return Tally("room members", created=entered, unchanged=every - entered)
