"""Forms of unconferences: how one goes, rounds, spaces, proposals by staff and by everybody."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel.ui.answers import refuse
from folkmoot.kernel.ui.guarded import GuardedForm
from folkmoot.kernel.ui.record_forms import DayInput, RecordForm, TimeInput, WebField
from folkmoot.training.actions.unconferences import round_words
from folkmoot.training.forms.fields import (
    MomentField,
    PickedPersonField,
    moment,
    refuse_odd_times,
    refuse_other_day,
)
from folkmoot.training.models import (
    Event,
    Format,
    Proposal,
    ProposalState,
    Round,
    Space,
    Unconference,
)

LONGEST = 5000


class UnconferenceForm(RecordForm):
    """How an unconference goes."""

    proposals_open_at = MomentField(
        label=gettext_lazy("Proposals from"),
        required=False,
        help_text=gettext_lazy("In the time zone of the event. Empty: from the start."),
    )
    proposals_close_at = MomentField(
        label=gettext_lazy("Proposals until"), required=False, help_text=gettext_lazy("Empty: to the end.")
    )
    votes_open_at = MomentField(
        label=gettext_lazy("Votes from"),
        required=False,
        help_text=gettext_lazy("Empty: nobody can vote until you say so by hand."),
    )
    votes_close_at = MomentField(
        label=gettext_lazy("Votes until"), required=False, help_text=gettext_lazy("Empty: to the end.")
    )
    needs = forms.CharField(
        label=gettext_lazy("What sessions may need"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("One on each line: spaces have it, proposals ask for it."),
    )

    class Meta:
        model = Unconference
        fields: ClassVar[list[str]] = ["intro", "votes_each", "who_votes", "is_moderated"]
        widgets: ClassVar[dict[str, Any]] = {"intro": forms.Textarea(attrs={"rows": 4})}

    moments = ("proposals_open_at", "proposals_close_at", "votes_open_at", "votes_close_at")
    field_order = ("intro", *moments, "votes_each", "who_votes", "is_moderated", "needs")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = self.instance.event.time_zone
        for name in self.moments:
            field: Any = self.fields[name]
            field.zone = self.zone
            self.initial[name] = getattr(self.instance, name)
        if not self.is_bound:
            self.initial["needs"] = "\n".join(self.instance.needs)

    def values(self) -> dict[str, Any]:
        """What the action takes."""
        said = super().values()
        return {
            **said,
            **{name: moment(said[name], self.zone) for name in self.moments},
            "needs": said["needs"].splitlines(),
        }


class RoundForm(RecordForm):
    """A round or a break: its day and times are those at the place."""

    day = forms.DateField(label=gettext_lazy("Day"), widget=DayInput())
    begins = forms.TimeField(label=gettext_lazy("From"), widget=TimeInput())
    ends = forms.TimeField(
        label=gettext_lazy("To"),
        widget=TimeInput(),
        help_text=gettext_lazy("In the time zone of the event. Before “from”: on the next day."),
    )

    class Meta:
        model = Round
        fields: ClassVar[list[str]] = ["title", "kind"]
        widgets: ClassVar[dict[str, Any]] = {"kind": forms.RadioSelect}

    def __init__(self, *args: Any, event: Event, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.event, self.zone = event, event.time_zone
        row = self.instance
        if row.starts_at is not None and row.ends_at is not None:
            begins, ends = (at.astimezone(ZoneInfo(self.zone)) for at in (row.starts_at, row.ends_at))
            self.initial.update(day=begins.date(), begins=begins.time(), ends=ends.time())
        else:
            self.initial.setdefault("day", event.starts_on)
        self.order_fields(["title", "kind", "day", "begins", "ends"])

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        refuse_odd_times(self, self.event)
        return values

    def values(self) -> dict[str, Any]:
        """What the action takes."""
        values = super().values()
        day, begins, ends = values.pop("day"), values.pop("begins"), values.pop("ends")
        last = day if ends > begins else day + dt.timedelta(days=1)
        return values | {
            "starts_at": moment(dt.datetime.combine(day, begins), self.zone),
            "ends_at": moment(dt.datetime.combine(last, ends), self.zone),
        }


class RoundsForm(forms.Form):
    """Several rounds of the same length, one after the other."""

    day = forms.DateField(label=gettext_lazy("Day"), widget=DayInput())
    begins = forms.TimeField(label=gettext_lazy("The first begins at"), widget=TimeInput())
    minutes = forms.IntegerField(label=gettext_lazy("Minutes each"), min_value=5, max_value=600, initial=45)
    pause = forms.IntegerField(
        label=gettext_lazy("Minutes between two"), min_value=0, max_value=600, initial=15
    )
    number = forms.IntegerField(label=gettext_lazy("How many"), min_value=1, max_value=20, initial=4)

    def __init__(self, *args: Any, event: Event, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.event, self.zone = event, event.time_zone
        self.initial.setdefault("day", event.starts_on)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        refuse_other_day(self, self.event)
        return values

    def values(self) -> dict[str, Any]:
        """What the action takes."""
        said = self.cleaned_data
        at = moment(dt.datetime.combine(said["day"], said["begins"]), self.zone)
        return {"begins_at": at, **{name: said[name] for name in ("minutes", "pause", "number")}}

    def refuse(self, error: ValidationError) -> None:
        """Show what the action said, at its field or above all."""
        refuse(self, error)


class SpaceForm(RecordForm):
    """A room, a table, an online room."""

    has = forms.MultipleChoiceField(
        label=gettext_lazy("What it has"), required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Space
        fields: ClassVar[list[str]] = ["name", "seats", "url"]
        field_classes: ClassVar[dict[str, Any]] = {"url": WebField}

    field_order = ("name", "seats", "has", "url")

    def __init__(self, *args: Any, unconference: Unconference, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = list(dict.fromkeys([*unconference.needs, *self.instance.has]))
        _choose(self, "has", words)
        self.initial["has"] = self.instance.has


def _choose(form: Any, name: str, words: list[str]) -> None:
    if words:
        form.fields[name].choices = [(word, word) for word in words]
    else:
        del form.fields[name]


class ProposalForm(RecordForm):
    """A proposal, for those who run the event."""

    leader = PickedPersonField(
        label=gettext_lazy("Who leads it, of the register"),
        required=False,
        help_text=gettext_lazy(
            "Name, @handle on GitHub, or e-mail address: nobody is planned into two places."
        ),
    )
    needs = forms.MultipleChoiceField(
        label=gettext_lazy("What it needs"), required=False, widget=forms.CheckboxSelectMultiple
    )
    away = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Not in these rounds"),
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("When its leader cannot."),
    )

    class Meta:
        model = Proposal
        fields: ClassVar[list[str]] = [
            *("title", "description", "format", "leader_name", "expected", "notes_url"),
            *("proposer_name", "email"),
        ]
        widgets: ClassVar[dict[str, Any]] = {"description": forms.Textarea(attrs={"rows": 4})}
        field_classes: ClassVar[dict[str, Any]] = {"notes_url": WebField}
        help_texts: ClassVar[dict[str, Any]] = {
            "leader_name": gettext_lazy(
                "As everybody reads it; empty: as in the register, if they agreed to that."
            ),
            "email": gettext_lazy("They are told when the session has a place, and when it moves."),
        }

    field_order = (
        *("title", "description", "format", "leader_name", "leader", "needs", "away", "expected"),
        *("notes_url", "proposer_name", "email"),
    )
    folded = ("expected", "notes_url", "proposer_name", "email")

    def __init__(self, *args: Any, unconference: Unconference, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row = self.instance
        _choose(self, "needs", list(dict.fromkeys([*unconference.needs, *row.needs])))
        rounds = [one for one in unconference.rounds.all() if one.kind == Round.Kind.TALK]
        zone = unconference.event.time_zone
        if rounds:
            field: Any = self.fields["away"]
            field.choices = [(one.pk, f"{one}, {round_words(one, zone)}") for one in rounds]
        else:
            del self.fields["away"]
        self.initial.update(needs=row.needs, away=row.away, leader=row.leader.name if row.leader else "")


class ProposeForm(GuardedForm):
    """A session that somebody would like to have: a title is enough."""

    title = forms.CharField(
        label=gettext_lazy("What would you like to do or talk about?"),
        max_length=200,
        help_text=gettext_lazy("A title is enough."),
    )
    description = forms.CharField(
        label=gettext_lazy("More about it"),
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    format = forms.ChoiceField(
        label=gettext_lazy("Format"),
        required=False,
        choices=[("", gettext_lazy("open")), *Format.choices],
    )
    leader_name = forms.CharField(
        label=gettext_lazy("Who leads it?"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Everybody reads this. Empty: somebody will be found."),
    )
    needs = forms.MultipleChoiceField(
        label=gettext_lazy("What does it need?"), required=False, widget=forms.CheckboxSelectMultiple
    )
    expected = forms.IntegerField(
        label=gettext_lazy("How many may come?"), required=False, min_value=0, max_value=100_000
    )
    proposer_name = forms.CharField(label=gettext_lazy("Your name"), max_length=200, required=False)
    email = forms.EmailField(
        label=gettext_lazy("Your e-mail address"),
        max_length=320,
        help_text=gettext_lazy(
            "You get a mail with a link by which you confirm it. Only those who run the event see it."
        ),
    )

    folded = ("description", "format", "needs", "expected")

    def __init__(
        self, *args: Any, unconference: Unconference, is_signed_in: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "needs", list(unconference.needs))
        self.fields["proposer_name"].widget.attrs["autocomplete"] = "name"
        if is_signed_in:
            del self.fields["proposer_name"], self.fields["email"]
        else:
            self.fields["email"].widget.attrs["autocomplete"] = "email"

    def values(self) -> dict[str, Any]:
        """What the action takes."""
        said = dict(self.cleaned_data)
        for name in ("homepage", "began"):
            said.pop(name, None)
        return said


class OwnProposalForm(forms.Form):
    """What who proposed a session may change by their link."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    description = forms.CharField(
        label=gettext_lazy("More about it"),
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    leader_name = forms.CharField(
        label=gettext_lazy("Who leads it?"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Everybody reads this."),
    )
    notes_url = WebField(
        label=gettext_lazy("Address of the notes"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("Where people write down together what is said. It stands on the board."),
    )


class MergeForm(forms.Form):
    """Which proposal another one becomes part of."""

    into = forms.ModelChoiceField(Proposal.objects.none(), label=gettext_lazy("Part of"))

    def __init__(self, *args: Any, proposal: Proposal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["into"]
        field.queryset = (
            Proposal.objects.filter(unconference=proposal.unconference_id, state=ProposalState.OPEN)
            .exclude(pk=proposal.pk)
            .order_by("folded", "pk")
        )

    def refuse(self, error: ValidationError) -> None:
        """Show what the action said, at its field or above all."""
        refuse(self, error)


class PlaceForm(forms.Form):
    """A place of the grid, as the page posts it: "round-space", or "none"."""

    to = forms.CharField(max_length=60)

    def clean_to(self) -> tuple[int, int] | None:
        said = self.cleaned_data["to"]
        if said == "none":
            return None
        first, _dash, second = said.partition("-")
        for part in (first, second):
            if not (part.isascii() and part.isdecimal() and len(part) < 18):
                raise ValidationError(_("Choose a place of the grid."))
        return int(first), int(second)
