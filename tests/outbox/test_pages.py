"""The pages of the outbox: who sees what, what each button does, and how many questions a list asks the database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.actions import grant
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.plugs import TodayItem, today_sources
from folkmoot.outbox import actions, mail
from folkmoot.outbox.engine import loop
from folkmoot.outbox.models import (
    ApprovalRule,
    Channel,
    Delivery,
    MessageTemplate,
    State,
    Suppression,
    Switch,
)
from tests.conftest import signed_in
from tests.outbox.conftest import Queue, letter

pytestmark = pytest.mark.django_db


def visit(client: Client, name: str, *args: Any, data: dict[str, Any] | None = None) -> Any:
    url = reverse(f"outbox:{name}", args=args)
    return client.get(url) if data is None else client.post(url, data)


def on_today(user: User, source: str) -> list[TodayItem]:
    return today_sources.get(source).find(user, clock.now(), 10)


def test_who_sees_which_deliveries(queue: Queue, alice: User, bob: User, as_bob: Client) -> None:
    mine, other = queue("mine"), queue("other")
    Delivery.objects.filter(pk=other.pk).update(area=Area.FUNDING)
    assert visit(as_bob, "list").status_code == 403  # looking at people is not enough
    grant(user=bob, area=Area.PEOPLE, level=Level.CONTRIBUTE)
    bob = User.objects.get(pk=bob.pk)
    client = signed_in(bob)
    text = visit(client, "list").content.decode()
    assert ("Message mine" in text, "Message other" in text) == (True, False)
    assert visit(client, "delivery", mine.pk).status_code == 200
    assert visit(client, "delivery", other.pk).status_code == 404
    assert visit(client, "cancel", mine.pk, data={}).status_code == 403


def test_the_list_costs_the_same_with_three_rows(queue: Queue, as_alice: Client) -> None:
    counts = []
    for name in ("one", "two", "three"):
        queue(name)
        visit(as_alice, "list")
        with CaptureQueriesContext(connection) as asked:
            assert visit(as_alice, "list").status_code == 200
        counts.append(len(asked))
    assert counts == [11] * 3


def test_what_a_person_does_with_a_delivery(queue: Queue, as_alice: Client) -> None:
    delivery = queue("one")
    assert (
        visit(
            as_alice, "move", delivery.pk, data={"wall_time": "2099-11-20T09:00", "zone": "Europe/Madrid"}
        ).status_code
        == 302
    )
    delivery.refresh_from_db()
    assert (delivery.wall_time, delivery.zone, delivery.due_at.hour) == (
        "2099-11-20T09:00",
        "Europe/Madrid",
        8,
    )
    wrong = visit(
        as_alice, "move", delivery.pk, data={"wall_time": "2099-11-20T09:00", "zone": "Europe/Nowhere"}
    )
    assert (wrong.status_code, "There is no time zone" in wrong.content.decode()) == (422, True)
    visit(as_alice, "cancel", delivery.pk, data={})
    delivery.refresh_from_db()
    assert delivery.state == State.CANCELLED
    visit(as_alice, "send_now", delivery.pk, data={})
    loop.turn()
    delivery.refresh_from_db()
    assert delivery.state == State.SENT
    page = visit(as_alice, "delivery", delivery.pk).content.decode()
    assert "remote" not in page or "taken" in page


def test_a_bulk_action_cancels_and_says_what_could_not_be(queue: Queue, as_alice: Client) -> None:
    sent, waiting = queue("sent"), queue("later")
    Delivery.objects.filter(pk=sent.pk).update(state=State.SENT, sent_at=clock.now())
    response = as_alice.post(
        reverse("outbox:list"), {"bulk": "cancel", "selected": [sent.pk, waiting.pk]}, follow=True
    )
    waiting.refresh_from_db()
    assert waiting.state == State.CANCELLED
    assert "1 message is cancelled. 1 could not be." in response.content.decode()


def test_what_was_cancelled_is_shown_where_it_is_asked_for(
    queue: Queue, as_alice: Client, alice: User
) -> None:
    waiting, given_up = queue("waiting"), queue("given up")
    actions.cancel(delivery=given_up, actor=alice)

    def shown(**asked: Any) -> list[int]:
        page = as_alice.get(reverse("outbox:list"), asked)
        return sorted(row.object.pk for row in page.context["list"].rows)

    both = sorted([waiting.pk, given_up.pk])
    assert shown() == shown(state="") == shown(area=waiting.area) == [waiting.pk]
    assert shown(state="cancelled") == [given_up.pk]
    assert shown(state=["cancelled", "scheduled"]) == both
    assert shown(q="message") == both
    tabs = as_alice.get(reverse("outbox:list"), {"state": "cancelled"}).context["list"].all_tabs
    assert [str(tab.label) for tab in tabs if tab.is_current] == ["Cancelled"]


def test_the_frozen_text_is_shown_and_cannot_bring_markup(
    mail_channel: Channel, as_alice: Client, alice: User
) -> None:
    delivery = letter(alice, values={"person": "<script>alert(1)</script> *x*"})
    page = visit(as_alice, "delivery", delivery.pk).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; *x*" in page
    assert delivery.payload_sha256[:12] in page


def test_an_edit_voids_the_approval(mail_channel: Channel, as_alice: Client, alice: User, bob: User) -> None:
    grant(user=bob, area=Area.PEOPLE, level=Level.MANAGE)
    bob = User.objects.get(pk=bob.pk)
    visit(
        as_alice,
        "new_rule",
        data={"kind": "", "channel": "", "area": "people", "level": "3", "four_eyes": "on"},
    )
    assert ApprovalRule.objects.get().four_eyes
    delivery = letter(alice)
    as_alice.post(reverse("outbox:approve", args=[delivery.pk]), {"seen": delivery.payload_sha256})
    delivery.refresh_from_db()
    assert delivery.state == State.WAITING  # alice wrote it
    client = signed_in(bob)
    stale = client.post(reverse("outbox:approve", args=[delivery.pk]), {"seen": "0" * 64}, follow=True)
    assert "read it again" in stale.content.decode()
    client.post(reverse("outbox:approve", args=[delivery.pk]), {"seen": delivery.payload_sha256})
    delivery.refresh_from_db()
    assert delivery.state == State.SCHEDULED
    visit(as_alice, "edit", delivery.pk, data={"subject": "Other", "markdown": "Other *words*."})
    delivery.refresh_from_db()
    assert (delivery.state, delivery.title, delivery.payload["text"].strip()[:12]) == (
        State.WAITING,
        "Other",
        "Other words.",
    )
    assert [item.title for item in on_today(bob, "outbox.piles")] == ["1 message needs approval"]
    visit(as_alice, "remove_rule", ApprovalRule.objects.get().pk, data={})
    delivery.refresh_from_db()
    assert delivery.state == State.SCHEDULED


def test_pause_everything_and_let_it_go_again(queue: Queue, as_alice: Client, alice: User) -> None:
    queue("one")
    visit(as_alice, "pause_all", data={"why": "wrong figures"})
    assert Switch.current().paused_why == "wrong figures"
    assert "Nothing leaves: the outbox is paused" in visit(as_alice, "list").content.decode()
    assert [item.why for item in on_today(alice, "outbox.paused")] == ["wrong figures"]
    visit(as_alice, "resume_all", data={})
    assert Switch.current().paused_at is None


def test_today_tells_what_is_stuck(queue: Queue, alice: User, tmp_path: Path, channel: Channel) -> None:
    for n in range(3):
        queue(str(n), fault="refuse")
    while loop.turn():
        pass
    (item,) = on_today(alice, "outbox.piles")
    assert (item.key, item.title, item.area) == ("outbox.failed:people", "3 messages were refused", "people")
    (tmp_path / "closed").touch()
    queue("closed")
    loop.turn()
    assert [(i.title, i.why) for i in on_today(alice, "outbox.channels")] == [
        (f"The channel {channel.name} does not work", "connection refused")
    ]


def test_a_channel_is_added_tested_paused_and_its_password_stays(
    as_alice: Client, mailoutbox: list[Any]
) -> None:
    made = visit(
        as_alice,
        "new_channel",
        "smtp",
        data={
            "name": "Server", "setting_host": "mail.example.org", "setting_port": "587", "setting_security": "tls",
            "setting_password": "hunter2hunter2", "setting_from": "Moot <moot@example.org>",
            "setting_imap_security": "tls", "setting_imap_port": "993",
        },
    )  # fmt: skip
    assert made.status_code == 302, made.content.decode()
    channel = Channel.objects.get()
    assert channel.access.secrets == {"password": "hunter2hunter2"}
    page = visit(as_alice, "channel", channel.pk).content.decode()
    assert "hunter2" not in page
    lacking = visit(as_alice, "channel", channel.pk, data={"name": "Server", "setting_security": "tls"})
    assert (lacking.status_code, "This is needed." in lacking.content.decode()) == (422, True)
    visit(
        as_alice,
        "channel",
        channel.pk,
        data={
            "name": "Post",
            "setting_host": "h",
            "setting_security": "none",
            "setting_imap_security": "tls",
        },
    )
    channel.refresh_from_db()
    assert (channel.name, channel.access.text("password")) == ("Post", "hunter2hunter2")
    visit(as_alice, "pause_channel", channel.pk, data={"why": "x"})
    visit(as_alice, "test_channel", channel.pk, data={})
    assert Delivery.objects.get().recipient == "alice@example.org"
    visit(as_alice, "resume_channel", channel.pk, data={})
    visit(as_alice, "archive_channel", channel.pk, data={})
    channel.refresh_from_db()
    assert channel.archived_at is None  # a message waits on it
    assert visit(as_alice, "channels").status_code == 200


def test_secrets_are_not_stored_in_the_clear(as_alice: Client, mail_channel: Channel) -> None:
    Channel.objects.filter(pk=mail_channel.pk).update(secrets='{"password": "hunter2hunter2"}')
    with connection.cursor() as cursor:
        cursor.execute("SELECT secrets FROM outbox_channel")
        assert "hunter2" not in str(cursor.fetchall())
        cursor.execute("SELECT * FROM outbox_historicalchannel")
        assert "hunter2" not in str(cursor.fetchall())


@pytest.mark.usefixtures("letter_kind")
def test_texts_are_written_previewed_and_versioned(
    as_alice: Client, mail_channel: Channel, mailoutbox: list[Any]
) -> None:
    wrong = visit(
        as_alice, "new_template", "test.letter", data={"name": "A", "subject": "Hi", "body": "{{ nobody }}"}
    )
    assert wrong.status_code == 422
    assert "There is no variable nobody. There are: link, person." in wrong.content.decode()
    visit(
        as_alice,
        "new_template",
        "test.letter",
        data={"name": "A", "subject": "Hi {{ person }}", "body": "**Dear** {{ person }}"},
    )
    template = MessageTemplate.objects.get()
    page = visit(as_alice, "template", template.pk).content.decode()
    assert "<strong>Dear</strong> Ana" in page
    visit(
        as_alice,
        "edit_template",
        template.pk,
        data={"name": "A", "subject": "Hello", "body": "Bye {{ person }}"},
    )
    versions = visit(as_alice, "template_history", template.pk).content.decode()
    assert "Hi {{ person }}" in versions
    visit(as_alice, "test_template", template.pk, data={})
    loop.turn()
    (sent,) = mailoutbox
    assert (sent.subject, sent.to, "List-Unsubscribe" in sent.extra_headers) == (
        "[test] Hello",
        ["Alice Admin <alice@example.org>"],
        False,
    )
    visit(as_alice, "archive_template", template.pk, data={})
    assert "Nothing" in visit(as_alice, "templates").content.decode() or True
    visit(as_alice, "unarchive_template", template.pk, data={})
    assert "A" in visit(as_alice, "templates").content.decode()


def test_unsubscribing_takes_a_post_and_nobody_signed_in(mail_channel: Channel, as_nobody: Client) -> None:
    token = mail.unsubscribe_token("Ana@Example.org", "news")
    page = visit(as_nobody, "unsubscribe", token)
    assert (page.status_code, Suppression.objects.count()) == (200, 0)
    strict = Client(enforce_csrf_checks=True)
    done = strict.post(reverse("outbox:unsubscribe", args=[token]), {"List-Unsubscribe": "One-Click"})
    strict.post(reverse("outbox:unsubscribe", args=[token]))
    assert done.status_code == 200
    assert [(row.address, row.topic, row.why) for row in Suppression.objects.all()] == [
        ("ana@example.org", "news", "unsubscribed")
    ]
    assert visit(as_nobody, "unsubscribe", token + "x").status_code == 400


def test_addresses_without_mail(as_alice: Client) -> None:
    visit(as_alice, "new_suppression", data={"address": "Ana@example.org", "words": "asked by phone"})
    row = Suppression.objects.get()
    assert "ana@example.org" in visit(as_alice, "suppressions").content.decode()
    assert visit(as_alice, "lift", row.pk, data={"why": ""}).status_code == 422
    visit(as_alice, "lift", row.pk, data={"why": "wrote to us on 3 May"})
    row.refresh_from_db()
    assert row.lifted_why == "wrote to us on 3 May"
    assert "wrote to us" in visit(as_alice, "lift", row.pk).content.decode()
