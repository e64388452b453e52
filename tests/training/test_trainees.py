"""Pages about trainees: lists, noting for many, evaluating, badges, a trainee's own page."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from folkmoot.kernel.accounts.actions import grant
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.clock import now
from folkmoot.kernel.metrics import Scope, metrics
from folkmoot.kernel.periods import Period
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.plugs import today_sources
from folkmoot.people.public import Person
from folkmoot.training.actions import awards, tasks
from folkmoot.training.actions import progress as actions
from folkmoot.training.models import Award, Badge, Event, Progress, Requirement
from folkmoot.training.queries.pasted import people_meant, words_of
from tests.conftest import signed_in
from tests.factories import IdentityFactory, PersonFactory, ProjectFactory, TaskFactory
from tests.training.conftest import part
from tests.training.trainees import TODAY, how, instructor, needs, pass_all

LIST_QUERIES = 11


def shown(client: Client, address: str) -> list[list[str]]:
    """The rows of a list as its file says them."""
    page = client.get(address + ("&" if "?" in address else "?") + "export=csv")
    text = b"".join(page.streaming_content).decode()  # type: ignore[attr-defined]
    return list(csv.reader(io.StringIO(text)))


def names(client: Client, query: str) -> list[str]:
    address = reverse("training:trainees", args=["instructor"])
    return [row[0] for row in shown(client, f"{address}?{query}")[1:]]


@pytest.fixture
def staff(way: None, alice: User) -> Client:
    """Alice's browser; she signed in on that day."""
    return signed_in(alice)


@pytest.fixture
def cast(training: Event, alice: User) -> dict[str, Person]:
    """Five trainees, each somewhere else, and somebody who is none."""
    found = {name: PersonFactory(name=name) for name in ("Ada", "Ben", "Cleo", "Dora", "Edi", "Stranger")}
    tasks.add_task(event=training, person=found["Ada"], kind=part("learner"), actor=alice)
    pass_all(found["Ben"], training, alice)
    pass_all(found["Cleo"], training, alice)
    awards.award(person=found["Cleo"], badge=instructor(), actor=alice)
    actions.add_progress(person=found["Dora"], requirement=needs("training"), event=training, actor=alice)
    actions.add_progress(
        person=found["Dora"],
        requirement=needs("demo"),
        state="repeat",
        due_on=dt.date(2027, 3, 25),
        actor=alice,
    )
    actions.add_progress(
        person=found["Edi"],
        requirement=needs("get-involved"),
        involvement=how(),
        happened_on=TODAY,
        state="submitted",
        actor=alice,
    )
    return found


def test_the_list_says_how_each_stands(staff: Client, cast: dict[str, Person]) -> None:
    rows = shown(staff, reverse("training:trainees", args=["instructor"]))
    assert rows[0] == [
        *("Person", "Training", "Welcome session", "Teaching demonstration", "Get involved"),
        *("Due", "Event", "Instructor"),
    ]
    passed, missing, title = "passed", "missing", "Instructor training"
    assert rows[1:] == [
        ["Ada", missing, missing, missing, missing, "", title, ""],
        ["Ben", passed, passed, passed, passed, "", title, ""],
        ["Cleo", passed, passed, passed, passed, "", title, "2027-04-01"],
        ["Dora", passed, missing, "asked to repeat", missing, "2027-03-25", title, ""],
        ["Edi", missing, missing, missing, "not evaluated yet", "", "", ""],
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("complete=1", ["Ben", "Cleo"]),
        ("complete=1&awarded=0", ["Ben"]),
        ("awarded=1", ["Cleo"]),
        ("due=overdue", ["Dora"]),
        ("due=soon", []),
        ("submitted=1", ["Edi"]),
        ("r_demo=repeat", ["Dora"]),
        ("r_demo=missing", ["Ada", "Edi"]),
        ("r_demo=passed&r_training=passed", ["Ben", "Cleo"]),
        ("r_get-involved=submitted", ["Edi"]),
        ("programme=nothing-such", ["Ada", "Ben", "Cleo", "Dora", "Edi"]),
    ],
)
def test_filters(staff: Client, cast: dict[str, Person], query: str, found: list[str]) -> None:
    assert names(staff, query) == found


