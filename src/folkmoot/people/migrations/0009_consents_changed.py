import django.utils.timezone
from django.db import migrations, models
from django.db.models import F

from folkmoot.people import triggers

MANY = 500


def best_known(apps, schema_editor):
    """When each was written: when it was said, or later by an import or a merge, as far as those remember."""
    consents = apps.get_model("people", "Consent").objects
    consents.update(updated_at=F("decided_at"))
    moved = apps.get_model("people", "MergedRow").objects.filter(model="people.consent")
    brought = apps.get_model("kernel", "ImportChange").objects.filter(model="people.consent")
    for rows, row, moments in (
        (moved, "row_id", ("merge__made_at", "merge__undone_at")),
        (brought, "object_id", ("run__created_at", "run__applied_at", "run__undone_at")),
    ):
        many = {}
        for pk, *at in rows.values_list(row, *moments).order_by().iterator(chunk_size=2000):
            many.setdefault(max(one for one in at if one is not None), []).append(int(pk))
        for at, ids in many.items():
            for start in range(0, len(ids), MANY):
                consents.filter(pk__in=ids[start : start + MANY], updated_at__lt=at).update(updated_at=at)


class Migration(migrations.Migration):

    dependencies = [
        ('kernel', '0011_seenrecord'),
        ('people', '0008_amy'),
    ]

    operations = [
        migrations.AddField(
            model_name='consent',
            name='updated_at',
            field=models.DateTimeField(auto_now=True, default=django.utils.timezone.now),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name='consent',
            index=models.Index(fields=['updated_at'], name='consent_updated'),
        ),
        migrations.RunPython(best_known, migrations.RunPython.noop),
        # Last: SQLite builds a table anew to alter it, and drops its triggers.
        migrations.RunPython(triggers.install, triggers.remove),
    ]
