"""Forms that people ask with, as rows: what each asks, what an answer fills in, as it was when somebody answered."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from folkmoot.kernel import audit
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
    is_open = models.BooleanField(
        pgettext_lazy("request form", "open"), default=True, help_text=_("Requests can be sent.")
    )
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
