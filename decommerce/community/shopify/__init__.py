"""A Shopify shop: reading what it tells, keeping it, and saying it on as events of the platform (TRG-09)."""
