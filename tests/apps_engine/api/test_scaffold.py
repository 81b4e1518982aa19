"""The start of a new building block."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest
from django.conf import settings

from apps_engine.api.scaffold import ScaffoldRefused, scaffold_action, scaffold_connector
from apps_engine.contracts import ActionContext, Call
from apps_engine.language.catalogue import FieldType
from tests.connectors.rows import a_member, a_post

pytestmark = pytest.mark.requirement("PIP-02", "ACT-05")

ROOT = Path(settings.BASE_DIR)


@pytest.fixture
def context(tenant) -> ActionContext:
    """The context of a run of some app of the tenant."""
    return ActionContext(tenant.pk, 7, "The app", 8, datetime(2026, 11, 21, 9, tzinfo=UTC))


@pytest.fixture
def checkout(tmp_path) -> Path:
    """A copy of what the command reads and changes."""
    for package in ("connectors", "actions"):
        shutil.copytree(ROOT / package, tmp_path / package)
        (tmp_path / "tests" / package).mkdir(parents=True)
    for package in ("apps_engine", "decommerce"):
        # So that the linter knows them as ours.
        (tmp_path / package).symlink_to(ROOT / package)
    shutil.copy(ROOT / "tests" / "connectors" / "rows.py", tmp_path / "tests" / "connectors")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"scaffolded_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Pydantic looks the module up to read its annotations.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def complaints(checkout: Path, written: list[Path]) -> str:
    """What the linter says of the files that were written."""
    ruff = [sys.executable, "-m", "ruff"]
    checks = ([*ruff, "check", "-q", *written], [*ruff, "format", "-q", "--check", *written])
    return "".join(subprocess.run(check, cwd=checkout, capture_output=True, text=True).stdout for check in checks)


def test_a_connector_starts_from_a_model_and_reads_its_rows(checkout, scope, context):
    written = scaffold_connector(checkout, "echoes", "community.Reaction")
    connector = loaded(written[0]).Echoes()
    spec = connector.spec()
    assert spec.field("post_id").type is FieldType.INTEGER
    assert (spec.field("member_id").nullable, spec.field("kind").untrusted) == (True, True)
    assert spec.field("tenant_id") is None
    assert set(connector.sample()) == {field.name for field in spec.fields}
    post = a_post(a_member())
    reaction = post.reactions.create(kind="like")
    sources = [column.source for column in connector.columns]
    assert connector.queryset(context).values(*sources).get()["pk"] == reaction.pk


def test_what_is_written_is_clean_and_in_the_table(checkout):
    written = scaffold_connector(checkout, "echoes", "community.Reaction")
    written += scaffold_action(checkout, "pin_post")
    written += scaffold_action(checkout, "ask_oracle", external=True)
    assert complaints(checkout, written) == ""
    actions = (checkout / "actions" / "table.py").read_text()
    assert "from actions.pin_post import PinPost\n" in actions
    assert actions.count("AskOracle()") == 1
    assert "Echoes()" in (checkout / "connectors" / "table.py").read_text()


def test_a_local_action_starts_with_work_left_to_do(checkout, context):
    pin = loaded(scaffold_action(checkout, "pin_post")[0])
    call = Call(pin.PinPostParams(member_id=3), "run:1:main/pin")
    assert pin.PinPost().apply([call], context) == [{"member_id": 3, "skipped": "not_built"}]
    assert pin.PinPost.spec().local


def test_an_external_action_freezes_its_request(checkout, context):
    ask = loaded(scaffold_action(checkout, "ask_oracle", external=True)[0])
    call = Call(ask.AskOracleParams(query="tea"), "run:1:main/ask")
    assert ask.AskOracle().prepare(call, context).body == {"query": "tea"}


@pytest.mark.parametrize("name", ["Reactions", "class", "../evil", "a b", "", "_x", "1st"])
def test_a_name_that_is_no_name_is_refused(checkout, name):
    with pytest.raises(ScaffoldRefused, match="is no name"):
        scaffold_action(checkout, name)


def test_nothing_is_overwritten(checkout):
    before = (checkout / "actions" / "award_xp.py").read_text()
    with pytest.raises(ScaffoldRefused, match="exists"):
        scaffold_action(checkout, "award_xp")
    assert (checkout / "actions" / "award_xp.py").read_text() == before


@pytest.mark.requirement("SEC-01")
@pytest.mark.parametrize("model", ["community.Visit", "tenancy.Tenant", "tenancy.User", "engine.App", "nonsense", ""])
def test_only_models_of_the_community_can_be_read(checkout, model):
    with pytest.raises(ScaffoldRefused) as refused:
        scaffold_connector(checkout, "visits", model)
    assert "community.Reaction" in refused.value.hint


@pytest.mark.requirement("SEC-07")
def test_what_is_encrypted_at_rest_is_no_field(checkout):
    shops = loaded(scaffold_connector(checkout, "shops", "community.Shop")[0]).Shops()
    assert shops.spec().field("webhook_secret") is None
