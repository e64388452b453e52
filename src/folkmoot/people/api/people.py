"""People and their handles."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q, QuerySet, prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from folkmoot.kernel.api import callers
from folkmoot.kernel.api.answers import body_of, etag_of
from folkmoot.kernel.api.fields import Day, DayOrNone, Flag, Given, LongText, Number, Text, Told, Word
from folkmoot.kernel.api.kinds import changed_at, changed_since
from folkmoot.kernel.api.operations import adds, edits, reads
from folkmoot.kernel.api.paging import Asked, Pages, page
from folkmoot.kernel.api.problems import FieldError, Problem
from folkmoot.kernel.api.writing import add_once, edit_seen, found
from folkmoot.kernel.text import fold, fold_accents
from folkmoot.people import actions
from folkmoot.people.actions import NewIdentity
from folkmoot.people.api.kinds import PEOPLE
from folkmoot.people.models import Identity, Person
from folkmoot.people.queries import lists
from folkmoot.people.systems import INTERNAL, systems

router = Router()
#: Systems whose handles are personal: with ``people.contact:read`` only.
CONTACT = frozenset({"email"})


class TagTold(Told):
    """A word on a record."""

    facet: str = Field(description="What sort of word it is: `tag`, a domain, a technical area.")
    name: str


class IdentityTold(Told):
    """A handle or address on a system."""

    id: int
    system: str = Field(description="`github`, `orcid`, `mastodon`, `email` and others.")
    value: str
    number: str = Field(description="The system's own unchanging number of the account; empty: not known.")
    url: str = Field(description="Where the handle leads; empty: nowhere.")
    is_verified: bool = Field(description="The person proved that it is theirs.")
    is_bot: bool = Field(description="A machine acts under it.")


class PersonalTold(Told):
    """What is told with the scope `people.contact:read` only."""

    pronouns: str
    bio: str
    location: str
    country: str = Field(description="ISO 3166-1, two capital letters.")
    time_zone: str = Field(description="An IANA zone.")
    website: str
    availability: str = Field(description="`yes`, `limited`, `no`, or empty: not said.")
    availability_note: str
    available_from: dt.date | None


class PersonTold(Told):
    """Somebody in the register."""

    id: int
    name: str = Field(description="As the person writes it.")
    sort_name: str
    publication_name: str = Field(description="As it stands in author lists; empty: the name.")
    joined_on: dt.date | None
    is_archived: bool = Field(description="Taken out of the lists; all that is known stays.")
    is_erased: bool = Field(description="Asked to be forgotten: the name is a stand-in.")
    is_bot: bool = Field(description="A machine acts under one of the identities.")
    tags: list[TagTold]
    identities: list[IdentityTold] = Field(
        description="Without e-mail addresses, unless the scope allows them."
    )
    personal: PersonalTold | None = Field(description="null without the scope `people.contact:read`.")
    created_at: dt.datetime
    updated_at: dt.datetime


class PeopleTold(Pages):
    """A page of people."""

    results: list[PersonTold]


class PeopleAsked(Asked):
    """The filters of the list of people."""

    q: Word | SkipJsonSchema[None] = Field(
        default=None,
        description="Name or handle; with `people.contact:read` by e-mail address and tag too.",
    )
    role: list[Word] = Field(default=[], description="Short names of roles, one of which they hold today.")
    team: list[Number] = Field(default=[], description="Teams in which they hold a role today.")
    tag: list[Number] = Field(default=[], description="Tags, one of which they have.")
    staff: Flag | SkipJsonSchema[None] = Field(
        default=None, description="Whether they hold a staff role today."
    )
    project: list[Number] = Field(default=[], description="Projects in which they hold a role today.")
    organization: list[Number] = Field(
        default=[], description="Organisations that they belong to, now or before."
    )
    system: list[Word] = Field(default=[], description="Systems on which they are known.")
    joined_since: Day | SkipJsonSchema[None] = Field(
        default=None, description="In the community since this day or later."
    )
    bots: Flag | SkipJsonSchema[None] = Field(
        default=None, description="Only bots, or only others; else both."
    )
    archived: Flag | SkipJsonSchema[None] = Field(
        default=None, description="Only archived people, or only others; else both."
    )


class IdentityNew(Given):
    """A handle or address."""

    system: Word
    value: Word
    number: Text = ""
    is_verified: bool = Field(default=False, strict=True)
    is_bot: bool = Field(default=False, strict=True)


class IdentityEdit(Given):
    """What may be changed of a handle."""

    value: Word = Field(default="")
    is_verified: bool = Field(default=False, strict=True)
    is_bot: bool = Field(default=False, strict=True)


class PersonEdit(Given):
    """What may be said about a person; what is left out stays."""

    name: Word = Field(default="", max_length=200)
    sort_name: Text = ""
    pronouns: Text = ""
    bio: LongText = ""
    location: Text = ""
    time_zone: Text = Field(default="", description="An IANA zone.")
    website: Text = ""
    joined_on: DayOrNone = None


class PersonNew(PersonEdit):
    """A new person."""

    name: Word = Field(max_length=200)
    identities: list[IdentityNew] = Field(default=[], max_length=20)


def tell_people(rows: list[Person], caller: callers.Caller) -> list[dict[str, Any]]:
    """What is sent of people, in four queries: personal things only to whom they are open."""
    prefetch_related_objects(rows, "tags", "identities")
    changed = changed_at(PEOPLE, [row.pk for row in rows])
    personal = caller.may("people.contact:read")
    # An erasure takes the history along; what was written then is the last change.
    at = {row.pk: max(changed.get(row.pk, row.updated_at), row.erased_at or row.created_at) for row in rows}
    return [_told(row, at[row.pk], personal) for row in rows]


def _told(row: Person, changed: dt.datetime, personal: bool) -> dict[str, Any]:
    handles = sorted(row.identities.all(), key=lambda one: one.pk)
    plain = ("id", "name", "sort_name", "publication_name", "joined_on", "created_at")
    return {
        **{name: getattr(row, name) for name in plain},
        "is_archived": row.archived_at is not None,
        "is_erased": row.erased_at is not None,
        "is_bot": any(one.is_bot for one in handles),
        "tags": [{"facet": tag.facet, "name": tag.name} for tag in row.tags.all()],
        "identities": [
            tell_identity(one)
            for one in handles
            if one.system != INTERNAL and (personal or one.system not in CONTACT)
        ],
        "personal": {name: getattr(row, name) for name in PersonalTold.model_fields} if personal else None,
        "updated_at": changed,
    }


def tell_identity(one: Identity) -> dict[str, Any]:
    """What is sent of a handle."""
    url = systems.get(one.system).url(one.value) if one.system in systems else ""
    plain = ("id", "system", "value", "number", "is_verified", "is_bot")
    return {**{name: getattr(one, name) for name in plain}, "url": url}


def _etag(request: HttpRequest) -> Any:
    caller = callers.of(request)
    return lambda row: etag_of(body_of(PersonTold, tell_people([row], caller)[0]))


@reads(router, "/people", "people:read", PeopleTold)
def list_people(request: HttpRequest, response: HttpResponse, asked: Query[PeopleAsked]) -> Any:
    """List people.

    Everybody in the register, archived people and bots too; the filters are those of the list of people.
    """
    rows = lists.people()
    if asked.q is not None:
        rows = _matching(request, rows, asked.q)
    if asked.role or asked.team or asked.project:
        rows = lists.holding(rows, slugs=asked.role, teams=asked.team, projects=asked.project)
    if asked.tag:
        rows = lists.tagged(rows, asked.tag)
    if asked.staff is not None:
        rows = lists.holding(rows, staff=True) if asked.staff else lists.without_staff(rows)
    if asked.organization:
        rows = lists.belonging_to(rows, asked.organization)
    if asked.system:
        _demand_contact(request, asked.system)
        rows = lists.known_on(rows, asked.system)
    if asked.joined_since is not None:
        rows = lists.joined_since(rows, asked.joined_since)
    if asked.bots is not None:
        rows = lists.bots(rows, asked.bots)
    if asked.archived is not None:
        rows = lists.archived(rows, asked.archived)
    if asked.updated_since is not None:
        rows = changed_since(PEOPLE, rows, asked.updated_since)
    caller = callers.of(request)
    return page(request, response, rows, asked, tell=lambda found: tell_people(found, caller))


def _matching(request: HttpRequest, rows: QuerySet[Person], words: str) -> QuerySet[Person]:
    """As the search finds them; without the scope for e-mail addresses, by name and handle only."""
    if callers.of(request).may("people.contact:read"):
        return lists.found(rows, words)
    handles = Identity.objects.filter(folded__contains=fold(words)).exclude(system__in=[*CONTACT, INTERNAL])
    return rows.filter(Q(sort_key__contains=fold_accents(words)) | Q(pk__in=handles.values("person")))


def _demand_contact(request: HttpRequest, wanted: list[str]) -> None:
    """Whether somebody has an e-mail address is personal, too."""
    if CONTACT & set(wanted):
        callers.of(request).demand("people.contact:read")


@reads(router, "/people/{person_id}", "people:read", PersonTold)
def get_person(request: HttpRequest, person_id: Number) -> Any:
    """Read a person."""
    return tell_people([found(PEOPLE, person_id)], callers.of(request))[0]


@adds(router, "/people", "people:write", PersonTold)
def add_person(request: HttpRequest, response: HttpResponse, payload: PersonNew) -> Any:
    """Add a person.

    With their handles and addresses; one that is somebody else's is refused, and the answer says whose it is.
    """
    caller = callers.of(request)
    fields = payload.model_dump(exclude_unset=True, exclude={"identities"})
    known = [NewIdentity(**one.model_dump()) for one in payload.identities]
    row, is_new = add_once(
        request,
        Person,
        lambda: actions.add_person(actor=caller.user, reason=caller.reason, identities_known=known, **fields),
        {"value": "identities", "system": "identities"},
    )
    response["Location"] = f"/api/v1/people/{row.pk}"
    return Status(201 if is_new else 200, tell_people([row], caller)[0])


@edits(router, "/people/{person_id}", "people:write", PersonTold)
def edit_person(request: HttpRequest, person_id: Number, payload: PersonEdit) -> Any:
    """Change a person.

    What is given is set, what is left out stays.
    """
    caller = callers.of(request)
    fields: Any = payload.model_dump(exclude_unset=True)
    row = edit_seen(
        request,
        found(PEOPLE, person_id),
        _etag(request),
        lambda row: actions.edit_person(person=row, actor=caller.user, reason=caller.reason, **fields),
    )
    return tell_people([row], caller)[0]


@adds(router, "/people/{person_id}/identities", "people:write", IdentityTold)
def add_identity(
    request: HttpRequest, response: HttpResponse, person_id: Number, payload: IdentityNew
) -> Any:
    """Add a handle or address to a person.

    One that they have already is answered as it is; one that is somebody else's is refused.
    """
    caller = callers.of(request)
    person = found(PEOPLE, person_id)
    row, is_new = add_once(
        request,
        Identity,
        lambda: actions.add_identity(
            person=person, new=NewIdentity(**payload.model_dump()), actor=caller.user, reason=caller.reason
        ),
    )
    return Status(201 if is_new else 200, tell_identity(row))


@edits(router, "/people/{person_id}/identities/{identity_id}", "people:write", IdentityTold)
def edit_identity(request: HttpRequest, person_id: Number, identity_id: Number, payload: IdentityEdit) -> Any:
    """Change a handle.

    Correct it, say that it is proven, or that a machine acts under it.
    """
    caller = callers.of(request)
    row = Identity.objects.filter(pk=identity_id, person=found(PEOPLE, person_id)).first()
    if row is None or row.system == INTERNAL:
        raise Problem("not-found", f"Person {person_id} has no identity {identity_id}.")
    fields: Any = payload.model_dump(exclude_unset=True)
    if row.system in CONTACT and not caller.may("people.contact:read"):
        raise Problem(
            "invalid",
            "This address is personal: the token needs people.contact:read beside.",
            errors=[FieldError(field="identity_id", detail="It is an e-mail address.")],
        )
    row = edit_seen(
        request,
        row,
        lambda held: etag_of(body_of(IdentityTold, tell_identity(held))),
        lambda held: actions.edit_identity(identity=held, actor=caller.user, reason=caller.reason, **fields),
    )
    return tell_identity(row)
