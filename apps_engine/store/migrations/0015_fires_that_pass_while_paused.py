"""The schedules of a paused app stay, and what passes of them is written down.

An app that was paused before this has no schedules until it is resumed or changed.
"""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('engine', '0014_outcomes_that_are_written'),
    ]

    operations = [
        migrations.AlterField(
            model_name='decision',
            name='outcome',
            field=models.CharField(choices=[('filtered', 'Filtered'), ('paused', 'Paused'), ('overlap', 'Overlap'), ('missed', 'Missed'), ('chain', 'Chain'), ('invalid', 'Invalid'), ('quota', 'Quota'), ('no_longer_wanted', 'No Longer Wanted')], max_length=16),
        ),
    ]
