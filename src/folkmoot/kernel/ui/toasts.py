"""Toasts: one line about what was just done, with its undo where there is one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest


def toast(request: HttpRequest, text: Any, *, undo_url: str = "", failed: bool = False) -> None:
    """Show one line on the next page; ``undo_url`` is posted to by its "Undo" button."""
    level = messages.ERROR if failed else messages.SUCCESS
    messages.add_message(request, level, str(text), extra_tags=f"undo:{undo_url}" if undo_url else "")
