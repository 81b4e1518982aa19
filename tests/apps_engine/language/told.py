"""What a definition of the tests is told to do."""

from pathlib import Path

from apps_engine.language.parse import parse
from apps_engine.language.report import report
from tests.apps_engine.language.catalogue_fixture import CATALOGUE

VALID = Path(__file__).parents[2] / "definitions" / "valid"
EMAIL = {"type": "send_email", "to": "a@example.com", "subject": "s", "body": "b"}
AI = {"type": "ai_generate", "prompt": "p"}


def told(source):
    source = (VALID / f"{source}.json").read_bytes() if isinstance(source, str) else source
    return report(parse(source).definition, CATALOGUE)


def acts(*actions, **document):
    return told({"name": "x", "trigger": {"type": "manual"}, "actions": list(actions), **document})
