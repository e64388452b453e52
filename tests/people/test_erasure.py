"""Being forgotten: nothing of the person is found anywhere afterwards, counts stay, and no import brings them back."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail import EmailMessage
from django.db import models
from django.test import Client

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.erasure import erasers, nothing_personal
from folkmoot.kernel.imports.models import ImportChange, ImportRun, RejectedRow, StagedRow
from folkmoot.kernel.notices.models import Notice
from folkmoot.kernel.plugs import today_sources
from folkmoot.kernel.search.models import SearchEntry, SearchSpelling
from folkmoot.kernel.users.models import RightsEvent, RightsEventKind
from folkmoot.ledger.models import Activity
from folkmoot.people.actions import claims, consents, erasure, own
from folkmoot.people.forgotten import Forgotten
from folkmoot.people.identities import Directory, Handle
from folkmoot.people.live.accounts import SeenAccount, seen_accounts
from folkmoot.people.models import (
    Affiliation,
    Claim,
    ConsentText,
    Erasure,
    FormerHandle,
    Identity,
    Merge,
    MergedRow,
    Person,
    PersonCandidate,
    SourceRecord,
)
from folkmoot.people.seeds.consents import load_consents
from tests.factories import ActivityFactory, IdentityFactory, OrganizationFactory, PersonFactory, TermFactory

pytestmark = pytest.mark.django_db

NAME = "Wilhelmina Ångström-Quill"
#: What must be found nowhere afterwards, folded.
TRACES = (
    "wilhelmina",
    "ångström",
    "\\u00c5ngstr",
    "angstrom",
    "quillw",
    "77123",
    "wq@example",
    "old-quill",
    "billie",
)


@pytest.fixture
def person(charlie: User, alice: User) -> Person:
    """Somebody who stands in every table, beside somebody else who stands in all of them, too."""
    load_consents()
    for name, user, value, number, email in (
        (NAME, charlie, "quillw", "77123", "wq@example.net"),
        ("Bystander", None, "bystander", "88", "by@example.net"),
    ):
        row = PersonFactory(name=f"{name} of old", bio=f"{name} wrote this")
        row.name, row.publication_name, row.pronouns, row.user = name, f"{name} B.", "she/her", user
        row.location, row.country, row.availability = "Uppsala", "SE", "yes"
        row.save()
        github = IdentityFactory(person=row, value=value, number=number)
        IdentityFactory(person=row, system="email", value=email)
        FormerHandle.objects.create(identity=github, value=f"old-{value.rstrip('w')}")
        row.tags.create(name=f"of {name}")
        TermFactory(person=row, started_on=dt.date(2024, 1, 1))
        Affiliation.objects.create(person=row, organization=OrganizationFactory())
        row.notes.create(body=f"{name} is shy", author=alice)
        SourceRecord.objects.create(person=row, source="sample", part="p", key=value, payload={"name": name})
        ActivityFactory(identity=github, detail={"title": f"thanks to {name}", "n": 1})
        Merge.objects.create(
            model="people.person", survivor_id=row.pk, gone_id=9000 + row.pk, survivor_name=name,
            gone_name="Billie" if user else "Bo", gone={"name": "Billie" if user else "Bo"},
        )  # fmt: skip
        run = ImportRun.objects.create(source="sample", origin="x", state="applied")
        StagedRow.objects.create(run=run, ordinal=1, part="p", file="f", payload={"record": {"login": value}})
        RejectedRow.objects.create(run=run, file="f", reason="no", content={"name": name})
        ImportChange.objects.create(
            run=run,
            model="people.person",
            object_id=row.pk,
            action="updated",
            before={"name": name},
            after={},
        )
        Notice.objects.create(
            user=alice, kind="people.mention", area="people", title=f"{name} did", url="/", dedupe=value
        )
        RightsEvent.objects.create(kind=RightsEventKind.INVITED, detail=f"{email}: all")
    first, second = Person.objects.order_by("pk")
    PersonCandidate.objects.create(first=first, second=second, reasons=[{"name": NAME}])
    text = ConsentText.objects.get(kind__slug="contact", language="en")
    person = Person.objects.get(user=charlie)
    consents.give(person=person, text=text, actor=charlie)
    consents.record_consent(
        person=person, kind=text.kind, is_given=True, source="mail", note="from wq@example.net", actor=alice
    )
    claims.prove(person=person, user=charlie)
    Claim.objects.create(person=person, user=charlie, state="granted", message=NAME)
    own.choose_public(person=person, parts=["location"], identities=[], actor=charlie)
    return person


def texts() -> Iterator[tuple[str, str]]:
    """Every row of every table as text, with the table's name."""
    for model in apps.get_models(include_auto_created=True):
        names = [field.attname for field in model._meta.concrete_fields]
        for row in model._default_manager.values_list(*names):
            yield (
                model._meta.label_lower,
                json.dumps([str(value) for value in row], ensure_ascii=False).casefold(),
            )


