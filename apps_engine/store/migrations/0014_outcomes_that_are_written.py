"""A decision has only outcomes that are written down; that an app was paused is worked out when somebody asks."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('engine', '0013_indexes_that_others_lead'),
    ]

    operations = [
        migrations.AlterField(
            model_name='decision',
            name='outcome',
            field=models.CharField(choices=[('filtered', 'Filtered'), ('overlap', 'Overlap'), ('missed', 'Missed'), ('chain', 'Chain'), ('invalid', 'Invalid'), ('quota', 'Quota'), ('no_longer_wanted', 'No Longer Wanted')], max_length=16),
        ),
    ]
