"""Filters of training in the API: those of the list pages, and each narrows."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import RequestFactory as Requests

from folkmoot.api.views import schema
from folkmoot.kernel.accounts.models import User
from folkmoot.training.models import Award, Curriculum, Event
from tests.api.conftest import Program
from tests.api.training_rows import one_of_each


def test_filters_are_those_of_the_lists() -> None:
    """Each filter of the list pages is a parameter of the list in the API."""
    from folkmoot.mailing.lists import MailList
    from folkmoot.people.views.consents import ConsentList
    from folkmoot.training.models import Badge, EventKind
    from folkmoot.training.views.agreement_pieces import UseList
    from folkmoot.training.views.agreements import AgreementList
    from folkmoot.training.views.badges import AwardList
    from folkmoot.training.views.lists import EventList
    from folkmoot.training.views.noting import SubmissionList
    from folkmoot.training.views.opening_lists import OpeningList, SignUpList
    from folkmoot.training.views.parts import PartList
    from folkmoot.training.views.registrations import RegistrationList
    from folkmoot.training.views.requests import RequestList

    request = Requests().get("/")
    request.user = User()
    named = {"from": "due_since", "until": "due_until"}
    event = Event(pk=1, kind=EventKind())
    listed: dict[str, Any] = {
        "events": EventList(request),
        "agreements": AgreementList(request),
        "openings": OpeningList(request),
        "awards": AwardList(request, badge=Badge(slug="x")),
        "tasks": PartList(request, event=event),
        "sign-ups": SignUpList,
        "registrations": RegistrationList,
        "progresses": SubmissionList,
        "uses": UseList,
        "mails": MailList,
        "consents": ConsentList,
    }
    for path, found in listed.items():
        known = {one["name"] for one in schema()["paths"][f"/api/v1/{path}"]["get"]["parameters"]}
        assert {named.get(each.key, each.key) for each in found.filters} - known == set(), path
        assert {"updated_since", "cursor", "limit", "fields"} <= known
    assert RequestList.key == "requests"
    known = {one["name"] for one in schema()["paths"]["/api/v1/requests"]["get"]["parameters"]}
    assert {
        "form",
        "state",
        "assigned",
        "country",
        "points",
        "mine",
        "code",
        "matched",
        "twins",
    } <= known


def test_every_filter_narrows(alice: User, alices: Program) -> None:
    """Each filter with a value that fits leaves the row, and with one that does not takes it away."""
    rows = one_of_each()
    Event.objects.update(
        country="GB", owner=alice, organizer=rows.event.host, programme=None, capacity=1, is_online=True
    )
    Award.objects.update(event=rows.event)
    tag, curriculum = rows.event.tags.get(), Curriculum.objects.get()
    for path, fits, not_fits in EXAMPLES:
        words: dict[str, Any] = {
            "event": rows.event,
            "person": rows.person,
            "tag": tag,
            "curriculum": curriculum,
            "alice": alice,
            "rows": rows,
        }
        there = path.format(fits.format(**words))
        assert len(alices.all(there)) == 1, there
        for wrong in not_fits:
            away = path.format(wrong.format(**words))
            assert alices.all(away) == [], away


EXAMPLES = [
    ("events?slug={}", "{event.slug}", ["other"]),
    ("events?kind={}", "{event.kind.slug}", ["other"]),
    ("events?status={}", "announced", ["planned", "cancelled"]),
    ("events?year={}", "2027", ["2026", "99999"]),
    ("events?country={}", "GB", ["DE"]),
    ("events?host={}", "{event.host_id}", ["999999"]),
    ("events?organizer={}", "{event.host_id}", ["999999"]),
    ("events?owner={}", "{alice.pk}", ["none", "x"]),
    ("events?tag={}", "{tag.pk}", ["999999"]),
    ("events?curriculum={}", "{curriculum.slug}", ["other"]),
    ("events?person={}", "{person.pk}", ["999999"]),
    *((f"events?{name}={{}}", "true", ["false"]) for name in ("mine", "online", "private", "full")),
    ("events?starts_since={}", "2027-03-01", ["2027-03-02"]),
    ("events?starts_until={}", "2027-03-01", ["2027-02-28"]),
    ("events?ends_since={}", "2027-03-01", ["2027-03-02"]),
    ("events?ends_until={}", "2027-03-01", ["2027-02-28"]),
    ("tasks?event={}", "{event.pk}", ["999999"]),
    ("tasks?person={}", "{person.pk}", ["999999"]),
    ("tasks?part={}", "learner", ["instructor"]),
    ("tasks?state={}", "confirmed", ["declined"]),
    ("tasks?there={}", "unknown", ["yes", "no", "x"]),
    ("tasks?session={}", "false", ["true"]),
    ("registrations?q={}", "REGISTERED@example", ["nobody"]),
    ("registrations?state={}", "unproven", ["confirmed"]),
    ("awards?badge={}", "badge-1", ["other"]),
    ("awards?event={}", "{event.pk}", ["999999"]),
    ("awards?holds={}", "true", ["false"]),
    ("awards?certified={}", "false", ["true"]),
    ("awards?since={}", "2027-03-02", ["2027-03-03"]),
    ("certificates?person={}", "{person.pk}", ["999999"]),
    ("certificates?event={}", "{event.pk}", ["999999"]),
    ("certificates?holds={}", "true", ["false"]),
    ("qualifications?person={}", "{person.pk}", ["999999"]),
    ("progresses?requirement={}", "requirement-1", ["other"]),
    ("progresses?state={}", "passed", ["submitted"]),
    ("agreements?standing={}", "running", ["over"]),
    ("agreements?organization={}", "{rows.agreement.organization_id}", ["999999"]),
    ("agreements?within={}", "300", ["1"]),
    ("agreements?kind={}", "member", ["partner"]),
    *((f"agreements?{name}={{}}", "false", ["true"]) for name in ("over", "renewed", "mine", "public")),
    ("agreements?consortium={}", "true", ["false"]),
    ("uses?agreement={}", "{rows.agreement.pk}", ["999999"]),
    ("uses?event={}", "{event.pk}", ["999999"]),
    ("uses?counts={}", "true", ["false"]),
    ("uses?beyond={}", "false", ["true"]),
    ("openings?state={}", "open", ["closed"]),
    ("openings?event={}", "{event.pk}", ["999999"]),
    ("openings?part={}", "instructor", ["learner"]),
    ("openings?country={}", "GB", ["DE"]),
    ("openings?owner={}", "none", ["1"]),
    *((f"openings?{name}={{}}", "true", ["false"]) for name in ("pending", "online")),
    ("openings?mine={}", "false", ["true"]),
    ("sign-ups?opening={}", "{rows.opening.pk}", ["999999"]),
    ("sign-ups?state={}", "pending", ["accepted"]),
    ("sign-ups?part={}", "instructor", ["learner"]),
    ("teaching-profiles?airport={}", "LBA", ["TXL"]),
    ("requests?form={}", "{rows.request.form.slug}", ["other"]),
    ("requests?id={}", "{rows.request.pk}", ["999999"]),
    ("requests?state={}", "pending", ["accepted"]),
    ("requests?points={}", "3", ["4"]),
    *(
        (f"requests?{name}={{}}", "false", ["true"])
        for name in ("mine", "code", "matched", "twins", "merged")
    ),
    ("mails?about={}", "training.event", ["training.task"]),
    ("mails?on={}", "training.event:{event.pk}", ["training.event:999999", "x"]),
    ("mails?record={}", "{event.pk}", ["999999"]),
    ("mails?state={}", "planned", ["handed"]),
    ("mails?trouble={}", "false", ["true"]),
    ("consents?kind={}", "consent-1", ["contact"]),
    ("consents?given={}", "true", ["false"]),
    ("consents?newest={}", "true", ["false"]),
]


@pytest.mark.parametrize("path", ["events", "requests", "openings", "agreements"])
def test_words_are_searched(path: str, alices: Program) -> None:
    one_of_each()
    assert alices.get(f"{path}?q=nothing%20like%20it%22'%2A").json()["results"] == []
