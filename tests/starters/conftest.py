"""The stage, bare and with a community on it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from decommerce.community.models import Member
from decommerce.community.services.members import NewMember, join_many
from tests.starters.imported import DATA, LIVELY, SITE, Dump, cut, end_of, import_everything
from tests.starters.stage import Stage


@pytest.fixture
def stage(tenant, owner_connection) -> Stage:
    """An empty community."""
    return Stage(tenant, owner_connection)


@pytest.fixture
def people(stage) -> Callable[..., list[Member]]:
    """Let people join: `people("Ada", "Ben")`. Each has an address, and was active just now."""

    def join(*names: str, **fields) -> list[Member]:
        with stage.community():
            news = [NewMember(name, f"{name.lower()}@{stage.tenant.slug}.example") for name in names]
            joined = join_many(news)
            for member in joined:
                for field, value in {"last_active_at": member.joined_at, **fields}.items():
                    setattr(member, field, value)
                member.save()
        return joined

    return join


@pytest.fixture(scope="session")
def data() -> None:
    """Skips what needs the data, where it is not."""
    if not DATA.is_dir():
        pytest.skip(f"the data to import is not here: {DATA}")


@pytest.fixture(scope="session")
def lively_dump(data, tmp_path_factory) -> Path:
    """The dump as it was in the site's lively time."""
    folder = tmp_path_factory.mktemp("lively")
    cut(folder, LIVELY)
    return folder


@pytest.fixture
def dump(stage, lively_dump) -> Dump:
    """The files that the imported community came from, as they were in a lively time; it is on the stage."""
    return import_everything(stage, lively_dump, LIVELY)


@pytest.fixture
def whole_dump(data, stage) -> Dump:
    """The same with the whole dump: two and a half years, quiet at the end."""
    return import_everything(stage, SITE, end_of(SITE))


@pytest.fixture
def imported(stage) -> Stage:
    """The stage, for a test that takes `dump` or `whole_dump` too."""
    return stage
