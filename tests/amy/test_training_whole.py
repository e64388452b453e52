"""What training reads of AMY arrives; twice does nothing; what changed is taken, what was edited here stays."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.imports.models import ImportRun
from folkmoot.kernel.imports.sources import Reading, Row, parts_of, sources
from folkmoot.kernel.metrics import metrics
from folkmoot.ledger.models import Activity
from folkmoot.ledger.public import make_scope
from folkmoot.people.models import Person, Project, Tag
from folkmoot.people.queries import amy_report
from folkmoot.training import models as here
from folkmoot.training.models import Allowance, Event, Request, Task
from folkmoot.training.queries import allowances
from folkmoot.training.queries.asking import answers_of
from tests.amy import dump
from tests.amy import dump_training as made
from tests.amy.standing import register, rejected, seeded
from tests.people.importing import applied, undone

pytestmark = pytest.mark.django_db
NOBODY = (
    "person %d of AMY has no user here, so nobody stands here: "
    "let them sign in and import again, or choose somebody"
)
NOBODY_MORE = (
    "person %d of AMY has no user here, so nobody stands here and in the next records that name them (%d in all): "
    "let them sign in and import again, or choose somebody"
)


@pytest.fixture(autouse=True)
def _house(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "data"
    seeded()


def whole() -> list[dict[str, Any]]:
    return [*register(), *made.training()]


def brought(tmp_path: Path, things: list[dict[str, Any]]) -> ImportRun:
    number = ImportRun.objects.count()
    return applied("amy", dump.write(tmp_path / f"amy-{number}.json", things))


def changes_of(run: ImportRun) -> dict[str, dict[str, int]]:
    return {what: {name: n for name, n in run.counts[what].items() if n} for what in ("created", "updated")}


def instead(things: list[dict[str, Any]], *others: dict[str, Any]) -> list[dict[str, Any]]:
    """The same dump with these things in place of those of the same number."""
    by_key = {(one["model"], str(one["pk"])): one for one in others}
    known = {(one["model"], str(one["pk"])) for one in things}
    kept = [by_key.get((one["model"], str(one["pk"])), one) for one in things]
    return kept + [one for key, one in by_key.items() if key not in known]


def test_all_of_it_arrives_and_twice_does_nothing(tmp_path: Path) -> None:
    run = brought(tmp_path, whole())
    assert rejected(run) == []
    tables = {name: getattr(here, name).objects.count() for name in (
        "Event", "EventLink", "EventNote", "Task", "Award", "Qualification", "Progress", "Agreement",
        "AgreementContact", "Extension", "Allowance", "RegistrationCode", "Use", "Request", "RequestNote", "Opening",
        "SoughtPart", "SignUp", "TeachingProfile", "Programme", "Curriculum")}  # fmt: skip
    assert tables == {
        "Event": 2, "EventLink": 10, "EventNote": 1, "Task": 2, "Award": 1, "Qualification": 1, "Progress": 2,
        "Agreement": 2, "AgreementContact": 2, "Extension": 1, "Allowance": 5, "RegistrationCode": 3, "Use": 2,
        "Request": 4, "RequestNote": 1, "Opening": 1, "SoughtPart": 1, "SignUp": 1, "TeachingProfile": 3,
        "Programme": 5, "Curriculum": 1,
    }  # fmt: skip
    again = brought(tmp_path, whole())
    assert changes_of(again) == {"created": {}, "updated": {}}
    assert rejected(again) == []
    assert {name: getattr(here, name).objects.count() for name in tables} == tables


def test_the_counts_know_what_stands_in_another_record(tmp_path: Path) -> None:
    things = [
        *whole(),
        made.account(5, generic_relation_pk=2),
        dump.comment(104, content_type=["workshops", "membership"], is_removed=True),
        made.membership(4, agreement_end="2023-12-31", extensions="[]"),
        made.member(4, membership=4),
        dump.comment(105, content_type=["workshops", "membership"], object_pk="4"),
    ]
    for _again in range(2):
        report = amy_report.report(brought(tmp_path, things))
        said = {
            line.model: (line.there, line.here, [one.pk for one in line.rejected], line.state)
            for line in report.lines
            if line.state in ("missing", "explained")
            or line.model in ("django_comments.comment", "offering.account")
        }
        assert said == {
            "django_comments.comment": (4, 3, ["105"], "explained"),
            "offering.account": (2, 1, [made.uuid(5)], "explained"),
            "workshops.member": (2, 1, ["4"], "explained"),
            "workshops.membership": (2, 1, ["4"], "explained"),
        }
        assert report.is_whole


def test_an_event_has_all_that_amy_says_of_it(tmp_path: Path) -> None:
    brought(tmp_path, whole())
    event = Event.objects.get(external_id="workshops.event/1")
    assert (event.slug, event.title) == (
        "2024-03-04-lima-1",
        "Software Carpentry (soil 1) at Harbour University 1",
    )
    assert (event.kind.slug, event.programme and event.programme.slug) == ("workshop", "software-carpentry")
    assert (event.status, event.visibility, event.country, event.venue) == (
        "done",
        "public",
        "PE",
        "Harbour Hall",
    )
    assert (event.starts_on, event.ends_on) == (dt.date(2024, 3, 4), dt.date(2024, 3, 5))
    assert (event.host and event.host.name, event.organizer and event.organizer.name) == (
        "Harbour University 1",
    ) * 2
    assert (event.registration_url, event.attendance) == ("https://www.eventbrite.com/e/123456789", 21)
    assert (event.languages, event.website) == (["es"], "https://harbour.example.org/2024-03-04-lima-1")
    assert [tag.name for tag in event.tags.all()] == ["SWC"]
    assert [one.slug for one in event.curricula.all()] == ["swc-soil-1"]
    assert [one.name for one in event.lessons.all()] == ["soil/lesson-1"]
    assert Project.objects.get(name="soil/lesson-1").kind == "lesson"
    assert [(link.kind, link.label) for link in event.links.order_by("pk")][:2] == [
        ("survey_before", "Learners, before"), ("survey_after", "Learners, after"),
    ]  # fmt: skip
    training = Event.objects.get(external_id="workshops.event/2")
    assert (training.kind.slug, training.open_seats) == ("instructor-training", True)
    assert event.starts_at == dt.datetime(2024, 3, 4, tzinfo=dt.UTC)
    assert event.announced_at is not None
    assert event.folded == "software carpentry (soil 1) at harbour university 1"


def test_what_changed_in_amy_is_taken_and_what_was_edited_here_stays_and_is_listed(tmp_path: Path) -> None:
    things = whole()
    brought(tmp_path, things)
    Event.objects.filter(external_id="workshops.event/1").update(venue="The old mill", title="Soil days")
    changed = made.event(
        1, membership=1, venue="Quay 3", contact="new@example.org", tags=[1, 7], end="2024-03-06"
    )
    run = brought(tmp_path, instead(things, changed))
    event = Event.objects.get(external_id="workshops.event/1")
    assert (event.title, event.venue, event.contact) == ("Soil days", "The old mill", "new@example.org")
    assert event.ends_on == dt.date(2024, 3, 6)
    assert event.ends_at == dt.datetime(2024, 3, 7, tzinfo=dt.UTC)
    assert sorted(tag.name for tag in event.tags.all()) == ["Pilot", "SWC"]
    [(line, field, why)] = rejected(run)
    assert (line is not None, field) == (True, "venue")
    assert "The old mill" in why
    third = brought(tmp_path, instead(things, changed))
    assert changes_of(third) == {"created": {}, "updated": {}}


def test_what_amy_names_no_more_is_kept_and_listed(tmp_path: Path) -> None:
    things = whole()
    brought(tmp_path, things)
    less = instead(things, made.event(1, tags=[], membership=None), made.task(2, event=2, role=3))
    run = brought(tmp_path, less)
    assert [field for _line, field, _why in rejected(run)] == ["membership", "tags", "seat_membership"]
    assert here.Use.objects.count() == 2
    Event.objects.get(external_id="workshops.event/1").tags.clear()
    here.Use.objects.all().delete()
    assert rejected(brought(tmp_path, less)) == []
    assert Event.objects.get(external_id="workshops.event/1").tags.count() == 0


def test_titles_are_made_once_of_what_is_taught_and_where(tmp_path: Path) -> None:
    things = [
        *whole(),
        made.curriculum(2, carpentry="DC", slug="dc-ecology", name="Ecology"),
        made.curriculum(3, carpentry="DC", slug="dc-genomics", name="Genomics"),
        made.curriculum(4, carpentry="DC", slug="dc-unknown", name="Do not know", unknown=True),
        *(made.event(pk, slug=f"title-{pk}", url=None, **over) for pk, over in {
            31: {"curricula": [2], "administrator": 903},
            32: {"curricula": [2, 3], "administrator": 903},
            33: {"curricula": [1, 2], "administrator": 903},
            34: {"curricula": [1, 2, 3]},
            35: {"curricula": [4], "administrator": 903},
            36: {"curricula": [], "administrator": 903, "host": None},
            37: {"curricula": [2], "host": None, "country": "W3", "venue": "Internet"},
            38: {"curricula": [], "administrator": None, "tags": [7]},
        }.items()),
    ]  # fmt: skip
    brought(tmp_path, things)

    def titles() -> dict[str, str]:
        return dict(Event.objects.order_by("slug").values_list("slug", "title"))

    host = "Harbour University 1"
    assert titles() == {
        "2024-03-04-lima-1": f"Software Carpentry (soil 1) at {host}",
        "2024-05-06-ttt-2": f"Instructor training at {host}",
        "title-31": f"Data Carpentry Ecology at {host}",
        "title-32": f"Data Carpentry Ecology, Genomics at {host}",
        "title-33": f"Software Carpentry (soil 1), Data Carpentry Ecology at {host}",
        "title-34": f"Software Carpentry workshop at {host}",
        "title-35": f"Data Carpentry workshop at {host}",
        "title-36": "Data Carpentry workshop at Harbour Hall",
        "title-37": "Data Carpentry Ecology, online",
        "title-38": f"Workshop at {host}",
    }
    Event.objects.filter(slug="title-31").update(title="Ecology days")
    before = titles()
    brought(tmp_path, instead(things, made.event(32, slug="title-32", url=None, curricula=[1], host=2)))
    assert titles() == before


def test_an_accepted_application_has_the_part_that_it_became(tmp_path: Path) -> None:
    early, late = "2024-01-01T00:00:00Z", "2024-07-01T00:00:00Z"
    things = instead(
        whole(),
        made.training_event(3, slug="2024-09-01-training", start="2024-09-01", end="2024-09-02"),
        made.task(3, event=3, role=3),
        made.task(4, event=3, person=2),
        made.training_request(1, created_at=early, last_updated_at=early),
        made.training_request(2, created_at=late, last_updated_at=late, email="again@example.org"),
        made.training_request(3, created_at=late, person=2, email="teaches@example.org"),
        made.training_request(4, created_at=early, state="p", email="waits@example.org"),
    )
    run = brought(tmp_path, things)

    def became() -> dict[str, tuple[str, str]]:
        rows = Request.objects.filter(external_id__startswith="workshops.trainingrequest").order_by(
            "external_id"
        )
        return {
            row.external_id[-1]: (
                row.task.external_id[15:] if row.task else "",
                row.event.slug if row.event else "",
            )
            for row in rows.select_related("task", "event")
        }

    found = {"1": ("2", "2024-05-06-ttt-2"), "2": ("3", "2024-09-01-training"), "3": ("", ""), "4": ("", "")}
    assert became() == found
    assert rejected(run) == []
    assert changes_of(brought(tmp_path, things)) == {"created": {}, "updated": {}}
    Request.objects.filter(external_id="workshops.trainingrequest/2").update(task=None, event=None)
    brought(tmp_path, things)  # what somebody took back here stays so
    assert became()["2"] == ("", "")
    brought(tmp_path, [*things, made.task(5, event=3, person=2, role=3)])
    assert became()["3"] == ("5", "2024-09-01-training")


def test_what_was_removed_here_is_not_made_again(tmp_path: Path) -> None:
    brought(tmp_path, whole())
    Task.objects.get(external_id="workshops.task/1").delete()
    run = brought(tmp_path, whole())
    assert changes_of(run)["created"] == {}
    assert Task.objects.count() == 1


def test_the_ledger_hears_of_what_is_over_once(tmp_path: Path) -> None:
    brought(tmp_path, whole())
    told = Counter(Activity.objects.filter(source="training").values_list("kind", flat=True))
    assert told == {"training.taught": 1, "training.attended": 1, "training.awarded": 1, "training.passed": 1}
    taught = Activity.objects.get(kind="training.taught")
    assert taught.occurred_at == dt.datetime(2024, 3, 4, tzinfo=dt.UTC)
    assert taught.identity is not None
    assert taught.identity.person == Person.objects.get(name="Grace Amaru Quispe1")


def test_figures_count_what_amy_brought(tmp_path: Path) -> None:
    things = [
        *whole(),
        made.event(31, slug="2024-08-01-gone", tags=[1, 4], start="2024-08-01", end="2024-08-02", url=None),
    ]
    brought(tmp_path, things)
    scope = make_scope(period="2024", as_of="2026-11-29")
    figures = {
        key: metrics.get(key).compute(scope).value for key in ("events_held", "instructors", "people_taught")
    }
    # 21 by hand at the workshop; one learner and 21 by hand at the training
    assert figures == {"events_held": 2, "instructors": 1, "people_taught": 42}


def test_progress_with_its_states(tmp_path: Path) -> None:
    brought(tmp_path, [*whole(), made.progress(3, requirement=4, event=None, state="f", notes="Not yet."),
                       made.progress(4, requirement=3, event=None, state="a")])  # fmt: skip
    rows = here.Progress.objects.order_by("external_id")
    assert [(row.requirement.slug, row.state, row.evaluated_at is not None) for row in rows] == [
        ("training", "passed", True), ("get-involved", "submitted", False),
        ("demo", "failed", True), ("welcome-session", "repeat", True),
    ]  # fmt: skip
    own = rows[1]
    assert own.involvement is not None
    assert own.involvement.slug == "github-contribution"
    assert (own.url, own.own_note, own.happened_on) == (
        "https://code.example.org/pull/1",
        "My first.",
        dt.date(2024, 7, 8),
    )


# -------------------------------------------------------------- agreements


def used_in_amy(things: list[dict[str, Any]], pk: int) -> dict[str, int]:
    """What AMY's own pages say is left of a membership, reckoned as AMY does."""
    by = {(one["model"], one["pk"]): one["fields"] for one in things}
    one = by["workshops.membership", pk]
    learners = [
        f
        for (model, _pk), f in by.items()
        if model == "workshops.task" and f["seat_membership"] == pk and f["role"] == 3
    ]
    left = {}
    for slug, public, head in (("public-seats", True, "public"), ("in-house-seats", False, "inhouse")):
        total = (one[f"{head}_instructor_training_seats"] + one[f"additional_{head}_instructor_training_seats"]
                 + (one[f"{head}_instructor_training_seats_rolled_from_previous"] or 0))  # fmt: skip
        over = one[f"{head}_instructor_training_seats_rolled_over"] or 0
        left[slug] = total - sum(f["seat_public"] is public for f in learners) - over
    events = [f for (model, _pk), f in by.items() if model == "workshops.event" and f["membership"] == pk
              and f["administrator"] != made.SELF and not {4, 5} & set(f["tags"])]  # fmt: skip
    left["workshops"] = (
        (one["workshops_without_admin_fee_per_agreement"] or 0)
        + (one["workshops_without_admin_fee_rolled_from_previous"] or 0)
        - (one["workshops_without_admin_fee_rolled_over"] or 0)
        - len(events)
    )
    return left


