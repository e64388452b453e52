"""How the figures of reviews join the house: metrics, sections of reports, public figures, the API."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.plugs import NavEntry, PublicFigures, navigation, public_figures
from folkmoot.reviews import sections as _sections
from folkmoot.reviews.api import kinds as _api  # noqa: F401 - registers itself
from folkmoot.reviews.metrics import progress as _progress  # noqa: F401 - declare themselves
from folkmoot.reviews.metrics import submissions as _submissions  # noqa: F401 - declare themselves
from folkmoot.reviews.models import Assignment


def _done(people: Iterable[int]) -> dict[int, list[tuple[Any, Any]]]:
    """Reviews done and packages edited, of those who did any; one query.

    Who reviewed what was declined in the end is credited, too.
    """
    role, state = Assignment.Role, Assignment.State
    rows = Assignment.objects.filter(
        person__in=list(people), role__in=(role.REVIEWER, role.EDITOR), state__in=(state.ACCEPTED, state.DONE)
    ).values_list("person_id", "role", "state")
    reviews = Counter(person for person, what, how in rows if what == role.REVIEWER and how == state.DONE)
    edited = Counter(person for person, what, _how in rows if what == role.EDITOR)
    told: dict[int, list[tuple[Any, Any]]] = {}
    for label, found in ((_("reviews"), reviews), (_("packages edited"), edited)):
        for person, number in found.items():
            told.setdefault(person, []).append((label, number))
    return told


navigation.register(
    NavEntry(
        "reviews.figures",
        _("Figures"),
        "reports:report",
        "",
        "reviews.view",
        "reviews",
        order=80,
        arguments=(_sections.REPORT.key,),
        also=("reviews:figure_rows",),
    )
)
public_figures.register(PublicFigures("reviews.done", _done, order=20))
