"""Forms of series, pools, templates of posts and cards."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from folkmoot.connectors.base import connectors
from folkmoot.connectors.posts import MEDIUM
from folkmoot.kernel.ui.record_forms import DayInput, RecordForm, WebField
from folkmoot.outbox.public import Channel
from folkmoot.people.public import Tag
from folkmoot.publishing.composing import tags_named
from folkmoot.publishing.forms import rhythms
from folkmoot.publishing.forms.fields import LanguageField, TagsField, zone_choices
from folkmoot.publishing.forms.pictures import PictureField
from folkmoot.publishing.models import Campaign, CardTemplate, PoolItem, PostTemplate, Series, SeriesKind
from folkmoot.publishing.queries.post_lists import possible_owners
from folkmoot.publishing.series import rules
from folkmoot.publishing.series.occasions import occasions


def _channels() -> Any:
    return Channel.objects.filter(medium=MEDIUM, archived_at=None).order_by("name", "pk")


class KindForm(forms.Form):
    """What makes the posts of a new series."""

    kind = forms.ChoiceField(
        label=_("What makes its posts"),
        choices=(
            (SeriesKind.RECURRING, _("A rule of days: one text, such as every Tuesday")),
            (SeriesKind.EVERGREEN, _("A pool that rotates: your texts in turn, such as tips for authors")),
            (SeriesKind.RELATIVE, _("So long after another post: such as a reminder three weeks later")),
            (SeriesKind.TRIGGERED, _("Something that happens: a package is accepted, a release is out")),
        ),
        widget=forms.RadioSelect,
    )


class SeriesForm(RecordForm):
    """A series; only the fields of its kind."""

    channels = forms.ModelMultipleChoiceField(
        Channel.objects.none(),
        label=_("Channels"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Without one its posts are drafts that go nowhere yet."),
    )
    tags = TagsField(label=_("Tags of its posts"), required=False, help_text=_("Separated by commas."))
    how = forms.ChoiceField(label=_("How often"), choices=rhythms.RHYTHMS, widget=forms.RadioSelect)
    days = forms.MultipleChoiceField(
        label=_("On these days"), choices=rhythms.DAYS, required=False, widget=forms.CheckboxSelectMultiple
    )
    zone = forms.ChoiceField(label=_("Time zone"))
    starts = forms.CharField(
        label=_("First time"),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"type": "datetime-local"}),
    )
    languages = forms.CharField(
        label=_("Languages in turn"),
        max_length=100,
        required=False,
        help_text=_("Separated by commas: en, es, fr. Empty: whichever text comes next."),
    )
    occasion = forms.ChoiceField(label=_("When"), required=False)

    class Meta:
        model = Series
        fields = [
            "name",
            "template",
            "occasion",
            "after_tag",
            "after_series",
            "days_after",
            "time",
            "rrule",
            "starts",
            "zone",
            "ends_on",
            "languages",
            "cool_down_days",
            "uses_slots",
            "days_ahead",
            "schedules",
            "campaign",
            "owner",
        ]
        widgets = {"ends_on": DayInput(), "time": forms.TimeInput(attrs={"type": "time"}, format="%H:%M")}

    RULE = ("how", "days", "rrule", "starts", "zone", "ends_on")
    #: By kind the fields that mean something.
    OF_KIND = {
        SeriesKind.RECURRING: ("template", *RULE, "uses_slots"),
        SeriesKind.EVERGREEN: (*RULE, "languages", "cool_down_days", "uses_slots"),
        SeriesKind.RELATIVE: ("template", "after_tag", "after_series", "days_after", "time", "zone"),
        SeriesKind.TRIGGERED: ("template", "occasion", "time", "zone", "uses_slots"),
    }
    ALWAYS = ("name", "channels", "tags", "days_ahead", "schedules", "campaign", "owner")
    folded = ("zone", "ends_on", "days_ahead", "tags", "campaign", "owner")
    field_order = (
        *("name", "template", "occasion", "how", "days", "rrule", "starts", "after_tag", "after_series"),
        *("days_after", "time", "channels", "languages", "cool_down_days", "uses_slots", "schedules"),
    )
    #: What has to be said, and what is said where it is not.
    NEEDED: ClassVar[dict[str, Any]] = {
        "template": _("Choose a text."),
        "occasion": _("Say what sets it off."),
        "how": _("Say how often."),
        "starts": _("Say when it begins."),
        "days_after": _("Say how many days after."),
    }

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = SeriesKind(kind)
        for name in list(self.fields):
            if name not in (*self.ALWAYS, *self.OF_KIND[self.kind], "seen"):
                del self.fields[name]
        shown: Any = self.fields
        shown["channels"].queryset = _channels()
        shown["campaign"].queryset = Campaign.objects.filter(
            Q(archived_at=None) | Q(pk=self.instance.campaign_id)
        ).order_by("name", "pk")
        shown["owner"].queryset = possible_owners(self.instance.owner_id)
        for name, words in self.NEEDED.items():
            if name in shown:
                shown[name].required = True
                shown[name].error_messages["required"] = words
        self._say()
        if "rrule" in shown:
            self._rule()
        if self.instance.pk is not None and not self.is_bound:
            self.initial["channels"] = list(self.instance.channels.values_list("pk", flat=True))
            self.initial["tags"] = list(self.instance.tags.all())
            self.initial["languages"] = ", ".join(self.instance.languages)

    def _say(self) -> None:
        shown: Any = self.fields
        zone = str(self.initial.get("zone") or self.instance.zone)
        helps: dict[str, Any] = {
            "rrule": _(
                "As RFC 5545 writes it (RRULE): FREQ=MONTHLY;BYMONTHDAY=1 is the first day of a month."
            ),
            "starts": _now("On the clock of %(zone)s; another zone stands under More.") % {"zone": zone},
            "time": _("Empty: at the hour of the post it follows, or without a time."),
            "after_tag": _("Choose a tag here, or a series below."),
            "uses_slots": _(
                "Its posts leave at the next free slot of their channels instead of at this time."
            ),
            "schedules": _("Where nobody has to agree to them; else they wait as drafts."),
            "days_ahead": _("So many days before they leave its posts are drafted."),
        }
        for name, words in helps.items():
            if name in shown:
                shown[name].help_text = words
        if "zone" in shown:
            shown["zone"].choices = zone_choices(zone)
        if "after_series" in shown:
            shown["after_series"].queryset = Series.objects.filter(archived_at=None).exclude(
                pk=self.instance.pk
            )
        if "occasion" in shown:
            shown["occasion"].choices = [("", "–"), *((one.key, one.label) for one in occasions)]
        if "template" in shown:
            texts = PostTemplate.objects.filter(Q(archived_at=None) | Q(pk=self.instance.template_id))
            shown["template"].queryset = texts
            if not texts.exists():
                shown["template"].help_text = format_html(
                    '<a href="{}">{}</a>',
                    reverse("publishing:new_template"),
                    _now("There is none yet: add a template first."),
                )

    def _rule(self) -> None:
        shown: Any = self.fields
        how, days = rhythms.read(self.instance.rrule) if self.instance.rrule else ("weekly", [])
        self.initial.update({"how": how, "days": days})
        asked = self.data.get("how") if self.is_bound else None
        shown["days"].required = asked != rhythms.OWN
        shown["days"].error_messages["required"] = _("Choose a day.")
        shown["rrule"].required = asked in (None, rhythms.OWN)
        shown["rrule"].error_messages["required"] = _("Say how often: FREQ=WEEKLY;BYDAY=TU is every Tuesday.")

    def clean(self) -> dict[str, Any]:
        """A usual rhythm becomes its rule; another one is read here already, so that all errors are said at once."""
        values: dict[str, Any] = super().clean() or {}
        how, days = values.get("how"), values.get("days")
        if how and how != rhythms.OWN and days:
            values["rrule"] = rhythms.rule(how, days)
        elif how == rhythms.OWN and values.get("rrule"):
            try:
                rules.checked(values["rrule"])
            except ValidationError as problem:
                self.add_error("rrule", problem)
        return values

    def clean_languages(self) -> list[str]:
        """The languages, in their turn."""
        language = LanguageField()
        return [
            language.clean(one.strip()) for one in self.cleaned_data["languages"].split(",") if one.strip()
        ]

    def parts(self) -> tuple[dict[str, Any], list[Channel], list[Tag]]:
        """What the action takes: values, channels, tags; those that are not there yet are made."""
        values = {
            name: value
            for name, value in self.cleaned_data.items()
            if name not in ("channels", "tags", "how", "days", "seen")
        }
        return (
            {"kind": self.kind, **values},
            list(self.cleaned_data["channels"]),
            tags_named(self.cleaned_data["tags"]),
        )


class ItemForm(RecordForm):
    """A text of a pool."""

    link = WebField(label=_("Link"), max_length=500, required=False)
    language = LanguageField(label=_("Language"), required=False)
    # Fields are taken off the class: ``media`` of a form stays its scripts.
    media = PictureField(label=_("Picture"))  # type: ignore[assignment]

    class Meta:
        model = PoolItem
        fields = ["title", "text", "link", "language", "group", "media", "is_active"]
        widgets = {"text": forms.Textarea(attrs={"rows": 6})}

    folded = ("group", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        helps = {
            "title": _("For lists; no reader sees it."),
            "group": _(
                "Texts that say the same in other languages have one group: only one of them is taken in turn."
            ),
            "is_active": _("Without it the text waits and is not taken."),
        }
        for name, words in helps.items():
            self.fields[name].help_text = words


class TemplateForm(RecordForm):
    """A text with gaps, and other texts for some platforms."""

    tags = TagsField(label=_("Tags of its posts"), required=False, help_text=_("Separated by commas."))
    language = LanguageField(label=_("Language"), required=False)
    occasion = forms.ChoiceField(label=_("For"), required=False, help_text=_("Says which gaps there are."))

    class Meta:
        model = PostTemplate
        fields = ["name", "occasion", "title", "text", "link", "language", "card", "tags"]
        widgets = {"text": forms.Textarea(attrs={"rows": 8})}

    folded: tuple[str, ...] = ("language", "card", "tags")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shown: Any = self.fields
        shown["occasion"].choices = [
            ("", _("any series")),
            *((one.key, one.label) for one in occasions),
        ]
        shown["card"].queryset = CardTemplate.objects.filter(archived_at=None)
        shown["title"].help_text = _("For lists and the calendar; may have gaps.")
        shown["link"].help_text = _("An address, or a gap such as {{ link }}.")
        shown["text"].help_text = _("A line of three dashes begins the next part of a thread.")
        known = (
            {one.platform: one.text for one in self.instance.texts.all()}
            if self.instance.pk is not None
            else {}
        )
        platforms = [
            one for one in sorted(connectors, key=lambda each: str(each.label)) if one.medium == MEDIUM
        ]
        for one in platforms:
            self.fields[f"text_{one.key}"] = forms.CharField(
                label=_now("Other text for %(platform)s") % {"platform": one.label},
                required=False,
                initial=known.get(one.key, ""),
                widget=forms.Textarea(attrs={"rows": 4}),
            )
        self.folded = (*self.folded, *(f"text_{one.key}" for one in platforms))
        if self.instance.pk is not None and not self.is_bound:
            self.initial["tags"] = list(self.instance.tags.all())

    def parts(self) -> tuple[dict[str, Any], dict[str, str], list[Tag]]:
        """What the action takes: values, texts by platform, tags."""
        values = {
            name: value
            for name, value in self.cleaned_data.items()
            if name not in ("tags", "seen") and not name.startswith("text_")
        }
        texts = {
            name.removeprefix("text_"): value
            for name, value in self.cleaned_data.items()
            if name.startswith("text_")
        }
        return values, texts, tags_named(self.cleaned_data["tags"])
