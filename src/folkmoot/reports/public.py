"""What other apps may use of reports."""

from folkmoot.reports.queries import build
from folkmoot.reports.renderers import FORMATS, file_name

__all__ = ["FORMATS", "build", "file_name"]
