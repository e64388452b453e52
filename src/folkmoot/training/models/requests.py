"""What people ask for with forms that are rows: a workshop, a place in a training, an answer."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import audit
from folkmoot.kernel.text import fold
from folkmoot.training.models.events import Event
from folkmoot.training.models.parts import Task
from folkmoot.training.models.programmes import EventKind, Programme


class Outcome(models.TextChoices):
    """What becomes of a request that is accepted."""

    EVENT = "event", _("an event is planned")
    TRAINING = "training", _("a place in a training")
    INQUIRY = "inquiry", _("an answer, nothing else")


class RequestForm(models.Model):
    """A form with which everybody can ask for something."""

    slug = models.SlugField(_("short name"), max_length=60, unique=True, help_text=_("In its address."))
    title = models.CharField(_("title"), max_length=200)
    intro = models.TextField(_("what people read first"), blank=True, help_text=_("Markdown."))
    landing = models.TextField(
        _("what people read when they have sent it"), blank=True, help_text=_("Markdown.")
    )
    outcome = models.CharField(
        _("what comes of it"), max_length=10, choices=Outcome.choices, default=Outcome.INQUIRY
    )
    kind = models.ForeignKey(
        EventKind,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="request_forms",
        verbose_name=_("kind of event"),
        help_text=_("Of the event that is planned, or of the trainings people get a place in."),
    )
    programme = models.ForeignKey(
        Programme,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="request_forms",
        verbose_name=_("programme"),
    )
    is_listed = models.BooleanField(
        _("listed for everybody"),
        default=True,
        help_text=_("Otherwise only who knows its address finds it."),
    )
    is_open = models.BooleanField(_("open"), default=True, help_text=_("Requests can be sent."))
    opens_at = models.DateTimeField(_("opens"), null=True, blank=True)
    closes_at = models.DateTimeField(_("closes"), null=True, blank=True)
    #: Codes of BCP 47: in which languages an answer can be expected.
    languages = models.JSONField(_("languages"), default=list, blank=True)
    contact = models.EmailField(
        _("contact"), max_length=320, blank=True, help_text=_("Answers to its mails go there.")
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="request_forms",
        verbose_name=_("whose it is"),
        help_text=_("They are told of each request that comes in."),
    )
    answer_days = models.PositiveSmallIntegerField(
        _("days to a decision"),
        default=7,
        help_text=_("Today tells of requests that wait for longer."),
    )
    order = models.PositiveSmallIntegerField(_("place in lists"), default=100)
    is_archived = models.BooleanField(_("archived"), default=False)

    history = audit.history()

    class Meta:
        ordering = ["order", "title", "pk"]
        verbose_name = _("form for requests")
        verbose_name_plural = _("forms for requests")
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="requestform_has_a_title"),
            models.CheckConstraint(
                condition=Q(opens_at=None) | Q(closes_at=None) | Q(closes_at__gt=F("opens_at")),
                name="requestform_closes_after_it_opens",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="event") | Q(kind__isnull=False), name="requestform_event_has_a_kind"
            ),
            models.CheckConstraint(condition=Q(answer_days__gte=1), name="requestform_answers_some_day"),
        ]

    def __str__(self) -> str:
        return self.title


class FieldKind(models.TextChoices):
    """How a field of a form is answered."""

    LINE = "line", _("a line")
    TEXT = "text", _("a text")
    EMAIL = "email", _("an e-mail address")
    ONE = "one", _("one of several")
    SOME = "some", _("any of several")
    YES = "yes", _("yes or no")
    AGREE = "agree", _("an agreement to tick")
    NUMBER = "number", _("a number")
    DAY = "day", _("a day")
    DAYS = "days", _("from a day to a day")
    COUNTRY = "country", _("a country")
    LANGUAGES = "languages", _("languages")
    CURRICULA = "curricula", _("curricula")
    ORGANIZATION = "organization", _("an organisation")
    URL = "url", _("the address of a page")
    CODE = "code", _("a member code")
    FILE = "file", _("a file")
    HEADING = "heading", _("nothing: a heading")


#: Fields that have choices.
CHOICES = (FieldKind.ONE, FieldKind.SOME)


class Fills(models.TextChoices):
    """What of an event or a person an answer says; it is filled in when the request is accepted."""

    TITLE = "title", _("title")
    SUMMARY = "summary", _("in one line")
    DESCRIPTION = "description", _("description")
    DAYS = "days", _("days")
    STARTS_ON = "starts_on", _("first day")
    ENDS_ON = "ends_on", _("last day")
    COUNTRY = "country", _("country")
    CITY = "city", _("city")
    VENUE = "venue", _("venue")
    ADDRESS = "address", _("address")
    ONLINE = "is_online", _("online")
    LANGUAGES = "languages", _("languages")
    CURRICULA = "curricula", _("curricula")
    HOST = "host", _("host")
    CAPACITY = "capacity", _("places")
    WEBSITE = "website", _("website")
    CONTACT = "contact", _("contact")
    CODE = "code", _("member code")


class FormField(models.Model):
    """Something that a form asks."""

    form = models.ForeignKey(RequestForm, on_delete=models.CASCADE, related_name="fields")
    #: By which answers, files and rules name it; it never changes.
    key = models.SlugField(_("short name"), max_length=60)
    label = models.CharField(_("question"), max_length=300)
    help = models.CharField(_("explanation"), max_length=1000, blank=True)
    kind = models.CharField(
        _("answered by"), max_length=12, choices=FieldKind.choices, default=FieldKind.LINE
    )
    choices = models.JSONField(_("choices"), default=list, blank=True)
    is_required = models.BooleanField(_("must be answered"), default=False)
    position = models.PositiveSmallIntegerField(_("place"), default=0)
    #: The key of the field whose answer decides whether this one is asked; empty: it always is.
    shown_when = models.SlugField(_("asked only when"), max_length=60, blank=True)
    #: What that answer must be, or hold: a choice, or ``yes``.
    shown_value = models.CharField(_("is answered with"), max_length=200, blank=True)
    fills = models.CharField(_("fills in"), max_length=12, choices=Fills.choices, blank=True)
    #: Asked no more; answers that were given stay.
    is_archived = models.BooleanField(_("not asked any more"), default=False)

    history = audit.history()

    class Meta:
        ordering = ["form", "position", "pk"]
        verbose_name = _("field of a form")
        verbose_name_plural = _("fields of forms")
        constraints = [
            models.CheckConstraint(condition=~Q(label=""), name="formfield_asks_something"),
            models.CheckConstraint(condition=~Q(key=""), name="formfield_has_a_key"),
            models.UniqueConstraint(fields=["form", "key"], name="formfield_once"),
            models.CheckConstraint(
                condition=Q(shown_when="", shown_value="") | (~Q(shown_when="") & ~Q(shown_value="")),
                name="formfield_condition_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.label


class FormVersion(models.Model):
    """What a form asked at some time, word for word, so that answers stay readable whatever is edited later."""

    form = models.ForeignKey(RequestForm, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    #: For each field in its order: key, label, help, kind, choices (value and label).
    fields = models.JSONField(default=list)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["form", "number"]
        verbose_name = _("version of a form")
        verbose_name_plural = _("versions of forms")
        constraints = [models.UniqueConstraint(fields=["form", "number"], name="formversion_once")]

    def __str__(self) -> str:
        return f"{self.form} {self.number}"


class RequestState(models.TextChoices):
    """Where a request stands."""

    DRAFT = "draft", _("draft")
    UNPROVEN = "unproven", _("waits for a click in a mail")
    PENDING = "pending", _("waits for a decision")
    ACCEPTED = "accepted", _("accepted")
    DISCARDED = "discarded", _("discarded")
    WITHDRAWN = "withdrawn", _("withdrawn")


#: Requests that have reached those who decide.
RECEIVED = (
    RequestState.PENDING,
    RequestState.ACCEPTED,
    RequestState.DISCARDED,
    RequestState.WITHDRAWN,
)


class Request(models.Model):
    """What somebody asked for with a form.

    Only a click in a mail proves the address; then the request is received, and belongs to the record of the register
    that has this address, where there is one.
    """

    form = models.ForeignKey(RequestForm, on_delete=models.PROTECT, related_name="requests")
    version = models.ForeignKey(FormVersion, on_delete=models.PROTECT, related_name="requests")
    state = models.CharField(
        _("state"), max_length=10, choices=RequestState.choices, default=RequestState.DRAFT
    )
    name = models.CharField(_("name"), max_length=200, blank=True)
    email = models.EmailField(_("e-mail"), max_length=320, blank=True)
    email_folded = models.CharField(max_length=320, blank=True, editable=False)
    #: By key of the field: text, list of texts, number, true and false, days as ISO writes them.
    answers = models.JSONField(_("answers"), default=dict, blank=True)
    person = models.ForeignKey(
        "people.Person",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="requests",
        verbose_name=_("person"),
    )
    organization = models.ForeignKey(
        "people.Organization",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="requests",
        verbose_name=_("organisation"),
    )
    #: As it was typed.
    organization_name = models.CharField(_("organisation as written"), max_length=300, blank=True)
    # What answers say, beside, for lists and for finding duplicates.
    country = models.CharField(_("country"), max_length=2, blank=True)
    starts_on = models.DateField(_("first day"), null=True, blank=True)
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    member_code = models.CharField(_("member code"), max_length=100, blank=True)

    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="requests",
        verbose_name=_("whose it is"),
    )
    event = models.ForeignKey(
        Event,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="requests",
        verbose_name=_("event"),
    )
    #: The learner's part that an application became.
    task = models.OneToOneField(
        Task, on_delete=models.SET_NULL, null=True, blank=True, related_name="request"
    )
    reason = models.CharField(_("why"), max_length=300, blank=True)
    score_auto = models.IntegerField(_("points by the rules"), null=True, blank=True)
    #: What each rule gave: ``[{"rule": number, "label": …, "points": …, "why": …}]``.
    score_reasons = models.JSONField(default=list, blank=True)
    score_manual = models.IntegerField(_("points by hand"), null=True, blank=True)
    score_notes = models.TextField(_("note on the points"), blank=True)
    #: The request that this one is the same as; it is laid aside then.
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged"
    )
    #: The language they read, for mails.
    language = models.CharField(max_length=12, default="en")
    started_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    proven_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(_("received"), null=True, blank=True)
    #: Until when it should be decided, as its form says.
    due_at = models.DateTimeField(_("decided until"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    source = models.CharField(max_length=60, default="folkmoot", editable=False)
    external_id = models.CharField(max_length=320, blank=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    history = audit.history(
        excluded_fields=["email_folded", "score_auto", "score_reasons", "due_at", "updated_at"],
    )

    class Meta:
        ordering = ["-received_at", "-pk"]
        verbose_name = _("request")
        verbose_name_plural = _("requests")
        constraints = [
            models.CheckConstraint(condition=Q(state="draft") | ~Q(name=""), name="request_has_a_name"),
            models.CheckConstraint(condition=Q(state="draft") | ~Q(email=""), name="request_has_an_address"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "unproven"]) | Q(received_at__isnull=False),
                name="request_received_first",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["accepted", "discarded", "withdrawn"]) | Q(decided_at__isnull=False),
                name="request_decided_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("pk")), name="request_not_merged_into_itself"
            ),
            models.UniqueConstraint(
                fields=["source", "external_id"],
                condition=~Q(external_id=""),
                name="request_once_per_source",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-received_at"], name="request_state"),
            models.Index(fields=["email_folded"], name="request_email"),
            models.Index(fields=["organization", "starts_on"], name="request_place"),
            models.Index(fields=["updated_at"], name="request_updated"),  # for updated_since of the API
        ]

    def __str__(self) -> str:
        return f"{self.form}: {self.name or self.email}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email_folded = fold(self.email)[:320]
        super().save(*args, **kwargs)

    @property
    def score(self) -> int | None:
        """The points that count: those by hand where there are some."""
        return self.score_auto if self.score_manual is None else self.score_manual


class RequestFile(models.Model):
    """A file that came with a request."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="files")
    #: The key of the field.
    field = models.SlugField(max_length=60)
    name = models.CharField(_("name"), max_length=200)
    #: As its content says, whatever its name does.
    type = models.CharField(_("type"), max_length=100)
    size = models.PositiveIntegerField(_("size"))
    #: Its path in the storage.
    path = models.CharField(max_length=300)
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["request", "pk"]
        verbose_name = _("file of a request")
        verbose_name_plural = _("files of requests")
        constraints = [models.UniqueConstraint(fields=["request", "field"], name="requestfile_once")]

    def __str__(self) -> str:
        return self.name


class RequestNote(models.Model):
    """What somebody wrote down about a request, for the others who run training."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="notes")
    body = models.TextField(_("note"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    history = audit.history()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("note about a request")
        verbose_name_plural = _("notes about requests")
        constraints = [models.CheckConstraint(condition=~Q(body=""), name="requestnote_says_something")]

    def __str__(self) -> str:
        return self.body[:60]
