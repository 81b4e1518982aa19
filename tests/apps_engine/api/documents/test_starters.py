"""`docs/starters.md` tells of every ready-made app (APP-09)."""

from __future__ import annotations

import pytest

from apps_engine.api.documents.starters import starters_document
from apps_engine.starters import STARTERS
from tests.environment import REPOSITORY

pytestmark = pytest.mark.requirement("APP-09")

WRITTEN = (REPOSITORY / "docs" / "starters.md").read_text()


@pytest.mark.parametrize("slug", STARTERS)
def test_each_is_told_with_its_parameters_and_what_it_does(slug):
    starter, document = STARTERS[slug], starters_document()
    section = document.split(f'<a id="{slug}"></a>')[1].split("### ")[0]
    assert starter.description in section
    assert section.count("\n- ") >= 2
    assert all(f"| `{name}` |" in section for name in starter.parameters.properties)


@pytest.mark.parametrize("slug", STARTERS)
def test_the_document_that_is_there_knows_it(slug):
    told = WRITTEN.split(f'<a id="{slug}"></a>')[1:]
    assert told, "run `make docs`"
    assert all(f"| `{name}` |" in told[0].split("### ")[0] for name in STARTERS[slug].parameters.properties)


def test_no_cell_breaks_its_table():
    rows = [line for line in starters_document().splitlines() if line.startswith("| `")]
    assert rows
    assert all(line.replace("\\|", "").count("|") == 5 for line in rows)
