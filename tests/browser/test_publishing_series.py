"""Series, pools, articles and cards, as a person meets them: keyboard, phone, dark, what is wrong, undo."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from folkmoot.kernel.accounts.models import User
from folkmoot.publishing.actions import articles, cards, series
from folkmoot.publishing.cards import seeds
from folkmoot.publishing.models import Article, CardTemplate, PoolItem, Post, PostTemplate, Series, Site
from tests.browser.conftest import DESK, PHONE, Visit
from tests.publishing.planning import make_channel

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Visit]
BODY = "# Tides\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```\n" + "tides " * 60 + "\n```\n"


@pytest.fixture
def text(db: None) -> PostTemplate:
    return PostTemplate.objects.create(name="Spotlight", title="Spotlight", text="Meet a package.")


@pytest.fixture
def pool(db: None) -> Series:
    """A pool of two texts, one with a picture; four pictures to choose from."""
    seeds.load()
    pictures = [
        cards.draw_card(card=card, values=cards.examples(card), actor=None)
        for card in CardTemplate.objects.order_by("name")
    ]
    row = Series.objects.create(
        name="Did you know?", kind="evergreen", rrule="FREQ=WEEKLY;BYDAY=FR", starts="2026-03-06T15:00"
    )
    row.channels.add(make_channel())
    for number, media in enumerate((pictures[0], None)):
        values = {
            "title": f"Fact {number}",
            "text": "Reviews are open. " * 12,
            "language": "en",
            "media": media,
        }
        series.save_item(series=row, item=None, values=values, actor=None)
    return row


@pytest.fixture
def article(db: None) -> Article:
    site = Site.objects.create(
        name="Harbour",
        generator="jekyll",
        repository="harbour/site",
        path="_posts/{date}-{slug}.md",
        address="https://harbour.example/blog/{slug}/",
    )
    row = articles.start_article(site=site, title="Tides", actor=None, day=dt.date(2026, 11, 20))
    Article.objects.filter(pk=row.pk).update(body=BODY)
    row.refresh_from_db()
    return row


@pytest.mark.parametrize(("width", "scheme"), [(DESK, "light"), (PHONE, "dark")])
def test_everywhere(
    visit: Open, alice: User, pool: Series, text: PostTemplate, article: Article, width: int, scheme: str
) -> None:
    window = visit(alice, width=width, scheme=scheme)
    for address in (
        f"series/{pool.pk}/",
        f"series/{pool.pk}/texts/new/",
        "series/new/recurring/",
        f"templates/{text.pk}/edit/",
        "cards/",
        f"articles/{article.pk}/",
        f"articles/{article.pk}/edit/",
        "sites/",
    ):
        window.go(f"/publishing/{address}")
        window.check()


def test_a_series_with_the_keyboard(visit: Open, alice: User, text: PostTemplate) -> None:
    window = visit(alice)
    page = window.go("/publishing/series/new/recurring/")
    own, days = page.get_by_label("Rule (RRULE)"), page.get_by_role("group", name="On these days")
    expect(own).to_be_hidden()
    page.get_by_label("Name").fill("Tuesdays")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")  # the text
    page.keyboard.press("Tab")
    assert window.focused() == "how"
    page.keyboard.press("ArrowUp")  # round to the last: another rule
    expect(own).to_be_visible()
    expect(days).to_be_hidden()
    own.fill("every tuesday")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("cannot stand in a rule")
    expect(page.get_by_label("Rule (RRULE)")).to_have_value("every tuesday")
    page.get_by_role("radio", name="Another rule").focus()
    page.keyboard.press("ArrowDown")  # round to the first: every week
    expect(own).to_be_hidden()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.get_by_role("checkbox", name="Tuesday")).to_be_checked()
    page.locator("[name=starts]").fill("2026-12-01T09:00")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Tuesdays")).to_be_visible()
    assert Series.objects.get().rrule == "FREQ=WEEKLY;BYDAY=TU"


def test_a_picture_is_found_and_a_text_comes_back(visit: Open, alice: User, pool: Series) -> None:
    window = visit(alice, width=PHONE)
    page = window.go(f"/publishing/series/{pool.pk}/")
    page.get_by_role("link", name="Edit Fact 1").click()
    group = page.get_by_role("group", name="Picture")
    expect(group.get_by_role("radio")).to_have_count(5)
    expect(group.get_by_role("radio", name="No picture")).to_be_checked()
    group.get_by_label("Find a picture").fill("Milestone")
    expect(group.get_by_role("radio")).to_have_count(2)
    group.get_by_label("Find a picture").press("Enter")  # finds, and saves nothing
    group.get_by_role("radio").last.check()
    group.get_by_label("Find a picture").fill("Quote")
    expect(group.get_by_role("radio")).to_have_count(3)
    expect(group.get_by_role("radio").nth(1)).to_be_checked()
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".pool img")).to_have_count(2)
    media = PoolItem.objects.get(title="Fact 1").media
    assert media
    assert media.name.startswith("Milestone")
    page.get_by_role("button", name="Remove Fact 1").click()
    expect(page.get_by_text("is out of the pool")).to_be_visible()
    expect(page.locator(".pool img")).to_have_count(1)
    window.check()
    page.get_by_role("button", name="Undo").last.click()
    expect(page.locator(".pool img")).to_have_count(2)


def test_an_article_is_seen_while_it_is_written_and_then_announced(
    visit: Open, alice: User, article: Article
) -> None:
    window = visit(alice, scheme="dark")
    page = window.go(f"/publishing/articles/{article.pk}/edit/")
    shown = page.get_by_role("region", name="As it reads")
    expect(shown.get_by_role("heading", name="Tides")).to_be_visible()
    page.get_by_label("Text").fill("## Ebb\n\nAnd *flood*.")
    expect(shown.get_by_role("heading", name="Ebb")).to_be_visible()
    expect(shown.locator("em")).to_have_text("flood")
    window.check()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Write a post about it").click()
    expect(page.get_by_label("Link", exact=False).first).to_have_value("https://harbour.example/blog/tides/")
    page.get_by_role("button", name="Save", exact=True).last.click()
    page.wait_for_load_state("networkidle")
    post = Post.objects.get()
    assert (post.article, post.waits_for_link, post.title) == (article, True, "Tides")
