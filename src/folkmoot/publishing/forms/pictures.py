"""Choosing a picture of the library by looking at it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse

from folkmoot.publishing.models import Media
from folkmoot.publishing.queries.media import offered, thumbnails


def choices(chosen: str, words: str = "") -> list[Any]:
    """Pictures to choose from: the chosen one first, then the newest that hold the words; at most four queries."""
    rows = offered(words)
    if not (chosen.isascii() and chosen.isdecimal() and len(chosen) < 19):
        return rows
    there = next((row for row in rows if str(row.pk) == chosen), None)
    if there is None:
        there = Media.objects.filter(pk=chosen).first()
        if there is not None:
            small: Any = there
            small.thumbnail = thumbnails([there])[there.pk]
    return [there, *(row for row in rows if row != there)] if there is not None else rows


class PicturePicker(forms.Widget):
    """Radio buttons that are small pictures, with a field that finds others."""

    template_name = "publishing/widgets/pictures.html"
    use_fieldset = True

    def id_for_label(self, id_: str | None) -> str:
        return ""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        chosen = "" if value is None else str(value)
        more = {
            "pictures": choices(chosen),
            "chosen": chosen,
            "address": reverse("publishing:choose_picture"),
        }
        return {**context, **more, "name": name}


class PictureField(forms.ModelChoiceField):
    """A picture of the library, or none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Media.objects.all(), **{"widget": PicturePicker(), "required": False, **kwargs})
