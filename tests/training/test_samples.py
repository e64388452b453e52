"""What the demo shows of training: every page has something on it, twice is once, and nobody is written to."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
import yaml
from django.conf import settings

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.mailing.models import PlannedMail
from folkmoot.outbox.models import Channel, Delivery
from folkmoot.people.public import consenting, load_seeds
from folkmoot.people.seeds.consents import load_consents
from folkmoot.training.models import (
    Allowance,
    Award,
    BenefitKind,
    Certificate,
    Event,
    EventKind,
    EventLink,
    Phase,
    Placement,
    Progress,
    Proposal,
    Request,
    SignUp,
    TeachingProfile,
    Unconference,
    Use,
    Vote,
)
from folkmoot.training.samples import make_training_sample, training_sample_is_loaded
from folkmoot.training.seeds.progress import load_progress
from folkmoot.training.seeds.requests import load_forms
from tests.factories import AgreementFactory, EventFactory, IdentityFactory, OrganizationFactory

FILE = settings.PROJECT_DIR / "sample" / "training.yml"


@pytest.fixture
def about(rows: None) -> Any:
    """What the file says, on its anchor, with the people, events and agreement of the sample."""
    said = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    load_seeds()
    load_consents()
    load_progress()
    load_forms()
    Channel.objects.create(
        kind="house",
        name="Mail",
        medium="mail",
        is_default=True,
        settings={"from": "Moot <moot@example.org>"},
    )
    workshop = EventKind.objects.get(slug="workshop")
    with time_machine.travel(dt.datetime(2026, 6, 30, 12, tzinfo=dt.UTC), tick=False):
        logins = {*said["training"]["learners"], said["training"]["instructor"]}
        logins |= {one["github"] for one in said["openings"][0]["sign_ups"]}
        logins |= {one["github"] for one in said["unconference"]["proposed"] if "github" in one}
        for login in sorted(logins):
            IdentityFactory(system="github", value=login)
        title = said["openings"][0]["event"]
        for day, status in ((dt.date(2026, 3, 4), "done"), (dt.date(2026, 7, 18), "announced")):
            row = EventFactory(title=title, kind=workshop, status=status, starts_on=day, ends_on=day)
            at = dt.datetime.combine(day, dt.time(), dt.UTC)
            Event.objects.filter(pk=row.pk).update(starts_at=at, ends_at=at + dt.timedelta(days=1))
        conference = EventFactory(
            title=said["unconference"]["event"],
            kind=EventKind.objects.get(slug="conference"),
            status="announced",
            starts_on=dt.date(2026, 9, 13),
            ends_on=dt.date(2026, 9, 15),
            time_zone="Europe/Dublin",
        )
        Event.objects.filter(pk=conference.pk).update(
            starts_at=dt.datetime(2026, 9, 12, 23, tzinfo=dt.UTC),
            ends_at=dt.datetime(2026, 9, 15, 23, tzinfo=dt.UTC),
        )
        held = AgreementFactory(
            organization=OrganizationFactory(name=said["charges"][0]["organization"]),
            starts_on=dt.date(2026, 3, 2),
            ends_on=dt.date(2027, 3, 2),
        )
        benefit = BenefitKind.objects.get(slug="workshops")
        Allowance.objects.create(agreement=held, benefit=benefit, granted=2)
        yield said


def test_no_page_of_training_is_empty_in_the_demo(about: Any, alice: User) -> None:
    assert not training_sample_is_loaded()
    make_training_sample(about=about, actor=alice)
    assert training_sample_is_loaded()
    states = sorted(Progress.objects.exclude(state="passed").values_list("state", flat=True))
    assert (states, Progress.objects.count()) == (["repeat", "submitted"], 16)
    assert (Award.objects.count(), Certificate.objects.count()) == (2, 2)
    assert sorted(SignUp.objects.values_list("kind__slug", "state")) == [
        ("helper", "pending"),
        ("instructor", "pending"),
        ("instructor", "pending"),
    ]
    # Whoever signed up may be asked: each can be accepted, and the finder finds them.
    signed_up = set(SignUp.objects.values_list("person", flat=True))
    assert set(consenting("contact").values_list("pk", flat=True)) == signed_up
    profiles = TeachingProfile.objects.filter(person__in=signed_up)
    assert sorted(profiles.values_list("airport", "languages")) == [
        ("HAM", ["de", "en"]),
        ("LCG", ["es", "gl", "en"]),
        ("OPO", ["pt", "en"]),
    ]
    forms = sorted(Request.objects.values_list("form__slug", "state"))
    assert forms == [
        ("inquiry", "pending"),
        ("own-workshop", "pending"),
        ("training", "pending"),
        ("training", "pending"),
        ("workshop", "pending"),
    ]
    assert [row.score for row in Request.objects.filter(form__slug="training").order_by("name")] == [4, 1]
    assert Use.objects.get().event.starts_on == dt.date(2026, 3, 4)  # type: ignore[union-attr]
    assert EventLink.objects.filter(survey__isnull=False).count() == 2
    assert (Delivery.objects.count(), PlannedMail.objects.count()) == (0, 0)


def test_the_demo_has_an_unconference_with_a_board(about: Any, alice: User) -> None:
    make_training_sample(about=about, actor=alice)
    row = Unconference.objects.select_related("event").get()
    assert (row.phase(clock.now()), row.takes_proposals(clock.now())) == (Phase.VOTING, True)
    assert (row.rounds.count(), row.spaces.count(), row.voters.count()) == (7, 4, 20)
    assert (row.published_at is not None, row.is_draft) == (True, False)
    proposed = Proposal.objects.filter(state="open", person=None, email="")
    assert (proposed.count(), proposed.filter(leader__isnull=False).count()) == (12, 9)
    assert Vote.objects.filter(voter__unconference=row).count() == 74
    places = Placement.objects.filter(proposal__unconference=row)
    assert (places.count(), places.get(is_cancelled=True).proposal.title) == (
        11,
        "Small grants, and how to ask for one",
    )
    moved = places.exclude(moved_from="").get()
    assert (moved.proposal.title, moved.moved_from) == ("A walk along the pier", "Online room, 13:30")
    assert row.event.sessions.count() == 10
    first = row.event.sessions.first()
    assert first is not None
    assert first.starts_at == dt.datetime(2026, 9, 15, 9, tzinfo=dt.UTC)
    needs = {name for space in row.spaces.all() for name in space.has}
    assert needs == set(row.needs)


def test_answers_of_the_sample_answer_what_the_forms_ask(about: Any, alice: User) -> None:
    """So that nobody copies from the demo what a form would refuse."""
    make_training_sample(about=about, actor=alice)
    for row in Request.objects.select_related("version"):
        fields = {field["key"]: field for field in row.version.fields}
        assert set(row.answers) <= set(fields)
        needed = {key for key, field in fields.items() if field["required"]}
        assert needed <= set(row.answers), row.name
        for key, said in row.answers.items():
            choices = {value for value, _label in fields[key]["choices"]}
            if choices:
                assert {*([said] if isinstance(said, str) else said)} <= choices, key
