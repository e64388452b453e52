"""Merging and undoing: everything that points at a record moves, and goes back exactly."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.imports.undo import relations_to
from folkmoot.kernel.search.models import SearchEntry
from folkmoot.ledger.models import Activity
from folkmoot.people.actions import add_note, current_version, edit_person
from folkmoot.people.actions.base import ChangedMeanwhile
from folkmoot.people.actions.merging import (
    KINDS,
    RULES,
    better_survivor,
    keep_apart,
    kind_of,
    merge_people,
    merge_records,
    reopen,
    unmerge,
)
from folkmoot.people.actions.merging.values import RECKONED
from folkmoot.people.models import (
    Affiliation,
    Candidate,
    Identity,
    Merge,
    MergedRow,
    Organization,
    OrganizationRelation,
    OtherName,
    Person,
    PersonCandidate,
    Project,
    Term,
)
from tests.factories import (
    IdentityFactory,
    OrganizationFactory,
    PersonFactory,
    ProjectFactory,
    RoleKindFactory,
    TermFactory,
    UserFactory,
)
from tests.people.merging import PARKS, SAMPLES, changes, dump

pytestmark = pytest.mark.django_db
FACTORIES: dict[type[Any], Any] = {
    Person: PersonFactory,
    Organization: OrganizationFactory,
    Project: ProjectFactory,
}


def relations() -> dict[str, models.ForeignKey[Any, Any]]:
    return {
        f"{one.model._meta.label_lower}.{one.name}": one for kind in KINDS for one in relations_to(kind.model)
    }


# -- everything moves ------------------------------------------------------------------------------------------------


def test_every_relation_in_the_schema_has_a_sample() -> None:
    """A new table that points at a person, organisation or project: add how a row of it is made to ``SAMPLES``."""
    assert set(relations()) == set(SAMPLES)


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_a_row_moves_or_is_parked_and_goes_back(name: str, mary: User) -> None:
    relation, (make, what) = relations()[name], SAMPLES[name]
    model: Any = relation.model
    survivor, gone = (FACTORIES[relation.related_model]() for _side in range(2))
    row = make(gone)
    if what == PARKS:
        make(survivor)
    before = dump()
    merge = merge_records(survivor=survivor, gone=gone, actor=mary)

    pointing = Q(**{relation.attname: gone.pk})
    assert not model.objects.filter(pointing).exists()
    moved = model.objects.filter(pk=row.pk).first()
    assert (moved is None) == (what == PARKS)
    kept = merge.rows.get(model=model._meta.label_lower, row_id=str(row.pk))
    assert kept.what == (MergedRow.What.PARKED if what == PARKS else MergedRow.What.MOVED)

    unmerge(merge=merge, actor=mary)
    assert changes(before, dump()) == {}


def test_every_field_of_a_record_has_a_rule() -> None:
    for model, rules in RULES.items():
        names = {field.name for field in model._meta.concrete_fields}
        assert {rule.name for rule in rules} == names - RECKONED


def test_what_belongs_to_a_parked_row_is_parked_with_it(mary: User) -> None:
    """Nothing that a table of tomorrow hangs on a row of today goes with it unseen."""
    one, other, place = PersonFactory(), PersonFactory(), OrganizationFactory()
    for person in (one, other):
        Affiliation.objects.create(person=person, organization=place)
    merge = merge_people(survivor=one, gone=other, actor=mary)
    parked = merge.rows.get(what=MergedRow.What.PARKED)
    assert parked.data == {
        "id": int(parked.row_id),
        "person_id": other.pk,
        "organization_id": place.pk,
        "started_on": None,
        "ended_on": None,
        "title": "",
        "source": "folkmoot",
    }


def test_a_relation_between_the_two_is_parked(mary: User) -> None:
    one, other = OrganizationFactory(), OrganizationFactory()
    OrganizationRelation.objects.create(organization=other, kind="succeeded_by", other=one)
    before = dump()
    merge = merge_records(survivor=one, gone=other, actor=mary)
    assert OrganizationRelation.objects.count() == 0
    unmerge(merge=merge, actor=mary)
    assert changes(before, dump()) == {}


# -- values ----------------------------------------------------------------------------------------------------------


def test_the_better_value_is_taken(mary: User) -> None:
    login = PersonFactory(name="apz", bio="Hydrologist in Bogotá", joined_on=dt.date(2024, 5, 1))
    IdentityFactory(person=login, value="apz")
    named = PersonFactory(
        name="Ana Pérez", bio="Hydrologist", location="Bogotá", joined_on=dt.date(2023, 5, 1), country="CO"
    )
    merge = merge_people(survivor=login, gone=named, actor=mary)
    login.refresh_from_db()
    assert (login.name, login.sort_key, login.bio, login.location, login.country, login.joined_on) == (
        "Ana Pérez",
        "ana perez",
        "Hydrologist in Bogotá",
        "Bogotá",
        "CO",
        dt.date(2023, 5, 1),
    )
    assert merge.before == {"name": "apz", "location": "", "country": "", "joined_on": "2024-05-01"}
    unmerge(merge=merge, actor=mary)
    login.refresh_from_db()
    assert (login.name, login.sort_key, login.location, login.joined_on) == (
        "apz",
        "apz",
        "",
        dt.date(2024, 5, 1),
    )


def test_a_person_may_choose_the_other_value(mary: User) -> None:
    one, other = PersonFactory(name="Ana Pérez", location="Bogotá"), PersonFactory(name="A. P.", location="")
    merge_people(survivor=one, gone=other, actor=mary, choices={"name": "gone", "location": "gone"})
    one.refresh_from_db()
    assert (one.name, one.location) == ("A. P.", "")


@pytest.mark.parametrize("choices", [{"shoe_size": "gone"}, {"name": "both"}, {"user": "gone"}])
def test_a_choice_that_is_none(choices: dict[str, str], mary: User) -> None:
    one, other = PersonFactory(), PersonFactory()
    with pytest.raises(ValidationError, match="is no choice"):
        merge_people(survivor=one, gone=other, actor=mary, choices=choices)
    assert Person.objects.count() == 2


def test_two_accounts_the_survivors_stays_and_the_other_can_still_sign_in(mary: User) -> None:
    first, second = UserFactory(), UserFactory()
    one, other = PersonFactory(user=first), PersonFactory(user=second)
    merge = merge_people(survivor=one, gone=other, actor=mary)
    one.refresh_from_db()
    assert (one.user, merge.gone["user_id"]) == (first, second.pk)
    second.refresh_from_db()
    assert second.is_active
    unmerge(merge=merge, actor=mary)
    assert Person.objects.get(pk=other.pk).user == second


def test_an_account_goes_to_the_survivor_and_back(mary: User) -> None:
    user = UserFactory()
    one, other = PersonFactory(), PersonFactory(user=user)
    merge = merge_people(survivor=one, gone=other, actor=mary)
    one.refresh_from_db()
    assert one.user == user
    unmerge(merge=merge, actor=mary)
    one.refresh_from_db()
    assert (one.user, Person.objects.get(pk=other.pk).user) == (None, user)


def test_who_should_stay() -> None:
    older, younger, proven, member = (PersonFactory() for _n in range(4))
    IdentityFactory(person=proven, is_verified=True)
    member.user = UserFactory()
    member.save()
    assert better_survivor(younger, older) == (older, younger)
    assert better_survivor(older, proven) == (proven, older)
    assert better_survivor(proven, member) == (member, proven)


# -- what is refused -------------------------------------------------------------------------------------------------


def test_refused_in_words(mary: User) -> None:
    one, other = PersonFactory(name="Ana"), PersonFactory(name="Ben")
    with pytest.raises(ValidationError, match="one record already"):
        merge_people(survivor=one, gone=one, actor=mary)
    with pytest.raises(ValidationError, match="of one kind"):
        merge_records(survivor=one, gone=OrganizationFactory(), actor=mary)
    other.erased_at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    other.save()
    for pair in ((one, other), (other, one)):
        with pytest.raises(ValidationError, match="asked to be forgotten"):
            merge_people(survivor=pair[0], gone=pair[1], actor=mary)
    assert (Person.objects.count(), Merge.objects.count()) == (2, 0)


def test_an_edit_meanwhile_is_noticed(mary: User, alice: User) -> None:
    one, other = PersonFactory(name="Ana"), PersonFactory(name="Ben")
    seen = {row.pk: current_version(row) for row in (one, other)}
    edit_person(person=other, actor=alice, location="Lima")
    with pytest.raises(ChangedMeanwhile, match="Alice Admin"):
        merge_people(survivor=one, gone=other, actor=mary, seen=seen)
    other.delete()
    with pytest.raises(ValidationError, match="removed meanwhile"):
        merge_people(survivor=one, gone=Person(pk=seen and max(seen)), actor=mary)


def test_not_the_same_holds_until_it_is_taken_back(mary: User) -> None:
    one, other = PersonFactory(name="Ana"), PersonFactory(name="Ben")
    kind = kind_of(one)
    assert keep_apart(kind=kind, pairs=[(other.pk, one.pk)], actor=mary) == [PersonCandidate.objects.get().pk]
    assert keep_apart(kind=kind, pairs=[(one.pk, other.pk)], actor=mary) == []
    with pytest.raises(ValidationError, match=r"Mary Manager said on .* are not the same"):
        merge_people(survivor=one, gone=other, actor=mary)
    reopen(kind=kind, candidates=[PersonCandidate.objects.get().pk], actor=mary)
    assert PersonCandidate.objects.count() == 0, "nobody but a person thought of it"
    merge_people(survivor=one, gone=other, actor=mary)


def test_a_verdict_carries_over_to_the_survivor(mary: User) -> None:
    one, other, third = PersonFactory(), PersonFactory(), PersonFactory()
    kind = kind_of(one)
    PersonCandidate.objects.create(first=one, second=third, score=0.9, reasons=[{"code": "same_name"}])
    keep_apart(kind=kind, pairs=[(other.pk, third.pk)], actor=mary)
    before = dump()
    merge = merge_people(survivor=one, gone=other, actor=mary)
    carried = PersonCandidate.objects.get()
    assert (carried.first, carried.second, carried.state, carried.decided_by) == (
        one,
        third,
        Candidate.State.DIFFERENT,
        mary,
    )
    with pytest.raises(ValidationError, match="not the same"):
        merge_people(survivor=third, gone=one, actor=mary)
    unmerge(merge=merge, actor=mary)
    assert changes(before, dump()) == {}


# -- undo ------------------------------------------------------------------------------------------------------------


def test_what_happened_since_is_kept(mary: User) -> None:
    one, other = PersonFactory(name="Ana"), PersonFactory(name="Ben", location="Lima")
    kind = RoleKindFactory()
    edited, removed, moved_on = (
        TermFactory(person=other, role_kind=kind, started_on=dt.date(2020 + n, 1, 1)) for n in range(3)
    )
    merge = merge_people(survivor=one, gone=other, actor=mary)
    one.refresh_from_db()
    third = PersonFactory()
    Term.objects.filter(pk=edited.pk).update(ended_on=dt.date(2026, 1, 1))
    Term.objects.filter(pk=removed.pk).delete()
    Term.objects.filter(pk=moved_on.pk).update(person=third)
    note = add_note(about=one, body="Met in May", actor=mary)
    edit_person(person=one, actor=mary, name="Ana Pérez")

    done = unmerge(merge=merge, actor=mary)
    one.refresh_from_db()
    again = Person.objects.get(pk=other.pk)
    edited.refresh_from_db()
    note.refresh_from_db()
    assert (edited.person, edited.ended_on) == (again, dt.date(2026, 1, 1))
    assert (one.name, one.location, again.location, note.person) == ("Ana Pérez", "", "Lima", one)
    assert sorted((row.row_id, why) for row, why in done.left) == sorted(
        [(str(removed.pk), "removed"), (str(moved_on.pk), "elsewhere")]
    )
    assert unmerge(merge=merge, actor=mary).left == (), "twice does nothing"


def test_a_chain_is_undone_newest_first(mary: User) -> None:
    one, two, three = PersonFactory(name="Ana"), PersonFactory(name="Ben"), PersonFactory(name="Chi")
    for person in (one, two, three):
        IdentityFactory(person=person)
    before = dump()
    first = merge_people(survivor=two, gone=three, actor=mary)
    second = merge_people(survivor=one, gone=two, actor=mary)
    with pytest.raises(ValidationError, match="newer merge") as refused:
        unmerge(merge=first, actor=mary)
    assert refused.value.params == {"merge": second.pk}
    unmerge(merge=second, actor=mary)
    unmerge(merge=first, actor=mary)
    assert changes(before, dump()) == {}


def test_a_merge_of_another_kind_that_builds_on_it_is_undone_first(mary: User) -> None:
    """Ben's place was laid aside, since Ana is there, too; then the place itself became another."""
    one, other = PersonFactory(), PersonFactory()
    old, new = OrganizationFactory(), OrganizationFactory()
    for person in (one, other):
        Affiliation.objects.create(person=person, organization=old)
    before = dump()
    first = merge_people(survivor=one, gone=other, actor=mary)
    second = merge_records(survivor=new, gone=old, actor=mary)
    with pytest.raises(ValidationError, match="newer merge"):
        unmerge(merge=first, actor=mary)
    unmerge(merge=second, actor=mary)
    unmerge(merge=first, actor=mary)
    assert changes(before, dump()) == {}