def test_the_filter_by_training(staff: Client, cast: dict[str, Person], training: Event) -> None:
    assert names(staff, f"training={training.pk}") == ["Ada", "Ben", "Cleo", "Dora"]


@pytest.mark.parametrize("many", [1, 3])
def test_the_list_costs_the_same_for_one_and_three(
    staff: Client, training: Event, alice: User, many: int
) -> None:
    for n in range(many):
        person = PersonFactory(name=f"Trainee {n}")
        pass_all(person, training, alice)
        awards.award(person=person, badge=instructor(), actor=alice)
    address = reverse("training:trainees", args=["instructor"])
    staff.get(address)
    with CaptureQueriesContext(connection) as asked:
        page = staff.get(address).content.decode()
    assert page.count("Trainee ") >= many
    assert len(asked) == LIST_QUERIES, "\n".join(one["sql"][:200] for one in asked)


def test_the_first_page_leads_to_the_first_badge_that_something_leads_to(staff: Client, way: None) -> None:
    first = reverse("training:trainees_first")
    assert staff.get(first)["Location"] == reverse("training:trainees", args=["instructor"])
    assert staff.get(reverse("training:trainees", args=["member"])).status_code == 404
    instructor().requirements.clear()
    assert "Nothing leads to a badge yet" in staff.get(first).content.decode()


def test_awarding_whoever_is_complete_names_who_is_not(staff: Client, cast: dict[str, Person]) -> None:
    address = reverse("training:trainees", args=["instructor"])
    chosen = [cast[name].pk for name in ("Ben", "Cleo", "Dora")]
    page = staff.post(address, {"bulk": "award", "selected": chosen}, follow=True).content.decode()
    assert "1 person is awarded: Instructor. Not complete yet: Dora." in page
    assert set(Award.objects.values_list("person__name", flat=True)) == {"Ben", "Cleo"}
    only = staff.post(address, {"bulk": "award", "selected": [cast["Dora"].pk]}, follow=True)
    assert "Not complete yet: Dora." in only.content.decode()


def test_one_click_awards_everybody_who_is_complete(staff: Client, cast: dict[str, Person]) -> None:
    staff.post(reverse("training:award_all", args=["instructor"]))
    assert set(Award.objects.values_list("person__name", flat=True)) == {"Ben", "Cleo"}


# ------------------------------------------------------------------ for many


def test_pasted_words_mean_people(way: None) -> None:
    ada, ben = PersonFactory(name="Ada Lovelace"), PersonFactory(name="Ben Example")
    IdentityFactory(system="email", value="ada@example.org", person=ada)
    IdentityFactory(system="github", value="ben-x", person=ben)
    for _ in range(2):
        PersonFactory(name="Two Times")
    words = words_of(
        'Ada <ADA@example.org>; ben-x\n@ben-x, ada lovelace\t"Ben Example"\nTwo Times\nno@example.org\nNobody\n\n'
    )
    with CaptureQueriesContext(connection) as asked:
        found = people_meant(words)
    assert (found.people, found.several, found.missing) == (
        [ada, ben],
        ["Two Times"],
        ["no@example.org", "Nobody"],
    )
    assert len(asked) == 2


def test_noting_for_pasted_people_loses_nobody(staff: Client, way: None) -> None:
    for n in range(58):
        IdentityFactory(system="email", value=f"t{n}@example.org", person=PersonFactory(name=f"Trainee {n}"))
    lines = [*(f"t{n}@example.org" for n in range(58)), "missing@example.org", "Nobody"]
    posted = {"what": str(needs("welcome-session").pk), "state": "passed", "happened_on": "2027-03-20"}
    page = staff.post(reverse("training:note"), posted | {"people": "\n".join(lines)})
    text = page.content.decode()
    assert Progress.objects.filter(state="passed", event=None).count() == 58
    assert "Nobody in the register is known as: missing@example.org, Nobody." in text
    assert "Noted for 58 people." in text
    assert "missing@example.org\nNobody</textarea>" in text
    assert "t0@example.org" not in text
    again = staff.post(reverse("training:note"), posted | {"people": "\n".join(lines[:58])}, follow=True)
    assert "Noted for 0 people. So already: Trainee 0, Trainee 1" in again.content.decode()