def test_what_is_left_is_what_amy_says_is_left(tmp_path: Path) -> None:
    seats = {"public_instructor_training_seats": 10, "additional_public_instructor_training_seats": 2}
    things = instead(
        whole(),
        made.membership(1, rolled_to_membership=2, **seats, public_instructor_training_seats_rolled_over=4,
                        workshops_without_admin_fee_rolled_over=1),
        made.membership(2, agreement_start="2025-02-01", agreement_end="2026-01-31", extensions="[]",
                        public_instructor_training_seats_rolled_from_previous=4,
                        workshops_without_admin_fee_rolled_from_previous=1),
        made.member(2, membership=2),
        *(made.task(pk, event=2, person=person, role=3, seat_membership=membership, seat_public=public)
          for pk, person, membership, public in [(2, 1, 1, True), (3, 2, 1, False), (4, 3, 2, True)]),
        made.event(3, slug="2024-09-01-own", administrator=made.SELF, membership=1, url=None),
        made.event(4, slug="2024-09-01-stalled", tags=[1, 5], membership=1, url=None),
        made.event(5, slug="2024-09-01-gone", tags=[1, 4], membership=1, url=None),
        made.event(6, slug="2024-09-01-held", membership=1, url=None),
    )  # fmt: skip
    run = brought(tmp_path, things)
    assert rejected(run) == []
    for pk in (1, 2):
        agreement = here.Agreement.objects.get(external_id=f"workshops.membership/{pk}")
        left = {row.benefit.slug: row.left for row in allowances.of_agreement(agreement)}
        assert left == used_in_amy(things, pk)
    first, second = here.Agreement.objects.filter(kind="member").order_by("starts_on")
    assert second.renews == first
    assert changes_of(brought(tmp_path, things)) == {"created": {}, "updated": {}}


