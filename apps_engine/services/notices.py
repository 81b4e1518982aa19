"""Telling a tenant's owners and admins about their apps (RUN-06)."""

from __future__ import annotations

from django.conf import settings

from apps_engine.services.hints import hint_delivery
from apps_engine.store.models import App
from decommerce.community.services.members import audience
from decommerce.community.services.messages import NewMessage, queue_messages
from decommerce.community.services.notifications import NewNotification, notify

TOPIC = "apps"


def tell_admins(app: App, title: str, body: str, *, key: str) -> None:
    """One notification for each owner and admin who wants such; `key` lets it be written once only."""
    tell_admins_at(f"/apps/{app.pk}/", title, body, key=key)


def tell_admins_at(link: str, title: str, body: str, *, key: str) -> None:
    """The same of what is no single app's, with the page that shows it."""
    members = dict.fromkeys([*audience("owner"), *audience("admin")])
    notify(
        [NewNotification(member, title, body, link=link, topic=TOPIC, idem_key=f"{key}:{member}") for member in members]
    )


def mail_admins(app: App, subject: str, body: str, *, key: str) -> None:
    """The same as an e-mail, with the address of the app at its foot."""
    members = dict.fromkeys([*audience("owner"), *audience("admin")])
    link = f"{settings.PUBLIC_URL.rstrip('/')}/apps/{app.pk}/"
    queue_messages(
        [
            NewMessage(f"{key}:{member}", f"{body}\n\n{link}", subject, member_id=member, topic=TOPIC)
            for member in members
        ]
    )
    hint_delivery()
