"""What can be wrong with push."""

from __future__ import annotations

from decommerce.tenancy.errors import PlatformError


class PushNotSetUp(PlatformError):
    """The operator gave no key, or none that is one."""

    code = "push_not_set_up"
    status = 503


class SubscriptionInvalid(PlatformError):
    """What a browser sent is no subscription that can be pushed to."""

    code = "push_subscription_invalid"
