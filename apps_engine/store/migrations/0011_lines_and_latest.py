"""Lines in their order, and events by their id: found by an index however long the history."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("engine", "0010_sources_keep_their_order")]

    operations = [
        migrations.RemoveIndex(model_name="execution", name="execution_live"),
        migrations.AddIndex(
            model_name="execution",
            index=models.Index(
                condition=models.Q(("state__in", ["queued", "running", "paused"])),
                fields=["app", "concurrency_key", "priority", "run_at"],
                name="execution_in_line",
            ),
        ),
        migrations.AddIndex(
            model_name="eventinbox", index=models.Index(fields=["tenant", "event_id"], name="event_by_id")
        ),
    ]
