"""Asking for something: the form, drafts, files, the proof by mail, one's own page."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core import signing
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.notices.models import Notice
from folkmoot.kernel.ui.guarded import SALT
from folkmoot.ledger.models import Activity
from folkmoot.outbox.models import Channel, Delivery
from folkmoot.people.models import OrganizationDomain
from folkmoot.training.actions import asking
from folkmoot.training.models import FormField, FormVersion, Request, RequestFile, RequestForm
from folkmoot.training.seeds.requests import load_forms
from tests.factories import IdentityFactory, OrganizationFactory, PersonFactory, RequestFactory

UTC = dt.UTC
NOW = dt.datetime(2027, 1, 10, 12, tzinfo=UTC)
PDF = b"%PDF-1.7 made up"


@pytest.fixture
def forms(rows: None, alice: User) -> Iterator[None]:
    """The forms that come along, alice's; mail can leave. It is January 2027."""
    cache.clear()
    Channel.objects.create(
        kind="house",
        name="Mail",
        medium="mail",
        is_default=True,
        settings={"from": "Moot <moot@example.org>"},
    )
    load_forms()
    RequestForm.objects.update(owner=alice, contact="workshops@example.org")
    with time_machine.travel(NOW, tick=False):
        yield


def address(slug: str = "workshop") -> str:
    return reverse("events:ask", args=[slug])


def began(seconds: int = 60) -> str:
    return signing.dumps(clock.now().timestamp() - seconds, salt=SALT)


def workshop(**changes: Any) -> dict[str, Any]:
    """A workshop request, filled in."""
    return {
        "name": "Ada Example",
        "email": "ada@uni.example.org",
        "f-organisation": "Harbour University",
        "f-format": "In person",
        "f-city": "Leeds",
        "f-country": "GB",
        "f-days_0": "2027-03-01",
        "f-days_1": "2027-03-02",
        "f-languages": "en, cy",
        "f-audience": "Biologists",
        "f-attendees": "25",
        "f-public": "Everybody",
        "f-conduct": "on",
        "f-duties": "on",
        "f-privacy": "on",
        "began": began(),
        "homepage": "",
        **changes,
    }


def inquiry(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Ada Example",
        "email": "ada@uni.example.org",
        "f-question": "How much?",
        "f-privacy": "on",
        "began": began(),
        **changes,
    }


def link_in_mail() -> str:
    """The path of the link in the newest mail."""
    text = Delivery.objects.latest("pk").payload["text"]
    found = re.search(r"https?://[^/]+(/events/asked/\S+)", text)
    assert found is not None
    return found[1]


def mails() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("kind", flat=True))


# ------------------------------------------------------------------ the form


def test_a_request_counts_once_its_address_is_proven(forms: None, as_nobody: Client, alice: User) -> None:
    person = PersonFactory(name="Ada E.")
    IdentityFactory(person=person, system="email", value="Ada@Uni.example.org")
    place = OrganizationFactory(name="Harbour University")
    answer = as_nobody.post(address(), workshop())
    assert answer["Location"] == f"{address()}?sent=1"
    assert "Look into your mail" in as_nobody.get(answer["Location"]).content.decode()
    row = Request.objects.get()
    assert (row.state, row.person, row.organization, mails()) == (
        "unproven",
        None,
        None,
        ["training.request_prove"],
    )
    assert row.answers == {
        "organisation": "Harbour University",
        "format": "In person",
        "city": "Leeds",
        "country": "GB",
        "days": ["2027-03-01", "2027-03-02"],
        "languages": ["en", "cy"],
        "audience": "Biologists",
        "attendees": 25,
        "public": "Everybody",
        "conduct": True,
        "duties": True,
        "privacy": True,
    }
    link = link_in_mail()
    page = as_nobody.get(link)
    assert ("Confirm" in page.content.decode(), page["X-Robots-Tag"]) == (True, "noindex, nofollow")
    assert Request.objects.get().state == "unproven"  # reading changes nothing
    for _twice in range(2):
        as_nobody.post(link, {"do": "confirm"})
    row.refresh_from_db()
    assert (row.state, row.person, row.organization, row.due_at) == (
        "pending",
        person,
        place,
        NOW + dt.timedelta(days=7),
    )
    assert (row.country, row.starts_on, row.ends_on, row.organization_name) == (
        "GB",
        dt.date(2027, 3, 1),
        dt.date(2027, 3, 2),
        "Harbour University",
    )
    assert mails() == ["training.request_prove", "training.request_receipt"]
    assert list(Activity.objects.values_list("kind", "detail__form")) == [
        ("training.request_received", "workshop")
    ]
    assert list(Notice.objects.values_list("user", "title")) == [
        (alice.pk, "Ask for a workshop: Ada Example")
    ]
    own = as_nobody.get(link).content.decode()
    assert "It has arrived" in own
    assert "1 March 2027 – 2 March 2027" in own


