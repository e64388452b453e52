"""Asking editors and reviewers, and their answers by a link; standard texts; conflicts of interest."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.erasure import erasers
from folkmoot.kernel.notices.models import Notice
from folkmoot.kernel.undo import undo
from folkmoot.ledger.models import Activity
from folkmoot.outbox.models import Channel, Delivery, MessageTemplate
from folkmoot.people.models import Correspondence, Person
from folkmoot.reviews import letters
from folkmoot.reviews.actions import assignments, conflicts, invitations, texts
from folkmoot.reviews.models import Assignment, Conflict, SubmissionMessage
from folkmoot.reviews.seeds.texts import load_texts
from tests.factories import IdentityFactory, OrganizationFactory, PersonFactory, SubmissionFactory
from tests.reviews.conftest import Review

pytestmark = pytest.mark.django_db


@pytest.fixture
def mail(db: None) -> Channel:
    """A way out, and the standard texts."""
    load_texts()
    return Channel.objects.create(kind="smtp", name="Mail", is_default=True)


@pytest.fixture
def noa(db: None) -> Person:
    """Somebody with an address."""
    person = PersonFactory(name="Noa Ferro")
    IdentityFactory(person=person, system="email", value="noa@example.org")
    return person


def ask(review: Review, noa: Person, erin: User, **more: Any) -> Assignment:
    return invitations.invite(submission=review.submission, person=noa, role="reviewer", actor=erin, **more)


def link(part: Assignment) -> str:
    return reverse("reviews:invitation", args=[invitations.token_of(part)])


def test_a_request_leaves_with_a_link_and_stands_on_both_pages(
    review: Review, mail: Channel, noa: Person, erin: User
) -> None:
    part = ask(review, noa, erin, due_on=dt.date(2027, 2, 1))
    delivery = Delivery.objects.get()
    assert (part.state, part.delivery, delivery.recipient, delivery.title) == (
        "invited",
        delivery,
        "noa@example.org",
        "Would you review wavefold?",
    )
    text = delivery.payload["text"]
    token = text.split("/reviews/invitations/")[1].split("/")[0]
    assert invitations.read(token) == invitations.Invitation(invitations.Link.OPEN, part)
    assert "due by 1 February 2027" in text
    assert "{{" not in text
    assert SubmissionMessage.objects.get().submission == review.submission
    assert Correspondence.objects.get().person == noa
    assert list(Activity.objects.values_list("kind", flat=True)) == ["reviews.invited"]


def test_a_visit_shows_and_only_the_button_answers_once(
    review: Review, mail: Channel, noa: Person, erin: User, as_nobody: Client
) -> None:
    part = ask(review, noa, erin)
    address = link(part)
    for method in (as_nobody.get, as_nobody.head, as_nobody.options):
        assert method(address).status_code in (200, 405)
    shown = as_nobody.get(address)
    assert shown.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "Will you review wavefold?" in shown.content.decode()
    assert Assignment.objects.get(pk=part.pk).state == "invited"
    assert as_nobody.post(address, {"answer": "maybe"}).status_code == 422
    assert as_nobody.post(address, {"answer": "yes", "due_on": "2020-01-01"}).status_code == 422
    tomorrow = dt.date.today() + dt.timedelta(days=30)
    as_nobody.post(address, {"answer": "yes", "due_on": tomorrow.isoformat(), "reason": "Gladly"})
    part.refresh_from_db()
    assert (part.state, part.due_on, part.reason) == ("accepted", tomorrow, "Gladly")
    again = as_nobody.post(address, {"answer": "no"})
    assert "You said yes on" in again.content.decode()
    assert Assignment.objects.get(pk=part.pk).state == "accepted"
    told = Notice.objects.filter(user=erin).get()
    assert told.title == "Noa Ferro will review wavefold"
    assert {user.name for user in User.objects.filter(notices__isnull=False)} == {
        "Erin Editor",
        "Chris Chief",
    }


def test_links_that_are_over_altered_or_of_an_older_request(
    review: Review, mail: Channel, noa: Person, erin: User, as_nobody: Client
) -> None:
    part = ask(review, noa, erin)
    address = link(part)
    assert as_nobody.get(address[:-3] + "x/").status_code == 404
    with time_machine.travel(dt.datetime.now(dt.UTC) + invitations.GOOD_FOR + dt.timedelta(minutes=1)):
        assert as_nobody.post(address, {"answer": "yes"}).status_code == 410
    assert Assignment.objects.get(pk=part.pk).state == "invited"
    as_nobody.post(address, {"answer": "no", "reason": "No time"})
    assert "You said no on" in as_nobody.get(address).content.decode()
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(days=2)):
        second = ask(review, noa, erin)
        assert second.pk == part.pk
        assert as_nobody.get(address).status_code == 410
        assert as_nobody.get(link(second)).status_code == 200
        review.submission.outcome = "closed"
        review.submission.closed_at = dt.datetime.now(dt.UTC)
        review.submission.save()
        assert as_nobody.post(link(second), {"answer": "yes"}).status_code == 410


def test_what_is_refused_when_asking(review: Review, mail: Channel, noa: Person, erin: User) -> None:
    with pytest.raises(ValidationError, match="answer_url"):
        ask(review, noa, erin, subject="Hello", body="Would you?")
    with pytest.raises(ValidationError, match="No mail address"):
        ask(review, PersonFactory(), erin)
    with pytest.raises(ValidationError, match="both sides"):
        ask(review, review.author, erin)
    ask(review, noa, erin)
    assignments.answer(assignment=Assignment.objects.get(person=noa), accepted=True)
    with pytest.raises(ValidationError, match="has this part already"):
        ask(review, noa, erin)
    assert Assignment.objects.filter(person__name__startswith="Person").count() == 0
    assert Delivery.objects.count() == 1


def test_calling_back_keeps_the_mail_from_leaving(
    review: Review, mail: Channel, noa: Person, erin: User, as_erin: Client
) -> None:
    part = ask(review, noa, erin)
    as_erin.post(reverse("reviews:call_back", args=[part.pk]))
    part.refresh_from_db()
    assert (part.state, Delivery.objects.get().state) == ("ended", "cancelled")


def test_taking_off_and_back(review: Review, erin: User) -> None:
    editor = Assignment.objects.get(role="editor")
    what = assignments.unassign(assignment=editor, actor=erin, reason="on leave")
    editor.refresh_from_db()
    assert (editor.state, editor.reason) == ("ended", "on leave")
    undo(what=what, actor=erin)
    editor.refresh_from_db()
    assert (editor.state, editor.reason) == ("accepted", "")
    author = Assignment.objects.get(role="author")
    what = assignments.unassign(assignment=author, actor=erin)
    assert not Assignment.objects.filter(role="author").exists()
    undo(what=what, actor=erin)
    assert Assignment.objects.get(role="author").person == review.author


def test_doing_the_same_twice_changes_nothing(review: Review, erin: User) -> None:
    part = Assignment.objects.get(role="reviewer")
    assignments.answer(assignment=part, accepted=True)
    first = assignments.finish(assignment=part, actor=erin)
    second = assignments.finish(assignment=part, actor=erin)
    assert first.done_at == second.done_at
    editor = Assignment.objects.get(role="editor")
    assert (
        assignments.assign(submission=review.submission, person=editor.person, role="editor", actor=erin)
        == editor
    )
    assert sorted(Activity.objects.values_list("kind", flat=True)) == ["reviews.answered", "reviews.reviewed"]


# ------------------------------------------------------------- standard texts


def test_every_text_can_be_filled_from_a_submission(review: Review, erin: User) -> None:
    assert load_texts() == 11
    assert load_texts() == 0
    from folkmoot.outbox.public import message_kinds, render

    for template in MessageTemplate.objects.all():
        kind = message_kinds.get(template.kind)
        record = kind.record(
            review.programme.pk if template.kind == letters.HANDOVER else review.submission.pk
        )
        rendered = render(kind, template.subject, template.body, kind.values(erin, record))
        assert "{{" not in rendered.subject + rendered.text
        assert str(record)
    MessageTemplate.objects.filter(kind="reviews.thanks").update(name="Another name")
    assert load_texts() == 0


def test_writing_by_mail_and_by_comment(review: Review, mail: Channel, erin: User, as_erin: Client) -> None:
    IdentityFactory(person=review.author, system="email", value="ana@example.org")
    address = reverse("reviews:write", args=[review.submission.pk])
    assert texts.ways(review.submission) == ["mail"]
    page = as_erin.get(f"{address}?kind=reviews.author_reminder").content.decode()
    assert "wavefold: we close the submission on" in page
    as_erin.post(
        f"{address}?kind=reviews.author_reminder",
        {"to": str(review.author.pk), "subject": "Still there?", "body": "Dear Ana, **hello**"},
    )
    delivery = Delivery.objects.get()
    assert (delivery.recipient, delivery.title, delivery.kind) == (
        "ana@example.org",
        "Still there?",
        "reviews.author_reminder",
    )
    Channel.objects.create(kind="github-comment", name="GitHub", medium="comment", is_default=True)
    assert texts.ways(review.submission) == ["mail", "comment"]
    as_erin.post(
        f"{address}?kind=reviews.editor_response",
        {"by": "comment", "to": "", "subject": "Hello", "body": "Dear all"},
    )
    comment = Delivery.objects.exclude(pk=delivery.pk).get()
    assert comment.payload["body"] == "Dear all"
    assert (comment.payload["repository"], comment.payload["issue"]) == ("commons/reviews", 12)
    assert review.submission.messages.count() == 2
    page = as_erin.get(reverse("reviews:submission", args=[review.submission.pk])).content.decode()
    assert "Still there?" in page


# ------------------------------------------------------------------ conflicts


def test_conflicts_are_declared_corrected_and_taken_back(
    noa: Person, alice: User, as_alice: Client, as_erin: Client
) -> None:
    house = OrganizationFactory(name="House")
    new = reverse("reviews:new_conflict")
    assert as_erin.get(new).status_code == 403
    as_alice.post(
        new, {"person": "Noa Ferro", "kind": "organization", "other": "house", "reason": "works there"}
    )
    row = Conflict.objects.get()
    assert (row.person, row.organization, row.reason, row.created_by) == (noa, house, "works there", alice)
    assert (
        as_alice.post(new, {"person": "Noa Ferro", "kind": "person", "other": "Noa Ferro"}).status_code == 422
    )
    assert (
        as_alice.post(new, {"person": "Noa Ferro", "kind": "project", "other": "nowhere"}).status_code == 422
    )
    page = as_alice.get(reverse("people:person", args=[noa.pk])).content.decode()
    assert "Conflicts of interest" in page
    edit = reverse("reviews:edit_conflict", args=[row.pk])
    as_alice.post(edit, {"reason": "worked there", "until": "2027-01-01"})
    row.refresh_from_db()
    assert (row.reason, row.until) == ("worked there", dt.date(2027, 1, 1))
    what = conflicts.remove_conflict(conflict=row, actor=alice)
    undo(what=what, actor=alice)
    assert Conflict.objects.get().reason == "worked there"


def test_an_erasure_takes_out_what_reviews_know(review: Review, noa: Person, alice: User) -> None:
    from folkmoot.kernel.erasure import Outcome, Subject

    review.submission.header = {"Reviewer 1": "Noa Ferro (@noaf)", "Archive": "TBD"}
    review.submission.description = "Folds waves, thanks to noa ferro"
    review.submission.save()
    part = assignments.assign(submission=review.submission, person=noa, role="reviewer", actor=alice)
    part.reason = "Noa Ferro is away"
    part.save()
    conflicts.declare_conflict(person=noa, other=review.author, actor=alice)
    subject = Subject(
        frozenset({noa.pk}),
        frozenset(),
        frozenset({"Noa Ferro"}),
        frozenset({"noaf"}),
        frozenset(),
        None,
        "Erased person 1",
    )
    outcome = Outcome()
    for eraser in erasers:
        if eraser.key.startswith("reviews."):
            eraser.forget(subject, outcome)
    review.submission.refresh_from_db()
    assert review.submission.header == {"Reviewer 1": "Erased person 1", "Archive": "TBD"}
    assert review.submission.description == "Folds waves, thanks to Erased person 1"
    part.refresh_from_db()
    assert (part.state, part.reason) == ("ended", "")
    assert not Conflict.objects.exists()
    assert not SubmissionFactory._meta.model.history.filter(description__icontains="ferro").exists()
