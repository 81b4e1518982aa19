"""Every connector. A new one is a file, its test and a line here."""

from __future__ import annotations

from apps_engine.contracts import Connector
from connectors.comments import Comments
from connectors.posts import Posts
from connectors.shopify_orders import ShopifyOrders
from connectors.users import Users

CONNECTORS: tuple[Connector, ...] = (Users(), Posts(), Comments(), ShopifyOrders())
