from django.db import migrations, models


class Migration(migrations.Migration):
    """Which source of events a key has to itself."""

    dependencies = [("tenancy", "0002_keys_that_confirm")]

    operations = [
        migrations.AddField("apikey", "event_source", models.CharField(blank=True, default="", max_length=200)),
    ]