def test_a_row_that_a_later_merge_parked_waits_for_it(mary: User) -> None:
    one, other = PersonFactory(), PersonFactory()
    old, new = OrganizationFactory(), OrganizationFactory()
    Affiliation.objects.create(person=one, organization=new)
    Affiliation.objects.create(person=other, organization=old)
    before = dump()
    first = merge_people(survivor=one, gone=other, actor=mary)
    second = merge_records(survivor=new, gone=old, actor=mary)
    assert Affiliation.objects.count() == 1
    with pytest.raises(ValidationError, match="newer merge"):
        unmerge(merge=first, actor=mary)
    unmerge(merge=second, actor=mary)
    unmerge(merge=first, actor=mary)
    assert changes(before, dump()) == {}


def test_undo_refused_in_words(mary: User) -> None:
    one, other = OrganizationFactory(name="Harbour Institute"), OrganizationFactory(name="Harbour")
    merge = merge_records(survivor=one, gone=other, actor=mary)
    taken = OrganizationFactory(name="Harbour")
    with pytest.raises(ValidationError, match=r"“Harbour” cannot be as it was.*then undo again"):
        unmerge(merge=merge, actor=mary)
    taken.delete()
    Organization.objects.create(pk=other.pk, name="Somebody else")
    with pytest.raises(ValidationError, match=f"Number {other.pk} is another record's"):
        unmerge(merge=merge, actor=mary)
    Organization.objects.get(pk=other.pk).delete()
    OtherName.objects.all().delete()
    one.delete()
    with pytest.raises(ValidationError, match="was deleted since"):
        unmerge(merge=merge, actor=mary)


