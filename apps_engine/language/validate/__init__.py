"""Everything that is wrong with a definition, at once (LNG-05, LNG-06)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps_engine.language.catalogue import Catalogue
from apps_engine.language.problems import Problem, Severity, has_errors
from apps_engine.language.validate.advice import advise
from apps_engine.language.validate.application import check_application
from apps_engine.language.validate.codes import CODES, Code
from apps_engine.language.validate.faults import report_faults
from apps_engine.language.validate.flows import check_flows, settled
from apps_engine.language.validate.labels import check_labels
from apps_engine.language.validate.permissions import check_permissions
from apps_engine.language.validate.review import Review
from apps_engine.language.validate.shape import check_shape
from apps_engine.language.validate.triggers import check_triggers
from apps_engine.language.validate.vocabulary import vocabulary_of

__all__ = ["CODES", "Code", "validate"]

_ORDER = (Severity.ERROR, Severity.WARNING, Severity.SUGGESTION)
CHECKS = (check_shape, check_labels, check_application, check_permissions, check_triggers, check_flows, advise)


def validate(definition: Mapping[str, Any], catalogue: Catalogue) -> list[Problem]:
    """Every problem of a canonical definition: errors, then warnings, then suggestions; paths point into it.

    Takes whatever `parse` makes of a document, however wrong, and never raises. Without errors it compiles.
    """
    vocabulary = vocabulary_of(catalogue)
    shaped = vocabulary.definition.accepts(definition)
    review = settled(Review.of(definition, vocabulary, shaped=shaped), _check)
    if not shaped and not has_errors(review.findings.problems):
        # The parts say no more than the whole: a test holds them equal.
        report_faults(vocabulary.definition, definition, "", review.findings)
    return sorted(review.findings.problems, key=lambda problem: _ORDER.index(problem.severity))


def _check(review: Review) -> None:
    for check in CHECKS:
        check(review)
