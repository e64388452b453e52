"""The first run and the community's settings."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.mail import EmailMessage
from django.test import Client
from PIL import Image

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.community import Community
from folkmoot.kernel.ui import accent
from folkmoot.kernel.users.models import Invitation
from folkmoot.kernel.welcome import actions, gate
from tests.conftest import PASSWORD, signed_in
from tests.kernel.other_side import signed_in_as


@pytest.fixture
def fresh(db: None, settings: Any, tmp_path: Path) -> Iterator[Client]:
    """A new installation, and a browser."""
    settings.MEDIA_ROOT = tmp_path
    gate.assume(False)
    yield Client()
    gate.assume(False)


def text(response: Any) -> str:
    return str(response.content.decode())


def let_in(client: Client) -> Client:
    path = gate.link().removeprefix("http://localhost:8000")
    assert client.get(path).headers["Location"] == "/welcome/community/"
    return client


def picture(kind: str = "PNG", size: tuple[int, int] = (900, 300)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "#336699").save(out, kind)
    return out.getvalue()


# --- the gate


def test_every_page_leads_to_the_guide(fresh: Client) -> None:
    for url in ("/", "/people/", "/accounts/login/", "/settings/users/", "/no/such/page", "/invitation/x/"):
        answer = fresh.get(url)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/welcome/"), url
    assert "This Folkmoot is new" in text(fresh.get("/welcome/"))
    assert fresh.get("/healthz").status_code != 302
    assert fresh.get("/theme.css").status_code == 200


@pytest.mark.parametrize("word", ["x", "0" * 40, "ünï", "%00", "a" * 5000])
def test_a_stranger_does_not_get_in(fresh: Client, word: str) -> None:
    answer = fresh.get(f"/welcome/?token={word}")
    assert (answer.status_code, "The link is not the right one" in text(answer)) == (403, True)
    for step in ("community", "habits", "account"):
        for method in (fresh.get, fresh.post):
            answer = method(
                f"/welcome/{step}/", {"email": "evil@example.org", "name": "E", "password": PASSWORD}
            )
            assert answer.headers["Location"] == "/welcome/"
    for step in ("people", "data"):
        assert fresh.get(f"/welcome/{step}/").headers["Location"].startswith("/accounts/login/")
    assert User.objects.count() == 0


def test_once_somebody_is_there_the_link_is_worth_nothing(fresh: Client, alice: User) -> None:
    link = gate.link()
    assert fresh.get(link).headers["Location"] == "/"
    assert fresh.post("/welcome/account/", {}).headers["Location"] == "/"
    with pytest.raises(PermissionDenied):
        actions.make_first_user(email="second@example.org", name="Second", password=PASSWORD)
    with pytest.raises(PermissionDenied):
        actions.change_community(actor=None, name="Taken over")
    assert User.objects.count() == 1


def test_a_browser_that_came_first_is_shut_out_by_the_first_account(fresh: Client) -> None:
    slow = let_in(Client())
    let_in(fresh).post(
        "/welcome/account/", {"name": "First", "email": "first@example.org", "password": PASSWORD}
    )
    answer = slow.post(
        "/welcome/account/", {"name": "Late", "email": "late@example.org", "password": PASSWORD}
    )
    assert (answer.headers["Location"], User.objects.count()) == ("/", 1)


def test_nothing_is_asked_once_somebody_signs_in(alice: User, django_assert_num_queries: Any) -> None:
    gate.assume(False)
    Client().get("/no/such/page")
    with django_assert_num_queries(0):
        assert gate.somebody_signs_in() is True


# --- the guide


def test_the_whole_guide(fresh: Client, mailoutbox: list[EmailMessage]) -> None:
    let_in(fresh)
    looks = {"name": "Tidewater Commons", "accent": "#7c3aed", "logo": SimpleUploadedFile("l.png", picture())}
    assert fresh.post("/welcome/community/", looks).headers["Location"] == "/welcome/habits/"
    habits = {"time_zone": "America/Denver", "currency": "EUR", "fiscal_year_start": "7"}
    assert fresh.post("/welcome/habits/", habits).headers["Location"] == "/welcome/account/"
    weak = fresh.post(
        "/welcome/account/", {"name": "Ada", "email": "ada@example.org", "password": "1234567890"}
    )
    assert (weak.status_code, User.objects.count()) == (200, 0)
    account = {"name": "Ada First", "email": "Ada@Example.org", "password": PASSWORD}
    assert fresh.post("/welcome/account/", account).headers["Location"] == "/welcome/people/"
    ada = User.objects.get()
    assert (ada.email, set(ada.levels.values()), len(ada.levels)) == ("ada@example.org", {4}, 8)
    assert signed_in_as(fresh) == ada.pk
    wrong = fresh.post("/welcome/people/", {"emails": "bo@example.org\nnonsense", "level": "3"})
    assert "Line 2 is no e-mail address: nonsense" in text(wrong)
    people = {"emails": "bo@example.org\n\n cy@example.org ,\nada@example.org", "level": "2"}
    assert fresh.post("/welcome/people/", people).headers["Location"] == "/welcome/data/"
    assert [mail.to for mail in mailoutbox] == [["bo@example.org"], ["cy@example.org"]]
    assert mailoutbox[0].subject == "You are invited to Tidewater Commons"
    assert {tuple(row.levels.values()) for row in Invitation.objects.all()} == {(2,) * 7}
    page = text(fresh.get("/welcome/data/"))
    assert "ada@example.org has an account already" in page
    assert "Import files" in page
    row = Community.objects.get()
    assert (row.name, row.accent, row.time_zone, row.currency, row.fiscal_year_start) == (
        "Tidewater Commons",
        "#7c3aed",
        "America/Denver",
        "EUR",
        7,
    )
    home = text(fresh.get("/"))
    assert 'href="/theme.css?7c3aed"' in home
    assert 'class="fm-logo"' in home


def test_the_sample_is_offered_and_begun(as_alice: Client) -> None:
    assert "made-up community" in text(as_alice.get("/welcome/data/"))
    answer = as_alice.post("/welcome/data/sample/")
    assert re.fullmatch(r"/settings/jobs/\d+/", answer.headers["Location"])
    assert as_alice.post("/welcome/data/nothing/").status_code == 404


# --- settings


def everything(**changed: Any) -> dict[str, Any]:
    return {
        "name": "Here",
        "accent": "",
        "time_zone": "",
        "currency": "USD",
        "fiscal_year_start": "1",
        "members": "closed",
        "contributors": "unlisted",
        **changed,
    }


def test_the_settings_page_changes_and_tells(as_alice: Client, alice: User) -> None:
    as_alice.post("/settings/community/", everything(name="  New   Name ", currency="GBP"))
    row = Community.objects.get()
    assert (row.name, row.currency) == ("New Name", "GBP")
    assert row.history.first().history_user == alice


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": ""}, "required"),
        ({"name": "x" * 200}, "at most 120"),
        ({"accent": "red"}, "six hexadecimal digits"),
        ({"accent": "#ffd700"}, "4.5 is needed to read it: take #"),
        ({"time_zone": "Mars/Olympus"}, "Select a valid choice"),
        ({"currency": "euro"}, "Select a valid choice"),
        ({"fiscal_year_start": "13"}, "Select a valid choice"),
        ({"fiscal_year_start": "x"}, "Select a valid choice"),
        ({"members": "all"}, "Select a valid choice"),
        ({"contributors": ""}, "required"),
    ],
)
def test_what_cannot_be_is_said(as_alice: Client, changed: dict[str, str], said: str) -> None:
    answer = as_alice.post("/settings/community/", everything(**changed))
    assert (answer.status_code, said in text(answer)) == (200, True)
    assert Community.objects.count() == 0


def test_whoever_manages_the_settings_lets_members_in_and_lists_the_public_pages(
    as_alice: Client, as_nobody: Client
) -> None:
    def seen() -> tuple[bool, int, str]:
        pages = as_nobody.get("/contributors/")
        sign_in = text(as_nobody.get("/accounts/login/code/"))
        return "What you need to sign in" in sign_in, pages.status_code, pages.get("X-Robots-Tag", "")

    assert seen() == (False, 200, "noindex, nofollow")
    as_alice.post("/settings/community/", everything(members="open", contributors="listed"))
    assert seen() == (True, 200, "")
    as_alice.post("/settings/community/", everything(contributors="closed"))
    assert seen() == (False, 404, "")


def test_what_the_installation_sets_has_the_last_word(
    as_alice: Client, as_nobody: Client, settings: Any
) -> None:
    settings.MEMBERS, settings.CONTRIBUTORS = "closed", "closed"
    page = text(as_alice.get("/settings/community/"))
    assert [f"by FOLKMOOT_{name}." in page for name in ("MEMBERS", "CONTRIBUTORS")] == [True, True]
    as_alice.post("/settings/community/", everything(members="open", contributors="listed"))
    row = Community.objects.get()
    assert (row.members, row.contributors, row.members_sign_in) == ("closed", "unlisted", False)
    assert as_nobody.get("/contributors/").status_code == 404


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_logo_is_drawn_anew_and_small(as_alice: Client, settings: Any, tmp_path: Path, kind: str) -> None:
    settings.MEDIA_ROOT = tmp_path
    hidden = picture(kind) + b"<script>alert(1)</script>"
    as_alice.post("/settings/community/", everything(logo=SimpleUploadedFile("x.html", hidden)))
    answer = Client().get("/logo")
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert (answer.headers["Content-Type"], b"script" in content) == ("image/png", False)
    assert Image.open(io.BytesIO(content)).size == (512, 171)


def test_another_logo_takes_the_place_of_the_first(
    as_alice: Client, settings: Any, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    for size in ((10, 10), (20, 20)):
        with django_capture_on_commit_callbacks(execute=True):
            logo = SimpleUploadedFile("l.png", picture(size=size))
            as_alice.post("/settings/community/", everything(logo=logo))
    assert len(list(tmp_path.rglob("logo-*.png"))) == 1
    with django_capture_on_commit_callbacks(execute=True):
        as_alice.post("/settings/community/", everything(remove_logo="on"))
    assert (Client().get("/logo").status_code, list(tmp_path.rglob("logo-*.png"))) == (404, [])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nonsense",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        picture()[:60],
        b"\x89PNG\r\n\x1a\n",
        b"%PDF-1.7",
    ],
)
def test_what_is_no_picture_is_refused(as_alice: Client, content: bytes) -> None:
    answer = as_alice.post("/settings/community/", everything(logo=SimpleUploadedFile("logo.png", content)))
    assert (answer.status_code, Community.objects.count()) == (200, 0)


def test_a_picture_that_unpacks_to_too_much_is_refused(as_alice: Client) -> None:
    out = io.BytesIO()
    Image.new("1", (20_000, 5_000)).save(out, "PNG")
    bomb = SimpleUploadedFile("logo.png", out.getvalue())
    answer = as_alice.post("/settings/community/", everything(logo=bomb))
    assert (answer.status_code, Community.objects.count()) == (200, 0)


# --- the accent


def test_contrast_is_that_of_wcag() -> None:
    assert accent.contrast(accent.WHITE, accent.BLACK) == pytest.approx(21)
    assert accent.contrast((0x77, 0x77, 0x77), accent.WHITE) == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("value", ["#0f766e", "#7c3aed", "#b91c1c", "#000000", "#1d4ed8", "#9d174d"])
def test_both_themes_can_be_read(value: str) -> None:
    assert accent.too_pale(value) is None
    assert accent.reads(accent.light(accent.parse(value)), accent.LIGHT_GROUND)
    assert accent.reads(accent.dark(accent.parse(value)), accent.DARK_GROUND)
    sheet = accent.stylesheet(value)
    assert re.findall(r"--fm-accent: (#\w{6});", sheet)[0] == value


@pytest.mark.parametrize("value", ["#ffd700", "#ffffff", "#5eead4", "#ff69b4"])
def test_a_pale_colour_gets_a_darker_one_proposed(value: str) -> None:
    problem = accent.too_pale(value)
    assert problem is not None
    assert problem.ratio < 4.5
    assert accent.too_pale(problem.better) is None


def test_the_communitys_zone_holds_for_who_chose_none(as_alice: Client, alice: User) -> None:
    Community.objects.create(pk=1, time_zone="Asia/Tokyo")
    User.objects.filter(pk=alice.pk).update(last_login="2026-11-20T20:00:00Z")
    page = text(signed_in(User.objects.get(pk=alice.pk)).get(f"/settings/users/{alice.pk}/"))
    assert "Asia/Tokyo" in page
