"""Pictures: what they are by their first bytes, never by their name or what a server says of them (ACT-10)."""

from __future__ import annotations

import base64
import binascii
import re
import struct
from dataclasses import dataclass

from decommerce.intelligence.errors import ImageRefused
from decommerce.intelligence.port import Image

MAX_BYTES = 20_000_000

_DATA_URL = re.compile(r"data:[\w.+-]+/[\w.+-]+;base64,", re.ASCII)


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height in pixels."""

    width: int
    height: int


def decoded(text: str) -> bytes:
    """The bytes of a base64 text or of a `data:` URL; raises ImageRefused."""
    prefix = _DATA_URL.match(text)
    encoded = text[prefix.end() :] if prefix else text
    if len(encoded) > MAX_BYTES * 4 // 3 + 4:
        raise too_large()
    try:
        data = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ImageRefused(
            "The picture is neither an https address nor base64.", hint="Give an https URL or the bytes as base64."
        ) from error
    if len(data) > MAX_BYTES:
        raise too_large()
    return data


def recognised_image(data: bytes) -> Image | None:
    """The picture; None for bytes that are no PNG, JPEG, GIF or WebP."""
    media_type = media_type_of(data)
    return None if media_type is None else Image(media_type, data)


def media_type_of(data: bytes) -> str | None:
    """What the bytes are by their signature."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return None


def size_of(image: Image) -> Size | None:
    """Width and height as a PNG's or GIF's header tells them; None for the other kinds and for a cut header."""
    if image.media_type == "image/png" and image.data[12:16] == b"IHDR" and len(image.data) >= 24:
        return Size(*struct.unpack(">II", image.data[16:24]))
    if image.media_type == "image/gif" and len(image.data) >= 10:
        return Size(*struct.unpack("<HH", image.data[6:10]))
    return None


def too_large() -> ImageRefused:
    """The error of a picture that is larger than may be."""
    return ImageRefused(f"The picture has more than {MAX_BYTES // 1_000_000} MB.", hint="Send a smaller one.")
