"""The ledger of XP."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from decommerce.community.models.member import Member
from decommerce.tenancy.models import TenantForeignKey, TenantModel


class XpEntry(TenantModel):
    """One booking, never changed: a mistake is corrected by an opposite one. `idem_key` books a deed only once.

    The ledger stays, so a member who is in it can be suspended and not deleted.
    """

    append_only = True

    member = TenantForeignKey(Member, on_delete=models.PROTECT, related_name="xp_entries", db_index=False)
    amount = models.IntegerField()
    reason = models.CharField(max_length=200)
    idem_key = models.CharField(max_length=200)
    app_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "idem_key"], name="xp_entry_once")]
        indexes = [
            models.Index(fields=["tenant", "member", "-created_at"], name="xp_entry_by_member"),
            models.Index(fields=["tenant", "-created_at"], name="xp_entry_by_created"),
        ]
