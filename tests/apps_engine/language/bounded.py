"""Templates at a bound and one past it."""

import pytest

from apps_engine.language.errors import LanguageError
from apps_engine.language.templates import compile_template

MEGABYTE = 1_048_576


def render(text, scope=None):
    return compile_template(text)(scope or {})


def refused(text, code, scope=None):
    with pytest.raises(LanguageError) as caught:
        render(text, scope)
    assert caught.value.code == code
