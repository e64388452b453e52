"""Notices: who is told, once; what a page and a bell show; how people wish to be told."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.test import Client

from folkmoot.kernel.accounts.actions import grant
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.notices import actions, mail, mentions, queries
from folkmoot.kernel.notices.models import Frequency, Notice, NoticePreference, NoticeSettings
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.people.actions import add_note, edit_note, last_change, remove_note, undo
from tests.factories import PersonFactory, UserFactory

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


def tell(*users: User, dedupe: str = "one", actor: User | None = None, **fields: Any) -> int:
    values: dict[str, Any] = {
        "kind": "home.assigned",
        "area": "people",
        "title": f"Title of {dedupe}",
        "url": "/people/",
    }
    with transaction.atomic():
        return actions.notify(users=users, dedupe=dedupe, actor=actor, **(values | fields))


def told(user: User) -> list[str]:
    return list(Notice.objects.filter(user=user).order_by("pk").values_list("title", flat=True))


def wish(user: User, mail: str = Frequency.AT_ONCE, **fields: Any) -> None:
    values: dict[str, Any] = {"quiet_from": None, "quiet_to": None, "digest_hour": 8, "digest_weekday": 0}
    actions.change_wishes(user=user, actor=user, mail={"people": mail}, **(values | fields))


# --- telling


def test_only_those_who_may_see_the_area_and_never_the_actor(alice: User, bob: User, charlie: User) -> None:
    assert tell(alice, bob, charlie, actor=alice) == 1
    assert tell(alice, bob, charlie, actor=None, dedupe="settings", area="settings") == 1
    assert (told(alice), told(bob), told(charlie)) == (["Title of settings"], ["Title of one"], [])


def test_the_same_is_told_once(bob: User) -> None:
    assert [tell(bob), tell(bob, title="Again"), tell(bob, dedupe="two")] == [1, 0, 1]
    assert told(bob) == ["Title of one", "Title of two"]


@pytest.mark.parametrize("url", ["https://example.org/", "//example.org/", "/\\example.org", "people/", ""])
def test_a_notice_leads_to_a_page_here(bob: User, url: str) -> None:
    with pytest.raises(ValueError, match="leads to a path of this installation"):
        tell(bob, url=url)


def test_what_a_notice_needs(bob: User) -> None:
    with pytest.raises(LookupError, match="no kind of notice 'nonsense'"):
        tell(bob, kind="nonsense")
    with pytest.raises(ValueError, match="cannot be about the area ''"):
        tell(bob, area="")


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_it_is_refused() -> None:
    user = UserFactory()
    with pytest.raises(RuntimeError, match="inside the transaction"):
        actions.notify(
            users=[user], kind="home.assigned", area="people", title="t", url="/", dedupe="d", actor=None
        )


def test_who_may_not_see_an_area_any_more_sees_none_of_its_notices(bob: User, as_bob: Client) -> None:
    tell(bob)
    assert queries.unread_count(bob) == 1
    grant(user=bob, area=Area.PEOPLE, level=None)
    bob = User.objects.get(pk=bob.pk)
    assert queries.unread_count(bob) == 0
    assert "Title of one" not in as_bob.get("/notices/").content.decode()


def test_withdrawn_while_unread(alice: User, bob: User) -> None:
    tell(alice, bob, about="thing:1")
    actions.mark_read(notices=queries.notices_for(bob), actor=bob)
    assert actions.withdraw(about="thing:1") == 1
    assert actions.withdraw(about="") == 0
    assert (told(alice), told(bob)) == ([], ["Title of one"])


# --- the pages


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_takes_the_same_queries(
    bob: User, as_bob: Client, rows: int, django_assert_num_queries: Any
) -> None:
    for n in range(rows):
        tell(bob, dedupe=f"n{n}", actor=UserFactory())
    as_bob.get("/notices/")
    with django_assert_num_queries(
        7
    ):  # session, user, rights, count, page, saved views, the community's name
        page = as_bob.get("/notices/?columns=by")
    assert [row.object.title for row in page.context["list"].rows] == [
        f"Title of n{n}" for n in reversed(range(rows))
    ]


def test_filters(alice: User, as_alice: Client) -> None:
    tell(alice, dedupe="people")
    tell(alice, dedupe="funding", area="funding")
    actions.mark_read(notices=queries.notices_for(alice).filter(area="funding"), actor=alice)

    def titles(query: str) -> list[str]:
        return [row.object.title for row in as_alice.get(f"/notices/{query}").context["list"].rows]

    assert titles("?area=funding") == ["Title of funding"]
    assert titles("?unread=1") == ["Title of people"]
    assert titles("?unread=0") == ["Title of funding"]
    assert titles("?q=FUND&area=nonsense") == ["Title of funding"]


def test_opening_marks_it_read_and_goes_there(
    alice: User, bob: User, as_bob: Client, as_alice: Client
) -> None:
    tell(bob, url="/people/?q=x")
    notice = Notice.objects.get()
    assert as_alice.get(f"/notices/{notice.pk}/").status_code == 404
    assert Notice.objects.get().is_unread
    with time_machine.travel(NOW, tick=False):
        response = as_bob.get(f"/notices/{notice.pk}/")
        assert (response.status_code, response["Location"]) == (302, "/people/?q=x")
    as_bob.get(f"/notices/{notice.pk}/")
    assert Notice.objects.get().read_at == NOW


def test_all_read_and_taken_back(bob: User, alice: User, as_bob: Client, as_alice: Client) -> None:
    for n in range(3):
        tell(bob, alice, dedupe=f"n{n}")
    actions.mark_read(notices=queries.notices_for(bob).filter(dedupe="n0"), actor=bob)
    page = as_bob.post("/notices/read/", follow=True)
    [toast] = page.context["messages"]
    assert (str(toast), queries.unread_count(bob), queries.unread_count(alice)) == (
        "2 notices are read.",
        0,
        3,
    )
    undo_url = toast.extra_tags.removeprefix("undo:")
    as_alice.post(undo_url)
    assert queries.unread_count(bob) == 0
    as_bob.post(undo_url)
    assert (queries.unread_count(bob), queries.unread_count(alice)) == (2, 3)
    assert "can no longer be undone" in as_bob.post("/notices/unread/garbled/", follow=True).content.decode()


def test_selected_ones(bob: User, alice: User, as_bob: Client) -> None:
    tell(bob, alice)
    ids = list(Notice.objects.values_list("pk", flat=True))
    as_bob.post("/notices/", {"bulk": "read", "selected": ids})
    assert (queries.unread_count(bob), queries.unread_count(alice)) == (0, 1)
    as_bob.post("/notices/", {"bulk": "unread", "selected": ids})
    assert queries.unread_count(bob) == 1


def test_the_bell(bob: User, as_bob: Client, as_charlie: Client) -> None:
    for n in range(100):
        tell(bob, dedupe=f"n{n}")
    assert ">99+<" in as_bob.get("/notices/count/").content.decode()
    assert "hidden" in as_charlie.get("/notices/count/").content.decode()
    assert 'href="/notices/"' in as_bob.get("/").content.decode()


# --- wishes


def test_wishes_by_the_page(bob: User, as_bob: Client) -> None:
    page = as_bob.get("/notices/preferences/")
    assert list(page.context["form"].fields) == [
        "mail_people",
        "quiet_from",
        "quiet_to",
        "digest_hour",
        "digest_weekday",
    ]
    posted = {
        "mail_people": "weekly",
        "quiet_from": "22:00",
        "quiet_to": "07:30",
        "digest_hour": "9",
        "digest_weekday": "4",
    }
    assert as_bob.post("/notices/preferences/", posted).status_code == 302
    kept = NoticeSettings.objects.get(user=bob)
    assert (kept.quiet, kept.digest_hour, kept.digest_weekday) == ((dt.time(22), dt.time(7, 30)), 9, 4)
    assert [(row.area, row.mail) for row in NoticePreference.objects.filter(user=bob)] == [
        ("people", "weekly")
    ]
    # An area that he may not see is not his to choose, whatever is posted.
    as_bob.post("/notices/preferences/", {**posted, "mail_settings": "at_once"})
    assert NoticePreference.objects.filter(user=bob).count() == 1


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("mail_people", "hourly", "Select a valid choice"),
        ("quiet_from", "25:00", "Enter a valid time"),
        ("quiet_to", "", "Give both"),
        ("quiet_to", "22:00", "cannot end when they begin"),
        ("digest_hour", "24", "Select a valid choice"),
        ("digest_hour", "23", "lies in your quiet hours"),
        ("digest_hour", "6", "lies in your quiet hours"),
        ("digest_weekday", "x", "Select a valid choice"),
    ],
)
def test_wrong_wishes(bob: User, as_bob: Client, field: str, value: str, error: str) -> None:
    posted = {
        "mail_people": "daily",
        "quiet_from": "22:00",
        "quiet_to": "07:00",
        "digest_hour": "8",
        "digest_weekday": "0",
    }
    page = as_bob.post("/notices/preferences/", {**posted, field: value})
    assert page.status_code == 200
    assert [name for name, _ in page.context["form"].errors.items()] == [field]
    assert error in str(page.context["form"].errors[field])
    assert not NoticeSettings.objects.exists()


def test_wishes_are_ones_own(alice: User, bob: User) -> None:
    with pytest.raises(PermissionDenied):
        actions.change_wishes(
            user=bob, actor=alice, mail={}, quiet_from=None, quiet_to=None, digest_hour=8, digest_weekday=0
        )
    with pytest.raises(ValidationError):
        wish(bob, "hourly")
    with pytest.raises(ValidationError):
        wish(bob, digest_weekday=7)
    assert not NoticePreference.objects.exists()


# --- the end of mails


def test_one_click_stops_the_mail(bob: User) -> None:
    """RFC 8058: a mail program posts without cookies; a visit alone, by whatever looks at links, stops nothing."""
    url = f"/notices/unsubscribe/{mail.unsubscribe_token(bob)}/"
    strict = Client(enforce_csrf_checks=True)
    assert strict.get(url).status_code == 200
    assert not NoticePreference.objects.exists()
    assert strict.post(url, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert {row.mail for row in NoticePreference.objects.filter(user=bob)} == {"never"}
    assert NoticePreference.objects.count() == len(Area)
    assert strict.post(url).status_code == 200


@pytest.mark.parametrize("how", ["cut", "other salt", "gone", "nonsense"])
def test_a_garbled_token_stops_nothing(bob: User, how: str) -> None:
    from django.core import signing

    token = {
        "cut": mail.unsubscribe_token(bob)[:-2],
        "other salt": signing.dumps(bob.pk, salt="other"),
        "gone": signing.dumps(987654321, salt=mail.UNSUBSCRIBE_SALT),
        "nonsense": "%00\u202e:::",
    }[how]
    response = Client().post(f"/notices/unsubscribe/{token}/")
    assert response.status_code == 400
    assert "not complete" in response.content.decode()
    assert not NoticePreference.objects.exists()


# --- mentions


def test_handles(alice: User, bob: User) -> None:
    twin = UserFactory(email="bob@example.net", name="Bob Twin")
    off = UserFactory(email="gone@example.org", name="Gone Person", is_active=False)
    known = mentions.handles()
    assert (known.best(alice), known.best(bob), known.best(twin), known.best(off)) == (
        "alice",
        "bob.member",
        "bob.twin",
        "",
    )
    text = "@alice, (@Bob.Member) @bob @bob@example.net. mail me@alice.org, @nobody @gone @alice-"
    assert mentions.mentioned(text) == [alice, bob, twin]


def test_mentions_are_shown_as_names_and_nothing_else_is_let_through(alice: User) -> None:
    alice.name = "<b>Alice</b>"
    alice.save()
    shown = mentions.as_html("<i>@alice</i> & @nobody", mentions.handles(), lambda user: f"/u/{user.pk}?a&b")
    assert shown == (
        f'&lt;i&gt;<a class="mention" href="/u/{alice.pk}?a&amp;b">@&lt;b&gt;Alice&lt;/b&gt;</a>&lt;/i&gt;'
        " &amp; @nobody"
    )


def test_who_is_mentioned_in_a_note_is_told_once(alice: User, bob: User, charlie: User) -> None:
    dora = UserFactory(email="dora@example.org", name="Dora")
    grant(user=dora, area=Area.PEOPLE, level=Level.CONTRIBUTE)
    ana = PersonFactory(name="Ana")
    note = add_note(about=ana, body="@dora @bob @charlie @alice look", actor=alice)
    # Bob may see people but no notes; Charlie nothing; Alice wrote it.
    assert [(n.user, n.title, n.url) for n in Notice.objects.all()] == [
        (dora, "Alice Admin mentions you in a note about Ana", f"/people/{ana.pk}/")
    ]
    edit_note(note=note, body="@dora @bob look again", actor=alice)
    assert Notice.objects.count() == 1
    remove_note(note=note, actor=alice)
    assert Notice.objects.count() == 0


def test_a_note_taken_back_takes_its_notice_along(alice: User) -> None:
    dora = UserFactory(email="dora@example.org")
    grant(user=dora, area=Area.PEOPLE, level=Level.CONTRIBUTE)
    note = add_note(about=PersonFactory(), body="@dora", actor=alice)
    assert Notice.objects.count() == 1
    undo(what=last_change(note), actor=alice)
    assert Notice.objects.count() == 0


def test_mentions_link_to_the_people(alice: User, bob: User, as_alice: Client) -> None:
    record = PersonFactory(name="Robert Member", user=bob)
    ana = PersonFactory(name="Ana")
    add_note(about=ana, body="Ask @bob & @alice\n<script>", actor=alice)
    page = as_alice.get(f"/people/{ana.pk}/").content.decode()
    assert (
        f'Ask <a class="mention" href="/people/{record.pk}/">@Bob Member</a> &amp;'
        ' <span class="mention">@Alice Admin</span><br>&lt;script&gt;'
    ) in page


def test_whom_one_can_mention(
    alice: User, as_alice: Client, as_bob: Client, as_charlie: Client, django_assert_num_queries: Any
) -> None:
    for name in ("Émile Ruiz", "Emma Stone", "Zed"):
        user = UserFactory(email=f"{name.split()[0].lower()}@example.org".replace("é", "x"), name=name)
        grant(user=user, area=Area.PEOPLE, level=Level.CONTRIBUTE)
    url = "/notices/people/people.mention/"
    as_alice.get(url)
    with django_assert_num_queries(6):  # session, user, rights, everybody's handles, who would be told
        page = as_alice.get(url, {"q": "em"})
    assert [(handle, user.name) for handle, user in page.context["people"]] == [
        ("xmile", "Émile Ruiz"),
        ("emma", "Emma Stone"),
    ]
    assert "bob" not in as_alice.get(url).content.decode()
    assert [as_bob.get(url).status_code, as_charlie.get(url).status_code] == [403, 403]
    assert as_alice.get("/notices/people/nonsense/").status_code == 404
    assert as_alice.get(url, {"q": "\0\u202e" * 500}).status_code == 200
