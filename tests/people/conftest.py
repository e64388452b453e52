"""A small register in which everything is linked to everything."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pytest
from django.test import Client

from folkmoot.kernel.accounts.actions import add_user, grant
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.people.models import (
    Affiliation,
    Identity,
    Note,
    Organization,
    OrganizationKind,
    OrganizationRelation,
    Person,
    Project,
    RoleKind,
    SourceRecord,
    Tag,
    Team,
    Term,
)
from tests.conftest import signed_in
from tests.factories import (
    IdentityFactory,
    OrganizationFactory,
    PersonFactory,
    ProjectFactory,
    RoleKindFactory,
    TagFactory,
    TeamFactory,
    TermFactory,
)


@pytest.fixture
def carol(db: None) -> User:
    """May look at people and write notes and tags."""
    user = add_user(email="carol@example.org", name="Carol Contributor", password="correct horse battery")
    grant(user=user, area=Area.PEOPLE, level=Level.CONTRIBUTE)
    return user


@pytest.fixture
def mary(db: None) -> User:
    """Manages people."""
    user = add_user(email="mary@example.org", name="Mary Manager", password="correct horse battery")
    grant(user=user, area=Area.PEOPLE, level=Level.MANAGE)
    return user


@pytest.fixture
def as_carol(carol: User) -> Client:
    return signed_in(carol)


@pytest.fixture
def as_mary(mary: User) -> Client:
    return signed_in(mary)


@dataclass
class Register:
    """One of each."""

    person: Person
    identity: Identity
    spare: Identity
    organization: Organization
    organization_kind: OrganizationKind
    relation: OrganizationRelation
    affiliation: Affiliation
    project: Project
    team: Team
    role_kind: RoleKind
    term: Term
    tag: Tag
    note: Note


@pytest.fixture
def register(alice: User) -> Register:
    """Ana, who is everything at once; alice wrote a note about her."""
    ana = PersonFactory(
        name="Ana Lucía Pérez",
        pronouns="she/her",
        location="Bogotá",
        time_zone="America/Bogota",
        bio="Hydrologist",
    )
    kind = RoleKindFactory(name="Editor", slug="editor", notice_days=30)
    project, team = ProjectFactory(name="wavefold"), TeamFactory(name="Council")
    home, tag = OrganizationFactory(name="Harbour Institute"), TagFactory(name="mentor")
    ana.tags.add(tag)
    SourceRecord.objects.create(
        person=ana, source="sample", part="people.yml", key="ana", payload={"mastodon": "ana", "sort": None}
    )
    term = TermFactory(person=ana, role_kind=kind, project=project, started_on=dt.date(2024, 1, 1))
    TermFactory(person=ana, role_kind=kind, team=team, started_on=dt.date(2023, 1, 1))
    return Register(
        person=ana,
        identity=IdentityFactory(person=ana, value="anaperez", is_verified=True),
        spare=IdentityFactory(person=ana, system="email", value="ana@example.org"),
        organization=home,
        organization_kind=OrganizationKind.objects.create(slug="partner", name="Partner"),
        relation=OrganizationRelation.objects.create(
            organization=home, kind="part_of", other=OrganizationFactory(name="Coast University")
        ),
        affiliation=Affiliation.objects.create(person=ana, organization=home),
        project=project,
        team=team,
        role_kind=kind,
        term=term,
        tag=tag,
        note=Note.objects.create(person=ana, body="A secret wish", author=alice),
    )