def test_numbers_that_amys_two_rows_do_not_share_are_listed(tmp_path: Path) -> None:
    things = instead(
        whole(),
        made.membership(1, rolled_to_membership=2, public_instructor_training_seats_rolled_over=4),
        made.membership(2, agreement_start="2025-02-01", agreement_end="2026-01-31", extensions="[]",
                        public_instructor_training_seats_rolled_from_previous=3),
        made.member(2, membership=2),
        made.membership(3, inhouse_instructor_training_seats_rolled_over=2),
        made.member(3, membership=3),
    )  # fmt: skip
    found = [(field, why) for _line, field, why in rejected(brought(tmp_path, things))]
    assert found == [
        ("public_instructor_training_seats_rolled_over",
         "4 were passed on, and the membership that continues it says 3: here 3 count"),
        ("inhouse_instructor_training_seats_rolled_over",
         "2 were passed on, but no membership continues this one: here they are left"),
    ]  # fmt: skip


def test_an_extended_membership_ends_on_amys_day(tmp_path: Path) -> None:
    brought(tmp_path, whole())
    row = here.Agreement.objects.get(external_id="workshops.membership/1")
    assert (row.ends_on, row.extended_days, row.last_day) == (dt.date(2024, 12, 31), 30, dt.date(2025, 1, 30))
    assert row.note == "In an emergency: Ola Berg, +51 1 5550100\n\n2023-02-03, Ola Berg: They will renew."
    assert (row.tier.slug, row.is_public, row.contribution) == ("silver", True, "financial")
    assert {code.text for code in row.codes.all()} == {"harbour-1"}
    assert [(one.person.name, one.role.slug) for one in row.contacts.all()] == [
        ("Grace Amaru Quispe1", "programmatic")
    ]


