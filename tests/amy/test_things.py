"""Dumps in every shape: each thing comes out once, with its line; what is no dump says where and why."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from folkmoot.kernel.imports.sources import FileProblem, Reading
from folkmoot.people.imports.amy import things as reader
from folkmoot.people.imports.amy.things import dumped, sorted_things
from tests.amy.dump import changed, comment, consent, person, register, role, text_of


@pytest.fixture(autouse=True)
def _data(tmp_path: Path, settings: Any) -> None:
    settings.DATA_DIR = tmp_path / "data"


def read(path: Path, models: list[str]) -> list[tuple[str, str, int | None]]:
    reading = Reading(path)  # what was sorted goes with it
    found = sorted_things(reading, models)
    return [(thing.model, thing.pk, thing.line) for thing in found.things(models)]


def problem(path: Path) -> tuple[int | None, str]:
    with pytest.raises(FileProblem) as caught:
        read(path, ["workshops.person"])
    assert caught.value.file == path.name
    return caught.value.line, caught.value.reason


def two() -> list[dict[str, Any]]:
    return [person(1), person(2)]


SHAPES = {
    "list": lambda text: text.encode(),
    "mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "utf-16": lambda text: text.encode("utf-16"),
    "gzip": lambda text: gzip.compress(text.encode()),
    "bzip2": lambda text: bz2.compress(text.encode()),
    "xz": lambda text: lzma.compress(text.encode()),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("block", [7, 1 << 20])
def test_every_shape_reads_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shape: str, block: int
) -> None:
    monkeypatch.setattr(reader, "_BLOCK", block)
    path = tmp_path / "amy.json"
    path.write_bytes(SHAPES[shape](text_of(two())))
    lines = text_of(two()).splitlines()
    starts = [number for number, line in enumerate(lines, 1) if line == "  {"]
    assert read(path, ["workshops.person"]) == [
        ("workshops.person", "1", starts[0]),
        ("workshops.person", "2", starts[1]),
    ]
    assert [thing["fields"] for _line, thing in dumped(path)] == [one["fields"] for one in two()]


def test_one_line_and_a_line_each(tmp_path: Path) -> None:
    one, each = tmp_path / "one.json", tmp_path / "each.jsonl"
    one.write_text(text_of(two(), indent=None))
    each.write_text(text_of(two(), lines=True))
    assert read(one, ["workshops.person"]) == [("workshops.person", "1", 1), ("workshops.person", "2", 1)]
    assert read(each, ["workshops.person"]) == [("workshops.person", "1", 1), ("workshops.person", "2", 2)]


def test_models_come_in_the_order_asked_and_nothing_secret_is_written(tmp_path: Path) -> None:
    path = tmp_path / "amy.json"
    path.write_text(text_of([role(1), *two(), consent(9)]))
    reading = Reading(path)
    found = sorted_things(reading, ["consents.consent", "workshops.person"])
    assert [thing.key for thing in found.things(["workshops.person", "consents.consent"])] == [
        "workshops.person/1",
        "workshops.person/2",
        "consents.consent/9",
    ]
    assert found.counts == {"communityroles.communityrole": 1, "workshops.person": 2, "consents.consent": 1}
    on_disk = "".join(file.read_text() for file in found.folder.iterdir())
    assert "pbkdf2" not in on_disk
    assert "Quispe1" in on_disk
    folder = found.folder
    assert sorted_things(reading, []) is found
    del reading
    assert not folder.exists()


def test_what_a_killed_process_left_is_removed_after_a_day(tmp_path: Path, settings: Any) -> None:
    left = {
        name: Path(settings.DATA_DIR) / "imports" / name
        for name in ("reading-old", "reading-new", "new-upload")
    }
    for folder in left.values():
        folder.mkdir(parents=True)
    for name in ("reading-old", "new-upload"):
        os.utime(left[name], (1, 1))
    path = tmp_path / "amy.json"
    path.write_text(text_of(two()))
    read(path, ["workshops.person"])
    assert [name for name, folder in left.items() if folder.exists()] == ["reading-new", "new-upload"]


def natural(thing: dict[str, Any], *, primary: bool = False, **fields: Any) -> dict[str, Any]:
    found = changed(thing, **fields)
    if primary:
        del found["pk"]
    return found


def test_natural_keys_of_people_and_kinds(tmp_path: Path) -> None:
    path = tmp_path / "amy.json"
    kind = {
        "model": "contenttypes.contenttype",
        "pk": 12,
        "fields": {"app_label": "workshops", "model": "event"},
    }
    path.write_text(
        text_of(
            [
                consent(1, person=["quispe7_grace"]),
                comment(1),
                comment(2, content_type=12),
                comment(3, content_type=99),
                kind,
                person(7),
            ]
        )
    )
    found = sorted_things(reading := Reading(path), ["consents.consent", "django_comments.comment"])
    assert [thing.fields["person"] for thing in found.things(["consents.consent"])] == ["7"]
    assert [thing.fields["content_type"] for thing in found.things(["django_comments.comment"])] == [
        "workshops.person",
        "workshops.event",
        99,
    ]
    both = tmp_path / "both.json"
    both.write_text(text_of([natural(person(7), primary=True), consent(1, person=["quispe7_grace"])]))
    found = sorted_things(reading := Reading(both), ["consents.consent", "workshops.person"])
    assert [thing.pk for thing in found.things(["workshops.person"])] == ["quispe7_grace"]
    assert [thing.fields["person"] for thing in found.things(["consents.consent"])] == ["quispe7_grace"]
    del reading


def test_people_without_numbers_named_by_number_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "amy.json"
    path.write_text(text_of([natural(person(7), primary=True), consent(1, person=7)]))
    line, reason = problem(path)
    assert line is None
    assert "--natural-primary but without --natural-foreign" in reason
    assert "consents.consent" in reason


WHOLE = text_of(two())
BROKEN: dict[str, tuple[bytes, int | None, str]] = {
    "empty": (b"", None, "is empty"),
    "spaces": (b" \n ", None, "is empty"),
    "xml": (b"<?xml version='1.0'?><django-objects/>", 1, "is XML or HTML"),
    "yaml": (b"\n- model: workshops.person", 2, "is no JSON dump: it begins with “-”"),
    "cut in the middle of a text": (WHOLE[:300].encode(), WHOLE[:300].count("\n") + 1, "ends in the middle"),
    "cut between": (b"[" + json.dumps(person(1)).encode() + b",\n", 2, "ends in the middle"),
    "not closed": (b"[" + json.dumps(person(1)).encode(), 1, "ends in the middle"),
    "comma": (b"[" + json.dumps(person(1)).encode() + b"\n{}]", 2, "a comma is missing here"),
    "more": (WHOLE.encode() + b"\n{}", WHOLE.count("\n") + 2, "something follows the end"),
    "wrong inside": (
        WHOLE.replace('"Amaru"', "Amaru", 1).encode() + b" " * 99,
        None,
        "is no JSON: Expecting value",
    ),
    "latin-1": (WHOLE.replace("Grace", "Grâce", 1).encode("latin-1"), None, "is not UTF-8 (byte 0xe2)"),
    "gzip cut": (gzip.compress(WHOLE.encode())[:-20], None, "cannot be unpacked to its end"),
    "zip": (b"PK\x03\x04....", None, "is a ZIP archive"),
    "something else": (b'[{"model": "blog.post", "pk": 1, "fields": {}}]', None, "holds nothing of AMY's"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_no_dump_says_where_and_why(tmp_path: Path, what: str) -> None:
    raw, line, words = BROKEN[what]
    path = tmp_path / "amy.json"
    path.write_bytes(raw)
    said_line, reason = problem(path)
    assert words in reason
    if line is not None or what in ("empty", "spaces", "zip", "something else"):
        assert said_line == line
    if what in ("wrong inside", "latin-1"):
        wanted = '"middle"' if what == "wrong inside" else '"personal"'
        assert said_line == next(n for n, text in enumerate(WHOLE.splitlines(), 1) if wanted in text)


def test_what_is_no_object_of_a_dump_is_listed_and_the_rest_read(tmp_path: Path) -> None:
    path = tmp_path / "amy.json"
    things = [*two(), {"pk": 3}, {"model": "workshops.person", "pk": None, "fields": {}}]
    path.write_text("[1,\n" + ",\n".join(json.dumps(one) for one in things) + "]")
    found = sorted_things(Reading(path), ["workshops.person"])
    assert [(one.line, one.field) for one in found.broken] == [(1, ""), (4, ""), (5, "pk")]


def blocks() -> Iterator[str]:
    """A dump that never ends a text: it must not be read into memory whole."""
    yield '[{"model": "'
    while True:
        yield "x" * (1 << 20)


def test_a_broken_text_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MOST_CHARACTERS", 4 << 20)
    with pytest.raises(FileProblem) as caught:
        list(reader._objects("amy.json", blocks()))
    assert "Unterminated string" in caught.value.reason


def test_every_thing_of_the_register_is_written_whole() -> None:
    models = [one["model"] for one in register()]
    assert len(models) == 15
