"""Reads of forms for requests: what they ask, whether they are open, what was answered, in words."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Max, Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.people.public import country_name
from folkmoot.training.models import Curriculum, FieldKind, FormField, FormVersion, Request, RequestForm

#: A field as it was asked: what :func:`asked_now` says of it.
Asked = Mapping[str, Any]


class Door(enum.Enum):
    """Whether a form takes requests now."""

    OPEN = "open"
    EARLY = "early"
    CLOSED = "closed"


def door(form: RequestForm, now: dt.datetime | None = None) -> Door:
    """Whether a form takes requests now; no query."""
    now = now or clock.now()
    if not form.is_open or form.is_archived:
        return Door.CLOSED
    if form.opens_at is not None and now < form.opens_at:
        return Door.EARLY
    if form.closes_at is not None and now >= form.closes_at:
        return Door.CLOSED
    return Door.OPEN


def listed_forms(now: dt.datetime | None = None) -> QuerySet[RequestForm]:
    """Forms that everybody may see and that take requests now."""
    now = now or clock.now()
    begun = Q(opens_at=None) | Q(opens_at__lte=now)
    lasts = Q(closes_at=None) | Q(closes_at__gt=now)
    return RequestForm.objects.filter(begun, lasts, is_listed=True, is_open=True, is_archived=False)


def asked_now(form: RequestForm) -> list[dict[str, Any]]:
    """What a form asks, in its order; at most two queries."""
    rows = list(FormField.objects.filter(form=form, is_archived=False).order_by("position", "pk"))
    taught: list[list[str]] = []
    if any(row.kind == FieldKind.CURRICULA for row in rows):
        found = Curriculum.objects.filter(is_archived=False).values_list("slug", "name")
        taught = [list(pair) for pair in found]
    return [_told(row, taught) for row in rows]


def _told(row: FormField, taught: Sequence[list[str]]) -> dict[str, Any]:
    choices: Sequence[list[str]] = [[one, one] for one in row.choices]
    if row.kind == FieldKind.CURRICULA:
        choices = taught
    return {
        "key": row.key,
        "label": row.label,
        "help": row.help,
        "kind": row.kind,
        "choices": choices,
        "required": row.is_required,
        "when": row.shown_when,
        "value": row.shown_value,
        "fills": row.fills,
    }


def version_of(form: RequestForm) -> FormVersion:
    """What the form asks now, as a version that is kept: a new one where something was edited. Call it in a
    transaction.
    """
    fields = asked_now(form)
    newest = FormVersion.objects.filter(form=form).order_by("-number").first()
    if newest is not None and newest.fields == fields:
        return newest
    RequestForm.objects.select_for_update().get(pk=form.pk)
    number = FormVersion.objects.filter(form=form).aggregate(n=Max("number"))["n"] or 0
    return FormVersion.objects.create(form=form, number=number + 1, fields=fields)


def is_shown(field: Asked, answers: Mapping[str, Any]) -> bool:
    """Whether a field is asked, given what else was answered."""
    if not field["when"]:
        return True
    said = answers.get(field["when"])
    if isinstance(said, bool):
        return said is (field["value"] == "yes")
    if isinstance(said, list):
        return field["value"] in said
    return str(said or "") == str(field["value"])


@dataclass(frozen=True)
class Answer:
    """A question and what was answered, in words."""

    key: str
    label: str
    kind: str
    text: str
    #: An address that can be followed.
    url: str = ""
    help: str = ""


def answers_of(request: Request, *, empty: bool = False) -> list[Answer]:
    """What somebody answered, in the order of the form as it was then; the version is read beforehand.

    Args:
        empty: questions without an answer too.
    """
    found = []
    for field in request.version.fields:
        if field["kind"] == FieldKind.HEADING:
            if empty:
                found.append(Answer(field["key"], field["label"], field["kind"], "", help=field["help"]))
            continue
        text = in_words(field, request.answers.get(field["key"]))
        if text or (empty and is_shown(field, request.answers)):
            url = text if field["kind"] == FieldKind.URL else ""
            found.append(Answer(field["key"], field["label"], field["kind"], text, url, field["help"]))
    return found


def in_words(field: Asked, said: Any) -> str:
    """An answer as people read it; ``""`` for none."""
    if said is None or said == "" or said == []:
        return ""
    kind = field["kind"]
    if kind in (FieldKind.YES, FieldKind.AGREE):
        return _("yes") if said else _("no")
    if kind == FieldKind.COUNTRY:
        return str(country_name(str(said))) or str(said)
    if kind in (FieldKind.DAY, FieldKind.DAYS):
        days = [_day(one) for one in (said if isinstance(said, list) else [said])]
        return " – ".join(dict.fromkeys(day for day in days if day))
    labels = {str(value): str(label) for value, label in field.get("choices") or ()}
    if isinstance(said, list):
        return ", ".join(labels.get(str(one), str(one)) for one in said)
    return labels.get(str(said), str(said))


def _day(said: Any) -> str:
    try:
        return date_format(dt.date.fromisoformat(str(said)), "DATE_FORMAT")
    except ValueError:
        return str(said or "")


def day_of(said: Any) -> dt.date | None:
    """A day that an answer names."""
    try:
        return dt.date.fromisoformat(str(said))
    except ValueError:
        return None


def by_kind(fields: Iterable[Asked], kind: str) -> list[Asked]:
    """The fields of one kind."""
    return [field for field in fields if field["kind"] == kind]


def told_beside(fields: Iterable[Asked], answers: Mapping[str, Any]) -> dict[str, Any]:
    """What answers say of country, days, organisation and member code, for lists and for finding duplicates."""
    found: dict[str, Any] = {
        "country": "",
        "starts_on": None,
        "ends_on": None,
        "organization_name": "",
        "member_code": "",
    }
    for field in fields:
        said, kind, fills = answers.get(field["key"]), field["kind"], field["fills"]
        if said is None or said == "" or said == []:
            continue
        if kind == FieldKind.COUNTRY:
            found["country"] = found["country"] or str(said)[:2]
        elif kind == FieldKind.ORGANIZATION:
            found["organization_name"] = found["organization_name"] or str(said)[:300]
        elif kind == FieldKind.CODE:
            found["member_code"] = found["member_code"] or str(said)[:100]
        elif kind == FieldKind.DAYS and isinstance(said, list) and fills in ("", "days"):
            days = [day_of(one) for one in said]
            found["starts_on"] = found["starts_on"] or (days[0] if days else None)
            found["ends_on"] = found["ends_on"] or (days[-1] if days else None)
        elif kind == FieldKind.DAY and fills in ("starts_on", "ends_on"):
            found[fills] = found[fills] or day_of(said)
    if found["starts_on"] and not found["ends_on"]:
        found["ends_on"] = found["starts_on"]
    return found