def test_a_partnership_with_credits_and_benefits(tmp_path: Path) -> None:
    brought(tmp_path, instead(whole(), made.task(2, event=2, role=3, allocated_benefit=made.uuid(1))))
    row = here.Agreement.objects.get(external_id=f"fiscal.partnership/{made.uuid(1)}")
    found = {one.benefit.slug: (one.given, one.used, one.left) for one in allowances.of_agreement(row)}
    # 24 and 6 credits, of which 5 seats took 10
    assert found == {"credits": (20, 0, 20), "instructor-training-seat": (5, 1, 4)}
    assert (row.kind, row.tier.slug) == ("partner", "gold")
    seat = Allowance.objects.get(benefit__slug="instructor-training-seat")
    assert (seat.note, seat.code.text, seat.starts_on) == (
        "Discount: partial",
        "benefit-1",
        dt.date(2025, 1, 1),
    )


def test_a_consortium_and_an_account_without_a_partnership(tmp_path: Path) -> None:
    things = [
        *whole(),
        made.partnership(
            2, partner_organisation=None, partner_consortium=1, account=None, name="Soil Alliance"
        ),
        made.account(3, generic_relation_pk=2),
        made.account_benefit(3, account=made.uuid(3), partnership=None),
        made.account_owner(3, account=made.uuid(3), person=2),
        made.account(4, account_type="individual", generic_relation_content_type=["workshops", "person"]),
        made.account_benefit(4, account=made.uuid(4), partnership=None),
    ]
    run = brought(tmp_path, things)
    held = here.Agreement.objects.get(external_id=f"fiscal.partnership/{made.uuid(2)}")
    assert (held.consortium, held.organization.name) == ("Soil Alliance", "Harbour University 1")
    assert [one.organization.name for one in held.parties.all()] == ["Harbour University 2"]
    own = here.Agreement.objects.get(external_id=f"offering.account/{made.uuid(3)}")
    assert (own.organization.name, own.starts_on, own.ends_on) == (
        "Harbour University 2", dt.date(2025, 1, 1), dt.date(2025, 12, 31))  # fmt: skip
    assert [(one.person.name, one.role.slug) for one in own.contacts.all()] == [
        ("Grace Amaru Quispe2", "billing")
    ]
    assert [(field, why) for _line, field, why in rejected(run)] == [
        ("account_type", "is of a person alone, and agreements here are with organisations: left out"),
        ("account", "its agreement is not here: look why that was left out"),
    ]


