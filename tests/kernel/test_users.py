"""Rights, invitations, lending, switching off: what the actions do and refuse."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from folkmoot.kernel.accounts.actions import add_user, grant
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.plugs import Handover, handovers
from folkmoot.kernel.users import actions
from folkmoot.kernel.users.models import Delegation, Invitation, RightsEvent
from tests.conftest import PASSWORD

DAY = dt.date


def again(user: User) -> User:
    return User.objects.get(pk=user.pk)


def told(**only: Any) -> list[tuple[Any, ...]]:
    rows = RightsEvent.objects.filter(**only).order_by("pk")
    return list(rows.values_list("kind", "actor__name", "area", "before", "after", "detail"))


# --- rights


def test_rights_are_given_changed_and_taken(alice: User, bob: User) -> None:
    wanted = {Area.PEOPLE: None, Area.FUNDING: Level.MANAGE, Area.REPORTS: Level.VIEW}
    assert actions.change_levels(user=bob, levels=wanted, actor=alice) == 3
    assert again(bob).levels == {"funding": 3, "reports": 1}
    assert actions.change_levels(user=bob, levels=wanted, actor=alice) == 0
    actions.change_levels(user=bob, levels={Area.FUNDING: Level.VIEW}, actor=alice)
    assert told(subject=bob)[2:] == [
        ("right", "Alice Admin", "people", 1, None, ""),
        ("right", "Alice Admin", "funding", None, 3, ""),
        ("right", "Alice Admin", "reports", None, 1, ""),
        ("right", "Alice Admin", "funding", 3, 1, ""),
    ]


def test_only_admins_of_the_settings_give_rights(bob: User, charlie: User) -> None:
    grant(user=bob, area=Area.SETTINGS, level=Level.MANAGE)
    with pytest.raises(PermissionDenied):
        actions.change_levels(user=charlie, levels={Area.PEOPLE: Level.VIEW}, actor=again(bob))
    assert charlie.levels == {}


def test_nobody_raises_their_own(alice: User, bob: User) -> None:
    grant(user=bob, area=Area.SETTINGS, level=Level.ADMIN)
    bob = again(bob)
    for levels in ({Area.PEOPLE: Level.MANAGE}, {Area.FUNDING: Level.VIEW}):
        with pytest.raises(ValidationError, match="cannot raise your own rights"):
            actions.change_levels(user=bob, levels=levels, actor=bob)
    assert again(bob).levels == {"people": 1, "settings": 4}
    actions.change_levels(user=bob, levels={Area.PEOPLE: None, Area.SETTINGS: Level.VIEW}, actor=bob)
    assert again(bob).levels == {"settings": 1}


def test_the_last_admin_stays(alice: User, bob: User) -> None:
    for level in (None, Level.MANAGE):
        with pytest.raises(ValidationError, match="Alice Admin is the last one who may give rights"):
            actions.change_levels(user=alice, levels={Area.SETTINGS: level}, actor=alice)
    # Somebody who is switched off does not count.
    grant(user=bob, area=Area.SETTINGS, level=Level.ADMIN)
    actions.switch_off(user=bob, actor=alice)
    with pytest.raises(ValidationError, match="last one"):
        grant(user=alice, area=Area.SETTINGS, level=None)
    actions.switch_on(user=bob, actor=alice)
    grant(user=alice, area=Area.SETTINGS, level=None)
    assert "settings" not in again(alice).levels


# --- invitations


def invited(actor: User, email: str = "new@example.org") -> tuple[Invitation, str]:
    return actions.invite(
        email=email, name=" New  Person ", levels={Area.PEOPLE: Level.MANAGE}, actor=actor, message="Hello"
    )


def test_an_invitation_is_accepted_once(alice: User) -> None:
    invitation, token = invited(alice, "NEW@example.org")
    assert token not in {str(value) for value in Invitation.objects.values_list().get()}
    user = actions.accept(invitation=actions.usable(token), name="", password=PASSWORD)
    assert (user.email, user.name, user.levels) == ("new@example.org", "New Person", {"people": 3})
    assert user.check_password(PASSWORD)
    with pytest.raises(actions.InvitationProblem, match="accepted already"):
        actions.usable(token)
    with pytest.raises(actions.InvitationProblem, match="accepted already"):
        actions.accept(invitation=invitation, name="Twice", password=PASSWORD)
    assert told(subject=user) == [
        ("added", "New Person", "", None, None, ""),
        ("accepted", "New Person", "", None, None, ""),
        ("right", "Alice Admin", "people", None, 3, ""),
    ]


def test_a_weak_password_makes_no_account(alice: User) -> None:
    invitation, token = invited(alice)
    for weak in ("short", "1234567890", "password12", "new@example.org"):
        with pytest.raises(ValidationError):
            actions.accept(invitation=invitation, name="New", password=weak)
    assert User.objects.filter(email="new@example.org").count() == 0
    assert actions.usable(token) == invitation


def test_it_runs_out_after_seven_days_and_goes_on_when_sent_again(alice: User) -> None:
    with time_machine.travel("2026-11-20T10:00:00Z", tick=False) as clock:
        invitation, token = invited(alice)
        clock.shift(dt.timedelta(days=7) - dt.timedelta(seconds=1))
        assert actions.usable(token) == invitation
        clock.shift(1)
        with pytest.raises(actions.InvitationProblem, match="older than 7 days"):
            actions.usable(token)
        fresh = actions.send_again(invitation=invitation, actor=alice)
        assert actions.usable(fresh) == invitation
        with pytest.raises(actions.InvitationProblem, match="leads to no invitation"):
            actions.usable(token)


@pytest.mark.parametrize("garbled", ["", "x", "a" * 5000, "\x00", "ünï", "../../etc"])
def test_garbled_tokens(garbled: str, alice: User) -> None:
    invited(alice)
    with pytest.raises(actions.InvitationProblem, match="leads to no invitation"):
        actions.usable(garbled)


def test_withdrawn_is_withdrawn(alice: User) -> None:
    invitation, token = invited(alice)
    actions.withdraw(invitation=invitation, actor=alice)
    actions.withdraw(invitation=invitation, actor=alice)
    with pytest.raises(actions.InvitationProblem, match="was withdrawn"):
        actions.usable(token)
    with pytest.raises(ValidationError, match="withdrawn already"):
        actions.send_again(invitation=invitation, actor=alice)
    invited(alice)  # anew


def test_whom_one_cannot_invite(alice: User, bob: User, charlie: User) -> None:
    invited(alice)
    with pytest.raises(ValidationError, match="is invited already"):
        invited(alice, "New@Example.org")
    with pytest.raises(ValidationError, match="has an account already"):
        invited(alice, "BOB@example.org")
    actions.switch_off(user=charlie, actor=alice)
    with pytest.raises(ValidationError, match="switched off"):
        invited(alice, "charlie@example.org")
    with pytest.raises(ValidationError, match="valid email"):
        invited(alice, "nonsense")
    with pytest.raises(PermissionDenied):
        invited(bob, "other@example.org")


# --- lending


def lend(
    alice: User, bob: User, first: DAY, last: DAY, *areas: Area, actor: User | None = None
) -> Delegation:
    return actions.lend(
        from_user=alice, to_user=bob, areas=areas, first_day=first, last_day=last, actor=actor or alice
    )


def test_a_colleague_holds_the_levels_in_these_days_only(alice: User, bob: User) -> None:
    User.objects.filter(pk=alice.pk).update(time_zone="America/New_York")
    alice = again(alice)
    with time_machine.travel("2026-11-20T10:00:00Z", tick=False) as clock:
        lend(alice, bob, DAY(2026, 11, 23), DAY(2026, 11, 24), Area.FUNDING, Area.PEOPLE, Area.SETTINGS)
        assert again(bob).levels == {"people": 1}
        clock.move_to("2026-11-23T04:59:59Z")
        assert again(bob).levels == {"people": 1}
        clock.move_to("2026-11-23T05:00:00Z")  # midnight in New York
        assert again(bob).levels == {"people": 4, "funding": 4, "settings": 3}
        assert again(bob).has_perm("settings.admin") is False
        clock.move_to("2026-11-25T04:59:59Z")
        assert again(bob).levels == {"people": 4, "funding": 4, "settings": 3}
        clock.move_to("2026-11-25T05:00:00Z")
        assert again(bob).levels == {"people": 1}


def test_levels_are_one_query_with_several_lendings(
    alice: User, bob: User, charlie: User, django_assert_num_queries: Any
) -> None:
    today = timezone.now().date()
    grant(user=bob, area=Area.REPORTS, level=Level.CONTRIBUTE)
    lend(alice, charlie, today, today, Area.CALLS)
    lend(alice, charlie, today, today + dt.timedelta(days=3), Area.FUNDING)
    lend(bob, charlie, today - dt.timedelta(days=1), today, Area.REPORTS, actor=bob)
    lend(alice, bob, today, today, Area.TRAINING)  # what alice lends to bob is not charlie's
    found = again(charlie)
    with django_assert_num_queries(1):
        assert found.levels == {"calls": 4, "funding": 4, "reports": 2}
    # What is lent is not lent on.
    with pytest.raises(ValidationError, match="has no right in Calls"):
        lend(charlie, bob, today, today, Area.CALLS, actor=charlie)


def test_lending_ends_early_and_with_the_account(alice: User, bob: User, charlie: User) -> None:
    today = timezone.now().date()
    row = lend(alice, bob, today, today, Area.FUNDING)
    with pytest.raises(PermissionDenied):
        actions.end_lending(delegation=row, actor=charlie)
    actions.end_lending(delegation=row, actor=bob)
    actions.end_lending(delegation=row, actor=bob)
    assert again(bob).levels == {"people": 1}
    assert [kind for kind, *_ in told(subject=bob)][2:] == ["lent", "lending_ended"]
    grant(user=charlie, area=Area.FUNDING, level=Level.VIEW)
    lend(charlie, bob, today, today, Area.FUNDING, actor=charlie)
    assert again(bob).levels == {"people": 1, "funding": 1}
    actions.switch_off(user=charlie, actor=alice)
    assert again(bob).levels == {"people": 1}
    actions.switch_on(user=charlie, actor=alice)
    assert again(bob).levels == {"people": 1}


def test_what_cannot_be_lent(alice: User, bob: User, charlie: User) -> None:
    today = timezone.now().date()
    day = dt.timedelta(days=1)
    with pytest.raises(ValidationError, match="Lending to Bob Member would end on"):
        lend(alice, bob, today, today - day, Area.PEOPLE)
    with pytest.raises(ValidationError, match="last day is past"):
        lend(alice, bob, today - 5 * day, today - 2 * day, Area.PEOPLE)
    with pytest.raises(ValidationError, match="a year at most"):
        lend(alice, bob, today, today + 366 * day, Area.PEOPLE)
    with pytest.raises(ValidationError, match="at least one area"):
        lend(alice, bob, today, today)
    with pytest.raises(ValidationError, match="somebody else"):
        lend(alice, alice, today, today, Area.PEOPLE)
    with pytest.raises(PermissionDenied):
        lend(alice, bob, today, today, Area.PEOPLE, actor=bob)
    assert Delegation.objects.count() == 0


# --- switching off


@pytest.fixture
def open_things() -> Any:
    """Made-up open things: who has how many."""
    has: dict[int, int] = {}

    def move(user: User, colleague: User, actor: User) -> int:
        number = has.pop(user.pk)
        has[colleague.pk] = has.get(colleague.pk, 0) + number
        return number

    source = Handover("made_up", "made-up things", lambda user: has.get(user.pk, 0), move)
    handovers.register(source)
    yield has
    del handovers._items["made_up"]


def test_open_things_are_handed_over(
    alice: User, bob: User, charlie: User, open_things: dict[int, int]
) -> None:
    open_things[bob.pk] = 3
    with pytest.raises(ValidationError, match="choose who takes them over"):
        actions.switch_off(user=bob, actor=alice)
    assert again(bob).is_active is True
    assert actions.switch_off(user=bob, actor=alice, colleague=charlie) == {"made_up": 3}
    assert open_things == {charlie.pk: 3}
    assert again(bob).is_active is False
    assert actions.switch_off(user=bob, actor=alice, colleague=charlie) == {}
    assert [kind for kind, *_ in told(subject=bob)][2:] == ["switched_off"]
    assert again(bob).levels == {"people": 1}
    assert again(bob).has_perm("people.view") is False
    actions.switch_on(user=bob, actor=alice)
    assert again(bob).has_perm("people.view") is True


def test_who_is_not_switched_off(alice: User, bob: User, charlie: User) -> None:
    with pytest.raises(ValidationError, match="cannot switch yourself off"):
        actions.switch_off(user=alice, actor=alice)
    with pytest.raises(PermissionDenied):
        actions.switch_off(user=charlie, actor=bob)
    actions.switch_off(user=charlie, actor=alice)
    with pytest.raises(ValidationError, match="colleague who signs in"):
        actions.switch_off(user=bob, actor=alice, colleague=charlie)


def test_the_invitations_of_who_is_switched_off_are_withdrawn(alice: User, bob: User) -> None:
    grant(user=bob, area=Area.SETTINGS, level=Level.ADMIN)
    _invitation, token = invited(again(bob))
    actions.switch_off(user=bob, actor=alice)
    with pytest.raises(actions.InvitationProblem, match="was withdrawn"):
        actions.usable(token)


@pytest.mark.django_db
def test_the_command_line_is_told_without_a_name() -> None:
    user = add_user(email="cli@example.org", password=PASSWORD)
    grant(user=user, area=Area.PEOPLE, level=Level.VIEW)
    assert told(subject=user) == [("added", None, "", None, None, ""), ("right", None, "people", None, 1, "")]
