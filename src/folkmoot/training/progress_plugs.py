"""How progress, badges and awards join the house."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from folkmoot.kernel.events import ActivityKind, activity_kinds
from folkmoot.kernel.setup_steps import SetupStep, setup_steps
from folkmoot.training import erasing_progress as _erasing  # noqa: F401 - registers how progress forgets
from folkmoot.training import telling_progress
from folkmoot.training.seeds.progress import load_progress

_TRAINING = _("Training & events")

for _kind in (
    ActivityKind(telling_progress.PASSED, _("Passed"), "check2-circle", _TRAINING),
    ActivityKind(telling_progress.AWARDED, _("Was awarded"), "patch-check", _TRAINING),
):
    activity_kinds.register(_kind)


def _set_up() -> str:
    made = load_progress()
    words = ngettext("Added %(made)d requirement or badge.", "Added %(made)d requirements and badges.", made)
    return words % {"made": made} if made else ""


setup_steps.register(SetupStep("training.progress", _set_up, order=322))
