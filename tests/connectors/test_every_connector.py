"""What every platform for posts declares is what it does: asked of each connector that there is."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.connectors.base import Access, Connector, Readback, Sender, connectors, load
from folkmoot.connectors.posts import (
    MEDIUM,
    Ability,
    Card,
    Content,
    Limits,
    Media,
    Mention,
    PostConnector,
    Unit,
)

load()
EVERY = [
    each
    for each in connectors
    if isinstance(each, PostConnector) and type(each).__module__.startswith("folkmoot.")
]
RICH = "Café 👩‍💻👨‍👩‍👧 in 東京: see https://example.org/a_(b)?c=d#e, #OpenScience @ana 🇪🇸!"
DOCS = Path(__file__).parents[2] / "docs" / "channels.md"
#: What a sender does for each ability; without it the base says no.
DOES = {
    Ability.CORRECT: "correct",
    Ability.WITHDRAW: "withdraw",
    Ability.FIGURES: "figures",
    Ability.FOLLOWERS: "followers",
    Ability.READ_BACK: "reconcile",
}

every = pytest.mark.parametrize("connector", EVERY, ids=[each.key for each in EVERY])


def senders_of(connector: Connector) -> list[type[Sender]]:
    """The kinds of lines that a connector's module makes, or takes from its own package."""
    module = __import__(type(connector).__module__, fromlist=["x"])
    found = [one for one in vars(module).values() if isinstance(one, type) and issubclass(one, Sender)]
    return [one for one in found if one is not Sender]


def test_there_are_some() -> None:
    assert {"linkedin-page", "linkedin-person", "x"} <= {each.key for each in EVERY}


@every
def test_it_says_what_it_is(connector: PostConnector) -> None:
    assert connector.medium == MEDIUM
    assert str(connector.label).strip()
    assert connector.icon
    assert connector.guide, "what somebody has to do there first"
    assert all(str(sentence).strip().endswith((".", ":", "!", "?", ")")) for sentence in connector.guide)
    assert connector.proof in ("server", "documentation")
    assert connector.key == connector.key.lower()


@every
def test_what_it_asks_for_is_explained(connector: PostConnector) -> None:
    names = [one.name for one in connector.settings]
    assert len(names) == len(set(names))
    for one in connector.settings:
        assert str(one.label).strip(), one.name
        if re.search(r"secret$|token$|password$|^key$", one.name):
            assert one.is_secret, one.name
    for scope in connector.scopes:
        assert scope.name.strip()
        assert str(scope.why).strip(), scope.name
    if connector.sign_in is not None:
        assert connector.scopes, "whoever is sent there is told which rights are asked for, and why"
        assert set(connector.sign_in.needs) <= set(names)
    for option in connector.options:
        assert option.kind in ("text", "number", "choice", "flag")
        assert option.kind != "choice" or option.default in {"", *(value for value, _label in option.choices)}


@every
def test_its_limits_are_sane(connector: PostConnector) -> None:
    limits = connector.limits_of(None)
    numbers = {name: value for name, value in vars(limits).items() if isinstance(value, int)}
    assert min(numbers.values()) >= 0
    assert limits.unit in Unit
    assert limits.least <= (limits.text or limits.least)
    assert limits.least_title <= (limits.title or limits.least_title)
    assert limits.parts >= 1
    assert all(re.fullmatch(r"image/[a-z]+", kind) for kind in limits.types)
    assert connector.pace is None or connector.pace > 0
    assert connector.limits_of(Access(1)) == limits


@every
def test_what_it_can_do_fits_its_limits(connector: PostConnector) -> None:
    limits, can = connector.limits_of(None), connector.abilities
    assert can <= set(Ability)
    assert (Ability.IMAGES in can) == (limits.images > 0)
    assert Ability.ALT not in can or Ability.IMAGES in can
    assert (Ability.THREAD in can) == (limits.parts > 1)
    assert Ability.TITLE in can or not limits.least_title


@every
def test_how_it_is_asked_after_a_lost_answer(connector: PostConnector) -> None:
    looks = list(connector.looks)
    assert looks == sorted(looks)
    assert bool(looks) == (connector.readback is not Readback.NONE), "it is looked for where it can be"
    assert (Ability.READ_BACK in connector.abilities) == (connector.readback is not Readback.NONE)


