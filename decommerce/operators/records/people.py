"""The people of a tenant, its keys, and who did what."""

from __future__ import annotations

from django.contrib import admin

from decommerce.operators.records.record import Record
from decommerce.operators.site import site
from decommerce.tenancy.models import ApiKey, AuditEntry, Invitation, Membership


@admin.register(Membership, site=site)
class Memberships(Record):
    """Who may sign in to the tenant, and as what."""

    list_display = ("user", "email", "role", "created_at")
    list_filter = ("role",)
    list_select_related = ("user",)
    search_fields = ("user__email", "user__display_name")

    @admin.display(description="E-mail address")
    def email(self, row: Membership) -> str:
        """The address they sign in with."""
        return row.user.email


@admin.register(Invitation, site=site)
class Invitations(Record):
    """Who is asked into the team."""

    list_display = ("email", "role", "invited_by", "sent_at", "expires_at", "accepted_at", "revoked_at")
    search_fields = ("email",)


@admin.register(ApiKey, site=site)
class Keys(Record):
    """Keys by name and prefix; neither a key nor its digest is shown."""

    hidden = ("digest",)
    list_display = ("name", "prefix", "created_by", "created_at", "expires_at", "revoked_at", "last_used_at")
    search_fields = ("name", "prefix")


@admin.register(AuditEntry, site=site)
class Audit(Record):
    """Who did what."""

    list_display = ("at", "actor_label", "verb", "target")
    list_filter = ("actor_kind",)
    search_fields = ("^verb", "=target", "actor_label")
