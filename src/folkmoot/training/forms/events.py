"""Forms about one event."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from folkmoot.kernel import clock
from folkmoot.kernel.community import Community
from folkmoot.kernel.ui.record_forms import DayInput, RecordForm, TimeInput, WebField
from folkmoot.people.public import (
    OrganizationField,
    TagsField,
    add_tag,
    country_choices,
    country_name,
    zone_choices,
)
from folkmoot.training.forms.fields import LanguagesField, MomentField, ProjectsField, moment
from folkmoot.training.models import CertificatePattern, Curriculum, Event, EventKind, Programme
from folkmoot.training.queries.lists import possible_owners
from folkmoot.training.rounds import KNOWN, how_many

_MOMENTS = ("registration_opens_at", "registration_closes_at")
_ROWS: dict[str, Any] = {
    "kind": EventKind,
    "programme": Programme,
    "certificate": CertificatePattern,
}


def community_zone() -> str:
    """The IANA zone of the community; UTC where none is set."""
    return Community.current().time_zone or "UTC"


class EventForm(RecordForm):
    """What is said of an event."""

    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"), help_text=gettext_lazy("Of the place; its days and times are in it.")
    )
    country = forms.ChoiceField(label=gettext_lazy("Country"), required=False)
    host = OrganizationField(
        label=gettext_lazy("Host"),
        required=False,
        help_text=gettext_lazy("An organisation of the register: whose rooms, or who invites."),
    )
    organizer = OrganizationField(label=gettext_lazy("Organiser"), required=False)
    languages = LanguagesField(
        label=gettext_lazy("Languages"), required=False, help_text=gettext_lazy("As codes: en, es, pt-BR.")
    )
    lessons = ProjectsField(
        label=gettext_lazy("Lessons"),
        required=False,
        help_text=gettext_lazy("Names of lessons of the register, separated by commas."),
    )
    tags = TagsField(
        label=gettext_lazy("Tags"), required=False, help_text=gettext_lazy("Separated by commas.")
    )
    registration_url = WebField(label=gettext_lazy("Address for signing up"), max_length=500, required=False)
    website = WebField(label=gettext_lazy("Website"), max_length=500, required=False)
    repository = WebField(label=gettext_lazy("Repository"), max_length=500, required=False)
    registration_opens_at = MomentField(
        label=gettext_lazy("Signing up opens"),
        required=False,
        help_text=gettext_lazy("In the time zone of the event. Empty: once it is announced."),
    )
    registration_closes_at = MomentField(
        label=gettext_lazy("Signing up closes"),
        required=False,
        help_text=gettext_lazy("In the time zone of the event. Empty: when it begins."),
    )

    tell = forms.BooleanField(
        required=False,
        help_text=gettext_lazy(
            "By mail, with a file that moves it in their calendars; only if days, times or place are others now."
        ),
    )

    folded = (
        "slug",
        "summary",
        "programme",
        "curricula",
        "lessons",
        "languages",
        "organizer",
        "address",
        "latitude",
        "longitude",
        "open_seats",
        "registration_opens_at",
        "registration_closes_at",
        "registration_note",
        "website",
        "repository",
        "contact",
        "accommodations",
        "certificate",
        "attendance",
        "tags",
        "visibility",
        "owner",
    )

    class Meta:
        model = Event
        fields: ClassVar[list[str]] = [
            "title",
            "kind",
            "starts_on",
            "ends_on",
            "starts_time",
            "ends_time",
            "time_zone",
            "is_online",
            "venue",
            "city",
            "country",
            "host",
            "capacity",
            "registration_by",
            "registration_url",
            "description",
            "slug",
            "summary",
            "programme",
            "curricula",
            "lessons",
            "languages",
            "organizer",
            "address",
            "latitude",
            "longitude",
            "registration_opens_at",
            "registration_closes_at",
            "registration_note",
            "website",
            "repository",
            "contact",
            "accommodations",
            "certificate",
            "attendance",
            "tags",
            "visibility",
            "owner",
        ]
        widgets: ClassVar[dict[str, Any]] = {
            "starts_time": TimeInput(),
            "ends_time": TimeInput(),
            "summary": forms.TextInput(),
            "description": forms.Textarea(attrs={"rows": 6}),
            "registration_note": forms.Textarea(attrs={"rows": 3}),
            "accommodations": forms.Textarea(attrs={"rows": 3}),
            "curricula": forms.CheckboxSelectMultiple(),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        row = self.instance
        fields["slug"].required = False
        fields["slug"].help_text = _("In its address. Empty: made of its day and title.")
        home = community_zone()
        fields["time_zone"].choices = zone_choices(row.time_zone if row.pk else home, home)
        fields["country"].choices = _countries(row.country)
        for name, model in _ROWS.items():
            chosen = getattr(row, f"{name}_id")
            fields[name].queryset = model.objects.filter(Q(is_archived=False) | Q(pk=chosen))
        fields["programme"].empty_label = fields["certificate"].empty_label = _("none")
        fields["kind"].empty_label = None
        used = Q(is_archived=False) | (Q(events=row) if row.pk else Q(pk=None))
        fields["curricula"].queryset = Curriculum.objects.filter(used).distinct()
        fields["owner"].queryset = possible_owners(row.owner_id)
        fields["owner"].empty_label = _("nobody")
        for name in _MOMENTS:
            fields[name].zone = row.time_zone if row.time_zone in clock.zones() else "UTC"
        if row.pk is not None:
            self.initial["lessons"] = list(row.lessons.all())
            self.initial["tags"] = list(row.tags.all())
        else:
            given = kwargs.get("initial") or {}
            self.initial["time_zone"] = given.get("time_zone") or home
            for name in ("lessons", "tags"):
                self.initial[name] = given.get(name, [])
        if not fields["curricula"].queryset.exists():
            del self.fields["curricula"]
        self._ask_about_telling()

    def _ask_about_telling(self) -> None:
        """Where somebody takes part who knows of it, they can be told what changes."""
        known = self.instance.pk is not None and self.instance.status in KNOWN
        number = how_many(self.instance) if known else 0
        if not number:
            del self.fields["tell"]
            return
        words = ngettext(
            "Tell the %(n)d person who takes part", "Tell the %(n)d people who take part", number
        )
        self.fields["tell"].label = words % {"n": number}
        names = list(self.fields)
        names.remove("tell")
        names.insert(names.index("description"), "tell")
        self.order_fields(names)

    def values(self) -> dict[str, Any]:
        """What the action takes; tags by the names that were typed are made where they are missing."""
        values = super().values()
        #: Whoever takes part is to be told what changed.
        self.tells: bool = values.pop("tell", False)
        zone = values["time_zone"]
        for name in _MOMENTS:
            values[name] = moment(values[name], zone)
        values["tags"] = [add_tag(name=name, actor=None) for name in values["tags"]]
        if self.instance.pk is None:
            if values["owner"] is None:
                del values["owner"]
        elif not values["slug"]:
            values["slug"] = self.instance.slug
        return values


def _countries(current: str) -> list[tuple[str, str]]:
    known = country_choices()
    extra = [(current, country_name(current))] if current and current not in dict(known) else []
    return [("", _("not known")), *extra, *known]


class ReasonForm(forms.Form):
    """Why an event is cancelled or does not move."""

    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=300,
        help_text=gettext_lazy("Those who take part are told; it stands on the page of the event."),
    )


class StallForm(forms.Form):
    """Why an event does not move."""

    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=300,
        help_text=gettext_lazy("For example: the host has not answered since June."),
    )


class DuplicateForm(forms.Form):
    """Another event like this one, on another day."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    starts_on = forms.DateField(
        label=gettext_lazy("First day"),
        widget=DayInput(),
        required=False,
        help_text=gettext_lazy("Sessions and the end move along. Empty: no day yet."),
    )
    with_people = forms.BooleanField(
        label=gettext_lazy("With those who teach, help, host and organise"),
        required=False,
        help_text=gettext_lazy("They are asked again: their parts stand as “asked”."),
    )


class OwnerForm(forms.Form):
    """Whose events are."""

    owner = forms.ModelChoiceField(
        possible_owners(), label=gettext_lazy("Whose"), required=False, empty_label=gettext_lazy("nobody")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["owner"].queryset = possible_owners()
