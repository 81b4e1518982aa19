"""Every action. A new one is a file, its test and a line here."""

from __future__ import annotations

from actions.award_xp import AwardXp
from actions.create_post import CreatePost
from actions.flag_content import FlagContent
from actions.send_email import SendEmail
from actions.send_notification import SendNotification
from actions.webhook import Webhook
from apps_engine.contracts import Action

ACTIONS: tuple[Action, ...] = (
    FlagContent(),
    SendNotification(),
    SendEmail(),
    AwardXp(),
    CreatePost(),
    Webhook(),
)
