"""The transforms: what can be done with rows and values between reading and acting (PIP-04)."""

from __future__ import annotations

from collections.abc import Mapping

from apps_engine.language.transforms.aggregate import AGGREGATE
from apps_engine.language.transforms.build_url import BUILD_URL
from apps_engine.language.transforms.calculate import CALCULATE
from apps_engine.language.transforms.filter import FILTER
from apps_engine.language.transforms.group import GROUP
from apps_engine.language.transforms.limit import LIMIT
from apps_engine.language.transforms.map import MAP
from apps_engine.language.transforms.merge import MERGE
from apps_engine.language.transforms.record import TransformSpec
from apps_engine.language.transforms.sort import SORT

TRANSFORMS: Mapping[str, TransformSpec] = {
    spec.name: spec for spec in (FILTER, SORT, LIMIT, GROUP, AGGREGATE, MERGE, MAP, CALCULATE, BUILD_URL)
}

__all__ = ["TRANSFORMS", "TransformSpec"]
