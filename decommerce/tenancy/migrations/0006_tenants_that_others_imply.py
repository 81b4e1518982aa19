"""A tenant that another reference implies needs none of its own; isolation adds the rest, after each migrate."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    # A lock at a time: all of them together would stand in the way of whoever is at work, and they in ours.
    atomic = False

    dependencies = [
        ('tenancy', '0005_indexes_that_others_lead'),
    ]

    operations = [
        migrations.AlterField(
            model_name='apikey',
            name='tenant',
            field=models.ForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.tenant'),
        ),
        migrations.AlterField(
            model_name='auditentry',
            name='tenant',
            field=models.ForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.tenant'),
        ),
        migrations.AlterField(
            model_name='invitation',
            name='tenant',
            field=models.ForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.tenant'),
        ),
        migrations.AlterField(
            model_name='membership',
            name='tenant',
            field=models.ForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.tenant'),
        ),
    ]
