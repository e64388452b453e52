"""How history, labels and imports of reviews join the house."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from folkmoot.kernel.imports.models import ImportRun
from folkmoot.kernel.imports.signals import import_undone
from folkmoot.kernel.plugs import Command, commands
from folkmoot.kernel.setup_steps import SetupStep, setup_steps
from folkmoot.reviews import imports as _imports  # noqa: F401 - registers what it reads
from folkmoot.reviews import today_flags as _today  # noqa: F401 - registers what Today tells
from folkmoot.reviews.exports import website as _website  # noqa: F401 - registers what it lays over packages
from folkmoot.reviews.history import reckon
from folkmoot.reviews.models import Sighting
from folkmoot.reviews.seeds import load


def _set_up() -> str:
    made = load()
    return (
        ngettext(
            "Added %(made)d row of a programme of review.",
            "Added %(made)d rows of a programme of review.",
            made,
        )
        % {"made": made}
        if made
        else ""
    )


setup_steps.register(SetupStep("reviews.programmes", _set_up, order=300))

commands.register(
    Command(
        "reviews.flags",
        _("Values of reviews that could not be read"),
        "reviews:flags",
        "reviews.view",
        "question-circle",
    )
)


def _reckon_again(run: ImportRun, **_more: Any) -> None:
    """Where an import is taken back, later ones may have been reckoned together with it."""
    seen = Sighting.objects.filter(source=run.source).order_by()
    ids = list(seen.values_list("submission", flat=True).distinct())
    for start in range(0, len(ids), 500):
        reckon(ids[start : start + 500])


import_undone.connect(_reckon_again, dispatch_uid="reviews.history", weak=False)
