"""What leaves the house, each try of it, and who has to agree first."""

from __future__ import annotations

import hashlib
import json
import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import audit
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.outbox.models.channels import Channel
from folkmoot.outbox.models.texts import MessageTemplate

TITLE_LENGTH = 300


class State(models.TextChoices):
    """Where a delivery stands."""

    WAITING = "waiting", _("needs approval")
    SCHEDULED = "scheduled", _("planned")
    CLAIMED = "claimed", _("about to leave")
    SENDING = "sending", _("leaving")
    UNCERTAIN = "uncertain", _("being looked for")
    NEEDS_PERSON = "needs_person", _("needs a person")
    SENT = "sent", _("sent")
    FAILED = "failed", _("refused")
    MISSED = "missed", _("missed")
    WITHHELD = "withheld", _("withheld")
    CANCELLED = "cancelled", _("cancelled")


#: Nothing of it can have left yet: it may be changed, moved, cancelled.
PLANNED = (State.WAITING, State.SCHEDULED, State.CLAIMED)
#: Something will still happen by itself, or has to.
OPEN = (*PLANNED, State.SENDING, State.UNCERTAIN, State.NEEDS_PERSON)
#: A person has to decide.
STUCK = (State.NEEDS_PERSON, State.FAILED, State.MISSED)


class Verb(models.TextChoices):
    """What leaving does: puts something there, puts something else in its place, takes it away."""

    SEND = "send", _("send")
    CORRECT = "correct", _("correct")
    WITHDRAW = "withdraw", _("withdraw")


def digest(payload: dict[str, Any]) -> str:
    """SHA-256 of a payload, the same for the same content however its keys are ordered."""
    text = json.dumps(payload, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class Delivery(models.Model):
    """One thing that leaves by one channel, once.

    Its payload is frozen when it is queued, and its hash with it. Whoever works on it holds a lease and a fence: every
    claim raises the fence, which is also the number of the try, so that whoever was thought dead writes nothing.
    """

    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="deliveries")
    #: Whoever asks for the same thing twice gets the same delivery.
    key = models.CharField(max_length=200, unique=True)
    #: What stands in a mail's Message-ID; unguessable.
    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    #: Key of a kind of message (``outbox.kinds``).
    kind = models.CharField(max_length=60)
    area = models.CharField(max_length=20, choices=Area.choices)
    #: For lists: a mail's subject.
    title = models.CharField(max_length=TITLE_LENGTH)
    #: The folded address of a mail, the place of a post; ``""`` where there is none.
    recipient = models.CharField(max_length=320, blank=True)
    recipient_name = models.CharField(max_length=200, blank=True)
    #: An answer to one person: no unsubscribing from it.
    is_personal = models.BooleanField(default=False)
    #: What one unsubscribes from.
    topic = models.CharField(max_length=60, blank=True)
    template = models.ForeignKey(
        MessageTemplate, on_delete=models.SET_NULL, null=True, blank=True, related_name="deliveries"
    )
    state = models.CharField(max_length=12, choices=State.choices, default=State.SCHEDULED)
    #: When it is to leave (UTC), and as the person planned it; without a wall time: as soon as may be.
    due_at = models.DateTimeField(default=timezone.now)
    #: ``2026-11-20T09:00``.
    wall_time = models.CharField(max_length=19, blank=True)
    zone = models.CharField(max_length=64, blank=True)
    #: Later than this it is not sent any more but missed.
    not_after = models.DateTimeField()
    #: When the engine looks at it next: at its time, at the next try, at the next look for a lost answer.
    next_at = models.DateTimeField(default=timezone.now)
    payload = models.JSONField()
    payload_sha256 = models.CharField(max_length=64)
    lease_owner = models.CharField(max_length=200, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    fence = models.PositiveIntegerField(default=0)
    #: Tries that count towards giving up, and looks for a lost answer.
    tries = models.PositiveSmallIntegerField(default=0)
    looks = models.PositiveSmallIntegerField(default=0)
    #: The id it will have there, chosen beforehand; and the one it has.
    planned_id = models.CharField(max_length=300, blank=True)
    remote_id = models.CharField(max_length=300, blank=True)
    remote_url = models.CharField(max_length=500, blank=True)
    #: What else the other side calls it by.
    remote = models.JSONField(default=dict, blank=True)
    verb = models.CharField(max_length=10, choices=Verb.choices, default=Verb.SEND)
    #: What a correction or a withdrawal is about.
    about = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="later")
    #: When its first try began: the moment of writing that the other side shows, the same for every try.
    stamped_at = models.DateTimeField(null=True, blank=True)
    #: What sending it costs, in US dollars.
    price = models.DecimalField(max_digits=8, decimal_places=4, null=True, blank=True)
    depends_on = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="followers"
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    #: The last thing that was said of it.
    words = models.CharField(max_length=500, blank=True)
    #: A page of this installation that it is about.
    about_url = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-due_at", "-pk"]
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="delivery_known_state"),
            models.CheckConstraint(condition=Q(area__in=Area.values), name="delivery_known_area"),
            models.CheckConstraint(condition=~Q(key=""), name="delivery_has_a_key"),
            models.CheckConstraint(
                condition=Q(not_after__gte=F("due_at")), name="delivery_grace_after_it_is_due"
            ),
            models.CheckConstraint(
                condition=Q(wall_time="", zone="") | ~Q(wall_time="") & ~Q(zone=""),
                name="delivery_wall_time_with_zone",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[State.CLAIMED, State.SENDING])
                | Q(lease_until__isnull=False) & ~Q(lease_owner=""),
                name="delivery_held_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state=State.SENT, sent_at__isnull=False)
                | ~Q(state=State.SENT) & Q(sent_at__isnull=True),
                name="delivery_sent_at_a_moment",
            ),
            models.CheckConstraint(condition=Q(verb__in=Verb.values), name="delivery_known_verb"),
            models.CheckConstraint(
                condition=Q(verb=Verb.SEND, about=None) | ~Q(verb=Verb.SEND) & Q(about__isnull=False),
                name="delivery_later_is_about_one",
            ),
            models.CheckConstraint(
                condition=~Q(depends_on=F("pk")) | Q(depends_on=None), name="delivery_follows_another"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at"],
                condition=Q(state__in=[State.SCHEDULED, State.UNCERTAIN]),
                name="delivery_next",
            ),
            models.Index(
                fields=["channel", "next_at"],
                condition=Q(state__in=[State.SCHEDULED, State.UNCERTAIN]),
                name="delivery_next_of_channel",
            ),
            models.Index(
                fields=["lease_until"],
                condition=Q(state__in=[State.CLAIMED, State.SENDING]),
                name="delivery_held",
            ),
            models.Index(fields=["state", "area", "not_after"], name="delivery_state"),
            models.Index(fields=["-due_at", "-id"], name="delivery_newest"),
            models.Index(fields=["recipient"], name="delivery_recipient"),
            models.Index(fields=["planned_id"], name="delivery_planned"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_planned(self) -> bool:
        """Nothing of it can have left yet."""
        return self.state in PLANNED

    @property
    def is_withdrawn(self) -> bool:
        """It was there, and was taken away again."""
        return self.state == State.SENT and self.later.filter(verb=Verb.WITHDRAW, state=State.SENT).exists()

    @property
    def is_intact(self) -> bool:
        """The payload is the one that was frozen."""
        return digest(self.payload) == self.payload_sha256


class Attempt(models.Model):
    """One try, or one look for what became of a try. Written before it begins; once it has ended it never changes."""

    class Kind(models.TextChoices):
        SEND = "send", _("sending")
        LOOK = "look", _("looking for it")
        PERSON = "person", _("a person said")
        REPORT = "report", _("heard from the other side")

    class Outcome(models.TextChoices):
        YES = "yes", _("it is there")
        NO = "no", _("it is not there")
        UNKNOWN = "unknown", _("unknown")

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    #: What nobody saw the end of is unknown.
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default=Outcome.UNKNOWN)
    words = models.CharField(max_length=500, blank=True)
    payload_sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    worker = models.CharField(max_length=200, blank=True)
    began_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["began_at", "pk"]
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        constraints = [
            models.UniqueConstraint(
                fields=["delivery", "number"],
                condition=Q(kind__in=["send", "look"]),
                name="attempt_once_per_claim",
            ),
            models.CheckConstraint(
                condition=Q(outcome="unknown") | Q(ended_at__isnull=False),
                name="attempt_ends_with_an_outcome",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["yes", "no", "unknown"]), name="attempt_known_outcome"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.delivery_id}/{self.number}: {self.outcome}"


