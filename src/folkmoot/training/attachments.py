"""Files that strangers send along: which are taken, told by their content and never by their name."""

from __future__ import annotations

import io
import os
import zipfile
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from folkmoot.kernel.saving import line

#: Largest file, in bytes; files of one request.
LARGEST, MOST = 5 * 1024 * 1024, 10
FOLDER = "requests"
_BEGINNINGS = (
    (b"%PDF-", "application/pdf", ".pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png", ".png"),
    (b"\xff\xd8\xff", "image/jpeg", ".jpg"),
)
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_OPEN = {
    b"application/vnd.oasis.opendocument.text": ".odt",
    b"application/vnd.oasis.opendocument.spreadsheet": ".ods",
}
#: What stands beside a field for files.
TAKEN = "PDF, PNG, JPEG, Word, Excel, OpenDocument, text"


@dataclass(frozen=True)
class Taken:
    """A file that is taken: its content, its type as the content says, a name that fits the type."""

    content: bytes
    type: str
    name: str


def taken(upload: Any) -> Taken:
    """Read a file that somebody sent, and see what it is.

    Raises:
        ValidationError: it is empty, too large, or of a type that is not taken.
    """
    size = int(upload.size or 0)
    if size > LARGEST:
        raise ValidationError(
            _("This file has %(has).1f MB; %(most)d MB are the most. Send a smaller one.")
            % {"has": size / 1024 / 1024, "most": LARGEST // 1024 // 1024},
            code="large",
        )
    upload.seek(0)
    content: bytes = upload.read(LARGEST + 1)
    if not content:
        raise ValidationError(_("This file is empty."), code="empty")
    kind, ending = _kind(content)
    if not kind:
        raise ValidationError(
            _("By its content this is none of the types that are taken: %(types)s.") % {"types": TAKEN},
            code="type",
        )
    stem = os.path.splitext(os.path.basename(line(upload.name).replace("\\", "/")))[0][:150] or "file"
    return Taken(content, kind, stem + ending)


def _kind(content: bytes) -> tuple[str, str]:
    """Type and ending by content; empty where it is none that is taken."""
    for beginning, kind, ending in _BEGINNINGS:
        if content.startswith(beginning):
            return kind, ending
    if content.startswith(b"PK\x03\x04"):
        return _packed(content)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return "", ""
    plain = "\x00" not in text and not text.lstrip("\ufeff \t\r\n").startswith("<")
    return ("text/plain", ".txt") if plain else ("", "")


def _packed(content: bytes) -> tuple[str, str]:
    """Of ZIP files only documents of offices are taken, none with macros; nothing is unpacked but one short entry."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            if any(name.lower().endswith("vbaproject.bin") for name in names):
                return "", ""
            if "[Content_Types].xml" in names:
                if "word/document.xml" in names:
                    return _WORD, ".docx"
                return (_SHEET, ".xlsx") if "xl/workbook.xml" in names else ("", "")
            if "mimetype" in names and archive.getinfo("mimetype").file_size <= 100:
                kind = archive.read("mimetype").strip()
                return (kind.decode(), _OPEN[kind]) if kind in _OPEN else ("", "")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError):
        return "", ""
    return "", ""
