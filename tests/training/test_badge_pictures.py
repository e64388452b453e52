"""Pictures of badges: drawn anew, shown to everybody, changed and taken back; what is none is refused in words."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from folkmoot.kernel.accounts.models import User
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
