"""Members: how they come in, what they see, which record becomes theirs and how that is taken back."""

from __future__ import annotations

import re
from typing import Any

import pytest
import time_machine
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail import EmailMessage
from django.test import Client

from folkmoot.kernel.accounts.models import User
from folkmoot.ledger.models import Activity
from folkmoot.people.actions import claims
from folkmoot.people.models import Claim, Identity, Person
from folkmoot.people.queries.own import proposals
from tests.conftest import signed_in
from tests.factories import ActivityFactory, IdentityFactory, PersonFactory
from tests.kernel.other_side import signed_in_as

pytestmark = pytest.mark.django_db


@pytest.fixture
def is_open(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Members sign in by themselves."""
    monkeypatch.setattr(settings, "MEMBERS", "open")
    cache.clear()
    yield
    cache.clear()


def link_in(mail: EmailMessage) -> str:
    found = re.search(r"https?://[^/\s]+(/accounts/join/\S+)", mail.body)
    assert found, mail.body
    return found[1]


# --- coming in


def test_a_member_comes_in_by_a_mailed_link(
    is_open: None, bob: User, as_nobody: Client, mailoutbox: list[EmailMessage]
) -> None:
    Client().post("/accounts/login/code/", {"email": "bob@example.org"})
    answer = as_nobody.post("/accounts/login/code/", {"email": "Ana@example.net"})
    # As for whoever has an account: see tests/kernel/test_signin.py.
    assert answer.headers["Location"] == "/accounts/login/code/confirm/"
    assert [mail.subject for mail in mailoutbox] == ["[Folkmoot] Sign in"] * 2
    assert User.objects.count() == 1
    url = link_in(mailoutbox[1])
    assert as_nobody.get(url).status_code == 200
    assert User.objects.count() == 1
    as_nobody.post(url, {"name": "Ana"})
    made = User.objects.get(email="ana@example.net")
    assert (signed_in_as(as_nobody), made.levels) == (made.pk, {})
    assert as_nobody.get("/").headers["Location"] == "/my/record/"
    thief = Client()
    assert thief.post(url, {"name": "Thief"}).status_code == 404
    assert (signed_in_as(thief), User.objects.count()) == (None, 2)


def test_links_run_out_and_closed_communities_make_none(
    is_open: None, as_nobody: Client, mailoutbox: list[EmailMessage], monkeypatch: pytest.MonkeyPatch
) -> None:
    with time_machine.travel("2026-11-20T10:00:00Z", tick=False) as clock:
        as_nobody.post("/accounts/login/code/", {"email": "ana@example.net"})
        url = link_in(mailoutbox[0])
        clock.shift(60 * 60 + 1)
        assert as_nobody.post(url, {"name": "Ana"}).status_code == 404
        clock.shift(-60)
        monkeypatch.setattr(settings, "MEMBERS", "closed")
        assert as_nobody.post(url, {"name": "Ana"}).status_code == 404
        as_nobody.post("/accounts/login/code/", {"email": "eve@example.net"})
    assert "/accounts/join/" not in mailoutbox[1].body
    assert as_nobody.get("/accounts/join/nonsense/").status_code == 404
    assert User.objects.count() == 0


def test_too_many_mails_are_not_sent(
    is_open: None, as_nobody: Client, mailoutbox: list[EmailMessage]
) -> None:
    for _ in range(5):
        Client().post("/accounts/login/code/", {"email": "ana@example.net"})
    assert len(mailoutbox) == 3


def test_a_member_sees_their_own_side_and_nothing_else(as_charlie: Client, as_bob: Client) -> None:
    page = as_charlie.get("/my/record/").content.decode()
    assert ("palette-input" in page, 'href="/people/"' in page, 'href="/my/record/"' in page) == (
        False,
        False,
        True,
    )
    assert as_charlie.get("/people/").status_code == 403
    page = as_bob.get("/people/").content.decode()
    assert 'href="/my/record/"' in page


# --- claiming


@pytest.fixture
def ana(db: None) -> Person:
    """In the register by e-mail and GitHub; unknown to her."""
    ana = PersonFactory(name="Ana")
    IdentityFactory(person=ana, system="email", value="Charlie@Example.org")
    IdentityFactory(person=ana, system="github", value="ana-p", number="77")
    return ana


def test_only_what_is_proven_is_proposed(ana: Person, charlie: User) -> None:
    other = IdentityFactory(system="github", value="charlie-gh")
    orcid = IdentityFactory(system="orcid", value="0000-0002-1825-0097").person
    bot = IdentityFactory(system="github", value="charlie-bot", number="55", is_bot=True)
    noreply = IdentityFactory(system="email", value="55+charlie-gh@users.noreply.github.com").person
    assert [each.person for each in proposals(charlie)] == [ana]
    SocialAccount.objects.create(
        user=charlie, provider="github", uid="55", extra_data={"login": "charlie-gh"}
    )
    SocialAccount.objects.create(user=charlie, provider="orcid", uid="0000-0002-1825-0097")
    assert [each.person for each in proposals(charlie)] == [ana, orcid, noreply]
    assert other.person not in [each.person for each in proposals(charlie)]
    assert bot.person not in [each.person for each in proposals(charlie)]


def test_claimed_with_one_click_and_taken_back(ana: Person, charlie: User, as_charlie: Client) -> None:
    SocialAccount.objects.create(user=charlie, provider="github", uid="77", extra_data={"login": "ana-p"})
    SocialAccount.objects.create(user=charlie, provider="orcid", uid="0000-0002-1825-0097")
    stranger = PersonFactory(name="Nobody's business")
    before = list(Identity.objects.order_by("pk").values("system", "value", "is_verified"))
    assert as_charlie.post(f"/my/record/claim/{stranger.pk}/").status_code == 404
    as_charlie.post(f"/my/record/claim/{ana.pk}/")
    as_charlie.post(f"/my/record/claim/{ana.pk}/")
    ana.refresh_from_db()
    assert ana.user == charlie
    assert sorted(ana.identities.filter(is_verified=True).values_list("system", flat=True)) == [
        "email",
        "github",
        "orcid",
    ]
    assert [(claim.state, claim.proof) for claim in Claim.objects.all()] == [("granted", "email")]
    assert list(Activity.objects.values_list("kind", flat=True)) == ["people.claimed"]

    as_charlie.post("/my/record/release/")
    ana.refresh_from_db()
    assert ana.user is None
    after = Identity.objects.exclude(system="folkmoot").order_by("pk")
    assert list(after.values("system", "value", "is_verified")) == before
    assert list(Activity.objects.order_by("pk").values_list("kind", flat=True)) == [
        "people.claimed",
        "people.claim_taken_back",
    ]


def test_a_record_of_somebody_else_is_refused_in_words(
    ana: Person, charlie: User, bob: User, as_charlie: Client
) -> None:
    Person.objects.filter(pk=ana.pk).update(user=bob)
    page = as_charlie.get("/my/record/").content.decode()
    assert ("Somebody else signs in as this person" in page, bob.name in page, bob.email in page) == (
        True,
        False,
        False,
    )
    with pytest.raises(ValidationError, match="already"):
        claims.claim_proven(person=ana, user=charlie)
    Person.objects.filter(pk=ana.pk).update(user=None)
    PersonFactory(name="Charlie's own", user=charlie)
    with pytest.raises(ValidationError, match="merged by a coordinator"):
        claims.claim_proven(person=ana, user=charlie)


def test_a_record_of_their_own(
    ana: Person, charlie: User, bob: User, as_charlie: Client, as_bob: Client
) -> None:
    as_charlie.post("/my/record/new/", {"name": "Charlie"})
    assert not Person.objects.filter(user=charlie).exists()
    for _ in range(2):
        as_bob.post("/my/record/new/", {"name": "Bob"})
    made = Person.objects.get(user=bob)
    assert [(one.system, one.value, one.is_verified) for one in made.identities.all()] == [
        ("email", "bob@example.org", True)
    ]


def test_asking_tells_nobody_who_is_here(ana: Person, charlie: User, as_charlie: Client, bob: User) -> None:
    taken = IdentityFactory(system="github", value="taken", person__user=bob)
    wanted = IdentityFactory(system="github", value="wanted").person
    answers = []
    for value in ("Wanted", "no-such-login", taken.value):
        sent = {"system": "github", "value": value, "message": "We met in Quito."}
        answer = as_charlie.post("/my/record/ask/", sent)
        answers.append(
            (answer.status_code, answer.headers["Location"], len(as_charlie.session["people.asked"]))
        )
    assert answers == [(302, "/my/record/", n) for n in (1, 2, 3)]
    page = as_charlie.get("/my/record/").content.decode()
    assert page.count("If there is such a record, somebody looks at it.") == 3
    claim = Claim.objects.get()
    assert (claim.person, claim.user, claim.state, claim.proof) == (wanted, charlie, "open", "")


def test_a_coordinator_decides(
    charlie: User, alice: User, bob: User, as_alice: Client, mailoutbox: list[EmailMessage],
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    first, second = PersonFactory(name="First"), PersonFactory(name="Second")
    one = claims.ask_for_record(user=charlie, person=first, message="me")
    two = claims.ask_for_record(user=charlie, person=second, message="me")
    assert one is not None
    assert two is not None
    assert claims.ask_for_record(user=charlie, person=first, message="again") == one
    today = as_alice.get("/").content.decode()
    assert "Charlie Stranger says: I am First" in today
    with pytest.raises(PermissionDenied):
        claims.decide_claim(claim=one, granted=True, actor=bob)
    with django_capture_on_commit_callbacks(execute=True):
        as_alice.post(f"/people/claims/{one.pk}/grant/")
        assert as_alice.post(f"/people/claims/{two.pk}/refuse/", {"reason": ""}).status_code == 422
        as_alice.post(f"/people/claims/{two.pk}/refuse/", {"reason": "Somebody else."})
    first.refresh_from_db()
    assert first.user == charlie
    assert [(mail.to, "Somebody else." in mail.body) for mail in mailoutbox] == [
        (["charlie@example.org"], False),
        (["charlie@example.org"], True),
    ]
    with pytest.raises(ValidationError):
        claims.decide_claim(claim=two, granted=True, actor=alice)
    as_alice.post(f"/people/{first.pk}/release/")
    first.refresh_from_db()
    assert first.user is None


@pytest.mark.parametrize("number", [1, 3])
def test_the_lists_ask_alike_however_long(
    number: int, as_alice: Client, charlie: User, django_assert_num_queries: Any
) -> None:
    for n in range(number):
        Claim.objects.create(person=PersonFactory(), user=charlie, message=str(n))
    as_alice.get("/people/claims/")
    with django_assert_num_queries(7):
        assert as_alice.get("/people/claims/").status_code == 200


def test_activity_is_theirs_once_claimed(ana: Person, charlie: User) -> None:
    ActivityFactory(identity=ana.identities.get(system="github"))
    claims.claim_proven(person=ana, user=charlie)
    claims.release(person=ana, actor=charlie)
    assert ana.identities.filter(system="github").exists()
    assert signed_in(charlie).get("/my/record/").status_code == 200
