"""A person's own record: edits, expertise, channels, photograph, consents by click, all that is stored."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from folkmoot.kernel.accounts.models import User
from folkmoot.people.actions import own
from folkmoot.people.models import Consent, ConsentText, Identity, Note, Person
from folkmoot.people.queries.export_person import document, tables
from folkmoot.people.queries.own import choice_of
from folkmoot.people.seeds.consents import load_consents
from tests.factories import ActivityFactory, IdentityFactory, PersonFactory, TermFactory
from tests.people.conftest import Register

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(register: Register, charlie: User) -> Person:
    """Ana of the small register, whose record is Charlie's."""
    Person.objects.filter(pk=register.person.pk).update(user=charlie)
    register.person.refresh_from_db()
    return register.person


def test_edits_are_in_the_history_as_theirs(ana: Person, charlie: User, as_charlie: Client) -> None:
    form = as_charlie.get("/my/record/edit/").context["form"]
    sent = {
        "seen": form.initial["seen"],
        "name": "Ana Pérez",
        "publication_name": "A. L. Pérez",
        "country": "CO",
        "time_zone": "America/Bogota",
        "availability": "limited",
        "availability_note": "evenings",
        "available_from": "2030-01-01",
        "language": "español, English",
        "domain": "hydrology",
        "technical_area": "",
    }
    assert as_charlie.post("/my/record/edit/", sent).headers["Location"] == "/my/record/"
    ana.refresh_from_db()
    assert (ana.name, ana.publication_name, ana.country, ana.availability, ana.bio) == (
        "Ana Pérez",
        "A. L. Pérez",
        "CO",
        "limited",
        "",
    )
    assert sorted(ana.tags.values_list("facet", "name")) == [
        ("domain", "hydrology"),
        ("language", "English"),
        ("language", "español"),
        ("tag", "mentor"),
    ]
    who = {entry.history_user for entry in Person.history.filter(id=ana.pk).exclude(history_user=None)}
    assert who == {charlie}
    assert "A. L. Pérez" in as_charlie.get("/my/record/history/").content.decode()
    sent["country"] = "ZZ"
    assert as_charlie.post("/my/record/edit/", sent).status_code == 422


def test_nobody_acts_on_the_record_of_somebody_else(ana: Person, bob: User, as_bob: Client) -> None:
    for act in (
        lambda: own.edit_own(person=ana, actor=bob, name="Mine"),
        lambda: own.set_own_tags(person=ana, facet="language", names=["x"], actor=bob),
        lambda: own.add_own_identity(person=ana, system="github", value="bob", actor=bob),
        lambda: own.choose_public(person=ana, parts=["location"], identities=[], actor=bob),
        lambda: own.remove_photo(person=ana, actor=bob),
    ):
        with pytest.raises(PermissionDenied):
            act()
    for page in ("edit", "everything", "download", "history", "erase", "photo", "public"):
        assert as_bob.get(f"/my/record/{page}/").status_code == 404
    spare = ana.identities.get(system="email")
    assert as_bob.post(f"/my/record/handles/{spare.pk}/remove/").status_code == 404


def test_channels_are_unproven_and_tell_nothing_of_others(
    ana: Person, as_charlie: Client, charlie: User
) -> None:
    other = IdentityFactory(system="mastodon", value="@eve@example.social", person__name="Eve Secret")
    as_charlie.post(
        "/my/record/handles/new/", {"system": "orcid", "value": "https://orcid.org/0000-0002-1825-0097"}
    )
    added = Identity.objects.get(person=ana, system="orcid")
    assert (added.value, added.is_verified) == ("0000-0002-1825-0097", False)
    answer = as_charlie.post("/my/record/handles/new/", {"system": "mastodon", "value": other.value})
    assert (answer.status_code, "Eve Secret" in answer.content.decode()) == (422, False)
    for system in ("folkmoot", "no-such"):
        with pytest.raises(ValidationError):
            own.add_own_identity(person=ana, system=system, value="x", actor=charlie)
    undo = as_charlie.post(f"/my/record/handles/{added.pk}/remove/", follow=True)
    assert not Identity.objects.filter(pk=added.pk).exists()
    token = next(iter(undo.context["messages"]))
    assert "removed" in str(token)


def picture(size: tuple[int, int] = (800, 400), form: str = "JPEG") -> SimpleUploadedFile:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    Image.new("RGB", size, "navy").save(out, form, **({"exif": exif} if form == "JPEG" else {}))
    return SimpleUploadedFile("me.jpg", out.getvalue())


