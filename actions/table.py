"""Every action. A new one is a file, its test and a line here."""

from __future__ import annotations

from actions.archive_room import ArchiveRoom
from actions.award_xp import AwardXp
from actions.create_comment import CreateComment
from actions.create_post import CreatePost
from actions.flag_content import FlagContent
from actions.remove_comment import RemoveComment
from actions.send_email import SendEmail
from actions.send_notification import SendNotification
from actions.update_post_status import UpdatePostStatus
from actions.update_user import UpdateUser
from actions.webhook import Webhook
from apps_engine.contracts import Action

ACTIONS: tuple[Action, ...] = (
    FlagContent(),
    SendNotification(),
    SendEmail(),
    AwardXp(),
    CreatePost(),
    UpdatePostStatus(),
    CreateComment(),
    RemoveComment(),
    UpdateUser(),
    ArchiveRoom(),
    Webhook(),
)
