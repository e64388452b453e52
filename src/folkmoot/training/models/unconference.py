"""What people propose, vote for, and where it takes place."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import audit
from folkmoot.training.models.events import Event, Session


class Space(models.Model):
    """A room, table or online room in which sessions of an event take place."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="spaces")
    name = models.CharField(_("name"), max_length=120)
    capacity = models.PositiveIntegerField(_("places"), null=True, blank=True)
    position = models.PositiveSmallIntegerField(_("place in lists"), default=0)

    history = audit.history()

    class Meta:
        ordering = ["event", "position", "pk"]
        verbose_name = _("room")
        verbose_name_plural = _("rooms")
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="space_has_a_name"),
            models.UniqueConstraint(fields=["event", "name"], name="space_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Round(models.Model):
    """A stretch of time in which sessions run side by side."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="rounds")
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"))

    history = audit.history()

    class Meta:
        ordering = ["event", "starts_at", "pk"]
        verbose_name = _("round")
        verbose_name_plural = _("rounds")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="round_ends_after_it_starts"
            ),
            models.UniqueConstraint(fields=["event", "starts_at"], name="round_once"),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M}"


class Proposal(models.Model):
    """A session that somebody would like to happen; a title is enough."""

    class State(models.TextChoices):
        """Whether it stands for the vote."""

        OPEN = "open", _("proposed")
        PLACED = "placed", _("placed")
        WITHDRAWN = "withdrawn", _("withdrawn")

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="proposals")
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("description"), blank=True, help_text=_("Markdown."))
    person = models.ForeignKey(
        "people.Person",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="proposals",
        verbose_name=_("proposed by"),
    )
    #: Who proposed it, where they have no record here.
    name = models.CharField(_("name"), max_length=200, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    round = models.ForeignKey(
        Round, on_delete=models.SET_NULL, null=True, blank=True, related_name="proposals"
    )
    space = models.ForeignKey(
        Space, on_delete=models.SET_NULL, null=True, blank=True, related_name="proposals"
    )
    #: A grid reckoned anew leaves it where somebody put it.
    is_fixed = models.BooleanField(_("stays where it is"), default=False)
    session = models.OneToOneField(
        Session, on_delete=models.SET_NULL, null=True, blank=True, related_name="proposal"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    history = audit.history(excluded_fields=["updated_at"])

    class Meta:
        ordering = ["event", "created_at", "pk"]
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="proposal_has_a_title"),
            models.UniqueConstraint(
                fields=["round", "space"],
                condition=Q(round__isnull=False, space__isnull=False),
                name="proposal_one_in_a_room_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(round=None, space=None) | Q(round__isnull=False, space__isnull=False),
                name="proposal_has_round_and_room",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Vote(models.Model):
    """Somebody would come to a session. A signal, not binding."""

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="votes")
    #: Who, as the browser's own random token says it (hashed); one phone, one vote.
    voter = models.CharField(max_length=64, editable=False)
    voted_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["proposal", "pk"]
        verbose_name = _("vote")
        verbose_name_plural = _("votes")
        constraints = [models.UniqueConstraint(fields=["proposal", "voter"], name="vote_once")]

    def __str__(self) -> str:
        return f"{self.proposal_id}"
