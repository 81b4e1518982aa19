"""A run and its journal."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from apps_engine.store.models.app import App, AppVersion
from apps_engine.store.models.exact_json import ExactJSONField
from decommerce.tenancy.models import Retention, TenantForeignKey, TenantModel


class Lane(models.TextChoices):
    """What a run mostly does: work in the database, or wait for somebody outside."""

    RUNS = "runs"
    CALLS = "calls"


class Execution(TenantModel):
    """One run of one version. A retry is `queued` again with a later `run_at`; it goes on from the journal.

    `fence` grows with every claim: a worker that lost its lease carries an older one and writes nothing more.
    `began_with` is the app's state as the run began, which every attempt sees again; None where the app has none.
    Of those that are `exclusive`, so many as there are `slots` of their key run at once; each holds one, its `slot`.
    `lane` says which workers it is for, a lower `priority` that it goes first.
    `progress` tells of the loop at work: {"path", "done", "total"}. `generation` counts the tasks behind a task.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        DEAD = "dead"
        SKIPPED = "skipped"
        CANCELLED = "cancelled"
        PAUSED = "paused"

    # Dull ones, which did nothing, go before those that somebody may want to look at. With a run goes its journal.
    # One that was cancelled may have called outside, and nobody knows what became of that.
    retention: ClassVar[tuple[Retention, ...]] = (
        Retention(
            "dull_runs",
            "runs that ended well and did nothing",
            "finished_at",
            usual=7,
            least=1,
            only="items = 0 AND state IN ('succeeded', 'skipped')",
            columns=("items", "state"),
            born="created_at",
        ),
        Retention(
            "runs",
            "runs with their journal",
            "finished_at",
            usual=90,
            least=1,
            only="state IN ('succeeded', 'failed', 'dead', 'skipped', 'cancelled')",
            columns=("state",),
            born="created_at",
        ),
    )
    scheduler_columns = (
        "id",
        "tenant_id",
        "state",
        "run_at",
        "attempt",
        "max_attempts",
        "lease_until",
        "owner",
        "fence",
        "priority",
        "app_id",
        "version_id",
        "flow",
        "concurrency_key",
        "exclusive",
        "slots",
        "slot",
        "lane",
        "started_at",
    )
    scheduler_updates = (
        *("state", "attempt", "lease_until", "owner", "fence", "slot"),
        *("started_at", "run_at", "finished_at"),
    )

    app = TenantForeignKey(App, on_delete=models.CASCADE, related_name="executions", db_index=False)
    version = TenantForeignKey(AppVersion, on_delete=models.CASCADE, related_name="+")
    flow = models.CharField(max_length=100)
    trigger_type = models.CharField(max_length=20)
    trigger_id = models.CharField(max_length=100)
    trigger_key = models.CharField(max_length=300)
    trigger = ExactJSONField(default=dict)
    inputs = ExactJSONField(default=dict)
    chain = models.JSONField(default=list)
    requested_by = models.CharField(max_length=200, blank=True)
    session_key = models.CharField(max_length=200, blank=True)
    generation = models.SmallIntegerField(default=0)

    state = models.CharField(max_length=16, choices=State.choices, default=State.QUEUED, db_default=State.QUEUED)
    run_at = models.DateTimeField()
    priority = models.SmallIntegerField(default=5)
    attempt = models.IntegerField(default=0, db_default=0)
    max_attempts = models.IntegerField(default=3)
    lease_until = models.DateTimeField(null=True)
    owner = models.CharField(max_length=100, blank=True, default="", db_default="")
    fence = models.BigIntegerField(default=0, db_default=0)
    concurrency_key = models.CharField(max_length=200, blank=True)
    exclusive = models.BooleanField(default=True)
    slots = models.SmallIntegerField(default=1, db_default=1)
    slot = models.SmallIntegerField(default=0, db_default=0)
    lane = models.CharField(max_length=8, choices=Lane.choices, default=Lane.RUNS, db_default=Lane.RUNS)

    began_with = ExactJSONField(null=True)
    progress = models.JSONField(null=True)
    usage = models.JSONField(default=dict)
    result = ExactJSONField(null=True)
    error = ExactJSONField(null=True)
    items = models.IntegerField(default=0, db_default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "app", "trigger_key"], name="execution_once_per_trigger_key"),
            models.UniqueConstraint(
                fields=["app", "concurrency_key", "slot"],
                condition=Q(state="running", exclusive=True),
                name="execution_alone_while_running",
            ),
        ]
        indexes = [
            # In the order in which they go: the next of a line is found without reading all that stand in it.
            models.Index(
                fields=["app", "concurrency_key", "priority", "run_at"],
                condition=Q(state__in=["queued", "running", "paused"]),
                name="execution_in_line",
            ),
            models.Index(
                fields=["tenant", "priority", "run_at"], condition=Q(state="queued"), name="execution_due_by_tenant"
            ),
            models.Index(fields=["lease_until"], condition=Q(state="running"), name="execution_leased"),
            # Not led by the app: what is next in a line is looked for in the line and nowhere else.
            models.Index(fields=["tenant", "app", "-id"], name="execution_by_app"),
        ]


class StepResult(TenantModel):
    """One line of the journal: the result of the step at `path`."""

    execution = TenantForeignKey(Execution, on_delete=models.CASCADE, related_name="steps", db_index=False)
    path = models.CharField(max_length=400)
    kind = models.CharField(max_length=16)
    status = models.CharField(max_length=16)
    input = ExactJSONField(null=True)
    output = ExactJSONField(null=True)
    error = ExactJSONField(null=True)
    items = models.IntegerField(default=1)
    attempt = models.IntegerField(default=1)
    started_at = models.DateTimeField(null=True)
    duration_ms = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["execution", "path"], name="step_once_per_path")]
