"""Pages about users and rights: who opens what, what they show and do, and how many questions they ask."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.test import Client
from django.utils import timezone

from folkmoot.kernel.accounts.actions import add_user, grant
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.users import actions
from folkmoot.kernel.users.models import Delegation, Invitation
from tests.conftest import PASSWORD, signed_in
from tests.factories import PersonFactory
from tests.kernel.other_side import signed_in_as


@pytest.fixture
def manager(db: None) -> User:
    """Sees the settings and may not give rights."""
    user = add_user(email="dora@example.org", name="Dora Manager", password=PASSWORD)
    grant(user=user, area=Area.SETTINGS, level=Level.MANAGE)
    return user


def text(response: Any) -> str:
    return str(response.content.decode())


def levels(**changed: str) -> dict[str, str]:
    return {**{area.value: "0" for area in Area}, **changed}


def test_who_manages_reads_and_who_is_admin_changes(manager: User, bob: User, alice: User) -> None:
    client = signed_in(manager)
    for url in ("", "log/", "invitations/", f"{bob.pk}/"):
        assert client.get(f"/settings/users/{url}").status_code == 200, url
    page = text(client.get(f"/settings/users/{bob.pk}/"))
    assert ("Save rights" in page, "Switch off" in page) == (False, False)
    refused = [
        ("post", f"{bob.pk}/", levels(people="4")),
        ("post", f"{manager.pk}/", levels(settings="4")),
        ("get", "invite/", {}),
        ("post", f"{bob.pk}/switch-off/", {}),
        ("post", f"{bob.pk}/switch-on/", {}),
        ("post", f"{bob.pk}/sessions/end/", {}),
        ("get", f"{bob.pk}/lend/", {}),
    ]
    for method, url, data in refused:
        assert getattr(client, method)(f"/settings/users/{url}", data).status_code == 403, url
    assert User.objects.get(pk=bob.pk).levels == {"people": 1}


def test_rights_are_set_on_the_page(as_alice: Client, bob: User) -> None:
    url = f"/settings/users/{bob.pk}/"
    page = text(as_alice.get(url))
    assert re.search(
        r'<select name="people"[^>]*>.*?<option value="1" selected>view</option>', page, re.DOTALL
    )
    as_alice.post(url, levels(people="2", funding="4"))
    assert User.objects.get(pk=bob.pk).levels == {"people": 2, "funding": 4}
    assert "Funding: none → admin" in text(as_alice.get(url))
    for wrong in ("9", "abc", "-1"):
        assert as_alice.post(url, levels(people=wrong)).status_code == 200
    assert User.objects.get(pk=bob.pk).levels == {"people": 2, "funding": 4}
    # A field that did not come changes nothing.
    as_alice.post(url, {"reports": "1"})
    assert User.objects.get(pk=bob.pk).levels == {"people": 2, "funding": 4, "reports": 1}


def test_the_last_admin_is_told_so(as_alice: Client, alice: User) -> None:
    answer = as_alice.post(f"/settings/users/{alice.pk}/", levels())
    assert "Alice Admin is the last one who may give rights" in text(answer)
    assert User.objects.get(pk=alice.pk).level_in(Area.SETTINGS) == 4
    assert User.objects.get(pk=alice.pk).level_in(Area.PEOPLE) == 4


def test_the_person_behind_the_user_is_shown(as_alice: Client, bob: User, manager: User) -> None:
    person = PersonFactory(name="Bob Register", user=bob)
    assert f'href="/people/{person.pk}/"' in text(as_alice.get(f"/settings/users/{bob.pk}/"))
    assert "Bob Register" not in text(signed_in(manager).get(f"/settings/users/{bob.pk}/"))


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_ask_a_fixed_number_of_questions(
    rows: int, as_alice: Client, alice: User, django_assert_num_queries: Any
) -> None:
    today = timezone.now().date()
    for number in range(rows):
        user = add_user(email=f"user{number}@example.org", name=f"User {number}", password=PASSWORD)
        grant(user=user, area=Area.PEOPLE, level=Level.VIEW, actor=alice)
        actions.lend(
            from_user=alice, to_user=user, areas=[Area.CALLS], first_day=today, last_day=today, actor=alice
        )
        actions.invite(email=f"new{number}@example.org", levels={}, actor=alice)
    frame = 4  # session, user, rights, community
    with django_assert_num_queries(frame + 7):
        page = text(as_alice.get("/settings/users/?columns=email,rights,lent,last_login,state"))
    assert page.count("for Alice Admin") == rows
    with django_assert_num_queries(frame + 3):
        as_alice.get("/settings/users/invitations/")
    with django_assert_num_queries(frame + 3):
        as_alice.get("/settings/users/log/")


def test_the_log_is_filtered_and_exported(as_alice: Client, alice: User, bob: User, charlie: User) -> None:
    actions.change_levels(user=bob, levels={Area.FUNDING: Level.VIEW}, actor=alice)
    actions.switch_off(user=charlie, actor=alice)
    answer = as_alice.get("/settings/users/log/?kind=right&area=funding&export=csv&q=bob")
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert [row[1:] for row in rows] == [
        ["What", "Whose", "Change", "By"],
        ["Right changed", "Bob Member", "Funding: none → view", "Alice Admin"],
    ]
    assert "Account switched off" in text(as_alice.get("/settings/users/log/?kind=switched_off"))
    assert "Nothing" in text(as_alice.get("/settings/users/log/?since=2099-01-01"))


# --- invitations


def link_in(mail: EmailMessage) -> str:
    found = re.search(r"http://localhost:8000(/invitation/\S+)", mail.body)
    assert found, mail.body
    return found[1]


def test_inviting_and_accepting(as_alice: Client, mailoutbox: list[EmailMessage]) -> None:
    data = {"email": "new@example.org", "name": "New Person", "message": "Welcome!", **levels(people="3")}
    answer = as_alice.post("/settings/users/invite/", data)
    shown = text(as_alice.get(answer.headers["Location"]))
    assert (mailoutbox[0].to, "Alice Admin invites you to Folkmoot." in mailoutbox[0].body) == (
        ["new@example.org"],
        True,
    )
    path = link_in(mailoutbox[0])
    assert f"http://localhost:8000{path}" in shown
    assert path not in text(as_alice.get(answer.headers["Location"]))  # shown once
    visitor = Client()
    page = text(visitor.get(path))
    assert (
        "Alice Admin asks you to sign in here as new@example.org." in page,
        "People (manage)" in page,
    ) == (True, True)
    weak = visitor.post(path, {"name": "New Person", "password": "1234567890"})
    assert ("too common" in text(weak), User.objects.filter(email="new@example.org").count()) == (True, 0)
    done = visitor.post(path, {"name": "Newcomer", "password": PASSWORD})
    assert done.headers["Location"] == "/"
    made = User.objects.get(email="new@example.org")
    assert (made.name, made.levels, signed_in_as(visitor)) == ("Newcomer", {"people": 3}, made.pk)
    assert visitor.get("/people/").status_code == 200
    second = Client().post(path, {"name": "Thief", "password": PASSWORD})
    assert (second.status_code, "accepted already" in text(second)) == (404, True)


def test_sending_again_and_withdrawing(as_alice: Client, alice: User, mailoutbox: list[EmailMessage]) -> None:
    invitation, token = actions.invite(email="new@example.org", levels={}, actor=alice)
    as_alice.post(f"/settings/users/invitations/{invitation.pk}/again/")
    assert Client().get(f"/invitation/{token}/").status_code == 404
    path = link_in(mailoutbox[0])
    assert Client().get(path).status_code == 200
    as_alice.post(f"/settings/users/invitations/{invitation.pk}/withdraw/")
    assert "This invitation was withdrawn." in text(Client().get(path))
    told = as_alice.post(f"/settings/users/invitations/{invitation.pk}/again/", follow=True)
    assert "withdrawn already" in text(told)
    assert len(mailoutbox) == 1


def test_a_mail_that_cannot_be_sent_is_told(as_alice: Client, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    answer = as_alice.post("/settings/users/invite/", {"email": "new@example.org"}, follow=True)
    assert "could not be sent" in text(answer)
    assert Invitation.objects.get().sent_at is None
    assert "/invitation/" in text(answer)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"email": "nonsense"}, "valid email"),
        ({"email": ""}, "required"),
        ({"email": "bob@example.org"}, "has an account already"),
        ({"email": "x@example.org", "people": "7"}, "Select a valid choice"),
        ({"email": "a" * 300 + "@example.org"}, "at most 254"),
    ],
)
def test_what_cannot_be_invited_is_said(as_alice: Client, bob: User, data: dict[str, str], said: str) -> None:
    answer = as_alice.post("/settings/users/invite/", data)
    assert (answer.status_code, said in text(answer), Invitation.objects.count()) == (200, True, 0)


@pytest.mark.parametrize("token", ["x", "a" * 3000, "%00", "ünï", "..%2F"])
def test_garbled_links_say_so(as_nobody: Client, token: str) -> None:
    answer = as_nobody.get(f"/invitation/{token}/")
    assert answer.status_code in (302, 400, 404)


# --- switching off, lending


def test_switching_off_on_the_page(as_alice: Client, bob: User, as_bob: Client) -> None:
    url = f"/settings/users/{bob.pk}/switch-off/"
    assert "Nothing open is left with them." in text(as_alice.get(url))
    assert as_bob.get("/people/").status_code == 200
    answer = as_alice.post(url, follow=True)
    assert "Bob Member signs in no more." in text(answer)
    assert as_bob.get("/people/").status_code == 302
    refused = as_bob.post("/accounts/login/", {"login": "bob@example.org", "password": PASSWORD})
    assert refused.headers["Location"] == "/accounts/inactive/"
    as_alice.post(f"/settings/users/{bob.pk}/switch-on/")
    assert User.objects.get(pk=bob.pk).is_active is True


def test_nobody_switches_themself_off(as_alice: Client, alice: User) -> None:
    answer = as_alice.post(f"/settings/users/{alice.pk}/switch-off/")
    assert "You cannot switch yourself off" in text(answer)
    assert User.objects.get(pk=alice.pk).is_active is True


def test_lending_ones_own_rights(as_bob: Client, bob: User, charlie: User, as_charlie: Client) -> None:
    page = text(as_bob.get("/accounts/lend/"))
    assert ('value="people"' in page, 'value="funding"' in page) == (True, False)
    today = timezone.now().date()
    data = {
        "to_user": charlie.pk,
        "first_day": today.isoformat(),
        "last_day": today.isoformat(),
        "areas": ["people"],
    }
    assert as_charlie.get("/people/").status_code == 403
    assert as_bob.post("/accounts/lend/", {**data, "areas": ["funding"]}).status_code == 200
    assert as_bob.post("/accounts/lend/", {**data, "to_user": bob.pk}).status_code == 200
    assert Delegation.objects.count() == 0
    as_bob.post("/accounts/lend/", data)
    assert as_charlie.get("/people/").status_code == 200
    assert "Charlie Stranger stands in" in text(as_bob.get("/accounts/profile/"))
    assert "Stands in for Bob Member" in text(as_charlie.get("/accounts/profile/"))
    row = Delegation.objects.get()
    as_charlie.post(f"/accounts/lend/{row.pk}/end/")
    assert as_charlie.get("/people/").status_code == 403


def test_nobody_ends_the_lending_of_others(as_charlie: Client, alice: User, bob: User) -> None:
    today = timezone.now().date()
    row = actions.lend(
        from_user=alice,
        to_user=bob,
        areas=[Area.CALLS],
        first_day=today,
        last_day=today + dt.timedelta(days=1),
        actor=alice,
    )
    as_charlie.post(f"/accounts/lend/{row.pk}/end/")
    row.refresh_from_db()
    assert row.ended_at is None


def test_who_has_nothing_lends_nothing(as_charlie: Client) -> None:
    assert "There is nothing to lend" in text(as_charlie.get("/accounts/lend/"))