def test_an_owner_who_is_not_active_any_more_is_named(tmp_path: Path) -> None:
    things = [
        *whole(),
        made.account_owner(2, active=False, person=2),
        made.account_owner(3, account=made.uuid(9), person=3),
        made.account_owner(4),
    ]
    run = brought(tmp_path, things)
    assert [(field, why) for _line, field, why in rejected(run)] == [
        ("active", "is not active in AMY any more: left out; who is a contact here already stays"),
        ("account", "its agreement is not here: look why that was left out"),
        ("person", "is the same contact of the same agreement as another record: left out"),
    ]
    report = amy_report.report(run)
    [line] = [one for one in report.lines if one.model == "offering.accountowner"]
    assert (line.there, line.here, len(line.rejected), line.missing) == (4, 1, 3, [])
    assert report.is_whole
    later = brought(tmp_path, instead(things, made.account_owner(1, active=False)))
    assert [field for _line, field, _why in rejected(later)].count("active") == 2
    assert here.AgreementContact.objects.filter(role__slug="billing").count() == 1


def test_who_has_no_user_here_is_named_once_with_what_to_do(tmp_path: Path) -> None:
    things = [
        *whole(),
        made.event(31, slug="2024-08-01-more", url=None),
        made.award(2, person=2, awarded_by=2),
    ]
    run = brought(tmp_path, things)
    assert sorted((field, why) for _line, field, why in set(rejected(run, with_users=True))) == sorted([
        ("assigned_to", NOBODY_MORE % (1, 3)),  # three events
        ("assigned_to", NOBODY % 1),  # a request for a workshop
        ("assigned_to", NOBODY % 1),  # an inquiry
        ("assigned_to", NOBODY % 1),  # a self-organised workshop
        ("assigned_to", NOBODY % 1),  # a recruitment
        ("awarded_by", NOBODY % 1),
        ("awarded_by", NOBODY % 2),
    ])  # fmt: skip
    user = User.objects.create_user(email="ola@example.org")
    Person.objects.filter(name="Grace Amaru Quispe1").update(user=user)
    later = brought(tmp_path, things)
    assert [(field, why) for _line, field, why in rejected(later, with_users=True)] == [
        ("awarded_by", NOBODY % 2)
    ]
    assert [event.owner for event in Event.objects.order_by("pk")] == [user] * 3
    assert here.Opening.objects.get().owner == user


