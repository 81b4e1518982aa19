"""Drafts that are rehearsed beside live versions."""

import apps_engine.language.jsontext
import apps_engine.store.models.exact_json
import apps_engine.store.models.shadow
import decommerce.tenancy.models.base
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('engine', '0019_runs_by_tenant_and_app'),
        ('tenancy', '0006_tenants_that_others_imply'),
    ]

    operations = [
        migrations.CreateModel(
            name='Shadow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version_number', models.IntegerField()),
                ('definition', apps_engine.store.models.exact_json.ExactJSONField(decoder=apps_engine.language.jsontext.JSONDecoder, encoder=apps_engine.language.jsontext.JSONEncoder)),
                ('author_id', models.BigIntegerField(null=True)),
                ('begun_by', models.CharField(max_length=200)),
                ('begun_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('end_reason', models.CharField(blank=True, max_length=300)),
                ('position', models.BigIntegerField(default=0)),
                ('looked_at', models.DateTimeField()),
                ('events', models.BigIntegerField(default=0)),
                ('left_out', models.BooleanField(default=False)),
                ('live', apps_engine.store.models.exact_json.ExactJSONField(decoder=apps_engine.language.jsontext.JSONDecoder, default=apps_engine.store.models.shadow.nothing_yet, encoder=apps_engine.language.jsontext.JSONEncoder)),
                ('draft', apps_engine.store.models.exact_json.ExactJSONField(decoder=apps_engine.language.jsontext.JSONDecoder, default=apps_engine.store.models.shadow.nothing_yet, encoder=apps_engine.language.jsontext.JSONEncoder)),
                ('app', decommerce.tenancy.models.base.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='shadows', to='engine.app')),
                ('tenant', models.ForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('app',), name='one_shadow_at_once_per_app')],
            },
        ),
    ]
