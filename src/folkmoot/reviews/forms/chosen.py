"""Forms about several submissions at once, and about one's hold and end."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel import clock
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.ui.record_forms import DayInput
from folkmoot.people.public import Person
from folkmoot.reviews.actions.submissions import outcomes_for
from folkmoot.reviews.models import Assignment, Stage, Submission


class MoveManyForm(forms.Form):
    """A stage for several submissions."""

    def __init__(self, *args: Any, programmes: Iterable[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stages = Stage.objects.filter(programme__in=programmes, is_archived=False)
        self.fields["stage"] = forms.ModelChoiceField(
            stages.order_by("programme", "position", "pk"), label=_("Stage")
        )


class HoldForm(forms.Form):
    """Why something is put on hold."""

    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=200,
        help_text=gettext_lazy("For example: the author is away until September."),
    )


def possible_editors() -> QuerySet[Person]:
    """Who edits, has edited, or may do so by their rights."""
    edited = Assignment.objects.filter(role=Assignment.Role.EDITOR).values("person")
    return (
        Person.objects.filter(
            Q(pk__in=edited)
            | Q(
                user__is_active=True,
                user__grants__area=Area.REVIEWS,
                user__grants__level__gte=Level.CONTRIBUTE,
            ),
            erased_at=None,
            archived_at=None,
        )
        .distinct()
        .order_by("sort_key", "pk")
    )


class AssignManyForm(forms.Form):
    """An editor for several submissions."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"] = forms.ModelChoiceField(possible_editors(), label=_("Editor"))


class DecideForm(forms.Form):
    """How a submission ends."""

    def __init__(self, *args: Any, submission: Submission, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"] = forms.ChoiceField(
            label=_("How does it end?"),
            choices=[(one.value, capfirst(one.label)) for one in outcomes_for(submission)],
            widget=forms.RadioSelect,
        )
        self.fields["on"] = forms.DateField(
            label=_("Day of the decision"), initial=clock.today(), widget=DayInput()
        )
        self.fields["reason"] = forms.CharField(
            label=_("Reason"),
            max_length=200,
            required=False,
            help_text=_("Kept in the history; nobody is told by this."),
        )
