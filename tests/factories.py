"""Made-up rows for tests."""

from __future__ import annotations

import datetime as dt

import factory

from folkmoot.kernel.accounts.models import User
from folkmoot.ledger.models import Activity, Item
from folkmoot.people.models import Identity, Organization, Person, Project, RoleKind, Tag, Team, Term


class UserFactory(factory.django.DjangoModelFactory[User]):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"user{n}@example.org")
    name = factory.Sequence(lambda n: f"User {n}")


class PersonFactory(factory.django.DjangoModelFactory[Person]):
    class Meta:
        model = Person

    name = factory.Sequence(lambda n: f"Person {n:04d}")


class IdentityFactory(factory.django.DjangoModelFactory[Identity]):
    class Meta:
        model = Identity

    person = factory.SubFactory(PersonFactory)
    system = "github"
    value = factory.Sequence(lambda n: f"Login{n}")


class OrganizationFactory(factory.django.DjangoModelFactory[Organization]):
    class Meta:
        model = Organization

    name = factory.Sequence(lambda n: f"Organisation {n}")


class ProjectFactory(factory.django.DjangoModelFactory[Project]):
    class Meta:
        model = Project

    name = factory.Sequence(lambda n: f"project-{n}")


class TeamFactory(factory.django.DjangoModelFactory[Team]):
    class Meta:
        model = Team

    name = factory.Sequence(lambda n: f"Team {n}")


class TagFactory(factory.django.DjangoModelFactory[Tag]):
    class Meta:
        model = Tag

    name = factory.Sequence(lambda n: f"tag {n}")


class RoleKindFactory(factory.django.DjangoModelFactory[RoleKind]):
    class Meta:
        model = RoleKind

    slug = factory.Sequence(lambda n: f"role-{n}")
    name = factory.Sequence(lambda n: f"Role {n}")


class TermFactory(factory.django.DjangoModelFactory[Term]):
    class Meta:
        model = Term

    person = factory.SubFactory(PersonFactory)
    role_kind = factory.SubFactory(RoleKindFactory)


class ItemFactory(factory.django.DjangoModelFactory[Item]):
    class Meta:
        model = Item

    kind = "issue"
    title = factory.Sequence(lambda n: f"Item {n}")
    source = "test"
    external_id = factory.Sequence(lambda n: f"item-{n}")
    opened_at = dt.datetime(2026, 5, 4, 12, tzinfo=dt.UTC)


class ActivityFactory(factory.django.DjangoModelFactory[Activity]):
    class Meta:
        model = Activity

    kind = "item.opened"
    identity = factory.SubFactory(IdentityFactory)
    item = factory.SubFactory(ItemFactory)
    occurred_at = dt.datetime(2026, 5, 4, 12, tzinfo=dt.UTC)
    source = "test"
    external_id = factory.Sequence(lambda n: f"activity-{n}")
