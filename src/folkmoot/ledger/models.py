"""The ledger: an append-only log of what happened, and the things it is about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.ledger.github.models import GithubConnection, GithubRepository, SyncState, WebhookDelivery
from folkmoot.ledger.triggers import MESSAGE

__all__ = [
    "Activity",
    "ActivityQuerySet",
    "AppendOnly",
    "GithubConnection",
    "GithubRepository",
    "Item",
    "ItemKey",
    "SyncState",
    "WebhookDelivery",
]


class AppendOnly(Exception):
    """Somebody tried to change what happened: record a new activity instead, or undo the import it came with."""

    def __init__(self) -> None:
        super().__init__(
            "An activity's kind, identity, time, source and external id never change: record a new activity, "
            "or undo the import it came with."
        )


@contextmanager
def _refusal_in_words() -> Iterator[None]:
    try:
        yield
    except IntegrityError as refusal:
        if MESSAGE in str(refusal):
            raise AppendOnly from refusal
        raise


class Item(models.Model):
    """What activity is about: an issue, a pull request, a post, a gift. Its title and state may change."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")
        MERGED = "merged", _("merged")
        UNKNOWN = "", _("unknown")

    kind = models.CharField(_("kind"), max_length=40)
    title = models.CharField(_("title"), max_length=500, blank=True)
    state = models.CharField(_("state"), max_length=20, blank=True, choices=State.choices)
    url = models.URLField(_("address"), max_length=1000, blank=True)
    project = models.ForeignKey(
        "people.Project",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="items",
        db_index=False,
    )
    labels = models.JSONField(default=list, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    source = models.CharField(max_length=60)
    external_id = models.CharField(max_length=320)
    #: What the source says beyond the fields above, word for word.
    detail = models.JSONField(default=dict, blank=True)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("item")
        verbose_name_plural = _("items")
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="item_once")]
        indexes = [
            models.Index(fields=["project", "-opened_at"], name="item_project"),
            models.Index(fields=["updated_at"], name="item_updated"),  # for updated_since of the API
            # The kinds of many items, without touching the wide table.
            models.Index(fields=["id", "kind"], name="item_kind"),
        ]

    def __str__(self) -> str:
        return self.title or f"{self.source}/{self.external_id}"


class ItemKey(models.Model):
    """Another name of an item: the key under which a second source knows it.

    The opening of an item is one activity, written by whichever source saw it first; whoever sees it later adds a key.
    ``opening`` holds on to that activity, so that undoing the import that wrote it does not lose what others still see.
    """

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="keys")
    opening = models.ForeignKey(
        "ledger.Activity", on_delete=models.PROTECT, null=True, blank=True, related_name="keys"
    )
    source = models.CharField(max_length=60)
    external_id = models.CharField(max_length=320)

    class Meta:
        verbose_name = _("other name of an item")
        verbose_name_plural = _("other names of items")
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="itemkey_once")]

    def __str__(self) -> str:
        return f"{self.source}/{self.external_id}"


class ActivityQuerySet(models.QuerySet["Activity"]):
    """Activities; an update that the database refuses is told in words."""

    def update(self, **values: Any) -> int:
        """As Django's.

        Raises:
            AppendOnly: a fixed field would get another value.
        """
        with _refusal_in_words():
            return super().update(**values)


class Activity(models.Model):
    """One thing that happened: which identity, what, when, where it was seen.

    It never changes: the database itself refuses to alter kind, identity, time, source and external id
    (``triggers.py``). Rows go only when a whole import is undone or the law asks for it.
    """

    kind = models.CharField(max_length=60)
    # The indexes below begin with identity and project; one more of each would only cost.
    identity = models.ForeignKey(
        "people.Identity",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="activities",
        db_index=False,
    )
    item = models.ForeignKey(Item, on_delete=models.PROTECT, null=True, blank=True, related_name="activities")
    project = models.ForeignKey(
        "people.Project",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="activities",
        db_index=False,
    )
    occurred_at = models.DateTimeField()
    source = models.CharField(max_length=60)
    external_id = models.CharField(max_length=320)
    detail = models.JSONField(default=dict, blank=True)
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="activity_once")]
        indexes = [
            # A metric's window: found and counted by identity without touching the table.
            models.Index(
                fields=["kind", "occurred_at", "identity", "source", "item"], name="activity_window"
            ),
            # A person's first activity of a kind; two equalities, so that SQLite takes it without statistics.
            models.Index(fields=["identity", "kind", "occurred_at"], name="activity_identity"),
            models.Index(
                fields=["project", "occurred_at"], condition=Q(project__isnull=False), name="activity_project"
            ),
            # The newest of all, page by page.
            models.Index(fields=["-occurred_at", "-id"], name="activity_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.occurred_at:%Y-%m-%d %H:%M}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """As Django's.

        Raises:
            AppendOnly: a fixed field would get another value.
        """
        with _refusal_in_words():
            super().save(*args, **kwargs)
