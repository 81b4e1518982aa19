"""The sweep finds the calls that a run which is over left claimed."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('engine', '0017_letters_that_come_again'),
        ('tenancy', '0006_tenants_that_others_imply'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='effect',
            index=models.Index(condition=models.Q(('state', 'claimed')), fields=['execution_id'], name='effect_claimed'),
        ),
    ]
