"""What is typed into a search box; it travels in an address, which has only so much room."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from pydantic import AfterValidator

MAX_ENCODED = 1_500


def _fits(text: str) -> str:
    if len(quote(text)) > MAX_ENCODED:
        raise ValueError("the text is too long for an address: shorten it")
    return text


SearchText = Annotated[str, AfterValidator(_fits)]
