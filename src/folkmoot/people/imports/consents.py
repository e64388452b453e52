"""Consents that a table says people gave; a person's own word is never overruled."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.imports.sources import Row
from folkmoot.people.actions.consents import BY_THEMSELF, UNSUBSCRIBED
from folkmoot.people.imports.writing import reject
from folkmoot.people.models import Consent, ConsentKind, Person


def put_consents(
    changes: Changes, wanted: Sequence[tuple[Row, Person, tuple[str, bool, dt.date | None]]]
) -> None:
    """Write down consents (slug of the kind, given or not, day), each with the line that said so."""
    if not wanted:
        return
    kinds = {
        kind.slug: kind
        for kind in ConsentKind.objects.filter(slug__in={said[0] for _row, _p, said in wanted})
    }
    own = set(
        Consent.objects.filter(
            person__in={person.pk for _row, person, _said in wanted}, source__in=(BY_THEMSELF, UNSUBSCRIBED)
        ).values_list("person_id", "kind_id")
    )
    rows: list[Consent] = []
    for row, person, (slug, is_given, day) in wanted:
        column = f"consent_{slug.replace('-', '_')}"
        kind = kinds.get(slug)
        if kind is None:
            reject(changes, row, column, _("this kind of consent is not kept here: left out"))
        elif (person.pk, kind.pk) in own:
            reject(changes, row, column, _("the person has said so themselves: their own word stands"))
        elif day is not None and day > clock.today():
            reject(changes, row, column, _("%(day)s is still to come: left out") % {"day": day})
        else:
            at = clock.start_of_day(day) if day is not None and day < clock.today() else changes.now
            note = f"{row.file}:{row.line}"[-200:]
            rows.append(
                Consent(
                    person=person, kind=kind, is_given=is_given, decided_at=at, source=changes.source,
                    recorded_by=changes.run.created_by, note=note,
                )
            )  # fmt: skip
    changes.create(Consent, rows, counter="consents")
