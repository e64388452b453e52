"""Whether the texts of cards can be read: measured in pictures that are drawn, told on their pages and of posts."""

from __future__ import annotations

import colorsys
from typing import Any

import pytest
from django.test import Client

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.community import Community
from folkmoot.kernel.ui import accent
from folkmoot.outbox.models import Channel
from folkmoot.publishing.actions import cards as actions
from folkmoot.publishing.cards import drawing, seeds
from folkmoot.publishing.cards.contrast import faint_texts
from folkmoot.publishing.cards.faint import Faint
from folkmoot.publishing.models import CardTemplate, Media
from tests.publishing.test_policy_posts import found, only, written
from tests.publishing.test_series_pages import card


def _palest(hue: float) -> str:
    """The palest colour of a hue (0 to 1) that a community may choose."""
    red, green, blue = (round(part * 255) for part in colorsys.hsv_to_rgb(hue, 1, 1))
    bright = accent.text((red, green, blue))
    pale = accent.too_pale(bright)
    return bright if pale is None else pale.better


#: Folkmoot's own, and the palest of six hues.
ACCENTS = ["", *(_palest(hue / 6) for hue in range(6))]


def measured(
    body: str, *, ground: str = "#ffffff", width: int = 600
) -> list[tuple[str, float, float, str, str]]:
    """What is hard to read of a pattern 600 units wide."""
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="600" height="300" viewBox="0 0 600 300">'
        f'<rect width="600" height="300" fill="{ground}"/>{body}</svg>'
    )
    return [
        (one.text, one.ratio, one.least, one.ink, one.ground) for one in faint_texts(svg, width, width // 2)
    ]


# ------------------------------------------------------------------ what is measured


def words(text: str, fill: str, size: float = 20, **more: str) -> str:
    said = " ".join(f'{name.replace("_", "-")}="{value}"' for name, value in more.items())
    return f'<text x="20" y="60" font-size="{size:g}" fill="{fill}" {said}>{text}</text>'


def box(fill: str, width: int = 600) -> str:
    return f'<rect width="{width}" height="300" fill="{fill}"/>'


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # 4.54 and 4.47 to 1 on white.
        (words("grey", "#767676"), []),
        (words("grey", "#777777"), [("grey", 4.4, 4.5, "#777777", "#ffffff")]),
        # 3.03 to 1: enough for large text only, as it is shown.
        (words("large", "#949494", 24), []),
        (words("large", "#949494", 23), [("large", 3.0, 4.5, "#949494", "#ffffff")]),
        (words("bold", "#949494", 19, font_weight="700"), []),
        (words("thin", "#949494", 19, font_weight="300"), [("thin", 3.0, 4.5, "#949494", "#ffffff")]),
        (f'<g transform="scale(2)">{words("scaled", "#949494", 12)}</g>', []),
        (f'<g transform="scale(0.5)">{words("small", "#949494", 40)}</g>', [("small", 3.0, 4.5, "#949494", "#ffffff")]),
        # What is inherited, written as a style, of a part of a text, or empty.
        ('<g style="fill:#bbb"><text x="9" y="60">styled</text></g>', [("styled", 1.9, 4.5, "#bbbbbb", "#ffffff")]),
        (words('dark <tspan fill="#ccc">light</tspan>', "#000"), [("light", 1.6, 4.5, "#cccccc", "#ffffff")]),
        (words(" ", "#fff"), []),
        # Colours that let the ground through, grounds that are drawn or change, and what covers a text.
        (words("through", "#000", opacity="0.3"), [("through", 2.1, 4.5, "#b2b2b2", "#ffffff")]),
        (f"{box('#000')}{words('night', '#fff')}", []),
        (f"{box('#000', 60)}{words('half of it', '#000', 40)}", [("half of it", 1.0, 3.0, "#000000", "#000000")]),
        (f"{words('covered', '#000', 40)}{box('#eee')}", [("covered", 1.0, 3.0, "#eeeeee", "#eeeeee")]),
        (words("unseen", "none"), [("unseen", 1.0, 4.5, "#ffffff", "#ffffff")]),
        (words("outline", "none", 60, stroke="#000", stroke_width="3"), []),
    ],
)  # fmt: skip
def test_each_text_against_what_lies_under_it(body: str, expected: list[Any]) -> None:
    assert measured(body) == expected


