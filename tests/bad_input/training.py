"""Training in the world of bad input: an event with all that hangs on it, what people asked for, what they agreed on.

The short name of what is named by one is :data:`REAL` as well.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core import signing

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.training import models as training
from folkmoot.training import unconference_letters
from folkmoot.training.actions import asking, place_letters, voting
from folkmoot.training.queries.asking import version_of
from folkmoot.training.views.base import selection
from folkmoot.training.views.registrations import SALT as DECLINE
from tests import factories
from tests.bad_input.junk import REAL

NAMED = {"pk": REAL, "slug": str(REAL)}


def build_training(alice: User, person: Any, project: Any, organization: Any) -> None:
    """One row of every kind of training, each with the id :data:`REAL`."""
    event = build_event(alice, person, organization)
    build_unconference(event, person)
    build_progress(person, event)
    build_agreement(organization, person)
    build_opening(event, person)
    build_request(alice, event)


def real_words() -> dict[str, str]:
    """By the name of an address, the word in it that leads to a row of :func:`build_training`."""
    one, table = selection([REAL]), "benefits"
    decline = signing.dumps([REAL], salt=DECLINE, compress=True)
    return {
        **dict.fromkeys(
            ("training:rows", "training:new_row", "training:edit_row", "training:remove_row"), table
        ),
        **dict.fromkeys(("training:give_seats", "training:own_many", "training:note_chosen"), one),
        **dict.fromkeys(
            ("training:assign_requests", "training:discard_requests", "training:put_forward"), one
        ),
        "training:match_requests": one,
        "training:decline_many": decline,
        "events:place": place_letters.token_of(training.Registration.objects.get(pk=REAL)),
        "events:vote_as": voting.token_for(training.Unconference.objects.get(pk=REAL), REAL),
        "events:request": asking.token_of(training.Request.objects.get(pk=REAL)),
        "events:proposal": unconference_letters.token_of(training.Proposal.objects.get(pk=REAL)),
    }


def build_event(alice: User, person: Any, organization: Any) -> Any:
    """An event of next month with a part, which its person has at the same time elsewhere; who registered, links."""
    day = clock.today() + dt.timedelta(days=30)
    kind = factories.EventKindFactory(**NAMED)
    learns = factories.TaskKindFactory(**NAMED)
    training.Programme.objects.create(**NAMED, name="Workshops")
    curriculum = training.Curriculum.objects.create(**NAMED, name="Packaging")
    survey = training.Survey.objects.create(**NAMED, name="Before", address="https://example.org/{slug}")
    values = {"starts_on": day, "ends_on": day, "kind": kind, "status": "announced", "host": organization}
    event = factories.EventFactory(
        **NAMED, **values, title="Packaging", registration_by="here", capacity=20, owner=alice
    )
    event.curricula.add(curriculum)
    session = training.Session.objects.create(pk=REAL, event=event, title="Opening", uid="x")
    link = {"kind": "survey_before", "url": "https://example.org/packaging", "survey": survey}
    training.EventLink.objects.create(pk=REAL, event=event, **link)
    training.EventNote.objects.create(pk=REAL, event=event, body="Bring cables", author=alice)
    question = training.Question.objects.create(pk=REAL, event=event, text="What do you eat?")
    factories.RegistrationFactory(
        pk=REAL, event=event, person=person, answers={str(question.pk): "all"}, state="waiting",
        proven_at=clock.now(), queued_at=clock.now(),
    )  # fmt: skip
    task = factories.TaskFactory(pk=REAL, event=event, person=person, kind=learns)
    factories.TaskFactory(event=event, kind=learns, session=session)
    twin = factories.EventFactory(**values, title="At the same time")
    factories.TaskFactory(event=twin, person=person, kind=learns)
    training.Certificate.objects.create(
        pk=REAL, code=str(REAL), task=task, facts={"name": person.name, "event": event.title}, svg="<svg/>"
    )
    training.CertificatePattern.objects.get_or_create(
        slug=str(REAL), defaults={"pk": REAL, "name": "Plain", "svg": "<svg/>"}
    )
    return event


def build_unconference(event: Any, person: Any) -> None:
    """Proposals that are open, with a vote, a round and a space in which one is."""
    now = clock.now()
    row = factories.UnconferenceFactory(
        pk=REAL, event=event, proposals_open_at=now - dt.timedelta(days=1), votes_open_at=now - dt.timedelta(days=1)
    )  # fmt: skip
    proposal = factories.ProposalFactory(
        pk=REAL, unconference=row, title="Wheels", email="ana@example.org", person=person
    )
    factories.ProposalFactory(unconference=row, title="Wheels again")
    begins = event.starts_at + dt.timedelta(hours=9)
    hour = {"starts_at": begins, "ends_at": begins + dt.timedelta(minutes=45)}
    round_ = factories.RoundFactory(pk=REAL, unconference=row, **hour)
    space = factories.SpaceFactory(pk=REAL, unconference=row)
    factories.PlacementFactory(pk=REAL, proposal=proposal, round=round_, space=space)
    voter = training.Voter.objects.create(pk=REAL, unconference=row, person=person)
    training.Vote.objects.create(pk=REAL, voter=voter, proposal=proposal)


def build_progress(person: Any, event: Any) -> None:
    """A trainee half-way to a badge, who has another one."""
    requirement = training.Requirement.objects.create(**NAMED, name="Demonstration", is_own=True)
    way = training.Involvement.objects.create(**NAMED, requirement=requirement, name="At a workshop")
    further = training.Requirement.objects.create(slug="welcome", name="Welcome session")
    badge = training.Badge.objects.create(**NAMED, name="Instructor")
    badge.requirements.add(requirement, further)
    training.Progress.objects.create(
        pk=REAL, person=person, requirement=requirement, involvement=way, event=event, own_note="Went well"
    )
    other = training.Badge.objects.create(slug="helper", name="Helper")
    training.Award.objects.create(pk=REAL, person=person, badge=other, awarded_on=clock.today())
    lesson = factories.ProjectFactory(kind="lesson")
    training.Qualification.objects.create(pk=REAL, person=person, lesson=lesson)


def build_agreement(organization: Any, person: Any) -> None:
    """A member whose seats and events are used in part."""
    tier = factories.TierFactory(**NAMED)
    benefit = training.BenefitKind.objects.create(**NAMED, name="Seats")
    training.TierBenefit.objects.create(pk=REAL, tier=tier, benefit=benefit, amount=2)
    row = factories.AgreementFactory(
        pk=REAL, organization=organization, tier=tier, consortium="Two of them", is_public=True
    )
    training.AgreementParty.objects.create(
        pk=REAL, agreement=row, organization=factories.OrganizationFactory()
    )
    role = training.ContactRole.objects.create(**NAMED, name="Main")
    training.AgreementContact.objects.create(pk=REAL, agreement=row, person=person, role=role)
    training.Extension.objects.create(pk=REAL, agreement=row, days=3, reason="The flood")
    held = training.Allowance.objects.create(pk=REAL, agreement=row, benefit=benefit, granted=2)
    training.RegistrationCode.objects.create(pk=REAL, agreement=row, allowance=held, text="harbour-seats")
    training.Use.objects.create(pk=REAL, allowance=held, task=training.Task.objects.get(pk=REAL))


def build_opening(event: Any, person: Any) -> None:
    """People are sought, and somebody signed up."""
    opening = factories.OpeningFactory(pk=REAL, event=event, note="Soon")
    teaches = factories.TaskKindFactory(slug="instructor", name="Instructor", does="teaches")
    factories.SoughtPartFactory(pk=REAL, opening=opening, kind=teaches)
    factories.SignUpFactory(pk=REAL, opening=opening, person=person, kind=teaches)
    factories.TeachingProfileFactory(
        pk=REAL, person=person, place="Leeds, GB", latitude=53.8, longitude=-1.55
    )


def build_request(alice: User, event: Any) -> None:
    """A form with a field of every kind, and what somebody answered: with a file, a note, points and a page read.

    It is nobody's: who has the signed address may withdraw it, and that is no change of what is alice's.
    """
    form = factories.RequestFormFactory(
        **NAMED, title="Ask for a workshop", outcome="event", kind=event.kind, is_listed=True
    )
    for place, kind in enumerate(training.FieldKind.values):
        training.FormField.objects.create(
            pk=REAL if kind == "one" else None, form=form, key=kind, label=f"Asked by {kind}", kind=kind,
            choices=["here", "there"] if kind in training.CHOICES else [], position=place,
        )  # fmt: skip
    version = version_of(form)
    training.ScoreRule.objects.create(
        pk=REAL, form=form, field_id=REAL, label="Is here", condition="is", values=["here"], points=3
    )
    row = factories.RequestFactory(
        pk=REAL,
        version=version,
        answers={"one": "here", "days": ["2027-03-01", "2027-03-02"]},
    )
    factories.RequestFactory(version=version, name=row.name)
    training.RequestFile.objects.create(
        pk=REAL,
        request=row,
        field="file",
        name="plan.pdf",
        type="application/pdf",
        size=3,
        path="requests/plan.pdf",
    )
    training.RequestNote.objects.create(pk=REAL, request=row, body="Met before", author=alice)
    training.PageReading.objects.create(
        pk=REAL, request=row, url="https://example.org/leeds", said={"venue": "Library"}, tried_at=clock.now()
    )
