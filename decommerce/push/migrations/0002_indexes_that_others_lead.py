"""A column that leads another index, or follows the tenant there, needs none of its own."""

import decommerce.tenancy.models.base
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('community', '0005_indexes_that_others_lead'),
        ('push', '0001_initial'),
        ('tenancy', '0005_indexes_that_others_lead'),
    ]

    operations = [
        migrations.AlterField(
            model_name='pushsubscription',
            name='member',
            field=decommerce.tenancy.models.base.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='push_subscriptions', to='community.member'),
        ),
        migrations.AlterField(
            model_name='pushsubscription',
            name='tenant',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.tenant'),
        ),
    ]
