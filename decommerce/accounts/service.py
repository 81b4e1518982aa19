"""The services that an account may be connected for, and what a person has to allow for each."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

_GOOGLE = "https://www.googleapis.com/auth"


@dataclass(frozen=True, slots=True)
class Service:
    """`scope` is what is asked for: the least that reading takes. Any of `accepted` is enough."""

    name: str
    label: str
    icon: str
    purpose: str
    scope: str
    accepted: frozenset[str]

    def is_granted(self, scopes: Collection[str]) -> bool:
        """Whether the scopes allow it."""
        return not self.accepted.isdisjoint(scopes)


SERVICES: Mapping[str, Service] = {
    service.name: service
    for service in (
        Service(
            "gmail",
            "Gmail",
            "mail",
            "Search and read your mail. Nothing is sent, changed or deleted.",
            f"{_GOOGLE}/gmail.readonly",
            # The scope gmail.metadata cannot search.
            frozenset({f"{_GOOGLE}/gmail.readonly", f"{_GOOGLE}/gmail.modify", "https://mail.google.com/"}),
        ),
        Service(
            "calendar",
            "Google Calendar",
            "calendar",
            "See the events of your calendars. Nothing is added or changed.",
            f"{_GOOGLE}/calendar.events.readonly",
            frozenset(
                f"{_GOOGLE}/{name}"
                for name in ("calendar.events.readonly", "calendar.events", "calendar.readonly", "calendar")
            ),
        ),
    )
}


def granted_services(scopes: Collection[str]) -> tuple[Service, ...]:
    """The services that these scopes allow."""
    return tuple(service for service in SERVICES.values() if service.is_granted(scopes))
