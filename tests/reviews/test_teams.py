"""A team of reviewers keeps every rule; where there is none, the rules that stand in the way are named."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import pytest

from folkmoot.people.models import Affiliation, Person
from folkmoot.reviews.actions import assignments, conflicts
from folkmoot.reviews.models import Assignment, Submission
from folkmoot.reviews.ranking.pool import About, Pool, load
from folkmoot.reviews.ranking.reviewers import Rule, judge, months_before, rank
from folkmoot.reviews.ranking.teams import Team, team, teams
from tests.factories import (
    AssignmentFactory,
    OrganizationFactory,
    PersonFactory,
    ProgrammeFactory,
    ProjectFactory,
    RoleKindFactory,
    SubmissionFactory,
    TagFactory,
    TermFactory,
)
from tests.reviews.crowd import TODAY, crowd

pytestmark = pytest.mark.django_db


@pytest.fixture
def submission() -> Submission:
    """A package about waves by Ana Quintanar."""
    row = SubmissionFactory(
        programme=ProgrammeFactory(), title="wavefold", project=ProjectFactory(name="wavefold")
    )
    row.tags.add(TagFactory(facet="category", name="Waves"))
    AssignmentFactory(submission=row, person=PersonFactory(name="Ana Quintanar"), role="author")
    return row


def reviewer(name: str, *, knows: str = "", reviewed: int | None = None, **more: Any) -> Person:
    """Somebody who can be asked; ``reviewed``: so many days ago."""
    person = PersonFactory(name=name, **({"availability": "yes"} | more))
    if knows:
        tag = TagFactory._meta.model.objects.get_or_create(
            facet="domain", folded=knows.lower(), defaults={"name": knows}
        )[0]
        person.tags.add(tag)
    if reviewed is not None:
        day = TODAY - dt.timedelta(days=reviewed)
        past = SubmissionFactory(outcome="accepted", accepted_on=day)
        AssignmentFactory(submission=past, person=person, role="reviewer", state="done")
    return person


def pool_of(*rows: Submission) -> Pool:
    return load(rows, today=TODAY)


def names(found: Team) -> list[str]:
    return sorted(one.person.name for one in found.members)


def bars(row: Submission, name: str) -> list[tuple[Rule, str]]:
    found = next(one for one in rank(row, pool_of(row)) if one.person.name == name)
    return [(bar.rule, bar.words) for bar in found.bars]


def test_one_knows_the_field_and_one_has_reviewed(submission: Submission) -> None:
    reviewer("Ida Field", knows="waves")
    reviewer("Pia Past", reviewed=400)
    for number in range(4):
        reviewer(f"New {number}")
    found = team(submission, pool_of(submission))
    assert names(found) == ["Ida Field", "Pia Past"]
    assert found.is_legal
    by_name = {one.person.name: one.reasons for one in found.members}
    assert by_name == {
        "Ida Field": ["says they know Waves", "would review for the first time", "can be asked"],
        "Pia Past": ["has done 1 review", "last review 27 April 2025", "can be asked"],
    }


def test_who_reviews_already_counts(submission: Submission) -> None:
    there = reviewer("Ida Field", knows="waves", reviewed=400)
    AssignmentFactory(submission=submission, person=there, role="reviewer")
    reviewer("New")
    assert names(team(submission, pool_of(submission))) == ["New"]
    AssignmentFactory(submission=submission, person=PersonFactory(), role="reviewer", state="invited")
    assert team(submission, pool_of(submission)).wanted == 0


def test_every_rule_about_one_person(submission: Submission, alice: Any) -> None:
    ana = Person.objects.get(name="Ana Quintanar")
    house, other = OrganizationFactory(name="House"), OrganizationFactory(name="Other")
    Affiliation.objects.create(person=ana, organization=house, started_on=dt.date(2025, 1, 1))
    colleague = reviewer("Colleague")
    Affiliation.objects.create(person=colleague, organization=house)
    former = reviewer("Former colleague")
    Affiliation.objects.create(person=former, organization=house, ended_on=dt.date(2024, 12, 31))
    project = ProjectFactory(name="tidal")
    maintains = RoleKindFactory(is_maintaining=True)
    TermFactory(person=ana, project=project, role_kind=maintains)
    TermFactory(person=reviewer("Co-maintainer"), project=project, role_kind=maintains)
    shared = ProjectFactory(name="harbour")
    helper = RoleKindFactory()
    for who in (ana, reviewer("Co-worker")):
        TermFactory(person=who, project=shared, role_kind=helper, ended_on=dt.date(2024, 3, 1))
    long_ago = ProjectFactory(name="lagoon")
    for who in (ana, reviewer("Long ago")):
        TermFactory(person=who, project=long_ago, role_kind=helper, ended_on=dt.date(2021, 3, 1))
    conflicts.declare_conflict(
        person=reviewer("Rival"), other=ana, actor=alice, reason="rivals", until=dt.date(2026, 6, 1)
    )
    conflicts.declare_conflict(person=reviewer("Member"), other=house, actor=alice)
    conflicts.declare_conflict(person=reviewer("Over"), other=ana, actor=alice, until=dt.date(2026, 5, 31))
    conflicts.declare_conflict(person=reviewer("User"), other=submission.project, actor=alice)
    conflicts.declare_conflict(person=ana, other=reviewer("Avoided"), actor=alice)
    conflicts.declare_conflict(person=reviewer("Elsewhere"), other=other, actor=alice)
    reviewer("Rested", reviewed=182)
    reviewer("Tired", reviewed=181)
    reviewer("Away", available_from=dt.date(2026, 6, 2))
    reviewer("Back", available_from=dt.date(2026, 6, 1))
    PersonFactory(name="Never", availability="no").tags.add(TagFactory(facet="domain"))
    busy = reviewer("Busy")
    AssignmentFactory(submission=SubmissionFactory(), person=busy, role="reviewer", state="invited")
    refused = reviewer("Refused")
    AssignmentFactory(submission=submission, person=refused, role="reviewer", state="declined")
    editing = reviewer("Editing")
    AssignmentFactory(submission=submission, person=editing, role="editor")
    found = {
        one.person.name: [bar.rule.value for bar in one.bars] for one in rank(submission, pool_of(submission))
    }
    assert found == {
        "Colleague": ["conflict"],
        "Former colleague": [],
        "Co-maintainer": ["conflict"],
        "Co-worker": ["conflict"],
        "Long ago": [],
        "Rival": ["conflict"],
        "Member": ["conflict"],
        "Over": [],
        "User": ["conflict"],
        "Avoided": ["conflict"],
        "Elsewhere": [],
        "Rested": [],
        "Tired": ["rest"],
        "Away": ["available"],
        "Back": [],
        "Never": ["available"],
        "Busy": ["busy"],
        "Refused": ["said_no"],
        "Editing": ["own"],
        "Ana Quintanar": ["own"],
    }
    assert bars(submission, "Colleague") == [
        (Rule.CONFLICT, "belongs to the same organisation as Ana Quintanar")
    ]
    assert bars(submission, "Co-maintainer")[0][1] == "looks after a project together with Ana Quintanar"
    assert bars(submission, "Co-worker")[0][1] == "worked with Ana Quintanar within 3 years"
    assert bars(submission, "Rival")[0][1] == "declared a conflict with Ana Quintanar: rivals"
    assert bars(submission, "Tired")[0][1] == "reviewed on 2 December 2025, less than 6 months ago"


def test_what_stands_in_the_way_is_named(submission: Submission) -> None:
    reviewer("Ida Field", knows="waves")
    reviewer("New")
    found = team(submission, pool_of(submission))
    assert (found.members, found.in_the_way, found.too_few) == ([], [(Rule.EXPERIENCE,)], False)
    reviewer("Tired", reviewed=10)
    assert team(submission, pool_of(submission)).in_the_way == [(Rule.REST,), (Rule.EXPERIENCE,)]
    Person.objects.filter(name="Ida Field").update(availability="no")
    assert team(submission, pool_of(submission)).in_the_way == [
        (Rule.REST, Rule.AVAILABLE),
        (Rule.REST, Rule.DOMAIN),
        (Rule.AVAILABLE, Rule.EXPERIENCE),
    ]


def test_too_few_people_whatever_is_let_go(submission: Submission) -> None:
    reviewer("Only")
    found = team(submission, pool_of(submission))
    assert (found.members, found.in_the_way, found.too_few) == ([], [], True)


def test_one_at_most_was_suggested_by_the_author(submission: Submission) -> None:
    first, second = (reviewer(f"Named {n}", knows="waves", reviewed=400) for n in (1, 2))
    reviewer("Other")
    found = team(submission, pool_of(submission), suggested=[first.pk, second.pk])
    assert len(found.members) == 2
    assert "Other" in names(found)
    alone = team(submission, pool_of(submission), suggested=[one.pk for one in Person.objects.all()])
    assert alone.in_the_way == [(Rule.SUGGESTED,)]


def test_people_of_different_organisations_are_preferred(submission: Submission) -> None:
    house = OrganizationFactory()
    for name in ("A", "B"):
        Affiliation.objects.create(
            person=reviewer(f"Same {name}", knows="waves", reviewed=400), organization=house
        )
    reviewer("Else")
    assert "Else" in names(team(submission, pool_of(submission)))
    Person.objects.filter(name="Else").update(availability="no")
    assert names(team(submission, pool_of(submission))) == ["Same A", "Same B"]


def keeps_the_rules(pool: Pool, about: About, members: list[Person]) -> bool:
    judged = [judge(pool, about, pool.people[one.pk]) for one in members]
    return (
        all(not one.bars for one in judged)
        and any(one.knows_field for one in judged)
        and any(one.has_reviewed for one in judged)
    )


def test_the_best_of_all_pairs(django_assert_num_queries: Any) -> None:
    """Against every pair there is."""
    rows = crowd(14, 5)
    with django_assert_num_queries(11):
        pool = load(rows, today=TODAY)
    for row in rows:
        about = pool.about[row.pk]
        judged = [judge(pool, about, pool.people[pk]) for pk in pool.candidates]
        best = float("-inf")
        for first, second in itertools.combinations(judged, 2):
            if keeps_the_rules(pool, about, [first.person, second.person]):
                houses = [one.known.organization_on(TODAY) for one in (first, second)]
                price = 6.0 if houses[0] and houses[0] == houses[1] else 0.0
                best = max(best, first.score + second.score - price)
        found = team(row, pool)
        if best == float("-inf"):
            assert not found.is_legal
            continue
        houses = [one.known.organization_on(TODAY) for one in found.members]
        price = 6.0 if houses[0] and houses[0] == houses[1] else 0.0
        assert sum(one.score for one in found.members) - price == pytest.approx(best, abs=0.01)


def test_many_packages_at_once_share_nobody() -> None:
    rows = crowd(60, 6)
    pool = load(rows, today=TODAY)
    found = teams(rows, pool)
    assert [len(found[row.pk].members) for row in rows] == [2] * 6
    everybody = [one.person.pk for row in rows for one in found[row.pk].members]
    assert len(set(everybody)) == 12
    for row in rows:
        people = [one.person for one in found[row.pk].members]
        assert keeps_the_rules(pool, pool.about[row.pk], people)


def test_when_people_do_not_reach_for_all(submission: Submission) -> None:
    second = SubmissionFactory(programme=submission.programme, title="tidal")
    reviewer("Ida Field", knows="waves")
    reviewer("Pia Past", reviewed=400)
    found = teams([submission, second], pool_of(submission, second))
    assert sorted(len(one.members) for one in found.values()) == [0, 2]
    assert all(one.in_the_way == [] for one in found.values())


def test_the_same_month_day_earlier() -> None:
    assert months_before(dt.date(2026, 8, 31), 6) == dt.date(2026, 2, 28)
    assert months_before(dt.date(2026, 3, 15), 0) == dt.date(2026, 3, 15)
    assert months_before(dt.date(2026, 1, 31), 36) == dt.date(2023, 1, 31)


def test_nobody_stands_on_both_sides(submission: Submission) -> None:
    from django.core.exceptions import ValidationError

    ana = Person.objects.get(name="Ana Quintanar")
    for role in ("reviewer", "editor"):
        with pytest.raises(ValidationError, match="both sides"):
            assignments.assign(submission=submission, person=ana, role=role, actor=None)
    assert Assignment.objects.count() == 1
