"""What is said of a post beside its texts, and forms about several posts at once."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel.ui.record_forms import DayInput, MomentInput, RecordForm, TimeInput, WebField
from folkmoot.publishing.forms.fields import (
    LanguageField,
    OrganizationField,
    PeopleField,
    ProjectField,
    TagsField,
    zone_choices,
)
from folkmoot.publishing.models import Campaign, Post
from folkmoot.publishing.queries.post_lists import possible_owners


class WhenForm(forms.Form):
    """A day, a time and a zone; all of them or none."""

    date = forms.DateField(label=gettext_lazy("Day"), widget=DayInput(), required=False)
    time = forms.TimeField(label=gettext_lazy("Time"), widget=TimeInput(), required=False)
    zone = forms.ChoiceField(label=gettext_lazy("Time zone"))

    def __init__(
        self, *args: Any, post: Post | None = None, is_required: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        known = post.zone if post is not None else ""
        zone: Any = self.fields["zone"]
        zone.choices = zone_choices(known)
        zone.initial = known or timezone.get_current_timezone_name()
        zone.required = is_required
        self.fields["date"].required = self.fields["time"].required = is_required
        if post is not None and post.wall_time:
            wall = dt.datetime.fromisoformat(post.wall_time)
            self.initial = {**self.initial, "date": wall.date(), "time": wall.time(), "zone": post.zone}

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if not self.errors and bool(values.get("date")) != bool(values.get("time")):
            missing = "time" if values.get("date") else "date"
            self.add_error(missing, ValidationError(_("Give a day and a time, or neither.")))
        return values

    @property
    def wall_time(self) -> dt.datetime | None:
        """As typed, without a zone; ``None``: no time."""
        day, time = self.cleaned_data.get("date"), self.cleaned_data.get("time")
        return dt.datetime.combine(day, time.replace(second=0, microsecond=0)) if day and time else None

    @property
    def zone_name(self) -> str:
        """The zone that was chosen."""
        return self.cleaned_data.get("zone") or timezone.get_current_timezone_name()


class PostForm(RecordForm):
    """A post without its texts."""

    title = forms.CharField(
        label=gettext_lazy("What is it about?"),
        max_length=200,
        required=False,
        help_text=gettext_lazy(
            "For lists and the calendar; no reader sees it. Empty: the first words of the text."
        ),
    )
    link = WebField(label=gettext_lazy("Link"), max_length=500, required=False)
    language = LanguageField(label=gettext_lazy("Language"), required=False)
    tags = TagsField(
        label=gettext_lazy("Tags"), required=False, help_text=gettext_lazy("Separated by commas.")
    )
    people = PeopleField(
        label=gettext_lazy("People it is about"),
        required=False,
        help_text=gettext_lazy("Names from the register, separated by commas."),
    )
    project = ProjectField(label=gettext_lazy("Project it is about"), required=False)
    sponsor = OrganizationField(
        label=gettext_lazy("Paid for by"),
        required=False,
        help_text=gettext_lazy("A sponsor; readers must be told."),
    )
    embargo_until = forms.DateTimeField(
        label=gettext_lazy("Embargo until"),
        widget=MomentInput(),
        required=False,
        help_text=gettext_lazy("Nothing of it leaves before, in your time zone."),
    )

    class Meta:
        model = Post
        fields: ClassVar[list[str]] = [
            "title",
            "article",
            "campaign",
            "tags",
            "owner",
            "link",
            "language",
            "project",
            "people",
            "sponsor",
            "embargo_until",
            "waits_for_link",
            "grace_hours",
        ]
        widgets: ClassVar[dict[str, Any]] = {"article": forms.HiddenInput()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        chosen = Q(pk=self.instance.campaign_id) if self.instance.campaign_id else Q()
        fields["campaign"].queryset = Campaign.objects.filter(Q(archived_at=None) | chosen).order_by(
            "name", "pk"
        )
        fields["owner"].queryset = possible_owners(self.instance.owner_id)
        if self.instance.pk is not None and not self.is_bound:
            self.initial["tags"] = list(self.instance.tags.all())
            self.initial["people"] = list(self.instance.people.all())
        elif self.instance.pk is None:
            self.initial["tags"] = kwargs.get("initial", {}).get("tags", [])
            self.initial["people"] = []

    def values(self) -> dict[str, Any]:
        """What was typed, by field, without tags: these are names yet.

        A form that does not name the article leaves it as it is.
        """
        left = {"tags"} if self.add_prefix("article") in self.data else {"tags", "article"}
        return {name: value for name, value in super().values().items() if name not in left}

    @property
    def tag_names(self) -> list[str]:
        """The tags that were typed."""
        return list(self.cleaned_data.get("tags", []))


class MoveManyForm(forms.Form):
    """Another day for several posts; each keeps its time of day and zone."""

    day = forms.DateField(label=gettext_lazy("Day"), widget=DayInput())


class TagManyForm(forms.Form):
    """A tag for several posts."""

    tags = TagsField(
        label=gettext_lazy("Tags"),
        help_text=gettext_lazy("Separated by commas. They are added to those that are there."),
    )


class CampaignManyForm(forms.Form):
    """A campaign for several posts."""

    campaign = forms.ModelChoiceField(
        Campaign.objects.filter(archived_at=None),
        label=gettext_lazy("Campaign"),
        required=False,
        empty_label=gettext_lazy("none"),
    )
