"""What people are asked to agree to, and what each said."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from folkmoot.kernel import clock
from folkmoot.kernel.api.fields import Day, Flag, Number, Told, Word
from folkmoot.kernel.api.kinds import changed_at, changed_since
from folkmoot.kernel.api.operations import reads
from folkmoot.kernel.api.paging import Asked, Pages, page
from folkmoot.people.api.kinds import CONSENT_KINDS
from folkmoot.people.models import ConsentKind, ConsentText
from folkmoot.people.queries import consents as queries

router = Router()


class ConsentTextTold(Told):
    """One version of the words that people agree to."""

    version: int
    language: str
    text: str
    asks_again: bool = Field(description="Whoever agreed to an earlier version is asked again.")
    created_at: dt.datetime


class ConsentKindTold(Told):
    """Something that people are asked to agree to."""

    id: int
    slug: str = Field(description="Its short name.")
    name: str
    texts: list[ConsentTextTold] = Field(description="The newest first.")
    is_archived: bool
    updated_at: dt.datetime | None = Field(description="New words do not change it; see their own moments.")


class ConsentKindsTold(Pages):
    """A page of kinds of consent."""

    results: list[ConsentKindTold]


class ConsentKindsAsked(Asked):
    """The filter of the list of kinds."""

    archived: Flag | SkipJsonSchema[None] = Field(
        default=None, description="Only what is not asked any more, or only the others; else both."
    )


class ConsentTold(Told):
    """What somebody said to one kind. A change of mind is a new one, and the newest holds."""

    id: int
    person_id: int
    kind: str = Field(description="The short name of the kind.")
    is_given: bool
    version: int | None = Field(description="Of the words; null: not known.")
    is_newest: bool = Field(description="Nothing newer was said.")
    holds: bool = Field(description="They consent now, by this word.")
    decided_at: dt.datetime
    source: str = Field(description="Where it was said.")
    updated_at: dt.datetime = Field(
        description="When it was written down, corrected, or moved by a merge; when a newer one came or went; when its"
        " kind was archived or asked of everybody anew."
    )


class ConsentsTold(Pages):
    """A page of consents."""

    results: list[ConsentTold]


class ConsentsAsked(Asked):
    """The filters of the list of consents."""

    person: list[Number] = Field(default=[], description="Of these people.")
    kind: list[Word] = Field(default=[], description="Short names of kinds.")
    given: Flag | SkipJsonSchema[None] = Field(default=None, description="Yes, or no.")
    newest: Flag | SkipJsonSchema[None] = Field(
        default=None, description="Only each person's last word, or only what was said before; else all."
    )
    since: Day | SkipJsonSchema[None] = Field(default=None, description="Said on this day or later.")
    source: Word | SkipJsonSchema[None] = Field(default=None, description="Part of where it was said.")


def _tell_kinds(rows: list[ConsentKind]) -> list[dict[str, Any]]:
    changed = changed_at(CONSENT_KINDS, [row.pk for row in rows])
    texts: dict[int, list[ConsentText]] = {row.pk: [] for row in rows}
    for text in ConsentText.objects.filter(kind__in=texts):
        texts[text.kind_id].append(text)
    return [
        {
            **{name: getattr(row, name) for name in ("id", "slug", "name")},
            "texts": [
                {name: getattr(text, name) for name in ConsentTextTold.model_fields} for text in texts[row.pk]
            ],
            "is_archived": row.archived_at is not None,
            "updated_at": changed.get(row.pk),
        }
        for row in rows
    ]


@reads(router, "/consent-kinds", CONSENT_KINDS.scope, ConsentKindsTold)
def list_consent_kinds(request: HttpRequest, response: HttpResponse, asked: Query[ConsentKindsAsked]) -> Any:
    """List what people are asked to agree to.

    With every version of the words.
    """
    rows = ConsentKind.objects.all()
    if asked.archived is not None:
        rows = rows.filter(archived_at__isnull=not asked.archived)
    if asked.updated_since is not None:
        rows = changed_since(CONSENT_KINDS, rows, asked.updated_since)
    return page(request, response, rows, asked, tell=_tell_kinds)


def _tell(rows: list[Any]) -> list[dict[str, Any]]:
    queries.with_holds(rows)
    names = ("id", "person_id", "is_given", "is_newest", "holds", "decided_at", "source")
    return [
        {
            **{name: getattr(row, name) for name in names},
            "kind": row.kind.slug,
            "version": row.text.version if row.text else None,
            "updated_at": row.changed_at,
        }
        for row in rows
    ]


@reads(router, "/consents", CONSENT_KINDS.scope, ConsentsTold)
def list_consents(request: HttpRequest, response: HttpResponse, asked: Query[ConsentsAsked]) -> Any:
    """List what people agreed to.

    All that was ever said; with `newest`, each person's last word on each kind. Who may be contacted now:
    `kind=contact&newest=true&given=true`, of which `holds` is true. With `updated_since` what was written down since,
    whenever it was said, and what holds no longer by that.
    """
    rows: Any = queries.with_change(queries.said())
    if asked.person:
        rows = rows.filter(person__in=asked.person)
    if asked.kind:
        rows = rows.filter(kind__slug__in=asked.kind)
    if asked.given is not None:
        rows = rows.filter(is_given=asked.given)
    if asked.newest is not None:
        rows = rows.filter(is_newest=asked.newest)
    if asked.since is not None:
        rows = rows.filter(decided_at__gte=clock.start_of_day(asked.since))
    if asked.source is not None:
        rows = rows.filter(source__icontains=asked.source)
    if asked.updated_since is not None:
        rows = queries.changed_since(rows, asked.updated_since)
    return page(request, response, rows, asked, tell=_tell)
