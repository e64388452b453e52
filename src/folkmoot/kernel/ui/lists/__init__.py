"""Lists: declared once, and every list page behaves the same. See ``kernel/ui/README.md``."""

from folkmoot.kernel.ui.lists.base import List
from folkmoot.kernel.ui.lists.declare import BulkAction, Column, Done, Empty, GoTo
from folkmoot.kernel.ui.lists.filters import ChoiceFilter, DateFilter, Filter, FlagFilter, TextFilter

__all__ = [
    "BulkAction",
    "ChoiceFilter",
    "Column",
    "DateFilter",
    "Done",
    "Empty",
    "Filter",
    "FlagFilter",
    "GoTo",
    "List",
    "TextFilter",
]