def test_the_organisation_is_found_by_the_domain_of_the_proven_address(forms: None) -> None:
    wide, near = OrganizationFactory(name="Wide"), OrganizationFactory(name="Near")
    OrganizationDomain.objects.create(organization=wide, domain="example.org")
    OrganizationDomain.objects.create(organization=near, domain="uni.example.org")
    form = RequestForm.objects.get(slug="workshop")
    row = asking.send(
        form=form,
        values={"name": "Ada", "email": "ada@cs.uni.example.org", "answers": {"organisation": "Uni?"}},
    )
    assert asking.prove(request=row).organization == near


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"name": ""}, "name", "This field is required."),
        ({"email": "ada"}, "email", "Enter a valid email address."),
        (
            {"f-format": "On the moon"},
            "f-format",
            "Select a valid choice. On the moon is not one of the available choices.",
        ),
        ({"f-country": "XX"}, "f-country", "Select a valid choice. XX is not one of the available choices."),
        (
            {"f-languages": "english!"},
            "f-languages",
            "“english!” is no code of a language: write en, es or pt-BR.",
        ),
        ({"f-days_0": "2027-03-05"}, "f-days", "The last day is before the first."),
        ({"f-days_0": ""}, "f-days", "Say the first day too."),
        ({"f-days_0": "soon"}, "f-days", "Enter a valid date."),
        ({"f-attendees": "many"}, "f-attendees", "Enter a number."),
        ({"f-attendees": "1e99"}, "f-attendees", "Ensure this value is less than or equal to 1000000000."),
        ({"f-conduct": ""}, "f-conduct", "This field is required."),
        (
            {"f-audience": "x" * 10_001},
            "f-audience",
            "Ensure this value has at most 10000 characters (it has 10001).",
        ),
        (
            {"homepage": "http://spam"},
            "__all__",
            "The field that says “Leave this empty” was filled in: empty it.",
        ),
        (
            {"began": "1"},
            "__all__",
            "This page was open for very long. What you typed is still here: send it again.",
        ),
    ],
)
def test_what_cannot_be_sent_is_said_and_nothing_typed_is_lost(
    forms: None, as_nobody: Client, changes: dict[str, str], field: str, words: str
) -> None:
    answer = as_nobody.post(address(), workshop(**changes))
    assert (answer.status_code, answer.context["form"].errors) == (422, {field: [words]})
    assert Request.objects.count() == 0
    if field != "f-city":
        assert 'value="Leeds"' in answer.content.decode()


def test_who_is_quicker_than_a_person_sends_it_again(forms: None, as_nobody: Client) -> None:
    answer = as_nobody.post(address(), workshop(began=began(1)))
    assert "That was very quick" in answer.content.decode()


