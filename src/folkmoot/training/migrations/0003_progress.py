"""What leads to a badge, how far people are, badges and awards; certificates of awards; lessons people can teach."""


import django.db.models.deletion
import django.utils.timezone
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0007_seats_and_dismissed_suggestions'),
        ('training', '0002_agreements'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Badge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=60, unique=True, verbose_name='short name')),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('description', models.TextField(blank=True, verbose_name='description')),
                ('is_automatic', models.BooleanField(default=False, help_text='As soon as somebody is complete. Otherwise Today offers it.', verbose_name='awarded by itself')),
                ('order', models.PositiveSmallIntegerField(default=100, verbose_name='place in lists')),
                ('is_archived', models.BooleanField(default=False, verbose_name='archived')),
            ],
            options={
                'verbose_name': 'badge',
                'verbose_name_plural': 'badges',
                'ordering': ['order', 'name', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='HistoricalAward',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('awarded_on', models.DateField(verbose_name='awarded on')),
                ('revoked_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('revoked_because', models.CharField(blank=True, max_length=300, verbose_name='why')),
                ('source', models.CharField(default='folkmoot', editable=False, max_length=60)),
                ('external_id', models.CharField(blank=True, editable=False, max_length=320)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('history_change_reason', models.CharField(max_length=200, null=True)),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ],
            options={
                'verbose_name': 'historical award',
                'verbose_name_plural': 'historical awards',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalBadge',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('slug', models.SlugField(max_length=60, verbose_name='short name')),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('description', models.TextField(blank=True, verbose_name='description')),
                ('is_automatic', models.BooleanField(default=False, help_text='As soon as somebody is complete. Otherwise Today offers it.', verbose_name='awarded by itself')),
                ('order', models.PositiveSmallIntegerField(default=100, verbose_name='place in lists')),
                ('is_archived', models.BooleanField(default=False, verbose_name='archived')),
                ('history_change_reason', models.CharField(max_length=200, null=True)),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ],
            options={
                'verbose_name': 'historical badge',
                'verbose_name_plural': 'historical badges',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalInvolvement',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('slug', models.SlugField(max_length=60, verbose_name='short name')),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('needs_url', models.BooleanField(default=False, verbose_name='needs an address')),
                ('needs_date', models.BooleanField(default=False, verbose_name='needs a day')),
                ('needs_note', models.BooleanField(default=False, verbose_name='needs a note')),
                ('order', models.PositiveSmallIntegerField(default=100, verbose_name='place in lists')),
                ('is_archived', models.BooleanField(default=False, verbose_name='archived')),
                ('history_change_reason', models.CharField(max_length=200, null=True)),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ],
            options={
                'verbose_name': 'historical way to get involved',
                'verbose_name_plural': 'historical ways to get involved',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalProgress',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('state', models.CharField(choices=[('open', 'to do'), ('submitted', 'not evaluated yet'), ('passed', 'passed'), ('failed', 'failed'), ('repeat', 'asked to repeat')], default='submitted', max_length=10, verbose_name='state')),
                ('happened_on', models.DateField(blank=True, null=True, verbose_name='day')),
                ('due_on', models.DateField(blank=True, help_text='Until when this requirement is to be met. Empty: reckoned from the end of the training.', null=True, verbose_name='due')),
                ('url', models.URLField(blank=True, max_length=1000, verbose_name='address')),
                ('own_note', models.TextField(blank=True, verbose_name='their note')),
                ('note', models.TextField(blank=True, verbose_name='note of the staff')),
                ('submitted_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('evaluated_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('source', models.CharField(default='folkmoot', editable=False, max_length=60)),
                ('external_id', models.CharField(blank=True, editable=False, max_length=320)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('history_change_reason', models.CharField(max_length=200, null=True)),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ],
            options={
                'verbose_name': 'historical progress',
                'verbose_name_plural': 'historical progresses',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalQualification',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('source', models.CharField(default='folkmoot', editable=False, max_length=60)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('history_change_reason', models.CharField(max_length=200, null=True)),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ],
            options={
                'verbose_name': 'historical lesson that somebody can teach',
                'verbose_name_plural': 'historical lessons that people can teach',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalRequirement',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('slug', models.SlugField(max_length=60, verbose_name='short name')),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('description', models.TextField(blank=True, help_text='What trainees read: what to do, and where.', verbose_name='description')),
                ('needs_event', models.BooleanField(default=False, help_text='An event belongs to it; what else is due counts from the end of that event.', verbose_name='is a training')),
                ('needs_url', models.BooleanField(default=False, verbose_name='needs an address')),
                ('needs_date', models.BooleanField(default=False, verbose_name='needs a day')),
                ('needs_note', models.BooleanField(default=False, verbose_name='needs a note')),
                ('due_days', models.PositiveSmallIntegerField(blank=True, help_text='Counted from the end of the training. Empty: whenever.', null=True, verbose_name='days to do it in')),
                ('is_own', models.BooleanField(default=False, help_text='On their own page; somebody then evaluates it.', verbose_name='trainees submit it themselves')),
                ('order', models.PositiveSmallIntegerField(default=100, verbose_name='place in lists')),
                ('is_archived', models.BooleanField(default=False, verbose_name='archived')),
                ('history_change_reason', models.CharField(max_length=200, null=True)),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ],
            options={
                'verbose_name': 'historical requirement',
                'verbose_name_plural': 'historical requirements',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Involvement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=60, unique=True, verbose_name='short name')),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('needs_url', models.BooleanField(default=False, verbose_name='needs an address')),
                ('needs_date', models.BooleanField(default=False, verbose_name='needs a day')),
                ('needs_note', models.BooleanField(default=False, verbose_name='needs a note')),
                ('order', models.PositiveSmallIntegerField(default=100, verbose_name='place in lists')),
                ('is_archived', models.BooleanField(default=False, verbose_name='archived')),
            ],
            options={
                'verbose_name': 'way to get involved',
                'verbose_name_plural': 'ways to get involved',
                'ordering': ['order', 'name', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Progress',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('open', 'to do'), ('submitted', 'not evaluated yet'), ('passed', 'passed'), ('failed', 'failed'), ('repeat', 'asked to repeat')], default='submitted', max_length=10, verbose_name='state')),
                ('happened_on', models.DateField(blank=True, null=True, verbose_name='day')),
                ('due_on', models.DateField(blank=True, help_text='Until when this requirement is to be met. Empty: reckoned from the end of the training.', null=True, verbose_name='due')),
                ('url', models.URLField(blank=True, max_length=1000, verbose_name='address')),
                ('own_note', models.TextField(blank=True, verbose_name='their note')),
                ('note', models.TextField(blank=True, verbose_name='note of the staff')),
                ('submitted_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('evaluated_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('source', models.CharField(default='folkmoot', editable=False, max_length=60)),
                ('external_id', models.CharField(blank=True, editable=False, max_length=320)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('updated_at', models.DateTimeField(auto_now=True)),
            ],
            options={
                'verbose_name': 'progress',
                'verbose_name_plural': 'progresses',
                'ordering': ['person', 'requirement', 'created_at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Qualification',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(default='folkmoot', editable=False, max_length=60)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                'verbose_name': 'lesson that somebody can teach',
                'verbose_name_plural': 'lessons that people can teach',
                'ordering': ['person', 'lesson'],
            },
        ),
        migrations.CreateModel(
            name='Requirement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=60, unique=True, verbose_name='short name')),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('description', models.TextField(blank=True, help_text='What trainees read: what to do, and where.', verbose_name='description')),
                ('needs_event', models.BooleanField(default=False, help_text='An event belongs to it; what else is due counts from the end of that event.', verbose_name='is a training')),
                ('needs_url', models.BooleanField(default=False, verbose_name='needs an address')),
                ('needs_date', models.BooleanField(default=False, verbose_name='needs a day')),
                ('needs_note', models.BooleanField(default=False, verbose_name='needs a note')),
                ('due_days', models.PositiveSmallIntegerField(blank=True, help_text='Counted from the end of the training. Empty: whenever.', null=True, verbose_name='days to do it in')),
                ('is_own', models.BooleanField(default=False, help_text='On their own page; somebody then evaluates it.', verbose_name='trainees submit it themselves')),
                ('order', models.PositiveSmallIntegerField(default=100, verbose_name='place in lists')),
                ('is_archived', models.BooleanField(default=False, verbose_name='archived')),
            ],
            options={
                'verbose_name': 'requirement',
                'verbose_name_plural': 'requirements',
                'ordering': ['order', 'name', 'pk'],
            },
        ),
        migrations.AlterField(
            model_name='certificate',
            name='task',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='certificates', to='training.task'),
        ),
        migrations.CreateModel(
            name='Award',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('awarded_on', models.DateField(verbose_name='awarded on')),
                ('revoked_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('revoked_because', models.CharField(blank=True, max_length=300, verbose_name='why')),
                ('source', models.CharField(default='folkmoot', editable=False, max_length=60)),
                ('external_id', models.CharField(blank=True, editable=False, max_length=320)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('awarded_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='awarded by')),
                ('event', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='awards', to='training.event', verbose_name='event')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='awards', to='people.person', verbose_name='person')),
                ('term', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='awards', to='people.term')),
            ],
            options={
                'verbose_name': 'award',
                'verbose_name_plural': 'awards',
                'ordering': ['-awarded_on', '-pk'],
            },
        ),
        migrations.AddField(
            model_name='certificate',
            name='award',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='certificates', to='training.award'),
        ),
        migrations.AddField(
            model_name='historicalcertificate',
            name='award',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='training.award'),
        ),
        migrations.AddConstraint(
            model_name='certificate',
            constraint=models.UniqueConstraint(condition=models.Q(('revoked_at', None)), fields=('award',), name='certificate_once_of_an_award'),
        ),
        migrations.AddConstraint(
            model_name='certificate',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('award__isnull', False), ('task', None)), models.Q(('award', None), ('task__isnull', False)), _connector='OR'), name='certificate_of_one_thing'),
        ),
        migrations.AddField(
            model_name='badge',
            name='certificate',
            field=models.ForeignKey(blank=True, help_text='Empty: none is issued.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='badges', to='training.certificatepattern', verbose_name='certificate'),
        ),
        migrations.AddField(
            model_name='badge',
            name='role_kind',
            field=models.ForeignKey(blank=True, help_text='Whoever is awarded the badge holds this role from that day on.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='badges', to='people.rolekind', verbose_name='role that it opens'),
        ),
        migrations.AddField(
            model_name='award',
            name='badge',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='awards', to='training.badge', verbose_name='badge'),
        ),
        migrations.AddField(
            model_name='historicalaward',
            name='awarded_by',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='awarded by'),
        ),
        migrations.AddField(
            model_name='historicalaward',
            name='badge',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='training.badge', verbose_name='badge'),
        ),
        migrations.AddField(
            model_name='historicalaward',
            name='event',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='training.event', verbose_name='event'),
        ),
        migrations.AddField(
            model_name='historicalaward',
            name='history_user',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='historicalaward',
            name='person',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='people.person', verbose_name='person'),
        ),
        migrations.AddField(
            model_name='historicalaward',
            name='term',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='people.term'),
        ),
        migrations.AddField(
            model_name='historicalbadge',
            name='certificate',
            field=models.ForeignKey(blank=True, db_constraint=False, help_text='Empty: none is issued.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='training.certificatepattern', verbose_name='certificate'),
        ),
        migrations.AddField(
            model_name='historicalbadge',
            name='history_user',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='historicalbadge',
            name='role_kind',
            field=models.ForeignKey(blank=True, db_constraint=False, help_text='Whoever is awarded the badge holds this role from that day on.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='people.rolekind', verbose_name='role that it opens'),
        ),
        migrations.AddField(
            model_name='historicalinvolvement',
            name='history_user',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='historicalprogress',
            name='evaluated_by',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='evaluated by'),
        ),
        migrations.AddField(
            model_name='historicalprogress',
            name='event',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='training.event', verbose_name='training'),
        ),
        migrations.AddField(
            model_name='historicalprogress',
            name='history_user',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='historicalprogress',
            name='person',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='people.person', verbose_name='person'),
        ),
        migrations.AddField(
            model_name='historicalqualification',
            name='history_user',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='historicalqualification',
            name='lesson',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='people.project', verbose_name='lesson'),
        ),
        migrations.AddField(
            model_name='historicalqualification',
            name='person',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='people.person', verbose_name='person'),
        ),
        migrations.AddField(
            model_name='historicalrequirement',
            name='event_kind',
            field=models.ForeignKey(blank=True, db_constraint=False, help_text='Whoever learns at such an event is a trainee. Empty: only who has some progress.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='training.eventkind', verbose_name='kind of event'),
        ),
        migrations.AddField(
            model_name='historicalrequirement',
            name='history_user',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='historicalrequirement',
            name='programme',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='training.programme', verbose_name='programme'),
        ),
        migrations.AddField(
            model_name='historicalprogress',
            name='involvement',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='training.involvement', verbose_name='how'),
        ),
        migrations.AddField(
            model_name='progress',
            name='evaluated_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='evaluated by'),
        ),
        migrations.AddField(
            model_name='progress',
            name='event',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='progress', to='training.event', verbose_name='training'),
        ),
        migrations.AddField(
            model_name='progress',
            name='involvement',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='progress', to='training.involvement', verbose_name='how'),
        ),
        migrations.AddField(
            model_name='progress',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='progress', to='people.person', verbose_name='person'),
        ),
        migrations.AddField(
            model_name='qualification',
            name='lesson',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='qualifications', to='people.project', verbose_name='lesson'),
        ),
        migrations.AddField(
            model_name='qualification',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='qualifications', to='people.person', verbose_name='person'),
        ),
        migrations.AddField(
            model_name='requirement',
            name='event_kind',
            field=models.ForeignKey(blank=True, help_text='Whoever learns at such an event is a trainee. Empty: only who has some progress.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='requirements', to='training.eventkind', verbose_name='kind of event'),
        ),
        migrations.AddField(
            model_name='requirement',
            name='programme',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='requirements', to='training.programme', verbose_name='programme'),
        ),
        migrations.AddField(
            model_name='progress',
            name='requirement',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='progress', to='training.requirement', verbose_name='requirement'),
        ),
        migrations.AddField(
            model_name='involvement',
            name='requirement',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='involvements', to='training.requirement', verbose_name='requirement'),
        ),
        migrations.AddField(
            model_name='historicalprogress',
            name='requirement',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='training.requirement', verbose_name='requirement'),
        ),
        migrations.AddField(
            model_name='historicalinvolvement',
            name='requirement',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='training.requirement', verbose_name='requirement'),
        ),
        migrations.AddField(
            model_name='badge',
            name='requirements',
            field=models.ManyToManyField(blank=True, help_text='Whoever has passed all of these is complete. None: it is awarded by hand only.', related_name='badges', to='training.requirement', verbose_name='what leads to it'),
        ),
        migrations.AddIndex(
            model_name='award',
            index=models.Index(fields=['badge', '-awarded_on', '-id'], name='award_of_badge'),
        ),
        migrations.AddIndex(
            model_name='award',
            index=models.Index(fields=['updated_at'], name='award_updated'),
        ),
        migrations.AddConstraint(
            model_name='award',
            constraint=models.UniqueConstraint(condition=models.Q(('revoked_at', None)), fields=('person', 'badge'), name='award_once'),
        ),
        migrations.AddConstraint(
            model_name='award',
            constraint=models.CheckConstraint(condition=models.Q(('revoked_at', None), models.Q(('revoked_because', ''), _negated=True), _connector='OR'), name='award_revoked_with_reason'),
        ),
        migrations.AddConstraint(
            model_name='award',
            constraint=models.UniqueConstraint(condition=models.Q(('external_id', ''), _negated=True), fields=('source', 'external_id'), name='award_once_per_source'),
        ),
        migrations.AddConstraint(
            model_name='qualification',
            constraint=models.UniqueConstraint(fields=('person', 'lesson'), name='qualification_once'),
        ),
        migrations.AddConstraint(
            model_name='requirement',
            constraint=models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='requirement_has_a_name'),
        ),
        migrations.AddConstraint(
            model_name='requirement',
            constraint=models.CheckConstraint(condition=models.Q(('needs_event', True), ('event_kind', None), _connector='OR'), name='requirement_kind_of_training'),
        ),
        migrations.AddIndex(
            model_name='progress',
            index=models.Index(fields=['person', 'requirement', 'state'], name='progress_of_person'),
        ),
        migrations.AddIndex(
            model_name='progress',
            index=models.Index(fields=['requirement', 'state', 'person'], name='progress_state'),
        ),
        migrations.AddIndex(
            model_name='progress',
            index=models.Index(fields=['updated_at'], name='progress_updated'),
        ),
        migrations.AddConstraint(
            model_name='progress',
            constraint=models.UniqueConstraint(condition=models.Q(('event__isnull', False)), fields=('person', 'requirement', 'event'), name='progress_once_at_a_training'),
        ),
        migrations.AddConstraint(
            model_name='progress',
            constraint=models.UniqueConstraint(condition=models.Q(('external_id', ''), _negated=True), fields=('source', 'external_id'), name='progress_once_per_source'),
        ),
        migrations.AddConstraint(
            model_name='progress',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['open', 'submitted']), ('evaluated_at__isnull', False), _connector='OR'), name='progress_evaluated_at_some_time'),
        ),
        migrations.AddConstraint(
            model_name='involvement',
            constraint=models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='involvement_has_a_name'),
        ),
        migrations.AddConstraint(
            model_name='badge',
            constraint=models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='badge_has_a_name'),
        ),
    ]
