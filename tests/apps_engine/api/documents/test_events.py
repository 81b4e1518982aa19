"""`docs/events.md` tells every event (TRG-08)."""

from __future__ import annotations

import pytest

from apps_engine.api.documents.events import events_document
from tests.environment import REPOSITORY

pytestmark = pytest.mark.requirement("TRG-08")


def test_the_document_that_is_there_is_the_one_of_the_catalogue():
    written = (REPOSITORY / "docs" / "events.md").read_text()
    assert written == events_document(), "run `make docs`"
