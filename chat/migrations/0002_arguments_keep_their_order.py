"""What a model proposed keeps its order of keys, for the app that is made of it."""

from django.db import migrations

import apps_engine.language.jsontext
import apps_engine.store.models.exact_json


class Migration(migrations.Migration):
    dependencies = [("chat", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="pendingcall",
            name="arguments",
            field=apps_engine.store.models.exact_json.OrderedJSONField(
                decoder=apps_engine.language.jsontext.JSONDecoder, encoder=apps_engine.language.jsontext.JSONEncoder
            ),
        ),
    ]
