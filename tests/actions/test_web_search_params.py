"""What web_search declares and takes."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from actions.web_search import WebSearch, WebSearchParams
from apps_engine.contracts import Repeatable

pytestmark = pytest.mark.requirement("PIP-05")


def test_it_reads_only():
    assert WebSearch.repeatable is Repeatable.SAFELY
    assert WebSearch.cached
    assert WebSearch.oauth == ()


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"query": ""},
        {"query": "x" * 401},
        {"query": "ж" * 300},
        {"query": "x", "limit": 21},
        {"query": "x", "freshness": "hour"},
        {"query": "x", "country": "CHE"},
        {"query": "x", "url": "https://evil.example"},
    ],
)
def test_parameters_of_the_wrong_shape_are_refused(params):
    with pytest.raises(ValidationError):
        WebSearchParams.model_validate(params)
