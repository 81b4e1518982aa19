"""Names that a definition gives: not taken, not reserved, not in the way of another one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from apps_engine.language.validate.findings import Findings
from apps_engine.language.validate.scope import RESERVED, Scope


def check_id(name: str, at: str, scope: Scope, findings: Findings) -> None:
    """Report a step's id that is reserved, given twice or hiding an outer name."""
    if name in RESERVED:
        findings.add(at, "reserved_name", f"`{name}` has a meaning of its own.", "Choose another name.")
    elif name in scope.names:
        findings.add(at, "duplicate_id", f"`{name}` is already the name of something.", "Give each its own name.")
    else:
        _check_hiding(name, at, scope, findings)


def check_loop_name(name: str, at: str, scope: Scope, findings: Findings) -> None:
    """Report a loop variable that is reserved or hides another name."""
    if name in RESERVED:
        findings.add(at, "reserved_name", f"`{name}` has a meaning of its own.", "Choose another name.")
    else:
        _check_hiding(name, at, scope, findings)


def ids_in(steps: Any) -> Iterator[str]:
    """The ids of all steps below, and the names of loop variables."""
    for step in steps if isinstance(steps, list) else ():
        if not isinstance(step, dict):
            continue
        for key in ("id", "as"):
            if isinstance(step.get(key), str):
                yield step[key]
        yield from ids_in(step.get("steps"))
        for arm in step["branch"] if isinstance(step.get("branch"), list) else ():
            yield from ids_in(arm.get("steps")) if isinstance(arm, dict) else ()


def _check_hiding(name: str, at: str, scope: Scope, findings: Findings) -> None:
    if scope.lookup(name) is not None:
        findings.add(at, "hides_name", f"`{name}` hides the outer `{name}`.", "Choose another name.")
