"""What a step asks: frozen and thawed, bounded, and told to a model in the author's terms."""

from __future__ import annotations

import base64

import pytest

from decommerce.community.exact_json import dumps, loads
from decommerce.intelligence.analyses import ANALYSES, schema_of
from decommerce.intelligence.answering import MAX_MATERIAL_CHARACTERS, require_room
from decommerce.intelligence.choice import chosen_model
from decommerce.intelligence.errors import ImageRefused, ModelWindowFull
from decommerce.intelligence.frozen import frozen, thawed
from decommerce.intelligence.image import decoded, media_type_of, recognised_image, size_of
from decommerce.intelligence.port import Analysis, Image, Material, ModelRequest, Task
from decommerce.intelligence.prompt import content_of
from decommerce.intelligence.sample import sample
from decommerce.intelligence.schema import faults

pytestmark = pytest.mark.requirement("ACT-04")

WHOLE = ModelRequest(
    task=Task.GENERATE,
    instructions="Write a mail.",
    material=(Material("input", {"name": "Ada", "total": 12.5}),),
    schema={"type": "object", "properties": {"body": {"type": "string"}}},
    analysis=Analysis.TOPICS,
    tone="friendly",
    language="de",
    max_characters=500,
    max_tokens=900,
)


def test_a_request_is_the_same_after_it_was_stored():
    assert thawed(loads(dumps(frozen(WHOLE)))) == WHOLE


def test_the_author_is_told_to_the_model_in_full():
    task = content_of(WHOLE)[0]["text"]
    for said in ("Write a mail.", "friendly", "de.", "At most 500 characters", '"body"'):
        assert said in task


def test_material_has_a_most():
    edge = "x" * (MAX_MATERIAL_CHARACTERS - 2)
    require_room(ModelRequest(task=Task.EXTRACT, material=(Material("input", edge),)))
    with pytest.raises(ModelWindowFull) as refused:
        require_room(ModelRequest(task=Task.EXTRACT, material=(Material("input", edge + "x"),)))
    assert (refused.value.code, refused.value.sent) == ("model_window_full", False)


def test_without_a_key_nobody_outside_is_asked(settings):
    settings.ANTHROPIC_API_KEY = ""
    assert chosen_model().offline


def test_with_a_key_the_model_of_steps_answers_and_its_connections_are_kept(settings):
    settings.ANTHROPIC_API_KEY = "sk-ant-of-the-test"
    settings.ANTHROPIC_STEP_MODEL = "claude-haiku-5-5"
    assert (chosen_model().name, chosen_model().offline) == ("claude-haiku-5-5", False)
    assert chosen_model() is chosen_model()


@pytest.mark.parametrize("analysis", Analysis)
def test_every_analysis_has_a_shape_with_its_labels(analysis):
    schema = schema_of(analysis)
    assert faults(sample(schema), schema) == []
    assert ANALYSES[analysis].question
    labels = ANALYSES[analysis].labels
    wrong = {"score": 0.5, "label": "purple", "topics": [], "reasons": [], "summary": ""}
    assert bool(faults(wrong, schema)) is bool(labels)


GIF = b"GIF89a\x40\x01\xf0\x00"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x02\x80\x00\x00\x01\xe0"


@pytest.mark.requirement("ACT-10")
@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"),
        (GIF, "image/gif"),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", None),
        (b"%PDF-1.7", None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
        (b"", None),
    ],
)
def test_a_picture_is_known_by_its_first_bytes(data, kind):
    assert media_type_of(data) == kind
    assert (recognised_image(data) is None) is (kind is None)


@pytest.mark.requirement("ACT-10")
def test_the_size_is_read_from_the_header_where_there_is_one():
    assert size_of(Image("image/png", PNG)).width == 640
    assert size_of(Image("image/gif", GIF)).height == 240
    assert size_of(Image("image/png", PNG[:20])) is None
    assert size_of(Image("image/jpeg", b"\xff\xd8\xff")) is None


@pytest.mark.requirement("ACT-10")
def test_base64_with_and_without_its_prefix():
    encoded = base64.b64encode(PNG).decode()
    assert decoded(encoded) == decoded(f"data:image/png;base64,{encoded}") == PNG
    for broken in ("not base64!", "data:image/png,plain"):
        with pytest.raises(ImageRefused):
            decoded(broken)