def test_nothing_is_found_anywhere_afterwards(
    person: Person, charlie: User, alice: User, mailoutbox: list[EmailMessage],
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    assert {trace for trace in TRACES for _label, text in texts() if trace in text} >= set(TRACES) - {
        "\\u00c5ngstr",
        "angstrom",
    }
    bystander = [(label, text) for label, text in texts() if "bystander" in text or "by@example" in text]
    figures = Activity.objects.count(), Activity.objects.values("identity__person").distinct().count()
    asked = erasure.ask_erasure(person=person, actor=charlie)
    with django_capture_on_commit_callbacks(execute=True):
        done = erasure.carry_out(erasure=asked, actor=alice, confirmed=f" {NAME.lower()} ")
    found = [
        (label, trace)
        for label, text in texts()
        for trace in (*TRACES, "charlie")
        if trace.casefold() in text
    ]
    assert sorted(set(found)) == []
    assert [(label, text) for label, text in texts() if "bystander" in text or "by@example" in text] == [
        each for each in bystander if each[0] != "people.personcandidate"
    ]
    person.refresh_from_db()
    assert (person.name, person.user, person.location, person.country, person.bio) == (
        f"Erased person {person.pk}",
        None,
        "",
        "",
        "",
    )
    assert person.erased_at is not None
    assert (
        Activity.objects.count(),
        Activity.objects.values("identity__person").distinct().count(),
    ) == figures
    assert [(one.system, one.number, one.is_verified) for one in person.identities.all()] == [
        ("folkmoot", "", False)
    ]
    assert person.terms.count() == 1
    assert not User.objects.filter(pk=charlie.pk).exists()
    assert [mail.to for mail in mailoutbox] == [["charlie@example.org"]]
    assert SearchEntry.objects.get(kind="person", object_id=person.pk).title == person.name
    assert not SearchSpelling.objects.filter(word="wilhelmina").exists()
    assert sorted(done.outcome["kept"]) == [
        "ledger.activity",
        "people.erasure",
        "people.identity",
        "people.person",
        "people.term",
    ]
    with pytest.raises(ValidationError, match="decided already"):
        erasure.carry_out(erasure=asked, actor=alice, confirmed=NAME)


def test_no_import_brings_them_back(person: Person, charlie: User, alice: User) -> None:
    asked = erasure.ask_erasure(person=person, actor=charlie)
    assert not Forgotten()
    erasure.carry_out(erasure=asked, actor=alice, confirmed=NAME)
    gone = Forgotten()
    assert gone.person("github", "QuillW") == person.pk
    assert gone.person("github", "renamed", "77123") == person.pk
    assert gone.person("email", "WQ@example.net") == person.pk
    assert (gone.person("github", "bystander"), gone.person("github", "renamed", "88")) == (None, None)


def test_asking_refusing_and_taking_back(
    person: Person, charlie: User, alice: User, bob: User, as_charlie: Client, as_alice: Client
) -> None:
    assert as_charlie.post("/my/record/erase/", {}).status_code == 422
    as_charlie.post("/my/record/erase/", {"understood": "on"})
    asked = Erasure.objects.get()
    with time_machine.travel(asked.asked_at + dt.timedelta(days=31), tick=False):
        (item,) = today_sources.get("people.erasures").find(alice, dt.datetime.now(dt.UTC), 10)
        assert (item.tone, item.badge) == ("overdue", "overdue")
    assert f"{NAME} asked to be forgotten" in as_alice.get("/").content.decode()
    as_charlie.post("/my/record/keep/")
    asked.refresh_from_db()
    assert asked.state == "withdrawn"
    second = erasure.ask_erasure(person=person, actor=charlie)
    for act in (
        lambda: erasure.carry_out(erasure=second, actor=bob, confirmed=NAME),
        lambda: erasure.refuse_erasure(erasure=second, actor=bob, reason="no"),
        lambda: erasure.withdraw_erasure(person=person, actor=alice),
        lambda: erasure.ask_erasure(person=person, actor=bob, reason="no"),
    ):
        with pytest.raises(PermissionDenied):
            act()
    url = f"/people/erasures/{second.pk}/"
    assert as_alice.post(url, {"confirmed": "Somebody"}).status_code == 422
    assert Person.objects.get(pk=person.pk).erased_at is None
    as_alice.post(f"{url}refuse/", {"reason": "A contract is open."})
    second.refresh_from_db()
    assert (second.state, second.reason) == ("refused", "A contract is open.")


def test_who_has_rights_is_not_forgotten_by_accident(alice: User, bob: User) -> None:
    person = PersonFactory(name="Bob", user=bob)
    asked = erasure.ask_erasure(person=person, actor=bob)
    with pytest.raises(ValidationError, match="still has rights"):
        erasure.carry_out(erasure=asked, actor=alice, confirmed="Bob")
    with pytest.raises(ValidationError):
        erasure.ask_erasure(person=PersonFactory(), actor=alice)


# --- the schema


def holds_text(model: Any) -> bool:
    """Whether anything may stand in it: JSON, or text without a limit."""
    free = (models.JSONField, models.TextField, models.EmailField)
    return any(isinstance(field, free) for field in model._meta.concrete_fields)


def test_every_table_says_how_it_forgets() -> None:
    """A table that names a person or an identity, or may hold anything, has an eraser or says why it needs none."""
    about = {Person, Identity}
    wanted = {
        model._meta.label_lower
        for model in apps.get_models(include_auto_created=True)
        if model.__module__.startswith("folkmoot.")
        and (
            model in about
            or any(field.related_model in about for field in model._meta.concrete_fields if field.is_relation)
            or holds_text(model)
        )
    }
    answered = {label for eraser in erasers for label in eraser.tables}
    free = {label for each in nothing_personal for label in each.tables}
    assert sorted(wanted - answered - free) == []
    assert sorted(answered & free) == []


def test_rows_that_were_parked_by_other_merges_go(person: Person, charlie: User, alice: User) -> None:
    merge = Merge.objects.create(
        model="people.organization", survivor_id=1, gone_id=2, survivor_name="A", gone_name="B", gone={}
    )
    for number, data in enumerate(({"note": f"for {NAME}"}, {"note": "for others"})):
        MergedRow.objects.create(
            merge=merge,
            number=number,
            what="parked",
            model="people.affiliation",
            row_id=str(number),
            field="x",
            data=data,
        )
    asked = erasure.ask_erasure(person=person, actor=charlie)
    erasure.carry_out(erasure=asked, actor=alice, confirmed=NAME)
    assert list(MergedRow.objects.values_list("number", flat=True)) == [1]


def test_a_file_and_a_log_that_name_them_again(person: Person, charlie: User, alice: User) -> None:
    asked = erasure.ask_erasure(person=person, actor=charlie)
    erasure.carry_out(erasure=asked, actor=alice, confirmed=NAME)
    people, handles = Person.objects.count(), Identity.objects.count()
    gone, new = Handle("github", "QuillW"), Handle("github", "somebody")
    directory = Directory([gone, new, Handle("github", "renamed", "77123")])
    found = directory.find(gone)
    assert found is not None
    assert (found.person.pk, found.system) == (person.pk, "folkmoot")
    assert directory.find(Handle("github", "renamed", "77123")) == found
    assert directory.find(new) is None
    seen = seen_accounts({SeenAccount("github", "77123", "quillw"): []}, source="test")
    assert seen == {"77123": found}
    found.refresh_from_db()
    assert (found.system, found.number, Person.objects.count(), Identity.objects.count()) == (
        "folkmoot",
        "",
        people,
        handles,
    )
