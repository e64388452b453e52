"""Somebody asks to be forgotten: no post, picture, book or draft names or shows them any more."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from folkmoot.kernel.accounts.models import User
from folkmoot.outbox.engine import loop
from folkmoot.outbox.models import Channel, Delivery
from folkmoot.people.actions import erasure
from folkmoot.people.models import Person
from folkmoot.publishing.actions import book, campaigns, checklists, media, planning
from folkmoot.publishing.actions.posts import save_post
from folkmoot.publishing.actions.variants import save_variant
from folkmoot.publishing.content import content_hash
from folkmoot.publishing.models import BookEntry, Comment, Media, Policy, Post, Publication, Variant, Waiver
from tests.factories import IdentityFactory, PersonFactory, PostFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files")]
NAME = "Wilhelmina Quillfeather"


@pytest.fixture
def person(charlie: User) -> Person:
    row = PersonFactory(name=NAME, user=charlie)
    IdentityFactory(person=row, system="keeping", value="quillw")
    return row


def picture(shade: str) -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (30, 20), shade).save(out, "PNG")
    return SimpleUploadedFile("photo.png", out.getvalue())


def test_nothing_names_or_shows_them(
    person: Person,
    mona: User,
    charlie: User,
    alice: User,
    channel: Channel,
    files: Path,
    django_capture_on_commit_callbacks,
) -> None:
    Policy.objects.create(pk=1, text="version: 1\nrules: []\n")
    other = PersonFactory(name="Bystander")
    shows = media.upload_media(upload=picture("red"), alt=f"{NAME} on a stage", actor=mona)
    media.save_media(media=shows, values={"people": [person, other]}, actor=mona)
    kept = media.upload_media(upload=picture("blue"), alt="A hill", credit=NAME, actor=mona)
    sent = PostFactory(text=f"Thanks to @[{NAME}]", title=f"Thanks to {NAME}", channels=[channel])
    save_variant(post=sent, channel=None, media=[[(shows, ""), (kept, f"as {NAME} saw it")]], actor=mona)
    save_post(post=sent, values={"people": [person, other]}, actor=mona)
    planning.publish_now(post=sent, actor=mona)
    for _ in range(4):
        loop.turn()
    waits = PostFactory(text="By @[quill]", channels=[channel])
    Variant.objects.filter(post=waits, channel=channel).update(options={"to": NAME})
    save_variant(post=waits, channel=None, text_parts=[f"{NAME} speaks"], actor=mona)
    planning.set_time(post=waits, wall_time="2040-01-01T09:00", zone="UTC", actor=mona)
    planning.schedule(post=waits, actor=mona)
    book.save_entry(
        values={"alias": "quill", "name": "Q.", "person": person},
        handles={"keeping": ("quillw", "")},
        actor=mona,
    )
    book.save_entry(
        values={"alias": "other", "name": "Other"}, handles={"keeping": ("@QuillW", "")}, actor=mona
    )
    book.save_entry(values={"alias": "stays", "name": "Somebody"}, actor=mona)
    campaigns.save_campaign(values={"name": f"For {NAME}", "goal": f"Honour {NAME}"}, actor=mona)
    checklists.add_entry(post=waits, text=f"Ask {NAME}", actor=mona)
    Comment.objects.create(post=waits, text=f"Ask {NAME} first", guest=NAME)
    Waiver.objects.create(
        post=waits, rule="x", reason=f"{NAME} agreed", until="2040-01-01T00:00:00Z", by=mona
    )
    asked = erasure.ask_erasure(person=person, actor=charlie)
    with django_capture_on_commit_callbacks(execute=True):
        erasure.carry_out(erasure=asked, actor=alice, confirmed=NAME)
    for model in apps.get_app_config("publishing").get_models(include_auto_created=True):
        for row in model._default_manager.values():
            words = json.dumps(row, default=str).casefold()
            assert "quillfeather" not in words, model
            assert "quillw" not in words, model
    assert list(BookEntry.objects.values_list("alias", flat=True)) == ["stays"]
    assert [row.pk for row in Media.objects.all()] == [kept.pk]
    assert [path.stem for path in files.rglob("*.png")] == [kept.sha256]
    assert list(sent.people.all()) == [other]
    sent.refresh_from_db()
    waits.refresh_from_db()
    assert (sent.state, waits.state) == ("published", "draft")
    assert (
        sent.content_sha256
        == content_hash(sent)
        == Publication.objects.get(variant__post=sent).content_sha256
    )
    assert waits.content_sha256 == content_hash(waits)
    assert Delivery.objects.filter(state="scheduled").count() == 0
    assert Post.objects.count() == 2
