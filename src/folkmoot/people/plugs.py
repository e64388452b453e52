"""How the register joins the house."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.events import ActivityKind, activity_kinds
from folkmoot.people import imports as _imports  # noqa: F401 - registers the sources it reads

_REGISTER = _("Register")

for _kind in (
    ActivityKind("people.term_started", _("Was given the role"), "person-check", _REGISTER),
    ActivityKind("people.term_renewed", _("Goes on as"), "arrow-repeat", _REGISTER),
    ActivityKind("people.term_ended", _("Ends as"), "person-dash", _REGISTER),
    ActivityKind("people.term_removed", _("The role was taken back:"), "person-x", _REGISTER),
    ActivityKind("people.term_corrected", _("The role was put back as it was:"), "person-check", _REGISTER),
):
    activity_kinds.register(_kind)
