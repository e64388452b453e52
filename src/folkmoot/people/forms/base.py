"""What all forms of the register share: :mod:`folkmoot.kernel.ui.record_forms`."""

from __future__ import annotations

from folkmoot.kernel.ui.record_forms import (
    SUGGESTIONS,
    DayInput,
    Suggest,
    WebField,
    in_words,
    names_of,
)
from folkmoot.kernel.ui.record_forms import RecordForm as RegisterForm

__all__ = ["SUGGESTIONS", "DayInput", "RegisterForm", "Suggest", "WebField", "in_words", "names_of"]
