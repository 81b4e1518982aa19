"""Every action. A new one is a file, its test and a line here."""

from __future__ import annotations

from actions.ai_analyze import AiAnalyze
from actions.ai_generate import AiGenerate
from actions.archive_room import ArchiveRoom
from actions.assign_mission import AssignMission
from actions.award_xp import AwardXp
from actions.calendar_query import CalendarQuery
from actions.complete_mission import CompleteMission
from actions.create_comment import CreateComment
from actions.create_mission import CreateMission
from actions.create_post import CreatePost
from actions.create_reward import CreateReward
from actions.emit_event import EmitEvent
from actions.emit_events import EmitEvents
from actions.flag_content import FlagContent
from actions.gmail_search import GmailSearch
from actions.grant_reward import GrantReward
from actions.llm_extract import LlmExtract
from actions.remove_comment import RemoveComment
from actions.resolve_flag import ResolveFlag
from actions.schedule_task import ScheduleTask
from actions.send_email import SendEmail
from actions.send_notification import SendNotification
from actions.state_update import StateUpdate
from actions.update_mission_status import UpdateMissionStatus
from actions.update_post_status import UpdatePostStatus
from actions.update_reward_status import UpdateRewardStatus
from actions.update_user import UpdateUser
from actions.vision_analysis import VisionAnalysis
from actions.web_search import WebSearch
from actions.webhook import Webhook
from apps_engine.contracts import Action

ACTIONS: tuple[Action, ...] = (
    FlagContent(),
    ResolveFlag(),
    SendNotification(),
    SendEmail(),
    AwardXp(),
    CreatePost(),
    UpdatePostStatus(),
    CreateComment(),
    RemoveComment(),
    UpdateUser(),
    ArchiveRoom(),
    CreateMission(),
    UpdateMissionStatus(),
    AssignMission(),
    CompleteMission(),
    CreateReward(),
    UpdateRewardStatus(),
    GrantReward(),
    StateUpdate(),
    EmitEvent(),
    EmitEvents(),
    ScheduleTask(),
    Webhook(),
    AiAnalyze(),
    AiGenerate(),
    LlmExtract(),
    VisionAnalysis(),
    GmailSearch(),
    CalendarQuery(),
    WebSearch(),
)
