"""The log of a tenant's calls outside, as actions write it."""

from __future__ import annotations

from apps_engine.contracts import ActionContext
from decommerce.outgoing.models import OutgoingCall
from decommerce.outgoing.record import CallRecord
from decommerce.tenancy.context import tenant_scope


def keep(record: CallRecord | None, context: ActionContext) -> None:
    """Add the call to the log, whatever became of it; nothing where none was made."""
    if record is None:
        return
    with tenant_scope(context.tenant_id):
        OutgoingCall.of(record, app_id=context.app_id, execution_id=context.execution_id).save()
