"""What is next in a line is looked for in the index of lines alone: no other begins with the app."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Runs are made meanwhile.
    atomic = False

    dependencies = [
        ('engine', '0018_calls_that_are_claimed'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='execution',
            index=models.Index(fields=['tenant', 'app', '-id'], name='execution_by_app'),
        ),
        RemoveIndexConcurrently(
            model_name='execution',
            name='execution_of_app',
        ),
    ]
