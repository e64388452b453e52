"""Reading a policy: what cannot be read is told with line and field."""

from __future__ import annotations

import contextlib
import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.publishing.policy.engine import check_content
from folkmoot.publishing.policy.loading import LONGEST, CannotRead, default_text, load
from folkmoot.publishing.policy.registry import Window
from folkmoot.publishing.policy.shipped import CannotAdd, missing, with_rule
from folkmoot.publishing.policy.subject import Piece, Subject


def problems(text: str) -> list[str]:
    with pytest.raises(CannotRead) as caught:
        load(text)
    return [str(each) for each in caught.value.problems]


RULE = "rules:\n- id: a\n  check: alt_text\n  severity: warn\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- a", ["line 1: A policy is a list of rules under “rules:”."]),
        ("rules: 3", ["line 1: rules: This has to be a list."]),
        ("version: 2\nrules: []", ["line 1: version: Only version 1 is known."]),
        (
            "rule: []",
            ["line 1: rule: Nothing is known under this name. Expected: rules."],
        ),
        (
            "rules:\n- id: a\n  chek: alt_text\n",
            [
                "line 2: check: This is missing.",
                "line 2: severity: This is missing.",
                "line 3: chek: There is no “chek”. Did you mean “check”?",
            ],
        ),
        (RULE.replace("warn", "wran"), ["line 4: severity: There is no “wran”. Did you mean “warn”?"]),
        (
            RULE.replace("alt_text", "alttext"),
            ["line 3: check: There is no “alttext”. Did you mean “alt_text”?"],
        ),
        (
            RULE.replace("id: a", "id: A b"),
            ["line 2: id: Use small letters, figures and hyphens, at most 60."],
        ),
        (RULE + RULE[7:], ["line 5: id: Another rule is called “a” (line 2)."]),
        (RULE + "  severity: info\n", ["line 5: severity: This stands here twice."]),
        (RULE + "  params: {lest: 3}\n", ["line 5: params.lest: There is no “lest”. Did you mean “least”?"]),
        (RULE + "  params:\n    least: x\n", ["line 6: params.least: A whole number is expected here."]),
        (RULE + "  params: [a]\n", ["line 5: params: Names with values are expected here."]),
        (
            RULE + "  params: {look_for: [pictures]}\n",
            [
                "line 5: params.look_for: There is no “pictures”. Known: caption, file_name, length, missing, opening.",
            ],
        ),
        (
            RULE + "  when: {chanel: x}\n",
            ["line 5: when.chanel: There is no “chanel”. Did you mean “channel”?"],
        ),
        (RULE + "  when: {channel: []}\n", ["line 5: when.channel: At least one value is expected here."]),
        (RULE + "  unless: {tag: {a: b}}\n", ["line 5: unless.tag: A list of texts is expected here."]),
        ("a: &x 1\nb: *x", ["line 1: Anchors (& and *) are not taken here."]),
        ("x" * (LONGEST + 1), [f"A policy has at most {LONGEST} characters."]),
    ],
)
def test_what_cannot_be_read(text: str, said: list[str]) -> None:
    assert problems(text) == said


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ('{from: "25:00"}', "params.from: A time such as “22:00” is expected here, in quotation marks."),
        ("{from: [a]}", "params.from: A single value is expected here."),
    ],
)
def test_times(params: str, said: str) -> None:
    assert problems(f"rules:\n- id: a\n  check: quiet_hours\n  severity: info\n  params: {params}\n") == [
        f"line 5: {said}"
    ]


def test_days_and_windows() -> None:
    head = "rules:\n- id: a\n  check: {}\n  severity: info\n  params: {}\n"
    (holidays,) = load(head.format("holidays", "{days: [12-25, 2026-05-01, 02-29]}")).rules
    assert holidays.params == {"days": ((0, 12, 25), (2026, 5, 1), (0, 2, 29)), "weekends": False}
    (freeze,) = load(
        head.format("freeze", "{windows: [{from: 2026-05-01, to: 2026-05-02, why: we move}]}")
    ).rules
    assert freeze.params["windows"] == (Window(dt.date(2026, 5, 1), dt.date(2026, 5, 2), "we move"),)
    day = "A day such as 2026-12-25, or 12-25 for every year, is expected here."
    assert problems(head.format("holidays", "{days: [2026-02-30]}")) == [f"line 5: params.days: {day}"]
    assert problems(head.format("freeze", "{windows: [{from: 2026-05-02, to: 2026-05-01}]}")) == [
        "line 5: params.windows: This ends before it begins."
    ]
    assert problems(head.format("freeze", "{windows: [{from: 2026-05-02}]}")) == [
        "line 5: params.windows: Each is a “from”, a “to” and a “why”."
    ]


def test_no_yaml_is_told_with_its_line() -> None:
    (said,) = problems("rules:\n- id: [a\n")
    assert said.startswith("line 3: This is no YAML: ")


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(CannotRead):
        load(text)


def test_an_empty_policy_finds_nothing() -> None:
    assert load("").rules == ()
    assert load("rules:\n").rules == ()


