"""Whoever has a seat in the team is a member of the community, too."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from decommerce.community.insertion import insert_new
from decommerce.community.models.member import Member
from decommerce.tenancy.context import tenant_scope
from decommerce.tenancy.models import Membership


@receiver(post_save, sender=Membership, dispatch_uid="community.link_member")
def link_member(sender: Any, instance: Membership, created: bool, **options: Any) -> None:
    """Link a new membership to the member with that person's address, or to a new one.

    A seat in the team is no joining, so nothing is announced.
    """
    if not created:
        return
    with tenant_scope(instance.tenant_id):
        person = instance.user
        known = Member.objects.filter(email__iexact=person.email, membership=None)
        if known.update(membership=instance) == 0:
            name = person.display_name or person.email.partition("@")[0]
            insert_new([Member(email=person.email, display_name=name, membership=instance)])
