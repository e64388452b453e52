"""Rules by which mails are written, and the mails that they plan."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import audit

#: The anchor of a mail that counts from when the conditions became true.
FROM_NOW = ""


class Unit(models.TextChoices):
    """What an offset counts."""

    HOURS = "hours", _("hours")
    DAYS = "days", _("days")


class IfPast(models.TextChoices):
    """What becomes of a mail whose moment is over when it is planned."""

    SOON = "soon", _("send it soon")
    NEVER = "never", _("do not send it")


class Together(models.TextChoices):
    """Whether the recipients share a mail."""

    ONE = "one", _("one mail to all of them")
    EACH = "each", _("a mail to each")


def house_language() -> str:
    """The language of a text of which nothing else is said."""
    return str(settings.LANGUAGE_CODE)


class MailRule(models.Model):
    """When which mail goes to whom about which kind of record. A rule plans mails only while it is switched on."""

    #: Of a rule that the house came with; empty for others.
    slug = models.CharField(max_length=80, blank=True, editable=False)
    name = models.CharField(_("name"), max_length=120)
    about = models.CharField(_("what it is for"), max_length=400, blank=True)
    #: Key of a subject (``subjects``).
    subject = models.CharField(_("about"), max_length=60)
    #: Each ``{"fact": …, "op": …, "value": …}``; all of them have to hold.
    conditions = models.JSONField(_("conditions"), default=list, blank=True)
    #: Keys of the subject's recipients.
    to = models.JSONField(_("to"), default=list)
    cc = models.JSONField(_("copy to"), default=list, blank=True)
    bcc = models.JSONField(_("hidden copy to"), default=list, blank=True)
    reply_to = models.CharField(_("answers go to"), max_length=60, blank=True)
    channel = models.ForeignKey(
        "outbox.Channel",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="mail_rules",
        verbose_name=_("sent by"),
        help_text=_("Empty: the usual channel for mail."),
    )
    together = models.CharField(
        _("recipients get"), max_length=4, choices=Together.choices, default=Together.ONE
    )
    #: Key of a date of the subject; :data:`FROM_NOW`: the moment at which the conditions became true.
    anchor = models.CharField(_("counted from"), max_length=60, blank=True, default=FROM_NOW)
    offset = models.IntegerField(
        _("how long after it"),
        default=1,
        validators=[MinValueValidator(-5000), MaxValueValidator(5000)],
        help_text=_("Below zero: before it."),
    )
    unit = models.CharField(_("in"), max_length=5, choices=Unit.choices, default=Unit.HOURS)
    at_time = models.TimeField(
        _("at what time"),
        null=True,
        blank=True,
        help_text=_(
            "In the record's time zone. Empty: at 09:00 where a day is counted from, else as it falls."
        ),
    )
    wait_hours = models.PositiveSmallIntegerField(
        _("hours to wait at least"),
        default=1,
        validators=[MaxValueValidator(720)],
        help_text=_("So long a mistake can be mended before anybody is written to."),
    )
    if_past = models.CharField(
        _("when the moment is over"), max_length=5, choices=IfPast.choices, default=IfPast.SOON
    )
    repeats = models.BooleanField(
        _("each time it becomes true anew"), default=False, help_text=_("Otherwise once for each record.")
    )
    template = models.ForeignKey(
        "outbox.MessageTemplate",
        on_delete=models.PROTECT,
        related_name="mail_rules",
        verbose_name=_("text"),
    )
    #: Of that text, which is for everybody whose language has none of its own.
    language = models.CharField(_("language of the text"), max_length=12, default=house_language)
    needs_approval = models.BooleanField(_("somebody has to agree to each mail"), default=False)
    is_active = models.BooleanField(_("switched on"), default=False, editable=False)
    #: When it was last switched on or edited while on: what was so before sends nothing.
    active_since = models.DateTimeField(null=True, blank=True, editable=False)
    #: When all records had been looked at since then.
    ready_at = models.DateTimeField(null=True, blank=True, editable=False)
    order = models.PositiveSmallIntegerField(_("place in lists"), default=100)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    history = audit.history(excluded_fields=["ready_at", "active_since"])

    class Meta:
        ordering = ["order", "name", "pk"]
        verbose_name = _("mail rule")
        verbose_name_plural = _("mail rules")
        constraints = [
            models.UniqueConstraint(fields=["name"], name="mailrule_once"),
            models.UniqueConstraint(fields=["slug"], condition=~Q(slug=""), name="mailrule_slug_once"),
            models.CheckConstraint(condition=~Q(name=""), name="mailrule_has_a_name"),
            models.CheckConstraint(
                condition=Q(is_active=False) | Q(active_since__isnull=False, archived_at=None),
                name="mailrule_active_since_and_in_use",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RuleText(models.Model):
    """The text of a rule in one more language, for those who read it."""

    rule = models.ForeignKey(MailRule, on_delete=models.CASCADE, related_name="texts")
    #: As BCP 47 writes it.
    language = models.CharField(_("language"), max_length=12)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"))
    #: Digest of the rule's own text as it was when this one was written: another one makes this one older.
    written_for = models.CharField(max_length=64, editable=False)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    history = audit.history(excluded_fields=["changed_at"])

    class Meta:
        ordering = ["language"]
        verbose_name = _("text of a mail rule")
        verbose_name_plural = _("texts of mail rules")
        constraints = [
            models.UniqueConstraint(fields=["rule", "language"], name="ruletext_once"),
            models.CheckConstraint(condition=~Q(language=""), name="ruletext_has_a_language"),
            models.CheckConstraint(condition=~Q(subject=""), name="ruletext_has_a_subject"),
            models.CheckConstraint(condition=~Q(body=""), name="ruletext_has_a_text"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} ({self.language})"


class MailState(models.TextChoices):
    """Where a planned mail stands."""

    PLANNED = "planned", _("planned")
    WAITING = "waiting", _("waits for approval")
    APPROVED = "approved", _("approved")
    HANDED = "handed", _("handed to the outbox")
    CANCELLED = "cancelled", _("cancelled")
    SKIPPED = "skipped", _("not sent")


#: It has not left, and will.
OPEN = (MailState.PLANNED, MailState.WAITING, MailState.APPROVED)


class PlannedMail(models.Model):
    """A mail that a rule plans about one record: at its moment it is handed to the outbox, once."""

    rule = models.ForeignKey(MailRule, on_delete=models.PROTECT, related_name="planned")
    #: The rule's; a rule keeps its subject for good.
    subject = models.CharField(max_length=60)
    record_id = models.BigIntegerField()
    #: Counts how often it became true anew.
    occasion = models.PositiveIntegerField(default=1)
    #: As the record was called last.
    record_name = models.CharField(_("record"), max_length=300, blank=True)
    state = models.CharField(_("state"), max_length=9, choices=MailState.choices, default=MailState.PLANNED)
    due_at = models.DateTimeField(_("leaves"), null=True, blank=True)
    #: The moment that the rule reckons, before it is put off: another one moves the mail.
    reckoned_at = models.DateTimeField(null=True, blank=True)
    true_since = models.DateTimeField(default=timezone.now)
    #: The conditions are so now.
    holds = models.BooleanField(default=True)
    #: Why it is cancelled or not sent.
    reason = models.CharField(_("why"), max_length=400, blank=True)
    #: What keeps it from leaving: a text that needs what is not known, nobody to write to.
    problem = models.CharField(_("what is wrong"), max_length=400, blank=True)
    tried_at = models.DateTimeField(null=True, blank=True)
    #: A person has to decide: it was edited by hand, and its reason went.
    question = models.CharField(_("question"), max_length=400, blank=True)
    #: Recipients as last seen: lists of ``[name, address, person's number or null]``.
    to = models.JSONField(default=list, blank=True)
    cc = models.JSONField(default=list, blank=True)
    bcc = models.JSONField(default=list, blank=True)
    #: What a person set by hand is not changed by the rule any more.
    own_recipients = models.BooleanField(default=False)
    own_moment = models.BooleanField(default=False)
    #: Empty: the rule's text.
    own_subject = models.CharField(_("subject"), max_length=200, blank=True)
    own_body = models.TextField(_("text"), blank=True)
    #: The languages that it takes: one, or where each gets a mail, that of each in the order of ``to``.
    languages = models.JSONField(default=list, blank=True)
    #: A person cancelled it, or wants it although its reason went.
    by_hand = models.BooleanField(default=False)
    #: Of the mail's content; an approval is for exactly that.
    fingerprint = models.CharField(max_length=64, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    approved_print = models.CharField(max_length=64, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    #: What left: one, or one for each recipient.
    deliveries: Any = models.ManyToManyField("outbox.Delivery", blank=True, related_name="planned_mails")
    handed_at = models.DateTimeField(null=True, blank=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["due_at", "pk"]
        verbose_name = _("planned mail")
        verbose_name_plural = _("planned mails")
        constraints = [
            models.UniqueConstraint(fields=["rule", "record_id", "occasion"], name="plannedmail_once"),
            models.CheckConstraint(
                condition=~Q(state__in=["planned", "waiting", "approved"]) | Q(due_at__isnull=False),
                name="plannedmail_has_a_moment",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["cancelled", "skipped"]) | ~Q(reason=""),
                name="plannedmail_not_sent_with_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | ~Q(approved_print=""), name="plannedmail_approved_content"
            ),
            models.CheckConstraint(
                condition=Q(state="handed") | Q(handed_at__isnull=True), name="plannedmail_handed_at"
            ),
        ]
        indexes = [
            models.Index(fields=["subject", "record_id"], name="plannedmail_of_record"),
            models.Index(
                fields=["due_at", "id"],
                condition=Q(state__in=["planned", "waiting", "approved"]),
                name="plannedmail_due",
            ),
            models.Index(fields=["rule", "state"], name="plannedmail_of_rule"),
        ]

    def __str__(self) -> str:
        return f"{self.rule}: {self.record_name}"

    @property
    def is_open(self) -> bool:
        """It has not left, and will."""
        return self.state in OPEN

    @property
    def is_edited(self) -> bool:
        """A person set something of it by hand."""
        return self.own_recipients or self.own_moment or bool(self.own_body)