def test_letters_are_judged_in_the_size_in_which_a_feed_shows_them() -> None:
    """Twice as wide a picture is shown half as large, and half as wide a one as it is."""
    body = words("large", "#949494", 30)
    assert measured(body, width=1200) == measured(body) == []
    assert [row[:3] for row in measured(body, width=300)] == [("large", 3.0, 4.5)]


def test_a_colour_that_can_be_read_is_named() -> None:
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="600" height="300">'
        f'<rect width="600" height="300" fill="{{}}"/>{words("a", "#999")}</svg>'
    )
    for ground in ("#ffffff", "#000000", "#888888"):
        for one in faint_texts(svg.format(ground), 600, 300):
            better = accent.contrast(accent.parse(one.better), accent.parse(ground))
            assert better >= 4.5
    assert [one.better for one in faint_texts(svg.format("#ffffff"), 600, 300)] == ["#737373"]


# -------------------------------------------------------------------------- the first cards


@pytest.mark.django_db
@pytest.mark.parametrize("colour", ACCENTS)
def test_the_first_cards_can_be_read_in_every_accent(colour: str) -> None:
    seeds.load()
    Community(pk=1, name="Tidewater Commons", accent=colour).save()
    for row in CardTemplate.objects.all():
        assert drawing.faint_texts(row, actions.examples(row)) == (), (row.name, colour)


@pytest.mark.django_db
def test_a_pale_accent_would_be_found_in_the_first_cards() -> None:
    seeds.load()
    Community(pk=1, name="Tidewater Commons", accent="#e0d040").save()  # the form takes none so pale
    told = {
        row.name: [(one.text, one.least) for one in drawing.faint_texts(row, actions.examples(row))]
        for row in CardTemplate.objects.order_by("name")
    }
    assert told == {
        "Event": [("20 November 2026, 15:00 UTC", 3.0)],
        "Milestone": [],
        "Package accepted": [("Tidewater Commons", 4.5)],
        "Quote": [("“", 3.0)],
    }


# ---------------------------------------------------------------------------- what is told

PALE = '<text x="5" y="50" font-size="20" fill="#cccccc">{{ title }}</text>'
PROBLEM = "“Hello” is hard to read: its contrast is 1.6 to 1, and 4.5 is needed."
REMEDY = (
    "In the card&#x27;s pattern, take #757575 for this text, which is seen as #cccccc on #ffffff, or another ground; "
    "then draw the picture again."
)


@pytest.mark.django_db
def test_pages_of_cards_tell_it(as_alice: Client) -> None:
    good, bad = card(name="Good"), card(PALE, name="Bad")
    pages = {
        "/publishing/cards/": 1,
        f"/publishing/cards/{good.pk}/draw/": 0,
        f"/publishing/cards/{good.pk}/edit/": 0,
        f"/publishing/cards/{bad.pk}/draw/": 1,
        f"/publishing/cards/{bad.pk}/edit/": 1,
        "/publishing/cards/new/": 0,
    }
    for page, number in pages.items():
        html = as_alice.get(page).content.decode()
        assert (html.count(PROBLEM), html.count(REMEDY)) == (number, number), page
    actions.set_card_aside(card=bad, actor=None)
    assert PROBLEM not in as_alice.get("/publishing/cards/").content.decode()


@pytest.mark.django_db
def test_a_picture_keeps_it_and_a_post_that_shows_it_is_told(
    as_alice: Client, wanda: User, channel: Channel
) -> None:
    good, bad = card(name="Good"), card(PALE, name="Bad")
    fine = actions.draw_card(card=good, values={"title": "Hello"}, actor=None)
    pale = actions.draw_card(card=bad, values={"title": "Hello"}, actor=None)
    assert Media.objects.get(pk=fine.pk).faint == []
    assert [Faint(**row).text for row in Media.objects.get(pk=pale.pk).faint] == ["Hello"]
    html = as_alice.get(f"/publishing/pictures/{pale.pk}/").content.decode()
    assert (html.count(PROBLEM), html.count(REMEDY)) == (1, 1)
    assert PROBLEM not in as_alice.get(f"/publishing/pictures/{fine.pk}/").content.decode()
    post = written("Us", wanda, channel, media=[[(fine, "One"), (pale, "Two")]])
    told = [("contrast", f"Bad.png: {PROBLEM}", channel.name)]
    assert found(post, ruleset=only("contrast")) == told
    # The rules that a community begins with warn of it, and block nothing.
    assert [row for row in found(post) if row[0] == "contrast"] == told
