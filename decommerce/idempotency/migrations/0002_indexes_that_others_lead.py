"""A column that leads another index, or follows the tenant there, needs none of its own."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('idempotency', '0001_initial'),
        ('tenancy', '0005_indexes_that_others_lead'),
    ]

    operations = [
        migrations.AlterField(
            model_name='keptanswer',
            name='tenant',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.tenant'),
        ),
    ]