@pytest.mark.parametrize(
    ("posted", "said"),
    [
        ({"people": "Nobody"}, "Nobody in the register is known as: Nobody."),
        ({"people": ""}, "This field is required"),
        ({"people": "Ada", "happened_on": "2028-01-01"}, "This day is still to come."),
        ({"people": "Ada", "what": "999"}, "Select a valid choice"),
        ({"people": "\n".join(f"p{n}" for n in range(501))}, "At most 500 at a time; these are 501."),
    ],
)
def test_what_cannot_be_noted_is_said(staff: Client, way: None, posted: dict[str, str], said: str) -> None:
    PersonFactory(name="Ada")
    usual = {"what": str(needs("demo").pk), "state": "passed"}
    page = staff.post(reverse("training:note"), usual | posted)
    assert (page.status_code, said in page.content.decode()) == (422, True)
    assert Progress.objects.count() == 0


def test_noting_for_selected_trainees_and_taking_it_back(staff: Client, cast: dict[str, Person]) -> None:
    chosen = [cast["Ada"].pk, cast["Dora"].pk]
    address = reverse("training:trainees", args=["instructor"])
    form = staff.post(address, {"bulk": "note", "selected": chosen})["Location"]
    assert "For 2 people: Ada, Dora" in staff.get(form).content.decode()
    posted = {"what": str(needs("welcome-session").pk), "state": "passed"}
    page = staff.post(form, posted, follow=True)
    assert "Noted for 2 people." in page.content.decode()
    welcome = Progress.objects.filter(requirement=needs("welcome-session"), person__in=chosen)
    assert welcome.count() == 2
    undo = page.content.decode().split('action="/training/undo/')[1].split('"')[0]
    staff.post(f"/training/undo/{undo}")
    assert welcome.count() == 0


# ---------------------------------------------------------------- one by one


def test_a_try_is_noted_corrected_and_taken_out(staff: Client, training: Event) -> None:
    person = PersonFactory(name="Ada")
    new = reverse("training:new_progress", args=[person.pk])
    posted = {"what": str(needs("training").pk), "state": "passed"}
    assert staff.post(new, posted).status_code == 422
    staff.post(new, posted | {"event": str(training.pk)})
    row = Progress.objects.get()
    assert (row.event, row.state, row.requirement.slug) == (training, "passed", "training")
    edit = reverse("training:edit_progress", args=[row.pk])
    staff.post(edit, posted | {"event": str(training.pk), "state": "failed", "note": "Left early"})
    row.refresh_from_db()
    assert (row.state, row.note) == ("failed", "Left early")
    page = staff.get(reverse("training:trainee", args=[person.pk])).content.decode()
    assert ("Left early" in page, "Every try" in page) == (True, True)
    staff.post(reverse("training:remove_progress", args=[row.pk]))
    assert Progress.objects.count() == 0


def test_a_submission_is_evaluated(staff: Client, cast: dict[str, Person]) -> None:
    row = Progress.objects.get(person=cast["Edi"])
    queue = reverse("training:submissions")
    assert [line[0] for line in shown(staff, queue)[1:]] == ["Edi"]
    page = staff.get(reverse("training:evaluate", args=[row.pk])).content.decode()
    assert "A community meeting" in page
    staff.post(reverse("training:evaluate", args=[row.pk]), {"state": "repeat", "note": "Which meeting?"})
    row.refresh_from_db()
    assert (row.state, row.note) == ("repeat", "Which meeting?")
    staff.post(reverse("training:edit_progress", args=[row.pk]), {"what": "x"})
    assert shown(staff, queue)[1:] == []


def test_many_submissions_are_evaluated_at_once(staff: Client, cast: dict[str, Person]) -> None:
    row = Progress.objects.get(person=cast["Edi"])
    staff.post(reverse("training:submissions"), {"bulk": "passed", "selected": [row.pk]})
    row.refresh_from_db()
    assert row.state == "passed"


