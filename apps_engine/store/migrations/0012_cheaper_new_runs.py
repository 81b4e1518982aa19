"""Columns that lead another index need none of their own; a run's tenant is its app's; what is new has its defaults."""

import decommerce.tenancy.models.base
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('engine', '0011_lines_and_latest'),
        ('tenancy', '0004_invitations_and_operators'),
    ]

    operations = [
        migrations.AlterField(
            model_name='decision',
            name='app',
            field=decommerce.tenancy.models.base.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to='engine.app'),
        ),
        migrations.AlterField(
            model_name='execution',
            name='app',
            field=decommerce.tenancy.models.base.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='executions', to='engine.app'),
        ),
        migrations.AlterField(
            model_name='execution',
            name='attempt',
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name='execution',
            name='fence',
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name='execution',
            name='items',
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name='execution',
            name='owner',
            field=models.CharField(blank=True, db_default='', default='', max_length=100),
        ),
        migrations.AlterField(
            model_name='execution',
            name='state',
            field=models.CharField(choices=[('queued', 'Queued'), ('running', 'Running'), ('succeeded', 'Succeeded'), ('failed', 'Failed'), ('dead', 'Dead'), ('skipped', 'Skipped'), ('cancelled', 'Cancelled'), ('paused', 'Paused')], db_default='queued', default='queued', max_length=16),
        ),
        migrations.AlterField(
            model_name='execution',
            name='tenant',
            field=models.ForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.tenant'),
        ),
        migrations.AlterField(
            model_name='stepresult',
            name='execution',
            field=decommerce.tenancy.models.base.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='engine.execution'),
        ),
    ]
