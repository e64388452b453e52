from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("people", "0005_correspondence")]

    operations = [
        migrations.AddIndex(
            model_name="identity",
            index=models.Index(
                condition=models.Q(("is_bot", True)), fields=["person"], name="identity_machine"
            ),
        ),
    ]