class ApprovalRule(models.Model):
    """Messages of a kind, or on a channel, need somebody's approval before they leave."""

    #: Key of a kind of message; empty: any.
    kind = models.CharField(_("kind of message"), max_length=60, blank=True)
    channel = models.ForeignKey(
        Channel,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="approval_rules",
        verbose_name=_("channel"),
    )
    area = models.CharField(_("by whoever holds"), max_length=20, choices=Area.choices)
    level = models.PositiveSmallIntegerField(_("at least"), choices=Level.choices, default=Level.MANAGE)
    #: Not by who asked for it.
    four_eyes = models.BooleanField(_("by somebody else than who wrote it"), default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    history = audit.history()

    class Meta:
        ordering = ["kind", "channel", "pk"]
        verbose_name = _("approval rule")
        verbose_name_plural = _("approval rules")
        constraints = [
            models.UniqueConstraint(fields=["kind", "channel", "area"], name="approvalrule_once"),
            models.UniqueConstraint(
                fields=["kind", "area"], condition=Q(channel=None), name="approvalrule_once_anywhere"
            ),
            models.CheckConstraint(condition=Q(area__in=Area.values), name="approvalrule_known_area"),
            models.CheckConstraint(condition=Q(level__in=Level.values), name="approvalrule_known_level"),
        ]

    def __str__(self) -> str:
        return f"{self.kind or '*'} / {self.channel or '*'}"


class Approval(models.Model):
    """Somebody agreed to exactly this content; other content is another approval."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="approvals")
    rule = models.ForeignKey(ApprovalRule, on_delete=models.CASCADE, related_name="approvals")
    payload_sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        constraints = [
            models.UniqueConstraint(fields=["delivery", "rule", "payload_sha256"], name="approval_once")
        ]

    def __str__(self) -> str:
        return f"{self.by}: {self.delivery_id}"
