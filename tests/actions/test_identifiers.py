"""Row numbers as templates render them."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from actions.identifiers import RowId

pytestmark = pytest.mark.requirement("ACT-05")


@pytest.mark.parametrize(("given", "number"), [(7, 7), ("7", 7), (2**63 - 1, 2**63 - 1)])
def test_a_number_or_the_text_of_one_is_a_row(given, number):
    assert TypeAdapter(RowId).validate_python(given) == number


@pytest.mark.parametrize("given", [0, -1, 2**63, True, False, None, "", "x", "7; DROP TABLE", 7.5, "9" * 5000, [7], {}])
def test_anything_else_is_refused(given):
    with pytest.raises(ValidationError):
        TypeAdapter(RowId).validate_python(given)
