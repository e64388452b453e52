"""Requests by what became of the member code that they name."""

from __future__ import annotations

from django.test import Client

from folkmoot.kernel import clock
from folkmoot.training.models import Allowance, BenefitKind, RegistrationCode, Use
from tests.factories import AgreementFactory, EventFactory, RequestFactory
from tests.training.test_requests import names


def test_member_codes_are_filtered_by_what_became_of_them(as_alice: Client, rows: None) -> None:
    agreement = AgreementFactory()
    RegistrationCode.objects.create(text="Harbour 27", agreement=agreement)
    benefit = BenefitKind.objects.get(slug="workshops")
    event = EventFactory()
    allowance = Allowance.objects.create(agreement=agreement, benefit=benefit, granted=1)
    Use.objects.create(allowance=allowance, event=event)
    RequestFactory(name="Ada", member_code="HARBOUR27")
    RequestFactory(
        name="Ben", member_code="harbour 27", event=event, state="accepted", decided_at=clock.now()
    )
    RequestFactory(name="Cai", member_code="harbor 27")
    RequestFactory(name="Dee")
    assert names(as_alice, "code_is=unused") == ["Ada"]
    assert names(as_alice, "code_is=used") == ["Ben"]
    assert names(as_alice, "code_is=unknown") == ["Cai"]
    assert names(as_alice, "code_is=unknown&code_is=unused") == ["Ada", "Cai"]