def test_who_was_chosen_here_instead_is_not_named(tmp_path: Path) -> None:
    brought(tmp_path, whole())
    user = User.objects.create_user(email="ola@example.org")
    Event.objects.update(owner=user)
    run = brought(tmp_path, whole())
    models = {(row.content or {})["model"] for row in run.rejected.filter(field="assigned_to")}
    assert "workshops.event" not in models


# ---------------------------------------------------------------- requests


def test_requests_say_in_words_what_was_answered(tmp_path: Path) -> None:
    brought(tmp_path, whole())
    asked = {row.form.slug: row for row in Request.objects.select_related("form", "version")}
    assert {slug: row.state for slug, row in asked.items()} == {
        "workshop": "accepted", "inquiry": "pending", "own-workshop": "discarded", "training": "accepted",
    }  # fmt: skip
    training = asked["training"]
    said = {one.key: one.text for one in answers_of(training)}
    assert (said["occupation"], said["domains"], said["involvement"]) == (
        "Postdoctoral researcher",
        "Earth sciences",
        "Helper",
    )
    assert (training.score_auto, training.score_manual, training.score) == (7, 9, 9)
    assert (training.name, training.email, training.country) == (
        "Ines Luz Castro",
        "ines@harbour1.example",
        "PE",
    )
    assert training.person == Person.objects.get(name="Grace Amaru Quispe1")
    workshop = asked["workshop"]
    assert workshop.event == Event.objects.get(external_id="workshops.event/1")
    assert (workshop.starts_on, workshop.member_code) == (dt.date(2024, 3, 4), "harbour-1")
    assert workshop.organization is not None
    assert workshop.organization_name == "Harbour University 1"
    own = {one.key: one.text for one in answers_of(asked["own-workshop"])}
    assert (own["first-day"], own["last-day"], own["kind-of-workshop"]) == (
        "1 June 2024",
        "2 June 2024",
        "Two days",
    )
    [note] = workshop.notes.all()
    assert note.body == "Ring them.\n\n– Ola Berg"


