"""Sheets of paper: a template of typst and what it says, as PDF."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst

from folkmoot.kernel import fonts

FOLDER = Path(__file__).parent / "typst"


class NotDrawn(Exception):
    """A sheet cannot be drawn; the message says why."""


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    folders = [str(folder) for folder in fonts.folders()]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=not folders, font_paths=folders)


def pdf(template: Path, sheet: Mapping[str, Any], *, moment: int) -> bytes:
    """A sheet as PDF, tagged (PDF/UA-1) where every letter has a font, the same each time.

    Args:
        sheet: plain JSON; the template reads it as ``sys.inputs.sheet``, with ``family`` beside.
        moment: when it was made, in seconds since 1970.

    Raises:
        NotDrawn: typst refuses it.
    """
    compiler = typst.Compiler(
        template,
        root=template.parent,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"sheet": json.dumps({**sheet, "family": fonts.FAMILY})},
    )
    try:
        made = compiler.compile(template, format="pdf", pdf_standards=["ua-1"], timestamp=moment)
    except typst.TypstError:  # a letter that no font has: tagged nevertheless
        try:
            made = compiler.compile(template, format="pdf", timestamp=moment)
        except typst.TypstError as problem:
            raise NotDrawn(problem.message) from None
    assert isinstance(made, bytes)  # noqa: S101 - a PDF is one file
    return made
