"""A person at a running chat: sending forms, reading streams."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from django.test import Client

from chat.models import Message, PendingCall
from decommerce.tenancy.context import tenant_scope
from tests.anthropic_server import Answer, Text, Use

TIMEOUT = 30
MODEL_KEY = "sk-ant-secret-of-the-chat-tests"
EVENT_STREAM = {"Accept": "text/event-stream"}
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')

Event = tuple[str, dict[str, Any]]


class Visitor:
    """Somebody who is signed in, with cookies and the token of a form."""

    def __init__(self, url: str, person: Any) -> None:
        self.url = url
        self.session = requests.Session()
        browser = Client()
        browser.force_login(person)
        self.session.cookies.set("sessionid", browser.cookies["sessionid"].value)
        found = TOKEN.search(self.get("/chat/"))
        assert found is not None
        self.token = found[1]

    def get(self, address: str) -> str:
        """A page's text; fails the test unless it is there."""
        answer = self.session.get(self.url + address, timeout=TIMEOUT)
        assert answer.status_code == 200, (answer.status_code, answer.text[:500])
        return answer.text

    def post(self, address: str, *, stream: bool = True, **form: Any) -> requests.Response:
        """Send a form, as the page's script does, or as a page without it."""
        return self.session.post(
            self.url + address,
            data={"csrfmiddlewaretoken": self.token, **form},
            headers=EVENT_STREAM if stream else {},
            stream=stream,
            timeout=TIMEOUT,
            allow_redirects=False,
        )

    def begin(self, text: str) -> int:
        """Open a conversation; returns its number."""
        answer = self.post("/chat/new/", stream=False, text=text)
        assert answer.status_code == 302, (answer.status_code, answer.text[:500])
        return int(answer.headers["Location"].strip("/").rpartition("/")[2])

    def follow(self, conversation: int, first: int = 0) -> list[Event]:
        """Everything of the conversation until nothing more is written."""
        address = f"{self.url}/chat/{conversation}/stream/?from={first}"
        with self.session.get(address, headers=EVENT_STREAM, stream=True, timeout=TIMEOUT) as answer:
            assert answer.status_code == 200
            return list(events(answer))

    @contextmanager
    def sending(self, conversation: int, text: str) -> Iterator[Iterator[Event]]:
        """Send a message; yields its events as they come. Leaving early drops the stream."""
        with self.post(f"/chat/{conversation}/messages/", text=text) as answer:
            assert answer.status_code == 200, answer.text[:500]
            yield events(answer)

    def send(self, conversation: int, text: str) -> list[Event]:
        """Send a message and read everything that comes of it."""
        with self.sending(conversation, text) as stream:
            return list(stream)


def events(answer: requests.Response) -> Iterator[Event]:
    """The server-sent events of a stream, as they come."""
    name = ""
    for line in answer.iter_lines(chunk_size=1, decode_unicode=True):
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


def last_state(stream: list[Event]) -> dict[int, dict[str, Any]]:
    """Each message of a stream as it ended."""
    return {data["id"]: data for name, data in stream if name == "message"}


def messages(tenant, conversation: int) -> list[Message]:
    """The conversation as it is recorded."""
    with tenant_scope(tenant.pk):
        return list(Message.objects.filter(conversation_id=conversation))


def says(*pieces: str) -> Answer:
    """An answer of text, in these pieces."""
    return Answer((Text(pieces),))


def calls(name: str, arguments: dict, text: str = "I will.", use_id: str = "toolu_1") -> Answer:
    """An answer that calls a tool."""
    return Answer((Text((text,)), Use(name, arguments, use_id)), "tool_use")


def pending(tenant) -> PendingCall:
    """The one proposal that waits."""
    with tenant_scope(tenant.pk):
        return PendingCall.objects.select_related("message").get(state="pending")
