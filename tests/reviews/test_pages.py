"""The pages of reviews: what they cost, who may open them, what they do."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from folkmoot.kernel import clock
from folkmoot.people.actions.erasure import ask_erasure, carry_out
from folkmoot.people.models import Person
from folkmoot.reviews.models import Assignment, Programme, Sighting, StageChange, Submission, SubmissionNote
from folkmoot.reviews.pages_plugs import due_entries
from tests.factories import (
    ActivityFactory,
    AssignmentFactory,
    ItemFactory,
    ProgrammeFactory,
    ProjectFactory,
    SightingFactory,
    StageFactory,
    SubmissionFactory,
    TagFactory,
)
from tests.reviews.conftest import Review


def _queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        response = client.get(address)
        assert response.status_code == 200
        response.content  # noqa: B018
    return len(captured)


def _more(review: Review) -> None:
    """Two further submissions with people, tags and a project each."""
    for number in range(2):
        row = SubmissionFactory(
            programme=review.programme,
            title=f"tidelog-{number}",
            stage=review.stages["under-review"],
            stage_since=clock.now() - dt.timedelta(days=40),
            project=ProjectFactory(),
        )
        row.tags.add(TagFactory(facet="category"))
        AssignmentFactory(submission=row, role="author")
        AssignmentFactory(submission=row, role="editor")
        AssignmentFactory(submission=row, role="reviewer", due_on=clock.today())


@pytest.mark.parametrize(
    ("name", "queries"),
    [("reviews:list", 12), ("reviews:board", 10), ("reviews:programmes", 5)],
)
def test_a_list_costs_the_same_with_one_row_and_with_three(
    as_alice: Client, review: Review, name: str, queries: int
) -> None:
    assert _queries(as_alice, reverse(name)) == queries
    _more(review)
    assert _queries(as_alice, reverse(name)) == queries


def test_a_submission_costs_the_same_however_much_hangs_on_it(as_alice: Client, review: Review) -> None:
    address = reverse("reviews:submission", args=[review.submission.pk])
    assert _queries(as_alice, address) == 13
    for _number in range(3):
        AssignmentFactory(submission=review.submission, role="reviewer")
        SubmissionNote.objects.create(submission=review.submission, body="Well done")
        SightingFactory(submission=review.submission, stage=review.stages["checks"])
        review.submission.tags.add(TagFactory())
    assert _queries(as_alice, address) == 13


@pytest.mark.parametrize(
    ("query", "queries"),
    [("held=1", 13), ("turn=editor", 13), ("needs=editor&needs=reviewers", 12), ("mine=1&state=open", 12)],
)
def test_filters_cost_little(as_alice: Client, review: Review, query: str, queries: int) -> None:
    _more(review)
    assert _queries(as_alice, f"{reverse('reviews:list')}?{query}") <= queries


def _text(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


# ------------------------------------------------------------------- rights


def _addresses(review: Review) -> dict[str, str]:
    row, stage = review.submission.pk, review.stages["checks"].pk
    return {
        "list": reverse("reviews:list"),
        "board": reverse("reviews:board"),
        "page": reverse("reviews:submission", args=[row]),
        "history": reverse("reviews:history", args=[row]),
        "edit": reverse("reviews:edit", args=[row]),
        "hold": reverse("reviews:hold", args=[row]),
        "new": reverse("reviews:new"),
        "decide": reverse("reviews:decide", args=[row]),
        "programmes": reverse("reviews:programmes"),
        "programme": reverse("reviews:programme", args=[review.programme.pk]),
        "stage": reverse("reviews:stage", args=[stage]),
    }


@pytest.mark.parametrize(
    ("who", "opened"),
    [
        ("as_charlie", set()),
        ("as_bob", {"list", "board", "page", "history"}),
        ("as_erin", {"list", "board", "page", "history", "edit", "hold"}),
        ("as_chris", {"list", "board", "page", "history", "edit", "hold", "new", "decide"}),
    ],
)
def test_who_may_open_what(
    request: pytest.FixtureRequest, review: Review, who: str, opened: set[str]
) -> None:
    client: Client = request.getfixturevalue(who)
    codes = {name: client.get(url).status_code for name, url in _addresses(review).items()}
    assert {name for name, code in codes.items() if code == 200} == opened
    assert {code for name, code in codes.items() if name not in opened} == {403}


def test_who_administers_opens_everything(as_alice: Client, review: Review) -> None:
    codes = {name: as_alice.get(url).status_code for name, url in _addresses(review).items()}
    assert set(codes.values()) == {200}


def test_who_may_only_look_is_offered_nothing_to_do(as_bob: Client, review: Review) -> None:
    shown = as_bob.get(reverse("reviews:submission", args=[review.submission.pk])).content.decode()
    assert "Keep note" not in shown
    assert reverse("reviews:move", args=[review.submission.pk]) not in shown
    board = as_bob.get(reverse("reviews:board")).content.decode()
    assert "wavefold" in board
    assert reverse("reviews:move", args=[review.submission.pk]) not in board


# --------------------------------------------------------------------- list


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("", {"wavefold", "tidelog-0", "tidelog-1"}),
        ("needs=reviewers", {"wavefold", "tidelog-0", "tidelog-1"}),
        ("needs=editor", set()),
        ("state=accepted", set()),
        ("state=open&turn=reviewer", {"tidelog-0", "tidelog-1"}),
        ("mine=1", {"wavefold"}),
        ("kind=presubmission", set()),
        ("year=2026", {"wavefold", "tidelog-0", "tidelog-1"}),
        ("year=2019", {"wavefold", "tidelog-0", "tidelog-1"}),
        ("programme=software", {"wavefold", "tidelog-0", "tidelog-1"}),
    ],
)
def test_filters(as_erin: Client, review: Review, query: str, titles: set[str]) -> None:
    _more(review)
    shown = as_erin.get(f"{reverse('reviews:list')}?{query}").context["list"]
    assert {row.object.title for row in shown.rows} == titles


def test_held_up_and_over_its_limit(as_bob: Client, review: Review) -> None:
    _more(review)
    review.programme.rules.create(kind="stage")
    rows = {
        row.object.title: row.object.over_by
        for row in as_bob.get(f"{reverse('reviews:list')}?held=1").context["list"].rows
    }
    days = (clock.now() - dt.datetime(2026, 5, 20, 9, tzinfo=dt.UTC)).days
    assert rows == {"tidelog-0": 19, "tidelog-1": 19, "wavefold": days - 21}


def test_files_hold_what_is_shown(as_bob: Client, review: Review) -> None:
    response = as_bob.get(f"{reverse('reviews:list')}?export=csv")
    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert lines[0].startswith("Package,Stage,In stage since,Over its limit by,Whose turn,Editors")
    assert "wavefold,Seeking reviewers" in lines[1]
    assert "Erin Editor" in lines[1]


def test_an_empty_house_says_what_comes_first(as_alice: Client, as_bob: Client) -> None:
    assert "No programme of review yet" in _text(as_alice.get(reverse("reviews:list")))
    assert "New programme" in _text(as_alice.get(reverse("reviews:board")))
    assert "Somebody who administers reviews can add one" in _text(as_bob.get(reverse("reviews:board")))
    assert "No programme of review yet" in _text(as_alice.get(reverse("reviews:new")))
    ProgrammeFactory()
    assert "Nothing is under review yet" in _text(as_alice.get(reverse("reviews:list")))


@pytest.mark.parametrize("do", ["move", "hold", "assign"])
def test_bulk_actions_and_their_undo(as_chris: Client, erin: Any, review: Review, do: str) -> None:
    _more(review)
    rows = list(Submission.objects.filter(title__startswith="tidelog"))
    for row in rows:
        SightingFactory(
            submission=row, stage=review.stages["under-review"], at=row.stage_since, is_exact=True
        )
    posted = as_chris.post(reverse("reviews:list"), {"bulk": do, "selected": [row.pk for row in rows]})
    address = posted["Location"]
    page = as_chris.get(address)
    assert page.status_code == 200
    body = {
        "move": {"stage": review.stages["accepted"].pk},
        "hold": {"reason": "Away"},
        "assign": {"person": Person.objects.get(user=erin).pk},
    }[do]

    def state() -> Any:
        shown = list(Submission.objects.order_by("pk").values_list("stage", "on_hold_since", "accepted_on"))
        return shown, Assignment.objects.filter(role="editor").count()

    before = state()
    done = as_chris.post(address, body, follow=True)
    assert state() != before
    undo = re.search(r'action="(/reviews/undo/[^"]+)"', done.content.decode())
    assert undo, done.content.decode()[:2000]
    as_chris.post(undo[1])
    assert state() == before


# -------------------------------------------------------------------- board


def test_the_board_has_a_lane_for_each_stage(as_erin: Client, review: Review) -> None:
    _more(review)
    SubmissionFactory(programme=review.programme, title="lost")
    SubmissionFactory(
        programme=review.programme, title="old", outcome="accepted", stage=review.stages["accepted"]
    )
    board = as_erin.get(reverse("reviews:board")).context["board"]
    shown = {
        str(lane.lane.label): (str(lane.lane.note), [card.card.title for card in lane.cards])
        for lane in board.lanes
    }
    assert shown == {
        "No stage yet": ("", ["lost"]),
        "Enquiry": ("", []),
        "Checks": ("limit 14 days", []),
        "Seeking an editor": ("limit 21 days", []),
        "Seeking reviewers": ("limit 21 days", ["wavefold"]),
        "Under review": ("limit 21 days", ["tidelog-0", "tidelog-1"]),
        "Accepted": ("", []),
    }


def test_a_card_is_moved_and_put_back(as_erin: Client, review: Review) -> None:
    SightingFactory(
        submission=review.submission,
        stage=review.stages["seeking-reviewers"],
        at=review.submission.stage_since,
        is_exact=True,
    )
    address = reverse("reviews:move", args=[review.submission.pk])
    board = reverse("reviews:board")
    moved = as_erin.post(address, {"to": review.stages["under-review"].pk, "next": board}, follow=True)
    review.submission.refresh_from_db()
    assert moved.redirect_chain == [(board, 302)]
    assert review.submission.stage == review.stages["under-review"]
    change = StageChange.objects.get(submission=review.submission, stage=review.stages["under-review"])
    assert change.actor is not None
    assert change.actor.person.name == "Erin Editor"
    undo = re.search(r'action="(/reviews/undo/[^"]+)"', moved.content.decode())
    assert undo
    as_erin.post(undo[1], {"next": board})
    review.submission.refresh_from_db()
    assert review.submission.stage == review.stages["seeking-reviewers"]
    assert Sighting.objects.filter(source="folkmoot").count() == 0


@pytest.mark.parametrize("to", ["", "none", "0", "x", "99999999999999999999"])
def test_a_lane_that_is_none_is_refused_in_words(as_erin: Client, review: Review, to: str) -> None:
    page = as_erin.post(reverse("reviews:move", args=[review.submission.pk]), {"to": to}, follow=True)
    assert "There is no such column here" in _text(page)
    assert Sighting.objects.count() == 0


# --------------------------------------------------------------------- page


def test_the_page_says_where_it_stands_and_what_is_next(as_erin: Client, review: Review) -> None:
    text = _text(as_erin.get(reverse("reviews:submission", args=[review.submission.pk])))
    for words in (
        "Submission · by Ana Quintanar",
        "days in “Seeking reviewers”",
        "Find reviewers",
        "Ask two reviewers",
        "Lio Brandt",
        "#12",
    ):
        assert words in text


def test_an_interval_is_told_as_one(as_bob: Client, review: Review) -> None:
    StageChange.objects.create(
        submission=review.submission,
        position=0,
        stage=review.stages["checks"],
        not_before=dt.datetime(2026, 5, 3, 12, tzinfo=dt.UTC),
        at=dt.datetime(2026, 5, 9, 12, tzinfo=dt.UTC),
        source="test",
    )
    text = _text(as_bob.get(reverse("reviews:submission", args=[review.submission.pk])))
    assert "Entered Checks between 3 May and 9 May" in text


def test_ticking_answers_with_the_list(as_erin: Client, review: Review) -> None:
    address = reverse("reviews:tick", args=[review.submission.pk, review.item.pk])
    answer = as_erin.post(address, {"done": "1"}, headers={"hx-request": "true"})
    assert 'aria-checked="true"' in answer.content.decode()
    assert "1 of 1" in _text(answer)
    assert as_erin.post(address, {"done": "0"}).status_code == 302
    assert review.submission.ticks.count() == 0


def test_an_edit_is_kept_in_the_history(as_erin: Client, review: Review) -> None:
    address = reverse("reviews:edit", args=[review.submission.pk])
    form = as_erin.get(address).context["form"]
    values = {name: form[name].value() or "" for name in form.fields}
    done = as_erin.post(address, values | {"title": "wavefolder", "archive": "10.5281/zenodo.1"})
    assert done.status_code == 302, done.context["form"].errors
    history = _text(as_erin.get(reverse("reviews:history", args=[review.submission.pk])))
    assert "wavefold → wavefolder" in history
    stale = as_erin.post(address, values | {"title": "wave"})
    assert stale.status_code == 422
    assert "saved this on" in _text(stale)


def test_deciding_says_the_consequence(as_chris: Client, review: Review) -> None:
    SightingFactory(submission=review.submission, stage=review.submission.stage, is_exact=True)
    address = reverse("reviews:decide", args=[review.submission.pk])
    assert "Nobody is written to" in _text(as_chris.get(address))
    as_chris.post(address, {"outcome": "accepted", "on": clock.today().isoformat(), "reason": ""})
    review.submission.refresh_from_db()
    assert (review.submission.outcome, review.submission.stage) == ("accepted", review.stages["accepted"])
    page = as_chris.get(reverse("reviews:submission", args=[review.submission.pk]))
    assert "Reopen" in _text(page)
    as_chris.post(reverse("reviews:reopen", args=[review.submission.pk]))
    review.submission.refresh_from_db()
    assert review.submission.is_open


def test_an_enquiry_becomes_a_submission_once(as_chris: Client, review: Review) -> None:
    enquiry = SubmissionFactory(programme=review.programme, kind="presubmission", title="tidelog")
    AssignmentFactory(submission=enquiry, role="author", person=review.author)
    address = reverse("reviews:follow_up", args=[enquiry.pk])
    first, second = as_chris.post(address)["Location"], as_chris.post(address)["Location"]
    made = enquiry.followed_by.get()
    assert first == second == reverse("reviews:submission", args=[made.pk])
    assert [part.person for part in made.assignments.all()] == [review.author]


def test_a_person_and_a_project_show_their_reviews(as_alice: Client, review: Review) -> None:
    project = ProjectFactory()
    Submission.objects.filter(pk=review.submission.pk).update(project=project)
    person = _text(as_alice.get(reverse("people:person", args=[review.reviewer.pk])))
    assert "Reviews Reviewer 1 wavefold asked" in person
    shown = _text(as_alice.get(reverse("people:project", args=[project.pk])))
    assert "Peer review Submission Seeking reviewers" in shown


def test_search_finds_a_submission_by_package_person_and_number(as_bob: Client, review: Review) -> None:
    for words in ("wavefold", "quintanar", "12"):
        found = as_bob.get(reverse("reviews:list"), {"q": words}).context["list"]
        assert [row.object.title for row in found.rows] == ["wavefold"]


# ----------------------------------------------------------------- settings


def test_stages_are_placed_with_buttons(as_alice: Client, review: Review) -> None:
    stage = review.stages["seeking-editor"]
    place = reverse("reviews:place_stage", args=[stage.pk])
    as_alice.post(place, {"by": "-1"})
    order = list(review.programme.stages.order_by("position").values_list("slug", flat=True))
    assert order[:3] == ["enquiry", "seeking-editor", "checks"]
    as_alice.post(place, {"by": "-1"})
    as_alice.post(place, {"by": "-1"})
    assert review.programme.stages.order_by("position").first() == stage


def test_what_is_used_is_set_aside_and_not_deleted(as_alice: Client, review: Review) -> None:
    stage = review.stages["seeking-reviewers"]
    text = _text(as_alice.post(reverse("reviews:remove_stage", args=[stage.pk]), follow=True))
    assert "stays, for there is more to it" in text
    free = StageFactory(programme=review.programme)
    as_alice.post(reverse("reviews:remove_stage", args=[free.pk]))
    assert not review.programme.stages.filter(pk=free.pk).exists()


def test_labels_seen_without_a_meaning_are_offered_until_they_have_one(
    as_alice: Client, review: Review
) -> None:
    flag = review.programme.flags.create(kind="label", field="label", value="9/parked 🚗", reason="unknown")
    page = as_alice.get(reverse("reviews:programme", args=[review.programme.pk]))
    assert page.context["unknown"] == ["9/parked 🚗"]
    body = {"label": "9/parked", "meaning": "hold:", "words": "parked"}
    as_alice.post(reverse("reviews:new_label", args=[review.programme.pk]), body)
    flag.refresh_from_db()
    assert flag.settled_at is not None
    label = review.programme.labels.get()
    assert (label.folded, label.means, label.value) == ("9/parked", "hold", "parked")
    again = as_alice.post(reverse("reviews:new_label", args=[review.programme.pk]), body)
    assert again.context["form"].errors == {"label": ["This label has a meaning already."]}


def test_a_programme_is_made_with_its_first_stage_rule_and_entry(as_alice: Client) -> None:
    new = {
        "name": "Lesson review",
        "tracker": "https://github.com/Commons/Lessons/",
        "reviewers_wanted": "2",
        "review_days": "21",
        "rest_months": "6",
        "conflict_years": "3",
    }
    as_alice.post(reverse("reviews:new_programme"), new)
    programme = Programme.objects.get()
    assert (programme.slug, programme.tracker) == ("lesson-review", "github.com/commons/lessons")
    as_alice.post(reverse("reviews:new_stage", args=[programme.pk]), {"name": "Checks", "turn": "eic"})
    stage = programme.stages.get()
    as_alice.post(reverse("reviews:new_item", args=[stage.pk]), {"text": "Read it", "turn": "eic"})
    as_alice.post(
        reverse("reviews:new_rule", args=[programme.pk]), {"kind": "quiet", "days": "30", "is_active": "on"}
    )
    assert [item.text for item in stage.checklist.all()] == ["Read it"]
    assert [(rule.kind, rule.days) for rule in programme.rules.all()] == [("quiet", 30)]
    refused = as_alice.post(reverse("reviews:new_rule", args=[programme.pk]), {"kind": "quiet", "days": "30"})
    assert refused.context["form"].errors == {"kind": ["There is such a rule already."]}


def test_two_thousand_submissions_cost_no_more(as_alice: Client, review: Review) -> None:
    stages = [stage for stage in review.stages.values() if not stage.is_presubmission]
    rows = Submission.objects.bulk_create(
        SubmissionFactory.build(
            programme=review.programme,
            stage=stages[number % len(stages)],
            stage_since=clock.now() - dt.timedelta(days=number % 60),
            folded=f"package-{number}",
            last_word_at=clock.now(),
        )
        for number in range(2000)
    )
    people = [review.author, review.reviewer]
    Assignment.objects.bulk_create(
        Assignment(submission=row, person=people[number % 2], role="editor")
        for number, row in enumerate(rows)
    )
    review.programme.rules.create(kind="stage")
    for address in ("list", "board"):
        for query in ("", "?held=1", "?turn=editor&state=open"):
            assert _queries(as_alice, reverse(f"reviews:{address}") + query) <= 15


def test_stages_set_aside_take_nothing_and_keep_their_history(as_alice: Client, review: Review) -> None:
    stage = review.stages["checks"]
    SightingFactory(submission=review.submission, stage=stage, at=review.submission.opened_at)
    StageChange.objects.create(
        submission=review.submission, position=0, stage=stage, at=review.submission.opened_at, source="test"
    )
    address = reverse("reviews:edit_stage", args=[stage.pk])
    form = as_alice.get(address).context["form"]
    values = {name: form[name].value() or "" for name in form.fields if form[name].value()}
    assert as_alice.post(address, values | {"is_archived": "on"}).status_code == 302
    board = as_alice.get(reverse("reviews:board")).context["board"]
    assert "Checks" not in {str(lane.lane.label) for lane in board.lanes}
    moved = as_alice.post(reverse("reviews:move", args=[review.submission.pk]), {"to": stage.pk}, follow=True)
    assert "There is no such column here" in _text(moved)
    page = _text(as_alice.get(reverse("reviews:submission", args=[review.submission.pk])))
    assert "Entered Checks" in page
    full = review.stages["seeking-reviewers"]
    address = reverse("reviews:edit_stage", args=[full.pk])
    form = as_alice.get(address).context["form"]
    values = {name: form[name].value() or "" for name in form.fields if form[name].value()}
    refused = as_alice.post(address, values | {"is_archived": "on"})
    assert refused.context["form"].errors == {
        "is_archived": ["Submissions stand in this stage. Move them elsewhere first."]
    }


def test_an_archived_programme_takes_nothing_and_stays_readable(as_alice: Client, review: Review) -> None:
    review.programme.is_archived = True
    review.programme.save()
    assert as_alice.get(reverse("reviews:list")).status_code == 200
    board = as_alice.get(reverse("reviews:board"))
    assert "wavefold" in _text(board)
    assert reverse("reviews:move", args=[review.submission.pk]) not in board.content.decode()
    assert "No programme of review yet" in _text(as_alice.get(reverse("reviews:new")))
    assert as_alice.get(reverse("reviews:submission", args=[review.submission.pk])).status_code == 200


def test_whoever_is_forgotten_leaves_a_blank_and_no_error(
    as_alice: Client, alice: Any, review: Review
) -> None:
    asked = ask_erasure(person=review.author, actor=alice, reason="She wrote to us")
    carry_out(erasure=asked, actor=alice, confirmed=review.author.name)
    for name, row in (
        ("reviews:submission", review.submission.pk),
        ("reviews:history", review.submission.pk),
    ):
        text = _text(as_alice.get(reverse(name, args=[row])))
        assert "wavefold" in text
        assert "Quintanar" not in text
    for name in ("reviews:list", "reviews:board"):
        assert "Quintanar" not in _text(as_alice.get(reverse(name)))


def test_the_calendar_shows_reviews_due_and_holds(as_bob: Client, bob: Any, review: Review) -> None:
    today = clock.today()
    AssignmentFactory(submission=review.submission, role="reviewer", state="accepted", due_on=today)
    AssignmentFactory(submission=review.submission, role="reviewer", state="done", due_on=today)
    review.programme.rules.create(kind="on_hold", days=90)
    held = SubmissionFactory(
        programme=review.programme, title="tidelog", on_hold_since=clock.now() - dt.timedelta(days=90)
    )
    titles = [entry.title for entry in due_entries(bob, today, today)]
    assert len(titles) == 2
    assert titles[0].endswith("review of wavefold")
    assert titles[1] == f"{held.title}: still on hold?"
    assert "still on hold?" in as_bob.get(reverse("home:calendar")).content.decode()


def test_a_submission_whose_issue_is_read_costs_fifteen(as_alice: Client, review: Review) -> None:
    item = ItemFactory()
    ActivityFactory(item=item, kind="item.opened")
    Submission.objects.filter(pk=review.submission.pk).update(item=item)
    address = reverse("reviews:submission", args=[review.submission.pk])
    assert _queries(as_alice, address) == 13
    ActivityFactory(item=item, kind="item.opened")
    assert _queries(as_alice, address) == 13


# ------------------------------------------------------------------------------------------------------- next step


def _first_button(client: Client, review: Review) -> str:
    answer = client.get(reverse("reviews:submission", args=[review.submission.pk]))
    return str(answer.context["step"])


def test_the_first_button_is_the_next_step(as_chris: Client, as_erin: Client, review: Review) -> None:
    row = review.submission  # looks for reviewers; one of two is asked
    assert _first_button(as_erin, review) == "find_reviewers"
    AssignmentFactory(submission=row, role="reviewer", state="accepted")
    assert _first_button(as_erin, review) == "move"
    row.assignments.filter(role="editor").delete()
    assert _first_button(as_chris, review) == "find_editor"
    assert _first_button(as_erin, review) == "move"  # editors do not choose editors
    Submission.objects.filter(pk=row.pk).update(on_hold_since=row.stage_since)
    assert _first_button(as_chris, review) == "resume"
    Submission.objects.filter(pk=row.pk).update(on_hold_since=None, outcome="closed")
    assert _first_button(as_chris, review) == ""
