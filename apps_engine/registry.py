"""Which connectors and actions exist, and what is on its way out.

Each plugin package registers its literal tuple when Django starts.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from apps_engine.contracts import Action, Connector
from apps_engine.language.catalogue import Catalogue, EventSpec
from apps_engine.language.deprecations import DEPRECATIONS, Deprecation


class Registry:
    """Instances by name, and the catalogue the language reads."""

    def __init__(self) -> None:
        self.connectors: dict[str, Connector] = {}
        self.actions: dict[str, Action] = {}
        self.events: dict[str, EventSpec] = {}
        self.deprecations: dict[str, Deprecation] = {known.feature: known for known in DEPRECATIONS}

    def add_connectors(self, connectors: Iterable[Connector]) -> None:
        """Register connectors by their names."""
        self.connectors.update((connector.name, connector) for connector in connectors)

    def add_actions(self, actions: Iterable[Action]) -> None:
        """Register actions by their names."""
        self.actions.update((action.name, action) for action in actions)

    def add_events(self, events: Iterable[EventSpec]) -> None:
        """Register the events that platform services emit."""
        self.events.update((event.name, event) for event in events)

    @cached_property
    def catalogue(self) -> Catalogue:
        """Everything a definition may name; built on first use, after all packages registered."""
        return Catalogue(
            connectors={name: connector.spec() for name, connector in self.connectors.items()},
            actions={name: action.spec() for name, action in self.actions.items()},
            events=dict(self.events),
        )


registry = Registry()