def test_the_shipped_policy_can_be_read() -> None:
    rules = load(default_text()).rules
    assert {"alt-text", "secrets", "consent", "sponsor", "length", "embargo", "mentions"} == {
        rule.id for rule in rules if rule.severity == "block"
    }


def test_conditions() -> None:
    text = (
        "rules:\n- id: a\n  check: language\n  severity: warn\n"
        "  when: {platform: [mastodon, bluesky], tag: News}\n  unless: {author: ada@example.org}\n"
        "  message: '{what} Really.'\n  fix: Ask Zoe.\n"
    )
    rules = load(text)

    def said(**more: object) -> list[tuple[str, str]]:
        subject = Subject(parts=(Piece("Hi"),), **more)  # type: ignore[arg-type]
        return [(each.message, each.fix) for each in check_content(subject, rules)]

    hit = [("Nobody said in which language it is. Really.", "Ask Zoe.")]
    assert said(platform="Mastodon", tags=frozenset({"news"})) == hit
    assert said(platform="slack", tags=frozenset({"news"})) == []
    assert said(platform="mastodon") == []
    assert said(platform="mastodon", tags=frozenset({"news"}), author="ADA@example.org\nAda") == []


def test_a_language_stands_for_its_kinds() -> None:
    rules = load(
        "rules:\n- id: a\n  check: required\n  severity: warn\n  params: {fields: x}\n  when: {language: es}\n"
    )
    found = {
        language: len(check_content(Subject(parts=(), language=language), rules))
        for language in ("es", "es-MX", "ES", "en", "")
    }
    assert found == {"es": 1, "es-MX": 1, "ES": 1, "en": 0, "": 0}


# ------------------------------------------------------------------ shipped rules that a policy lacks


OWN = """# ours
version: 1
rules:
  # pictures
  - id: alt-text
    check: alt_text
    severity: block
  - id: few-hashtags  # from our meeting
    check: hashtag_case
    severity: warn
    when:
      platform: [mastodon,
                 bluesky]

  # nothing after this
"""
FOLDED = """rules:
    - id: r
      check: length
      severity: info
      message: >
        Too
        long
"""
CONTRAST = "- id: contrast\n  check: contrast\n  severity: warn\n"


def in_by(by: int) -> str:
    return "".join(f"{' ' * by}{line}\n" for line in CONTRAST.splitlines())


def test_the_shipped_rules_that_a_policy_lacks_with_its_own_that_are_alike() -> None:
    assert missing(default_text()) == []
    offers = {offer.rule.id: [rule.id for rule in offer.alike] for offer in missing(OWN)}
    assert list(offers) == [rule.id for rule in load(default_text()).rules if rule.id != "alt-text"]
    assert {name: alike for name, alike in offers.items() if alike} == {
        "alt-text-words": ["alt-text"],
        "hashtags": ["few-hashtags"],
    }
    assert missing("rules: [") == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (OWN, OWN.replace("bluesky]\n", "bluesky]\n" + in_by(2))),
        (
            "rules:\n- {id: r, check: length, severity: info}\nversion: 1\n",
            "rules:\n- {id: r, check: length, severity: info}\n" + in_by(0) + "version: 1\n",
        ),
        (
            FOLDED,
            FOLDED + in_by(4),
        ),
        ("rules: []\n", "rules:\n" + in_by(2)),
        ("rules:\nversion: 1\n", "rules:\n" + in_by(2) + "version: 1\n"),
        ("version: 1  # the only one\n", "version: 1  # the only one\nrules:\n" + in_by(2)),
        ("", "rules:\n" + in_by(2)),
        (
            "rules: [{id: r, check: length, severity: info},]\n",
            "rules: [{id: r, check: length, severity: info}, {id: contrast, check: contrast, severity: warn}]\n",
        ),
        (
            "{rules: [{id: r, check: length, severity: info}]}\n",
            "{rules: [{id: r, check: length, severity: info}, {id: contrast, check: contrast, severity: warn}]}\n",
        ),
    ],
)
def test_a_shipped_rule_is_put_behind_the_last_and_the_rest_stays(before: str, after: str) -> None:
    assert with_rule(before, "contrast") == after
    assert with_rule(after, "contrast") == after


def test_every_shipped_rule_can_be_added_one_after_the_other() -> None:
    text = OWN
    for offer in missing(OWN):
        text = with_rule(text, offer.rule.id)
    assert missing(text) == []
    shipped = {rule.id: replace(rule, line=0) for rule in load(default_text()).rules}
    added = [replace(rule, line=0) for rule in load(text).rules[2:]]
    assert added == [rule for rule in shipped.values() if rule.id != "alt-text"]


@pytest.mark.parametrize(
    ("text", "rule", "words"),
    [
        ("rules: []\n", "nothing", "No shipped rule is called “nothing”."),
        ("{version: 1}\n", "contrast", "write it among them"),
        ("rules: [{id: r, check: length, severity: info} # so\n]\n", "contrast", "write it among them"),
    ],
)
def test_what_cannot_be_added_is_said(text: str, rule: str, words: str) -> None:
    with pytest.raises(CannotAdd, match=words):
        with_rule(text, rule)
