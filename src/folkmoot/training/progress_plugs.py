"""How progress, badges and awards join the house."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from folkmoot.kernel.events import ActivityKind, activity_kinds
from folkmoot.kernel.plugs import (
    Command,
    NavEntry,
    commands,
    navigation,
)
from folkmoot.kernel.setup_steps import SetupStep, setup_steps
from folkmoot.training import erasing_progress as _erasing  # noqa: F401 - registers how progress forgets
from folkmoot.training import telling_progress
from folkmoot.training import today_progress as _today  # noqa: F401 - registers what Today tells
from folkmoot.training.cards import declare_card
from folkmoot.training.metrics import progress as _metrics  # noqa: F401 - registers figures
from folkmoot.training.queries import progress_panels as panels
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

for _entry in (
    NavEntry(
        "training.trainees",
        _("Trainees"),
        "training:trainees_first",
        "",
        "training.view",
        "training",
        order=20,
    ),
    NavEntry("training.badges", _("Badges"), "training:badges", "", "training.view", "training", order=22),
    NavEntry(
        "me.training", _("My training"), "training:own_training", "mortarboard", "people.own", "me", order=3
    ),
):
    navigation.register(_entry)

for _command in (
    Command(
        "training.note",
        _("Note progress"),
        "training:note",
        "training.contribute",
        "check2-square",
        order=151,
    ),
    Command(
        "training.trainees",
        _("Go to trainees"),
        "training:trainees_first",
        "training.view",
        "mortarboard",
        order=152,
    ),
    Command(
        "training.submissions",
        _("Go to submissions of trainees"),
        "training:submissions",
        "training.view",
        "inbox",
        order=153,
    ),
    Command(
        "training.badges", _("Go to badges"), "training:badges", "training.view", "patch-check", order=154
    ),
):
    commands.register(_command)

declare_card(
    "training.badges_of_person",
    "people.person",
    _("Badges"),
    "awards_of_person",
    panels.awards_of_person,
    panels.by_day,
    27,
)
declare_card(
    "training.progress_of_person",
    "people.person",
    _("Training"),
    "progress_of_person",
    panels.progress_of_person,
    panels.by_requirement,
    28,
)
declare_card(
    "training.lessons_of_person",
    "people.person",
    _("Lessons to teach"),
    "lessons_of_person",
    panels.lessons_of_person,
    panels.by_name,
    29,
)
