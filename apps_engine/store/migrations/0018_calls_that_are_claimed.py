"""The sweep finds the calls that a run which is over left claimed."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Calls are made meanwhile.
    atomic = False

    dependencies = [
        ('engine', '0017_letters_that_come_again'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='effect',
            index=models.Index(condition=models.Q(('state', 'claimed')), fields=['execution_id'], name='effect_claimed'),
        ),
    ]
