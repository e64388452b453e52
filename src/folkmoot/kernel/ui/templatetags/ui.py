"""Template tags and filters that all pages share."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import template
from django.forms import BaseForm, BoundField
from django.utils import formats
from django.utils.html import conditional_escape, format_html, json_script
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from folkmoot.kernel.ui import looks, times

register = template.Library()


@register.simple_tag
def when(value: dt.datetime | dt.date | None, absolute: bool = False) -> str:
    """``<time>``: "in 3 days" with the full date and zone as title; ``absolute`` shows the day itself."""
    if value is None or value == "":
        return ""
    full = times.full(value)
    shown = times.day(value) if absolute else times.relative(value)
    return format_html(
        '<time datetime="{}" title="{}">{}<span class="visually-hidden"> ({})</span></time>',
        value.isoformat(),
        full,
        shown,
        full,
    )


@register.filter
def relative(value: dt.datetime | dt.date) -> str:
    """A moment or day as words from now: "3 days ago", "in 2 hours", "today"."""
    return times.relative(value) if value else ""


@register.filter
def avatar_tone(name: object) -> str:
    """The colour class number of a name's round picture; the same name always has the same one."""
    return looks.avatar_tone(str(name or ""))


@register.filter
def area_tone(area: object) -> str:
    """The colour class of an area's round picture."""
    return looks.AREA_TONES.get(str(area), "quiet")


@register.filter
def avatar_initials(name: object) -> str:
    """One or two letters for a round picture; what is short already stays."""
    return looks.initials(str(name or ""))


@register.simple_tag
def chart_spec(spec: dict[str, Any], name: str) -> SafeString:
    """A chart's specification as data on the page (``<script type="application/json">``)."""
    return json_script(spec, f"chart-spec-{name}")


@register.filter
def plain(value: object) -> str:
    """A number for an attribute: digits only, whatever the language."""
    return str(value or 0)


@register.filter
def toast_undo(tags: str | None) -> str:
    """The address that undoes what a toast tells of, or nothing."""
    return next((tag[5:] for tag in (tags or "").split() if tag.startswith("undo:")), "")


@register.simple_tag
def cell_text(value: Any) -> str:
    """A list's value as a person reads it."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, dt.date):
        return when(value, absolute=not isinstance(value, dt.datetime))
    if isinstance(value, (int, float)):
        return str(formats.number_format(value, use_l10n=True, force_grouping=True))
    if isinstance(value, (list, tuple)):
        return conditional_escape(", ".join(str(part) for part in value))
    return conditional_escape(value)


@register.simple_tag
def form_parts(form: BaseForm) -> dict[str, list[BoundField]]:
    """A form's visible fields: those that are asked first, and those folded (the form's ``folded``)."""
    folded = set(getattr(form, "folded", ()))
    fields = form.visible_fields()
    return {
        "first": [each for each in fields if each.name not in folded],
        "folded": [each for each in fields if each.name in folded],
        "open": [each for each in fields if each.name in folded and each.errors],
    }
