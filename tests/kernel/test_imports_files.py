"""Uploads that mean harm, or are merely odd; which heading means which field."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from folkmoot.kernel.imports import columns, files
from folkmoot.kernel.imports.sources import Column, FileProblem, Source

SOURCE = Source("made-up", "Made up", "Test.", "folder", "people.manage", files=("*.yml", "people.csv"))


@pytest.fixture(autouse=True)
def data_folder(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path / "data"
    return tmp_path / "data"


def archive(fill: Callable[[zipfile.ZipFile], object]) -> SimpleUploadedFile:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as zipped:
        fill(zipped)
    return SimpleUploadedFile("all.zip", content.getvalue())


def link(zipped: zipfile.ZipFile) -> None:
    entry = zipfile.ZipInfo("people.csv")
    entry.external_attr = 0o120777 << 16
    zipped.writestr(entry, "/etc/passwd")


@pytest.mark.parametrize(
    ("fill", "reason"),
    [
        (lambda z: z.writestr("../people.csv", "x"), "leads out of the archive"),
        (lambda z: z.writestr("a/../../people.csv", "x"), "leads out of the archive"),
        (lambda z: z.writestr("/people.csv", "x"), "leads out of the archive"),
        (lambda z: z.writestr("..\\people.csv", "x"), "leads out of the archive"),
        (lambda z: z.writestr("C:/people.csv", "x"), "leads out of the archive"),
        (link, "leads out of the archive"),
        (lambda z: None, "holds no file"),
        (lambda z: z.writestr("readme.txt", "x"), "is not of “Made up”"),
        (lambda z: [z.writestr(f"{n}.yml", "x") for n in range(6)], "holds more than 5 files"),
        # A thousand times smaller packed than unpacked: the size is counted as it is written.
        (lambda z: z.writestr("people.csv", b"0" * 3_000_000), "is too large: an import takes up to 2 MB"),
    ],
)
def test_archives_that_cannot_be_trusted_are_refused_and_leave_nothing(
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    data_folder: Path,
    tmp_path: Path,
    fill: Callable[[zipfile.ZipFile], object],
    reason: str,
) -> None:
    settings.IMPORT_MAX_BYTES = 2 * 1024 * 1024
    monkeypatch.setattr(files, "MOST_FILES", 5)
    with pytest.raises(FileProblem, match=reason):
        files.take_in(SOURCE, [archive(fill)])
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_an_archive_cut_in_the_middle_is_broken() -> None:
    whole = archive(lambda z: z.writestr("people.csv", "name\n" + "Ada\n" * 999)).read()
    with pytest.raises(FileProblem, match="is a broken ZIP"):
        files.take_in(SOURCE, [SimpleUploadedFile("all.zip", whole[: len(whole) // 2])])


def test_an_archive_whose_content_was_damaged_is_broken() -> None:
    whole = bytearray(archive(lambda z: z.writestr("people.csv", "name\n" + "Ada\n" * 999)).read())
    whole[45] ^= 0xFF
    with pytest.raises(FileProblem, match="is a broken ZIP"):
        files.take_in(SOURCE, [SimpleUploadedFile("all.zip", bytes(whole))])


def test_folders_are_kept_and_a_single_outer_one_is_opened() -> None:
    sent = archive(lambda z: [z.writestr("export/people.csv", "x"), z.writestr("export/team/a.yml", "y")])
    root, origin = files.take_in(SOURCE, [sent])
    assert [path.relative_to(root).as_posix() for path in files.files_in(root)] == [
        "people.csv",
        "team/a.yml",
    ]
    assert origin == "all.zip"


def test_an_upload_is_removed_and_nothing_else(data_folder: Path, tmp_path: Path) -> None:
    root, _origin = files.take_in(SOURCE, [SimpleUploadedFile("people.csv", b"name\n")])
    other = tmp_path / "elsewhere"
    other.mkdir()
    files.remove_upload(other)
    files.remove_upload(data_folder)
    files.remove_upload(root / "people.csv")
    assert other.exists()
    assert list(data_folder.glob("imports/*")) == []


def test_the_fingerprint_is_of_the_content_and_of_what_was_said(tmp_path: Path) -> None:
    def made(name: str, content: str) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "people.csv").write_text(content)
        return folder

    first, same, other = made("a", "x"), made("b", "x"), made("c", "y")
    print_of = files.fingerprint(SOURCE, first, {}, {})
    assert files.fingerprint(SOURCE, same, {}, {}) == print_of
    assert files.fingerprint(SOURCE, other, {}, {}) != print_of
    assert files.fingerprint(SOURCE, first, {"staff": ["a"]}, {}) != print_of
    assert files.fingerprint(SOURCE, first, {}, {"name": "Name"}) != print_of
    (same / ".git").mkdir()
    (same / ".git" / "HEAD").write_text("changes with every commit")
    assert files.fingerprint(SOURCE, same, {}, {}) == print_of
    (same / "more.csv").write_text("")
    assert files.fingerprint(SOURCE, same, {}, {}) != print_of


TABLE = Source(
    "table",
    "Table",
    "Test.",
    "file",
    "people.manage",
    columns=(
        Column("name", "Name", required=True, known_as=("full name",)),
        Column("email", "E-mail", known_as=("mail",)),
        Column("about", "About"),
    ),
)


def test_headings_are_recognised_whatever_their_case_and_dashes() -> None:
    assert columns.recognise(TABLE, ["FULL-NAME", "e_mail", "other"]) == {
        "name": "FULL-NAME",
        "email": "e_mail",
    }


def test_what_a_person_says_goes_before_what_is_recognised() -> None:
    found = ["Name", "Mail", "Nickname"]
    assert columns.settle(TABLE, found, {"name": "nickname"}, file="x") == {
        "name": "Nickname",
        "email": "Mail",
    }
    assert columns.settle(TABLE, found, {"email": ""}, file="x") == {"name": "Name"}
    assert columns.settle(TABLE, found, {"about": "Mail"}, file="x") == {"name": "Name", "about": "Mail"}


@pytest.mark.parametrize(
    ("found", "said", "field", "reason"),
    [
        (["Who"], {}, "name", "no column is known to hold it: say which (--map name=HEADING); there are Who"),
        (["Name"], {"name": "Nom"}, "name", "there is no column “Nom”; there are Name"),
        (["Name"], {"nom": "Name"}, "nom", "there is no such field; there are name, email, about"),
    ],
)
def test_a_mapping_that_cannot_be_is_told(
    found: list[str], said: dict[str, str], field: str, reason: str
) -> None:
    with pytest.raises(FileProblem) as problem:
        columns.settle(TABLE, found, said, file="people.csv")
    assert (problem.value.file, problem.value.field, problem.value.reason) == ("people.csv", field, reason)