def test_what_a_parked_row_belonged_to_was_removed_since(mary: User) -> None:
    one, other, kind = PersonFactory(), PersonFactory(), RoleKindFactory()
    project = ProjectFactory()
    for person in (one, other):
        TermFactory(person=person, role_kind=kind, project=project)
    merge = merge_people(survivor=one, gone=other, actor=mary)
    Term.objects.all().delete()
    kind.delete()
    done = unmerge(merge=merge, actor=mary)
    assert [why for _row, why in done.left] == ["nowhere"]
    assert MergedRow.objects.get(what="parked").data["left"] == "nowhere"


# -- what tells of it ------------------------------------------------------------------------------------------------


def test_history_ledger_and_search_tell_of_it(mary: User) -> None:
    one, other = PersonFactory(name="Ana"), PersonFactory(name="Ben Okoro")
    handle = IdentityFactory(person=other, value="benok")
    merge = merge_people(survivor=one, gone=other, actor=mary)
    entry = handle.history.first()
    assert (entry.history_user, entry.history_change_reason, entry.person_id) == (
        mary,
        f"merge {merge.pk}",
        one.pk,
    )
    assert one.history.first().history_change_reason == f"merge {merge.pk}"
    assert Person.history.filter(id=other.pk).first().history_type == "-"
    assert {e.object_id: "benok" in e.words for e in SearchEntry.objects.filter(kind="person")} == {
        one.pk: True
    }
    unmerge(merge=merge, actor=mary)
    assert {e.object_id: "benok" in e.words for e in SearchEntry.objects.filter(kind="person")} == {
        one.pk: False,
        other.pk: True,
    }
    assert handle.history.first().history_change_reason == f"undo of merge {merge.pk}"
    assert list(Activity.objects.order_by("pk").values_list("kind", "identity", "detail__gone")) == [
        ("people.merged", None, other.pk),
        ("people.unmerged", None, other.pk),
    ]


def test_activity_of_a_person_stays_where_it_is(mary: User) -> None:
    one, other = PersonFactory(), PersonFactory()
    identity = IdentityFactory(person=other)
    activity = Activity.objects.create(
        kind="item.opened",
        identity=identity,
        source="forge",
        external_id="1",
        occurred_at=dt.datetime(2026, 5, 4, tzinfo=dt.UTC),
    )
    merge = merge_people(survivor=one, gone=other, actor=mary)
    assert not merge.rows.filter(model="ledger.activity").exists()
    activity.refresh_from_db()
    assert (activity.identity, Identity.objects.get(pk=identity.pk).person) == (identity, one)
