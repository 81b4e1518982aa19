"""Everything that is wrong with a definition, at once (LNG-05)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps_engine.language.catalogue import Catalogue
from apps_engine.language.problems import Problem


def validate(definition: Mapping[str, Any], catalogue: Catalogue) -> list[Problem]:
    """Every problem of a canonical definition; paths point into it. Never raises."""
    return []
