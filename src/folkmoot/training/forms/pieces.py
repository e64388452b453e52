"""Forms about what belongs to an event: parts, sessions, links, who was there."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel.ui.record_forms import DayInput, RecordForm, TimeInput, WebField
from folkmoot.training.forms.fields import PickedPersonField, moment, refuse_odd_times
from folkmoot.training.models import Event, EventLink, Session, Task, TaskKind


class PartForm(forms.Form):
    """Somebody's new part in an event."""

    person = PickedPersonField(
        label=gettext_lazy("Person"),
        help_text=gettext_lazy("Name, @handle on GitHub, or e-mail address of somebody in the register."),
    )
    kind = forms.ModelChoiceField(TaskKind.objects.none(), label=gettext_lazy("Part"), empty_label=None)
    session = forms.ModelChoiceField(
        Session.objects.none(),
        label=gettext_lazy("In one session only"),
        required=False,
        empty_label=gettext_lazy("the whole event"),
    )
    state = forms.ChoiceField(
        label=gettext_lazy("Do they take it?"),
        choices=[("confirmed", gettext_lazy("yes")), ("invited", gettext_lazy("they are asked"))],
        widget=forms.RadioSelect,
        initial="confirmed",
    )
    note = forms.CharField(label=gettext_lazy("Note"), max_length=300, required=False)

    def __init__(self, *args: Any, event: Event, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["kind"].queryset = TaskKind.objects.filter(is_archived=False)
        sessions = event.sessions.all()
        if sessions:
            fields["session"].queryset = sessions
        else:
            del self.fields["session"]

    def values(self) -> dict[str, Any]:
        """What the action takes."""
        return dict(self.cleaned_data)


class EditPartForm(RecordForm):
    """Somebody's part: whether they take it, whether they were there."""

    class Meta:
        model = Task
        fields: ClassVar[list[str]] = ["kind", "session", "state", "attended", "note"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        row = self.instance
        fields["kind"].queryset = TaskKind.objects.filter(Q(is_archived=False) | Q(pk=row.kind_id))
        fields["kind"].empty_label = None
        sessions = Session.objects.filter(event=row.event_id)
        if sessions.exists():
            fields["session"].queryset = sessions
            fields["session"].empty_label = _("the whole event")
        else:
            del self.fields["session"]
        fields["attended"].widget.choices = [
            ("unknown", _("not noted")),
            ("true", _("yes")),
            ("false", _("no")),
        ]


class SessionForm(RecordForm):
    """A session: its day and times are those at the place."""

    day = forms.DateField(label=gettext_lazy("Day"), widget=DayInput(), required=False)
    begins = forms.TimeField(label=gettext_lazy("From"), widget=TimeInput(), required=False)
    ends = forms.TimeField(
        label=gettext_lazy("To"),
        widget=TimeInput(),
        required=False,
        help_text=gettext_lazy("In the time zone of the event. Before “from”: on the next day."),
    )

    class Meta:
        model = Session
        fields: ClassVar[list[str]] = ["title", "abstract", "track", "room"]
        widgets: ClassVar[dict[str, Any]] = {"abstract": forms.Textarea(attrs={"rows": 4})}

    folded = ("abstract", "track")

    def __init__(self, *args: Any, event: Event, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.event, self.zone = event, event.time_zone
        row = self.instance
        if row.starts_at is not None and row.ends_at is not None:
            begins = row.starts_at.astimezone(ZoneInfo(self.zone))
            ends = row.ends_at.astimezone(ZoneInfo(self.zone))
            self.initial.update(day=begins.date(), begins=begins.time(), ends=ends.time())
        else:
            self.initial.setdefault("day", event.starts_on)
        self.order_fields(["title", "day", "begins", "ends", "room", "track", "abstract"])

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        begins, ends = values.get("begins"), values.get("ends")
        if (begins is None) != (ends is None):
            self.add_error("ends", ValidationError(_("Say both times, or neither.")))
        elif begins is not None and values.get("day") is None and "day" not in self.errors:
            self.add_error("day", ValidationError(_("Say the day, too.")))
        refuse_odd_times(self, self.event)
        return values

    def values(self) -> dict[str, Any]:
        """What the action takes."""
        values = super().values()
        day, begins, ends = values.pop("day"), values.pop("begins"), values.pop("ends")
        if day is None or begins is None or ends is None:
            return values | {"starts_at": None, "ends_at": None}
        last = day if ends > begins else day + dt.timedelta(days=1)
        return values | {
            "starts_at": moment(dt.datetime.combine(day, begins), self.zone),
            "ends_at": moment(dt.datetime.combine(last, ends), self.zone),
        }


class LinkForm(RecordForm):
    """An address that belongs to an event."""

    class Meta:
        model = EventLink
        fields: ClassVar[list[str]] = ["kind", "url", "label", "audience", "is_public", "results"]
        field_classes: ClassVar[dict[str, Any]] = {"url": WebField}


class AttendanceForm(forms.Form):
    """How many came, where nobody noted who."""

    attendance = forms.IntegerField(
        label=gettext_lazy("How many came"), required=False, min_value=0, max_value=1_000_000
    )
