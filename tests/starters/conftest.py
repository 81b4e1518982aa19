"""The stage, bare and with a community on it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from decommerce.community.models import Member
from decommerce.community.services.members import NewMember, join_many
from tests.imported import DATA
from tests.starters.imported import Dump
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
        pytest.skip(f"the data to import is not at {DATA}")


@pytest.fixture
def dump(data, stage) -> Dump:
    """The imported community is on the stage; these are the files it came from."""
    return Dump.of_the_stage(stage)


@pytest.fixture
def whole_dump(data, stage) -> Dump:
    """The same with all years of the dump: quiet at the end, with members who were away for long."""
    return Dump.of_all_years(stage)