@every
def test_what_it_declares_it_does(connector: PostConnector) -> None:
    lines = senders_of(connector)
    if connector.is_manual:
        return
    assert lines, "a connector has a line that it opens"
    for ability, name in DOES.items():
        own = any(getattr(line, name) is not getattr(Sender, name) for line in lines)
        assert own or ability not in connector.abilities, f"{ability.value} is declared, and nothing does it"
    facts = any(line.facts is not Sender.facts for line in lines)
    assert facts or Ability.LIMITS not in connector.abilities


@every
def test_a_rich_text_is_measured_and_shown_whole(connector: PostConnector) -> None:
    content = Content(RICH, title="A title", mentions=(Mention("@ana", "ana"),))
    limits = connector.limits_of(None)
    for measure in connector.measures(content, limits):
        assert 0 < measure.length <= 4 * len(RICH.encode()), measure
        assert measure.left == measure.limit - measure.length
        assert measure.is_over == (measure.length > measure.limit)
    shown = connector.segments(content)
    assert all(segment.text for segment in shown)
    assert {segment.kind for segment in shown} <= {"text", "link", "mention", "tag", "strong"}
    assert any("example.org" in (segment.url or segment.text) for segment in shown)
    assert connector.written(Mention("@ana", "ana"))


@every
def test_too_much_is_refused_in_words(connector: PostConnector) -> None:
    limits = connector.limits_of(None)
    if limits.text:
        long = Content("ab " * limits.text, title="A title that is long enough")
        assert any("too long" in words for words in connector.problems(long.as_payload()))
    assert connector.problems(Content("").as_payload())
    pictures = tuple(Media("x.png", "image/png", "A moot") for _ in range(limits.images + 1))
    many = Content(
        "Enough words to be a post that somebody wants.", title="A long enough title", media=pictures
    )
    assert any("pictures" in words.lower() for words in connector.problems(many.as_payload()))


@every
def test_what_costs_has_a_cap(connector: PostConnector) -> None:
    price = connector.price(Content("Hello", title="Hello").as_payload())
    if price is not None:
        assert price > 0
        (cap,) = [one for one in connector.settings if one.name == "monthly_cap"]
        assert (cap.kind, cap.is_required) == ("number", True)


@every
def test_the_docs_tell_of_it(connector: PostConnector) -> None:
    headings = re.findall(r"^#{2,3} (.+)$", DOCS.read_text(), re.MULTILINE)
    label = str(connector.label).casefold()
    assert any(label.startswith(heading.casefold()) for heading in headings), (label, headings)


# --- payloads

short = st.text(max_size=30)
media = st.builds(
    Media,
    file=short,
    type=st.sampled_from(["image/png", "image/jpeg"]),
    alt=short,
    width=st.integers(0, 9000),
    height=st.integers(0, 9000),
    size=st.integers(0, 10**7),
    focus=st.tuples(st.floats(-1, 1), st.floats(-1, 1)),
    sha256=short,
)
contents = st.builds(
    Content,
    text=short,
    title=short,
    language=st.sampled_from(["", "en", "es"]),
    link=short,
    media=st.lists(media, max_size=3).map(tuple),
    mentions=st.lists(st.builds(Mention, short, short, short), max_size=3).map(tuple),
    card=st.none() | st.builds(Card, short, short, short, st.none() | media),
    marker=short,
    part=st.integers(1, 9),
    parts=st.integers(1, 9),
    options=st.dictionaries(short, short | st.booleans() | st.integers(-9, 9), max_size=3),
)


@given(contents)
def test_a_payload_holds_a_content_whole(content: Content) -> None:

    assert Content.of(content.as_payload()) == content
    assert Content.of(json.loads(json.dumps(content.as_payload()))) == content


@given(contents)
def test_no_content_makes_a_connector_stumble(content: Content) -> None:
    for connector in EVERY:
        limits: Any = connector.limits_of(None)
        assert isinstance(limits, Limits)
        connector.measures(content, limits)
        connector.segments(content)
        assert all(words.strip() for words in connector.problems(content.as_payload()))


def test_warnings_and_offers_are_asked_of_all() -> None:
    for connector in EVERY:
        assert isinstance(connector.is_offered(), bool)
        assert all(words.strip() for words in connector.warnings(Access(1)))
