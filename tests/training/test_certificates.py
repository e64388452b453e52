"""Certificates: issued once to who was there, checked by everybody, taken back with a reason."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.jobs.models import Job
from folkmoot.kernel.jobs.runner import run_in_foreground
from folkmoot.ledger.models import Activity
from folkmoot.outbox.models import Channel, Delivery
from folkmoot.training import certifying
from folkmoot.training.actions import certificates, events, tasks
from folkmoot.training.models import Certificate, Event, EventKind, Task, TaskState
from tests.conftest import signed_in
from tests.factories import IdentityFactory, PersonFactory
from tests.training.conftest import part

AFTER = dt.datetime(2027, 3, 3, 12, tzinfo=dt.UTC)


@pytest.fixture
def over(announced: Event, alice: User) -> Any:
    """The workshop, done; it is the day after, and mail can leave."""
    Channel.objects.create(
        kind="house",
        name="Mail",
        medium="mail",
        is_default=True,
        settings={"from": "Moot <moot@example.org>"},
    )
    with time_machine.travel(AFTER, tick=False):
        yield events.finish(event=announced, actor=alice)


def attended(event: Event, name: str, slug: str = "learner", was_there: bool | None = True) -> Task:
    person = PersonFactory(name=name)
    IdentityFactory(system="email", value=f"{name.split()[0].lower()}@example.org", person=person)
    return tasks.add_task(event=event, person=person, kind=part(slug), attended=was_there, actor=None)


def test_a_certificate_says_what_was_and_is_told_once(over: Event, alice: User) -> None:
    task = attended(over, "Ada Example")
    row = certificates.issue(task=task, actor=alice)
    assert certificates.issue(task=task, actor=alice) == row
    assert {
        key: row.facts[key] for key in ("name", "event", "part", "sentence", "days", "place", "issued")
    } == {
        "name": "Ada Example",
        "event": "Packaging workshop",
        "part": "Learner",
        "sentence": "took part in",
        "days": "1 March 2027, 09:00 to 2 March 2027, 16:30 (Europe/London)",
        "place": "Library, Leeds, United Kingdom",
        "issued": "Issued on 3 March 2027",
    }
    assert row.facts["address"].endswith(f"/events/certificates/{row.code}/")
    (told,) = Activity.objects.filter(kind="training.certified")
    assert told.identity is not None
    assert told.identity.person == task.person
    (mail,) = Delivery.objects.all()
    assert (mail.kind, mail.recipient, row.facts["address"] in mail.payload["text"]) == (
        "training.certificate",
        "ada@example.org",
        True,
    )


def test_what_it_says_does_not_change(over: Event, alice: User, as_nobody: Client) -> None:
    row = certificates.issue(task=attended(over, "Ada Example"), actor=alice)
    over.title = "Another title"
    over.save()
    pattern = certifying.pattern_of(over)
    assert pattern is not None
    pattern.svg = "<svg/>"
    pattern.save()
    page = as_nobody.get(reverse("events:certificate", args=[row.code])).content.decode()
    assert ("Packaging workshop" in page, "Another title" in page) == (True, False)
    row.refresh_from_db()
    assert "{{ name }}" in row.svg


@pytest.mark.parametrize("was_there", [False, None])
def test_only_who_took_part_gets_one(over: Event, alice: User, was_there: bool | None) -> None:
    task = attended(over, "Ada Example", was_there=was_there)
    with pytest.raises(ValidationError) as caught:
        certificates.issue_all(event=over, actor=alice)
    assert caught.value.code == "nobody"
    if was_there is None:  # nobody noted it: a person may decide so for one
        assert certificates.issue(task=task, actor=alice).task == task
        return
    with pytest.raises(ValidationError) as caught:
        certificates.issue(task=task, actor=alice)
    assert caught.value.messages == ["Ada Example did not take part in Packaging workshop."]


def test_before_it_is_over_or_without_a_pattern_there_is_none(announced: Event, alice: User) -> None:
    task = attended(announced, "Ada Example")
    with pytest.raises(ValidationError) as caught:
        certificates.issue(task=task, actor=alice)
    assert caught.value.messages == ["Packaging workshop is not over yet."]
    with time_machine.travel(AFTER, tick=False):
        events.finish(event=announced, actor=alice)
        Event.objects.update(kind=EventKind.objects.get(slug="talk"))
        with pytest.raises(ValidationError) as caught:
            certificates.issue(task=task, actor=alice)
    assert caught.value.messages == ["Choose a certificate for Packaging workshop or its kind first."]


def test_everybody_who_was_there_gets_one_by_a_job_where_they_are_many(over: Event, alice: User) -> None:
    attended(over, "Absent One", was_there=False)
    left = attended(over, "Left One")
    tasks.set_state(task=left, state=TaskState.WITHDRAWN, actor=alice)
    few = [attended(over, f"Few{n} Example") for n in range(3)]
    assert certificates.issue_all(event=over, actor=alice) == 3
    assert set(Certificate.objects.values_list("task", flat=True)) == {task.pk for task in few}
    for n in range(21):
        attended(over, f"Many{n} Example")
    job = certificates.issue_all(event=over, actor=alice)
    assert isinstance(job, Job)
    done = run_in_foreground(job)
    assert done.outcome == {"issued": 21}
    assert Certificate.objects.count() == 24


def test_one_that_was_taken_back_says_so_and_a_new_one_can_be_issued(
    over: Event, alice: User, as_alice: Client, as_nobody: Client
) -> None:
    task = attended(over, "Ada Example")
    row = certificates.issue(task=task, actor=alice)
    address = reverse("events:certificate", args=[row.code])
    holds = as_nobody.get(address)
    assert ("This certificate is genuine" in holds.content.decode(), holds["X-Robots-Tag"]) == (
        True,
        "noindex, nofollow",
    )
    revoke = reverse("training:revoke", args=[row.pk])
    assert as_alice.post(revoke, {"reason": " "}).status_code == 422
    assert as_alice.post(revoke, {"reason": "The name is misspelt"}).status_code == 302
    page = as_nobody.get(address).content.decode()
    assert ("The name is misspelt" in page, "genuine" in page) == (True, False)
    assert as_nobody.get(reverse("events:certificate_pdf", args=[row.code]))["Location"] == address
    again = certificates.issue(task=task, actor=alice)
    assert again.code != row.code
    assert as_nobody.get(reverse("events:certificate", args=["no-such-code"])).status_code == 404


def test_the_pdf_is_one_landscape_page_and_the_same_each_time(
    over: Event, alice: User, as_nobody: Client
) -> None:
    row = certificates.issue(task=attended(over, "Zoë Ångström <b>"), actor=alice)
    address = reverse("events:certificate_pdf", args=[row.code])
    first, second = as_nobody.get(address), as_nobody.get(address)
    assert (first["Content-Type"], first["Content-Disposition"]) == (
        "application/pdf",
        'attachment; filename="packaging-workshop-zoe-angstrom-b.pdf"',
    )
    assert first.content[:5] == b"%PDF-"
    assert first.content == second.content
    assert b"/MediaBox[0 0 842.25 595.5]" in first.content.replace(b"/MediaBox [", b"/MediaBox[")


def test_a_long_line_is_set_smaller_and_stays_on_the_page() -> None:
    text = '<g text-anchor="middle"><text x="500" y="9" font-size="40">{{ name }}</text></g>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="1000" height="500">{text}</svg>'
    short = certifying.drawn(svg, {"name": "Ada"})
    assert 'font-size="40"' in short
    long = certifying.drawn(svg, {"name": "A" * 100})
    assert 'font-size="15.2"' in long  # (1000 - 2 · 60) / (100 · 0.58)
    markup = certifying.drawn(svg, {"name": "</text><script>x</script>"})
    assert "<script>" not in markup


def test_a_pattern_names_only_what_there_is() -> None:
    with pytest.raises(ValidationError) as caught:
        certifying.check_pattern('<svg xmlns="http://www.w3.org/2000/svg"><text>{{ grade }}</text></svg>')
    assert caught.value.code == "gap"


def test_a_certificate_says_every_fact_that_a_pattern_may_name(over: Event, alice: User) -> None:
    row = certificates.issue(task=attended(over, "Ada Example"), actor=alice)
    assert sorted(row.facts) == sorted(certifying.FACTS)


def test_a_part_with_a_certificate_stays(over: Event, alice: User) -> None:
    task = attended(over, "Ada Example")
    certificates.issue(task=task, actor=alice)
    with pytest.raises(ValidationError) as caught:
        tasks.remove_task(task=task, actor=alice)
    assert caught.value.code == "certificate"


@pytest.mark.parametrize("many", [1, 3])
def test_the_list_costs_the_same_for_one_and_three(
    over: Event, alice: User, as_alice: Client, many: int
) -> None:
    for n in range(many):
        certificates.issue(task=attended(over, f"P{n} Example"), actor=alice)
    address = reverse("training:certificates", args=[over.pk])
    as_alice.get(address)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        page = as_alice.get(address).content.decode()
    assert page.count("Take back<span") == many
    assert len(asked) == LIST_QUERIES


def test_ones_own_page_shows_ones_own_alone(over: Event, alice: User, charlie: User) -> None:
    mine, other = attended(over, "Charlie Stranger"), attended(over, "Ada Example")
    mine.person.user = charlie
    mine.person.save()
    rows = [certificates.issue(task=task, actor=alice) for task in (mine, other)]
    page = signed_in(charlie).get(reverse("training:own")).content.decode()
    assert [row.code in page for row in rows] == [True, False]


LIST_QUERIES = 8