def test_what_is_not_asked_is_not_answered(forms: None, as_nobody: Client) -> None:
    """The town is asked only in person: for an online workshop a wrong or left-over answer does no harm."""
    page = as_nobody.get(address()).content.decode()
    assert "Only if “Where should it be?” is answered with “In person”." in page
    FormField.objects.filter(key="city").update(is_required=True)
    as_nobody.post(address(), workshop(**{"f-format": "Online", "f-city": "Leeds"}))
    assert "city" not in Request.objects.get().answers
    missing = as_nobody.post(address(), workshop(**{"f-city": "", "email": "b@example.org"}))
    assert missing.context["form"].errors == {"f-city": ["This is needed too."]}


def test_a_button_pressed_twice_is_one_request(forms: None, as_nobody: Client) -> None:
    for _twice in range(2):
        assert as_nobody.post(address(), workshop()).status_code == 302
    assert (Request.objects.count(), len(mails())) == (1, 1)


def test_mails_to_one_address_are_few(forms: None, as_nobody: Client) -> None:
    for n in range(5):
        assert as_nobody.post(address("inquiry"), inquiry(**{"f-question": f"{n}?"})).status_code == 302
    answer = as_nobody.post(address("inquiry"), inquiry())
    assert list(answer.context["form"].errors) == ["email"]
    assert Request.objects.count() == 5


def test_a_form_is_open_only_between_its_moments(forms: None, as_nobody: Client) -> None:
    form = RequestForm.objects.filter(slug="inquiry")
    form.update(opens_at=NOW + dt.timedelta(minutes=1), closes_at=NOW + dt.timedelta(minutes=2))

    def stands() -> tuple[bool, int]:
        listed = (
            "Ask us something about workshops" in as_nobody.get(reverse("events:requests")).content.decode()
        )
        return listed, as_nobody.post(address("inquiry"), inquiry()).status_code

    assert stands() == (False, 422)
    assert "This form is not open yet" in as_nobody.get(address("inquiry")).content.decode()
    with time_machine.travel(NOW + dt.timedelta(minutes=1), tick=False):
        assert stands() == (True, 302)
    with time_machine.travel(NOW + dt.timedelta(minutes=2), tick=False):
        assert stands() == (False, 422)
        assert "This form is closed" in as_nobody.get(address("inquiry")).content.decode()
    assert as_nobody.get(address("no-such")).status_code == 404


def test_a_form_that_is_not_listed_is_found_by_its_address(forms: None, as_nobody: Client) -> None:
    RequestForm.objects.filter(slug="inquiry").update(is_listed=False)
    assert "Ask us something" not in as_nobody.get(reverse("events:requests")).content.decode()
    assert as_nobody.get(address("inquiry")).status_code == 200


def test_a_heading_asks_nothing(forms: None, as_nobody: Client) -> None:
    page = as_nobody.get(address()).content.decode()
    found = [row.label for row in FormField.objects.filter(form__slug="workshop", kind="heading")]
    assert re.findall(r'<div class="field form-heading"><h2>([^<]*)</h2>', page) == found
    assert 'name="f-about-you"' not in page


def test_texts_of_a_form_are_no_html(forms: None, as_nobody: Client) -> None:
    FormField.objects.filter(key="question").update(label="<b>x</b>", help="<script>y</script>")
    page = as_nobody.get(address("inquiry")).content.decode()
    assert ("<b>x</b>" in page, "<script>y" in page, "&lt;b&gt;x" in page) == (False, False, True)


def test_answers_stay_as_they_were_asked(forms: None, as_nobody: Client) -> None:
    as_nobody.post(address("inquiry"), inquiry())
    FormField.objects.filter(key="question").update(label="Changed")
    as_nobody.post(address("inquiry"), inquiry(email="b@example.org"))
    as_nobody.post(address("inquiry"), inquiry(email="c@example.org"))
    first, second, third = Request.objects.order_by("pk")
    from folkmoot.training.queries.asking import answers_of

    assert [answers_of(row)[0].label for row in (first, second)] == [
        "What would you like to know?",
        "Changed",
    ]
    assert second.version == third.version
    assert FormVersion.objects.count() == 2


# --------------------------------------------------------------------- drafts


