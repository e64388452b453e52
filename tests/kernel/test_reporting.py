"""What reports are made of: numbers as words, changes, findings."""

from __future__ import annotations

import pytest

from folkmoot.kernel.reporting import (
    Better,
    Column,
    Direction,
    Figure,
    Section,
    Table,
    Text,
    Tone,
    Unit,
    change,
    fraction_in_words,
    listed,
    write_number,
)


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        (0, Unit.COUNT, "0"),
        (1043, Unit.COUNT, "1,043"),
        (2.25, Unit.COUNT, "2.2"),
        (None, Unit.COUNT, "–"),
        (0.614, Unit.SHARE, "61 %"),
        (0.0, Unit.SHARE, "0 %"),
        (0.042, Unit.SHARE, "4.2 %"),
        (1.0, Unit.SHARE, "100 %"),
        (None, Unit.SHARE, "–"),
        (1, Unit.DAYS, "1 day"),
        (38, Unit.DAYS, "38 days"),
    ],
)
def test_numbers_are_written_for_people(value: float | None, unit: Unit, written: str) -> None:
    assert write_number(value, unit) == written


@pytest.mark.parametrize(
    ("value", "other", "unit", "better", "text", "words", "tone"),
    [
        (58, 52, Unit.COUNT, Better.UP, "▲ 6 on then", "up 6 on then", Tone.GOOD),
        (52, 58, Unit.COUNT, Better.UP, "▼ 6 on then", "down 6 on then", Tone.BAD),
        (38, 21, Unit.DAYS, Better.DOWN, "▲ 17 days on then", "up 17 days on then", Tone.BAD),
        (20, 21, Unit.DAYS, Better.DOWN, "▼ 1 day on then", "down 1 day on then", Tone.GOOD),
        (9, 4, Unit.COUNT, Better.NEITHER, "▲ 5 on then", "up 5 on then", Tone.NEUTRAL),
        (7, 7, Unit.COUNT, Better.UP, "= the same as then", "the same as then", Tone.NEUTRAL),
        (0.61, 0.6, Unit.SHARE, Better.UP, "▲ 1 point on then", "up 1 point on then", Tone.GOOD),
        (0.611, 0.612, Unit.SHARE, Better.UP, "= the same as then", "the same as then", Tone.NEUTRAL),
    ],
)
def test_a_change_is_told_by_sign_words_and_tone(
    value: float, other: float, unit: Unit, better: Better, text: str, words: str, tone: Tone
) -> None:
    found = change(value, other, against="then", unit=unit, better=better)
    assert found is not None
    assert (found.text, found.words, found.tone, found.value) == (text, words, tone, other)
    assert (found.direction is Direction.SAME) == (found.size == "")


@pytest.mark.parametrize(("value", "other"), [(None, 1), (1, None), (None, None)])
def test_what_is_not_known_did_not_change(value: int | None, other: int | None) -> None:
    assert change(value, other, against="then") is None


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.5, "half"), (0.66, "two thirds"), (0.34, "a third"), (0.25, "a quarter"), (0.76, "three quarters"),
     (0.6, "60 %"), (0.9, "90 %"), (0.0, "0 %")],
)  # fmt: skip
def test_a_share_in_words(share: float, words: str) -> None:
    assert fraction_in_words(share) == words


def test_lists_in_words() -> None:
    assert [listed(words) for words in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]


def test_neighbours_of_a_kind_stand_together() -> None:
    one, two, three = (Figure(key, key, 1) for key in "abc")
    text = Text("between")
    assert Section("s", "S", (one, two, text, three)).runs() == [
        (Figure, [one, two]),
        (Text, [text]),
        (Figure, [three]),
    ]


def test_a_table_is_written_by_its_columns() -> None:
    table = Table("t", "T", (Column("Name"), Column("Items", Unit.COUNT), Column("Share", Unit.SHARE)),
                  (("a", 1200, 0.5), ("b", None, None)))  # fmt: skip
    assert list(table.written()) == [("a", "1,200", "50 %"), ("b", "–", "–")]
