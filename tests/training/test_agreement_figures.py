"""The figures of agreements over a world small enough to reckon by hand."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.metrics import compute_all
from folkmoot.kernel.reporting import Figure, report_sections
from folkmoot.ledger.queries.scopes import make_scope
from folkmoot.training.actions import agreements, seats
from folkmoot.training.sections import AGREEMENT_KEYS
from tests.conftest import signed_in
from tests.training import agreeing
from tests.training.agreeing import learner, organization

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rows")]


@time_machine.travel("2028-01-20 12:00Z")
def test_running_agreements_their_seats_and_renewals(alice: User) -> None:
    ended = agreeing.agreement(alice)  # to the end of 2027
    agreeing.agreement(alice, organization=organization("Bath"), code="b")
    held = agreeing.allowance(ended, granted=10)
    agreements.renew(
        agreement=ended,
        starts_on=dt.date(2028, 1, 1),
        ends_on=dt.date(2028, 12, 31),
        tier=ended.tier,
        rolled={held.pk: 4},
        actor=alice,
    )
    event = agreeing.training(starts_on=dt.date(2028, 3, 1), ends_on=dt.date(2028, 3, 2))
    made = ended.renewal.allowances.get()
    seats.give_seat(task=learner(event), allowance=made, actor=alice)

    def figures(period: str) -> dict[str, object]:
        scope = make_scope(period=period, as_of="2028-01-20")
        return {key: (one.value, one.rows) for key, one in compute_all(scope, AGREEMENT_KEYS).items()}

    assert figures("2027Q4") == {
        "running_agreements": (2, 2),
        "seats_used": (0, 1),
        "renewal_rate": (0.5, 2),
    }
    assert figures("2028-01") == {
        "running_agreements": (1, 1),
        "seats_used": (0.25, 1),
        "renewal_rate": (None, 0),
    }
    scope = make_scope(period="2027Q4", as_of="2028-01-20")
    section = report_sections.get("training.summary").build(scope, alice)
    shown = [block.key for block in section.blocks if isinstance(block, Figure)]
    assert shown[-3:] == list(AGREEMENT_KEYS)
    for key in AGREEMENT_KEYS:
        page = signed_in(alice).get("/training/figures/rows/", {"metric": key, "period": "2027Q4"})
        assert page.status_code == 200
        assert "University of Leeds" in page.content.decode()
