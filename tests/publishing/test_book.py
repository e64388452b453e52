"""The handle book, campaigns and checklists."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.undo import undo
from folkmoot.publishing.actions import book, campaigns, checklists
from folkmoot.publishing.models import BookEntry, BookHandle, Campaign, ChecklistEntry
from tests.factories import (
    BookEntryFactory,
    CampaignFactory,
    IdentityFactory,
    PersonFactory,
    PostFactory,
    TagFactory,
)

pytestmark = pytest.mark.django_db


def handles() -> list[tuple[str, str, str]]:
    return list(BookHandle.objects.order_by("platform").values_list("platform", "handle", "remote_id"))


def test_somebody_in_the_book(mona: User) -> None:
    entry = book.save_entry(
        values={"alias": "@Ada", "name": "Ada  Quill"},
        handles={"keeping": ("@ada", "did:1"), "bare": ("", "")},
        actor=mona,
    )
    assert (entry.alias, entry.name, handles()) == ("ada", "Ada Quill", [("keeping", "ada", "did:1")])
    before = BookHandle.history.count()
    book.save_entry(
        entry=entry, values={"name": "Ada Quill"}, handles={"keeping": ("ada", "did:1")}, actor=mona
    )
    assert BookHandle.history.count() == before
    book.save_entry(entry=entry, values={}, handles={"bare": ("quill", "")}, actor=mona)
    assert handles() == [("bare", "quill", "")]
    for values, field in (
        ({"alias": "ADA", "name": "Other"}, "alias"),
        ({"alias": "", "name": "Other"}, "name"),
        ({"alias": "a[b]", "name": "Other"}, "alias"),
    ):
        with pytest.raises(ValidationError) as caught:
            book.save_entry(values=values, actor=mona)  # type: ignore[arg-type]
        assert field in caught.value.message_dict
    with pytest.raises(ValidationError):
        book.save_entry(entry=entry, values={}, handles={"nowhere": ("a", "")}, actor=mona)
    back = book.remove_entry(entry=entry, actor=mona)
    assert (BookEntry.objects.count(), handles()) == (0, [])
    undo(what=back, actor=mona)
    assert (BookEntry.objects.get().alias, handles()) == ("ada", [("bare", "quill", "")])


def test_handles_of_the_register_come_along(mona: User) -> None:
    person = PersonFactory()
    IdentityFactory(person=person, system="keeping", value="@ada@keeping.example", number="9")
    entry = BookEntryFactory(person=person)
    BookEntryFactory()
    taken = book.import_from_identities(entries=BookEntry.objects.all(), actor=mona)
    assert handles() == [("keeping", "ada@keeping.example", "9")]
    assert book.import_from_identities(entries=[entry], actor=mona) == []
    undo(what=taken[0], actor=mona)
    assert handles() == []


def test_campaigns(mona: User) -> None:
    tag = TagFactory()
    row = campaigns.save_campaign(values={"name": " Launch ", "utm": "launch", "tags": [tag]}, actor=mona)
    assert (row.name, row.owner, list(row.tags.all())) == ("Launch", mona, [tag])
    before = Campaign.history.count()
    campaigns.save_campaign(campaign=row, values={"name": "Launch"}, actor=mona)
    assert Campaign.history.count() == before
    for _twice in range(2):
        assert campaigns.archive_campaign(campaign=row, actor=mona).archived_at is not None
    for _twice in range(2):
        assert campaigns.unarchive_campaign(campaign=row, actor=mona).archived_at is None
    assert Campaign.history.count() == before + 2
    for values, field in (({"name": "Launch"}, "name"), ({"name": ""}, "name")):
        with pytest.raises(ValidationError) as caught:
            campaigns.save_campaign(values=values, actor=mona)  # type: ignore[arg-type]
        assert field in caught.value.message_dict


def test_checklists(mona: User) -> None:
    post, campaign = PostFactory(), CampaignFactory()
    one = checklists.add_entry(post=post, text=" Ask Ada ", actor=mona)
    assert checklists.add_entry(post=post, text="Ask Ada", actor=mona) == one
    two = checklists.add_entry(post=post, text="Draw a card", actor=mona)
    checklists.add_entry(campaign=campaign, text="Ask Ada", actor=mona)
    assert [(entry.text, entry.position) for entry in post.checklist.all()] == [
        ("Ask Ada", 0),
        ("Draw a card", 1),
    ]
    checklists.order_entries(entries=[two, one], actor=mona)
    assert [entry.text for entry in post.checklist.all()] == ["Draw a card", "Ask Ada"]
    for _twice in range(2):
        assert checklists.tick(entry=one, done=True, actor=mona).done_by == mona
    assert checklists.tick(entry=one, done=False, actor=mona).done_at is None
    assert checklists.edit_entry(entry=one, text="Ask Grace", actor=mona).text == "Ask Grace"
    back = checklists.remove_entry(entry=one, actor=mona)
    undo(what=back, actor=mona)
    assert ChecklistEntry.objects.filter(post=post).count() == 2
    for wrong in (
        {"post": post, "text": ""},
        {"text": "x"},
        {"post": post, "campaign": campaign, "text": "x"},
    ):
        with pytest.raises(ValidationError):
            checklists.add_entry(actor=mona, **wrong)  # type: ignore[arg-type]
