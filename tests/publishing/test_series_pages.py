"""Pages of series, pools, templates and cards."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client
from PIL import Image

from folkmoot.kernel.saving import current_version
from folkmoot.kernel.undo import undo
from folkmoot.publishing.actions import cards as card_actions
from folkmoot.publishing.actions import series as actions
from folkmoot.publishing.cards import drawing, seeds
from folkmoot.publishing.forms import rhythms
from folkmoot.publishing.models import CardTemplate, Media, Occurrence, PoolItem, PostTemplate, Series
from folkmoot.publishing.series import rules
from tests.outbox import faulty
from tests.publishing.planning import make_channel

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 3, 20, 12, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def platforms() -> Iterator[None]:
    yield from faulty.register()


def posted(client: Client, address: str, **values: Any) -> Any:
    return client.post(address, values)


@time_machine.travel(NOW, tick=False)
def test_a_series_from_its_form_to_its_next_moments(as_alice: Client) -> None:
    answer = posted(
        as_alice,
        "/publishing/templates/new/",
        name="Tuesdays",
        title="Tuesday {{ date }}",
        text="Hello {{ nope }}",
    )
    assert answer.status_code == 422
    assert "There is no gap {{ nope }}" in answer.content.decode()
    posted(as_alice, "/publishing/templates/new/", name="Tuesdays", title="Tuesday {{ date }}", text="Hello")
    text = PostTemplate.objects.get()
    answer = posted(as_alice, "/publishing/series/new/", kind="recurring")
    assert answer["Location"] == "/publishing/series/new/recurring/"
    fields = {
        "name": "Tuesdays",
        "template": text.pk,
        "how": "weekly",
        "days": ["TU"],
        "starts": "2026-03-01T09:00",
        "zone": "Europe/Berlin",
        "days_ahead": 14,
        "tags": "spotlight",
        "channels": [make_channel().pk],
    }
    answer = posted(
        as_alice, "/publishing/series/new/recurring/", **{**fields, "how": "own", "rrule": "FREQ=HOURLY"}
    )
    assert answer.status_code == 422
    assert "A rule begins with how often" in answer.content.decode()
    answer = posted(as_alice, "/publishing/series/new/recurring/", **fields)
    row = Series.objects.get()
    assert answer["Location"] == f"/publishing/series/{row.pk}/"
    page = as_alice.get(f"/publishing/series/{row.pk}/").content.decode()
    assert "every week, on Tuesday" in page
    assert page.count("to be made") == 12
    assert (row.rrule, [tag.name for tag in row.tags.all()]) == ("FREQ=WEEKLY;BYDAY=TU", ["spotlight"])
    form = as_alice.get(f"/publishing/series/{row.pk}/edit/").content.decode()
    assert re.findall(r'name="(how|days)" value="(\w+)"[^>]* checked', form) == [
        ("how", "weekly"),
        ("days", "TU"),
    ]
    posted(as_alice, f"/publishing/series/{row.pk}/skip/", wall_time="2026-03-24T09:00")
    assert Occurrence.objects.get().skipped_at == NOW
    posted(as_alice, f"/publishing/series/{row.pk}/skip/", wall_time="2026-03-24T09:00", back="1")
    assert Occurrence.objects.count() == 0
    posted(as_alice, f"/publishing/series/{row.pk}/pause/")
    row.refresh_from_db()
    assert row.paused_at == NOW


def test_texts_of_a_pool(as_alice: Client) -> None:
    row = Series.objects.create(name="Pool", kind="evergreen", rrule="FREQ=DAILY", starts="2026-03-01T09:00")
    posted(
        as_alice,
        f"/publishing/series/{row.pk}/texts/new/",
        title="Hi",
        text="Hello",
        language="en",
        is_active="on",
    )
    item = PoolItem.objects.get()
    assert (item.series, item.text, item.is_active) == (row, "Hello", True)
    assert "Hello" in as_alice.get(f"/publishing/series/{row.pk}/").content.decode()
    used = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    PoolItem.objects.update(used_at=used, uses=3)
    item.refresh_from_db()
    removed = actions.remove_item(item=item, actor=None)
    assert PoolItem.objects.count() == 0
    undo(what=removed, actor=None)
    item = PoolItem.objects.get()
    assert (item.text, item.used_at, item.uses) == ("Hello", used, 3)
    page = as_alice.post(f"/publishing/series/texts/{item.pk}/remove/", follow=True).content.decode()
    assert "is out of the pool." in page
    as_alice.post(re.findall(r'action="(/publishing/posts/undo/[^"]+)"', page)[0])
    assert PoolItem.objects.get().text == "Hello"


def test_a_picture_is_chosen_by_looking(as_alice: Client) -> None:
    row = Series.objects.create(name="Pool", kind="evergreen", rrule="FREQ=DAILY", starts="2026-03-01T09:00")
    one, other = (
        card_actions.draw_card(card=card(name=name), values={"title": name}, actor=None)
        for name in ("Ebb", "Flood")
    )
    page = as_alice.get(f"/publishing/series/{row.pk}/texts/new/").content.decode()
    assert re.findall(r'type="radio" name="media" value="(\d*)" (checked)?', page) == [
        ("", "checked"),
        (str(other.pk), ""),
        (str(one.pk), ""),
    ]
    found = as_alice.get(f"/publishing/series/texts/pictures/?find=Flood&media={one.pk}").content.decode()
    assert re.findall(r'value="(\d*)" (checked)?', found) == [
        ("", ""),
        (str(one.pk), "checked"),
        (str(other.pk), ""),
    ]
    address = f"/publishing/series/{row.pk}/texts/new/"
    gap = posted(as_alice, address, title="Hi", text="{{ nope }}").content.decode()
    assert '<a href="#id_text">Text: There is no gap {{ nope }}' in gap
    posted(as_alice, address, title="Hi", text="Hello", media=one.pk, is_active="on")
    assert PoolItem.objects.get().media == one
    assert posted(as_alice, address, title="Hi", text="Hello", media="99999").status_code == 422


@pytest.mark.parametrize(
    ("how", "days", "rule", "words"),
    [
        ("weekly", ["MO", "TH"], "FREQ=WEEKLY;BYDAY=MO,TH", "every week, on Monday, Thursday"),
        ("fortnightly", ["TU"], "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "every 2 weeks, on Tuesday"),
        ("first", ["MO"], "FREQ=MONTHLY;BYDAY=1MO", "every month, on the first Monday"),
        ("last", ["FR"], "FREQ=MONTHLY;BYDAY=-1FR", "every month, on the last Friday"),
    ],
)
def test_usual_rhythms(how: str, days: list[str], rule: str, words: str) -> None:
    assert rhythms.rule(how, days) == rule
    assert rhythms.read(rule) == (how, days)
    assert rules.checked(rule) == rule
    assert rules.in_words(rule) == words


def test_other_rules_are_written_by_hand() -> None:
    for text in (
        "",
        "FREQ=DAILY",
        "FREQ=MONTHLY;BYDAY=MO",
        "FREQ=MONTHLY;BYDAY=1MO,-1FR",
        "FREQ=WEEKLY;COUNT=3;BYDAY=MO",
    ):
        assert rhythms.read(text) == ("own", [])


def test_a_rule_that_never_comes_round_is_none() -> None:
    with pytest.raises(ValidationError) as raised:
        rules.checked("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")
    assert raised.value.messages == ["No day meets this rule: it never comes round."]


def test_an_edit_in_between_is_not_lost(as_alice: Client) -> None:
    text = PostTemplate.objects.create(name="T", title="T", text="t")
    text.save()
    old = current_version(text)
    fields = {"name": "T", "title": "Mine", "text": "t", "seen": old}
    posted(as_alice, f"/publishing/templates/{text.pk}/edit/", **{**fields, "title": "Theirs"})
    answer = posted(as_alice, f"/publishing/templates/{text.pk}/edit/", **fields)
    assert answer.status_code == 422
    assert "Saved meanwhile: Theirs" in answer.content.decode()


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("address", "queries"), [("/publishing/series/", 7), ("/publishing/templates/", 7)])
def test_lists_ask_the_same_however_long_they_are(
    as_alice: Client, rows: int, address: str, queries: int, django_assert_num_queries: Any
) -> None:
    for number in range(rows):
        text = PostTemplate.objects.create(name=f"T{number}", title="T", text="t")
        Series.objects.create(
            name=f"S{number}", kind="recurring", rrule="FREQ=DAILY", starts="2026-03-01T09:00", template=text
        )
    as_alice.get(address)
    with django_assert_num_queries(queries):
        as_alice.get(address)


# --------------------------------------------------------------------- cards

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="100"><rect width="200" height="100" fill="#fff"/>'


def card(body: str = '<text x="5" y="50">{{ title }}</text>', **more: Any) -> CardTemplate:
    values: Any = {
        "name": "C",
        "svg": f"{SVG}{body}</svg>",
        "fields": [{"name": "title", "label": "Title", "example": "Hello", "width": 10, "lines": 1}],
        "alt": "A card: {{ title }}",
        "width": 200,
        "height": 100,
        **more,
    }
    return card_actions.save_card(card=None, values=values, actor=None)


def test_the_first_cards_are_drawn_in_their_size() -> None:
    assert seeds.load() == 4
    assert seeds.load() == 0
    for row in CardTemplate.objects.all():
        drawn = drawing.draw(row, card_actions.examples(row))
        picture = Image.open(io.BytesIO(drawn.content))
        assert (picture.format, picture.size) == ("PNG", (1200, 675))
        assert (
            len(picture.convert("RGB").getcolors(1_000_000) or []) > 20
        )  # letters were set: edges have many shades


def test_facts_are_text_whatever_they_hold() -> None:
    row = card()
    assert "&lt;b&gt;&amp;&quot;" in drawing.filled(row, {"title": '<b>&"'})
    one = card_actions.draw_card(card=row, values={"title": "Hello <b>"}, actor=None)
    again = card_actions.draw_card(card=row, values={"title": "Hello <b>"}, actor=None)
    assert one.pk == again.pk
    assert (one.alt, one.card, one.card_values) == ("A card: Hello <b>", row, {"title": "Hello <b>"})


def test_long_facts_are_broken_into_lines_and_cut() -> None:
    field = drawing.Field("quote", "Quote", width=10, lines=2)
    assert drawing.lines_of("one two three four five six", field) == ["one two", "three…"]
    assert drawing.lines_of("one", field) == ["one", ""]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("<script/>", "<script> is not taken"),
        ('<image href="https://a.example/x.png"/>', "<image> is not taken"),
        ('<rect fill="url(https://a.example/#x)"/>', "reaches outside"),
        ('<rect onclick="x()"/>', "reaches outside"),
        ("<text>{{ nope }}</text>", "There is no field {{ nope }}"),
        ("<text>", "Line 1"),
        ("<!DOCTYPE svg>", "without a DOCTYPE"),
    ],
)
def test_a_pattern_stays_inside_itself(body: str, words: str) -> None:
    with pytest.raises(ValidationError) as raised:
        card(body)
    assert words in " ".join(raised.value.message_dict["svg"])
    assert CardTemplate.objects.count() == 0


def test_a_card_is_drawn_from_its_page(as_alice: Client) -> None:
    row = card()
    assert as_alice.get("/publishing/cards/").status_code == 200
    picture = as_alice.get(f"/publishing/cards/{row.pk}/example.png")
    assert picture["Content-Type"] == "image/png"
    answer = posted(as_alice, f"/publishing/cards/{row.pk}/draw/", title="")
    assert "Fill in at least one of these." in answer.content.decode()
    answer = posted(as_alice, f"/publishing/cards/{row.pk}/draw/", title="Wavefold")
    media = Media.objects.get()
    assert answer["Location"] == f"/publishing/pictures/{media.pk}/"
    assert media.alt == "A card: Wavefold"
    fields = {"name": "C", "alt": "x", "svg": row.svg, "width": 200, "height": 100}
    answer = posted(
        as_alice, f"/publishing/cards/{row.pk}/edit/", fields_text="title | Title | a | many | 1", **fields
    )
    assert "Line 1: write name" in answer.content.decode()
