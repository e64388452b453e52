"""Who may write what of training by the API, and that the history tells by which token it was written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from django.apps import apps

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.actions import grant
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.audit import has_history
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.training.models import Outcome, Requirement
from tests.api.conftest import Program
from tests.api.training_rows import one_of_each
from tests.factories import (
    EventFactory,
    EventKindFactory,
    IdentityFactory,
    OpeningFactory,
    PersonFactory,
    RegistrationFactory,
    SoughtPartFactory,
    TaskFactory,
    TaskKindFactory,
)
from tests.training.recruiting import consent

ProgramOf = Callable[..., Program]
WRITES = (
    *("training:write", "training:read", "trainees:read", "recruitment:read", "requests:read"),
    "registrations:read",
)


class Demand(NamedTuple):
    """An operation of writing: what it needs beside ``training:write``, and which right its owner."""

    method: str
    path: str
    body: dict[str, Any] | None
    beside: str
    level: Level
    #: What the answer is when all is there.
    status: int = 200


SEEKING, REGISTERING = "recruitment:read", "registrations:read"
ONE_TEACHES = [{"part": "instructor", "number": 1}]
#: ``{name}`` stands for the number of a row of :func:`world`.
DEMANDS = {
    "add event": Demand(
        "POST", "events", {"title": "A", "kind": "workshop"}, "training:read", Level.CONTRIBUTE, 201
    ),
    "event": Demand("PATCH", "events/{event}", {"venue": "Hall"}, "training:read", Level.CONTRIBUTE),
    "status": Demand(
        "PATCH",
        "events/{event}",
        {"status": "cancelled", "status_reason": "Nobody teaches"},
        "training:read",
        Level.MANAGE,
    ),
    "add part": Demand(
        "POST",
        "events/{event}/tasks",
        {"person_id": "{other}", "part": "instructor"},
        "training:read",
        Level.CONTRIBUTE,
        201,
    ),
    "part": Demand("PATCH", "tasks/{task}", {"note": "x"}, "training:read", Level.CONTRIBUTE),
    "remove part": Demand("DELETE", "tasks/{plain_task}", None, "training:read", Level.CONTRIBUTE),
    "add progress": Demand(
        "POST",
        "progresses",
        {"person_id": "{other}", "requirement": "demo"},
        "trainees:read",
        Level.CONTRIBUTE,
        201,
    ),
    "progress": Demand("PATCH", "progresses/{progress}", {"note": "x"}, "trainees:read", Level.CONTRIBUTE),
    "many": Demand(
        "POST",
        "note-progress",
        {"people_ids": ["{person}"], "requirement": "demo"},
        "trainees:read",
        Level.CONTRIBUTE,
    ),
    "add opening": Demand(
        "POST", "openings", {"event_id": "{ahead}", "sought": ONE_TEACHES}, SEEKING, Level.MANAGE, 201
    ),
    "opening": Demand("PATCH", "openings/{opening}", {"note": "x"}, SEEKING, Level.MANAGE),
    "remove opening": Demand("DELETE", "openings/{bare_opening}", None, SEEKING, Level.MANAGE),
    "add sign-up": Demand(
        "POST",
        "openings/{opening}/sign-ups",
        {"person_id": "{other}", "part": "instructor"},
        SEEKING,
        Level.CONTRIBUTE,
        201,
    ),
    "sign-up note": Demand("PATCH", "sign-ups/{sign_up}", {"note": "x"}, SEEKING, Level.CONTRIBUTE),
    "sign-up": Demand("PATCH", "sign-ups/{sign_up}", {"state": "declined"}, SEEKING, Level.MANAGE),
    "register": Demand(
        "POST", "events/{ahead}/registrations", {"person_id": "{other}"}, REGISTERING, Level.MANAGE, 201
    ),
    "correct": Demand("PATCH", "registrations/{second}", {"needs": "x"}, REGISTERING, Level.MANAGE),
    "accept": Demand("POST", "registrations/{second}/accept", None, REGISTERING, Level.MANAGE),
    "decline": Demand("POST", "registrations/{second}/decline", {"reason": "x"}, REGISTERING, Level.MANAGE),
    "move up": Demand("POST", "registrations/{second}/move-up", None, REGISTERING, Level.MANAGE),
    "request": Demand("PATCH", "requests/{request}", {"score_notes": "x"}, "requests:read", Level.MANAGE),
    "accept request": Demand(
        "POST", "requests/{request}/accept", {"event": {"city": "Leeds"}}, "requests:read", Level.MANAGE
    ),
}


def world() -> dict[str, int]:
    """Rows that everything above can be done with; their numbers."""
    rows = one_of_each()
    form = rows.request.form
    form.outcome, form.kind = Outcome.EVENT, EventKindFactory(slug="workshop")
    form.save()
    Requirement.objects.create(slug="demo", name="Demonstration")
    day = dt.date.today() + dt.timedelta(days=60)
    ahead, sought = (EventFactory(starts_on=day, ends_on=day, status="announced") for _n in range(2))
    other = consent(PersonFactory())
    IdentityFactory(person=other, system="email", value="other@example.org")
    teaches = TaskKindFactory(slug="instructor")
    TaskKindFactory(slug="learner")
    bare_opening = OpeningFactory(event=sought)
    SoughtPartFactory(opening=bare_opening, kind=teaches)
    waits = {"event": ahead, "state": "waiting", "proven_at": clock.now()}
    _first, second = (
        RegistrationFactory(**waits, person=PersonFactory(), queued_at=clock.now()) for _n in range(2)
    )
    plain_task = TaskFactory(event=ahead, kind=teaches)
    found = {**vars(rows), "ahead": ahead, "other": other, "bare_opening": bare_opening}
    found |= {"second": second, "plain_task": plain_task}
    return {name: row.pk for name, row in found.items()}


def filled(said: Any, numbers: dict[str, int]) -> Any:
    """A body with the numbers of rows in it."""
    if isinstance(said, dict):
        return {name: filled(one, numbers) for name, one in said.items()}
    if isinstance(said, list):
        return [filled(one, numbers) for one in said]
    return numbers[said[1:-1]] if isinstance(said, str) and said.startswith("{") else said


@pytest.mark.parametrize("name", DEMANDS)
def test_who_may_write_what(name: str, alice: User, bob: User, program: ProgramOf) -> None:
    """Nobody without the scope, without the scope that reads it, or without the right; and everybody with all three."""
    demand, numbers = DEMANDS[name], world()

    def ask(caller: Program) -> Any:
        return caller.ask(demand.method, demand.path.format(**numbers), filled(demand.body, numbers))

    for scopes in (
        {"training:write"},
        {demand.beside},
        set(WRITES) - {"training:write"},
        set(WRITES) - {demand.beside},
    ):
        answer = ask(program(alice, *scopes))
        assert (answer.status_code, answer.json()["title"]) == (403, "The token may not do this"), scopes
    grant(user=bob, area=Area.TRAINING, level=Level.MANAGE)
    bobs = program(bob, "training:write", demand.beside)
    for level in (Level.VIEW, Level.CONTRIBUTE):
        if level >= demand.level:
            break
        grant(user=bob, area=Area.TRAINING, level=level)
        assert ask(bobs).json()["title"] == "The token's owner may not do this", level
    grant(user=bob, area=Area.TRAINING, level=demand.level)
    answer = ask(bobs)
    assert answer.status_code == demand.status, answer.content


def _newest() -> dict[Any, int]:
    """The newest entry in each history of training."""
    histories = [
        model.history.model for model in apps.get_app_config("training").get_models() if has_history(model)
    ]
    return {
        each: each.objects.order_by("-history_id").values_list("history_id", flat=True).first() or 0
        for each in histories
    }


@pytest.mark.parametrize("name", DEMANDS)
def test_each_change_tells_by_which_token_it_was_made(name: str, alice: User, alices: Program) -> None:
    demand, numbers = DEMANDS[name], world()
    before = _newest()
    answer = alices.ask(demand.method, demand.path.format(**numbers), filled(demand.body, numbers))
    assert answer.status_code == demand.status, answer.content
    entries = [
        entry
        for each, last in before.items()
        for entry in each.objects.filter(history_id__gt=last).order_by("pk")
    ]
    assert entries
    for entry in entries:
        said = entry.history_change_reason or ""
        assert (entry.history_user, said.removesuffix(")").endswith("API: test")) == (alice, True), (
            entry,
            said,
        )
