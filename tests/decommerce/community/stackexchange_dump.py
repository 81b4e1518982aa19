"""The real dump, a small one with everything that goes wrong, and importing them as an operator does."""

from __future__ import annotations

import io
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.core.management import call_command

from decommerce.community.models import Comment, Contribution, Member, Post, Reaction, Room, XpEntry
from decommerce.tenancy.context import tenant_scope

DUMP = Path(__file__).resolve().parents[4] / "shared" / "data" / "stackexchange"
real_dump = pytest.mark.skipif(not DUMP.is_dir(), reason="the real dump is not at ../shared/data/stackexchange")
MODELS = (Member, Room, Post, Comment, Reaction, Contribution, XpEntry)


def run(folder, tenant, *options) -> str:
    out = io.StringIO()
    call_command("import_stackexchange", str(folder), "--tenant", tenant.slug, *options, stdout=out)
    return out.getvalue()


def rows(file: str) -> list[dict[str, str]]:
    return [element.attrib for element in ElementTree.parse(DUMP / file).getroot()]


def snapshot(tenant) -> dict[str, list]:
    with tenant_scope(tenant.pk):
        return {model.__name__: list(model.objects.order_by("pk").values()) for model in MODELS}


# Everything that goes wrong
FILES = {
    "Users": [
        {"Id": "-1", "Reputation": "1", "DisplayName": "Community", "CreationDate": "2020-01-01T00:00:00.000"},
        {"Id": "1", "Reputation": "150", "DisplayName": "Ada", "CreationDate": "2020-01-01T00:00:00.000"},
        {"Id": "2", "DisplayName": "No reputation", "CreationDate": "2020-01-01T00:00:00.000"},
        {"Id": "3", "Reputation": "1", "DisplayName": "When?", "CreationDate": "a while ago"},
        {"Id": "9" * 30, "Reputation": "1", "DisplayName": "Huge", "CreationDate": "2020-01-01T00:00:00.000"},
    ],
    "Tags": [{"Id": "1", "TagName": "c++", "Count": "2"}, {"Id": "2", "TagName": "empty", "Count": "0"}],
    "Posts": [
        {
            "Id": "10",
            "PostTypeId": "1",
            "OwnerUserId": "1",
            "Title": "Why?",
            "Tags": "|unknown|c++|",
            "Body": "<p>One</p><p>Two <script>evil()</script></p>",
            "Score": "3",
            "CreationDate": "2020-01-02T00:00:00.000",
        },
        {"Id": "11", "PostTypeId": "1", "Body": "x", "CreationDate": "2020-01-02T00:00:00.000"},
        {"Id": "12", "PostTypeId": "5", "OwnerUserId": "1", "Body": "x", "CreationDate": "2020-01-02T00:00:00.000"},
        {
            "Id": "13",
            "PostTypeId": "2",
            "ParentId": "10",
            "OwnerUserId": "1",
            "Body": "Because.",
            "CreationDate": "2020-01-03T00:00:00.000",
        },
        {
            "Id": "14",
            "PostTypeId": "2",
            "ParentId": "11",
            "OwnerUserId": "1",
            "Body": "Alone.",
            "CreationDate": "2020-01-03T00:00:00.000",
        },
        {"Id": "15", "PostTypeId": "2", "OwnerUserId": "77", "Body": "x", "CreationDate": "2020-01-03T00:00:00.000"},
        {"Id": "16", "PostTypeId": "2", "OwnerUserId": "-1", "Body": "x", "CreationDate": "2020-01-03T00:00:00.000"},
    ],
    "Comments": [
        {"Id": "20", "PostId": "10", "UserId": "1", "Text": "Hm", "CreationDate": "2020-01-04T00:00:00.000"},
        {"Id": "21", "PostId": "11", "UserId": "1", "Text": "Hm", "CreationDate": "2020-01-04T00:00:00.000"},
        {"Id": "22", "PostId": "10", "Text": "Hm", "CreationDate": "2020-01-04T00:00:00.000"},
    ],
    "Votes": [
        {"Id": "30", "PostId": "10", "VoteTypeId": "2", "CreationDate": "2020-01-04T00:00:00.000"},
        {"Id": "31", "PostId": "10", "VoteTypeId": "5", "UserId": "1", "CreationDate": "2020-01-04T00:00:00.000"},
        {"Id": "32", "PostId": "10", "VoteTypeId": "5", "UserId": "1", "CreationDate": "2020-01-05T00:00:00.000"},
        {"Id": "33", "PostId": "10", "VoteTypeId": "6", "CreationDate": "2020-01-04T00:00:00.000"},
        {"Id": "34", "PostId": "99", "VoteTypeId": "2", "CreationDate": "2020-01-04T00:00:00.000"},
    ],
    "Badges": [
        {"Id": "40", "UserId": "1", "Name": "Teacher", "Class": "2", "Date": "2020-01-04T00:00:00.000"},
        {"Id": "41", "UserId": "77", "Name": "Teacher", "Class": "2", "Date": "2020-01-04T00:00:00.000"},
    ],
}


def write_dump(folder, **replaced) -> Path:
    for name, entries in {**FILES, **replaced}.items():
        root = ElementTree.Element(name.lower())
        for entry in entries:
            ElementTree.SubElement(root, "row", entry)
        ElementTree.ElementTree(root).write(folder / f"{name}.xml", encoding="utf-8", xml_declaration=True)
    return folder
