"""What an app may do beyond its own community's data, and whether its definition says so (SEC-01)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from apps_engine.language.catalogue import ActionSpec
from apps_engine.language.pointers import join
from apps_engine.language.validate.effects import EMITTING
from apps_engine.language.validate.review import Review

Params = Mapping[str, Any]

# Parameters that hold the address of something outside.
ADDRESSES = ("url", "image")
_HOST = re.compile(r"https?://(?:[^/?#@]*@)?([^/?#:{}]+)(?=[/?#:]|$)")
_DOMAIN = re.compile(r"(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


def check_permissions(review: Review) -> None:
    """Report permissions that cannot be meant: what is no domain, and app events under the platform's own names."""
    for index, domain in enumerate(_listed(review, "domains")):
        if isinstance(domain, str) and not _DOMAIN.fullmatch(domain):
            hint = "Write the host alone, in lower case: hooks.example.com."
            where = join("/permissions/domains", index)
            review.findings.add(where, "bad_domain", f"'{domain[:60]}' is no domain.", hint)
    services = {service for spec in review.catalogue.actions.values() for service in spec.oauth}
    for index, service in enumerate(_listed(review, "oauth")):
        if isinstance(service, str) and service not in services:
            hint = review.findings.suggest(service, services) or f"Possible: {', '.join(sorted(services))}."
            where = join("/permissions/oauth", index)
            review.findings.add(where, "unknown_service", f"No action uses `{service[:40]}`.", hint)
    for kind in ("emits", "subscribes"):
        for index, event in enumerate(_listed(review, kind)):
            if isinstance(event, str) and event in review.catalogue.events:
                message = f"`{event}` is an event of the platform, which no app sends."
                where = join("/permissions", kind, index)
                review.findings.add(where, "reserved_event", message, "Choose a name of the app's own.")


def check_permitted(spec: ActionSpec, params: Params, at: str, params_at: str, review: Review) -> None:
    """Report what an action does and the permissions do not name."""
    for service in spec.oauth:
        if service not in review.permitted("oauth"):
            hint = f'Add "permissions": {{"oauth": ["{service}"]}}.'
            message = f"The app may not use the {service} account of the person who made it."
            review.findings.add(at, "missing_permission", message, hint)
    for name in addresses(spec):
        _check_domain(params.get(name), join(params_at, name), review)
    if events_left_open(spec, params) and not review.permitted("emits"):
        hint = 'Name the events it may send: "permissions": {"emits": [...]}.'
        review.findings.add(
            join(params_at, EMITTING[spec.name]), "missing_permission", "It may not send any event.", hint
        )
    for event in sent_events(spec, params):
        if event not in review.permitted("emits"):
            hint = f'Add "permissions": {{"emits": ["{event}"]}}.'
            where = join(params_at, EMITTING[spec.name])
            review.findings.add(where, "missing_permission", f"The app may not send the event `{event[:60]}`.", hint)


def addresses(spec: ActionSpec) -> Iterator[str]:
    """The parameters of an action that say where outside it goes."""
    return (name for name in ADDRESSES if name in spec.targets and not spec.local)


def sent_events(spec: ActionSpec, params: Params) -> Iterator[str]:
    """The app event that an action sends, where its name is written out."""
    event = params.get(EMITTING[spec.name]) if spec.name in EMITTING else None
    if isinstance(event, str) and "{{" not in event:
        yield event


def events_left_open(spec: ActionSpec, params: Params) -> bool:
    """Whether an action sends an app event whose name only the run knows: it may be any that is permitted."""
    event = params.get(EMITTING[spec.name]) if spec.name in EMITTING else None
    return isinstance(event, str) and "{{" in event


def called_host(address: Any) -> str | None:
    """The host of an address in lower case, where it is written out."""
    host = _HOST.match(address) if isinstance(address, str) else None
    return host[1].lower() if host is not None else None


def _check_domain(url: Any, at: str, review: Review) -> None:
    if not isinstance(url, str):
        return
    allowed, host = review.permitted("domains"), called_host(url)
    if host is not None and host not in allowed:
        hint = f'Add "permissions": {{"domains": ["{host}"]}}; an admin allows the domain for the community.'
        review.findings.add(at, "missing_permission", f"The app may not call `{host[:80]}`.", hint)
    elif host is None and "{{" in url and not allowed:
        hint = 'Name the domains it may call: "permissions": {"domains": [...]}.'
        review.findings.add(at, "missing_permission", "The app may not call any domain.", hint)


def _listed(review: Review, kind: str) -> list[Any]:
    permissions = review.definition.get("permissions")
    listed = permissions.get(kind) if isinstance(permissions, dict) else None
    return listed if isinstance(listed, list) else []
