"""The composer and the pages of posts, by keyboard, on a phone, in the dark."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from folkmoot.kernel.accounts.actions import add_user, grant
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.outbox.models import Channel
from folkmoot.publishing.actions.media import upload_media
from folkmoot.publishing.models import Part, Post
from tests.browser.conftest import DESK, PHONE, Visit
from tests.factories import PartMediaFactory, PostFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mona(db: None) -> User:
    user = add_user(email="mona@example.org", name="Mona Manager", password="correct horse battery")
    grant(user=user, area=Area.PUBLISHING, level=Level.MANAGE)
    return user


@pytest.fixture
def channel(db: None) -> Channel:
    return Channel.objects.create(kind="mastodon", name="Fedi", medium="post")


def test_a_post_is_written_by_keyboard_and_counted_while_typing(
    visit: Callable[..., Visit], mona: User, channel: Channel
) -> None:
    here = visit(mona)
    page = here.go("/publishing/posts/new/")
    here.check()
    page.locator(f"#channel-{channel.pk}").focus()
    page.keyboard.press("Space")
    page.locator("#previews .preview").wait_for()
    page.locator("#text-base-1").focus()
    page.keyboard.type("Wavefold 2 is out 👩‍👩‍👧‍👦")
    page.locator("#counts-base-1 b", has_text="19").wait_for()
    page.locator("#kept", has_text="Draft kept").wait_for()
    assert page.url.endswith(f"/publishing/posts/{Post.objects.get().pk}/edit/")
    assert here.focused() == "text-base"
    page.get_by_role("button", name="Add a part").focus()
    page.keyboard.press("Enter")
    page.locator("#text-base-2").wait_for()
    assert page.evaluate("document.activeElement.id") == "text-base-2"
    page.keyboard.type("And faster.")
    page.locator(".preview-part", has_text="And faster.").wait_for()
    here.check()
    page.locator("#id_title").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/publishing/posts/*/")
    texts = Part.objects.filter(variant__channel=None).order_by("position").values_list("text", flat=True)
    assert list(texts) == ["Wavefold 2 is out 👩‍👩‍👧‍👦", "And faster."]
    here.check()


def test_pages_of_posts_on_a_phone_in_the_dark(
    visit: Callable[..., Visit], mona: User, channel: Channel
) -> None:
    post = PostFactory.create(text="Hello, world #OpenScience " * 30, channels=[channel], owner=mona)
    here = visit(mona, width=PHONE, scheme="dark")
    for address in ("posts/", f"posts/{post.pk}/", f"posts/{post.pk}/edit/", "pictures/", "campaigns/new/"):
        here.go(f"/publishing/{address}")
        here.check()


def test_what_the_policy_finds_stands_beside_the_text_while_typing(
    visit: Callable[..., Visit], mona: User, channel: Channel
) -> None:
    """It comes without taking the focus, moves nothing, is said once, and leads to the field."""
    here = visit(mona)
    page = here.go(f"/publishing/posts/new/?channel={channel.pk}&title=Numbers")
    said = page.locator("#findings-said")
    page.locator("#text-base-1").focus()
    page.keyboard.type("We like Numpy")
    said.get_by_text("Fedi:").wait_for()
    page.locator("#findings .finding", has_text="Numpy").wait_for()
    assert here.focused() == "text-base"
    assert said.get_attribute("role") == "status"
    page.evaluate(
        "() => { window.spoken = 0; new MutationObserver(() => { window.spoken += 1; })"
        ".observe(document.querySelector('#findings-said'), {childList: true, subtree: true, characterData: true}); }"
    )
    with page.expect_response("**/posts/check/") as again:
        page.keyboard.type(", too")
    assert (again.value.status, page.evaluate("window.spoken")) == (204, 0)
    here.check()
    page.locator("#findings a", has_text="Fedi").first.click()
    assert page.evaluate("document.activeElement.id || location.hash") in ("text-base-1", "#text-base-1")
    with page.expect_response("**/posts/check/"):
        page.locator("#text-base-1").fill("We like NumPy")
    page.locator("#findings .finding", has_text="Numpy").wait_for(state="detached")


@pytest.mark.parametrize("width", [PHONE, 800])
def test_what_the_policy_finds_stands_above_saving_on_a_phone(
    visit: Callable[..., Visit], mona: User, channel: Channel, width: int
) -> None:
    """One reads the findings, then saves; the previews come below, and the focus goes the same way."""
    post = PostFactory.create(text="We like Numpy", channels=[channel], owner=mona)
    here = visit(mona, width=width, scheme="dark")
    page = here.go(f"/publishing/posts/{post.pk}/edit/")
    page.locator("#findings .finding", has_text="Numpy").wait_for()
    here.check()
    findings, save, previews = (
        page.locator(which).bounding_box() or {}
        for which in (".composer-findings", ".form-actions .btn-primary", "#previews")
    )
    assert findings["y"] + findings["height"] <= save["y"] < save["y"] + save["height"] <= previews["y"]
    page.locator("#findings a").last.focus()
    order = []
    for _ in range(3):
        page.keyboard.press("Tab")
        order.append(here.focused())
    assert order == ["Save", "Cancel", "Previews"]


def test_what_stays_visible_of_a_picture_is_set_in_the_composer_by_keyboard(
    visit: Callable[..., Visit], mona: User, channel: Channel, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    file = io.BytesIO()
    Image.linear_gradient("L").resize((400, 100)).convert("RGB").save(file, "PNG")
    picture = upload_media(
        upload=SimpleUploadedFile("reef.png", file.getvalue(), "image/png"), actor=mona, alt="A reef"
    )
    post = PostFactory.create(text="Look", channels=[channel], written_by=mona, owner=mona)
    PartMediaFactory.create(part=Part.objects.get(variant__post=post), media=picture)
    for width, scheme in ((DESK, "light"), (PHONE, "dark")):
        here = visit(mona, width=width, scheme=scheme)
        page = here.go(f"/publishing/posts/{post.pk}/edit/")
        page.locator(".focus-fold summary").focus()
        page.keyboard.press("Enter")
        across = page.get_by_label("Focus, across")
        across.wait_for()
        page.locator(".focus-fold img").scroll_into_view_if_needed()
        across.focus()
        page.keyboard.press("End" if width == DESK else "Home")
        square = page.locator("[data-focus-crops] svg").nth(1)
        assert square.get_attribute("viewBox") == ("300 0 100 100" if width == DESK else "0 0 100 100")
        here.check()
        page.get_by_role("button", name="Set the focus").focus()
        page.keyboard.press("Enter")
        page.locator(".focus-panel [role=status]", has_text="Set.").wait_for()
        page.locator("#kept", has_text="Draft kept").wait_for()
        picture.refresh_from_db()
        assert picture.focus_x == (1.0 if width == DESK else -1.0)
        here.check()
