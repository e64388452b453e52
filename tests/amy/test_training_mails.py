"""What was so in AMY sets off no mail by rule here, whatever time it is; what is still ahead is planned once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine

from folkmoot.mailing import jobs
from folkmoot.mailing.models import MailRule, MailState, PlannedMail
from folkmoot.outbox.models import Channel, Delivery
from folkmoot.training.mail_plugs import load_mail_rules
from folkmoot.training.models import Event
from tests.amy import dump
from tests.amy import dump_training as made
from tests.amy.standing import register, seeded
from tests.mailing.conftest import switch_on, work
from tests.people.importing import applied

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)
IMPORTED = "An import brought this from a system that writes to people itself."


@pytest.fixture(autouse=True)
def traveller(settings: Any, tmp_path: Path, db: None) -> Iterator[Any]:
    settings.DATA_DIR = tmp_path / "data"
    with time_machine.travel(NOW, tick=False) as moving:
        seeded()
        load_mail_rules()
        Channel.objects.create(kind="house", name="Mail", medium="mail", is_default=True,
                               settings={"from": "Moot <moot@example.org>"})  # fmt: skip
        for slug in MailRule.objects.exclude(slug="").values_list("slug", flat=True):
            switch_on(slug)
        yield moving


def past() -> list[dict[str, Any]]:
    """Everything as it was: a workshop that is over, with host, instructors, an award, a membership, a sign-up."""
    return [
        *register(),
        *made.training(),
        made.task(11, person=2),
        made.task(12, person=3, role=4),
        made.award(12, person=2),
        made.membership(11, agreement_start="2023-01-01", agreement_end="2023-12-31", extensions="[]"),
        made.member(11, membership=11),
        made.membership_task(11, membership=11),
    ]


def ahead(pk: int = 21, **over: Any) -> list[dict[str, Any]]:
    """A workshop in March, centrally organised, with a host and two instructors."""
    event = made.event(pk, start="2027-03-01", end="2027-03-02", slug=f"2027-03-01-lima-{pk}",
                       url=f"https://harbour.example.org/{pk}", **over)  # fmt: skip
    return [
        event,
        made.task(pk * 10, event=pk, person=1),
        made.task(pk * 10 + 1, event=pk, person=2),
        made.task(pk * 10 + 2, event=pk, person=3, role=4),
    ]


def write(tmp_path: Path, *things: dict[str, Any], name: str = "amy.json") -> Path:
    return dump.write(tmp_path / name, list(things))


def told() -> dict[str, tuple[str, str]]:
    """Rule and record of each mail: its state, and its moment or why it has none."""
    return {
        f"{mail.rule.slug} {mail.record_name}": (
            mail.state,
            f"{mail.due_at:%Y-%m-%d}" if mail.due_at else mail.reason,
        )
        for mail in PlannedMail.objects.select_related("rule").order_by("pk")
    }


def test_what_is_over_writes_to_nobody(tmp_path: Path, traveller: Any) -> None:
    applied("amy", write(tmp_path, *past()))
    for days in (0, 1, 30, 400):
        traveller.move_to(NOW + dt.timedelta(days=days, hours=2))
        jobs.look_at_changes()
        jobs.look_at_time()
        jobs.send()
    assert {state for state, _why in told().values()} <= {MailState.SKIPPED, MailState.CANCELLED}, told()
    assert any(why == IMPORTED for _state, why in told().values())
    assert Delivery.objects.filter(kind__startswith="rule.").count() == 0


def test_what_is_ahead_is_planned_for_its_day_and_not_sent_for_what_became_so_in_amy(tmp_path: Path) -> None:
    applied("amy", write(tmp_path, *past(), *ahead()))
    work()
    name = Event.objects.get(external_id="workshops.event/21").title
    mine = {key: said for key, said in told().items() if key.endswith(f" {name}") and "2027" not in key}
    assert mine["training.hosts-meet-instructors " + name] == (MailState.SKIPPED, IMPORTED)
    assert mine["training.recruit-helpers " + name] == (MailState.PLANNED, "2027-02-08")
    assert mine["training.after-workshop " + name] == (MailState.PLANNED, "2027-03-09")
    assert Delivery.objects.filter(kind__startswith="rule.").count() == 0


def test_a_second_import_brings_an_instructor_and_nobody_is_written_to(tmp_path: Path) -> None:
    event, first, second, host = ahead()
    applied("amy", write(tmp_path, *past(), event, first, host))
    work()
    applied("amy", write(tmp_path, *past(), event, first, second, host, name="later.json"))
    work()
    rows = PlannedMail.objects.filter(rule__slug="training.hosts-meet-instructors")
    assert set(rows.values_list("state", flat=True)) == {MailState.SKIPPED}


def test_once_amy_writes_no_more_what_is_new_there_sets_off_rules_here(
    tmp_path: Path, traveller: Any
) -> None:
    event, first, second, host = ahead()
    applied("amy", write(tmp_path, *past(), event, first, host))
    work()
    applied("amy", write(tmp_path, *past(), event, first, second, host, name="later.json"), mails="here")
    jobs.look_at_changes()
    planned = PlannedMail.objects.filter(
        rule__slug="training.hosts-meet-instructors", state=MailState.PLANNED
    )
    assert [f"{mail.due_at:%Y-%m-%d %H:%M}" for mail in planned if mail.due_at] == ["2027-01-10 13:00"]


def test_amys_texts_stand_beside_the_rules_and_no_rule_uses_them(tmp_path: Path) -> None:
    from folkmoot.outbox.models import MessageTemplate

    applied("amy", write(tmp_path, *past()))
    text = MessageTemplate.objects.get(name="AMY: Badge awarded")
    rule = MailRule.objects.get(slug="training.badge-awarded")
    assert text.kind == rule.template.kind == "rule.training.award"
    assert text.subject == "Well done, {{ person.personal }}"
    assert text.body.splitlines()[1:4] == ["> From: team@example.org", "> Answers to: answers@example.org",
                                           "> Copies to: copies@example.org"]  # fmt: skip
    assert not MailRule.objects.filter(template=text).exists()


def test_every_signal_of_amys_has_its_rule(db: None) -> None:
    from folkmoot.training.imports.amy.emails import kind_of
    from folkmoot.training.imports.amy.words import words

    signals = words()["signals"]
    assert len(signals) == 19
    known = dict(MailRule.objects.exclude(slug="").values_list("slug", "subject"))
    assert set(signals.values()) == {*known, "people.persons-merged"}
    for signal, rule in signals.items():
        assert kind_of(signal) == f"rule.{known.get(rule, 'people.merge')}"
