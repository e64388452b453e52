"""What of a picture stays visible, set from within the composer."""

from __future__ import annotations

import pytest

from folkmoot.kernel.accounts.actions import add_user, grant
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.outbox.models import Channel
from folkmoot.publishing.actions.posts import save_post
from folkmoot.publishing.models import Part
from tests.conftest import signed_in
from tests.factories import MediaFactory, PartMediaFactory, PostFactory

pytestmark = pytest.mark.django_db


def test_the_focus_is_set_from_the_composer_and_the_draft_stays_ones_own(
    wanda: User, channel: Channel
) -> None:
    """Setting it changes the post's content, which is no edit of somebody else for the composer that is open."""
    client = signed_in(wanda)
    media = MediaFactory.create(alt="A reef")
    post = PostFactory.create(text="Look", channels=[channel], written_by=wanda)
    PartMediaFactory.create(part=Part.objects.get(variant__post=post), media=media)
    opened = client.get(f"/publishing/posts/{post.pk}/edit/").context
    address = f"/publishing/pictures/{media.pk}/focus/?key=base&part=1"
    shown = client.get(address)
    assert [value for _field, _name, value in shown.context["fields"]] == ["0.00", "0.00"]
    before = post.content_sha256
    typed = {"focus_x": "-0.5", "focus_y": "0.25", "post": post.pk, "seen": opened["seen"]}
    answer = client.post(address, typed, HTTP_HX_REQUEST="true")
    media.refresh_from_db()
    post.refresh_from_db()
    assert (media.focus_x, media.focus_y) == (-0.5, 0.25)
    assert post.content_sha256 != before
    assert answer["HX-Trigger-After-Settle"] == "focused"
    kept = {
        "post": post.pk,
        "seen": answer.context["seen"],
        "seen_texts": opened["seen_texts"],
        "title": post.title,
        "text-base": "Look here",
        "pictures-base-1": media.pk,
        "channels": [channel.pk],
        "zone": "UTC",
    }
    assert client.post("/publishing/posts/keep/", kept, HTTP_HX_REQUEST="true").context["problem"] == ""
    assert Part.objects.get(variant__post=post).text == "Look here"


def test_somebody_elses_edit_is_still_told_after_the_focus_was_set(wanda: User, channel: Channel) -> None:
    client, media = signed_in(wanda), MediaFactory.create()
    post = PostFactory.create(channels=[channel], written_by=wanda)
    PartMediaFactory.create(part=Part.objects.get(variant__post=post), media=media)
    seen = client.get(f"/publishing/posts/{post.pk}/edit/").context["seen"]
    save_post(post=post, values={"title": "Theirs"}, actor=None)
    typed = {"focus_x": "1", "focus_y": "1", "post": post.pk, "seen": seen}
    assert client.post(f"/publishing/pictures/{media.pk}/focus/", typed).context["seen"] == ""


@pytest.mark.parametrize("bad", [{"focus_x": "2", "focus_y": "0"}, {"focus_x": "nan", "focus_y": "0"}, {}])
def test_a_point_outside_of_the_picture_is_told(wanda: User, bad: dict[str, str]) -> None:
    media = MediaFactory.create()
    answer = signed_in(wanda).post(f"/publishing/pictures/{media.pk}/focus/?key=\x00&part=x", bad)
    assert (answer.status_code, bool(answer.context["problem"]), "HX-Trigger-After-Settle" in answer) == (
        200,
        True,
        False,
    )
    media.refresh_from_db()
    assert (media.focus_x, media.focus_y) == (0.0, 0.0)


def test_who_only_looks_sets_no_focus(db: None) -> None:
    viewer = add_user(email="vera@example.org", name="Vera Viewer", password="correct horse battery")
    grant(user=viewer, area=Area.PUBLISHING, level=Level.VIEW)
    media = MediaFactory.create()
    address = f"/publishing/pictures/{media.pk}/focus/"
    assert signed_in(viewer).post(address, {"focus_x": "1", "focus_y": "1"}).status_code == 403


def test_agreed_posts_that_become_drafts_are_counted(wanda: User, channel: Channel) -> None:
    media = MediaFactory.create()
    for state in ("draft", "review", "approved", "published"):
        post = PostFactory.create(channels=[channel], state=state)
        PartMediaFactory.create(part=Part.objects.get(variant__post=post), media=media)
    assert signed_in(wanda).get(f"/publishing/pictures/{media.pk}/focus/").context["agreed"] == 2
