"""What an author wrote keeps its order of keys; what is there already stays in the one that jsonb gave it."""

from django.db import migrations

import apps_engine.language.jsontext
import apps_engine.store.models.exact_json


class Migration(migrations.Migration):
    dependencies = [("engine", "0009_effects_in_doubt")]

    operations = [
        migrations.AlterField(
            model_name="appversion",
            name="source",
            field=apps_engine.store.models.exact_json.OrderedJSONField(
                decoder=apps_engine.language.jsontext.JSONDecoder, encoder=apps_engine.language.jsontext.JSONEncoder
            ),
        ),
    ]
