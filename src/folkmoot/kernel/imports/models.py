"""Imports: what was read, what it changed, what could not be read.

A run stages every row first; nothing of the register or the ledger changes before all files were read as
their format. Then it applies the staged rows in chunks, each in one transaction with the run's counts and
the changes that an undo needs.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class RunState(models.TextChoices):
    """Where an import stands."""

    MAPPING = "mapping", _("waiting for its columns")
    STAGING = "staging", _("reading")
    STAGED = "staged", _("read, waiting for your word")
    APPLYING = "applying", _("applying")
    APPLIED = "applied", _("applied")
    REFUSED = "refused", _("could not be read")
    FAILED = "failed", _("stopped")
    UNDOING = "undoing", _("being undone")
    UNDONE = "undone", _("undone")


#: States from which the same files go on where they stopped instead of beginning anew.
UNFINISHED = (RunState.STAGING, RunState.STAGED, RunState.APPLYING, RunState.FAILED)


class ImportRun(models.Model):
    """One import of one source."""

    source = models.CharField(max_length=60)
    #: Where the files are, as the person named it; for uploads, the files' names.
    origin = models.CharField(max_length=500)
    #: The folder or file that is read (an upload's folder is kept in the data folder).
    path = models.CharField(max_length=1000)
    options = models.JSONField(default=dict)
    #: For plain tables: field name -> heading in the file.
    mapping = models.JSONField(default=dict)
    #: Digest of the source, its options and the files' content: the same work has the same fingerprint.
    fingerprint = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.STAGING)
    #: Apply as soon as everything is read (command line), or wait for a person (browser).
    apply_at_once = models.BooleanField(default=False)
    #: Everything was read: what is staged is the whole of the files.
    is_staged = models.BooleanField(default=False)
    staged = models.PositiveIntegerField(default=0)
    applied = models.PositiveIntegerField(default=0)
    #: {"created": {"people": 3}, "updated": {…}, "unchanged": {…}}
    counts = models.JSONField(default=dict)
    #: The counts that a dry run foretold.
    preview = models.JSONField(null=True, blank=True)
    error = models.JSONField(null=True, blank=True)
    job = models.ForeignKey("kernel.Job", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    applied_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        app_label = "kernel"
        indexes = [
            models.Index(fields=["-created_at"], name="importrun_newest"),
            models.Index(fields=["fingerprint"], name="importrun_fingerprint"),
        ]

    def __str__(self) -> str:
        return f"{self.source} #{self.pk} ({self.get_state_display()})"


class StagedRow(models.Model):
    """A row as read, waiting to be applied; gone once it is."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="rows")
    #: Place in the order of application: parts in their order, rows in the file's.
    ordinal = models.PositiveIntegerField()
    part = models.CharField(max_length=80)
    file = models.CharField(max_length=300)
    line = models.PositiveIntegerField(null=True)
    payload = models.JSONField()

    class Meta:
        app_label = "kernel"
        constraints = [models.UniqueConstraint(fields=["run", "ordinal"], name="stagedrow_ordinal")]

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class RejectedRow(models.Model):
    """A row that could not be read or applied, or a value in it that was left out: where, and why."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="rejected")
    file = models.CharField(max_length=300)
    line = models.PositiveIntegerField(null=True)
    field = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=500)
    #: The row as the file has it, so that it can be mended without the file.
    content = models.JSONField(null=True)
    #: A dry run said so; applying finds out again.
    is_foretold = models.BooleanField(default=False)
    dismissed_at = models.DateTimeField(null=True, blank=True)
    dismissed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        app_label = "kernel"
        constraints = [
            models.UniqueConstraint(
                "run",
                "file",
                models.functions.Coalesce("line", 0),
                "field",
                "reason",
                name="rejectedrow_once",
            )
        ]
        indexes = [models.Index(fields=["run"], condition=Q(dismissed_at=None), name="rejectedrow_open")]

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.field}: {self.reason}"


class ImportChange(models.Model):
    """One row that an import made or changed: what an undo needs."""

    CREATED = "created"
    UPDATED = "updated"

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="changes")
    model = models.CharField(max_length=80)
    object_id = models.BigIntegerField()
    action = models.CharField(max_length=8, choices=[(CREATED, _("made")), (UPDATED, _("changed"))])
    #: {field: value before}, for a change.
    before = models.JSONField(null=True)
    #: {field: value after}, for a change: an undo leaves alone what somebody changed since.
    after = models.JSONField(null=True)
    #: Why an undo left this row as it is, if it did.
    kept_reason = models.CharField(max_length=300, blank=True)
    undone = models.BooleanField(default=False)

    class Meta:
        app_label = "kernel"
        indexes = [
            models.Index(fields=["run", "undone", "-id"], name="importchange_undo"),
            models.Index(fields=["model", "object_id"], name="importchange_object"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.model} {self.object_id}"


class ColumnMapping(models.Model):
    """Which column of a plain table means which field: remembered for each importer under a name."""

    source = models.CharField(max_length=60)
    name = models.CharField(max_length=100)
    columns = models.JSONField(default=dict)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        app_label = "kernel"
        constraints = [models.UniqueConstraint(fields=["source", "name"], name="columnmapping_name")]

    def __str__(self) -> str:
        return f"{self.source}: {self.name}"


class SeenRecord(models.Model):
    """What a source said of a record at its last import, for a row of any table: how an import tells who changed it.

    Digests are kept, not words: whether a value is still the one that the source said can be told, what it was cannot.
    """

    source = models.CharField(max_length=60)
    #: The source's own name of the record: "workshops.event/12".
    key = models.CharField(max_length=320)
    #: The table of the row here ("training.event").
    table = models.CharField(max_length=80)
    #: The row's key here; empty where nothing was made.
    row = models.CharField(max_length=64, blank=True)
    #: {column: digest of what the source said}
    said = models.JSONField(default=dict)
    #: Somebody here removed the row: it is not made again.
    is_gone = models.BooleanField(default=False)

    class Meta:
        app_label = "kernel"
        constraints = [models.UniqueConstraint(fields=["source", "key"], name="seenrecord_once")]

    def __str__(self) -> str:
        return f"{self.source}: {self.key}"
