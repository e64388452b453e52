"""Small worlds as rows."""

from __future__ import annotations

import datetime as dt
from itertools import count

from folkmoot.ledger.models import Activity
from folkmoot.people.models import Identity, Person, Project, RoleKind, Term
from tests.factories import IdentityFactory, PersonFactory, ProjectFactory, RoleKindFactory, TermFactory
from tests.ledger.reference import World

_numbers = count(1)


def moment(text: str) -> dt.datetime:
    """``2026-05-04`` is noon of that day; ``2026-05-04 23:59:59`` as written; both UTC."""
    at = dt.datetime.fromisoformat(text)
    return (at.replace(hour=12) if len(text) == 10 else at).replace(tzinfo=dt.UTC)


def opened(identity: Identity, *moments: str | dt.datetime, **fields: object) -> list[Activity]:
    """Items opened by an identity at these times."""
    return Activity.objects.bulk_create(
        [
            Activity(
                kind="item.opened",
                identity=identity,
                occurred_at=moment(at) if isinstance(at, str) else at,
                external_id=f"opened-{next(_numbers)}",
                **{"source": "forge", **fields},
            )
            for at in moments
        ]
    )


def staff_term(person: Person, start: dt.date | None = None, end: dt.date | None = None) -> Term:
    """A term in a role that counts as staff."""
    kind = RoleKind.objects.filter(slug="paid").first() or RoleKindFactory(slug="paid", is_staff=True)
    return TermFactory(person=person, role_kind=kind, started_on=start, ended_on=end)


def build(world: World) -> None:
    """The world as rows: each person's items are spread over two identities, bots' over one of their own."""
    people: dict[str, Person] = {}
    identities: dict[tuple[str, str], Identity] = {}
    projects: dict[str, Project] = {}
    for person in {o.person for o in world.opened} | {person for person, _start, _end in world.staff}:
        people[person] = PersonFactory(name=person)
    for place, o in enumerate(world.opened):
        sort = "bot" if o.is_bot else ("first", "second")[place % 2]
        if (o.person, sort) not in identities:
            identities[o.person, sort] = IdentityFactory(
                person=people[o.person], value=f"{o.person}-{sort}", is_bot=o.is_bot
            )
        if o.project and o.project not in projects:
            projects[o.project] = ProjectFactory(name=o.project)
        opened(identities[o.person, sort], o.at, source=o.source, project=projects.get(o.project))
    for person, start, end in world.staff:
        if not Term.objects.filter(person=people[person], started_on=start).exists():
            staff_term(people[person], start, end)
