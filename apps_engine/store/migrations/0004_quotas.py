import decommerce.tenancy.models.base
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('engine', '0003_state_progress_and_owner'),
        ('tenancy', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='decision',
            name='outcome',
            field=models.CharField(choices=[('filtered', 'Filtered'), ('paused', 'Paused'), ('overlap', 'Overlap'), ('duplicate', 'Duplicate'), ('missed', 'Missed'), ('chain', 'Chain'), ('invalid', 'Invalid'), ('quota', 'Quota')], max_length=16),
        ),
        migrations.CreateModel(
            name='QuotaOverride',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=32)),
                ('allowed', models.BigIntegerField()),
                ('changed_by', models.CharField(max_length=200)),
                ('changed_at', models.DateTimeField(auto_now=True)),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('tenant', 'name'), name='quota_once_per_tenant')],
            },
        ),
        migrations.CreateModel(
            name='QuotaUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=32)),
                ('starts_at', models.DateTimeField()),
                ('used', models.BigIntegerField(default=0)),
                ('granted', models.BigIntegerField(default=0)),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('tenant', 'name', 'starts_at'), name='quota_use_once_a_window')],
            },
        ),
    ]