def test_no_answer_of_a_request_is_lost(tmp_path: Path) -> None:
    from folkmoot.training.imports.amy import asked

    brought(tmp_path, whole())
    for row in Request.objects.select_related("version"):
        model = row.external_id.partition("/")[0]
        missing = [one["key"] for one in asked.questions(model) if one["key"] not in row.answers]
        assert missing in ([], ["code-all-the-same"]), (model, missing)


def test_an_accepted_sign_up_has_its_part(tmp_path: Path) -> None:
    brought(tmp_path, whole())
    row = here.SignUp.objects.get()
    assert (row.state, row.kind.slug, row.task) == (
        "accepted",
        "instructor",
        Task.objects.get(external_id="workshops.task/1"),
    )
    assert (row.interest, row.note, row.opening.note) == ("I have boots.", "She has.", "Somebody with boots.")


# --------------------------------------------------------------- bad input


def test_what_cannot_be_used_is_named_and_the_rest_is_used(tmp_path: Path) -> None:
    kind = here.EventKind.objects.get(slug="workshop")
    Event.objects.create(slug="2024-03-04-lima-1", title="Ours", kind=kind, starts_on=dt.date(2020, 1, 1))
    things = instead(
        whole(),
        made.event(1, end="2024-03-01", country="ZZ", membership=1),
        made.task(5, event=77),
        made.task(6, event=2, person=2, role=3, seat_membership=88),
        made.task(7, person=99),
        made.award(7, person=2, badge=9),
        made.membership(4, agreement_end="2023-12-31", extensions="[]"),
        made.member(4, membership=4),
        made.workshop_request(7, email="nobody"),
    )
    run = brought(tmp_path, things)
    found = rejected(run)
    assert [(field, why) for _line, field, why in found] == [
        ("country", "“ZZ” is no code of a country: left out"),
        ("end", "is before the first day: left out"),
        ("slug", "“2024-03-04-lima-1” is the short name of another event here, “Ours”: this one became "
                 "“2024-03-04-lima-1-2”"),
        ("event", "event 77 of AMY is not here: look why it was left out"),
        ("seat_membership", "what the seat is taken from is not here: look why that was left out"),
        ("person", "person 99 of AMY is not here: look why it was left out"),
        ("badge", "badge 9 of AMY is not here: look why it was left out"),
        ("agreement_end", "is not after the first day: the agreement is left out"),
        ("membership", "its membership or its organisation is not here: look why that was left out"),
        ("email", "“nobody” is no address: the request is left out"),
    ]  # fmt: skip
    event = Event.objects.get(external_id="workshops.event/1")
    assert (event.slug, event.ends_on, event.country) == ("2024-03-04-lima-1-2", None, "")
    text = dump.text_of(things)
    [at] = {line for line, field, _why in found if field == "slug"}
    assert text.splitlines()[(at or 0) : (at or 0) + 2] == ['    "model": "workshops.event",', '    "pk": 1,']
    assert Task.objects.filter(external_id="workshops.task/6").exists()
    assert not here.Agreement.objects.filter(external_id="workshops.membership/4").exists()


