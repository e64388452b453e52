"""A tracker read live: issues become submissions, their moves are exact, and nothing breaks what is known."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from folkmoot.connectors.github import webhooks
from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.jobs import leases, runner
from folkmoot.kernel.jobs.models import Job
from folkmoot.kernel.jobs.runner import run_in_foreground
from folkmoot.ledger.github import sync
from folkmoot.ledger.models import Activity, SyncState
from folkmoot.outbox.models import Channel, Delivery
from folkmoot.people.models import Identity, Person
from folkmoot.reviews import history
from folkmoot.reviews.actions import stages
from folkmoot.reviews.live.state import states
from folkmoot.reviews.live_plugs import TRACKERS
from folkmoot.reviews.models import Assignment, Flag, Sighting, StageChange, Submission
from tests.github_server import answer, no_json, truncated
from tests.ledger.githubbing import at
from tests.reviews.live import TIMELINE, TRACKER, Tracker, changes, exact, header, sightings, tracked

pytestmark = pytest.mark.django_db


@pytest.fixture
def tracker(settings: Any, monkeypatch: Any) -> Any:
    with tracked(settings, monkeypatch) as found:
        yield found


def only() -> Submission:
    return Submission.objects.get()


def reviewed(tracker: Tracker) -> None:
    """An issue that goes from its opening to acceptance."""
    issue = tracker.issue(12, "2026-03-01 09:00:00")
    issue.label("New Submission!", tracker.ana, at("2026-03-01 09:00:01"))
    issue.label("0/pre-review-checks", tracker.ana, at("2026-03-01 09:00:01"))
    issue.comment(tracker.bot, at("2026-03-01 09:01:00"), "Thank you!")
    issue.comment(tracker.chris, at("2026-03-04 10:00:00"), "Looks good.")
    issue.unlabel("0/pre-review-checks", tracker.chris, at("2026-03-05 10:00:00"))
    issue.label("0/seeking-editor", tracker.chris, at("2026-03-05 10:00:30"))
    issue.assign(tracker.erin, tracker.chris, at("2026-03-20 08:00:00"))
    issue.label("1/editor-assigned", tracker.chris, at("2026-03-20 08:01:00"))
    issue.comment(tracker.ana, at("2026-03-21 08:01:00"), "Hello Erin")


def test_an_issue_becomes_a_submission_with_its_exact_moves(tracker: Tracker) -> None:
    reviewed(tracker)
    outcome = tracker.read()
    assert "failed" not in outcome
    row = only()
    assert (row.key, row.kind, row.title, row.repository, row.issue_number, row.source) == (
        f"{TRACKER}#12",
        "full",
        "wavefold",
        "https://github.com/ana-q/wavefold",
        12,
        "github",
    )
    assert (row.opened_at, row.closed_at, row.outcome) == (at("2026-03-01 09:00:00"), None, "")
    assert row.item is not None
    assert row.item.external_id == "600/12"
    assert exact(row) == [
        ("pre-review-checks", "03-01 09:00"),
        ("seeking-editor", "03-05 10:00"),
        ("editor-assigned", "03-20 08:01"),
    ]
    assert row.stage is not None
    assert (row.stage.slug, row.stage_since) == ("editor-assigned", at("2026-03-20 08:01:00"))
    assert row.last_word_by is not None
    assert (row.last_word_at, row.last_word_by.value) == (at("2026-03-21 08:01:00"), "ana-q")
    assert row.first_response_at == at("2026-03-04 10:00:00")  # the bot does not count
    parts = Assignment.objects.order_by("role").values_list("role", "person__identities__value", "state")
    assert list(parts) == [("author", "ana-q", "accepted"), ("editor", "erin-e", "accepted")]
    assert Assignment.objects.get(role="editor").answered_at == at("2026-03-20 08:00:00")
    assert Sighting.objects.filter(actor__value="chris-c").count() == 3
    told = Activity.objects.filter(kind__startswith="reviews.").order_by("occurred_at", "pk")
    assert list(told.values_list("kind", "detail__stage")) == [
        ("reviews.opened", None),
        ("reviews.stage", "Checks before the review"),
        ("reviews.stage", "Seeking an editor"),
        ("reviews.stage", "Editor assigned"),
    ]


def test_reading_again_changes_nothing_and_costs_nothing(tracker: Tracker) -> None:
    reviewed(tracker)
    tracker.read()
    tracker.read()  # the boundary is read once more, with the mark of its answer
    before = (
        list(Submission.objects.values()),
        list(Sighting.objects.values_list("pk", flat=True)),
        list(StageChange.objects.values_list("pk", flat=True)),
        Activity.objects.count(),
        Person.objects.count(),
    )
    tracker.world.asked.clear()
    tracker.read()
    assert [line for line in tracker.world.asked if "timeline" in line] == []
    assert [line.rpartition(" ")[2] for line in tracker.world.asked if "per_page=10&" in line] == ["304"]
    after = (
        list(Submission.objects.values()),
        list(Sighting.objects.values_list("pk", flat=True)),
        list(StageChange.objects.values_list("pk", flat=True)),
        Activity.objects.count(),
        Person.objects.count(),
    )
    assert after == before


def test_only_what_changed_is_asked_for(tracker: Tracker) -> None:
    reviewed(tracker)
    for number in range(20, 45):
        issue = tracker.issue(number, f"2026-04-01 09:{number:02}:00", f"pack{number}")
        issue.label("0/pre-review-checks", tracker.ana, at(f"2026-04-01 09:{number:02}:00"))
    tracker.read()
    assert Submission.objects.count() == 26
    tracker.read()
    tracker.world.asked.clear()
    issue = tracker.repo.issues[0]
    issue.label("2/seeking-reviewers", tracker.erin, at("2026-05-01 10:00:00"))
    tracker.read()
    asked = sorted(line.split()[1].split("/")[5] for line in tracker.world.asked if "/timeline" in line)
    assert asked == ["12", "44"]  # and the last one of the time before
    assert exact(Submission.objects.get(issue_number=12))[-1] == ("seeking-reviewers", "05-01 10:00")


def test_acceptance_with_and_without_a_day_in_the_header(tracker: Tracker) -> None:
    reviewed(tracker)
    issue = tracker.repo.issues[0]
    issue.label("6/pyOS-approved", tracker.erin, at("2026-06-10 12:00:00"))
    tracker.read()
    row = only()
    assert (row.outcome, row.accepted_on, row.closed_at) == ("accepted", dt.date(2026, 6, 10), None)
    issue.body = header(accepted="6/9/2026", editor="@erin-e", archive="10.5281/zenodo.12345")
    issue.close(tracker.erin, at("2026-06-11 12:00:00"))
    tracker.read()
    row.refresh_from_db()
    assert (row.outcome, row.closed_at) == ("accepted", at("2026-06-11 12:00:00"))
    assert row.archive == "https://doi.org/10.5281/zenodo.12345"
    assert Activity.objects.filter(kind="reviews.accepted").count() == 1
    assert row.accepted_on == dt.date(2026, 6, 9)  # the header knows better than the label
    second = tracker.issue(13, "2026-04-01 09:00:00", body=header(accepted="05/30/2026"))
    second.label("6/pyOS-approved", tracker.erin, at("2026-06-12 12:00:00"))
    tracker.read()
    assert Submission.objects.get(issue_number=13).accepted_on == dt.date(2026, 5, 30)


def test_holds_outcomes_and_closing(tracker: Tracker) -> None:
    reviewed(tracker)
    issue = tracker.repo.issues[0]
    issue.label("on-hold", tracker.erin, at("2026-04-01 12:00:00"))
    tracker.read()
    row = only()
    assert (row.on_hold_since, row.stage.slug if row.stage else "") == (
        at("2026-04-01 12:00:00"),
        "editor-assigned",
    )
    issue.unlabel("on-hold", tracker.erin, at("2026-05-01 12:00:00"))
    issue.close(tracker.erin, at("2026-05-02 12:00:00"))
    tracker.read()
    row.refresh_from_db()
    assert (row.on_hold_since, row.outcome, row.closed_at) == (None, "closed", at("2026-05-02 12:00:00"))
    issue.reopen(tracker.ana, at("2026-05-03 12:00:00"))
    tracker.read()
    row.refresh_from_db()
    assert (row.outcome, row.closed_at, row.is_open) == ("", None, True)
    issue.label("currently-out-of-scope", tracker.chris, at("2026-05-04 12:00:00"))
    issue.close(tracker.chris, at("2026-05-04 12:00:10"))
    tracker.read()
    row.refresh_from_db()
    assert row.outcome == "out_of_scope"


def test_an_enquiry_that_becomes_a_submission_is_two(tracker: Tracker) -> None:
    issue = tracker.issue(324, "2026-03-01 09:00:00")
    issue.label("presubmission", tracker.ana, at("2026-03-01 09:00:01"))
    issue.comment(tracker.chris, at("2026-03-02 09:00:00"), "Yes please")
    tracker.read()
    enquiry = only()
    assert (enquiry.key, enquiry.kind, enquiry.outcome) == (f"{TRACKER}#324?", "presubmission", "")
    issue.label("0/pre-review-checks", tracker.chris, at("2026-03-05 09:00:00"))
    issue.unlabel("presubmission", tracker.chris, at("2026-03-05 09:00:20"))
    issue.comment(tracker.erin, at("2026-03-06 09:00:00"), "Hello")
    tracker.read()
    enquiry.refresh_from_db()
    submission = Submission.objects.get(key=f"{TRACKER}#324")
    assert (enquiry.outcome, enquiry.closed_at) == ("answered", at("2026-03-05 09:00:00"))
    assert enquiry.last_word_at == enquiry.first_response_at == at("2026-03-02 09:00:00")
    assert (submission.follows, submission.opened_at) == (enquiry, at("2026-03-05 09:00:00"))
    assert exact(submission) == [("pre-review-checks", "03-05 09:00")]
    assert exact(enquiry)[0] == ("presubmission", "03-01 09:00")
    assert submission.last_word_at == at("2026-03-06 09:00:00")
    tracker.read()
    assert Submission.objects.count() == 2


def test_a_closed_enquiry_is_answered(tracker: Tracker) -> None:
    issue = tracker.issue(3, "2026-03-01 09:00:00")
    issue.label("presubmission", tracker.ana, at("2026-03-01 09:00:01"))
    issue.close(tracker.chris, at("2026-03-03 09:00:00"))
    tracker.read()
    assert (only().outcome, only().kind) == ("answered", "presubmission")


def test_what_is_no_submission_is_left_out(tracker: Tracker) -> None:
    tracker.issue(1, "2026-03-01 09:00:00", "The template has a typo", body="Please mend it")
    tracker.issue(2, "2026-03-01 09:00:00", "Mend the template", is_pull=True)
    tracker.read()
    assert Submission.objects.count() == 0
    tracker.issue(3, "2026-03-02 09:00:00", "wavefold")  # no label yet, but a header
    tracker.read()
    assert (only().title, changes(only())) == ("wavefold", [])


def test_labels_nobody_knows_are_flagged_once(tracker: Tracker) -> None:
    reviewed(tracker)
    tracker.repo.issues[0].label("needs a llama", tracker.ana, at("2026-04-01 09:00:00"))
    tracker.read()
    tracker.read()
    flag = Flag.objects.get(kind="label")
    assert (flag.value, flag.field, flag.programme, flag.submission, flag.settled_at) == (
        "needs a llama",
        "labels",
        tracker.programme,
        None,
        None,
    )


# ------------------------------------------------------------------------------------------------- with other sources


def imported(tracker: Tracker, *seen: tuple[str, str]) -> Submission:
    """A submission that files told of: stages, each at the moment of its file."""
    row = Submission.objects.create(
        programme=tracker.programme,
        key=f"{TRACKER}#12",
        issue_number=12,
        title="wavefold",
        opened_at=at("2026-03-01 09:00:00"),
        source="pyopensci",
    )
    for moment, slug in seen:
        Sighting.objects.create(
            submission=row,
            at=at(moment),
            stage=tracker.programme.stages.get(slug=slug),
            source="pyopensci",
            external_id=f"snapshot {moment}",
        )
    history.reckon([row.pk])
    return row


def test_exact_events_take_the_place_of_what_files_let_guess(tracker: Tracker) -> None:
    row = imported(
        tracker,
        ("2026-03-03 00:00:00", "pre-review-checks"),
        ("2026-03-12 00:00:00", "seeking-editor"),
        ("2026-04-01 00:00:00", "editor-assigned"),
    )
    assert [change[0] for change in changes(row)] == [
        "pre-review-checks",
        "seeking-editor",
        "editor-assigned",
    ]
    assert changes(row)[1] == ("seeking-editor", "03-03 00:00", "03-12 00:00")
    reviewed(tracker)
    tracker.read()
    assert Submission.objects.get().pk == row.pk
    assert exact(row) == [
        ("pre-review-checks", "03-01 09:00"),
        ("seeking-editor", "03-05 10:00"),
        ("editor-assigned", "03-20 08:01"),
    ]
    assert Activity.objects.filter(kind="reviews.opened").count() == 1


def test_people_of_files_give_way_to_the_header(tracker: Tracker) -> None:
    row = imported(tracker, ("2026-03-03 00:00:00", "pre-review-checks"))
    old = Identity.objects.create(
        person=Person.objects.create(name="Old Editor"), system="github", value="old-e"
    )
    Assignment.objects.create(submission=row, person=old.person, role="editor", source="pyopensci")
    by_hand = Assignment.objects.create(
        submission=row, person=Person.objects.create(name="By Hand"), role="reviewer"
    )
    row.said = {"table": {"people": {"editor": ["old-e"]}, "fields": {}}}
    row.save()
    reviewed(tracker)
    tracker.repo.issues[0].body = header(editor="@erin-e", eic="@chris-c")
    tracker.read()
    parts = Assignment.objects.filter(submission=row).order_by("role", "pk")
    assert list(parts.values_list("role", "person__name", "state")) == [
        ("author", "Ana Quintanar", "accepted"),
        ("editor", "Old Editor", "ended"),
        ("editor", "Erin Editor", "accepted"),
        ("eic", "Chris Chief", "accepted"),
        ("reviewer", "By Hand", "accepted"),
    ]
    by_hand.refresh_from_db()
    assert by_hand.source == "folkmoot"


def test_a_move_by_hand_stays_until_the_tracker_says_something_new(tracker: Tracker, alice: User) -> None:
    reviewed(tracker)
    tracker.read()
    row = only()
    stages.move_to(submission=row, stage=tracker.programme.stages.get(slug="seeking-reviewers"), actor=alice)
    tracker.repo.issues[0].comment(tracker.erin, at("2026-03-25 10:00:00"), "One moment")
    tracker.read()
    row.refresh_from_db()
    assert row.stage is not None
    assert row.stage.slug == "seeking-reviewers"


def test_what_a_person_wrote_stays(tracker: Tracker) -> None:
    reviewed(tracker)
    tracker.read()
    Submission.objects.update(title="Wavefold!", folded="wavefold!", description="By hand")
    tracker.repo.issues[0].comment(tracker.erin, at("2026-03-25 10:00:00"), "Hello")
    tracker.read()
    assert (only().title, only().description) == ("Wavefold!", "By hand")


# ---------------------------------------------------------------------------------------------------- our own comments


def test_our_own_comments_are_whoevers_asked_for_them(tracker: Tracker, alice: User) -> None:
    reviewed(tracker)
    issue = tracker.repo.issues[0]
    alice_person = Person.objects.create(name="Alice Admin", user=alice)
    channel = Channel.objects.create(kind="github-comment", name="GitHub", medium="comment")

    def ours(number: int, asked_by: User | None, moment: str) -> None:
        mark = f"{number:032x}"
        payload = {"repository": "moot/reviews", "issue": 12, "body": "x", "marker": mark}
        Delivery.objects.create(
            channel=channel, key=mark, kind="t", area="reviews", title="t", payload=payload,
            not_after=clock.now() + dt.timedelta(days=1), planned_id=mark, asked_by=asked_by,
        )  # fmt: skip
        community = tracker.world.user(99, "the-community")
        issue.comment(community, at(moment), f"<!-- folkmoot:{mark} -->\n\nHello")

    ours(1, alice, "2026-04-01 10:00:00")
    ours(2, None, "2026-04-02 10:00:00")  # a reminder that left by itself
    tracker.read()
    row = only()
    assert row.last_word_by is not None
    assert (row.last_word_at, row.last_word_by.person) == (at("2026-04-01 10:00:00"), alice_person)


# -------------------------------------------------------------------------------------------------------------- faults


def items(user: User) -> list[tuple[str, str]]:
    return [(item.title, item.why) for item in TRACKERS.find(user, clock.now(), 10)]


def test_a_failed_reading_keeps_everything_and_says_so(tracker: Tracker, alice: User) -> None:
    reviewed(tracker)
    tracker.read()
    assert items(alice) == []
    before = Submission.objects.values("stage", "title", "last_word_at", "outcome").get()
    tracker.repo.issues[0].comment(tracker.erin, at("2026-04-25 10:00:00"), "Hello")
    tracker.world.faults[TIMELINE.format(12)] = [500] * 3
    outcome = tracker.read()
    assert outcome["failed"] == ["moot/reviews: threads"]
    row = only()
    assert row.stale_since is not None
    assert Submission.objects.values("stage", "title", "last_word_at", "outcome").get() == before
    ((title, why),) = items(alice)
    assert title == "The issues of “Software peer review” could not be read"
    assert why.startswith("GitHub answered with an error of its own.")
    assert why.endswith("500 Server Error What was read before is kept.")
    since = row.stale_since
    tracker.world.faults[TIMELINE.format(12)] = [truncated] * 3
    tracker.read()
    row.refresh_from_db()
    assert row.stale_since == since
    tracker.read()
    row.refresh_from_db()
    assert (row.stale_since, row.last_word_at) == (None, at("2026-04-25 10:00:00"))
    assert items(alice) == []


def test_a_wrong_token_and_a_repository_that_is_gone(tracker: Tracker, alice: User) -> None:
    reviewed(tracker)
    tracker.read()
    tracker.world.token = "another"
    outcome = tracker.read()
    assert outcome["problem"] == "token"
    row = only()
    assert (row.stale_since is not None, row.title) == (True, "wavefold")
    tracker.world.token = tracker.connection.token
    tracker.read()
    row.refresh_from_db()
    assert row.stale_since is None
    tracker.world.faults["/repos/moot/reviews/issues"] = [404] * 4
    tracker.read()
    row.refresh_from_db()
    assert row.stale_since is not None
    ((title, why),) = items(alice)
    assert "GitHub says that this is not there" in why
    page = Client()
    page.force_login(alice, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert title in page.get("/").content.decode()


def test_a_tracker_that_nobody_reads_is_told(tracker: Tracker, alice: User) -> None:
    assert [title for title, _why in items(alice)] == [
        "No connection reads the issues of “Software peer review”"
    ]  # not read yet
    tracker.read()
    assert items(alice) == []
    tracker.programme.tracker = "gitlab.com/moot/reviews"
    tracker.programme.save()
    assert items(alice) == []  # no GitHub that any connection reads
    tracker.programme.tracker = ""
    tracker.programme.save()
    assert states() == []


@pytest.mark.parametrize("fault", [404, 410, answer(200, {"not": "a list"}), 422])
def test_one_issue_that_cannot_be_read_keeps_nobody_from_the_others(tracker: Tracker, fault: Any) -> None:
    reviewed(tracker)
    other = tracker.issue(13, "2026-03-02 09:00:00", "other")
    other.label("0/pre-review-checks", tracker.ana, at("2026-03-02 09:00:00"))
    tracker.world.faults[TIMELINE.format(12)] = [fault]
    outcome = tracker.read()
    assert "failed" not in outcome
    assert exact(Submission.objects.get(issue_number=13)) == [("pre-review-checks", "03-02 09:00")]
    row = Submission.objects.get(issue_number=12)  # as it is, though not how it came to that
    assert row.stage is not None
    assert row.stage.slug == "editor-assigned"
    assert [(stage, earliest) for stage, earliest, _latest in changes(row)] == [("editor-assigned", "")]
    flag = Flag.objects.get(kind="check")
    assert (flag.submission, flag.field, flag.settled_at) == (row, "timeline", None)
    assert flag.value.startswith("the timeline cannot be read:")
    assert SyncState.objects.get(stream="threads").left_out[0].startswith("#12: the timeline")
    tracker.repo.issues[0].comment(tracker.erin, at("2026-04-25 10:00:00"), "Hello")
    tracker.read()
    flag.refresh_from_db()
    assert flag.settled_at is not None
    assert exact(row)[0] == ("pre-review-checks", "03-01 09:00")


def test_odd_events_and_odd_issues_are_told_and_the_rest_is_read(tracker: Tracker) -> None:
    reviewed(tracker)
    issue = tracker.repo.issues[0]
    issue.events.insert(0, {"event": "labeled", "id": "x", "created_at": "yesterday"})
    issue.events.append({"event": "cross-referenced", "created_at": "2026-03-01T00:00:00Z"})
    issue.events.append({"event": "committed", "sha": "abc"})
    issue.events.append({"event": "labeled", "id": 77, "created_at": "2026-03-22T00:00:00Z", "label": None})
    odd = tracker.issue(14, "2026-03-02 09:00:00", "odd")
    odd.state = "locked away"
    tracker.read()
    assert exact(only())[-1] == ("editor-assigned", "03-20 08:01")
    left_out = SyncState.objects.get(stream="threads").left_out
    assert [line.split(":")[0] for line in left_out] == ["14", "#12", "#12"]
    assert Flag.objects.filter(kind="check").count() == 2


def test_half_an_answer_is_asked_for_again(tracker: Tracker) -> None:
    reviewed(tracker)
    tracker.world.faults[TIMELINE.format(12)] = [no_json, 502]
    tracker.read()
    assert len(exact(only())) == 3


def test_a_spent_limit_is_waited_for(tracker: Tracker) -> None:
    reviewed(tracker)
    tracker.read()
    tracker.repo.issues[0].comment(tracker.erin, at("2026-04-25 10:00:00"), "Hello")
    said = {"message": "You have exceeded a secondary rate limit."}
    tracker.world.faults[TIMELINE.format(12)] = [answer(403, said, retry_after="120")]
    outcome = tracker.read()
    assert "waits_until" in outcome
    assert only().stale_since is None
    tracker.connection.refresh_from_db()
    assert tracker.connection.resume_at is not None


def test_deleted_accounts_are_nobody(tracker: Tracker) -> None:
    issue = tracker.issue(5, "2026-03-01 09:00:00", author=None)
    issue.label("0/pre-review-checks", None, at("2026-03-01 10:00:00"))
    issue.comment(None, at("2026-03-02 10:00:00"), "Hello")
    tracker.read()
    row = only()
    assert (row.last_word_at, row.last_word_by) == (at("2026-03-02 10:00:00"), None)
    assert exact(row) == [("pre-review-checks", "03-01 10:00")]


def test_a_long_timeline_is_read_to_its_end(tracker: Tracker) -> None:
    issue = tracker.issue(5, "2026-03-01 09:00:00")
    for minute in range(250):
        issue.comment(tracker.erin, at("2026-03-01 10:00:00") + dt.timedelta(minutes=minute), "Hello")
    issue.label("0/pre-review-checks", tracker.chris, at("2026-03-02 10:00:00"))
    tracker.read()
    assert len([line for line in tracker.world.asked if "/timeline" in line]) == 3
    assert exact(only()) == [("pre-review-checks", "03-02 10:00")]


# -------------------------------------------------------------------------------------------- webhooks, order, queries


def deliver(tracker: Tracker, event: str, number: str, action: str = "labeled") -> int:
    body = f'{{"action": "{action}", "repository": {{"id": 600, "full_name": "moot/reviews"}}}}'.encode()
    headers = {
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": number,
        "X-Hub-Signature-256": webhooks.signature("a secret", body),
    }
    address = reverse("github:receive", args=[tracker.connection.webhook_key])
    return Client().post(address, body, content_type="application/json", headers=headers).status_code


def run_jobs() -> None:
    for job in Job.objects.filter(kind="github.sync", state="queued"):
        run_in_foreground(job)


@pytest.mark.parametrize("event", ["issues", "issue_comment"])
def test_a_webhook_brings_an_issue_up_to_date(tracker: Tracker, event: str) -> None:
    reviewed(tracker)
    tracker.read()
    tracker.repo.issues[0].label("2/seeking-reviewers", tracker.erin, at("2026-05-01 10:00:00"))
    assert deliver(tracker, event, "d-1") == 202
    tracker.world.asked.clear()
    run_jobs()
    assert exact(only())[-1] == ("seeking-reviewers", "05-01 10:00")
    assert len(tracker.world.asked) <= 3
    assert deliver(tracker, event, "d-1") == 200


def test_a_label_that_was_renamed_is_read_everywhere(tracker: Tracker) -> None:
    reviewed(tracker)
    tracker.issue(13, "2026-04-01 09:00:00", "another")
    tracker.read()
    issue = tracker.repo.issues[0]
    issue.labels = ("New Submission!", "0/seeking-editor", "editor has been found")  # nothing else changes
    tracker.read()
    assert Flag.objects.filter(kind="label").count() == 0
    assert deliver(tracker, "label", "d-2", action="edited") == 202
    run_jobs()
    assert Flag.objects.get(kind="label").value == "editor has been found"
    row = Submission.objects.get(issue_number=12)
    assert row.stage is not None
    assert row.stage.slug == "seeking-editor"


def test_events_that_come_late_find_their_place(tracker: Tracker) -> None:
    """A webhook is faster than GitHub's lists: first the bare issue is seen, then its labels."""
    issue = tracker.issue(12, "2026-03-01 09:00:00")
    tracker.read()
    issue.label("0/pre-review-checks", tracker.ana, at("2026-03-01 09:00:02"))
    issue.label("0/seeking-editor", tracker.chris, at("2026-03-05 10:00:00"))
    tracker.read()
    row = only()
    assert exact(row) == [("pre-review-checks", "03-01 09:00"), ("seeking-editor", "03-05 10:00")]
    assert sightings(row) == 3


