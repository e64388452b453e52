"""The pages of merging: side by side, found by hand, the list of merges, undo; who may, and what wrong input does."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from folkmoot.kernel.accounts.models import User
from folkmoot.people import merging_urls
from folkmoot.people.actions import NewIdentity, add_identity, add_note, edit_person
from folkmoot.people.actions.merging import (
    keep_apart,
    kind_of,
    merge_people,
    merge_records,
    merge_several,
    unmerge,
)
from folkmoot.people.models import Affiliation, Merge, Person, PersonCandidate
from folkmoot.people.queries.merging import current_numbers, find_current
from tests.factories import IdentityFactory, OrganizationFactory, PersonFactory, ProjectFactory, TermFactory

pytestmark = pytest.mark.django_db


def said(response: Any) -> list[str]:
    return [str(one) for one in get_messages(response.wsgi_request)]


def pair_url(one: Any, other: Any, kind: str = "person") -> str:
    return reverse("people:merge_pair", args=[kind, one.pk, other.pk])


@pytest.fixture
def two() -> tuple[Person, Person]:
    ana = PersonFactory(name="Ana Pérez", location="Bogotá")
    login = PersonFactory(name="anaperez", location="Bogotá, Colombia")
    IdentityFactory(person=login, value="anaperez")
    home = OrganizationFactory(name="Harbour Institute")
    for person in (ana, login):
        Affiliation.objects.create(person=person, organization=home)
    return ana, login


def test_side_by_side_merged_and_undone(as_mary: Client, two: tuple[Person, Person]) -> None:
    ana, login = two
    page = as_mary.get(pair_url(ana, login))
    html = page.content.decode()
    for text in (
        "“anaperez” would become a part of “Ana Pérez”",
        "the other one is a handle, not a name",
        "1 identity",
        "1 affiliation",
        "(1 is there already: laid aside)",
    ):
        assert text in html, text
    # The proposed value is preselected, the other one a click away.
    assert 'name="take-name" value="survivor" checked' in html
    assert 'name="take-location" value="gone" checked' in html

    seen = {f"seen-{pk}": version for pk, version in page.context["preview"].seen.items()}
    done = as_mary.post(pair_url(ana, login), {**seen, "take-location": "survivor"})
    assert done.url == reverse("people:person", args=[ana.pk])
    merge = Merge.objects.get()
    assert said(done) == ["“anaperez” and “Ana Pérez” are one record now."]
    ana.refresh_from_db()
    assert (ana.location, merge.made_by.email) == ("Bogotá", "mary@example.org")

    old = reverse("people:person", args=[login.pk])
    assert as_mary.get(f"{old}?about=notes").url == f"/people/{ana.pk}/?about=notes"
    assert as_mary.get(pair_url(ana, login)).url == reverse("people:person", args=[ana.pk])
    shown = as_mary.get(reverse("people:merge", args=[merge.pk])).content.decode()
    assert "Undo this merge" in shown
    assert "affiliation: Harbour Institute" in shown
    assert "anaperez → Ana Pérez" in shown

    back = as_mary.post(reverse("people:undo_merge", args=[merge.pk]), {"next": "/people/"})
    assert back.url == "/people/"
    assert as_mary.get(old).status_code == 200
    assert "undone" in as_mary.get(reverse("people:merge", args=[merge.pk])).content.decode()


def test_the_ways_to_say_no(as_mary: Client, two: tuple[Person, Person]) -> None:
    ana, login = two
    page = as_mary.get(pair_url(ana, login))
    seen = {f"seen-{pk}": version for pk, version in page.context["preview"].seen.items()}
    edit_person(person=login, actor=None, location="Lima")
    refused = as_mary.post(pair_url(ana, login), seen)
    assert refused.status_code == 422
    assert "An import saved this on" in refused.content.decode()
    wrong = as_mary.post(pair_url(ana, login), {"take-name": "both"})
    assert wrong.status_code == 422
    assert "is no choice" in wrong.content.decode()

    apart = as_mary.post(reverse("people:keep_apart", args=["person", ana.pk, login.pk]))
    assert apart.url == reverse("people:candidates", args=["person"])
    refused = as_mary.post(pair_url(ana, login))
    assert refused.status_code == 422
    assert "are not the same" in refused.content.decode()
    assert "Take the verdict back" in as_mary.get(pair_url(ana, login)).content.decode()
    assert Person.objects.count() == 2


@pytest.mark.parametrize("kind", ["person", "organisation", "project"])
def test_the_other_one_is_found_by_hand(kind: str, as_mary: Client, mary: User) -> None:
    make: Any = {"person": PersonFactory, "organisation": OrganizationFactory, "project": ProjectFactory}[
        kind
    ]
    one, other, third = (make(name=name) for name in ("Wavefold", "Wavefolding", "Reef"))
    page = reverse("people:merge_with", args=[kind, one.pk])
    assert [row for row, _url, _beside in as_mary.get(page, {"q": "wavefold"}).context["found"]] == [other]
    assert as_mary.get(page).context["found"] == []
    assert "Nothing matches" in as_mary.get(page, {"q": "xyzzy"}).content.decode()
    assert as_mary.get(pair_url(one, other, kind)).status_code == 200
    done = as_mary.post(pair_url(one, other, kind))
    assert done.status_code == 302
    assert find_current(type(one), other.pk) == one
    second = merge_records(survivor=third, gone=one, actor=mary)
    assert current_numbers(type(one), [other.pk, one.pk, third.pk]) == {other.pk: third.pk, one.pk: third.pk}
    blocked = as_mary.get(reverse("people:merge", args=[second.pk - 1])).content.decode()
    assert reverse("people:merge", args=[second.pk]) in blocked
    assert "Undo this merge" not in blocked


def test_the_history_goes_on_before_the_merge(as_mary: Client, mary: User) -> None:
    first, second, third = (
        PersonFactory(name=name, location="Quito") for name in ("Ana Pérez", "Ana P.", "ana")
    )
    add_identity(person=third, new=NewIdentity("github", "ana-p"), actor=mary)
    edit_person(person=third, actor=mary, location="Cali")
    merge_people(survivor=second, gone=third, actor=mary)
    last = merge_people(survivor=first, gone=second, actor=mary)
    note = add_note(about=first, body="Met her", actor=mary)

    def told(person: Person) -> list[tuple[str, str, str]]:
        entries = as_mary.get(reverse("people:person_history", args=[person.pk])).context["entries"]
        changes = [(entry, change) for entry in entries for change in entry.changes]
        return [
            (entry.noun, change.before, change.after)
            for entry, change in changes
            if change.after in ("Cali", "ana-p", note.body)
        ]

    assert told(first) == [("note", "", "Met her"), ("person", "Quito", "Cali"), ("identity", "", "ana-p")]
    unmerge(merge=last, actor=mary)
    assert told(first) == [("note", "", "Met her")]
    assert told(second) == [("person", "Quito", "Cali"), ("identity", "", "ana-p")]


def test_the_list_of_merges(
    as_mary: Client, mary: User, django_assert_num_queries: Callable[..., Any]
) -> None:
    page = reverse("people:merges")
    assert "Nothing was merged yet" in as_mary.get(page).content.decode()
    survivor = PersonFactory(name="Ana Pérez")
    for _n in range(3):
        gone = PersonFactory(name="Ana P.")
        TermFactory(person=gone)
        merge_people(survivor=survivor, gone=gone, actor=mary)
        with django_assert_num_queries(LIST_QUERIES):
            as_mary.get(page)
    merge_records(
        survivor=OrganizationFactory(name="Harbour"), gone=OrganizationFactory(name="Hbr"), actor=None
    )

    def names(query: str) -> list[str]:
        return [str(row.object) for row in as_mary.get(f"{page}?{query}").context["list"].rows]

    assert names("kind=people.organization") == ["Hbr → Harbour"]
    assert names(f"who={mary.pk}") == ["Ana P. → Ana Pérez"] * 3
    assert names("q=harb") == ["Hbr → Harbour"]
    assert names(f"batch={uuid.uuid4()}") == names("batch=x") == []
    assert len(names("since=2020-01-01")) == 4
    csv = b"".join(as_mary.get(f"{page}?export=csv").streaming_content).decode()
    assert "Hbr → Harbour,organisation" in csv


#: The session, the user and rights, the saved views, the choices of "who", the count, the page, moved and parked.
LIST_QUERIES = 9


def test_several_at_once_and_back(as_mary: Client, mary: User) -> None:
    people = [PersonFactory(name=f"Ana {n}") for n in range(4)]
    several = merge_several(
        kind=kind_of(people[0]), survivor=people[1].pk, gone=[one.pk for one in people], actor=mary
    )
    assert (several.number, Person.objects.count()) == (3, 1)
    done = as_mary.post(reverse("people:undo_batch", args=[several.batch]))
    assert said(done) == ["3 merges are undone."]
    assert Person.objects.count() == 4
    keep_apart(kind=kind_of(people[0]), pairs=[(people[0].pk, people[3].pk)], actor=mary)
    with pytest.raises(Exception, match="not the same"):
        merge_several(
            kind=kind_of(people[0]), survivor=people[0].pk, gone=[one.pk for one in people], actor=mary
        )
    assert Person.objects.count() == 4, "all or none"


ADDRESSES = [
    ("candidates_first", [], "get"),
    ("candidates", ["person"], "get"),
    ("candidate_group", ["person", 1], "get"),
    ("put_off_candidate", ["person", 1], "get"),
    ("reopen_candidates", ["person", "x"], "post"),
    ("merge_with", ["person", 1], "get"),
    ("merge_pair", ["person", 1, 2], "get"),
    ("keep_apart", ["person", 1, 2], "post"),
    ("merges", [], "get"),
    ("merge", [1], "get"),
    ("undo_merge", [1], "post"),
    ("undo_batch", [uuid.UUID(int=1)], "post"),
]


def test_every_address_is_in_the_table() -> None:
    assert [one[0] for one in ADDRESSES] == [pattern.name for pattern in merging_urls.urlpatterns]


@pytest.mark.parametrize(("name", "args", "method"), ADDRESSES, ids=[one[0] for one in ADDRESSES])
def test_only_for_those_who_manage_people(
    name: str, args: list[Any], method: str, as_carol: Client, as_mary: Client, as_nobody: Client, mary: User
) -> None:
    one, other = PersonFactory(pk=1), PersonFactory(pk=2)
    PersonCandidate.objects.create(pk=1, first=one, second=other, score=0.9)
    merge = Merge.objects.create(
        model="people.person",
        survivor_id=1,
        gone_id=77,
        survivor_name="A",
        gone_name="B",
        gone={"id": 77, "name": "B"},
    )
    Merge.objects.filter(pk=merge.pk).update(id=1)
    url = reverse(f"people:{name}", args=args)
    assert getattr(as_carol, method)(url).status_code == 403
    assert getattr(as_nobody, method)(url).status_code == 302
    assert getattr(as_mary, method)(url).status_code in (200, 302)
    if args and args[0] == "person":
        unknown = reverse(f"people:{name}", args=["committee", *args[1:]])
        assert getattr(as_mary, method)(unknown).status_code == 404
