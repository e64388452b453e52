"""Files to fill in: the headings that a plain table is recognised by, and one row as an example."""

from __future__ import annotations

import csv
import io

from django.http import FileResponse, HttpResponse, HttpResponseBase
from openpyxl import Workbook

from folkmoot.kernel.imports.sources import Source

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def download(source: Source, ending: str) -> HttpResponseBase:
    """The template of a source as ``csv`` or ``xlsx``."""
    headings = [column.name for column in source.columns]
    example = [column.example for column in source.columns]
    name = f"{source.key.removesuffix('.csv')}-template.{ending}"
    if ending == "xlsx":
        book = Workbook(write_only=True)
        sheet = book.create_sheet(source.key.removesuffix(".csv")[:31])
        sheet.append(headings)
        sheet.append(example)
        kept = io.BytesIO()
        book.save(kept)
        kept.seek(0)
        return FileResponse(kept, as_attachment=True, filename=name, content_type=_XLSX)
    text = io.StringIO(newline="")
    csv.writer(text).writerows([headings, example])
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
