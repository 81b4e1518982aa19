"""Every connector. A new one is a file, its test and a line here."""

from __future__ import annotations

from apps_engine.contracts import Connector
from connectors.analytics_metrics import AnalyticsMetrics
from connectors.comments import Comments
from connectors.contributions import Contributions
from connectors.engagement_metrics import EngagementMetrics
from connectors.missions import Missions
from connectors.notifications import Notifications
from connectors.posts import Posts
from connectors.reward_claims import RewardClaims
from connectors.rewards import Rewards
from connectors.room_members import RoomMembers
from connectors.rooms import Rooms
from connectors.shopify_checkouts import ShopifyCheckouts
from connectors.shopify_customers import ShopifyCustomers
from connectors.shopify_orders import ShopifyOrders
from connectors.shopify_products import ShopifyProducts
from connectors.user_missions import UserMissions
from connectors.users import Users

CONNECTORS: tuple[Connector, ...] = (
    Users(),
    EngagementMetrics(),
    Posts(),
    Comments(),
    Rooms(),
    RoomMembers(),
    Missions(),
    UserMissions(),
    Contributions(),
    Rewards(),
    RewardClaims(),
    ShopifyOrders(),
    ShopifyProducts(),
    ShopifyCustomers(),
    ShopifyCheckouts(),
    AnalyticsMetrics(),
    Notifications(),
)