def test_queries_do_not_grow_with_issues(tracker: Tracker, settings: Any) -> None:
    def queries(first: int, number: int) -> int:
        for one in range(first, first + number):
            issue = tracker.issue(one, f"2026-04-01 09:{one:02}:00", f"pack{one}")
            issue.label("0/pre-review-checks", tracker.ana, at(f"2026-04-01 09:{one:02}:00"))
            issue.comment(tracker.erin, at(f"2026-04-01 10:{one:02}:00"), "Hello")
        with CaptureQueriesContext(
            database,
        ) as taken:
            tracker.read()
        return len(taken)

    queries(10, 1)
    assert queries(20, 9) <= queries(30, 2) + 12


@pytest.mark.parametrize("after", [1, 2])
def test_a_killed_reader_loses_nothing_and_doubles_nothing(
    tracker: Tracker, monkeypatch: Any, after: int
) -> None:
    """Killed right after so many pages of ten issues: the next one goes on, and all is as if nothing had been."""
    for number in range(1, 26):
        issue = tracker.issue(number, f"2026-04-01 09:{number:02}:00", f"pack{number}")
        issue.label("0/pre-review-checks", tracker.ana, at(f"2026-04-01 09:{number:02}:00"))

    class Killed(BaseException):
        pass

    write, pages = sync._write, []

    def dies(*given: Any, **named: Any) -> bool:
        done = write(*given, **named)
        if given[3] == "threads":
            pages.append(done)
            if len(pages) == after:
                raise Killed
        return done

    job = sync.ask(tracker.connection, finds=True)
    assert job is not None
    monkeypatch.setattr(sync, "_write", dies)
    held = leases.claim(Job.objects.get(pk=job.pk))
    assert held is not None
    with pytest.raises(Killed):
        runner.run(held)
    monkeypatch.setattr(sync, "_write", write)
    known = 10 + 9 * (after - 1)  # each page begins with the last issue of the one before
    assert Submission.objects.count() == known
    tracker.world.asked.clear()
    Job.objects.update(lease_until=clock.now() - dt.timedelta(seconds=1))
    again = leases.claim(Job.objects.get(pk=job.pk))
    assert again is not None
    runner.run(again)
    assert Submission.objects.count() == 25
    assert Sighting.objects.count() == 25
    assert Activity.objects.filter(kind="reviews.opened").count() == 25
    asked = {line.split()[1].split("/")[5] for line in tracker.world.asked if "/timeline" in line}
    assert len(asked) == 25 - known + 1
