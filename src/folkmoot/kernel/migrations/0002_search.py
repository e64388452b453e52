"""The search's tables, and beside them what each database searches text with."""

from django.db import migrations, models

SQLITE = (
    """
    CREATE VIRTUAL TABLE kernel_searchindex USING fts5(
        words, content='kernel_searchentry', content_rowid='id', detail=none, columnsize=0, prefix='2 3 4',
        tokenize='unicode61 remove_diacritics 2'
    )
    """,
    "CREATE VIRTUAL TABLE kernel_searchterms USING fts5vocab('kernel_searchindex', 'row')",
    """
    CREATE TRIGGER kernel_searchentry_insert AFTER INSERT ON kernel_searchentry BEGIN
        INSERT INTO kernel_searchindex (rowid, words) VALUES (new.id, new.words);
    END
    """,
    """
    CREATE TRIGGER kernel_searchentry_delete AFTER DELETE ON kernel_searchentry BEGIN
        INSERT INTO kernel_searchindex (kernel_searchindex, rowid, words) VALUES ('delete', old.id, old.words);
    END
    """,
    """
    CREATE TRIGGER kernel_searchentry_update AFTER UPDATE OF words ON kernel_searchentry
    WHEN old.words <> new.words BEGIN
        INSERT INTO kernel_searchindex (kernel_searchindex, rowid, words) VALUES ('delete', old.id, old.words);
        INSERT INTO kernel_searchindex (rowid, words) VALUES (new.id, new.words);
    END
    """,
)
SQLITE_BACK = ("DROP TABLE kernel_searchterms", "DROP TABLE kernel_searchindex")
POSTGRESQL = (
    """
    ALTER TABLE kernel_searchentry ADD COLUMN vector tsvector
    GENERATED ALWAYS AS (array_to_tsvector(string_to_array(words, ' '))) STORED
    """,
    "CREATE INDEX searchentry_vector ON kernel_searchentry USING gin (vector) WITH (fastupdate = off)",
)
POSTGRESQL_BACK = ("ALTER TABLE kernel_searchentry DROP COLUMN vector",)


def _run(sqlite, postgresql):
    def run(apps, editor):
        for statement in {"sqlite": sqlite, "postgresql": postgresql}[editor.connection.vendor]:
            editor.execute(statement)

    return run


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=40)),
                ("object_id", models.BigIntegerField()),
                ("title", models.CharField(max_length=500)),
                ("subtitle", models.CharField(blank=True, max_length=500)),
                ("url", models.CharField(blank=True, max_length=1000)),
                ("title_key", models.CharField(max_length=500)),
                ("words", models.TextField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("kind", "object_id"), name="searchentry_once")],
            },
        ),
        migrations.CreateModel(
            name="SearchSpelling",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("form", models.CharField(max_length=16)),
                ("word", models.CharField(max_length=64)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("form", "word"), name="searchspelling_once")],
            },
        ),
        migrations.RunPython(_run(SQLITE, POSTGRESQL), _run(SQLITE_BACK, POSTGRESQL_BACK)),
    ]
