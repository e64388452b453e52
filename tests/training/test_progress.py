"""Progress, badges and awards: what actions do, refuse, tell and take back."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.undo import undo
from folkmoot.ledger.models import Activity
from folkmoot.people.actions.merging import merge_people, unmerge
from folkmoot.people.models import Term
from folkmoot.people.public import Person
from folkmoot.training.actions import awards, own_progress, tasks
from folkmoot.training.actions import progress as actions
from folkmoot.training.models import (
    Award,
    Badge,
    Certificate,
    Event,
    Progress,
)
from folkmoot.training.queries import trainees
from folkmoot.training.queries.standing import standings
from folkmoot.training.seeds.progress import load_progress
from tests.factories import PersonFactory, ProjectFactory
from tests.training.conftest import part
from tests.training.trainees import TODAY, how, instructor, needs, pass_all


def test_seeds_are_made_once_and_what_was_removed_stays_away(way: None) -> None:
    assert load_progress() == 0
    assert [row.slug for row in trainees.requirements_of(instructor())] == [
        "training",
        "welcome-session",
        "demo",
        "get-involved",
    ]
    Badge.objects.get(slug="member").delete()
    assert load_progress() == 0


@pytest.mark.parametrize(
    ("slug", "values", "field"),
    [
        ("training", {}, "event"),
        ("get-involved", {}, "involvement"),
        ("get-involved", {"involvement": "github-contribution", "happened_on": TODAY}, "url"),
        ("get-involved", {"involvement": "community-meeting"}, "happened_on"),
        ("get-involved", {"involvement": "other-involvement", "happened_on": TODAY}, "note"),
        ("demo", {"involvement": "community-meeting", "happened_on": TODAY}, "involvement"),
        ("demo", {"event": True}, "event"),
        ("demo", {"happened_on": dt.date(2027, 5, 1)}, "happened_on"),
    ],
)
def test_what_a_requirement_asks_is_asked(
    training: Event, alice: User, slug: str, values: dict[str, Any], field: str
) -> None:
    if "involvement" in values:
        values = values | {"involvement": how(values["involvement"])}
    if "event" in values:
        values = values | {"event": training}
    with pytest.raises(ValidationError) as caught:
        actions.add_progress(person=PersonFactory(), requirement=needs(slug), actor=alice, **values)
    assert list(caught.value.message_dict) == [field]
    assert Progress.objects.count() == 0


def test_the_database_refuses_a_second_entry_for_one_training_and_evaluation_without_a_moment(
    training: Event, alice: User
) -> None:
    person = PersonFactory()
    row = actions.add_progress(person=person, requirement=needs("training"), event=training, actor=alice)
    with pytest.raises(ValidationError) as caught:
        actions.add_progress(
            person=person, requirement=needs("training"), event=training, state="failed", actor=alice
        )
    assert list(caught.value.message_dict) == ["event"]
    with pytest.raises(IntegrityError), transaction.atomic():
        Progress.objects.filter(pk=row.pk).update(evaluated_at=None)


def test_from_passed_requirements_to_certificate(training: Event, alice: User) -> None:
    person = PersonFactory(name="Ada Example")
    pass_all(person, training, alice)
    assert list(trainees.complete_without(instructor(), trainees.requirements_of(instructor()))) == [person]
    row, back = awards.award(person=person, badge=instructor(), actor=alice)
    again, nothing = awards.award(person=person, badge=instructor(), actor=alice)
    assert (again, nothing.changes) == (row, ())
    term = Term.objects.get(person=person)
    assert (term.role_kind.slug, term.started_on, row.term) == ("instructor", TODAY, term)
    certificate = Certificate.objects.get(award=row)
    assert {name: certificate.facts[name] for name in ("name", "sentence", "event", "days")} == {
        "name": "Ada Example",
        "sentence": "has been awarded the badge",
        "event": "Instructor",
        "days": "1 April 2027",
    }
    told = Activity.objects.filter(kind__in=["training.passed", "training.awarded"])
    assert sorted(told.values_list("kind", "detail__title")) == [
        ("training.awarded", "Instructor"),
        ("training.passed", "Get involved"),
        ("training.passed", "Teaching demonstration"),
        ("training.passed", "Training"),
        ("training.passed", "Welcome session"),
    ]
    assert {one.identity.person for one in told if one.identity} == {person}
    assert not trainees.complete_without(instructor(), trainees.requirements_of(instructor())).exists()
    undo(what=back, actor=alice)
    assert (Award.objects.count(), Certificate.objects.count(), Term.objects.count()) == (0, 0, 0)
    assert list(trainees.complete_without(instructor(), trainees.requirements_of(instructor()))) == [person]


def test_a_badge_that_is_awarded_by_itself(training: Event, alice: User) -> None:
    Badge.objects.filter(slug="instructor").update(is_automatic=True)
    person = PersonFactory()
    pass_all(person, training, alice)
    row = Award.objects.get(person=person)
    awards.revoke_award(award=row, reason="By mistake", actor=alice)
    actions.add_progress(person=person, requirement=needs("demo"), happened_on=TODAY, actor=alice)
    assert [one.holds for one in Award.objects.all()] == [False]


def test_taking_a_badge_back_ends_the_role_and_the_certificate(training: Event, alice: User) -> None:
    person = PersonFactory()
    row, _undo = awards.award(person=person, badge=instructor(), awarded_on=dt.date(2027, 3, 5), actor=alice)
    with pytest.raises(ValidationError):
        awards.revoke_award(award=row, reason=" ", actor=alice)
    with pytest.raises(ValidationError) as caught:
        awards.remove_award(award=row, actor=alice)
    assert caught.value.code == "certificate"
    awards.revoke_award(award=row, reason="Left", actor=alice)
    certificate = Certificate.objects.get(award=row)
    assert (certificate.revoked_because, Term.objects.get().ended_on) == ("Left", TODAY)
    new, _undo = awards.award(person=person, badge=Badge.objects.get(slug="maintainer"), actor=alice)
    awards.remove_award(award=new, actor=alice)
    assert list(Award.objects.values_list("badge__slug", flat=True)) == ["instructor"]


def test_a_certificate_of_an_award_that_a_merge_laid_aside_still_answers(
    training: Event, alice: User, as_nobody: Client
) -> None:
    one, other = PersonFactory(name="Ada"), PersonFactory(name="Ada Example")
    codes = []
    for person in (one, other):
        row, _undo = awards.award(
            person=person, badge=instructor(), awarded_on=dt.date(2027, 3, 5), actor=alice
        )
        codes.append(Certificate.objects.get(award=row).code)
    merge = merge_people(survivor=one, gone=other, actor=alice)
    assert list(Certificate.objects.values_list("code", flat=True)) == codes[:1]
    moved = "has another record by now"
    for code, is_moved in ((codes[0], False), (codes[1], True)):
        shown = as_nobody.get(reverse("events:certificate", args=[code])).content.decode()
        assert ("This certificate is genuine" in shown, moved in shown) == (True, is_moved)
        pdf = as_nobody.get(reverse("events:certificate_pdf", args=[code]))
        assert (pdf.status_code, pdf["Content-Type"]) == (200, "application/pdf")
    unmerge(merge=merge, actor=alice)
    assert moved not in as_nobody.get(reverse("events:certificate", args=[codes[1]])).content.decode()
    assert as_nobody.get(reverse("events:certificate", args=["nothing-like-it"])).status_code == 404


def test_who_holds_the_role_already_keeps_it(way: None, alice: User) -> None:
    person = PersonFactory()
    badge = instructor()
    assert badge.role_kind is not None
    Term.objects.create(person=person, role_kind=badge.role_kind)
    row, _undo = awards.award(person=person, badge=badge, actor=alice)
    assert (row.term, Term.objects.count()) == (None, 1)


def test_bulk_checkout_of_sixty_trainees_without_an_event(
    training: Event, alice: User, django_assert_max_num_queries: Any
) -> None:
    people = [PersonFactory(name=f"Trainee {n:02}") for n in range(60)]
    welcome = needs("welcome-session")
    with django_assert_max_num_queries(40):
        noted = actions.note_many(people=people, requirement=welcome, happened_on=TODAY, actor=alice)
    assert (len(noted.rows), noted.known, noted.untrained) == (60, [], [])
    assert Progress.objects.filter(state="passed", event=None, evaluated_by=alice).count() == 60
    assert Activity.objects.filter(kind="training.passed").count() == 60
    again = actions.note_many(people=people, requirement=welcome, happened_on=TODAY, actor=alice)
    assert (again.rows, len(again.known)) == ([], 60)
    undo(what=noted.undo, actor=alice)
    assert Progress.objects.count() == 0


def test_bulk_training_is_each_ones_own_and_names_who_was_at_none(training: Event, alice: User) -> None:
    was, absent, nowhere = (PersonFactory(name=name) for name in ("Was", "Absent", "Nowhere"))
    tasks.add_task(event=training, person=was, kind=part("learner"), actor=alice)
    tasks.add_task(event=training, person=absent, kind=part("learner"), attended=False, actor=alice)
    noted = actions.note_many(people=[was, absent, nowhere], requirement=needs("training"), actor=alice)
    assert [(row.person, row.event) for row in noted.rows] == [(was, training)]
    assert noted.untrained == [absent, nowhere]


def test_bulk_decides_what_waits(way: None, alice: User, charlie: User) -> None:
    person = PersonFactory(user=charlie)
    sent = own_progress.submit(
        person=person,
        requirement=needs("get-involved"),
        involvement=how("github-contribution"),
        url="https://github.com/x/y/pull/1",
        happened_on=dt.date(2027, 3, 30),
        user=charlie,
    )
    noted = actions.note_many(people=[person], requirement=needs("get-involved"), actor=alice)
    assert noted.rows == [sent]
    sent.refresh_from_db()
    assert (sent.state, sent.url, sent.evaluated_by) == ("passed", "https://github.com/x/y/pull/1", alice)


def test_what_a_trainee_submits_is_theirs_until_somebody_evaluates_it(
    way: None, alice: User, charlie: User
) -> None:
    person = PersonFactory(user=charlie)
    more: dict[str, Any] = {"requirement": needs("get-involved"), "involvement": how(), "user": charlie}
    with pytest.raises(PermissionDenied):
        own_progress.submit(person=PersonFactory(), happened_on=TODAY, **more)
    with pytest.raises(ValidationError) as caught:
        own_progress.submit(person=person, requirement=needs("demo"), user=charlie)
    assert caught.value.code == "staff"
    row = own_progress.submit(person=person, happened_on=TODAY, **more)
    with pytest.raises(ValidationError) as caught:
        own_progress.submit(person=person, happened_on=TODAY, **more)
    assert caught.value.code == "waiting"
    own_progress.change_submission(
        progress=row, user=charlie, involvement=how(), happened_on=TODAY, note="The call in March"
    )
    actions.evaluate(rows=[row], state="repeat", note="Which call?", actor=alice)
    row.refresh_from_db()
    assert (row.state, row.own_note, row.note) == ("repeat", "The call in March", "Which call?")
    with pytest.raises(ValidationError) as caught:
        own_progress.take_back_submission(progress=row, user=charlie)
    assert caught.value.code == "evaluated"
    second = own_progress.submit(person=person, happened_on=TODAY, **more)
    own_progress.take_back_submission(progress=second, user=charlie)
    assert list(Progress.objects.all()) == [row]


def test_due_dates_count_from_the_end_of_the_training_and_can_be_put_off(
    training: Event, alice: User
) -> None:
    person = PersonFactory()
    requirements = trainees.requirements_of(instructor())
    actions.add_progress(person=person, requirement=needs("training"), event=training, actor=alice)

    def shown(today: dt.date) -> list[tuple[dt.date | None, bool]]:
        rows = standings(requirements, Progress.objects.select_related("event"), today)
        return [(one.due_on, one.is_late) for one in rows]

    due = dt.date(2027, 5, 31)  # 90 days after 2 March
    assert shown(due) == [(None, False), (due, False), (due, False), (due, False)]
    assert shown(due + dt.timedelta(days=1))[1] == (due, True)
    later = dt.date(2027, 7, 1)
    actions.add_progress(person=person, requirement=needs("demo"), state="open", due_on=later, actor=alice)
    assert shown(later)[1:3] == [(due, True), (later, False)]
    for day, found in ((due, []), (due + dt.timedelta(days=1), [person])):
        assert list(Person.objects.filter(trainees.late(requirements, day))) == found
    only = [needs("training"), needs("demo")]
    assert list(Person.objects.filter(trainees.late(only, later))) == []
    assert list(Person.objects.filter(trainees.late(only, later + dt.timedelta(days=1)))) == [person]


def test_a_merged_trainee_keeps_everything_once_and_the_undo_brings_it_back(
    training: Event, alice: User
) -> None:
    stays, goes = PersonFactory(name="Ada Example"), PersonFactory(name="A. Example")
    lesson = ProjectFactory(kind="lesson")
    for person in (stays, goes):
        actions.add_progress(person=person, requirement=needs("training"), event=training, actor=alice)
        own_progress.set_lessons(person=person, lessons=[lesson], actor=alice)
        awards.award(person=person, badge=instructor(), actor=alice)
    actions.add_progress(person=goes, requirement=needs("demo"), actor=alice)
    before = _everything()
    merge = merge_people(survivor=stays, gone=goes, actor=alice)
    assert sorted(Progress.objects.values_list("person__name", "requirement__slug")) == [
        ("Ada Example", "demo"),
        ("Ada Example", "training"),
    ]
    assert (Award.objects.count(), Certificate.objects.count(), stays.qualifications.count()) == (1, 1, 1)
    unmerge(merge=merge, actor=alice)
    assert _everything() == before


def _everything() -> list[Any]:
    return [
        sorted(Progress.objects.values_list("pk", "person", "requirement", "state")),
        sorted(Award.objects.values_list("pk", "person", "term", "revoked_at")),
        sorted(Certificate.objects.values_list("pk", "award", "code")),
        sorted(Term.objects.values_list("pk", "person")),
    ]


def test_noting_for_many_costs_the_same_for_three_and_thirty(training: Event, alice: User) -> None:
    costs = []
    for many in (3, 30):
        people = [PersonFactory() for _ in range(many)]
        with CaptureQueriesContext(connection) as asked:
            actions.note_many(people=people, requirement=needs("demo"), actor=alice)
        costs.append(len(asked))
    assert costs[0] == costs[1]
