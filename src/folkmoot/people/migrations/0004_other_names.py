"""Other names of organisations and projects; a merge finds quickly which later one took a row."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0003_maintaining_and_project_rules"),
    ]

    operations = [
        migrations.CreateModel(
            name="OtherName",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=200, verbose_name="name")),
                ("folded", models.CharField(blank=True, editable=False, max_length=200)),
                ("kind", models.CharField(blank=True, max_length=12)),
                ("repository_key", models.CharField(blank=True, max_length=500)),
                (
                    "merge",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="other_names",
                        to="people.merge",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="other_names",
                        to="people.organization",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="other_names",
                        to="people.project",
                    ),
                ),
            ],
            options={
                "verbose_name": "other name",
                "verbose_name_plural": "other names",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("organization__isnull", False), ("project", None)),
                            models.Q(("organization", None), ("project__isnull", False)),
                            _connector="OR",
                        ),
                        name="othername_of_one",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("organization__isnull", False)),
                        fields=("folded",),
                        name="othername_one_organization",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("project__isnull", False), models.Q(("folded", ""), _negated=True)
                        ),
                        fields=("kind", "folded"),
                        name="othername_one_project",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("repository_key", ""), _negated=True),
                        fields=("repository_key",),
                        name="othername_one_repository",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="mergedrow",
            index=models.Index(fields=["model", "row_id"], name="mergedrow_row"),
        ),
    ]
