"""Forms of notes."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from folkmoot.kernel.ui.record_forms import RecordForm
from folkmoot.training.models import EventNote, RequestNote


class EventNoteForm(RecordForm):
    """A note about an event."""

    class Meta:
        model = EventNote
        fields: ClassVar[list[str]] = ["body"]
        widgets: ClassVar[dict[str, Any]] = {"body": forms.Textarea(attrs={"rows": 5})}


class RequestNoteForm(RecordForm):
    """A note about a request."""

    class Meta:
        model = RequestNote
        fields: ClassVar[list[str]] = ["body"]
        widgets: ClassVar[dict[str, Any]] = {"body": forms.Textarea(attrs={"rows": 5})}
