"""The pages that follow from the code are those that the command writes (LNG-05, PIP-02)."""

from __future__ import annotations

import re

import pytest

from apps_engine.api.documents.blocks import blocks_document
from apps_engine.api.documents.codes import codes_document
from apps_engine.language.filters import FILTERS
from apps_engine.language.validate.codes import CODES
from apps_engine.registry import registry
from tests.environment import REPOSITORY

pytestmark = pytest.mark.requirement("LNG-05", "PIP-02")

DOCS = REPOSITORY / "docs"
# A code that is given in passing: `code="x"` to an error, or `"code": "x"` in one that is kept.
GIVEN = re.compile(r"""\bcode=["']([a-z_]+)["']|["']code["']: ["']([a-z_]+)["']""")


@pytest.mark.parametrize(("page", "document"), [("codes.md", codes_document), ("building-blocks.md", blocks_document)])
def test_the_page_that_is_there_is_the_one_of_the_code(page, document):
    assert (DOCS / page).read_text() == document(), "run `make docs`"


def test_every_code_that_the_engine_gives_in_passing_is_told():
    told = codes_document()
    sources = [path for part in ("runtime", "services") for path in (REPOSITORY / "apps_engine" / part).rglob("*.py")]
    given = {first or second for path in sources for first, second in GIVEN.findall(path.read_text())}
    assert len(given) > 10
    assert sorted(code for code in given if f"\n| `{code}` |" not in told) == []


def test_every_code_of_a_definition_and_every_block_has_a_line():
    codes, blocks = codes_document(), blocks_document()
    assert all(f"\n| `{code}` |" in codes for code in CODES)
    assert all(f"\n### {name}\n" in blocks for name in (*registry.connectors, *registry.actions))
    assert all(f"\n| `{name}` |" in blocks for name in FILTERS)


@pytest.mark.parametrize("document", [codes_document, blocks_document])
def test_no_cell_breaks_its_table(document):
    tables = re.findall(r"(?:^\|.*\n)+", document(), re.MULTILINE)
    assert tables
    for table in tables:
        assert len({line.replace("\\|", "").count("|") for line in table.splitlines()}) == 1, table