def test_a_photograph_is_drawn_anew(
    ana: Person, as_charlie: Client, as_alice: Client, as_nobody: Client, settings: Any, tmp_path: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    settings.MEDIA_ROOT = tmp_path
    for wrong in (SimpleUploadedFile("me.jpg", b"<script>"), picture((40, 40))):
        assert as_charlie.post("/my/record/photo/set/", {"photo": wrong}).status_code == 422
    with django_capture_on_commit_callbacks(execute=True):
        as_charlie.post("/my/record/photo/set/", {"photo": picture()})
    answer = as_charlie.get("/my/record/photo/")
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    shown = Image.open(io.BytesIO(content))
    assert (answer["Content-Type"], shown.size, len(shown.getexif()), b"taken at home" in content) == (
        "image/jpeg",
        (400, 400),
        0,
        False,
    )
    small = b"".join(as_alice.get(f"/people/{ana.pk}/photo/?size=small").streaming_content)  # type: ignore[attr-defined]
    assert Image.open(io.BytesIO(small)).size == (96, 96)
    tag = f'<img class="avatar avatar-lg avatar-photo" src="/people/{ana.pk}/photo/?size=small"'
    assert tag in as_alice.get(f"/people/{ana.pk}/").content.decode()
    assert as_nobody.get(f"/contributors/{ana.pk}/photo/").status_code == 404
    with django_capture_on_commit_callbacks(execute=True):
        as_charlie.post("/my/record/photo/set/", {"photo": picture(form="PNG", size=(200, 300))})
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 2
    with django_capture_on_commit_callbacks(execute=True):
        as_charlie.post("/my/record/photo/remove/")
    assert "avatar-photo" not in as_alice.get(f"/people/{ana.pk}/").content.decode()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_consents_by_click(ana: Person, as_charlie: Client, as_mary: Client) -> None:
    load_consents()
    text = ConsentText.objects.get(kind__slug="contact", language="en")
    as_charlie.post(f"/my/record/consents/{text.pk}/give/")
    assert "Being written to" in as_charlie.get("/my/record/").content.decode()
    as_charlie.post(f"/my/record/consents/{text.kind_id}/withdraw/")
    said = Consent.objects.filter(person=ana).order_by("pk").values_list("is_given", "source", "text")
    assert list(said) == [(True, "self", text.pk), (False, "self", None)]
    sent = {"kind": text.kind_id, "is_given": "1", "source": "mail", "note": ""}
    assert as_mary.post(f"/people/{ana.pk}/consents/new/", sent).status_code == 422
    as_mary.post(f"/people/{ana.pk}/consents/new/", sent | {"note": "mail of 3 May"})
    answer = as_mary.get("/people/consents/?newest=1&export=csv")
    rows = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert ("mail of 3 May" in rows, rows.count("Ana")) == (True, 1)


def test_what_the_public_page_shows_is_chosen(ana: Person, as_charlie: Client) -> None:
    mine, foreign = ana.identities.get(system="github"), IdentityFactory()
    assert (
        as_charlie.post("/my/record/public/", {"parts": ["location"], "identities": [foreign.pk]}).status_code
        == 422
    )
    as_charlie.post("/my/record/public/", {"parts": ["location"], "identities": [mine.pk]})
    choice = choice_of(ana)
    assert (choice.parts, choice.identities) == (frozenset({"location"}), frozenset({mine.pk}))


def test_all_that_is_stored_and_nothing_of_others(
    ana: Person, register: Register, as_charlie: Client, alice: User
) -> None:
    activity = ActivityFactory(identity=register.identity, detail={"title": "Mended", "by": "Eve Secret"})
    eve = PersonFactory(name="Eve Secret", bio="Eve's own words")
    IdentityFactory(person=eve, value="eve-secret")
    TermFactory(person=eve, project=register.project)
    Note.objects.create(person=eve, body="About Eve Secret", author=alice)
    ActivityFactory(identity=eve.identities.get(), item=activity.item, detail={"title": "Eve Secret mended"})
    answer = as_charlie.get("/my/record/download/")
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    data = json.loads(text)
    assert (data["format"], data["version"], data["person"]) == ("folkmoot-person", 1, ana.pk)
    assert set(data["tables"]) == {"people.tag", *(table.label for table in tables(ana))}
    found = {label: len(rows) for label, rows in data["tables"].items() if rows and ":history" not in label}
    assert {
        label: found[label] for label in sorted(found) if not label.startswith(("kernel", "account"))
    } == {
        "ledger.activity": 1,
        "people.affiliation": 1,
        "people.identity": 2,
        "people.note": 1,
        "people.person": 1,
        "people.sourcerecord": 1,
        "people.tag": 1,
        "people.term": 2,
    }
    assert data["tables"]["people.note"][0]["body"] == "A secret wish"
    assert data["tables"]["people.term"][0]["project"] == "wavefold"
    for leak in ("Eve", "eve-secret", "Alice", "alice@example.org", "password", "md5$"):
        assert leak not in text, leak
    assert "charlie@example.org" in text
    assert as_charlie.get("/my/record/everything/").status_code == 200
    assert "".join(document(eve)).count("Ana") == 0
