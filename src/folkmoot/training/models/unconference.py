"""An event whose programme those who come make themselves: proposals, votes, rounds, spaces, the grid."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import audit
from folkmoot.kernel.text import fold
from folkmoot.training.models.events import Event, Session

#: What spaces have and proposals need, where nobody says otherwise.
USUAL_NEEDS = ("Projector", "Whiteboard", "Step-free access", "Power sockets", "Online")


def usual_needs() -> list[str]:
    """A list of its own for each unconference."""
    return list(USUAL_NEEDS)


class Phase(models.TextChoices):
    """Where an unconference stands."""

    BEFORE = "before", _("opens later")
    PROPOSING = "proposing", _("collecting proposals")
    VOTING = "voting", _("voting")
    PLANNING = "planning", _("planning")
    RUNNING = "running", _("running")
    OVER = "over", _("over")


class WhoVotes(models.TextChoices):
    """Who may vote."""

    ANYBODY = "anybody", _("everybody who opens the page")
    KNOWN = "known", _("who is signed in, or registered for the event")


class Unconference(models.Model):
    """What makes an event an unconference.

    The phase follows from its moments and is reckoned when it is read; :attr:`phase_by_hand` goes before them.
    Proposals and votes may be open at the same time.
    """

    event = models.OneToOneField(Event, on_delete=models.CASCADE, related_name="unconference")
    intro = models.TextField(_("what people read before they propose"), blank=True, help_text=_("Markdown."))
    phase_by_hand = models.CharField(_("phase"), max_length=10, choices=Phase.choices, blank=True, default="")
    proposals_open_at = models.DateTimeField(_("proposals from"), null=True, blank=True)
    proposals_close_at = models.DateTimeField(_("proposals until"), null=True, blank=True)
    votes_open_at = models.DateTimeField(_("votes from"), null=True, blank=True)
    votes_close_at = models.DateTimeField(_("votes until"), null=True, blank=True)
    votes_each = models.PositiveSmallIntegerField(
        _("votes for each"),
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("How many proposals somebody can choose."),
    )
    who_votes = models.CharField(
        _("who votes"), max_length=8, choices=WhoVotes.choices, default=WhoVotes.ANYBODY
    )
    is_moderated = models.BooleanField(
        _("look at proposals first"),
        default=False,
        help_text=_("What somebody proposes from outside is shown when you have let it in."),
    )
    #: What spaces may have and proposals may need.
    needs = models.JSONField(_("what sessions may need"), default=usual_needs, blank=True)
    #: When the grid was published for the first time; empty: nobody sees it.
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    #: The grid differs from what is published: it was planned anew since.
    is_draft = models.BooleanField(default=True, editable=False)
    #: What the last plan did: when, in how many seconds, whether it is proven, and what was there before it.
    plan = models.JSONField(default=dict, blank=True, editable=False)
    #: Counts what the board shows; phones ask whether it has changed.
    revision = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    history = audit.history(excluded_fields=["plan", "revision"])

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("unconference")
        verbose_name_plural = _("unconferences")
        constraints = [
            models.CheckConstraint(
                condition=Q(proposals_open_at=None)
                | Q(proposals_close_at=None)
                | Q(proposals_close_at__gt=F("proposals_open_at")),
                name="unconference_proposals_in_order",
            ),
            models.CheckConstraint(
                condition=Q(votes_open_at=None)
                | Q(votes_close_at=None)
                | Q(votes_close_at__gt=F("votes_open_at")),
                name="unconference_votes_in_order",
            ),
        ]

    def __str__(self) -> str:
        return str(self.event)

    def phase(self, now: dt.datetime) -> Phase:
        """Where it stands at a moment; the event is read beforehand."""
        if self.phase_by_hand:
            return Phase(self.phase_by_hand)
        event = self.event
        if event.ends_at is not None and event.ends_at <= now:
            return Phase.OVER
        if self.published_at is not None and event.starts_at is not None and event.starts_at <= now:
            return Phase.RUNNING
        if self.takes_votes(now):
            return Phase.VOTING
        if self.takes_proposals(now):
            return Phase.PROPOSING
        later = (self.proposals_open_at, self.votes_open_at)
        return Phase.BEFORE if any(at is not None and at > now for at in later) else Phase.PLANNING

    def takes_proposals(self, now: dt.datetime) -> bool:
        """Somebody can propose now; without a moment they can from the start."""
        if self.phase_by_hand:
            return self.phase_by_hand == Phase.PROPOSING
        if self.event.ends_at is not None and self.event.ends_at <= now:
            return False
        opens, closes = self.proposals_open_at, self.proposals_close_at
        return (opens is None or opens <= now) and (closes is None or now < closes)

    def takes_votes(self, now: dt.datetime) -> bool:
        """Somebody can vote now; without a moment when that begins nobody can."""
        if self.phase_by_hand:
            return self.phase_by_hand == Phase.VOTING
        if self.event.ends_at is not None and self.event.ends_at <= now:
            return False
        opens, closes = self.votes_open_at, self.votes_close_at
        return opens is not None and opens <= now and (closes is None or now < closes)


class Round(models.Model):
    """From when to when sessions are, all at the same time, or a break."""

    class Kind(models.TextChoices):
        """What happens in it."""

        TALK = "talk", _("sessions")
        BREAK = "break", _("break")

    unconference = models.ForeignKey(Unconference, on_delete=models.CASCADE, related_name="rounds")
    title = models.CharField(_("title"), max_length=120, blank=True, help_text=_("Lunch, Opening, Round 1."))
    kind = models.CharField(_("what"), max_length=5, choices=Kind.choices, default=Kind.TALK)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"))

    history = audit.history()

    class Meta:
        ordering = ["unconference", "starts_at", "pk"]
        verbose_name = _("round")
        verbose_name_plural = _("rounds")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="unconferenceround_ends_after_it_starts"
            )
        ]

    def __str__(self) -> str:
        return self.title or str(self.get_kind_display())


class Space(models.Model):
    """Where sessions are: a room, a table, an online room."""

    unconference = models.ForeignKey(Unconference, on_delete=models.CASCADE, related_name="spaces")
    name = models.CharField(_("name"), max_length=120)
    seats = models.PositiveIntegerField(
        _("seats"), null=True, blank=True, help_text=_("Empty: as many as come.")
    )
    url = models.URLField(_("online address"), max_length=500, blank=True)
    #: Of the unconference's needs.
    has = models.JSONField(_("what it has"), default=list, blank=True)
    order = models.PositiveSmallIntegerField(_("place in lists"), default=0)

    history = audit.history()

    class Meta:
        ordering = ["unconference", "order", "pk"]
        verbose_name = _("space")
        verbose_name_plural = _("spaces")
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="unconferencespace_has_a_name"),
            models.UniqueConstraint(fields=["unconference", "name"], name="unconferencespace_once"),
        ]

    def __str__(self) -> str:
        return self.name


class ProposalState(models.TextChoices):
    """Whether a proposal counts."""

    UNPROVEN = "unproven", _("waits for a click in a mail")
    WAITING = "waiting", _("waits to be let in")
    OPEN = "open", _("shown")
    HIDDEN = "hidden", _("hidden")
    WITHDRAWN = "withdrawn", _("withdrawn")
    MERGED = "merged", _("part of another")


class Format(models.TextChoices):
    """How a session is held."""

    DISCUSSION = "discussion", _("discussion")
    TALK = "talk", _("talk")
    WORKSHOP = "workshop", _("workshop")
    DEMO = "demo", _("demonstration")
    HELP = "help", _("people help each other")
    SOCIAL = "social", _("being together")
    OTHER = "other", _("something else")


class Proposal(models.Model):
    """A session that somebody would like to have: a title is enough."""

    unconference = models.ForeignKey(Unconference, on_delete=models.CASCADE, related_name="proposals")
    title = models.CharField(_("title"), max_length=200)
    folded = models.CharField(max_length=200, editable=False)
    description = models.TextField(_("what it is about"), blank=True, help_text=_("Markdown."))
    format = models.CharField(_("format"), max_length=10, choices=Format.choices, blank=True, default="")
    leader = models.ForeignKey(
        "people.Person",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="led_sessions",
        verbose_name=_("who leads it, of the register"),
    )
    #: As everybody reads it.
    leader_name = models.CharField(_("who leads it"), max_length=200, blank=True)
    #: Of the unconference's needs.
    needs = models.JSONField(_("what it needs"), default=list, blank=True)
    expected = models.PositiveIntegerField(
        _("how many may come"), null=True, blank=True, validators=[MaxValueValidator(100_000)]
    )
    #: Numbers of rounds at which it cannot be.
    away = models.JSONField(_("not in these rounds"), default=list, blank=True)
    notes_url = models.URLField(_("address of the notes"), max_length=500, blank=True)
    state = models.CharField(
        _("state"), max_length=9, choices=ProposalState.choices, default=ProposalState.OPEN
    )
    hidden_because = models.CharField(_("why it is hidden"), max_length=300, blank=True)
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="merged",
        verbose_name=_("part of"),
    )
    session = models.OneToOneField(
        Session, on_delete=models.SET_NULL, null=True, blank=True, related_name="proposal", editable=False
    )
    #: Whose idea it is: their record, once they have proven their address or where they are signed in.
    person = models.ForeignKey(
        "people.Person",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="proposals",
        verbose_name=_("proposed by"),
    )
    proposer_name = models.CharField(_("name"), max_length=200, blank=True)
    email = models.EmailField(_("e-mail"), max_length=320, blank=True)
    email_folded = models.CharField(max_length=320, blank=True, editable=False)
    #: The language they read, for mails.
    language = models.CharField(max_length=12, default="en", editable=False)
    proposed_at = models.DateTimeField(default=timezone.now, editable=False)
    proven_at = models.DateTimeField(null=True, blank=True, editable=False)
    #: The place that its proposer was told last: "round:space"; "-": that it has none any more.
    told = models.CharField(max_length=50, blank=True, editable=False)
    source = models.CharField(max_length=60, default="folkmoot", editable=False)
    external_id = models.CharField(max_length=320, blank=True, editable=False)

    history = audit.history(excluded_fields=["folded", "email_folded", "session", "told"])

    class Meta:
        ordering = ["unconference", "-proposed_at", "-pk"]
        verbose_name = _("proposal for a session")
        verbose_name_plural = _("proposals for sessions")
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="proposal_has_a_title"),
            models.CheckConstraint(
                condition=~Q(state="hidden") | ~Q(hidden_because=""), name="proposal_hidden_with_reason"
            ),
            models.UniqueConstraint(
                fields=["source", "external_id"], condition=~Q(external_id=""), name="proposal_once"
            ),
        ]
        indexes = [models.Index(fields=["unconference", "state"], name="proposal_state")]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.folded = fold(self.title)[:200]
        self.email_folded = fold(self.email)[:320]
        super().save(*args, **kwargs)


class Placement(models.Model):
    """Where a proposal is in the grid."""

    proposal = models.OneToOneField(Proposal, on_delete=models.CASCADE, related_name="placement")
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="placements")
    space = models.ForeignKey(Space, on_delete=models.PROTECT, related_name="placements")
    is_pinned = models.BooleanField(_("stays there"), default=False)
    #: It does not take place; its place is free, and the board says so.
    is_cancelled = models.BooleanField(_("cancelled"), default=False)
    #: Where it was before, as people were told; empty: it has not moved since the grid was published.
    moved_from = models.CharField(max_length=200, blank=True, editable=False)
    #: It came after the grid was published.
    is_late = models.BooleanField(default=False, editable=False)

    history = audit.history(excluded_fields=["moved_from", "is_late"])

    class Meta:
        ordering = ["round", "space", "pk"]
        verbose_name = _("place in a grid")
        verbose_name_plural = _("places in a grid")
        constraints = [
            models.UniqueConstraint(
                fields=["round", "space"], condition=Q(is_cancelled=False), name="placement_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.proposal_id}: {self.round_id}/{self.space_id}"


class Voter(models.Model):
    """Somebody with one set of votes: a person of the register, a user without a record, or a browser."""

    unconference = models.ForeignKey(Unconference, on_delete=models.CASCADE, related_name="voters")
    person = models.ForeignKey(
        "people.Person", on_delete=models.CASCADE, null=True, blank=True, related_name="session_votes"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="session_votes",
    )
    #: Of what stands in the signed cookie of a browser (SHA-256, hexadecimal).
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["unconference", "pk"]
        verbose_name = _("voter")
        verbose_name_plural = _("voters")
        constraints = [
            models.UniqueConstraint(
                fields=["unconference", "person"],
                condition=Q(person__isnull=False),
                name="voter_once_as_a_person",
            ),
            models.UniqueConstraint(
                fields=["unconference", "user"], condition=Q(user__isnull=False), name="voter_once_as_a_user"
            ),
            models.UniqueConstraint(
                fields=["unconference", "digest"], condition=~Q(digest=""), name="voter_once_as_a_browser"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Vote(models.Model):
    """That a voter would like to come to a proposal. Nobody is shown whose it is."""

    voter = models.ForeignKey(Voter, on_delete=models.CASCADE, related_name="votes")
    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="votes")
    voted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["voter", "pk"]
        verbose_name = _("vote for a session")
        verbose_name_plural = _("votes for sessions")
        constraints = [models.UniqueConstraint(fields=["voter", "proposal"], name="vote_once")]

    def __str__(self) -> str:
        return f"{self.voter_id}: {self.proposal_id}"
