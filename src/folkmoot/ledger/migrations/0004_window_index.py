from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("ledger", "0003_github"),
        ("people", "0002_register_in_full"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="activity", name="activity_period"),
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(
                fields=["kind", "occurred_at", "identity", "source", "item"], name="activity_window"
            ),
        ),
    ]
