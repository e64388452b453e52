"""Several posts at once, pictures, the handle book, campaigns, and posts on pages of the register."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from folkmoot.connectors.posts import Media as Picture
from folkmoot.connectors.posts import Segment
from folkmoot.kernel.accounts.models import User
from folkmoot.outbox.models import Channel
from folkmoot.publishing.models import BookEntry, Campaign, ChecklistEntry, Media, Post, PostState
from folkmoot.publishing.previews import LOOKS, crop, folded, ratios
from tests.conftest import signed_in
from tests.factories import (
    BookEntryFactory,
    CampaignFactory,
    IdentityFactory,
    MediaFactory,
    PersonFactory,
    PostFactory,
    ProjectFactory,
)
from tests.publishing.test_pages import POSTS, planned

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_wanda(wanda: User) -> Client:
    return signed_in(wanda)


@pytest.fixture
def as_mona(mona: User) -> Client:
    return signed_in(mona)


def undo(client: Client, page: Any) -> None:
    """Press the undo of the toast that stands on a page."""
    found = re.search(r'action="(/publishing/posts/undo/[^"]+)"', page.content.decode())
    assert found is not None
    assert client.post(found[1]).status_code == 302


def bulk(client: Client, action: str, *rows: Post) -> Any:
    return client.post(POSTS, {"bulk": action, "selected": [row.pk for row in rows]}, follow=True)


# ------------------------------------------------------------- several at once


def test_several_move_to_another_day_and_back(as_mona: Client, channel: Channel) -> None:
    one = planned(PostFactory.create(channels=[channel]), "2030-05-06T09:00")
    other = planned(PostFactory.create(channels=[channel]), "2030-05-07T18:30", "America/Bogota")
    without = PostFactory.create(channels=[channel])
    page = bulk(as_mona, "move", one, other, without)
    answer = as_mona.post(page.request["PATH_INFO"], {"day": "2030-06-01"}, follow=True)
    times = Post.objects.order_by("pk").values_list("wall_time", "zone")
    assert list(times) == [
        ("2030-06-01T09:00", "Europe/Berlin"),
        ("2030-06-01T18:30", "America/Bogota"),
        ("", ""),
    ]
    assert "2 posts are moved. 1 without a time stays as it is." in answer.content.decode()
    undo(as_mona, answer)
    assert list(times.all()) == [
        ("2030-05-06T09:00", "Europe/Berlin"),
        ("2030-05-07T18:30", "America/Bogota"),
        ("", ""),
    ]


def test_several_get_tags_and_a_campaign_and_lose_them(as_wanda: Client) -> None:
    one, other, campaign = PostFactory.create(), PostFactory.create(), CampaignFactory.create()
    page = bulk(as_wanda, "tag", one, other)
    answer = as_wanda.post(page.request["PATH_INFO"], {"tags": "release"}, follow=True)
    assert [[tag.name for tag in post.tags.all()] for post in (one, other)] == [["release"], ["release"]]
    undo(as_wanda, answer)
    assert [list(post.tags.all()) for post in (one, other)] == [[], []]
    page = bulk(as_wanda, "campaign", one)
    answer = as_wanda.post(page.request["PATH_INFO"], {"campaign": campaign.pk}, follow=True)
    one.refresh_from_db()
    assert one.campaign == campaign
    undo(as_wanda, answer)
    one.refresh_from_db()
    assert one.campaign is None


def test_several_are_scheduled_and_those_that_cannot_be_say_why(as_mona: Client, channel: Channel) -> None:
    one = planned(PostFactory.create(title="One", channels=[channel]))
    other = PostFactory.create(title="Other", channels=[channel])
    answer = bulk(as_mona, "schedule", one, other)
    states = Post.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == [PostState.SCHEDULED, PostState.DRAFT]
    assert "1 post is scheduled. Other: " in answer.content.decode()
    undo(as_mona, answer)
    assert list(states.all()) == [PostState.DRAFT, PostState.DRAFT]


def test_several_are_cancelled_and_taken_up_again(as_mona: Client) -> None:
    one, other = PostFactory.create(), PostFactory.create()
    answer = bulk(as_mona, "cancel", one, other)
    states = Post.objects.values_list("state", flat=True)
    assert set(states) == {PostState.CANCELLED}
    undo(as_mona, answer)
    assert set(states.all()) == {PostState.DRAFT}


def test_who_only_writes_neither_schedules_nor_moves(as_wanda: Client, channel: Channel) -> None:
    post = planned(PostFactory.create(channels=[channel]))
    for action in ("move", "schedule", "cancel"):
        assert as_wanda.post(POSTS, {"bulk": action, "selected": [post.pk]}).status_code == 403
    for name in ("schedule", "unschedule", "publish_now", "cancel", "reopen", "withdraw", "correct"):
        assert as_wanda.post(reverse(f"publishing:{name}", args=[post.pk])).status_code == 403
    post.refresh_from_db()
    assert post.state == PostState.DRAFT


def test_one_is_scheduled_moved_and_taken_out(as_mona: Client, channel: Channel) -> None:
    post = planned(PostFactory.create(channels=[channel]))

    def press(name: str, **data: Any) -> Post:
        assert as_mona.post(reverse(f"publishing:{name}", args=[post.pk]), data).status_code == 302
        return Post.objects.get(pk=post.pk)

    assert press("schedule").state == PostState.SCHEDULED
    moved = press("set_time", date="2030-07-01", time="10:00", zone="UTC")
    assert (moved.state, moved.wall_time, moved.zone) == (PostState.SCHEDULED, "2030-07-01T10:00", "UTC")
    page = as_mona.get(reverse("publishing:post", args=[post.pk]))
    ((leg,),) = [place.legs for place in page.context["page"].places]
    assert (leg.delivery.wall_time, leg.delivery.zone) == ("2030-07-01T10:00", "UTC")
    assert reverse("outbox:delivery", args=[leg.delivery.pk]) in page.content.decode()
    assert press("unschedule").state == PostState.DRAFT
    assert press("duplicate").pk == post.pk
    assert Post.objects.count() == 2
    assert press("cancel").state == PostState.CANCELLED
    assert press("reopen").state == PostState.DRAFT
    as_mona.post(reverse("publishing:delete", args=[post.pk]))
    assert Post.objects.filter(pk=post.pk).count() == 0


# ------------------------------------------------------------------- pictures


def png() -> SimpleUploadedFile:
    file = io.BytesIO()
    Image.new("RGB", (60, 40), (10, 120, 90)).save(file, "PNG")
    return SimpleUploadedFile("reef.png", file.getvalue(), "image/png")


def test_a_picture_is_uploaded_described_and_removed(as_wanda: Client, files: Path) -> None:
    answer = as_wanda.post("/publishing/pictures/upload/", {"pictures": png(), "credit": "Ada"})
    media = Media.objects.get()
    page = reverse("publishing:picture", args=[media.pk])
    assert (answer["Location"], media.alt, media.credit) == (page, "", "Ada")
    person = PersonFactory.create(name="Ana Pérez")
    seen = as_wanda.get(page).context["form"]["seen"].value()
    as_wanda.post(
        page,
        {
            "alt": "A reef",
            "focus_x": "0.5",
            "focus_y": "-1",
            "people": "ana pérez",
            "seen": seen,
            "name": "reef",
        },
    )
    media.refresh_from_db()
    assert (media.alt, media.focus_x, media.focus_y, media.shows_people) == ("A reef", 0.5, -1.0, True)
    assert list(media.people.all()) == [person]
    answer = as_wanda.post(page, {"alt": "A reef", "focus_x": "1.5", "focus_y": "0"})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["focus_x"])
    answer = as_wanda.post(reverse("publishing:remove_picture", args=[media.pk]))
    assert (answer["Location"], Media.objects.count()) == (reverse("publishing:pictures"), 0)


def test_no_picture_is_told_with_its_name(as_wanda: Client, files: Path) -> None:
    bad = SimpleUploadedFile("notes.png", b"no picture", "image/png")
    answer = as_wanda.post("/publishing/pictures/upload/", {"pictures": [png(), bad]})
    assert answer.status_code == 422
    assert answer.context["form"].errors["pictures"][0].startswith("notes.png: ")
    assert Media.objects.count() == 0


def test_the_library_shows_what_lacks_a_description(as_wanda: Client, django_assert_num_queries: Any) -> None:
    MediaFactory.create(name="described.png")
    for number in (1, 2, 3):
        MediaFactory.create(name=f"bare {number}.png", alt="")
        if number != 2:
            with django_assert_num_queries(9):
                rows = as_wanda.get("/publishing/pictures/?described=0").context["list"].rows
            assert len(rows) == number


# ---------------------------------------------------------------- handle book


def test_an_entry_with_its_handles_and_those_of_the_register(as_mona: Client) -> None:
    person = PersonFactory.create(name="Ana Pérez")
    IdentityFactory.create(person=person, system="bare", value="ana.bare")
    answer = as_mona.post(
        "/publishing/handle-book/new/",
        {"alias": "Ana", "name": "Ana Pérez", "person": "ana pérez", "handle_keeping": "@ana@fedi.example"},
    )
    entry = BookEntry.objects.get()
    assert answer["Location"] == reverse("publishing:book_entry", args=[entry.pk])
    assert (entry.alias, entry.person) == ("ana", person)
    page = as_mona.get(answer["Location"])
    assert [(one.platform, one.handle, one.is_from_register) for one in page.context["handles"]] == [
        ("bare", "ana.bare", True),
        ("keeping", "ana@fedi.example", False),
    ]
    file = b"".join(as_mona.get("/publishing/handle-book/?export=csv")).decode("utf-8-sig")
    assert file.splitlines()[1] == "Ana Pérez,ana,bare: ana.bare; keeping: ana@fedi.example,Ana Pérez"
    seen = as_mona.get(reverse("publishing:edit_book_entry", args=[entry.pk])).context["form"]["seen"].value()
    as_mona.post(
        reverse("publishing:edit_book_entry", args=[entry.pk]),
        {"alias": "ana", "name": "Ana P.", "seen": seen},
    )
    entry.refresh_from_db()
    assert (entry.name, entry.person, entry.handles.count()) == ("Ana P.", None, 0)
    answer = as_mona.post(reverse("publishing:remove_book_entry", args=[entry.pk]), follow=True)
    assert BookEntry.objects.count() == 0
    undo(as_mona, answer)
    assert BookEntry.objects.get().name == "Ana P."


def test_the_book_asks_the_same_queries_with_one_row_and_with_three(
    as_wanda: Client, django_assert_num_queries: Any
) -> None:
    for number in (1, 2, 3):
        person = PersonFactory.create()
        IdentityFactory.create(person=person, system="bare")
        BookEntryFactory.create(person=person).handles.create(platform="keeping", handle="x")
        if number != 2:
            with django_assert_num_queries(9):
                assert len(as_wanda.get("/publishing/handle-book/").context["list"].rows) == number
    assert as_wanda.get("/publishing/handle-book/?missing=byhand").context["list"].page.count == 3
    assert as_wanda.get("/publishing/handle-book/?missing=bare").context["list"].page.count == 0


# ------------------------------------------------------------------ campaigns


def test_a_campaign_with_posts_and_a_checklist(as_mona: Client, mona: User, channel: Channel) -> None:
    answer = as_mona.post(
        "/publishing/campaigns/new/",
        {"name": "Wavefold 2", "starts_on": "2030-05-01", "ends_on": "2030-06-01", "tags": "release"},
    )
    campaign = Campaign.objects.get()
    page = reverse("publishing:campaign", args=[campaign.pk])
    assert answer["Location"] == page
    planned(PostFactory.create(title="Later", channels=[channel], campaign=campaign), "2030-05-09T09:00")
    planned(PostFactory.create(title="First", channels=[channel], campaign=campaign))
    PostFactory.create(title="Without a time", campaign=campaign)
    shown = as_mona.get(page).context
    assert [post.title for post in shown["posts"]] == ["First", "Later", "Without a time"]
    assert [(label, number) for _tone, label, number in shown["states"]] == [("draft", 3)]
    as_mona.post(reverse("publishing:new_campaign_entry", args=[campaign.pk]), {"text": "Ask for a quote"})
    entry = ChecklistEntry.objects.get()
    as_mona.post(reverse("publishing:tick", args=[entry.pk]), {"done": "1"})
    entry.refresh_from_db()
    assert entry.done_by == mona
    assert as_mona.get(page).context["done"] == 1
    as_mona.post(reverse("publishing:archive_campaign", args=[campaign.pk]))
    assert as_mona.get("/publishing/campaigns/").context["list"].page.count == 0
    as_mona.post(reverse("publishing:unarchive_campaign", args=[campaign.pk]))
    assert as_mona.get("/publishing/campaigns/").context["list"].page.count == 1


def test_the_list_of_campaigns_asks_the_same_queries(
    as_wanda: Client, django_assert_num_queries: Any
) -> None:
    for number in (1, 2, 3):
        PostFactory.create(campaign=CampaignFactory.create())
        if number != 2:
            with django_assert_num_queries(7):
                rows = as_wanda.get("/publishing/campaigns/").context["list"].rows
            assert [row.cells[2].value for row in rows] == [1] * number


# ------------------------------------------------------- pages of the register


def test_pages_of_the_register_tell_of_posts_about_them(as_alice: Client, channel: Channel) -> None:
    person, project = PersonFactory.create(), ProjectFactory.create()
    post = PostFactory.create(title="About a package", channels=[channel], project=project)
    post.people.add(person)
    PostFactory.create(title="An old idea", project=project, state=PostState.CANCELLED)
    for name, record in (("person", person), ("project", project)):
        page = as_alice.get(reverse(f"people:{name}", args=[record.pk])).content.decode()
        assert reverse("publishing:post", args=[post.pk]) in page
        assert "An old idea" not in page


# ------------------------------------------------------------------- previews


def test_a_crop_keeps_the_focus_as_far_as_the_picture_goes() -> None:
    wide = Picture("f", "image/png", width=1000, height=500)
    assert crop(wide, 1.0).box == "250 0 500 500"
    assert crop(wide, 1.0, focus=(1.0, 0.0)).box == "500 0 500 500"
    assert crop(wide, 1.0, focus=(-1.0, 0.0)).box == "0 0 500 500"
    tall = Picture("f", "image/png", width=500, height=1000)
    assert crop(tall, 1.0, focus=(0.0, 1.0)).box == "0 0 500 500"
    assert crop(tall, 1.0, focus=(0.0, -1.0)).box == "0 500 500 500"
    assert crop(wide, 2.0).is_cropped is False


def test_one_picture_keeps_its_shape_within_bounds_and_several_share_a_frame() -> None:
    look = LOOKS["x"]
    tall = Picture("f", "image/png", width=100, height=1000)
    assert ratios([tall], look) == [look.tallest]
    assert ratios([tall] * 3, look) == [8 / 9, 16 / 9, 16 / 9]
    assert len(ratios([tall] * 7, look)) == 7


def test_what_is_long_is_folded_but_no_link_is_torn() -> None:
    pieces = [
        Segment("Hello "),
        Segment("https://example.org/", "link", "https://example.org/"),
        Segment(" bye"),
    ]
    assert folded(pieces, 0) == (pieces, [])
    assert folded(pieces, 100) == (pieces, [])
    assert folded(pieces, 8) == (pieces[:1], pieces[1:])
    assert folded(pieces, 3) == ([Segment("Hel")], [Segment("lo "), *pieces[1:]])
    assert folded([Segment("a👩‍👩‍👧‍👦b")], 2) == ([Segment("a👩‍👩‍👧‍👦")], [Segment("b")])
