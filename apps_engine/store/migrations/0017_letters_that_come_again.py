"""A message that is refused again for the same reason is counted; letters from before stay as they are."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('engine', '0016_tenants_that_others_imply'),
    ]

    operations = [
        migrations.AddField(
            model_name='deadletter',
            name='digest',
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name='deadletter',
            name='last_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='deadletter',
            name='times',
            field=models.IntegerField(db_default=1, default=1),
        ),
        migrations.AddConstraint(
            model_name='deadletter',
            constraint=models.UniqueConstraint(fields=('digest',), name='letter_once'),
        ),
    ]
