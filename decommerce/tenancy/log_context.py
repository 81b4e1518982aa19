"""Which work a line of the log is about: request, tenant, app and run, as numbers (OPS-01)."""

from __future__ import annotations

import logging

from decommerce.operations.requests import current_request_id
from decommerce.tenancy.cause import current_cause
from decommerce.tenancy.context import tenant_in_scope


class WorkAtHand(logging.Filter):
    """Adds `request_id`, `tenant_id`, `app_id` and `run_id`, where known and not given; lets every record pass."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true."""
        cause = current_cause()
        known = {
            "request_id": current_request_id() or getattr(getattr(record, "request", None), "number", ""),
            "tenant_id": tenant_in_scope(),
            "app_id": cause.app_id,
            "run_id": cause.execution_id,
        }
        for name, value in known.items():
            if not hasattr(record, name):
                setattr(record, name, value)
        return True
