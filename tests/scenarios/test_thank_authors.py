"""On a real forum: thank everyone whose post scored 10 or more, once each (RUN-05, APP-04).

Who has to be thanked is computed here, from the XML of the dump, by another way than the engine's.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.core.management import call_command

from apps_engine.services.apps import create_app
from apps_engine.services.runs import get_run, run_app
from decommerce.community.models import Notification
from decommerce.tenancy.context import tenant_scope
from tests.apps_engine.services.definitions import definition
from tests.apps_engine.services.running import run_now

DUMP = Path(__file__).resolve().parents[3] / "shared" / "data" / "stackexchange"
pytestmark = pytest.mark.skipif(not DUMP.is_dir(), reason="the real dump is not at ../shared/data/stackexchange")


def authors_to_thank() -> set[str]:
    """The numbers, in the dump, of those who wrote a question or an answer with a score of 10 or more."""
    users = {row.attrib["Id"] for row in ElementTree.parse(DUMP / "Users.xml").getroot()} - {"-1"}
    posts = [row.attrib for row in ElementTree.parse(DUMP / "Posts.xml").getroot()]
    return {
        post["OwnerUserId"]
        for post in posts
        if post["PostTypeId"] in ("1", "2") and int(post["Score"]) >= 10 and post.get("OwnerUserId") in users
    }


def thanking(**more) -> dict:
    """Thank each author of a post that scored 10 or more."""
    tell = {
        "id": "tell",
        "act": "send_notification",
        "params": {"to": "{{ author }}", "title": "Thank you", "body": "Your post scored 10 or more."},
        **more,
    }
    return definition(
        [
            {
                "id": "posts",
                "fetch": "posts",
                "where": {"score": {"gte": 10}, "kind": {"in": ["question", "answer"]}},
                "fields": ["author_id", "score"],
                "limit": 1000,
            },
            {"each": "{{ posts | pluck: 'author_id' | unique }}", "as": "author", "steps": [tell]},
        ],
        name="Thank the authors",
    )


@pytest.fixture
def forum(tenant):
    """The tenant with the whole forum imported."""
    call_command("import_stackexchange", str(DUMP), "--tenant", tenant.slug, verbosity=0)
    return tenant


def thanked(tenant) -> Counter[str]:
    """How many notifications each member has, by their number in the dump."""
    with tenant_scope(tenant.pk):
        notes = Notification.objects.filter(title="Thank you").select_related("member")
        return Counter(note.member.external_id.rpartition(":")[2] for note in notes)


@pytest.mark.requirement("APP-04", "PIP-03")
def test_every_author_is_thanked_exactly_once(forum, principal):
    with tenant_scope(forum.pk):
        app = create_app(principal, thanking())
        execution = run_app(principal, app.pk)
    assert run_now(execution.pk) == "succeeded"
    expected = authors_to_thank()
    assert len(expected) > 10
    assert thanked(forum) == Counter(dict.fromkeys(expected, 1))


@pytest.mark.requirement("RUN-05")
def test_run_again_with_once_per_nobody_is_thanked_twice(forum, principal):
    with tenant_scope(forum.pk):
        app = create_app(principal, thanking(once_per="thanks:{{ author }}"))
    for _ in range(2):
        with tenant_scope(forum.pk):
            execution = run_app(principal, app.pk)
        assert run_now(execution.pk) == "succeeded"
    assert thanked(forum) == Counter(dict.fromkeys(authors_to_thank(), 1))
    with tenant_scope(forum.pk):
        steps = {step.path: step.output for step in get_run(principal, execution.pk).steps.all()}
    assert sum(output["skipped"] for path, output in steps.items() if path.endswith("/tell")) == len(authors_to_thank())
