"""Notes and shared links: who may, what is kept, when a link ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError

from folkmoot.kernel.accounts.actions import grant
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.periods import Period
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.reports import actions, queries, scopes
from folkmoot.reports.models import Note, Share
from tests.factories import ActivityFactory

pytestmark = pytest.mark.django_db
Q2 = Period.parse("2026Q2")
NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


def write(actor: User, body: str, section: str = "ledger.contributions") -> Note | None:
    return actions.write_note(report="community", section=section, period=Q2, body=body, actor=actor)


def share(actor: User, **fields: object) -> tuple[Share, str]:
    said = {"recipient": "The council", "days": 30, "scope": scopes.parse({"period": "2026Q2"}), **fields}
    return actions.share(report="community", actor=actor, **said)  # type: ignore[arg-type]


def test_a_note_is_kept_changed_and_removed_with_its_history(alice: User) -> None:
    row = write(alice, " First.\r\nLine ")
    assert row is not None
    assert (row.body, row.author, row.period) == ("First.\nLine", alice, "2026Q2")
    changed = write(alice, "Second.")
    assert changed is not None
    assert changed.pk == row.pk
    assert write(alice, "Second.") == row
    assert write(alice, "  ") is None
    assert write(alice, "") is None
    assert Note.objects.count() == 0
    assert [(h.history_type, h.body, h.history_user) for h in Note.history.order_by("history_id")] == [
        ("+", "First.\nLine", alice),
        ("~", "Second.", alice),
        ("-", "Second.", alice),
    ]


def test_a_note_appears_in_its_period_only(alice: User) -> None:
    write(alice, "About the second quarter.")
    with_note = queries.build("community", scopes.parse({"period": "2026Q2"}), user=None)
    notes = [section.note.body for section in with_note.sections if section.note]
    assert notes == ["About the second quarter."]
    other = queries.build("community", scopes.parse({"period": "2026Q1"}), user=None)
    assert [section.note for section in other.sections if section.note] == []


@pytest.mark.parametrize("who", ["rita", "bob", "charlie"])
def test_who_may_not_write_or_share(who: str, request: pytest.FixtureRequest, alice: User) -> None:
    actor = request.getfixturevalue(who)
    made, _secret = share(alice)
    calls: list[Callable[[], object]] = [
        lambda: write(actor, "x"),
        lambda: share(actor),
        lambda: actions.withdraw(share=made, actor=actor),
    ]
    for call in calls:
        with pytest.raises(PermissionDenied):
            call()
    assert (Note.objects.count(), Share.objects.count()) == (0, 1)


def test_who_contributes_may_write_but_not_share(rita: User) -> None:
    grant(user=rita, area=Area.REPORTS, level=Level.CONTRIBUTE)
    assert write(rita, "x")
    with pytest.raises(PermissionDenied):
        share(rita)


@pytest.mark.parametrize(("section", "report"), [("no.such", "community"), ("ledger.spread", "other")])
def test_a_note_belongs_to_a_section_that_exists(alice: User, section: str, report: str) -> None:
    with pytest.raises(LookupError):
        actions.write_note(report=report, section=section, period=Q2, body="x", actor=alice)


def test_a_note_has_a_length(alice: User) -> None:
    with pytest.raises(ValidationError):
        write(alice, "x" * 10_001)


def test_a_link_opens_until_its_end(alice: User) -> None:
    with time_machine.travel(NOW, tick=False):
        made, secret = share(alice)
        assert made.expires_at == NOW + dt.timedelta(days=30)
        assert queries.open_share(secret) == made
    with time_machine.travel(NOW + dt.timedelta(days=30, seconds=-1), tick=False):
        assert queries.open_share(secret) == made
    with time_machine.travel(NOW + dt.timedelta(days=30), tick=False), pytest.raises(queries.ShareOver):
        queries.open_share(secret)


def test_the_secret_is_not_kept(alice: User) -> None:
    made, secret = share(alice)
    made.refresh_from_db()
    kept = " ".join(
        str(value) for row in (*Share.objects.values(), *Share.history.values()) for value in row.values()
    )
    assert secret not in kept
    assert made.token_hash == queries.token_hash(secret)
    assert made.token_hash not in " ".join(str(v) for row in Share.history.values() for v in row.values())


def test_a_withdrawn_link_is_over_for_good(alice: User) -> None:
    made, secret = share(alice)
    first = actions.withdraw(share=made, actor=alice)
    assert actions.withdraw(share=made, actor=alice).withdrawn_at == first.withdrawn_at
    with pytest.raises(queries.ShareOver):
        queries.open_share(secret)
    assert [h.history_user for h in Share.history.order_by("history_id")] == [alice, alice]


def test_a_link_ends_with_the_right_of_who_made_it(alice: User) -> None:
    _made, secret = share(alice)
    grant(user=alice, area=Area.REPORTS, level=Level.VIEW)
    with pytest.raises(queries.ShareOver):
        queries.open_share(secret)
    grant(user=alice, area=Area.REPORTS, level=Level.MANAGE)
    assert queries.open_share(secret)
    alice.is_active = False
    alice.save()
    with pytest.raises(queries.ShareOver):
        queries.open_share(secret)


def test_a_link_ends_with_who_made_it(rita: User) -> None:
    grant(user=rita, area=Area.REPORTS, level=Level.MANAGE)
    _made, secret = share(rita)
    rita.grants.all().delete()
    rita.delete()
    with pytest.raises(queries.ShareOver):
        queries.open_share(secret)


@pytest.mark.parametrize("secret", ["", "x", "é", "0" * 5000])
def test_nobody_guesses_a_link(alice: User, secret: str) -> None:
    share(alice)
    with pytest.raises(queries.ShareUnknown):
        queries.open_share(secret)


@pytest.mark.parametrize("fields", [{"recipient": " "}, {"days": 0}, {"days": 367}, {"days": -1}])
def test_a_link_is_for_somebody_and_ends(alice: User, fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        share(alice, **fields)


def test_a_shared_report_says_the_same_on_a_later_day(alice: User) -> None:
    with time_machine.travel(NOW, tick=False):
        made, _secret = share(alice, scope=scopes.parse({"period": "2026Q4", "exclude": "staff"}), days=200)
    with time_machine.travel(NOW + dt.timedelta(days=100), tick=False):
        report = queries.shared_report(made)
    assert (report.period, report.as_of) == ("2026Q4", NOW.date())
    assert report.limits == ("The period is not over: it ends on 31 December 2026.", "Without staff.")


def test_it_says_where_the_data_end(alice: User) -> None:
    opened = ActivityFactory(occurred_at=dt.datetime(2026, 5, 4, 12, tzinfo=dt.UTC))
    scope = scopes.parse({"period": "2026Q2", "as_of": "2026-08-01"})
    told = "The newest row is of 4 May 2026: later days may be missing."
    assert queries.limits_in_words(scope) == (told,)
    ActivityFactory(identity=opened.identity, occurred_at=dt.datetime(2026, 6, 30, 23, tzinfo=dt.UTC))
    assert queries.limits_in_words(scope) == ()
    assert queries.limits_in_words(scopes.parse({"period": "2026Q1", "as_of": "2026-08-01"})) == ()
