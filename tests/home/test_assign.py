"""Giving things on Today to somebody."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from folkmoot.home import actions, queries
from folkmoot.home.models import Assignment
from folkmoot.kernel.accounts.actions import grant
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.notices.models import Notice
from folkmoot.kernel.permissions.areas import Area, Level
from tests.factories import UserFactory
from tests.home import test_today
from tests.home.test_today import Waiting, item, keys

pytestmark = pytest.mark.django_db
waiting = test_today.waiting
KEY = "a/1 é"


@pytest.fixture
def dora(db: None) -> User:
    """Contributes to people."""
    user = UserFactory(email="dora@example.org", name="Dora Contributor")
    grant(user=user, area=Area.PEOPLE, level=Level.CONTRIBUTE)
    return user


def groups(user: User) -> list[list[str]]:
    return [keys(group) for group in queries.today(User.objects.get(pk=user.pk)).groups]


def test_it_is_theirs_and_the_others_wait(waiting: Waiting, alice: User, bob: User, dora: User) -> None:
    waiting.items = [item(KEY), item("b", waits_for_others=True)]
    assert actions.assign(actor=alice, key=KEY, user=bob) is None
    assert (groups(bob), groups(dora)) == ([[KEY], [], ["b"]], [[], [], ["b", KEY]])
    assert queries.today(bob).mine.items[0].why == f"why {KEY}, limit 21 · given to you by Alice Admin"
    assert queries.today(dora).others.items[1].why == f"why {KEY}, limit 21 · given to Bob Member"
    [notice] = Notice.objects.all()
    assert (notice.user, notice.actor, notice.area, notice.url, notice.title) == (
        bob,
        alice,
        "people",
        f"/do/{KEY}/",
        f"Alice Admin gives you: Title of {KEY}",
    )
    assert actions.assign(actor=alice, key=KEY, user=bob) == bob
    assert (Assignment.objects.count(), Notice.objects.count()) == (1, 1)


def test_given_on_and_back(waiting: Waiting, alice: User, bob: User, dora: User) -> None:
    waiting.items = [item("a")]
    actions.assign(actor=alice, key="a", user=bob)
    assert actions.assign(actor=dora, key="a", user=dora) == bob
    assert Notice.objects.count() == 0  # Bob's was unread and is no longer so; Dora took it herself
    assert queries.today(dora).mine.items[0].why == "why a, limit 21 · taken by you"
    assert actions.assign(actor=alice, key="a", user=None) == dora
    assert groups(bob) == [[], ["a"], []]
    actions.assign(actor=alice, key="a", user=bob)
    assert [notice.user for notice in Notice.objects.all()] == [bob]


def test_who_may_and_what_there_is(
    waiting: Waiting, alice: User, bob: User, dora: User, charlie: User
) -> None:
    waiting.items, waiting.secret = [item("a")], [item("secret", "settings")]
    with pytest.raises(PermissionDenied):
        actions.assign(actor=bob, key="a", user=bob)
    with pytest.raises(ValidationError, match="needs nobody any more"):
        actions.assign(actor=dora, key="secret", user=dora)
    with pytest.raises(ValidationError, match="Charlie Stranger may not see this"):
        actions.assign(actor=alice, key="a", user=charlie)
    with pytest.raises(ValidationError, match="Dora Contributor may not see this"):
        actions.assign(actor=alice, key="secret", user=dora)
    assert Assignment.objects.count() == 0


def test_whoever_is_switched_off_has_nothing(waiting: Waiting, alice: User, bob: User) -> None:
    waiting.items = [item("a")]
    actions.assign(actor=alice, key="a", user=bob)
    bob.is_active = False
    bob.save()
    assert groups(alice) == [[], ["a"], []]


def test_handed_over(waiting: Waiting, alice: User, bob: User, dora: User) -> None:
    waiting.items = [item("a"), item("b")]
    actions.assign(actor=alice, key="a", user=bob)
    assert (
        actions.count_assigned(bob),
        actions.hand_over(bob, dora, alice),
        actions.count_assigned(bob),
    ) == (1, 1, 0)
    assert groups(dora) == [["a"], ["b"], []]


def test_by_the_pages(waiting: Waiting, as_alice: Client, as_bob: Client, bob: User, dora: User) -> None:
    waiting.items = [item(KEY)]
    url = f"/give/?key={quote(KEY, safe='')}"
    assert url in as_alice.get("/").content.decode()
    assert "/give/" not in as_bob.get("/").content.decode()
    page = as_alice.get(url)
    assert [str(label) for _value, label in page.context["form"].fields["to"].choices] == [
        "Nobody in particular",
        "Me",
        "Bob Member",
        "Dora Contributor",
    ]
    page = as_alice.post(url, {"to": bob.pk}, follow=True)
    [toast] = page.context["messages"]
    assert str(toast) == "It is with Bob Member now."
    as_alice.post(url, {"to": dora.pk})
    assert queries.assignee(KEY) == dora
    as_alice.post(toast.extra_tags.removeprefix("undo:"))
    assert queries.assignee(KEY) is None
    assert as_bob.get(url).status_code == 403


@pytest.mark.parametrize("to", ["987654321", "x", "\0", "9" * 30])
def test_wrong_people(waiting: Waiting, as_alice: Client, to: str) -> None:
    waiting.items = [item("a")]
    page = as_alice.post("/give/?key=a", {"to": to})
    assert (page.status_code, list(page.context["form"].errors)) == (200, ["to"])
    assert as_alice.post("/give/?key=gone", {"to": "0"}).status_code == 302
    assert as_alice.post("/give/undo/", {}).status_code == 302
    assert as_alice.post(f"/give/undo/?key=a&to={to}").status_code in (302, 400)
    assert Assignment.objects.count() == 0
