"""Each built-in check, over plain data: what it finds, and what it leaves alone."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from folkmoot.publishing.policy import loading
from folkmoot.publishing.policy.checks.dates import named_days
from folkmoot.publishing.policy.checks.hashtags import capitals
from folkmoot.publishing.policy.checks.readability import reading_ease, syllables
from folkmoot.publishing.policy.checks.times import shingles
from folkmoot.publishing.policy.engine import check_content
from folkmoot.publishing.policy.loading import load
from folkmoot.publishing.policy.registry import checks
from folkmoot.publishing.policy.rules import Ruleset
from folkmoot.publishing.policy.subject import Count, LinkFacts, Other, Picture, Piece, Subject, links_in

NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


def ruleset(check: str, params: str = "{}") -> Ruleset:
    return load(f"rules:\n- id: it\n  check: {check}\n  severity: warn\n  params: {params}\n")


def about(text: str = "", **more: Any) -> Subject:
    piece = {name: more.pop(name) for name in ("pictures", "counts") if name in more}
    part = Piece(text, links=links_in(text), **piece)
    return Subject(**{"parts": (part,), "now": NOON, "due_at": NOON, "language": "en", **more})


def found(check: str, subject: Subject, params: str = "{}") -> list[str]:
    """The words that a check finds."""
    return [each.found for each in check_content(subject, ruleset(check, params))]


def said(check: str, subject: Subject, params: str = "{}") -> list[str]:
    return [each.message for each in check_content(subject, ruleset(check, params))]


# ------------------------------------------------------------------ pictures


@pytest.mark.parametrize(
    ("alt", "words"),
    [
        ("", ["a.png has no description."]),
        (None, ["a.png has no description."]),
        ("IMG_2041.jpeg", ["The description of a.png is a file's name."]),
        ("Screenshot 2026-11-20", ["The description of a.png is a file's name."]),
        ("a.png", ["The description of a.png is a file's name."]),
        ("Image of a kite", ["The description of a.png begins with “Image of”."]),
        ("Foto de una cometa", ["The description of a.png begins with “foto de”."]),
        ("Come to the kite festival!", ["The description of a.png repeats what stands beside it."]),
        ("x" * 51, ["The description of a.png has 51 characters, and 50 are taken."]),
        ("A red kite over the sea", []),
    ],
)
def test_descriptions_of_pictures(alt: str | None, words: list[str]) -> None:
    subject = about("Come to the kite festival!", pictures=(Picture("a.png", alt),), alt_limit=50)
    assert [each.replace("“image of”", "“Image of”") for each in said("alt_text", subject)] == words


def test_pictures_are_large_enough_and_of_a_wanted_type() -> None:
    small = Picture("a.png", "A kite", type="image/gif", width=100, height=900, size=2000)
    assert said(
        "image", about(pictures=(small,)), "{least_side: 200, most_bytes: 1000, types: [image/png]}"
    ) == [
        "a.png is small: 100 × 900 pixels.",
        "a.png has 2000 bytes, and at most 1000 are wanted.",
        "a.png is image/gif, which is not wanted.",
    ]
    assert said("image", about(pictures=(Picture("b.png", "A kite"),))) == []


def test_people_in_pictures_agreed_to_be_shown() -> None:
    shown = Picture("a.png", "Two people", shows_people=True, people=("Ada", "Bo"), unagreed=("Bo",))
    nobody = Picture("b.png", "A crowd", shows_people=True)
    assert said("consent", about(pictures=(shown, nobody))) == [
        "Bo did not agree to be shown (a.png).",
        "b.png shows people, and nobody said who they are.",
    ]


# ------------------------------------------------------------------ words


@pytest.mark.parametrize(
    ("tag", "better"),
    [
        ("openscience", "OpenScience"),
        ("researchsoftwareengineering", "ResearchSoftwareEngineering"),
        ("cienciaabierta", "CienciaAbierta"),
        ("pyopensci", "pyOpenSci"),
        ("accessibility", ""),
        ("together", ""),
        ("OpenScience", ""),
        ("numpy", ""),
        ("carpets", ""),
        ("xqzzyzx", ""),
    ],
)
def test_capitals_of_hashtags(tag: str, better: str) -> None:
    assert capitals(tag) == better


def test_hashtags_are_few_and_have_letters() -> None:
    text = "#One #Two #Three #2026 see https://example.org/#fragment #openscience"
    assert said("hashtag_case", about(text), "{most: 3}") == [
        "#openscience is read as one word.",
        "#2026 is no hashtag: it needs a letter.",
        "4 hashtags are more than 3.",
    ]
    assert said("hashtag_case", about("#fooconf"), "{known: [FooConf, '#Foo']}") == []
    assert found("hashtag_case", about("#foolibraryday"), "{known: [FooLibraryDay]}") == ["#foolibraryday"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("We did it 🎉🎉🎉", ["🎉🎉🎉"]),
        ("We did it 🎉 🎉 🎉", ["🎉 🎉 🎉"]),
        ("We did it 🎉🎉", []),
        ("👩🏽‍💻👨‍👩‍👧 two", []),
        ("🇪🇸🇫🇷🇵🇹", ["🇪🇸🇫🇷🇵🇹"]),
        ("1️⃣2️⃣3️⃣", ["1️⃣2️⃣3️⃣"]),
        ("✅ one\n✅ two\n✅ three", ["✅"]),
        ("h🍩llo", ["🍩"]),
        ("𝗕𝗼𝗹𝗱 words", ["𝗕𝗼𝗹𝗱"]),
        ("Ⓕⓤⓛⓛ", ["Ⓕⓤⓛⓛ"]),
        ("a ≤ 3, 25 °C, © 2026, naïve", []),
    ],
)
def test_emoji(text: str, words: list[str]) -> None:
    assert found("emoji_run", about(text)) == words


def test_fancy_letters_have_a_plain_writing() -> None:
    (finding,) = check_content(about("𝐎𝐩𝐞𝐧 science"), ruleset("emoji_run"))
    assert (finding.found, finding.instead) == ("𝐎𝐩𝐞𝐧", "Open")


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("PyOpenSci and Pybamm", [("PyOpenSci", "pyOpenSci"), ("Pybamm", "PyBaMM")]),
        ("pyOpenSci's people, PyBaMM, NumPy", []),
        ("pip install numpy", []),
        ("Numpy arrays", [("Numpy", "NumPy")]),
        ("Jupyter Lab, Jupyter Notebook", [("Jupyter Lab", "JupyterLab")]),
        ("a Mastodn server, mastodons", [("Mastodn", "Mastodon")]),
        ("https://pyopensci.org, @pyopensci@fosstodon.org, #pyopensci, me@pyopensci.org", []),
        ("GITHUB", []),
    ],
)
def test_names(text: str, pairs: list[tuple[str, str]]) -> None:
    assert [(each.found, each.instead) for each in check_content(about(text), ruleset("names"))] == pairs


def test_names_of_the_community() -> None:
    params = "{names: {Folkmoot: [Folk Moot]}, leave: [GitHub]}"
    text = "Folk Moot, folkmoot, Folkmot, Github"
    assert found("names", about(text), params) == ["Folk Moot", "folkmoot", "Folkmot"]


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("Add it to the whitelist, you guys", "en", ["whitelist", "you guys"]),
        ("the allow list, everybody", "en", []),
        ("The history of the slave trade", "en", []),
        ("una lista negra", "es", ["lista negra"]),
        ("una lista negra", "en", []),
        ("una lista negra, the whitelist", "", ["lista negra", "whitelist"]),
        ("see https://example.org/whitelist", "en", []),
    ],
)
def test_inclusive_words(text: str, language: str, words: list[str]) -> None:
    assert sorted(found("inclusive", about(text, language=language))) == sorted(words)


def test_inclusive_words_of_the_community() -> None:
    params = "{kinds: [tech], leave: [whitelist], terms: {rockstar: [expert]}}"
    findings = check_content(about("A rockstar, a whitelist, a blacklist"), ruleset("inclusive", params))
    assert [(each.found, each.fix) for each in findings] == [
        ("rockstar", "Perhaps: expert"),
        ("blacklist", "Perhaps: deny list, denied"),
    ]


# ------------------------------------------------------------------ links, fields, secrets


def test_links() -> None:
    text = (
        "http://example.org https://bit.ly/x https://gone.example/a https://shut.example/b "
        "https://example.org/?utm_source=m"
    )
    facts = {"https://gone.example/a": LinkFacts(404), "https://shut.example/b": LinkFacts(403)}
    subject = about(text, link_facts=facts)
    assert said("links", subject) == [
        "http://example.org is not https.",
        "bit.ly hides where the link leads.",
        "https://gone.example/a does not answer (404).",
        "https://example.org/?utm_source=m lacks utm_medium, utm_campaign.",
    ]
    assert said("links", subject, "{look_for: [tracking]}") == [
        "https://example.org/?utm_source=m carries utm_source."
    ]
    assert said("links", about("https://www.example.org/a"), "{own: [example.org], utm: [utm_source]}") == [
        "https://www.example.org/a lacks utm_source."
    ]
    assert said("links", about("https://[bad and http://[worse]")) == []


def test_a_page_that_is_yet_to_come() -> None:
    facts = {"https://example.org/new": LinkFacts(404)}
    waits = about("Read it", link="https://example.org/new", link_facts=facts, waits_for_link=True)
    hurries = about("Read it", link="https://example.org/new", link_facts=facts)
    assert (said("links", waits), len(said("links", hurries))) == ([], 1)
    early = about("Read it", embargo_until=NOON + dt.timedelta(hours=1))
    assert said("links", early) == ["It is planned before its embargo ends (2026-11-20 13:00 UTC)."]


def test_length_as_the_platform_counts() -> None:
    counts = (Count("The text", 301, 300, "characters"), Count("The title", 5, 100))
    subject = about("x" * 301, counts=counts, title="A long title")
    assert said("length", subject, "{most: 300, title: 5}") == [
        "The text is too long: 301 of 300 characters.",
        "The text has 301 characters, and the rule wants at most 300.",
        "The title has 12 characters, and the rule wants at most 5.",
    ]


def test_language_fields_and_sponsor() -> None:
    assert said("language", about("Hola", language="")) == ["Nobody said in which language it is."]
    assert said("language", about("Hola", language="es")) == []
    subject = about("We met", fields={"campaign": True, "owner": False})
    assert found("required", subject, "{fields: [campaign, owner, tags]}") == ["owner", "tags"]
    assert said("sponsor", about("We met", sponsor="Acme")) == [
        "Acme paid for this, and the text does not say so."
    ]
    assert said("sponsor", about("We met, supported by ACME", sponsor="Acme")) == []
    assert said("sponsor", about("Acme is great", sponsor="Acme")) == [
        "Acme paid for this, and the text does not say so."
    ]


def test_mentions() -> None:
    subject = about(
        "Thanks @[zoe], @ada and @bo@example.social, mail to x@y.example",
        platform="mastodon",
        unknown=("max",),
        nameless=("Cy",),
    )
    assert sorted(found("mentions", subject)) == ["@[max]", "@[zoe]", "@ada", "Cy"]
    assert found("mentions", about("@ada", platform="slack")) == []
    assert found("mentions", about("@ada and @ada.example.org", platform="bluesky")) == ["@ada"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Write to ada@example.org.", ["ada@example.org"]),
        ("@ada@example.social is there", []),
        ("Call +49 170 1234567 or (555) 123-4567", ["+49 17…", "(555) …"]),
        ("ISBN 978-3-16-148410-0, doi 10.5281/zenodo.1234567, 2026-11-20, v1.2.3-4567", []),
        ("https://example.org/tel/+491701234567", []),
        ("ghp_" + "a1" * 18, ["ghp_a1…"]),
        ("xoxb-123456789012-abc", ["xoxb-1…"]),
        ("AKIA" + "ABCDEFGH12345678", ["AKIAAB…"]),
        ("-----BEGIN RSA PRIVATE KEY-----", ["-----B…"]),
        ("https://me:secret@example.org/", ["https://…"]),
    ],
)
def test_personal_data_and_secrets(text: str, words: list[str]) -> None:
    assert found("personal", about(text)) == words


def test_addresses_that_may_be_public() -> None:
    assert (
        found("personal", about("info@example.org, a@b.example"), "{leave: [example.org, a@b.example]}") == []
    )


# ------------------------------------------------------------------ time


def other(text: str, hours: float) -> Other:
    return Other("Another", text, NOON + dt.timedelta(hours=hours))


def test_duplicates() -> None:
    text = "Join us for the sprint on packaging next week, all are welcome"
    near = other(text + "! https://example.org", -24 * 10)
    assert said("duplicate", about(text, others=(near,))) == [
        "It is much like “Another” (2026-11-10): 100 % the same."
    ]
    assert (
        said("duplicate", about(text, others=(other(text, -24 * 31), other("Something else entirely", 1))))
        == []
    )
    assert shingles("") == frozenset()
    assert shingles("Two words") == frozenset({"two words"})


def test_conflicts() -> None:
    subject = about("Hi", others=(other("a", 0.5), other("b", 3)), apart_minutes=60)
    assert said("conflict", subject) == ["“Another” is 30 minutes away, and 60 are wanted between two posts."]
    assert len(said("conflict", subject, "{minutes: 240}")) == 2
    assert said("conflict", about("Hi", others=(other("a", 0),))) == []


def test_quiet_hours_in_the_channels_zone() -> None:
    night = about("Hi", due_at=dt.datetime(2026, 11, 20, 21, 30, tzinfo=dt.UTC), zone="Europe/Madrid")
    assert said("quiet_hours", night) == ["22:30 is in the quiet hours (22:00 to 07:00, Europe/Madrid)."]
    assert said("quiet_hours", night, '{from: "00:00", to: "06:00"}') == []
    assert said("quiet_hours", about("Hi", due_at=None)) == []


def test_holidays_and_frozen_days() -> None:
    christmas = about("Hi", due_at=dt.datetime(2026, 12, 24, 23, 30, tzinfo=dt.UTC), zone="Europe/Madrid")
    assert said("holidays", christmas) == ["2026-12-25 is a holiday."]
    saturday = about("Hi", due_at=dt.datetime(2026, 11, 21, 9, tzinfo=dt.UTC))
    assert said("holidays", saturday, "{weekends: true, days: [2027-01-06]}") == ["2026-11-21 is a weekend."]
    frozen = "{windows: [{from: 2026-11-19, to: 2026-11-20, why: we move}]}"
    assert said("freeze", about("Hi"), frozen) == ["Nothing leaves from 2026-11-19 to 2026-11-20: we move"]
    assert said("freeze", saturday, frozen) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Tuesday, 24 November 2026", []),
        ("Monday, 24 November 2026", ["Monday, 24 November 2026"]),
        ("Mon Nov 24", ["Mon Nov 24"]),
        ("Tue Nov 24th", []),
        ("24 November 2026 (Monday)", ["24 November 2026 (Monday)"]),
        ("martes, 24 de noviembre de 2026", []),
        ("lunes 24 de noviembre", ["lunes 24 de noviembre"]),
        ("Friday 2026-11-20", []),
        ("Thursday, 2026-11-20", ["Thursday, 2026-11-20"]),
        ("Saturday, 30 February 2027", ["Saturday, 30 February 2027"]),
        ("Wednesday, March 4, 2020", []),
        ("Register by 3 November 2026.", ["3 November 2026"]),
        ("We released it on 3 November 2026.", []),
        ("You may register. We met on 3 November 2026.", []),
        ("Sunday roast in May 20 times", []),
    ],
)
def test_dates(text: str, words: list[str]) -> None:
    assert found("dates", about(text), "{look_for: [weekday, past]}") == words


def test_what_a_wrong_weekday_is_told() -> None:
    assert said("dates", about("Monday, 24 November 2026"), "{look_for: [weekday]}") == [
        "Monday, 24 November 2026: 2026-11-24 is a Tuesday."
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("at 15:00", ["15:00"]),
        ("at 15:00 UTC", []),
        ("at 3 pm Eastern", []),
        ("at 3pm", ["3pm"]),
        ("a las 15:00 (hora de Madrid)", []),
        ("15:00 Europe/Berlin", []),
        ("John 3:16pm? ratio 3:1, 12:34:56, chapter 10.30", ["3:16pm", "12:34:56"]),
        ("2026-11-20T09:00Z", []),
    ],
)
def test_times_have_a_zone(text: str, words: list[str]) -> None:
    assert found("dates", about(text), "{look_for: [zone], around: 15}") == words


def test_days_that_a_text_names() -> None:
    named = named_days("From 3 May to Friday, May 8th, 2026, not 2026-13-01x")
    assert [(each.words, each.month, each.day, each.year, each.weekday) for each in named] == [
        ("3 May", 5, 3, None, None),
        ("Friday, May 8th, 2026", 5, 8, 2026, 4),
    ]


# ------------------------------------------------------------------ reading


def test_readability() -> None:
    assert round(reading_ease(100, 10, 120, "en")) == 95
    assert round(reading_ease(100, 10, 200, "es")) == 77
    assert [syllables(word) for word in ("the", "table", "make", "información", "rhythm")] == [1, 2, 1, 4, 1]
    hard = (
        "Interdisciplinary infrastructural considerations necessitate organizational reconfiguration. " * 25
    )
    (only,) = said("readability", about(hard))
    assert only.startswith("It is hard to read: reading ease -")
    assert said("readability", about("We met. It was fun. " * 60)) == []
    long = "We " + "and we " * 30 + "went."
    assert said("readability", about(long), "{sentence: 40, words: 1000}") == ["A sentence has 62 words."]


# ------------------------------------------------------------------ all of them


def test_every_check_says_what_it_does_and_where_its_rule_comes_from() -> None:
    loading.load(loading.default_text())
    for check in checks:
        assert check.about, check.key
        assert check.source, check.key
        assert len({param.name for param in check.params}) == len(check.params)
        assert list(check.find(Subject(parts=()), check.defaults)) is not None, check.key


def test_checks_are_fast() -> None:
    """A post of 3,000 characters is checked by all rules in a few milliseconds; the limit is far above."""
    import time

    subject = about("Join us on Friday, 20 November 2026 at 15:00 UTC for pyOpenSci! #OpenScience " * 40)
    check_content(subject)
    began = time.process_time()
    for _each in range(5):
        check_content(subject)
    assert (time.process_time() - began) / 5 < 0.25