def test_awards_by_hand_and_taking_them_back(staff: Client, way: None, as_nobody: Client) -> None:
    person = PersonFactory(name="Ada Example")
    new = reverse("training:new_award", args=["instructor"])
    assert staff.post(new, {"person": "Nobody"}).status_code == 422
    staff.post(new, {"person": "Ada Example", "awarded_on": "2027-03-05"})
    row = Award.objects.get()
    assert (row.person, row.awarded_on) == (person, dt.date(2027, 3, 5))
    code = row.certificates.get().code
    public = as_nobody.get(reverse("events:certificate", args=[code])).content.decode()
    assert ("Badge" in public, "Instructor" in public, "genuine" in public) == (True, True, True)
    assert as_nobody.get(reverse("events:certificate_pdf", args=[code])).content[:5] == b"%PDF-"
    lines = shown(staff, reverse("training:badge", args=["instructor"]))
    assert lines[1][:2] == ["Ada Example", "2027-03-05"]
    revoke = reverse("training:revoke_award", args=[row.pk])
    assert staff.post(revoke, {"reason": ""}).status_code == 422
    staff.post(revoke, {"reason": "By mistake"})
    page = as_nobody.get(reverse("events:certificate", args=[code])).content.decode()
    assert ("By mistake" in page, "genuine" in page) == (True, False)


def test_a_certificate_can_be_issued_later(staff: Client, way: None, alice: User) -> None:
    badge = Badge.objects.get(slug="maintainer")
    row, _undo = awards.award(person=PersonFactory(), badge=badge, actor=alice)
    badge.certificate = instructor().certificate
    badge.save()
    staff.post(reverse("training:badge", args=["maintainer"]), {"bulk": "certify", "selected": [row.pk]})
    assert row.certificates.count() == 1


# -------------------------------------------------------------- one's own page


def test_a_trainee_sees_what_is_missing_and_submits_it(training: Event, alice: User, charlie: User) -> None:
    person = PersonFactory(name="Charlie", user=charlie)
    other = PersonFactory(name="Somebody Else")
    pass_all(other, training, alice)
    actions.add_progress(person=person, requirement=needs("training"), event=training, actor=alice)
    client = signed_in(charlie)
    page = client.get(reverse("training:own_training")).content.decode()
    assert ("31 May" in page, "Submit" in page, "Somebody Else" in page) == (True, True, False)
    submit = reverse("training:submit", args=["get-involved"])
    meeting = str(how().pk)
    assert client.post(submit, {"involvement": meeting}).status_code == 422
    client.post(submit, {"involvement": meeting, "happened_on": "2027-03-30", "note": "The March call"})
    row = Progress.objects.get(person=person, requirement=needs("get-involved"))
    assert (row.state, row.own_note) == ("submitted", "The March call")
    assert client.post(submit, {"involvement": meeting, "happened_on": "2027-03-30"}).status_code == 422
    change = reverse("training:change_submission", args=[row.pk])
    client.post(change, {"involvement": meeting, "happened_on": "2027-03-29"})
    row.refresh_from_db()
    assert row.happened_on == dt.date(2027, 3, 29)
    theirs = Progress.objects.filter(person=other).first()
    assert theirs is not None
    assert client.get(reverse("training:change_submission", args=[theirs.pk])).status_code == 404
    client.post(reverse("training:take_back_submission", args=[row.pk]))
    assert not Progress.objects.filter(pk=row.pk).exists()
    assert client.get(reverse("training:submit", args=["demo"])).status_code == 404


def test_lessons_that_one_can_teach(staff: Client, way: None, charlie: User) -> None:
    person = PersonFactory(user=charlie)
    ProjectFactory(name="Git for novices", kind="lesson")
    ProjectFactory(name="numpy", kind="package")
    client, address = signed_in(charlie), reverse("training:own_lessons")
    assert client.post(address, {"lessons": "numpy"}).status_code == 422
    client.post(address, {"lessons": "git for novices"})
    assert "Git for novices" in client.get(address).content.decode()
    page = staff.get(reverse("people:person", args=[person.pk])).content.decode()
    assert "Git for novices" in page
    staff.post(reverse("training:lessons", args=[person.pk]), {"lessons": ""})
    assert person.qualifications.count() == 0


def test_without_a_record_or_a_training_the_page_says_so(way: None, charlie: User) -> None:
    client = signed_in(charlie)
    assert "You have no record yet" in client.get(reverse("training:own_training")).content.decode()
    PersonFactory(user=charlie)
    page = client.get(reverse("training:own_training")).content.decode()
    assert "No training yet" in page
    assert f'href="{reverse("events:list")}"' in page


