"""The pages that follow from the code are those that the command writes (LNG-05, PIP-02)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from apps_engine.api.documents.blocks import blocks_document
from apps_engine.api.documents.codes import REQUEST_CODES, codes_document, error_classes
from apps_engine.api.documents.filters import filters_document
from apps_engine.language.escalation import FAILURES
from apps_engine.language.filters import FILTERS
from apps_engine.language.transforms import TRANSFORMS
from apps_engine.language.validate.codes import CODES, SERVICE_CODES
from apps_engine.registry import registry
from apps_engine.runtime.codes import RUN_CODES
from apps_engine.runtime.escalation import CLASSES
from tests.environment import REPOSITORY

pytestmark = pytest.mark.requirement("LNG-05", "PIP-02")

DOCS = REPOSITORY / "docs"
# Errors of the language are made with their code first, those of the platform by the keyword `code`.
LANGUAGE_ERRORS = {"LanguageError", "TemplateSyntaxError", "PredicateError", "InvalidValue", "NumberError"}
LANGUAGE_ERRORS |= {"BoundExceeded", "JsonTextError", "CronError"}
PLATFORM_ERRORS = {error.__name__ for error in error_classes()}
# A code that is given in passing: `code="x"` to an error, or `"code": "x"` in one that is kept.
GIVEN = re.compile(r"""\bcode=["']([a-z_]+)["']|["']code["']: ["']([a-z_]+)["']""")


PAGES = {"codes.md": codes_document, "building-blocks.md": blocks_document, "filters.md": filters_document}


@pytest.mark.parametrize("page", PAGES)
def test_the_page_that_is_there_is_the_one_of_the_code(page):
    assert (DOCS / page).read_text(encoding="utf-8") == PAGES[page](), f"docs/{page} is old: run `make docs`"


def test_every_code_that_the_engine_gives_in_passing_is_told():
    told = codes_document()
    sources = [path for part in ("runtime", "services") for path in (REPOSITORY / "apps_engine" / part).rglob("*.py")]
    given = {first or second for path in sources for first, second in GIVEN.findall(path.read_text())}
    assert len(given) > 10
    assert sorted(code for code in given if f"\n| `{code}` |" not in told) == []


def calls(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every literal code in a call that makes an error, and its line."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func).rpartition(".")[2]
        named = [keyword.value for keyword in node.keywords if keyword.arg == "code"]
        given = node.args[:1] if name in LANGUAGE_ERRORS else named if name in PLATFORM_ERRORS else []
        yield from ((one.value, node.lineno) for one in given if isinstance(one, ast.Constant))


def test_every_code_in_the_source_is_told():
    known = {*CODES, *SERVICE_CODES, *RUN_CODES, *REQUEST_CODES, *(error.code for error in error_classes())}
    packages = ("apps_engine", "actions", "connectors", "decommerce")
    sources = [
        path for part in packages for path in (REPOSITORY / part).rglob("*.py") if "migrations" not in path.parts
    ]
    unknown = [
        f"{path.relative_to(REPOSITORY)}:{line} {code}"
        for path in sources
        for code, line in calls(ast.parse(path.read_text(encoding="utf-8")))
        if code not in known
    ]
    assert unknown == [], "tell them in runtime/codes.py or validate/codes.py, then run `make docs`"


@pytest.mark.requirement("RUN-11")
def test_the_codes_that_a_rule_speaks_for_exist():
    known = {*CODES, *SERVICE_CODES, *RUN_CODES, *(error.code for error in error_classes())}
    # A search that finds nothing and a question with two meanings are told by steps, not by classes of errors.
    assert {code for code in CLASSES if code not in known} <= {"empty_result", "ambiguous_input"}
    assert {*CLASSES.values()} <= {*FAILURES}


def test_every_code_of_a_definition_and_every_block_has_a_line():
    codes, blocks, filters = codes_document(), blocks_document(), filters_document()
    assert [code for code in (*CODES, *SERVICE_CODES) if f"\n| `{code}` |" not in codes] == []
    catalogue = registry.catalogue
    named = (*catalogue.connectors, *catalogue.actions, *catalogue.events, *TRANSFORMS)
    assert [name for name in named if f"\n### `{name}`\n" not in blocks] == []
    fields = [field.name for spec in catalogue.connectors.values() for field in spec.fields]
    assert [name for name in fields if f"\n| `{name}` |" not in blocks] == []
    assert [name for name in FILTERS if not re.search(rf"\n\| `{name}\b", filters)] == []


@pytest.mark.parametrize("document", PAGES.values(), ids=PAGES)
def test_no_cell_breaks_its_table(document):
    tables = re.findall(r"(?:^\|.*\n)+", document(), re.MULTILINE)
    assert tables
    for table in tables:
        assert len({line.replace("\\|", "").count("|") for line in table.splitlines()}) == 1, table
