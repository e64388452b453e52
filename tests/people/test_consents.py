"""Consents: whether one holds is decided in one place, by the newest word and the version it was said to."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.people.actions import consents as actions
from folkmoot.people.models import Consent, ConsentKind, ConsentText, Person
from folkmoot.people.public import consents_of
from folkmoot.people.queries.consents import asked_of, consenting, newest_texts
from folkmoot.people.seeds.consents import load_consents
from tests.factories import PersonFactory

pytestmark = pytest.mark.django_db
SLUGS = ["contact", "public-profile", "photograph", "publish-name"]


@pytest.fixture
def kinds() -> dict[str, ConsentKind]:
    load_consents()
    return {kind.slug: kind for kind in ConsentKind.objects.all()}


@pytest.fixture
def ana(charlie: User) -> Person:
    """Charlie's own record."""
    return PersonFactory(name="Ana", user=charlie)


def text_of(kind: ConsentKind) -> ConsentText:
    return newest_texts([kind.pk])[kind.pk]


def test_the_seeds_are_there_once_in_both_languages(kinds: dict[str, ConsentKind]) -> None:
    assert list(kinds) == SLUGS
    assert load_consents() == 0
    assert sorted(ConsentText.objects.values_list("kind__slug", "version", "language")) == sorted(
        (slug, 1, language) for slug in SLUGS for language in ("en", "es")
    )


def test_given_withdrawn_and_asked_again(kinds: dict[str, ConsentKind], ana: Person, charlie: User) -> None:
    contact, other = kinds["contact"], PersonFactory()
    assert consents_of([ana.pk, other.pk], SLUGS) == {
        pk: dict.fromkeys(SLUGS, False) for pk in (ana.pk, other.pk)
    }
    first = actions.give(person=ana, text=text_of(contact), actor=charlie)
    assert actions.give(person=ana, text=text_of(contact), actor=charlie) == first
    assert consents_of([ana.pk, other.pk], ["contact", "no-such"]) == {
        ana.pk: {"contact": True, "no-such": False},
        other.pk: {"contact": False, "no-such": False},
    }
    assert (first.source, first.text, first.recorded_by) == ("self", text_of(contact), None)

    actions.add_consent_text(kind=contact, texts={"en": "Milder."}, asks_again=False, actor=None)
    assert consents_of([ana.pk], ["contact"]) == {ana.pk: {"contact": True}}
    actions.add_consent_text(kind=contact, texts={"en": "Other."}, asks_again=True, actor=None)
    assert consents_of([ana.pk], ["contact"]) == {ana.pk: {"contact": False}}
    assert list(consenting("contact")) == []
    asked = asked_of(ana)[0]
    assert (asked.is_asked_again, asked.text.text if asked.text else "") == (True, "Other.")
    with pytest.raises(ValidationError):
        actions.give(person=ana, text=ConsentText.objects.get(kind=contact, version=2), actor=charlie)
    actions.give(person=ana, text=text_of(contact), actor=charlie)
    assert list(consenting("contact")) == [ana]

    actions.withdraw(person=ana, kind=contact, actor=charlie)
    assert consents_of([ana.pk], ["contact"]) == {ana.pk: {"contact": False}}
    assert list(consenting("contact")) == []
    assert [row.is_given for row in asked_of(ana)[0].history] == [False, True, True]


def test_only_the_person_clicks_and_others_say_where_they_heard_it(
    kinds: dict[str, ConsentKind], ana: Person, alice: User
) -> None:
    contact = kinds["contact"]
    with pytest.raises(PermissionDenied):
        actions.give(person=ana, text=text_of(contact), actor=alice)
    with pytest.raises(PermissionDenied):
        actions.withdraw(person=ana, kind=contact, actor=alice, source=actions.UNSUBSCRIBED)
    for wrong, fields in (
        ({"source": "", "note": ""}, {"source", "note"}),
        ({"source": "Self", "note": "x"}, {"source"}),
        ({"source": "mail", "note": "x", "said_on": clock.today() + dt.timedelta(days=1)}, {"said_on"}),
        ({"source": "mail", "note": "x", "version": 7}, {"version"}),
    ):
        with pytest.raises(ValidationError) as refused:
            actions.record_consent(person=ana, kind=contact, is_given=True, actor=alice, **wrong)  # type: ignore[arg-type]
        assert set(refused.value.error_dict) == fields
    assert not Consent.objects.exists()
    row = actions.record_consent(
        person=ana, kind=contact, is_given=True, source="mail", note="mail of 3 May", actor=alice
    )
    assert (row.recorded_by, row.note, row.text) == (alice, "mail of 3 May", None)
    assert list(consenting("contact")) == [ana]


def test_what_was_said_earlier_does_not_undo_what_was_said_later(
    kinds: dict[str, ConsentKind], ana: Person, charlie: User, alice: User
) -> None:
    contact = kinds["contact"]
    with time_machine.travel("2026-05-10T12:00Z", tick=False):
        actions.withdraw(person=ana, kind=contact, actor=charlie)
        actions.record_consent(
            person=ana,
            kind=contact,
            is_given=True,
            source="form",
            note="paper",
            actor=alice,
            said_on=dt.date(2026, 5, 3),
        )
        assert consents_of([ana.pk], ["contact"]) == {ana.pk: {"contact": False}}
    with time_machine.travel("2026-05-11T12:00Z", tick=False):
        actions.withdraw(person=ana, kind=contact, actor=None, source=actions.UNSUBSCRIBED)
        assert Consent.objects.count() == 2


def test_an_archived_kind_is_not_asked_and_does_not_hold(
    kinds: dict[str, ConsentKind], ana: Person, charlie: User
) -> None:
    contact = kinds["contact"]
    text = text_of(contact)
    actions.give(person=ana, text=text, actor=charlie)
    actions.archive_consent_kind(kind=contact, archived=True, actor=None)
    assert (consents_of([ana.pk], ["contact"]), list(consenting("contact"))) == (
        {ana.pk: {"contact": False}},
        [],
    )


def test_new_words_and_new_kinds(kinds: dict[str, ConsentKind]) -> None:
    contact = kinds["contact"]
    words = dict(contact.texts.values_list("language", "text"))
    for wrong in ({"es": "Sólo español"}, {"en": "x" * 5001}, words):
        with pytest.raises(ValidationError):
            actions.add_consent_text(kind=contact, texts=wrong, asks_again=False, actor=None)
    assert contact.texts.count() == 2
    made = actions.add_consent_kind(name="Recordings", texts={"en": "You may record me."}, actor=None)
    assert (made.slug, [text.asks_again for text in made.texts.all()]) == ("recordings", [False])
    with pytest.raises(ValidationError):
        actions.add_consent_kind(name="Recordings", texts={"en": "Again."}, actor=None)