# -------------------------------------------------------------------- rights


def test_who_may_look_may_not_change(cast: dict[str, Person], bob: User) -> None:
    grant(user=bob, area=Area.TRAINING, level=Level.VIEW)
    client = signed_in(bob)
    row = Progress.objects.get(person=cast["Edi"])
    assert client.get(reverse("training:trainees", args=["instructor"])).status_code == 200
    assert client.get(reverse("training:trainee", args=[cast["Ada"].pk])).status_code == 200
    for address in (
        reverse("training:note"),
        reverse("training:evaluate", args=[row.pk]),
        reverse("training:edit_progress", args=[row.pk]),
        reverse("training:award", args=[cast["Ben"].pk]),
    ):
        assert client.get(address).status_code == 403
    for address in (
        reverse("training:award_at_once", args=[cast["Ben"].pk, "instructor"]),
        reverse("training:remove_progress", args=[row.pk]),
        reverse("training:award_all", args=["instructor"]),
    ):
        assert client.post(address).status_code == 403
    assert Award.objects.count() == 1


# -------------------------------------------------------- Today, figures, rows


def test_today_tells_what_waits_who_is_complete_and_who_is_late(cast: dict[str, Person], alice: User) -> None:
    told = [
        (item.title, item.action_url)
        for key in ("training.submissions", "training.complete", "training.late")
        for item in today_sources.get(key).find(alice, now(), 10)
    ]
    trainees = reverse("training:trainees", args=["instructor"])
    assert told == [
        ("1 submission: Get involved", f"{reverse('training:submissions')}?requirement=get-involved"),
        ("1 person is complete: Instructor", f"{trainees}?complete=1&awarded=0"),
        ("1 trainee is overdue: Instructor", f"{trainees}?due=overdue"),
    ]


def test_figures(cast: dict[str, Person]) -> None:
    scope = Scope(Period.parse("2027Q1"))
    assert metrics.get("awards_given").compute(scope).value == 0
    scope = Scope(Period.parse("2027"))
    given, completion = metrics.get("awards_given"), metrics.get("training_completion")
    assert (given.compute(scope).value, given.compute(scope).rows) == (1, 1)
    share = completion.compute(scope)
    assert (round(share.value or 0, 3), share.rows) == (0.333, 3)


def test_requirements_and_badges_are_rows(staff: Client, way: None) -> None:
    new = reverse("training:new_row", args=["requirements"])
    staff.post(new, {"name": "Shadowing", "due_days": "30", "order": "100"})
    shadowing = Requirement.objects.get(slug="shadowing")
    bad = staff.post(new, {"name": "x", "order": "100", "event_kind": str(needs("training").event_kind_id)})
    assert (bad.status_code, "Only a training has a kind of event" in bad.content.decode()) == (422, True)
    staff.post(
        reverse("training:new_row", args=["badges"]),
        {"name": "Host", "order": "100", "requirements": [str(shadowing.pk)]},
    )
    host = Badge.objects.get(slug="host")
    assert list(host.requirements.all()) == [shadowing]
    address = reverse("training:trainees", args=["host"])
    assert staff.get(address).status_code == 200
    used = staff.post(reverse("training:remove_row", args=["requirements", needs("demo").pk]), follow=True)
    assert used.status_code == 200


@pytest.mark.parametrize("query", ["", "?awarded=0", "?complete=1", "?q=Ada"])
def test_a_page_of_many_is_the_same_as_a_page_of_few(
    training: Event, as_alice: Client, alice: User, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found person by person or as a set: the same people, in the same order."""
    for name in ("Zoe Learns", "Ada Passes", "Ben Begins"):
        person = PersonFactory(name=name)
        if name == "Zoe Learns":
            TaskFactory(event=training, person=person, kind=part("learner"))
        elif name == "Ada Passes":
            pass_all(person, training, alice)
        else:
            actions.add_progress(person=person, requirement=needs("demo"), actor=alice)
    PersonFactory(name="Nobody at all")
    address = reverse("training:trainees", args=["instructor"]) + query
    few = [row.object.name for row in as_alice.get(address).context["list"].rows]
    monkeypatch.setattr("folkmoot.training.views.trainees.MANY", 1)
    assert [row.object.name for row in as_alice.get(address).context["list"].rows] == few != []
