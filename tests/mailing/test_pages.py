"""The pages of rules and planned mails: what each shows, does and costs, and who may."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from folkmoot.kernel import clock as house_clock
from folkmoot.kernel.accounts.actions import add_user, grant
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.plugs import today_sources
from folkmoot.mailing.models import MailRule, MailState, PlannedMail
from folkmoot.outbox.models import MessageTemplate
from folkmoot.training.actions import tasks
from folkmoot.training.models import Event, TaskState
from tests.conftest import PASSWORD, signed_in
from tests.mailing.conftest import mails, sent, switch_on, takes, work

pytestmark = pytest.mark.usefixtures("world")
WEBSITE = "training.ask-for-website"


def visit(client: Client, name: str, *args: Any, data: dict[str, Any] | None = None, query: str = "") -> Any:
    url = reverse(f"mailing:{name}", args=args) + query
    return client.get(url) if data is None else client.post(url, data, follow=True)


def text(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.fixture
def waiting(workshop: Event) -> PlannedMail:
    """A mail about the workshop that waits for approval."""
    switch_on(WEBSITE, needs_approval=True)
    takes(workshop, "Ina", "instructor")
    work()
    (mail,) = mails()
    return mail


@pytest.fixture
def as_contributor(db: None) -> Client:
    user = add_user(email="cora@example.org", name="Cora", password=PASSWORD)
    grant(user=user, area=Area.TRAINING, level=Level.CONTRIBUTE)
    return signed_in(user)


def form_of(rule: MailRule, **changes: Any) -> dict[str, Any]:
    """What the editor would send."""
    data: dict[str, Any] = {
        "name": rule.name,
        "about": rule.about,
        "template": rule.template_id,
        "language": rule.language,
        "to": rule.to,
        "cc": rule.cc,
        "together": rule.together,
        "length": abs(rule.offset),
        "unit": rule.unit,
        "direction": "before" if rule.offset < 0 else "after",
        "anchor": rule.anchor,
        "if_past": rule.if_past,
        "wait_hours": rule.wait_hours,
        "order": rule.order,
        "c-count": len(rule.conditions),
    }
    for number, one in enumerate(rule.conditions):
        data |= {
            f"c-{number}-fact": one["fact"],
            f"c-{number}-op": one["op"],
            f"c-{number}-value": one["value"] if one["value"] is not None else "",
        }
    return data | changes


def test_lists_and_pages_cost_the_same_with_three_rows(workshop: Event, as_alice: Client) -> None:
    switch_on(WEBSITE)
    takes(workshop, "Ina", "instructor")
    work()
    pages = [reverse("mailing:mails"), reverse("mailing:rules")]
    costs = []
    for _more in range(2):
        counts = []
        for page in pages:
            as_alice.get(page)
            with CaptureQueriesContext(connection) as told:
                assert as_alice.get(page).status_code == 200
            counts.append(len(told))
        costs.append(counts)
        if len(mails()) == 1:
            (mail,) = mails()
            for number in (2, 3):
                PlannedMail.objects.create(
                    rule=mail.rule, subject=mail.subject, record_id=workshop.pk + number, due_at=mail.due_at
                )
    assert costs == [[8, 8], [8, 8]]
    with CaptureQueriesContext(connection) as told:
        assert visit(as_alice, "mail", mails()[0].pk).status_code == 200
    assert len(told) <= 30


def test_strangers_and_those_of_other_areas_see_nothing(
    waiting: PlannedMail, as_bob: Client, as_contributor: Client, client: Client
) -> None:
    for name, args in (("mails", ()), ("rules", ()), ("mail", (waiting.pk,)), ("rule", (waiting.rule_id,))):
        assert visit(as_bob, name, *args).status_code == 403
        assert client.get(reverse(f"mailing:{name}", args=args)).status_code == 302
        assert visit(as_contributor, name, *args).status_code == 200
    user = add_user(email="pia@example.org", name="Pia", password=PASSWORD)
    grant(user=user, area=Area.PEOPLE, level=Level.MANAGE)
    pia = signed_in(user)
    assert "Packaging workshop" not in text(visit(pia, "mails"))
    assert [visit(pia, "mail", waiting.pk).status_code, visit(pia, "rule", waiting.rule_id).status_code] == [
        404,
        404,
    ]
    for name in ("approve_mail", "cancel_mail", "send_mail_now", "edit_mail"):
        assert as_contributor.post(reverse(f"mailing:{name}", args=[waiting.pk])).status_code == 403
    for name in ("switch_off", "edit_rule", "archive_rule"):
        assert as_contributor.post(reverse(f"mailing:{name}", args=[waiting.rule_id])).status_code == 403
    assert mails() == [waiting]
    assert mails()[0].state == MailState.WAITING


def test_approving_is_for_exactly_what_was_read(
    waiting: PlannedMail, workshop: Event, as_alice: Client, alice: User, clock: Any
) -> None:
    page = text(visit(as_alice, "mail", waiting.pk))
    assert "Packaging workshop: where is its website?" in page
    assert "number of instructors is at least 1" in page
    items = today_sources.get("mailing.waiting").find(alice, house_clock.now(), 10)
    assert [item.title for item in items] == ["A workshop has no website yet: 1 mail waits for approval"]
    answer = visit(as_alice, "approve_mail", waiting.pk, data={"seen": "another"})
    assert "it changed after you opened it" in text(answer)
    visit(as_alice, "approve_mail", waiting.pk, data={"seen": waiting.fingerprint})
    assert mails()[0].state == MailState.APPROVED
    Event.objects.filter(pk=workshop.pk).update(title="Another name")
    work()
    assert mails()[0].state == MailState.WAITING
    mails_page = reverse("mailing:mails")
    as_alice.post(mails_page, {"action": "approve", "selected": [str(waiting.pk)]})
    clock.move_to(dt.datetime(2027, 1, 30, 10, tzinfo=dt.UTC))
    work()
    assert [one.title for one in sent()] in ([], ["Another name: where is its website?"])


def test_cancelling_and_its_undo(waiting: PlannedMail, as_alice: Client, clock: Any) -> None:
    answer = visit(as_alice, "cancel_mail", waiting.pk, data={})
    assert (mails()[0].state, mails()[0].reason) == (MailState.CANCELLED, "Cancelled by Alice Admin.")
    work()
    assert mails()[0].state == MailState.CANCELLED  # the rule does not bring it back
    address = next(line for line in text(answer).split('"') if "/planned-mails/undo/" in line)
    as_alice.post(address)
    assert (mails()[0].state, mails()[0].due_at) == (MailState.WAITING, waiting.due_at)


def test_what_is_set_by_hand_is_not_moved_but_asks(
    waiting: PlannedMail, workshop: Event, as_alice: Client, alice: User, clock: Any
) -> None:
    data = {
        "due_at": "2027-01-20T10:00",
        "to": "Ina <ina@example.org>\nkit@example.org",
        "subject": "About {{ event }}",
        "body": "Dear {{ recipients }}, hello.",
    }
    bad = visit(as_alice, "edit_mail", waiting.pk, data={**data, "to": "nobody", "body": "{{ nothing }}"})
    assert bad.status_code == 422
    assert "“nobody” is no mail address." in text(bad)
    assert "There is no variable nothing" in text(bad)
    assert visit(as_alice, "edit_mail", waiting.pk, data=data).status_code == 200
    mail = mails()[0]
    assert (mail.own_moment, mail.own_recipients, mail.own_subject) == (True, True, "About {{ event }}")
    ina = mail.to[0][2]
    assert mail.to == [["Ina", "ina@example.org", ina], ["", "kit@example.org", None]]
    Event.objects.filter(pk=workshop.pk).update(starts_on=dt.date(2027, 4, 1), ends_on=dt.date(2027, 4, 1))
    work()
    assert mails()[0].due_at == mail.due_at
    Event.objects.filter(pk=workshop.pk).update(website="https://example.org/x")
    work()
    mail = mails()[0]
    assert mail.state == MailState.WAITING
    assert mail.question.startswith("Not so any more: website is not known.")
    items = today_sources.get("mailing.questions").find(alice, house_clock.now(), 10)
    assert [item.title for item in items] == [
        "Cancel “A workshop has no website yet” about Packaging workshop?"
    ]
    clock.move_to(dt.datetime(2027, 1, 21, 10, tzinfo=dt.UTC))
    work()
    assert sent() == []
    visit(as_alice, "keep_mail", mail.pk, data={})
    visit(as_alice, "send_mail_now", mail.pk, data={})
    (left,) = sent()
    assert (left.title, left.asked_by) == ("About Packaging workshop", alice)
    assert mails()[0].state == MailState.HANDED


def test_a_rule_is_written_in_the_browser(workshop: Event, as_alice: Client) -> None:
    takes(workshop, "Ina", "instructor")
    rule = MailRule.objects.get(slug=WEBSITE)
    data = form_of(rule, name="Mine", do="add", new_fact="registered")
    url = reverse("mailing:new_rule_about", args=["training.event"])
    added = as_alice.post(url, data)
    assert (added.status_code, MailRule.objects.filter(name="Mine").exists()) == (200, False)
    assert 'name="c-6-fact" value="registered"' in text(added)
    assert "Something needs mending" not in text(added)
    extra = {"c-count": 7, "c-6-fact": "registered", "c-6-op": "at_least", "c-6-value": "some"}
    refused = as_alice.post(url, form_of(rule, name="Mine", **extra))
    assert refused.status_code == 422
    assert "people with a place: Enter a whole number." in text(refused)
    extra["c-6-value"] = "0"
    tried = as_alice.post(url, form_of(rule, name="Mine", do="try", **extra))
    assert "Switched on now, it would plan 1 mail." in text(tried)
    assert PlannedMail.objects.count() == 0
    dropped = as_alice.post(url, form_of(rule, name="Mine", do="drop:6", **extra))
    assert "c-6-fact" not in text(dropped)
    assert as_alice.post(url, form_of(rule, name=rule.name, **extra)).status_code == 422  # the name is taken
    assert as_alice.post(url, form_of(rule, name="Mine", **extra)).status_code == 302
    made = MailRule.objects.get(name="Mine")
    assert (made.is_active, made.offset, made.conditions[6]) == (
        False,
        -30,
        {"fact": "registered", "op": "at_least", "value": 0},
    )
    page = text(visit(as_alice, "rule", made.pk, query="?try"))
    for words in ("30 days before: the first day", "website is not known", "it would plan 1 mail", "Ina"):
        assert words in page


def test_switching_on_from_the_page_and_taking_it_back(workshop: Event, as_alice: Client) -> None:
    rule = MailRule.objects.get(slug=WEBSITE)
    answer = visit(as_alice, "switch_on", rule.pk, data={})
    rule.refresh_from_db()
    assert rule.is_active
    address = next(line for line in text(answer).split('"') if "/planned-mails/undo/" in line)
    as_alice.post(address)
    rule.refresh_from_db()
    assert not rule.is_active
    visit(as_alice, "archive_rule", rule.pk, data={})
    rule.refresh_from_db()
    assert rule.archived_at is not None
    assert "It is archived" in text(visit(as_alice, "switch_on", rule.pk, data={}))


def test_a_text_with_an_unknown_variable_says_so(
    workshop: Event, as_alice: Client, alice: User, clock: Any
) -> None:
    rule = switch_on(WEBSITE)
    takes(workshop, "Ina", "instructor")
    work()
    MessageTemplate.objects.filter(pk=rule.template_id).update(body="Dear {{ nobody }}")
    assert "There is no variable nobody" in text(visit(as_alice, "rule", rule.pk))
    clock.move_to(dt.datetime(2027, 1, 30, 10, tzinfo=dt.UTC))
    work()
    (mail,) = mails()
    assert mail.problem.startswith("There is no variable nobody.")
    items = today_sources.get("mailing.trouble").find(alice, house_clock.now(), 10)
    assert [item.title for item in items] == ["A workshop has no website yet: 1 mail cannot leave"]
    assert "cannot leave" in text(visit(as_alice, "mails", query="?trouble=1"))


def test_mails_stand_on_the_pages_of_event_and_person(workshop: Event, as_alice: Client, alice: User) -> None:
    switch_on(WEBSITE)
    switch_on("training.instructor-part-noted")
    task = takes(workshop, "Ina", "instructor")
    work()
    page = as_alice.get(reverse("training:event", args=[workshop.pk])).content.decode()
    assert "Mails by rule" in page
    assert ("A workshop has no website yet" in page, "Somebody teaches at a workshop" in page) == (True, True)
    person = as_alice.get(reverse("people:person", args=[task.person_id])).content.decode()
    assert ("A workshop has no website yet" in person, "Somebody teaches at a workshop" in person) == (
        False,
        True,
    )
    tasks.set_state(task=task, state=TaskState.WITHDRAWN, actor=alice)
    work()
    page = as_alice.get(reverse("training:event", args=[workshop.pk])).content.decode()
    assert "Not so any more: state of the part is one of takes part. It is: withdrawn." in page
    listed = text(visit(as_alice, "mails", query=f"?on=training.event:{workshop.pk}"))
    assert listed.count("Packaging workshop") >= 2
    assert "Packaging workshop" not in text(visit(as_alice, "mails", query="?on=nonsense"))


def test_the_list_as_a_file(waiting: PlannedMail, as_alice: Client) -> None:
    rows = b"".join(as_alice.get(reverse("mailing:mails") + "?export=csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert "Packaging workshop" in rows
    assert "Ina" in rows
