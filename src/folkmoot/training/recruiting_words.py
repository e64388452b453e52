"""Sentences of recruitment that several pages say: what does not work, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from folkmoot.people.public import Person
from folkmoot.training.models import Event, TaskKind
from folkmoot.training.queries.clashes import Clash


def no_consent(person: Person, *, is_own: bool = False) -> str:
    """Why somebody cannot be asked, and the next step."""
    if is_own:
        return _(
            "You have not agreed to be contacted, so nobody could answer you. Agree under “My record”, then sign up."
        )
    return _(
        "%(person)s has not agreed to be contacted, or withdrew that. Ask them to agree under “My record”, or note on "
        "their page what they agreed to."
    ) % {"person": person.name}


def overlap(person: Person, event: Event, found: Sequence[Clash]) -> str:
    """That somebody has another event at the same time, and the next step."""
    return _(
        "%(person)s takes a part in another event while %(event)s is on: %(others)s. Choose somebody else, or tick "
        "that it can be so."
    ) % {"person": person.name, "event": event.title, "others": "; ".join(map(str, found[:3]))}


def enough(event: Event, kind: TaskKind, number: int) -> str:
    """That a part is full, and the next step."""
    if not number:
        return _("“%(part)s” is not sought for %(event)s any more. Seek it first, or decline.") % {
            "part": kind.name,
            "event": event.title,
        }
    return ngettext(
        "%(event)s has the %(n)d person it needs already (%(part)s). Seek more people first, or decline.",
        "%(event)s has the %(n)d people it needs already (%(part)s). Seek more people first, or decline.",
        number,
    ) % {"event": event.title, "n": number, "part": kind.name}
