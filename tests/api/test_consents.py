"""Consents in the API: whoever keeps a copy hears of what was written since, whenever it was said."""

from __future__ import annotations

import datetime as dt

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.people.actions import consents as actions
from folkmoot.people.actions.merging import merge_people
from folkmoot.people.models import Consent, ConsentKind
from tests.api.conftest import Program
from tests.factories import PersonFactory

LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


def in_words(moment: dt.datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def test_what_changed(alices: Program, alice: User) -> None:
    """Withdrawn, written down late, moved by a merge: each is told with what it ends."""
    kind = ConsentKind.objects.create(slug="contact", name="Contact")
    ana, ben, cat = PersonFactory(), PersonFactory(), PersonFactory()
    for person in (ana, ben, cat):
        Consent.objects.create(person=person, kind=kind, is_given=True, decided_at=LONG_AGO)
    first, second, third = Consent.objects.order_by("pk")

    def settle() -> str:
        Consent.objects.update(updated_at=LONG_AGO)
        return in_words(clock.now() - dt.timedelta(milliseconds=2))  # SQLite's clock counts no finer

    def changed(since: str) -> dict[int, tuple[bool, bool]]:
        told = alices.all(f"consents?updated_since={since}")
        assert [one for one in told if one["updated_at"] < since[:19]] == []
        return {one["id"]: (one["is_newest"], one["holds"]) for one in told}

    assert changed(settle()) == {}
    assert alices.get("consents").json()["results"][0]["updated_at"] == in_words(LONG_AGO)
    since = settle()
    said = actions.record_consent(
        person=ana, kind=kind, is_given=False, source="mail", note="of May", actor=alice,
        said_on=dt.date(2021, 5, 3),
    )  # fmt: skip
    assert changed(since) == {first.pk: (False, False), said.pk: (True, False)}
    since = settle()
    Consent.objects.filter(pk=second.pk).update(is_given=False)
    assert changed(since) == {second.pk: (True, False)}
    since = settle()
    merge_people(survivor=ana, gone=cat, actor=alice)
    assert changed(since) == {
        first.pk: (False, False),
        said.pk: (True, False),
        third.pk: (False, False),
    }
