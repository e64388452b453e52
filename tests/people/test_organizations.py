"""Organisations: domains, kinds, relations, archive, and what a mail address suggests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from folkmoot.kernel.accounts.models import User
from folkmoot.people import actions
from folkmoot.people.actions.merging import merge_people, unmerge
from folkmoot.people.domains import normal_domain, with_those_above
from folkmoot.people.models import (
    Affiliation,
    DismissedAffiliation,
    Organization,
    OrganizationKind,
    OrganizationRelation,
    Person,
)
from folkmoot.people.queries.history import history
from folkmoot.people.queries.organizations import (
    overlapping,
    related,
    suggested_organizations,
    suggestions_of,
)
from folkmoot.people.seeds import load_organization_kinds
from tests.factories import IdentityFactory, OrganizationFactory, PersonFactory, RoleKindFactory
from tests.people.conftest import Register
from tests.people.test_lists import shown

pytestmark = pytest.mark.django_db

PART_OF, SUCCEEDED_BY = OrganizationRelation.Kind.PART_OF, OrganizationRelation.Kind.SUCCEEDED_BY


def errors(error: pytest.ExceptionInfo[ValidationError]) -> dict[str, list[str]]:
    return error.value.message_dict


class TestDomains:
    @pytest.mark.parametrize(
        ("typed", "kept"),
        [
            ("Harbour.EXAMPLE", "harbour.example"),
            ("https://www.harbour.example:8080/about?x=1", "harbour.example"),
            ("ana@cs.harbour.example.", "cs.harbour.example"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ],
    )
    def test_as_they_are_compared(self, typed: str, kept: str) -> None:
        assert normal_domain(typed) == kept

    @pytest.mark.parametrize(
        "typed",
        ["", "harbour", "-a.example", "a..example", "a b.example", "x" * 64 + ".example", "10.0.0.1", "☃"],
    )
    def test_what_is_none(self, typed: str) -> None:
        with pytest.raises(ValidationError, match=r"no domain|number of a computer"):
            normal_domain(typed)

    def test_a_mailbox_that_anybody_can_have_tells_nothing(self) -> None:
        with pytest.raises(ValidationError, match=r"Anybody can have an address at gmail\.com"):
            normal_domain("GMail.com")

    def test_those_above_an_address(self) -> None:
        assert with_those_above("ana@CS.Harbour.example") == ["cs.harbour.example", "harbour.example"]
        assert with_those_above("nobody") == with_those_above("") == []

    def test_one_organisation_for_each(self, alice: User) -> None:
        harbour = actions.add_organization(
            actor=alice, name="Harbour", domains=["harbour.example", "WWW.harbour.example", "h.example"]
        )
        assert [row.domain for row in harbour.domains.all()] == ["h.example", "harbour.example"]
        with pytest.raises(ValidationError) as refused:
            actions.add_organization(actor=alice, name="Reef", domains=["reef.example", "harbour.example"])
        assert errors(refused) == {"domains": ["harbour.example belongs to Harbour already."]}
        assert not Organization.objects.filter(name="Reef").exists()
        actions.edit_organization(organization=harbour, actor=alice, domains=["h.example"])
        told = [
            (change.label, change.before, change.after)
            for entry in history(harbour, with_notes=False)[0]
            for change in entry.changes
            if change.label == "domain"
        ]
        assert told == [
            ("domain", "harbour.example", ""),
            ("domain", "", "h.example"),
            ("domain", "", "harbour.example"),
        ]


def suggested(person: Person) -> list[tuple[str, str]]:
    asked = suggested_organizations(person)
    return [(one.name, one.address) for one in suggestions_of(person, asked.read() if asked else [])]


class TestSuggestions:
    def test_the_nearest_domain_is_suggested_and_nothing_made(self, as_bob: Client, as_mary: Client) -> None:
        for name, domain in (("Harbour", "harbour.example"), ("Informatics", "cs.harbour.example")):
            actions.add_organization(actor=None, name=name, domains=[domain])
        ana = PersonFactory()
        for address in ("ana@mail.cs.harbour.example", "ana@harbour.example", "ana@notharbour.example"):
            IdentityFactory(person=ana, system="email", value=address)
        assert suggested(ana) == [
            ("Informatics", "ana@mail.cs.harbour.example"),
            ("Harbour", "ana@harbour.example"),
        ]
        url = reverse("people:person", args=[ana.pk])
        link = reverse("people:new_affiliation", args=[ana.pk]) + "?organisation=Informatics"
        assert "May belong to" in as_bob.get(url).content.decode()
        assert link not in as_bob.get(url).content.decode()
        assert link in as_mary.get(url).content.decode()
        assert 'value="Informatics"' in as_mary.get(link).content.decode()
        assert not Affiliation.objects.exists()

    def test_who_belonged_there_is_not_asked_again(self) -> None:
        harbour = actions.add_organization(actor=None, name="Harbour", domains=["harbour.example"])
        ana, ben = PersonFactory(), PersonFactory()
        for person in (ana, ben):
            IdentityFactory(person=person, system="email", value=f"{person.pk}@harbour.example")
        Affiliation.objects.create(person=ana, organization=harbour, ended_on=dt.date(2020, 1, 1))
        assert suggested(ana) == []
        assert len(suggested(ben)) == 1
        actions.archive_organization(organization=harbour, actor=None)
        assert suggested(ben) == []

    def test_nor_about_what_stands_above_it(self) -> None:
        campus = actions.add_organization(actor=None, name="Campus", domains=["campus.harbour.example"])
        actions.add_organization(actor=None, name="Harbour", domains=["harbour.example"])
        ana = PersonFactory()
        IdentityFactory(person=ana, system="email", value="ana@campus.harbour.example")
        assert suggested(ana) == [("Campus", "ana@campus.harbour.example")]
        Affiliation.objects.create(person=ana, organization=campus)
        assert suggested(ana) == []

    def test_what_was_dismissed_is_remembered_and_can_be_taken_back(self, as_mary: Client) -> None:
        harbour = actions.add_organization(actor=None, name="Harbour", domains=["harbour.example"])
        ana, ben = PersonFactory(), PersonFactory()
        for person in (ana, ben):
            IdentityFactory(person=person, system="email", value=f"{person.pk}@harbour.example")
        page = reverse("people:person", args=[ana.pk])
        url = reverse("people:dismiss_affiliation", args=[ana.pk, harbour.pk])
        assert url in as_mary.get(page).content.decode()
        for _twice in range(2):
            done = as_mary.post(url, follow=True)
        assert f"Harbour will not be suggested for {ana} again." in done.content.decode()
        assert (suggested(ana), len(suggested(ben))) == ([], 1)
        assert "May belong to" not in as_mary.get(page).content.decode()
        row = DismissedAffiliation.objects.get()
        assert row.history.get().history_user.email == "mary@example.org"
        actions.undo(what=actions.last_change(row), actor=None)
        assert len(suggested(ana)) == 1

    def test_a_merge_brings_what_was_dismissed_along(self, alice: User) -> None:
        harbour = actions.add_organization(actor=None, name="Harbour", domains=["harbour.example"])
        ana, other = PersonFactory(), PersonFactory()
        IdentityFactory(person=ana, system="email", value="ana@harbour.example")
        for person in (ana, other):
            actions.dismiss_affiliation(person=person, organization=harbour, actor=alice)
        merge = merge_people(survivor=ana, gone=other, actor=alice)
        assert (DismissedAffiliation.objects.get().person, suggested(ana)) == (ana, [])
        unmerge(merge=merge, actor=alice)
        assert list(DismissedAffiliation.objects.order_by("pk").values_list("person", flat=True)) == [
            ana.pk,
            other.pk,
        ]


class TestRelations:
    def test_both_sides_tell_it(self, alice: User) -> None:
        lab = OrganizationFactory(name="Lab")
        row = actions.add_relation(organization=lab, kind=PART_OF, other="Harbour", actor=alice)
        again = actions.add_relation(organization=lab, kind=PART_OF, other=" harbour ", actor=alice)
        assert row == again
        harbour, day = row.other, dt.date(2026, 1, 2)
        assert [(one.words, one.other) for one in related(lab, day)] == [("is a part of", harbour)]
        assert [(one.words, one.other) for one in related(harbour, day)] == [("has as a part", lab)]
        actions.edit_relation(relation=row, actor=alice, ended_on=day)
        assert [one.is_past for one in related(lab, day)] == [False]
        assert [one.is_past for one in related(lab, day + dt.timedelta(1))] == [True]
        assert history(harbour, with_notes=False)[0][0].title == "Lab is a part of Harbour"
        undo = actions.remove_relation(relation=row, actor=alice)
        assert related(lab, day) == []
        actions.undo(what=undo, actor=alice)
        assert [one.other for one in related(lab, day)] == [harbour]

    def test_it_is_told_from_either_side(self, as_mary: Client) -> None:
        harbour = OrganizationFactory(name="Harbour")
        url = reverse("people:new_relation", args=[harbour.pk])
        form = as_mary.get(url).context["form"]
        assert [label for _value, label in form.fields["kind"].choices][1:] == [
            "is a part of",
            "has as a part",
            "is a member of",
            "has as a member",
            "was succeeded by",
            "succeeded",
        ]
        for kind, other in (("~part_of", "Lab"), ("~succeeded_by", "Old Harbour"), ("member_of", "League")):
            assert as_mary.post(url, {"kind": kind, "other": other}).status_code == 302
        assert [str(row) for row in OrganizationRelation.objects.order_by("pk")] == [
            "Lab is a part of Harbour",
            "Old Harbour was succeeded by Harbour",
            "Harbour is a member of League",
        ]
        refused = as_mary.post(url, {"kind": "part_of", "other": "Lab"})
        assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["other"])
        for wrong in ("", "~", "~~part_of", "child"):
            assert as_mary.post(url, {"kind": wrong, "other": "X"}).status_code in (200, 422)
        assert OrganizationRelation.objects.count() == 3

    @pytest.mark.parametrize("kind", [PART_OF, SUCCEEDED_BY])
    def test_no_circles(self, kind: str, alice: User) -> None:
        a, b, c = (OrganizationFactory(name=name) for name in "ABC")
        actions.add_relation(organization=a, kind=kind, other=b, actor=alice)
        actions.add_relation(organization=b, kind=kind, other=c, actor=alice)
        with pytest.raises(ValidationError) as refused:
            actions.add_relation(organization=c, kind=kind, other=a, actor=alice)
        assert list(errors(refused)) == ["other"]
        actions.add_relation(organization=c, kind="member_of", other=a, actor=alice)

    def test_not_to_itself_nor_backwards_in_time(self, alice: User) -> None:
        a, b = OrganizationFactory(), OrganizationFactory()
        with pytest.raises(ValidationError) as refused:
            actions.add_relation(organization=a, kind=PART_OF, other=a, actor=alice)
        assert errors(refused) == {
            "other": ["An organisation stands in no relation to itself: name another one."]
        }
        with pytest.raises(ValidationError) as refused:
            actions.add_relation(
                organization=a,
                kind=PART_OF,
                other=b,
                actor=alice,
                started_on=dt.date(2026, 2, 1),
                ended_on=dt.date(2026, 1, 31),
            )
        assert errors(refused) == {
            "ended_on": [
                f"“{a} is a part of {b}” would end on 31 January 2026 and begin on 1 February 2026: choose a later "
                "last day, or an earlier first one."
            ]
        }


class TestLists:
    def test_filters(self, as_bob: Client, alice: User) -> None:
        load_organization_kinds()
        kinds = {kind.slug: kind for kind in OrganizationKind.objects.all()}
        assert sorted(kinds) == ["employer", "funder", "media", "member", "partner"]
        actions.add_organization(actor=alice, name="Harbour", country="DE", kinds=[kinds["partner"]])
        actions.add_organization(
            actor=alice, name="Reef", country="CO", kinds=[kinds["partner"], kinds["funder"]]
        )
        gone = actions.add_organization(actor=alice, name="Old")
        undo = actions.archive_organization(organization=gone, actor=alice)
        url = reverse("people:organizations")
        for query, names in (
            ("", ["Harbour", "Reef"]),
            ("kind=funder", ["Reef"]),
            ("kind=partner&country=DE", ["Harbour"]),
            ("country=XX", ["Harbour", "Reef"]),
            ("archived=1", ["Old"]),
            ("q=germany", ["Harbour"]),
        ):
            assert shown(as_bob, f"{url}?{query}") == names, query
        csv = b"".join(as_bob.get(f"{url}?kind=funder&export=csv").streaming_content).decode()
        assert csv.splitlines()[1].startswith('Reef,"Partner, Funder",Colombia,0')
        actions.undo(what=undo, actor=alice)
        assert shown(as_bob, f"{url}?archived=1") == []
        with pytest.raises(ValidationError, match="2 organisations are of this kind"):
            actions.remove_organization_kind(organization_kind=kinds["partner"], actor=alice)
        with pytest.raises(ValidationError) as refused:
            actions.edit_organization(organization=gone, actor=alice, country="XX")
        assert errors(refused) == {"country": ["There is no country with the code “XX”."]}

    def test_who_belongs_on_the_day_both_ends_included(self, register: Register, as_bob: Client) -> None:
        ben = PersonFactory(name="Ben")
        Affiliation.objects.create(
            person=ben,
            organization=register.organization,
            title="Engineer",
            started_on=dt.date(2025, 3, 1),
            ended_on=dt.date(2025, 3, 31),
        )
        url = reverse("people:organization", args=[register.organization.pk])
        for day, there in (("02-28", False), ("03-01", True), ("03-31", True), ("04-01", False)):
            assert ("Engineer" in as_bob.get(f"{url}?on=2025-{day}").content.decode()) is there, day

    def test_the_form(self, register: Register, as_mary: Client) -> None:
        url = reverse("people:edit_organization", args=[register.organization.pk])
        data = {"name": "Harbour Institute", "country": "DE", "domains": "a.example, b.example\nc"}
        answer = as_mary.post(url, data)
        assert answer.status_code == 422
        assert "“c” is no domain" in answer.content.decode()
        kind = register.organization_kind
        assert (
            as_mary.post(url, {**data, "domains": "b.example a.example", "kinds": [kind.pk]}).status_code
            == 302
        )
        row = register.organization
        assert [str(one) for one in row.domains.all()] == ["a.example", "b.example"]
        assert list(row.kinds.all()) == [kind]
        assert "a.example\nb.example" in as_mary.get(url).content.decode()

    def test_the_same_organisation_twice_at_once_is_told(self, register: Register, as_mary: Client) -> None:
        url = reverse("people:new_affiliation", args=[register.person.pk])
        answer = as_mary.post(
            url, {"organization": "harbour institute", "started_on": "2026-01-01"}, follow=True
        )
        assert "twice on some days" in answer.content.decode()
        assert len(overlapping(register.affiliation)) == 1


class TestTwoAtOnce:
    """Somebody else saved while the form was open: what they wrote stands beside each field that differs."""

    def test_only_what_the_other_changed_is_shown(
        self, register: Register, alice: User, as_mary: Client
    ) -> None:
        row = register.organization
        seen = actions.current_version(row)
        url = reverse("people:edit_organization", args=[row.pk])
        actions.edit_organization(
            organization=row, actor=alice, country="CO", location="Bogotá", kinds=[register.organization_kind]
        )
        typed = {
            "name": "Harbour",
            "country": "DE",
            "location": "Bogotá",
            "domains": "h.example",
            "seen": seen,
        }
        answer = as_mary.post(url, typed)
        assert answer.status_code == 422
        form = answer.context["form"]
        assert {name: list(told) for name, told in form.errors.items() if name != "__all__"} == {
            "country": ["Saved meanwhile: Colombia"],
            "kinds": ["Saved meanwhile: Partner"],
            "domains": ["Saved meanwhile: nothing"],
        }
        assert "Alice Admin saved this" in form.errors["__all__"][0]
        row.refresh_from_db()
        assert (row.name, row.country) == ("Harbour Institute", "CO")
        assert as_mary.post(url, {**typed, "seen": form["seen"].value()}).status_code == 302
        row.refresh_from_db()
        assert (row.name, row.country, row.location) == ("Harbour", "DE", "Bogotá")

    def test_every_kind_of_record(self, register: Register, alice: User, as_mary: Client) -> None:
        former = RoleKindFactory(name="Emeritus", is_former=True)
        other = RoleKindFactory(name="Chair")
        day = dt.date(2026, 3, 1)
        cases: list[tuple[str, Any, Callable[[], object], dict[str, object], dict[str, list[str]]]] = [
            (
                "edit_team",
                register.team,
                lambda: actions.edit_team(team=register.team, actor=alice, becomes=former, term_months=12),
                {"name": "Council", "term_months": "24"},
                {"becomes": ["Saved meanwhile: Emeritus"], "term_months": ["Saved meanwhile: 12"]},
            ),
            (
                "edit_project",
                register.project,
                lambda: actions.edit_project(project=register.project, actor=alice, is_archived=True),
                {"name": "wavefold", "kind": "package"},
                {"is_archived": ["Saved meanwhile: yes"]},
            ),
            (
                "edit_term",
                register.term,
                lambda: actions.edit_term(term=register.term, actor=alice, ended_on=day, role_kind=other),
                {"role_kind": register.role_kind.pk, "project": "wavefold", "started_on": "2024-01-01"},
                {"ended_on": ["Saved meanwhile: 1 March 2026"], "role_kind": ["Saved meanwhile: Chair"]},
            ),
            (
                "edit_affiliation",
                register.affiliation,
                lambda: actions.edit_affiliation(affiliation=register.affiliation, actor=alice, title="Dean"),
                {"title": "Engineer"},
                {"title": ["Saved meanwhile: Dean"]},
            ),
            (
                "edit_person",
                register.person,
                lambda: actions.edit_person(person=register.person, actor=alice, pronouns="they"),
                {"name": "Ana", "pronouns": "she"},
                {"pronouns": ["Saved meanwhile: they"]},
            ),
            (
                "edit_role_kind",
                register.role_kind,
                lambda: actions.edit_role_kind(role_kind=register.role_kind, actor=alice, notice_days=7),
                {"name": "Editor", "notice_days": "30", "order": "100"},
                {"notice_days": ["Saved meanwhile: 7"]},
            ),
        ]
        for name, row, change, typed, told in cases:
            seen = actions.current_version(row)
            change()
            answer = as_mary.post(reverse(f"people:{name}", args=[row.pk]), {**typed, "seen": seen})
            assert answer.status_code == 422, name
            found = {key: list(value) for key, value in answer.context["form"].errors.items()}
            assert found.pop("__all__", None), name
            assert found == told, name