def test_a_draft_is_kept_gone_on_with_and_sent(forms: None, as_nobody: Client) -> None:
    half = {
        "do": "draft",
        "name": "Ada",
        "email": "",
        "f-city": "Leeds",
        "f-days_0": "2027-03-01",
        "f-attendees": "many",
    }
    kept = as_nobody.post(address(), half)
    assert kept.status_code == 302
    page = as_nobody.get(kept["Location"])
    text = page.content.decode()
    assert ("Your draft is kept" in text, 'value="Leeds"' in text, 'value="many"' in text) == (
        True,
        True,
        True,
    )
    assert 'value="2027-03-01"' in text
    row = Request.objects.get()
    assert (row.state, row.history.count()) == ("draft", 0)
    token = asking.token_of(row)
    as_nobody.post(address(), {**half, "f-city": "York", "draft": token})
    assert Request.objects.get().answers["typed"]["f-city"] == ["York"]
    as_nobody.post(address(), workshop(draft=token))
    row = Request.objects.get()
    assert (row.state, row.answers["city"]) == ("unproven", "Leeds")
    assert as_nobody.get(f"{address()}?draft={token}").status_code == 404


def test_the_link_of_a_draft_is_mailed_on_wish(forms: None, as_nobody: Client) -> None:
    wrong = as_nobody.post(address(), {"do": "mail", "email": "ada", "f-city": "Leeds"})
    assert wrong.context["form"].errors == {
        "email": ["Give the address to which the link to your draft is to be sent."]
    }
    as_nobody.post(address(), {"do": "mail", "email": "ada@example.org", "f-city": "Leeds"})
    assert mails() == ["training.request_draft"]
    found = as_nobody.get(link_in_mail(), follow=True)
    assert 'value="Leeds"' in found.content.decode()


def test_drafts_and_unproven_ones_are_forgotten(forms: None, as_nobody: Client, as_alice: Client) -> None:
    upload = SimpleUploadedFile("a.pdf", PDF)
    as_nobody.post(address("inquiry"), {"do": "draft", "name": "Ada", "f-attachment": upload})
    path = RequestFile.objects.get().path
    assert default_storage.exists(path)
    draft = Request.objects.get()
    as_nobody.post(address("inquiry"), inquiry())
    unproven = Request.objects.get(state="unproven")
    RequestFactory()
    assert as_alice.get(reverse("training:request", args=[draft.pk])).status_code == 404
    early = [NOW + dt.timedelta(days=days, seconds=-1) for days in (7, 30)]
    assert asking.forget_unsent(now=early[0]) == 0
    assert asking.forget_unsent(now=early[0] + dt.timedelta(seconds=1)) == 1
    assert (
        Request.objects.filter(pk=unproven.pk).exists(),
        Request.history.filter(id=unproven.pk).exists(),
    ) == (
        False,
        False,
    )
    assert asking.forget_unsent(now=early[1]) == 0
    assert asking.forget_unsent(now=early[1] + dt.timedelta(seconds=1)) == 1
    assert Request.objects.count() == 1


def test_links_that_lead_nowhere(forms: None, as_nobody: Client) -> None:
    row = asking.send(
        form=RequestForm.objects.get(slug="inquiry"),
        values={"name": "Ada", "email": "ada@example.org", "answers": {}},
    )
    token = asking.token_of(row)
    page = reverse("events:request", args=[token])
    assert as_nobody.get(page).status_code == 200
    assert as_nobody.get(page[:-3] + "xx/").status_code == 404
    assert (
        as_nobody.get(reverse("events:request", args=[signing.dumps("x", salt=asking.SALT)])).status_code
        == 404
    )
    assert as_nobody.get(f"{address()}?draft={token}").status_code == 404  # another form's
    with time_machine.travel(NOW + dt.timedelta(days=7), tick=False):
        assert as_nobody.get(page).status_code == 404


