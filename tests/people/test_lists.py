"""The register's lists, its history, timelines, Today, search: what they show and what they cost."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from io import StringIO

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.plugs import today_sources
from folkmoot.kernel.search.find import search
from folkmoot.people import actions
from folkmoot.people.actions import NewIdentity
from folkmoot.people.models import (
    Affiliation,
    Organization,
    OrganizationDomain,
    OrganizationKind,
    OrganizationRelation,
    Person,
    Project,
    ProjectFacts,
)
from folkmoot.people.queries import lists
from folkmoot.people.queries.history import history
from folkmoot.people.queries.pages import find_people, holders, members, terms_ending
from folkmoot.people.queries.timeline import timeline
from tests.factories import (
    ActivityFactory,
    IdentityFactory,
    ItemFactory,
    OrganizationFactory,
    PersonFactory,
    ProjectFactory,
    RoleKindFactory,
    TagFactory,
    TeamFactory,
    TermFactory,
)
from tests.people.conftest import Register

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
DAY = dt.date(2026, 11, 20)


def shown(client: Client, url: str) -> list[str]:
    """The first column of a list."""
    answer = client.get(url)
    assert answer.status_code == 200
    return [str(row.object) for row in answer.context["list"].rows]


def make_person(number: int) -> Person:
    """Somebody with one of everything that the list shows."""
    person = PersonFactory(name=f"Ana {number}")
    IdentityFactory(person=person, last_seen_at=NOON)
    TermFactory(person=person, role_kind=RoleKindFactory(), team=TeamFactory())
    Affiliation.objects.create(person=person, organization=OrganizationFactory())
    person.tags.add(TagFactory())
    return person


def make_organization(number: int) -> Organization:
    """One with everything that the list shows."""
    row: Organization = OrganizationFactory(country="DE")
    row.kinds.add(OrganizationKind.objects.get_or_create(slug="partner", name="Partner")[0])
    OrganizationDomain.objects.create(organization=row, domain=f"harbour{number}.example")
    Affiliation.objects.create(person=PersonFactory(), organization=row)
    return row


def make_project(number: int) -> Project:
    """One with a maintainer and facts."""
    row: Project = ProjectFactory()
    TermFactory(project=row, role_kind=RoleKindFactory(is_maintaining=True))
    ProjectFacts.objects.create(project=row, source="github", number=str(number), stars=number, read_at=NOON)
    return row


class TestCost:
    """Literal numbers: rights and frame, the list's own, filters. One row or three make no difference."""

    @pytest.mark.parametrize("rows", [1, 3])
    @pytest.mark.parametrize(
        ("name", "make", "queries"),
        [
            ("people", make_person, 13),
            ("organizations", make_organization, 13),
            ("projects", make_project, 9),
            ("teams", lambda n: TermFactory(team=TeamFactory()), 8),
            ("tags", lambda n: TagFactory(), 7),
            ("role_kinds", lambda n: TermFactory(), 5),
        ],
    )
    def test_lists(self, name, make, queries, rows, as_alice, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
        for number in range(rows):
            make(number)
        url = reverse(f"people:{name}")
        as_alice.get(url)
        with django_assert_num_queries(queries):
            assert as_alice.get(url).status_code == 200

    @pytest.mark.parametrize("rows", [1, 3])
    def test_a_search_among_people(self, rows, as_alice, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
        for number in range(rows):
            make_person(number)
        url = f"{reverse('people:people')}?q=ana&role=none&archived=any"
        as_alice.get(url)
        with django_assert_num_queries(14):
            assert len(shown(as_alice, url)) == rows

    @pytest.mark.parametrize("rows", [1, 3])
    def test_pages_of_records(self, rows, register: Register, as_alice, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
        for _number in range(rows):
            TermFactory(person=register.person)
            TermFactory(project=register.project)
            TermFactory(team=register.team)
            TermFactory(role_kind=register.role_kind)
            Affiliation.objects.create(person=PersonFactory(), organization=register.organization)
            Affiliation.objects.create(person=register.person, organization=OrganizationFactory())
            OrganizationRelation.objects.create(
                organization=OrganizationFactory(), kind="part_of", other=register.organization
            )
            actions.add_note(about=register.person, body=f"{_number}", actor=None)
            ActivityFactory(
                identity=register.identity,
                item=ItemFactory(project=register.project),
                project=register.project,
            )
        for name, pk, queries in (
            ("person", register.person.pk, 11),
            ("project", register.project.pk, 9),
            ("organization", register.organization.pk, 12),
            ("team", register.team.pk, 6),
            ("role_kind", register.role_kind.pk, 6),
            ("person_history", register.person.pk, 15),
        ):
            url = reverse(f"people:{name}", args=[pk])
            as_alice.get(url)
            with django_assert_num_queries(queries, info=name):
                assert as_alice.get(url).status_code == 200


@pytest.fixture
def crowd(alice: User) -> dict[str, Person]:
    """Six people, each different in one way."""
    editor = RoleKindFactory(name="Editor", slug="editor")
    staff = RoleKindFactory(name="Manager", slug="manager", is_staff=True)
    today = clock.today()
    people = {name: PersonFactory(name=name) for name in ("Ana", "Ben", "Chi", "Dora", "Émile", "Robot")}
    for name, person in people.items():
        IdentityFactory(person=person, value=f"{name}-login", is_bot=name == "Robot")
    TermFactory(person=people["Ana"], role_kind=editor, team=TeamFactory(name="Council"))
    TermFactory(person=people["Ben"], role_kind=editor, project=ProjectFactory(name="wavefold"))
    TermFactory(person=people["Chi"], role_kind=editor, ended_on=today - dt.timedelta(1))
    TermFactory(person=people["Chi"], role_kind=staff)
    people["Dora"].tags.add(TagFactory(name="mentor"))
    Affiliation.objects.create(
        person=people["Dora"], organization=OrganizationFactory(name="Harbour Institute")
    )
    Person.objects.filter(name="Ben").update(joined_on=dt.date(2026, 1, 1))
    Person.objects.filter(name="Émile").update(archived_at=NOON)
    return people


class TestFilters:
    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ("", ["Ana", "Ben", "Chi", "Dora"]),
            ("sort=-name", ["Dora", "Chi", "Ben", "Ana"]),
            ("archived=1", ["Émile"]),
            ("archived=any&bots=any", ["Ana", "Ben", "Chi", "Dora", "Émile", "Robot"]),
            ("bots=1", ["Robot"]),
            ("role=editor", ["Ana", "Ben"]),
            ("role=editor&role=manager", ["Ana", "Ben", "Chi"]),
            ("role=unknown", ["Ana", "Ben", "Chi", "Dora"]),
            ("project=WAVEFOLD", ["Ben"]),
            ("project=nothing", []),
            ("organisation=harbour+institute", ["Dora"]),
            ("system=github", ["Ana", "Ben", "Chi", "Dora"]),
            ("system=orcid", []),
            ("staff=1", ["Chi"]),
            ("staff=0", ["Ana", "Ben", "Dora"]),
            ("since=2025-12-31", ["Ben"]),
            ("since=yesterday", ["Ana", "Ben", "Chi", "Dora"]),
            ("q=dora", ["Dora"]),
            ("q=harbour", ["Dora"]),
            ("q=mentor", ["Dora"]),
            ("q=%00", ["Ana", "Ben", "Chi", "Dora"]),
            ("q=ben-login&role=editor", ["Ben"]),
            ("page=99999999999999999999", ["Ana", "Ben", "Chi", "Dora"]),
        ],
    )
    def test_who_passes(self, query: str, names: list[str], crowd: dict[str, Person], as_bob: Client) -> None:
        assert shown(as_bob, f"{reverse('people:people')}?{query}") == names

    def test_by_team_and_tag(self, crowd: dict[str, Person], as_bob: Client) -> None:
        team = crowd["Ana"].terms.get().team
        tag = crowd["Dora"].tags.get()
        assert shown(as_bob, f"{reverse('people:people')}?team={team.pk}") == ["Ana"]
        assert shown(as_bob, f"{reverse('people:people')}?tag={tag.pk}") == ["Dora"]

    def test_what_leaves_as_a_file(self, crowd: dict[str, Person], as_bob: Client) -> None:
        Person.objects.filter(name="Ben").update(name="=cmd|' /C calc'!A0")
        answer = as_bob.get(f"{reverse('people:people')}?role=editor&export=csv")
        rows = list(csv.reader(StringIO(b"".join(answer.streaming_content).decode())))
        assert [row[0] for row in rows] == ["Name", "Ana", "'=cmd|' /C calc'!A0"]

    def test_other_lists(self, register: Register, as_bob: Client) -> None:
        ProjectFactory(name="Old", is_archived=True)
        ProjectFactory(name="Reef lesson", kind="lesson")
        projects = reverse("people:projects")
        assert shown(as_bob, projects) == ["Reef lesson", "wavefold"]
        assert shown(as_bob, f"{projects}?archived=1") == ["Old"]
        assert shown(as_bob, f"{projects}?kind=lesson") == ["Reef lesson"]
        assert shown(as_bob, f"{projects}?q=wave") == ["wavefold"]
        assert shown(as_bob, f"{reverse('people:organizations')}?q=harbour") == ["Harbour Institute"]
        assert shown(as_bob, reverse("people:teams")) == ["Council"]
        assert shown(as_bob, reverse("people:tags")) == ["mentor"]


class TestOnADay:
    def test_who_is_on_it(self, register: Register, as_bob: Client) -> None:
        TermFactory(person=PersonFactory(name="Ben"), team=register.team, ended_on=dt.date(2025, 6, 30))
        now = members(register.team, DAY)
        assert [held.term.person.name for held in now.now] == ["Ana Lucía Pérez"]
        assert [held.term.person.name for held in now.before] == ["Ben"]
        then = members(register.team, dt.date(2025, 6, 30))
        assert sorted(held.term.person.name for held in then.now) == ["Ana Lucía Pérez", "Ben"]
        url = reverse("people:team", args=[register.team.pk])
        assert "Ben" in as_bob.get(f"{url}?on=2022-01-01").content.decode()
        assert as_bob.get(f"{url}?on=x").status_code == 200

    def test_who_holds_a_role(self, register: Register) -> None:
        assert [term.project or term.team for term in holders(register.role_kind, DAY)] == [
            register.project,
            register.team,
        ]
        assert list(holders(register.role_kind, dt.date(2020, 1, 1))) == []

    def test_found_by_handle_address_name(self, register: Register) -> None:
        for text in ("anaperez", "@AnaPerez", "ana@example.org", " Ana  Lucía Pérez "):
            assert find_people(text) == [register.person]
        assert find_people("ana") == []
        assert find_people(" ") == []


class TestHistory:
    def test_who_changed_what(self, register: Register, alice: User, as_bob: Client) -> None:
        ana = register.person
        actions.edit_person(person=ana, actor=alice, reason="she wrote", location="Cali", pronouns="")
        actions.tag_records(model=Person, records=[ana.pk], tag=TagFactory(name="speaker"), actor=alice)
        actions.edit_identity(identity=register.identity, actor=alice, is_bot=True)
        entries, more = history(ana, with_notes=False, limit=3)
        assert more
        assert [
            (e.kind, e.noun, e.title, e.who, e.why, [(c.label, c.before, c.after) for c in e.changes])
            for e in entries
        ] == [
            ("~", "identity", "anaperez", "Alice Admin", "", [("a bot", "no", "yes")]),
            ("~", "person", "Ana Lucía Pérez", "Alice Admin", "", [("tag", "", "speaker")]),
            (
                "~",
                "person",
                "Ana Lucía Pérez",
                "Alice Admin",
                "she wrote",
                [("pronouns", "she/her", ""), ("location", "Bogotá", "Cali")],
            ),
        ]
        page = as_bob.get(reverse("people:person_history", args=[ana.pk])).content.decode()
        assert "Cali" in page
        assert as_bob.get(f"{reverse('people:person_history', args=[ana.pk])}?page=99999").status_code == 200

    def test_the_internal_handle_is_nobodys_business(self, alice: User) -> None:
        ana = actions.add_person(actor=alice, name="Ana")
        assert [entry.noun for entry in history(ana, with_notes=True)[0]] == ["person"]

    def test_what_was_removed_is_still_told(self, register: Register, alice: User) -> None:
        actions.remove_term(term=register.term, actor=alice)
        entry = history(register.person, with_notes=True)[0][0]
        assert (entry.kind, entry.title) == ("-", "Editor · wavefold")
        assert [(c.label, c.before, c.after) for c in entry.changes] == [
            ("role", "Editor", ""),
            ("project", "wavefold", ""),
            ("first day", "1 January 2024", ""),
        ]


class TestTimeline:
    def test_everything_in_one_order(self, register: Register, alice: User) -> None:
        ana, day = register.person, dt.timedelta(days=1)
        type(register.note).objects.update(created_at=NOON)
        item = ItemFactory(
            title="Translate the lesson",
            kind="pull_request",
            url="https://github.com/org/wavefold/pull/1",
            state="merged",
            closed_at=NOON,
            project=register.project,
        )
        for identity, at in (
            (register.identity, NOON - day),
            (register.spare, NOON + day),
            (register.spare, NOON),
        ):
            ActivityFactory(identity=identity, occurred_at=at, item=item, project=register.project)
        ActivityFactory(occurred_at=NOON)
        whole = timeline(alice, ana)
        assert [(group.key, group.count) for group in whole.groups] == [("contributions", 3), ("notes", 1)]
        assert [(entry.at - NOON, str(entry.verb)) for entry in whole.entries] == [
            (day, "Opened pull request"),
            (dt.timedelta(0), "Note"),
            (dt.timedelta(0), "Opened pull request"),
            (-day, "Opened pull request"),
        ]
        first = whole.entries[0]
        assert (first.title, first.url, first.after, first.meta[0]) == (
            "Translate the lesson",
            "https://github.com/org/wavefold/pull/1",
            "in wavefold",
            "github.com",
        )
        found, before = [], ""
        for _page in range(4):
            page = timeline(alice, ana, before=before, limit=1)
            found += page.entries
            before = page.older
        assert (found, before) == (whole.entries, "")
        assert [entry.group for entry in timeline(alice, ana, group="notes").entries] == ["notes"]
        of_project = timeline(alice, register.project)
        assert [entry.meta[0] for entry in of_project.entries] == ["Ana Lucía Pérez"] * 3

    def test_decisions_about_roles_stand_in_it(self, alice: User) -> None:
        ana, kind = PersonFactory(), RoleKindFactory(name="Editor")
        actions.start_term(
            person=ana, role_kind=kind, team=TeamFactory(name="Council"), started_on=DAY, actor=alice
        )
        (entry,) = timeline(alice, ana).entries
        assert (str(entry.verb), entry.title, entry.after) == ("Was given the role", "Editor", "in Council")
        assert entry.meta[-1] == "Alice Admin"

    def test_notes_are_for_those_who_may(self, register: Register, bob: User, carol: User) -> None:
        assert timeline(bob, register.person).entries == []
        assert [entry.body for entry in timeline(carol, register.person).entries] == ["A secret wish"]
        assert [entry.actions for entry in timeline(carol, register.person).entries] == [()]


class TestToday:
    @pytest.fixture(autouse=True)
    def at_noon(self) -> Iterator[None]:
        with time_machine.travel(NOON, tick=False):
            yield

    def test_terms_that_end(self, alice: User) -> None:
        kind = RoleKindFactory(name="Editor", notice_days=30)
        council = TeamFactory(name="Council")
        for name, days in (("Soon", 5), ("Today", 0), ("Later", 31), ("Lately", -3), ("Long ago", -31)):
            TermFactory(
                person=PersonFactory(name=name),
                role_kind=kind,
                team=council,
                ended_on=DAY + dt.timedelta(days),
            )
        TermFactory(person__name="Past", role_kind=RoleKindFactory(is_former=True), ended_on=DAY)
        TermFactory(person__name="Gone", person__archived_at=NOON, role_kind=kind, ended_on=DAY)
        ending = today_sources.get("people.terms")
        items = ending.find(alice, NOON, 10)
        assert [(i.title, i.why, i.badge, i.tone, i.over_by) for i in items] == [
            (
                "Lately: Editor, Council",
                "ended 3 days ago, nobody follows, told 30 days before",
                "ended",
                "overdue",
                3.0,
            ),
            ("Today: Editor, Council", "ends today, told 30 days before", "today", "due", 0.0),
            ("Soon: Editor, Council", "ends in 5 days, told 30 days before", "in 5 days", "due", -5.0),
        ]
        assert [i.mine for i in items] == [frozenset()] * 3
        assert len(ending.find(alice, NOON, 2)) == 2

    def test_a_term_that_goes_on_or_was_decided_is_not_asked_about(self, alice: User) -> None:
        kind = RoleKindFactory()
        renewed = TermFactory(role_kind=kind, ended_on=DAY)
        TermFactory(person=renewed.person, role_kind=kind, started_on=DAY + dt.timedelta(1))
        followed = TermFactory(role_kind=kind, team=TeamFactory(), ended_on=DAY)
        TermFactory(role_kind=kind, team=followed.team, started_on=DAY + dt.timedelta(1))
        decided = TermFactory(role_kind=kind, ended_on=DAY)
        actions.end_term(term=decided, on=DAY, actor=alice)
        asked = TermFactory(role_kind=kind, team=TeamFactory(), ended_on=None)
        assert list(terms_ending(DAY)) == []
        actions.edit_term(term=asked, actor=alice, ended_on=DAY + dt.timedelta(3))
        assert list(terms_ending(DAY)) == [asked]
        actions.edit_term(term=decided, actor=alice, ended_on=DAY + dt.timedelta(1))
        assert list(terms_ending(DAY)) == [decided, asked]

    def test_it_costs_the_same_for_many(self, alice: User, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
        for _number in range(3):
            TermFactory(ended_on=DAY)
        with django_assert_num_queries(3):  # the community, whose day it is, and the terms
            assert len(today_sources.get("people.terms").find(alice, NOON, 10)) == 3


class TestSearch:
    def test_records_are_found(self, register: Register, bob: User, charlie: User) -> None:
        for words, kind in (
            ("ana pérez", "person"),
            ("anaperez", "person"),
            ("mentor", "person"),
            ("wavefold", "project"),
            ("council", "team"),
        ):
            assert kind in [hit.kind.key for hit in search(words, bob)], words
            assert search(words, charlie) == []
        assert [hit.url for hit in search("harbour institute", bob, kinds=["organization"])] == [
            reverse("people:organization", args=[register.organization.pk])
        ]

    def test_notes_are_not(self, register: Register, alice: User) -> None:
        actions.add_note(about=register.person, body="unmistakable", actor=alice)
        assert search("unmistakable", alice) == []

    def test_a_bulk_change_is_found_at_once(self, register: Register, bob: User) -> None:
        ben = actions.add_person(actor=None, name="Ben", identities_known=[NewIdentity("github", "benny")])
        tag = TagFactory(name="juggler")
        actions.tag_records(model=Person, records=[ben.pk], tag=tag, actor=None)
        assert [hit.title for hit in search("juggler", bob)] == ["Ben"]
        actions.untag_records(model=Person, records=[ben.pk], tag=tag, actor=None)
        assert search("juggler", bob) == []


def test_names_are_text_never_markup(as_bob: Client) -> None:
    name = "<script>alert(1)</script>"
    person = PersonFactory(name=name)
    for url in (reverse("people:people"), reverse("people:person", args=[person.pk])):
        page = as_bob.get(url).content.decode()
        assert name not in page
        assert escape(name) in page


def test_a_large_number_is_remembered_for_a_while(
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: Callable[[int], AbstractContextManager[object]],
) -> None:
    for _number in range(3):
        PersonFactory()
    assert lists.people().count() == 3
    PersonFactory()
    assert lists.people().count() == 4
    monkeypatch.setattr(lists.ManyRows, "MANY", 3)
    assert lists.people().count() == 4
    PersonFactory()
    with django_assert_num_queries(0):
        assert lists.people().count() == 4
    assert lists.people().filter(name="nobody").count() == 0
    cache.clear()
    assert lists.people().count() == 5
    cache.clear()
