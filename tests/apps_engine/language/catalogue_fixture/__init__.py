"""A small but realistic catalogue for tests of the pure language."""

from __future__ import annotations

from apps_engine.language.catalogue import Catalogue
from tests.apps_engine.language.catalogue_fixture.actions import ACTIONS
from tests.apps_engine.language.catalogue_fixture.connectors import COMMENTS, ORDERS, POSTS, USERS
from tests.apps_engine.language.catalogue_fixture.events import EVENTS

CATALOGUE = Catalogue(
    connectors={spec.name: spec for spec in (USERS, POSTS, COMMENTS, ORDERS)},
    actions={spec.name: spec for spec in ACTIONS},
    events={spec.name: spec for spec in EVENTS},
)
