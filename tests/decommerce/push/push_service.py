"""A push service (RFC 8030) that proves itself as Google's, behind the door that the operator's settings open to it."""

from __future__ import annotations

import secrets
from typing import Any

from decommerce.push.subscriptions import subscribe
from tests.decommerce.outgoing.authority import Authority
from tests.decommerce.outgoing.receiver import Answer, Received, Receiver, reply
from tests.decommerce.push.browser import Browser

HOST = "fcm.googleapis.com"
# 32 bytes, the same in every run.
KEY = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
ACCEPTED = reply("201 Created")


class PushService:
    """Each browser that signs up gets an endpoint of its own; `received` is in order."""

    def __init__(self, authority: Authority, settings: Any) -> None:
        self._receiver = Receiver(authority.server_context([HOST]))
        settings.VAPID_PRIVATE_KEY = KEY
        settings.OUTGOING_PORTS = [self._receiver.port]
        settings.OUTGOING_HOSTS = [f"{HOST}=127.0.0.1"]
        settings.OUTGOING_CA_BUNDLE = str(authority.bundle)

    @property
    def received(self) -> list[Received]:
        return self._receiver.received

    def new_endpoint(self, answer: Answer = ACCEPTED) -> str:
        """An address that answers so."""
        path = f"/fcm/send/{secrets.token_urlsafe(24)}"
        self._receiver.answers[path] = answer
        return f"https://{HOST}:{self._receiver.port}{path}"

    def sign_up(self, member_id: int, answer: Answer = ACCEPTED) -> Browser:
        """A new browser of the member. Needs the tenant's scope."""
        browser = Browser()
        subscribe(member_id, self.new_endpoint(answer), **browser.keys())
        return browser

    def answer_all(self, answer: Answer) -> None:
        """From now on every endpoint answers so."""
        for path in self._receiver.answers:
            self._receiver.answers[path] = answer

    def stop(self) -> None:
        self._receiver.stop()
