"""In which language the mails about places, requests and sessions are."""

from __future__ import annotations

from typing import Any

import pytest

from folkmoot.kernel.accounts.actions import add_user
from folkmoot.kernel.accounts.models import User
from folkmoot.outbox.actions import save_template
from folkmoot.outbox.models import Delivery, MessageTemplate
from folkmoot.outbox.public import message_kinds, render
from folkmoot.people.models import Person
from folkmoot.training import letters, request_letters, unconference_letters
from folkmoot.training.models import Event
from folkmoot.training.seeds import requests, texts, unconference
from tests.conftest import PASSWORD
from tests.factories import IdentityFactory, PersonFactory

pytestmark = pytest.mark.usefixtures("mail_channel")


def reader(language: str) -> Person:
    made: Any = PersonFactory(name="Ada")
    IdentityFactory(system="email", value="ada@example.org", person=made)
    user = add_user(email="account@example.org", name="Ada", password=PASSWORD)
    User.objects.filter(pk=user.pk).update(language=language)
    Person.objects.filter(pk=made.pk).update(user=user)
    return made  # type: ignore[no-any-return]


def test_every_standard_text_is_there_in_spanish() -> None:
    shipped = {**texts.texts(), **requests.texts(), **unconference.texts()}
    kinds = [key for one in (letters, request_letters, unconference_letters) for key, _label in one.KINDS]
    assert sorted(shipped) == sorted(kinds)
    for key, row in shipped.items():
        said = row["texts"]["es"]
        kind = message_kinds.get(key)
        assert "{{" not in render(kind, said["subject"], said["body"], kind.examples()).text, key


def test_who_reads_spanish_gets_it_while_the_text_is_as_it_came(announced: Event, alice: User) -> None:
    texts.load_texts()
    ada = reader("es")
    letters.write_person(letters.MOVED, ada, announced, actor=None, key="one")
    first = Delivery.objects.get(key="one")
    assert (first.payload["language"], first.title) == ("es", f"Atención: {announced.title} ha cambiado")
    assert "Hola, Ada:" in first.payload["text"]
    text = MessageTemplate.objects.get(kind=letters.MOVED)
    save_template(
        template=text,
        kind=text.kind,
        name=text.name,
        subject="Ours",
        body="Hello {{ recipient }}",
        actor=alice,
    )
    letters.write_person(letters.MOVED, ada, announced, actor=None, key="two")
    assert Delivery.objects.get(key="two").title == "Ours"


@pytest.mark.parametrize("language", ["", "en"])
def test_others_get_it_in_english(announced: Event, language: str) -> None:
    texts.load_texts()
    letters.write_person(letters.MOVED, reader(language), announced, actor=None, key="one")
    found = Delivery.objects.get(key="one")
    assert (found.payload["language"], found.title) == (
        language,
        f"Please note: {announced.title} has changed",
    )
