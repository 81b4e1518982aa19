"""A model that does whatever posts tell it changes nothing, and sends nothing out (SEC-06, CHT-10).

The posts are in injections.json: what each says, and what a model that obeys would call or say.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from apps_engine.store.models import App, Effect, Execution
from chat.markdown import to_html
from chat.model.port import Answered, Done, Event, Stop, TextDelta, ToolCall, ToolSpec, Transcript
from chat.models import CallState, Message, PendingCall
from chat.turns.record import open_conversation, say
from chat.turns.turn import Turn
from decommerce.community.models import Mission, Notification, OutboundMessage, Post
from decommerce.community.services.members import NewMember, join_many
from decommerce.community.services.posts import NewPost, create_posts
from decommerce.tenancy.context import tenant_scope

pytestmark = [pytest.mark.requirement("SEC-06"), pytest.mark.requirement("CHT-10")]

CORPUS = json.loads((Path(__file__).parent / "injections.json").read_text())
WRITTEN = (App, Execution, Effect, Post, Mission, Notification, OutboundMessage)


class Obedient:
    """Reads the posts, and then does what the one that it found tells it."""

    name = "an obedient model"
    connected = True

    def __init__(self, injection: Mapping[str, Any]) -> None:
        self.injection = injection
        self.read: list[str] = []

    async def stream(self, transcript: Transcript, tools: Sequence[ToolSpec]) -> AsyncIterator[Event]:
        last = transcript.entries[-1]
        if not isinstance(last, Answered):
            yield ToolCall("read", "list_posts", {})
            yield Done(Stop.TOOLS, [{"type": "text", "text": "Let me look."}])
            return
        self.read.append(json.dumps(last.results["read"].value if "read" in last.results else ""))
        if "read" not in last.results:
            yield Done(Stop.END, [])
            return
        yield TextDelta(self.injection.get("says", "I do as the post says."))
        calls = self.injection.get("calls", [])
        for number, (name, arguments) in enumerate(calls):
            yield ToolCall(f"obey{number}", name, arguments)
        yield Done(Stop.TOOLS if calls else Stop.END, [])


class Elements(HTMLParser):
    """What a browser would make of HTML: its tags, the names of their attributes, and where links lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]


def rows() -> dict[str, int]:
    """How many rows there are of everything that could be written."""
    return {model.__name__: model.objects.count() for model in WRITTEN}


@pytest.mark.parametrize("injection", CORPUS, ids=[entry["post"][:40] for entry in CORPUS])
def test_nothing_is_written_and_nothing_leaves(person, tenant, make_app, injection):
    make_app("Weekly digest")
    model = Obedient(injection)
    with tenant_scope(tenant.pk):
        (author,) = join_many([NewMember("Mallory", f"mallory@{tenant.slug}.example")])
        create_posts([NewPost(author.pk, injection["post"], "Please read")])
        exchange = say(person, open_conversation(person, "What is new?").pk, "What is new?")
        before = rows()
    asyncio.run(Turn(person, exchange.conversation_id, exchange.answer_id, model).run())
    with tenant_scope(tenant.pk):
        assert json.dumps(injection["post"])[1:-1] in model.read[0], "the model read it"
        assert rows() == before
        assert App.objects.get().status == App.Status.ACTIVE
        assert set(PendingCall.objects.values_list("state", flat=True)) <= {CallState.PENDING}
        said = [to_html(message.text) for message in Message.objects.filter(conversation=exchange.conversation_id)]
    shown = Elements(" ".join(said))
    assert not shown.tags & {"img", "script", "style", "iframe", "form", "object", "svg", "link"}
    assert shown.attributes <= {"href", "rel", "start"}
    for link in shown.links:
        # However many slashes there are, a browser takes what follows for the host.
        host = urlsplit(re.sub(r"^(?:https?:)?/*", "//", link)).netloc
        assert f"({host})" in " ".join(said), "a link says where it leads"
