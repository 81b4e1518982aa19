"""The browsers in which members want to be told."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from decommerce.community.models import Member
from decommerce.tenancy.encrypted_text import EncryptedTextField
from decommerce.tenancy.models import TenantForeignKey, TenantModel


class PushSubscription(TenantModel):
    """One browser of one member (Push API, PushSubscription).

    Whoever knows `endpoint` and `auth` can reach the browser, so both are encrypted; `digest` is the endpoint's
    SHA-256, `p256dh` the browser's public key, base64url.
    """

    member = TenantForeignKey(Member, on_delete=models.CASCADE, related_name="push_subscriptions", db_index=False)
    digest = models.CharField(max_length=64)
    endpoint = EncryptedTextField()
    p256dh = models.CharField(max_length=100)
    auth = EncryptedTextField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "digest"], name="push_subscription_once")]
        indexes = [models.Index(fields=["tenant", "member"], name="push_subscription_by_member")]
