"""Notes about events: written, changed, taken away and brought back; whom they mention; who may what."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from folkmoot.kernel.accounts.actions import add_user, grant
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.notices.models import Notice
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.training.actions import notes
from folkmoot.training.models import Event, EventNote, Request
from tests.conftest import PASSWORD, signed_in
from tests.factories import PersonFactory, RequestFactory


def colleague(name: str, level: Level) -> User:
    user = add_user(email=f"{name.lower()}@example.org", name=name, password=PASSWORD)
    grant(user=user, area=Area.TRAINING, level=level)
    return user


def undo_of(client: Client, address: str) -> str:
    text = client.get(address).content.decode()
    assert "/training/undo/" in text
    return "/training/undo/" + text.split("/training/undo/")[-1].split('"')[0]


def test_a_note_is_kept_changed_taken_away_and_brought_back(as_alice: Client, workshop: Event) -> None:
    page = reverse("training:event", args=[workshop.pk])
    add = reverse("training:add_event_note", args=[workshop.pk])
    for _twice in range(2):  # a form that is sent twice keeps one
        as_alice.post(add, {"body": "Bring cables"})
    as_alice.post(add, {"body": "  "})
    note = EventNote.objects.get()
    edit = reverse("training:edit_event_note", args=[note.pk])
    seen = as_alice.get(edit).context["form"].initial["seen"]
    assert as_alice.post(edit, {"body": "Bring long cables", "seen": seen})["Location"] == page
    shown = as_alice.get(page)
    assert [entry.body for entry in shown.context["timeline"].entries if entry.group == "notes"] == [
        "Bring long cables"
    ]
    late = as_alice.post(edit, {"body": "Bring no cables", "seen": seen})
    assert (late.status_code, "after you opened it" in late.content.decode()) == (422, True)
    done = as_alice.post(reverse("training:remove_event_note", args=[note.pk]), {"next": edit})
    assert (done["Location"], EventNote.objects.count()) == (page, 0)
    as_alice.post(undo_of(as_alice, page))
    brought = EventNote.objects.get()
    assert (brought.body, brought.author, brought.created_at) == (
        "Bring long cables",
        note.author,
        note.created_at,
    )
    history = as_alice.get(reverse("training:history", args=[workshop.pk])).content.decode()
    assert "Bring cables" in history


def test_a_note_just_written_is_taken_back(as_alice: Client, workshop: Event) -> None:
    as_alice.post(reverse("training:add_event_note", args=[workshop.pk]), {"body": "Oops"})
    as_alice.post(undo_of(as_alice, reverse("training:event", args=[workshop.pk])))
    assert EventNote.objects.count() == 0


def test_a_note_has_a_length_and_words(workshop: Event, alice: User) -> None:
    for body, words in (
        ("", "Write something first."),
        ("x" * 20_001, "This note has 20001 characters; 20000 are the most. Keep what matters here."),
    ):
        with pytest.raises(ValidationError) as caught:
            notes.add_note(about=workshop, body=body, actor=alice)
        assert caught.value.message_dict == {"body": [words]}


def test_who_is_mentioned_is_told_once_and_only_who_may_see_it(
    workshop: Event, alice: User, charlie: User
) -> None:
    dora, vera = colleague("Dora", Level.MANAGE), colleague("Vera", Level.VIEW)
    note = notes.add_note(about=workshop, body="@dora @vera @charlie @alice look", actor=alice)
    page = reverse("training:event", args=[workshop.pk])
    assert [(one.user, one.title, one.url) for one in Notice.objects.order_by("user__email")] == [
        (dora, "Alice Admin mentions you in a note about Packaging workshop", page),
        (vera, "Alice Admin mentions you in a note about Packaging workshop", page),
    ]
    notes.edit_note(note=note, body="@dora @vera look again", actor=alice)
    assert Notice.objects.count() == 2
    notes.remove_note(note=note, actor=alice)
    assert Notice.objects.count() == 0


def test_only_who_may_read_requests_is_told_of_one(rows: None, alice: User) -> None:
    asked: Request = RequestFactory()
    dora = colleague("Dora", Level.MANAGE)
    colleague("Vera", Level.VIEW)
    notes.add_note(about=asked, body="@dora @vera look", actor=alice)
    assert list(Notice.objects.values_list("user", "url")) == [
        (dora.pk, reverse("training:request", args=[asked.pk]))
    ]


def test_mentions_lead_to_the_people_and_nothing_else_gets_through(
    as_alice: Client, workshop: Event, alice: User
) -> None:
    dora = colleague("Dora", Level.VIEW)
    record = PersonFactory(name="Dora Doe", user=dora)
    notes.add_note(about=workshop, body="Ask @dora\n<script>", actor=alice)
    shown = as_alice.get(reverse("training:event", args=[workshop.pk])).content.decode()
    assert f'Ask <a class="mention" href="/people/{record.pk}/">@Dora</a><br>&lt;script&gt;' in shown


def test_a_note_is_changed_by_its_author_and_who_manages(workshop: Event, alice: User) -> None:
    dora, erin = colleague("Dora", Level.CONTRIBUTE), colleague("Erin", Level.CONTRIBUTE)
    vera = colleague("Vera", Level.VIEW)
    note = notes.add_note(about=workshop, body="Hers", actor=dora)
    edit = reverse("training:edit_event_note", args=[note.pk])
    remove = reverse("training:remove_event_note", args=[note.pk])
    page = reverse("training:event", args=[workshop.pk])
    for user, may in ((alice, True), (dora, True), (erin, False), (vera, False)):
        client = signed_in(user)
        assert client.get(edit).status_code == (200 if may else 403)
        if not may:
            assert client.post(edit, {"body": "Mine", "seen": ""}).status_code == 403
            assert client.post(remove).status_code == 403
        shown = client.get(page).content.decode()
        assert ("Hers" in shown, edit in shown) == (True, may)
    add = reverse("training:add_event_note", args=[workshop.pk])
    assert (add in signed_in(vera).get(page).content.decode()) is False
    assert signed_in(vera).post(add, {"body": "x"}).status_code == 403
    assert list(EventNote.objects.values_list("body", flat=True)) == ["Hers"]


def test_notes_cost_the_same_whether_one_or_three(as_alice: Client, workshop: Event, alice: User) -> None:
    address = reverse("training:event", args=[workshop.pk])

    def cost() -> int:
        as_alice.get(address)
        with CaptureQueriesContext(connection) as captured:
            as_alice.get(address).content  # noqa: B018
        return len(captured)

    notes.add_note(about=workshop, body="One", actor=alice)
    assert cost() == 9
    for number in range(2):
        notes.add_note(about=workshop, body=f"More {number}", actor=alice)
    assert cost() == 9
