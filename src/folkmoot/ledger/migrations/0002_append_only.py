"""The database refuses to change an activity; the index that the newest of all need."""

from django.db import migrations, models

from folkmoot.ledger import triggers


class Migration(migrations.Migration):

    dependencies = [
        ("ledger", "0001_initial"),
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(fields=["-occurred_at", "-id"], name="activity_newest"),
        ),
        migrations.RunPython(triggers.install, triggers.remove),
    ]
