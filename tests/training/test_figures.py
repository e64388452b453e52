"""The figures of training over a world small enough to reckon by hand."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.test import Client

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.metrics import compute_all, metrics_of
from folkmoot.kernel.periods import Period
from folkmoot.kernel.reporting import Figure, Table, report_sections
from folkmoot.ledger.queries.scopes import make_scope
from folkmoot.training import sections
from folkmoot.training.metrics.base import TRAINING
from folkmoot.training.models import Contribution, Event
from tests.conftest import signed_in
from tests.factories import (
    ActivityFactory,
    EventFactory,
    EventKindFactory,
    IdentityFactory,
    ItemFactory,
    PersonFactory,
    ProjectFactory,
    RequestFactory,
    TaskFactory,
)
from tests.ledger.test_commands import run
from tests.training.conftest import part

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rows")]
KEYS = [
    "events_held",
    "people_taught",
    "instructors",
    "attendance_rate",
    "event_countries",
    "sprint_contributions",
    "sprint_people",
]


def event(day: str, **values: Any) -> Event:
    when = dt.date.fromisoformat(day)
    return EventFactory(**{"status": "done", "starts_on": when, "ends_on": when, **values})


@pytest.fixture
def world() -> dict[str, Event]:
    """The second quarter of 2026 and its neighbours."""
    lesson = ProjectFactory(name="Packaging", kind="lesson")
    noted = event("2026-04-01", title="Noted", country="PL", city="Kraków")
    counted = event("2026-06-30", title="Counted", country="PL", attendance=40, visibility="private")
    sprint = event("2026-05-02", title="Sprint", kind=EventKindFactory(slug="sprint"), country="US")
    event("2026-05-03", title="Online", is_online=True)
    noted.lessons.add(lesson)
    # What must not be counted.
    event("2026-03-31", title="Before", country="DE", attendance=7)
    event("2026-07-01", title="After", country="FR", attendance=7)
    for status in ("announced", "cancelled", "planned"):
        event("2026-05-04", title=status, country="ES", attendance=7, status=status)

    teacher, helper = PersonFactory(), PersonFactory()
    TaskFactory(event=noted, kind=part("instructor"), person=teacher)
    TaskFactory(event=counted, kind=part("supporting-instructor"), person=teacher)
    TaskFactory(event=noted, kind=part("helper"), person=helper)
    TaskFactory(event=noted, kind=part("instructor"), state="withdrawn")
    TaskFactory(event=noted, kind=part("instructor"), attended=False)
    for attended in (True, True, False, None):
        TaskFactory(event=noted, kind=part("learner"), attended=attended)
    TaskFactory(event=noted, kind=part("learner"), attended=True, state="invited")
    TaskFactory(event=counted, kind=part("learner"))

    ana = PersonFactory(name="Ana Example")
    accounts = [
        IdentityFactory(person=ana, value="ana"),
        IdentityFactory(person=ana, value="ana2"),
        IdentityFactory(value="ben"),
        IdentityFactory(value="robot", is_bot=True),
    ]
    for number, identity in enumerate(accounts):
        item = ItemFactory(title=f"Item {number}", kind="pull_request" if number else "issue", state="open")
        ActivityFactory(kind="item.opened", identity=identity, item=item)
        ActivityFactory(kind="item.commented", identity=accounts[3], item=item)
        Contribution.objects.create(event=sprint, item=item, source="sprints", event_word="s")
    return {"noted": noted, "counted": counted, "sprint": sprint}


def scope(period: str = "2026Q2", **more: Any) -> Any:
    return make_scope(period=period, as_of="2026-11-29", **more)


def test_every_figure_by_hand(world: dict[str, Event]) -> None:
    found = compute_all(scope(), KEYS)
    assert {key: (one.value, one.rows) for key, one in found.items()} == {
        "events_held": (4, 4),
        "people_taught": (3 + 40, 2),  # two who came and one of whom nobody noted it; forty that were counted
        "instructors": (1, 2),
        "attendance_rate": (2 / 3, 3),
        "event_countries": (2, 3),
        "sprint_contributions": (3, 3),
        "sprint_people": (2, 3),
    }
    here = [*sections.KEYS, *sections.AGREEMENT_KEYS]
    assert [metric.key for metric in metrics_of(TRAINING) if metric.key in here] == here


@pytest.mark.parametrize("key", KEYS)
def test_as_many_rows_as_the_figure_says(world: dict[str, Event], key: str) -> None:
    (metric,) = [one for one in metrics_of(TRAINING) if one.key == key]
    assert metric.rows(scope()).count() == metric.compute(scope()).rows > 0
    assert metric.rows(scope("2020")).count() == metric.compute(scope("2020")).rows == 0


def test_a_project_and_a_source_narrow(world: dict[str, Event]) -> None:
    assert compute_all(scope(project="packaging"), ["events_held"])["events_held"].value == 1
    Event.objects.filter(title="Noted").update(source="sprints", external_id="x")
    ActivityFactory(source="sprints")
    assert compute_all(scope(source="sprints"), ["events_held"])["events_held"].value == 1


def test_what_nobody_noted_is_not_known(world: dict[str, Event]) -> None:
    found = compute_all(scope("2026-05"), ["attendance_rate", "people_taught"])
    assert (found["attendance_rate"].value, found["people_taught"].value) == (None, 0)
    assert found["attendance_rate"].why_unknown == "Nobody noted who was there."


def test_a_year_is_the_sum_of_its_quarters(world: dict[str, Event]) -> None:
    for key in ("events_held", "people_taught", "sprint_contributions"):
        quarters = [compute_all(scope(f"2026Q{n}"), [key])[key].value for n in (1, 2, 3, 4)]
        assert sum(quarters) == compute_all(scope("2026"), [key])[key].value  # type: ignore[arg-type]


def test_the_section_of_the_report(world: dict[str, Event], alice: User) -> None:
    section = report_sections.get("training.summary").build(scope(), alice)
    assert section is not None
    assert [block.key for block in section.blocks if isinstance(block, Figure)] == [*sections.KEYS]
    (table,) = [block for block in section.blocks if isinstance(block, Table)]
    # The private event is counted, and not named.
    assert [row[0] for row in table.rows] == ["Noted", "Sprint", "Online"]
    assert table.rows[0][3:] == ("Kraków, Poland", 3, None)
    assert table.rows[1][3:] == ("United States", None, 4)
    assert table.rows[2][3:] == ("online", None, None)


def test_requests_stand_in_the_section_where_there_are_any(world: dict[str, Event], alice: User) -> None:
    RequestFactory()
    section = report_sections.get("training.summary").build(scope(), alice)
    assert section is not None
    shown = [block.key for block in section.blocks if isinstance(block, Figure)]
    assert shown == [*sections.KEYS, *sections.REQUEST_KEYS]


def test_no_section_before_the_first_event(alice: User) -> None:
    EventFactory(status="planned")
    assert report_sections.get("training.summary").build(scope(), alice) is None


@pytest.mark.parametrize("key", KEYS)
def test_the_page_of_the_rows(world: dict[str, Event], alice: User, key: str) -> None:
    page = signed_in(alice).get("/training/figures/rows/", {"metric": key, "period": "2026Q2"})
    assert page.status_code == 200
    text = page.content.decode()
    assert ("Noted" in text or "Sprint" in text, "Before" in text, "After" in text) == (True, False, False)


def test_a_figure_that_is_none_is_said(alice: User) -> None:
    page = signed_in(alice).get("/training/figures/rows/", {"metric": "stars"})
    assert "There is no figure stars here" in page.content.decode()


def test_rows_are_for_who_may_see_training(bob: User) -> None:
    assert signed_in(bob).get("/training/figures/rows/").status_code == 403


def test_the_card_and_the_list_of_a_sprint(world: dict[str, Event], alice: User) -> None:
    client, sprint = signed_in(alice), world["sprint"]
    text = client.get(f"/training/{sprint.pk}/").content.decode()
    assert "What was contributed" in text
    assert "One of a bot is not counted above." in text
    assert "Item 3" not in text.split("What was contributed")[1].split("All contributions")[0]
    listed = client.get(f"/training/{sprint.pk}/contributions/").content.decode()
    assert [f"Item {number}" in listed for number in range(4)] == [True] * 4
    without = client.get(f"/training/{sprint.pk}/contributions/?bots=0").content.decode()
    assert ("Item 3" in without, "Item 2" in without) == (False, True)
    assert client.get("/training/999999/contributions/").status_code == 404
    assert "What was contributed" not in client.get(f"/training/{world['noted'].pk}/").content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_of_a_sprint_costs_the_same(
    alice: User, django_assert_num_queries: Any, number: int
) -> None:
    sprint = event("2026-05-02")
    for _number in range(number):
        item = ItemFactory(project=ProjectFactory())
        ActivityFactory(kind="item.opened", item=item)
        Contribution.objects.create(event=sprint, item=item, source="sprints", event_word="s")
    client: Client = signed_in(alice)
    client.get(f"/training/{sprint.pk}/contributions/")
    with django_assert_num_queries(8):
        client.get(f"/training/{sprint.pk}/contributions/")


def test_the_command_tells_the_figures_of_the_area(world: dict[str, Event]) -> None:
    found = json.loads(run("--area", "training", "--period", "2026Q2", "--as-of", "2026-11-29", "--json"))
    assert {key: one["value"] for key, one in found["metrics"].items() if key in KEYS} == {
        "events_held": 4,
        "people_taught": 43,
        "instructors": 1,
        "attendance_rate": 2 / 3,
        "event_countries": 2,
        "sprint_contributions": 3,
        "sprint_people": 2,
    }


def test_periods_are_whole_days(world: dict[str, Event]) -> None:
    days = make_scope(period="2026-04-01..2026-04-01", as_of="2026-11-29")
    assert compute_all(days, ["events_held"])["events_held"].value == 1
    assert str(days.period) == str(Period.days(dt.date(2026, 4, 1), dt.date(2026, 4, 1)))
