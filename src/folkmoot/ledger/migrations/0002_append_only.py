"""The database refuses to change an activity; the indexes that metrics and the newest of all need."""

import django.db.models.deletion
from django.db import migrations, models

from folkmoot.ledger import triggers


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0001_initial'),
        ('people', '0001_initial'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='activity',
            name='activity_period',
        ),
        migrations.AlterField(
            model_name='activity',
            name='identity',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='activities', to='people.identity'),
        ),
        migrations.AlterField(
            model_name='activity',
            name='project',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='activities', to='people.project'),
        ),
        migrations.AlterField(
            model_name='item',
            name='project',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='items', to='people.project'),
        ),
        migrations.AddIndex(
            model_name='activity',
            index=models.Index(fields=['kind', 'occurred_at', 'identity', 'source'], name='activity_period'),
        ),
        migrations.AddIndex(
            model_name='activity',
            index=models.Index(fields=['-occurred_at', '-id'], name='activity_newest'),
        ),
        # Last: SQLite builds a table anew to alter a field, and drops its triggers.
        migrations.RunPython(triggers.install, triggers.remove),
    ]