def test_who_asked_withdraws(forms: None, as_nobody: Client) -> None:
    form = RequestForm.objects.get(slug="inquiry")
    row = asking.send(form=form, values={"name": "Ada", "email": "ada@example.org", "answers": {}})
    page = reverse("events:request", args=[asking.token_of(row)])
    assert "Forgotten" in as_nobody.post(page, {"do": "withdraw"}).content.decode()
    assert not Request.objects.exists()
    row = asking.send(form=form, values={"name": "Ada", "email": "ada@example.org", "answers": {}})
    asking.prove(request=row)
    page = reverse("events:request", args=[asking.token_of(row)])
    as_nobody.post(page, {"do": "withdraw"})
    assert Request.objects.get().state == "withdrawn"
    Request.objects.update(state="accepted")
    answer = as_nobody.post(page, {"do": "withdraw"})
    assert (answer.status_code, Request.objects.get().state) == (409, "accepted")


# ---------------------------------------------------------------------- files


def zipped(**entries: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name.replace("__", "/").replace("_DOT_", "."), content)
    return made.getvalue()


DOCX = zipped(**{"[Content_Types].xml": b"", "word/document.xml": b""})


@pytest.mark.parametrize(
    ("name", "content", "kept"),
    [
        ("plan.exe", PDF, "plan.pdf"),
        ("../../etc/plan.pdf", PDF, "plan.pdf"),
        ("plan.pdf", DOCX, "plan.docx"),
        ("notes.html", b"plain words", "notes.txt"),
        ("plan.pdf", b"MZ\x90\x00", ""),
        ("plan.txt", b"<html><script>", ""),
        ("plan.docx", zipped(evil=b"x"), ""),
        (
            "macro.docm",
            zipped(**{"[Content_Types].xml": b"", "word/document.xml": b"", "word/vbaProject.bin": b""}),
            "",
        ),
        ("empty.pdf", b"", ""),
        ("large.pdf", PDF + b"x" * (5 * 1024 * 1024), ""),
    ],
)
def test_files_are_told_by_their_content(
    forms: None, as_nobody: Client, name: str, content: bytes, kept: str
) -> None:
    answer = as_nobody.post(
        address("inquiry"), inquiry(**{"f-attachment": SimpleUploadedFile(name, content)})
    )
    if not kept:
        assert list(answer.context["form"].errors) == ["f-attachment"]
        assert not RequestFile.objects.exists()
        return
    row = RequestFile.objects.get()
    assert (row.name, row.size, Request.objects.get().answers["attachment"]) == (kept, len(content), kept)


def test_a_file_is_kept_when_something_else_is_wrong(forms: None, as_nobody: Client) -> None:
    wrong = as_nobody.post(
        address("inquiry"), inquiry(**{"email": "", "f-attachment": SimpleUploadedFile("a.pdf", PDF)})
    )
    form = wrong.context["form"]
    assert (wrong.status_code, list(form.errors)) == (422, ["email"])
    assert "“a.pdf” is kept" in wrong.content.decode().replace("&quot;", '"')
    as_nobody.post(address("inquiry"), inquiry(draft=form.data["draft"]))
    row = Request.objects.get()
    assert (row.state, row.answers["attachment"], row.files.count()) == ("unproven", "a.pdf", 1)


def test_a_file_is_never_shown_in_the_browser(
    forms: None, as_nobody: Client, as_alice: Client, as_bob: Client
) -> None:
    as_nobody.post(address("inquiry"), inquiry(**{"f-attachment": SimpleUploadedFile("a.pdf", PDF)}))
    asking.prove(request=Request.objects.get())
    at = reverse("training:request_file", args=[RequestFile.objects.get().pk])
    assert [client.get(at).status_code for client in (as_nobody, as_bob)] == [302, 403]
    answer = as_alice.get(at)
    assert b"".join(answer.streaming_content) == PDF  # type: ignore[attr-defined]
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == (
        "application/octet-stream",
        "nosniff",
    )
    assert answer["Content-Disposition"] == 'attachment; filename="a.pdf"'
