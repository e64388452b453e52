"""Deciding about requests: the list, the page, accepting into an event, discarding, merging, whose record it is."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.plugs import handovers, today_sources
from folkmoot.kernel.search.find import search
from folkmoot.ledger.models import Activity
from folkmoot.people.actions.merging import merge_people, unmerge
from folkmoot.people.models import Identity, Person
from folkmoot.training.actions import asking, notes
from folkmoot.training.actions import requests as actions
from folkmoot.training.models import Event, Request, RequestForm, RequestNote, Task
from tests.factories import (
    IdentityFactory,
    OrganizationFactory,
    PersonFactory,
    RequestFactory,
    RequestFormFactory,
    UserFactory,
)
from tests.training.test_asking import address, forms, link_in_mail, workshop
from tests.training.test_house import told

__all__ = ["forms"]

LISTED = "training:requests"


@pytest.fixture
def asked(forms: None, as_nobody: Client) -> Request:
    """A workshop that somebody asked for, whose address is proven."""
    OrganizationFactory(name="Harbour University")
    as_nobody.post(address(), workshop(**{"f-contacts": "Bo <bo@example.org>\nCy"}))
    as_nobody.post(link_in_mail(), {"do": "confirm"})
    return Request.objects.get()


def page(row: Request) -> str:
    return reverse("training:request", args=[row.pk])


def do(client: Client, row: Request, what: str, **data: Any) -> Any:
    return client.post(reverse(f"training:{what}", args=[row.pk]), data)


def undo_of(answer: Any, client: Client) -> str:
    """The address in the newest toast that takes back."""
    text = client.get(answer["Location"]).content.decode()
    assert "/training/undo/" in text
    return text.split("/training/undo/")[-1].split('"')[0]


# --------------------------------------------------------------------- the list


@pytest.mark.parametrize("many", [1, 3])
def test_the_list_costs_the_same_for_one_and_three(as_alice: Client, many: int) -> None:
    form = RequestFormFactory()
    for _n in range(many):
        RequestFactory(version__form=form, organization=OrganizationFactory(), person=PersonFactory())
    at = reverse(LISTED) + f"?form={form.slug}"
    as_alice.get(at)
    with CaptureQueriesContext(connection) as queries:
        as_alice.get(at).content  # noqa: B018
    assert len(queries) == LIST_QUERIES


LIST_QUERIES = 12


def test_strangers_and_those_who_only_look_are_refused(
    asked: Request, as_nobody: Client, as_bob: Client, as_charlie: Client
) -> None:
    for at in (reverse(LISTED), page(asked)):
        assert [client.get(at).status_code for client in (as_nobody, as_bob, as_charlie)] == [302, 403, 403]


def names(client: Client, query: str) -> list[str]:
    rows = client.get(f"{reverse(LISTED)}?{query}").context["list"].rows
    return sorted(row.object.name for row in rows)


def test_the_list_is_narrowed(as_alice: Client, alice: User) -> None:
    form = RequestFormFactory(slug="one")
    RequestFactory(name="Draft", state="draft", received_at=None)
    RequestFactory(name="Ada", version__form=form, country="GB", member_code="x1", assigned_to=alice)
    RequestFactory(name="Ben", version__form=form, score_auto=3, score_manual=1, person=PersonFactory())
    RequestFactory(name="Cai", version__form=form, score_auto=2, email="dee@example.org")
    RequestFactory(
        name="Dee", version__form=form, email="Dee@example.org", state="unproven", received_at=None
    )
    RequestFactory(name="Eve", state="discarded", decided_at=clock.now())
    everybody = ["Ada", "Ben", "Cai", "Dee", "Eve"]
    assert names(as_alice, "") == everybody
    assert names(as_alice, "form=one&state=pending") == ["Ada", "Ben", "Cai"]
    assert names(as_alice, "country=GB") == ["Ada"]
    assert names(as_alice, "assigned=none") == ["Ben", "Cai", "Dee", "Eve"]
    assert names(as_alice, "mine=1") == ["Ada"]
    assert names(as_alice, "code=1") == ["Ada"]
    assert names(as_alice, "matched=1") == ["Ben"]
    assert names(as_alice, "points=2") == ["Cai"]
    assert names(as_alice, "points=²") == everybody
    assert names(as_alice, "twins=1") == ["Cai", "Dee"]


def test_a_file_has_a_column_for_each_field(asked: Request, as_alice: Client) -> None:
    at = as_alice.get(f"{reverse(LISTED)}?form=workshop").context["list"].whole_file
    answer = as_alice.get(reverse(LISTED) + at)
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    [row] = csv.DictReader(io.StringIO(text))
    said = {
        "Where should it be?": "In person",
        "Who will come?": "Biologists",
        "In which languages?": "en, cy",
    }
    assert {name: row[name] for name in said} == said


def test_several_are_given_to_somebody_discarded_and_taken_back(as_alice: Client, alice: User) -> None:
    rows = [RequestFactory(name=name) for name in ("Ada", "Ben", "Cai")]
    chosen = [row.pk for row in rows[:2]]
    to = as_alice.post(reverse(LISTED), {"bulk": "assign", "selected": chosen})["Location"]
    as_alice.post(to, {"user": alice.pk})
    assert list(Request.objects.order_by("pk").values_list("assigned_to", flat=True)) == [
        alice.pk,
        alice.pk,
        None,
    ]
    to = as_alice.post(reverse(LISTED), {"bulk": "discard", "selected": chosen})["Location"]
    done = as_alice.post(to, {"reason": "Full"})
    states = Request.objects.order_by("pk").values_list("state", "reason")
    assert list(states) == [("discarded", "Full"), ("discarded", "Full"), ("pending", "")]
    as_alice.post("/training/undo/" + undo_of(done, as_alice))
    assert list(states.values_list("state", flat=True)) == ["pending"] * 3


def test_of_several_all_are_accepted_or_none(as_alice: Client, rows: None) -> None:
    easy = RequestFactory(name="Ada")
    planned = RequestFactory(name="Ben", version__form__outcome="inquiry")
    RequestForm.objects.filter(pk=planned.form_id).update(outcome="training")
    as_alice.post(reverse(LISTED), {"bulk": "accept", "selected": [easy.pk, planned.pk]})
    assert set(Request.objects.values_list("state", flat=True)) == {"pending"}
    assert "Ben: choose the training" in as_alice.get(reverse(LISTED)).content.decode()
    as_alice.post(reverse(LISTED), {"bulk": "accept", "selected": [easy.pk]})
    easy.refresh_from_db()
    assert easy.state == "accepted"


# --------------------------------------------------------------------- the page


def test_the_page_costs_the_same_whatever_is_on_it(asked: Request, as_alice: Client, alice: User) -> None:
    def cost() -> int:
        as_alice.get(page(asked))
        with CaptureQueriesContext(connection) as queries:
            as_alice.get(page(asked)).content  # noqa: B018
        return len(queries)

    before = cost()
    for n in range(3):
        RequestFactory(email=asked.email, version=asked.version)
        notes.add_note(about=asked, body=f"Note {n}", actor=alice)
    actions.merge(survivor=asked, gone=RequestFactory(version=asked.version), actor=alice)
    assert (before, cost()) == (PAGE_QUERIES, PAGE_QUERIES)


PAGE_QUERIES = 10


def test_a_workshop_from_the_request_to_its_event(
    asked: Request, as_alice: Client, as_nobody: Client, alice: User
) -> None:
    """The journey: what was answered fills in the event; one undo takes all of it back."""
    shown = as_alice.get(page(asked)).content.decode()
    assert ("Biologists" in shown, "none has this address" in shown) == (True, True)
    do(as_alice, asked, "make_record")
    asked.refresh_from_db()
    assert asked.person is not None
    at = reverse("training:accept_request", args=[asked.pk])
    initial = as_alice.get(at).context["form"].initial
    host = {"title": "Workshop: Harbour University", "city": "Leeds", "country": "GB", "capacity": 25}
    assert {name: initial[name] for name in host} == host
    assert (initial["starts_on"], initial["languages"]) == (dt.date(2027, 3, 1), ["en", "cy"])
    posted = {
        name: "" if value is None else value
        for name, value in initial.items()
        if name not in ("lessons", "tags", "curricula", "languages", "is_online")
    }
    usual = {"visibility": "public"}
    answer = as_alice.post(at, posted | usual | {"languages": "en, cy", "reason": "Gladly", "as_host": "on"})
    assert answer.status_code == 302, answer.context["form"].errors
    event = Event.objects.get()
    assert answer["Location"] == reverse("training:event", args=[event.pk])
    assert (event.title, event.host.name if event.host else "", event.starts_on, event.contact) == (
        "Workshop: Harbour University",
        "Harbour University",
        dt.date(2027, 3, 1),
        "Bo <bo@example.org>; Cy",
    )
    asked.refresh_from_db()
    assert (asked.state, asked.event, asked.reason, asked.assigned_to) == ("accepted", event, "Gladly", alice)
    assert list(Task.objects.values_list("person", "kind__slug")) == [(asked.person_id, "host")]
    kinds = list(Activity.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["training.request_received", "training.request_accepted"]
    undo = undo_of(answer, as_alice)
    assert "Ada Example" in as_alice.get(answer["Location"]).content.decode()  # the card on the event's page
    own = as_nobody.get(reverse("events:request", args=[asking.token_of(asked)])).content.decode()
    assert ("It is accepted" in own, "Gladly" in own) == (True, True)
    as_alice.post("/training/undo/" + undo)
    asked.refresh_from_db()
    assert (asked.state, asked.event, Event.objects.count(), Task.objects.count()) == ("pending", None, 0, 0)


def test_an_event_that_cannot_be_leaves_the_request_waiting(asked: Request, as_alice: Client) -> None:
    at = reverse("training:accept_request", args=[asked.pk])
    kind = RequestForm.objects.get(slug="workshop").kind_id
    wrong = {
        "title": "X",
        "kind": kind,
        "time_zone": "UTC",
        "starts_on": "2027-03-02",
        "ends_on": "2027-03-01",
    }
    answer = as_alice.post(at, wrong | {"visibility": "public"})
    assert (answer.status_code, answer.context["form"].errors["ends_on"]) == (
        422,
        [
            "“X” would end on 1 March 2027 and begin on 2 March 2027: choose a later last day, or an earlier first one."
        ],
    )
    asked.refresh_from_db()
    assert (asked.state, Event.objects.count()) == ("pending", 0)


def test_a_record_is_theirs_only_by_the_proven_address(asked: Request, as_alice: Client) -> None:
    PersonFactory(name="Ada Example")  # the same name is not the same person
    do(as_alice, asked, "link_request")
    asked.refresh_from_db()
    assert asked.person is None
    known = IdentityFactory(system="email", value=asked.email, person=PersonFactory(name="Ada E."))
    assert "Ada E." in as_alice.get(page(asked)).content.decode()
    do(as_alice, asked, "link_request")
    asked.refresh_from_db()
    assert asked.person == known.person
    do(as_alice, asked, "unlink_request")
    do(as_alice, asked, "make_record")  # the address has a record already
    asked.refresh_from_db()
    assert (asked.person, Person.objects.count()) == (known.person, 2)
    unproven = RequestFactory(state="unproven", received_at=None, proven_at=None)
    with pytest.raises(ValidationError) as caught:
        actions.make_record(request=unproven, actor=None)
    assert caught.value.code == "unproven"
    assert Identity.objects.filter(system="email").count() == 1


def test_answers_are_corrected_and_taken_back(asked: Request, as_alice: Client) -> None:
    at = reverse("training:correct_request", args=[asked.pk])
    form = as_alice.get(at).context["form"]
    assert (form.initial["f-city"], form.initial["f-days"]) == ("Leeds", ["2027-03-01", "2027-03-02"])
    values = workshop(**{"f-city": "York", "f-country": "FR", "seen": str(form.initial["seen"])})
    done = as_alice.post(at, values)
    asked.refresh_from_db()
    assert (asked.answers["city"], asked.country, asked.email) == ("York", "FR", "ada@uni.example.org")
    undo = undo_of(done, as_alice)
    assert "saved this on" in as_alice.post(at, values).content.decode()
    as_alice.post("/training/undo/" + undo)
    asked.refresh_from_db()
    assert asked.answers["city"] == "Leeds"


def test_two_requests_are_one_and_two_again(asked: Request, as_alice: Client, alice: User) -> None:
    other = RequestFactory(version=asked.version, email=asked.email, answers={"audience": "Chemists"})
    foreign = RequestFactory(email=asked.email)
    shown = as_alice.get(page(asked))
    assert {row.pk for row in shown.context["page"].duplicates} == {other.pk, foreign.pk}
    at = reverse("training:merge_request", args=[asked.pk])
    for wrong, words in (
        (asked.pk, "A request cannot be merged with itself."),
        (foreign.pk, "They were sent with different forms: decide about each by itself."),
        (10**9, "There is no such request."),
    ):
        assert words in as_alice.post(at, {"number": wrong}).content.decode()
    done = as_alice.post(at, {"number": other.pk})
    undo = undo_of(done, as_alice)
    shown = as_alice.get(page(asked))
    assert ("Biologists" in shown.content.decode(), "Chemists" in shown.content.decode()) == (True, True)
    assert names(as_alice, "") == sorted(["Ada Example", foreign.name])
    assert "merged into another request" in as_alice.get(page(other)).content.decode()
    with pytest.raises(ValidationError, match="was merged into another one"):
        actions.discard(request=other, actor=alice)
    as_alice.post("/training/undo/" + undo)
    other.refresh_from_db()
    assert other.merged_into is None


def test_requests_of_one_organisation_for_the_same_days_may_be_the_same(asked: Request) -> None:
    from folkmoot.training.queries.requests import duplicates_of

    twin = RequestFactory(organization=asked.organization, starts_on="2027-03-02", ends_on="2027-03-04")
    RequestFactory(organization=asked.organization, starts_on="2027-03-03", ends_on="2027-03-04")
    RequestFactory(starts_on="2027-03-01", ends_on="2027-03-02")
    assert [row.pk for row in duplicates_of(asked)] == [twin.pk]


def test_what_is_decided_is_taken_up_again(asked: Request, as_alice: Client, alice: User) -> None:
    do(as_alice, asked, "discard_request", reason="No room")
    asked.refresh_from_db()
    assert (asked.state, asked.reason) == ("discarded", "No room")
    with pytest.raises(ValidationError) as caught:
        actions.withdraw(request=asked, actor=alice)
    assert caught.value.messages == ["Ada Example: this request is “discarded”. Take it up again first."]
    do(as_alice, asked, "take_up_request")
    do(as_alice, asked, "withdraw_request")
    asked.refresh_from_db()
    assert (asked.state, asked.reason) == ("withdrawn", "")
    verbs = [str(entry.verb) for entry in as_alice.get(page(asked)).context["timeline"].entries]
    assert verbs == ["Withdrawn", "Taken up again", "Discarded", "Received", "Sent"]


def test_notes_are_kept_changed_and_taken_away(asked: Request, as_alice: Client) -> None:
    for _twice in range(2):
        do(as_alice, asked, "add_request_note", body="Call them")
    do(as_alice, asked, "add_request_note", body="  ")
    note = RequestNote.objects.get()
    edit = reverse("training:edit_request_note", args=[note.pk])
    seen = as_alice.get(edit).context["form"].initial["seen"]
    as_alice.post(edit, {"body": "Write to them", "seen": seen})
    assert "Write to them" in as_alice.get(page(asked)).content.decode()
    done = as_alice.post(reverse("training:remove_request_note", args=[note.pk]))
    assert (done["Location"], RequestNote.objects.count()) == (page(asked), 0)
    as_alice.post("/training/undo/" + undo_of(done, as_alice))
    assert RequestNote.objects.get().body == "Write to them"


# ------------------------------------------------------------------- the house


def test_today_tells_of_what_is_nobodys_and_of_what_waits_too_long(asked: Request, alice: User) -> None:
    now = clock.now()
    title = "Ask for a workshop: Ada Example"
    assert told("training.requests", alice, now) == [title]
    actions.assign(request=asked, user=alice, actor=alice)
    limit = now + dt.timedelta(days=7)
    assert told("training.requests", alice, now) == []
    assert told("training.requests_late", alice, limit - dt.timedelta(seconds=1)) == []
    assert told("training.requests_late", alice, limit) == [title]
    item = today_sources.get("training.requests_late").find(alice, limit, 1)[0]
    assert (item.mine, str(item.why)) == (
        frozenset({alice.pk}),
        "it waits for a decision for 7 days (limit 7)",
    )
    actions.discard(request=asked, actor=alice)
    assert told("training.requests_late", alice, limit) == []


def test_a_request_is_found_by_what_it_says(asked: Request, alice: User, charlie: User) -> None:
    assert [hit.title for hit in search("biologists", alice, ["request"])] == ["Ada Example"]
    assert search("biologists", charlie, ["request"]) == []


def test_requests_and_forms_pass_to_a_colleague(asked: Request, alice: User) -> None:
    actions.assign(request=asked, user=alice, actor=alice)
    over = RequestFactory(assigned_to=alice, state="discarded", decided_at=clock.now())
    colleague = UserFactory()
    source = handovers.get("training.requests")
    assert (source.count(alice), source.move(alice, colleague, alice)) == (1, 1)
    assert dict(Request.objects.values_list("pk", "assigned_to")) == {
        asked.pk: colleague.pk,
        over.pk: alice.pk,
    }
    assert RequestForm.objects.get(slug="workshop").owner == colleague


def test_requests_follow_a_merge_of_records_and_come_back(asked: Request, alice: User) -> None:
    one, other = PersonFactory(), PersonFactory()
    Request.objects.update(person=other)
    merge = merge_people(survivor=one, gone=other, actor=alice)
    asked.refresh_from_db()
    assert asked.person == one
    unmerge(merge=merge, actor=alice)
    asked.refresh_from_db()
    assert asked.person == other


def test_a_request_is_forgotten_with_its_files(
    asked: Request, django_capture_on_commit_callbacks: Any
) -> None:
    from folkmoot.kernel.erasure import Outcome, Subject
    from folkmoot.training.attachments import Taken
    from folkmoot.training.request_erasing import forget

    asking._keep_files(asked, {"attachment": Taken(b"x", "text/plain", "x.txt")})
    path = asked.files.get().path
    merged = RequestFactory(version=asked.version, merged_into=asked)
    other = RequestFactory(answers={"contacts": "Ada Example and Bo"}, reason="as Ada Example said")
    subject = Subject(
        frozenset(),
        frozenset(),
        frozenset({"Ada Example"}),
        frozenset({asked.email}),
        frozenset({asked.email}),
        None,
        "somebody",
    )
    with django_capture_on_commit_callbacks(execute=True):
        forget(subject, Outcome())
    assert set(Request.objects.values_list("pk", flat=True)) == {merged.pk, other.pk}
    assert not Request.history.filter(id=asked.pk).exists()
    assert not default_storage.exists(path)
    other.refresh_from_db()
    assert (other.answers, other.reason) == ({"contacts": "somebody"}, "as somebody said")


# ----------------------------------------------------------------- making forms


@pytest.mark.parametrize("many", [1, 3])
def test_the_list_of_forms_costs_the_same(as_alice: Client, many: int) -> None:
    for _n in range(many):
        RequestFactory()
    at = reverse("training:request_forms")
    as_alice.get(at)
    with CaptureQueriesContext(connection) as queries:
        as_alice.get(at).content  # noqa: B018
    assert len(queries) == 7


def test_a_form_is_made_in_the_browser(
    rows: None, as_alice: Client, as_bob: Client, as_nobody: Client
) -> None:
    new = reverse("training:new_request_form")
    assert as_bob.get(new).status_code == 403
    wrong = as_alice.post(new, {"title": "Visits", "outcome": "event", "answer_days": "3", "order": "1"})
    assert wrong.context["form"].errors == {"kind": ["Say of which kind the events are that are planned."]}
    as_alice.post(
        new, {"title": "Visits", "outcome": "inquiry", "answer_days": "3", "order": "1", "is_open": "on"}
    )
    form = RequestForm.objects.get(slug="visits")
    add = reverse("training:new_form_field", args=[form.pk])
    as_alice.post(add, {"label": "Where?", "kind": "one", "choices": "Here\nThere"})
    as_alice.post(
        add,
        {
            "label": "Which room?",
            "kind": "line",
            "shown_when": "where",
            "shown_value": "Here",
            "fills": "venue",
        },
    )
    where, room = form.fields.order_by("position")
    for said, field, words in (
        ({"kind": "one", "choices": "only"}, "choices", "Give at least two choices, one on each line."),
        ({"kind": "file", "fills": "title"}, "fills", "“title” cannot be filled in from a file."),
        ({"kind": "line", "fills": "venue"}, "fills", "“Which room?” fills this in already."),
        ({"kind": "line", "key": "where"}, "key", "This form has a field of this short name already."),
        (
            {"kind": "line", "shown_when": "where", "shown_value": "Nowhere"},
            "shown_value",
            "It is answered with one of: Here, There.",
        ),
    ):
        answer = as_alice.post(add, {"label": "More", **said})
        assert answer.context["form"].errors == {field: [words]}
    place = reverse("training:place_form_field", args=[room.pk])
    as_alice.post(place, {"to": "up"})  # it hangs on the one above
    assert [one.key for one in form.fields.order_by("position")] == ["where", "which-room"]
    drop = reverse("training:drop_form_field", args=[where.pk])
    as_alice.post(drop)
    assert form.fields.filter(is_archived=False).count() == 2
    page = as_alice.get(reverse("training:preview_request_form", args=[form.pk])).content.decode()
    assert ("Which room?" in page, "Send" in page) == (True, False)
    RequestFactory(
        version__form=form, version__fields=[{"key": "which-room", "kind": "line", "label": "Old"}]
    )
    as_alice.post(reverse("training:drop_form_field", args=[room.pk]))
    room.refresh_from_db()
    assert room.is_archived
    as_alice.post(reverse("training:ask_form_field_again", args=[room.pk]))
    room.refresh_from_db()
    assert not room.is_archived
    assert "Which room?" in as_nobody.get(reverse("events:ask", args=["visits"])).content.decode()


def test_more_days_to_decide_hold_for_those_that_wait(asked: Request, as_alice: Client) -> None:
    from folkmoot.training.actions.request_forms import save_form

    save_form(form=asked.form, values={"answer_days": 10}, actor=None)
    asked.refresh_from_db()
    assert asked.received_at is not None
    assert asked.due_at == asked.received_at + dt.timedelta(days=10)