def test_an_event_that_came_from_another_table_is_the_same(tmp_path: Path) -> None:
    kind = here.EventKind.objects.get(slug="workshop")
    Event.objects.create(
        slug="2024-03-04-lima-1", title="Ours", kind=kind, starts_on=dt.date(2024, 3, 4), venue="Mill"
    )
    run = brought(tmp_path, whole())
    event = Event.objects.get(slug="2024-03-04-lima-1")
    assert (event.title, event.venue, event.contact) == (
        "Ours",
        "Mill",
        "grace1@example.org;desk@harbour1.example",
    )
    assert rejected(run) == []
    assert changes_of(brought(tmp_path, whole())) == {"created": {}, "updated": {}}


def test_an_undo_takes_all_of_it_back(tmp_path: Path) -> None:
    run = brought(tmp_path, whole())
    tags = Tag.objects.count()
    assert tags == 7
    undone(run)
    for name in ("Event", "Task", "Award", "Progress", "Agreement", "Use", "Request", "Opening", "SignUp"):
        assert getattr(here, name).objects.count() == 0, name
    assert Activity.objects.filter(source="training").count() == 0


# --------------------------------------------------------------- statements


def many(number: int, start: int) -> list[dict[str, Any]]:
    """So many of what there is most of, numbered from ``start``."""
    things = whole()
    for n in range(start, start + number):
        pk, person = 1000 + n, 1 + n % 3
        things += [
            made.event(
                pk,
                slug=f"2024-03-04-many-{n}",
                url=f"https://many.example.org/{n}",
                tags=[1, 7],
                membership=1,
            ),
            made.task(pk, event=pk, person=person),
            made.task(100_000 + pk, event=pk, person=person, role=3 + (n % 2) * 4),
            made.badge(pk, name=f"badge-{n}", title=f"Badge {n}"),
            made.award(pk, badge=pk, person=person),
            made.progress(pk, trainee=person, event=pk, requirement=1),
            made.lesson(pk),
            made.qualification(pk, person=person, lesson=pk),
            made.training_request(pk, email=f"asks{n}@example.org"),
            made.workshop_request(pk, email=f"asks{n}@example.org", event=None),
            made.recruitment(pk, event=pk),
            made.sign_up(pk, recruitment=pk, person=person),
            made.membership(pk),
            made.member(pk, membership=pk),
            made.member(100_000 + pk, membership=pk, organization=2, role=1),
            made.membership_task(pk, membership=pk, person=person),
            dump.comment(pk, content_type=["workshops", "event"], object_pk=str(pk)),
            dump.comment(100_000 + pk, content_type=["workshops", "trainingrequest"], object_pk=str(pk)),
        ]
    return things


def statements(tmp_path: Path, number: int, start: int) -> dict[str, int]:
    """Of each part, the statements of its first chunk."""
    path = dump.write(tmp_path / f"many-{number}.json", many(number, start), lines=True)
    run = ImportRun.objects.create(source="amy", origin=str(path), path=str(path))
    found: dict[str, int] = {}
    reading = Reading(path)
    for part in parts_of(sources.get("amy")):
        if not part.key.startswith("amy.training."):
            continue
        rows = [row for row in part.read(reading) if isinstance(row, Row)][: part.chunk_size]
        changes = Changes(run)
        with CaptureQueriesContext(connection) as queries:
            part.apply(rows, changes)
        found[part.key] = len([q for q in queries if "SAVEPOINT" not in q["sql"]])
    return found


def test_each_part_costs_as_many_statements_for_500_as_for_3(tmp_path: Path) -> None:
    brought(tmp_path, whole())
    few, all_ = statements(tmp_path, 3, 0), statements(tmp_path, 500, 1000)
    assert {key: (few[key], n) for key, n in all_.items() if n > few[key]} == {}
    assert max(all_.values()) <= 70
