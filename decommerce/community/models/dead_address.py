"""Addresses that mail came back from for good."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from decommerce.tenancy.models import TenantModel


class DeadAddress(TenantModel):
    """An e-mail address, in lower case, to which nothing is sent until an admin takes it off the list.

    `words` are those of the mail server that refused the address or sent the message back; `status` is its enhanced
    status code (RFC 3463) such as 5.1.1, or ''.
    """

    address = models.CharField(max_length=320)
    status = models.CharField(max_length=16, blank=True)
    words = models.TextField(blank=True)
    message_id = models.CharField(max_length=255, blank=True)
    marked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "address"], name="dead_address_once")]
        indexes = [models.Index(fields=["tenant", "-marked_at"], name="dead_address_by_time")]

    def __str__(self) -> str:
        return self.address
