"""How a community uses its channels: times, goals, and who is called what where."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import audit
from folkmoot.outbox.public import Channel


class ChannelPlan(models.Model):
    """How posts are planned on a channel."""

    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, related_name="plan")
    #: IANA; its slots are in it.
    zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    language = models.CharField(_("language"), max_length=12, blank=True)
    #: Two posts are at least so far apart; 0: may be at once.
    apart_minutes = models.PositiveIntegerField(_("minutes between posts"), default=0)
    #: Added to links as ``utm_source`` and ``utm_medium``; empty: links stay as they are.
    utm_source = models.SlugField(_("source in links"), max_length=60, blank=True)
    utm_medium = models.SlugField(_("medium in links"), max_length=60, blank=True)
    #: What its variants have unless they say otherwise.
    options = models.JSONField(default=dict, blank=True)
    #: Who is told about it, and posts by hand where a person has to.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("who looks after it"),
    )

    history = audit.history()

    class Meta:
        ordering = ["channel"]
        verbose_name = _("plan of a channel")
        verbose_name_plural = _("plans of channels")

    def __str__(self) -> str:
        return str(self.channel)


class Slot(models.Model):
    """A weekly moment at which a channel has a place for a post, in the zone of the channel's plan."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="slots")
    #: ISO 8601: 1 is Monday.
    weekday = models.PositiveSmallIntegerField(_("weekday"))
    time = models.TimeField(_("time"))

    history = audit.history()

    class Meta:
        ordering = ["channel", "weekday", "time"]
        verbose_name = _("slot")
        verbose_name_plural = _("slots")
        constraints = [
            models.UniqueConstraint(fields=["channel", "weekday", "time"], name="slot_once"),
            models.CheckConstraint(condition=Q(weekday__gte=1, weekday__lte=7), name="slot_known_weekday"),
        ]

    def __str__(self) -> str:
        return f"{self.channel}: {self.weekday}, {self.time:%H:%M}"


class CadenceGoal(models.Model):
    """How many posts a channel is to have in how many days, from a day on: one in 14, later one in 7."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="goals")
    since = models.DateField(_("from"))
    posts = models.PositiveSmallIntegerField(_("posts"))
    days = models.PositiveSmallIntegerField(_("in days"))

    history = audit.history()

    class Meta:
        ordering = ["channel", "since"]
        verbose_name = _("cadence goal")
        verbose_name_plural = _("cadence goals")
        constraints = [
            models.UniqueConstraint(fields=["channel", "since"], name="cadencegoal_once"),
            models.CheckConstraint(condition=Q(days__gte=1), name="cadencegoal_has_days"),
        ]

    def __str__(self) -> str:
        return f"{self.channel}: {self.posts}/{self.days}"


class BookEntry(models.Model):
    """Somebody whom posts name. People of the register bring the handles of their identities along."""

    #: As writers type it: ``@[ada]``; folded.
    alias = models.CharField(_("alias"), max_length=60)
    #: What stands in the text where the platform knows no handle.
    name = models.CharField(_("name"), max_length=200)
    person = models.ForeignKey(
        "people.Person", on_delete=models.CASCADE, null=True, blank=True, related_name="book_entries"
    )
    organization = models.ForeignKey(
        "people.Organization", on_delete=models.CASCADE, null=True, blank=True, related_name="book_entries"
    )
    project = models.ForeignKey(
        "people.Project", on_delete=models.CASCADE, null=True, blank=True, related_name="book_entries"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    history = audit.history()

    class Meta:
        ordering = ["alias", "pk"]
        verbose_name = _("entry of the handle book")
        verbose_name_plural = _("handle book")
        constraints = [
            models.UniqueConstraint(fields=["alias"], name="bookentry_once"),
            models.CheckConstraint(condition=~Q(alias="") & ~Q(name=""), name="bookentry_has_names"),
        ]

    def __str__(self) -> str:
        return self.name


class BookHandle(models.Model):
    """What somebody is called on a platform."""

    entry = models.ForeignKey(BookEntry, on_delete=models.CASCADE, related_name="handles")
    #: Key of a connector (``mastodon``, ``bluesky``).
    platform = models.CharField(_("platform"), max_length=40)
    handle = models.CharField(_("handle"), max_length=200)
    #: What the platform calls them (``did:…``, ``urn:li:person:…``, ``U123``); empty: not known.
    remote_id = models.CharField(_("id there"), max_length=200, blank=True)

    history = audit.history()

    class Meta:
        ordering = ["entry", "platform"]
        verbose_name = _("handle")
        verbose_name_plural = _("handles")
        constraints = [
            models.UniqueConstraint(fields=["entry", "platform"], name="bookhandle_once"),
            models.CheckConstraint(condition=~Q(handle=""), name="bookhandle_says_who"),
        ]

    def __str__(self) -> str:
        return f"{self.platform}: {self.handle}"
