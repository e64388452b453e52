"""Writing to a person: the mail is in the outbox, on their page and on that of what it is about."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.outbox.engine import loop
from folkmoot.outbox.models import Channel, Delivery, MessageTemplate, State, Suppression
from folkmoot.outbox.public import Withheld
from folkmoot.people.actions.writing import LETTER, write_to
from folkmoot.people.models import Consent, ConsentKind, Correspondence, Person
from folkmoot.people.queries.correspondence import address_of
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> Person:
    person = factories.PersonFactory(name="Ana Quintanar")
    factories.IdentityFactory(
        person=person, system="email", value="7+ana@users.noreply.github.com", is_verified=True
    )
    factories.IdentityFactory(person=person, system="email", value="old@example.org")
    factories.IdentityFactory(person=person, system="email", value="Ana@Example.org", is_verified=True)
    return person


@pytest.fixture(autouse=True)
def channel(db: None) -> Channel:
    return Channel.objects.create(kind="house", name="Mail", medium="mail", is_default=True)


def consent(person: Person, given: bool) -> None:
    kind, _new = ConsentKind.objects.get_or_create(slug="contact", defaults={"name": "Contact"})
    Consent.objects.create(person=person, kind=kind, is_given=given)


def test_a_mail_from_a_persons_page(ana: Person, as_alice: Client, mailoutbox: list[Any]) -> None:
    text = MessageTemplate.objects.create(
        kind=LETTER,
        name="Welcome",
        subject="Welcome {{ person }}",
        body="Dear {{ person }}, {{ location|hello }}!",
        is_personal=True,
    )
    url = reverse("people:write", args=[ana.pk])
    page = as_alice.get(f"{url}?text={text.pk}").content.decode()
    assert "Welcome {{ person }}" in page
    assert "Ana@Example.org" in page
    lacking = as_alice.post(url, {"address": "Ana@Example.org", "subject": "Hi", "body": "In {{ location }}"})
    assert (lacking.status_code, "Not known here" in lacking.content.decode()) == (422, True)
    as_alice.post(url, {"address": "Ana@Example.org", "subject": text.subject, "body": text.body})
    while loop.turn():
        pass
    (sent,) = mailoutbox
    assert (sent.subject, sent.to, sent.reply_to) == (
        "Welcome Ana Quintanar",
        ["Ana Quintanar <Ana@Example.org>"],
        ["alice@example.org"],
    )
    assert sent.body.strip() == "Dear Ana Quintanar, hello!"
    record = as_alice.get(reverse("people:person", args=[ana.pk])).content.decode()
    assert "Welcome Ana Quintanar" in record
    assert reverse("outbox:delivery", args=[Delivery.objects.get().pk]) in record


def test_who_may_not_write(ana: Person, as_bob: Client) -> None:
    assert as_bob.get(reverse("people:write", args=[ana.pk])).status_code == 403


def test_the_mail_stands_where_it_belongs_and_goes_to_the_best_address(ana: Person, alice: User) -> None:
    project, home = factories.ProjectFactory(), factories.OrganizationFactory()
    delivery = write_to(person=ana, actor=alice, subject="Hi", body="Text", about=[project, home], key="k")
    assert (
        write_to(person=ana, actor=alice, subject="Hi", body="Text", about=[project, home], key="k").pk
        == delivery.pk
    )
    assert delivery.recipient == "ana@example.org"
    assert [(row.about, row.is_recipient) for row in Correspondence.objects.order_by("pk")] == [
        (ana, True),
        (project, False),
        (home, False),
    ]
    Suppression.objects.create(address="ana@example.org", why="hard", source="test")
    assert address_of(ana) == "old@example.org"
    with pytest.raises(ValidationError, match="No mail address of Nobody is known"):
        write_to(person=factories.PersonFactory(name="Nobody"), actor=alice, subject="Hi", body="Text")


def test_mail_to_many_asks_for_consent_again_when_it_leaves(
    ana: Person, alice: User, mailoutbox: list[Any]
) -> None:
    with pytest.raises(Withheld, match="has not agreed to be contacted"):
        write_to(person=ana, actor=alice, subject="News", body="Text", is_personal=False)
    consent(ana, True)
    delivery = write_to(person=ana, actor=alice, subject="News", body="Text", is_personal=False)
    assert "List-Unsubscribe" in delivery.payload["headers"]
    consent(ana, False)
    while loop.turn():
        pass
    delivery.refresh_from_db()
    assert (delivery.state, delivery.words, mailoutbox) == (
        State.WITHHELD,
        "Ana Quintanar has not agreed to be contacted.",
        [],
    )


def test_nothing_goes_to_who_was_forgotten(ana: Person, alice: User, mailoutbox: list[Any]) -> None:
    delivery = write_to(person=ana, actor=alice, subject="Hi", body="Text")
    Person.objects.filter(pk=ana.pk).update(erased_at=clock.now())
    while loop.turn():
        pass
    delivery.refresh_from_db()
    assert (delivery.state, mailoutbox) == (State.WITHHELD, [])
