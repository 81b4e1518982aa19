"""Members, rooms, what they write and earn, what they are told, and what their shop sells."""

from decommerce.community.models.comment import Comment
from decommerce.community.models.contribution import Contribution
from decommerce.community.models.dead_address import DeadAddress
from decommerce.community.models.flag import Flag, FlagSeverity
from decommerce.community.models.member import Member, MemberStatus
from decommerce.community.models.mission import Mission, MissionStatus, UserMission, UserMissionStatus
from decommerce.community.models.notification import Channel, Notification, NotificationPreference
from decommerce.community.models.outbound_message import MessageChannel, MessageState, OutboundMessage
from decommerce.community.models.outbox import OutboxEvent
from decommerce.community.models.post import Post, PostKind, PostStatus
from decommerce.community.models.reaction import Reaction
from decommerce.community.models.reward import ClaimStatus, Reward, RewardClaim, RewardStatus
from decommerce.community.models.room import Room, RoomMember, RoomStatus
from decommerce.community.models.shop import DeliveryOutcome, Shop, ShopDelivery
from decommerce.community.models.shopify import (
    ShopifyCheckout,
    ShopifyCustomer,
    ShopifyOrder,
    ShopifyProduct,
    ShopifyRefund,
)
from decommerce.community.models.team import link_member
from decommerce.community.models.xp import XpEntry

__all__ = [
    "Channel",
    "ClaimStatus",
    "Comment",
    "Contribution",
    "DeadAddress",
    "DeliveryOutcome",
    "Flag",
    "FlagSeverity",
    "Member",
    "MemberStatus",
    "MessageChannel",
    "MessageState",
    "Mission",
    "MissionStatus",
    "Notification",
    "NotificationPreference",
    "OutboundMessage",
    "OutboxEvent",
    "Post",
    "PostKind",
    "PostStatus",
    "Reaction",
    "Reward",
    "RewardClaim",
    "RewardStatus",
    "Room",
    "RoomMember",
    "RoomStatus",
    "Shop",
    "ShopDelivery",
    "ShopifyCheckout",
    "ShopifyCustomer",
    "ShopifyOrder",
    "ShopifyProduct",
    "ShopifyRefund",
    "UserMission",
    "UserMissionStatus",
    "XpEntry",
    "link_member",
]
