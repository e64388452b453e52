"""Pictures of badges: drawn anew, shown to everybody, changed and taken back; what is none is refused in words."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from folkmoot.kernel.accounts.models import User
from folkmoot.training import certifying
from folkmoot.training.actions import awards
from folkmoot.training.models import Badge, Certificate
from tests.factories import PersonFactory

pytestmark = pytest.mark.usefixtures("way")


def picture(size: tuple[int, int] = (600, 300), format: str = "PNG") -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", size, "#0f766e").save(out, format)
    return SimpleUploadedFile(f"x.{format.lower()}", out.getvalue())


def save(client: Client, badge: Badge, **changed: Any) -> Any:
    address = reverse("training:edit_row", args=["badges", badge.pk])
    form = client.get(address).context["form"]
    values = {
        "name": badge.name,
        "slug": badge.slug,
        "order": badge.order,
        "certificate": badge.certificate_id or "",
        "seen": form.initial["seen"],
        "requirements": [row.pk for row in badge.requirements.all()],
    }
    return client.post(address, values | changed)


def test_a_picture_is_drawn_anew_and_shown(as_alice: Client, as_nobody: Client, alice: User) -> None:
    badge = Badge.objects.get(slug="instructor")
    shown_at = reverse("events:badge_picture", args=["instructor"])
    assert as_nobody.get(shown_at).status_code == 404
    assert (
        'enctype="multipart/form-data"'
        in as_alice.get(reverse("training:edit_row", args=["badges", badge.pk])).content.decode()
    )
    assert save(as_alice, badge, upload=picture()).status_code == 302
    response = as_nobody.get(shown_at)
    assert (response["Content-Type"], response["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert Image.open(io.BytesIO(response.content)).size == (256, 128)
    person = PersonFactory()
    row, _undo = awards.award(person=person, badge=badge, actor=alice)
    code = Certificate.objects.get(award=row).code
    for client, address in (
        (as_alice, reverse("training:trainee", args=[person.pk])),
        (as_alice, reverse("people:person", args=[person.pk])),
        (as_alice, reverse("training:badge", args=["instructor"])),
        (as_nobody, reverse("events:certificate", args=[code])),
    ):
        assert shown_at in client.get(address).content.decode(), address


def test_a_picture_is_taken_away_and_brought_back(as_alice: Client) -> None:
    badge = Badge.objects.get(slug="mentor")
    save(as_alice, badge, upload=picture(format="JPEG"))
    badge.refresh_from_db()
    name = badge.picture.name
    assert name.startswith("badges/")
    assert name.endswith(".png")
    done = save(as_alice, badge, no_picture="on")
    badge.refresh_from_db()
    assert badge.picture.name == ""
    text = as_alice.get(done["Location"]).content.decode()
    as_alice.post("/training/undo/" + text.split("/training/undo/")[-1].split('"')[0])
    badge.refresh_from_db()
    assert badge.picture.name == name
    assert as_alice.get(reverse("events:badge_picture", args=["mentor"])).status_code == 200


@pytest.mark.parametrize("content", [b"", b"<svg onload='alert(1)'/>", b"\x89PNG\r\n\x1a\nbroken"])
def test_what_is_no_picture_is_refused(as_alice: Client, content: bytes) -> None:
    badge = Badge.objects.get(slug="mentor")
    answer = save(as_alice, badge, upload=SimpleUploadedFile("x.png", content))
    assert answer.status_code == 422
    assert "upload" in answer.context["form"].errors
    badge.refresh_from_db()
    assert badge.picture.name == ""


def test_a_picture_whose_file_is_gone_is_not_found(as_nobody: Client) -> None:
    Badge.objects.filter(slug="mentor").update(picture="badges/gone.png")
    assert as_nobody.get(reverse("events:badge_picture", args=["mentor"])).status_code == 404


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_it_stands_on_the_certificate_and_stays_as_it_was(
    as_alice: Client, as_nobody: Client, alice: User, format: str
) -> None:
    badge = Badge.objects.get(slug="instructor")

    def issued() -> tuple[Certificate, bytes]:
        row, _undo = awards.award(person=PersonFactory(name="Ada"), badge=badge, actor=alice)
        certificate = Certificate.objects.get(award=row)
        return certificate, as_nobody.get(reverse("events:certificate_pdf", args=[certificate.code])).content

    _plain, without = issued()
    save(as_alice, badge, upload=picture(format=format))
    badge.refresh_from_db()
    certificate, shown = issued()
    assert (without.count(b"/Subtype/Image"), shown.count(b"/Subtype/Image")) == (0, 1)
    assert (without[:5], shown[:5]) == (b"%PDF-", b"%PDF-")
    assert certificate.facts["picture"] == badge.picture.name
    save(as_alice, badge, no_picture="on")
    badge.refresh_from_db()
    address = reverse("events:certificate_pdf", args=[certificate.code])
    assert as_nobody.get(address).content == shown
    # Its file is lost: the certificate is drawn without it.
    default_storage.delete(certificate.facts["picture"])
    assert as_nobody.get(address).content.count(b"/Subtype/Image") == 0


def test_an_svg_is_no_picture_of_a_badge(as_alice: Client) -> None:
    svg = SimpleUploadedFile("x.svg", b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    assert save(as_alice, Badge.objects.get(slug="mentor"), upload=svg).status_code == 422


@pytest.mark.parametrize(
    ("inside", "code"),
    [
        ('<image href="{{ picture }}" width="9" height="9"/>', ""),
        ('<image xlink:href="{{picture}}" width="9"/>', ""),
        ('<image href="{{ picture }}{{ name }}"/>', "barred"),
        ('<image href="https://example.org/x.png"/>', "barred"),
        ('<image href="{{ name }}"/>', "barred"),
        ('<image href="#gap-picture"/>', "picture"),
        ('<image href="{{ picture }}" onload="x()"/>', "outside"),
        ('<image href="{{ picture }}" xlink:href="file:///etc/passwd"/>', "barred"),
        ("<text>{{ picture }}</text>", "picture"),
        ('<rect fill="url({{ picture }})"/>', "picture"),
    ],
)
def test_a_pattern_of_ones_own_says_where_the_picture_stands(inside: str, code: str) -> None:
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="99" height="99">'
        f"{inside}</svg>"
    )
    if not code:
        assert certifying.check_pattern(svg) == svg
        return
    with pytest.raises(ValidationError) as refused:
        certifying.check_pattern(svg)
    assert refused.value.code == code
