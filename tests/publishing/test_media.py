"""Pictures: drawn anew, kept once, made to fit, described, removed where nothing uses them."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from folkmoot.connectors.posts import Limits
from folkmoot.kernel.accounts.models import User
from folkmoot.outbox.models import Channel, Delivery
from folkmoot.publishing import pictures
from folkmoot.publishing.actions import media, planning, renditions
from folkmoot.publishing.actions.posts import save_post
from folkmoot.publishing.actions.variants import save_variant
from folkmoot.publishing.models import Media, Post, Rendition
from folkmoot.publishing.sizes import fits
from tests.factories import PersonFactory, PostFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files")]


def drawn(kind: str = "JPEG", size: tuple[int, int] = (60, 40), mode: str = "RGB", **more: object) -> bytes:
    picture = Image.effect_noise(size, 80).convert(mode)
    out = io.BytesIO()
    picture.save(out, kind, **more)
    return out.getvalue()


def upload(content: bytes, name: str = "photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def with_camera(size: tuple[int, int] = (60, 40)) -> bytes:
    """A JPEG that says where it was taken, and that it lies on its side."""
    exif = Image.Exif()
    exif[0x010F] = "Camera maker"
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[1] = "N"
    return drawn(size=size, exif=exif)


def test_what_the_camera_wrote_is_gone_and_it_stands_upright(wanda: User, files: Path) -> None:
    row = media.upload_media(upload=upload(with_camera(), "C:\\holiday.jpg"), alt=" A  hill ", actor=wanda)
    assert (row.type, row.width, row.height, row.alt, row.uploaded_by) == (
        "image/jpeg",
        40,
        60,
        "A  hill",
        wanda,
    )
    with default_storage.open(row.file) as file:
        content = file.read()
    assert row.size == len(content)
    assert b"Camera maker" not in content
    with Image.open(io.BytesIO(content)) as picture:
        assert dict(picture.getexif()) == {}
        assert picture.format == "JPEG"
    assert [path.name for path in files.rglob("*") if path.is_file()] == [f"{row.sha256}.jpg"]


def test_the_same_picture_is_kept_once(wanda: User) -> None:
    content = with_camera()
    first = media.upload_media(upload=upload(content), alt="One", actor=wanda)
    again = media.upload_media(upload=upload(content, "other.jpg"), alt="Two", actor=wanda)
    assert (again, again.alt, Media.objects.count()) == (first, "One", 1)


@pytest.mark.parametrize(
    ("kind", "mode", "type_"),
    [
        ("PNG", "RGBA", "image/png"),
        ("PNG", "I;16", "image/png"),
        ("PNG", "P", "image/png"),
        ("WEBP", "RGB", "image/webp"),
        ("GIF", "P", "image/gif"),
        ("JPEG", "CMYK", "image/jpeg"),
        ("JPEG", "L", "image/jpeg"),
    ],
)
def test_each_kind_stays_what_it_is(kind: str, mode: str, type_: str) -> None:
    content = drawn(kind, mode=mode)
    found = pictures.drawn_anew(io.BytesIO(content), len(content))
    assert (found.type, found.width, found.height) == (type_, 60, 40)
    with Image.open(io.BytesIO(found.content)) as picture:
        assert picture.format == kind


def test_what_moves_still_moves() -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "green", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=[100, 200, 300], loop=0)
    found = pictures.drawn_anew(io.BytesIO(out.getvalue()), len(out.getvalue()))
    with Image.open(io.BytesIO(found.content)) as picture:
        assert (picture.n_frames, picture.info["duration"]) == (3, 100)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "content",
    [b"", b"no picture", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\x89PNG\r\n\x1a\n", drawn()[:200]],
)
def test_what_is_no_picture(content: bytes, wanda: User) -> None:
    with pytest.raises(ValidationError):
        media.upload_media(upload=upload(content), actor=wanda)
    assert Media.objects.count() == 0


def test_too_large(wanda: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MAX_BYTES", 100)
    with pytest.raises(ValidationError):
        media.upload_media(upload=upload(drawn()), actor=wanda)
    monkeypatch.setattr(pictures, "MAX_BYTES", 10**7)
    monkeypatch.setattr(pictures, "MAX_PIXELS", 60 * 40 - 1)
    with pytest.raises(ValidationError):
        media.upload_media(upload=upload(drawn()), actor=wanda)


@pytest.mark.parametrize(
    ("kind", "mode", "limits", "type_"),
    [
        ("JPEG", "RGB", Limits(image_side=100), "image/jpeg"),
        ("JPEG", "RGB", Limits(image_pixels=5000), "image/jpeg"),
        ("JPEG", "RGB", Limits(image_bytes=20_000), "image/jpeg"),
        ("PNG", "RGB", Limits(image_bytes=20_000), "image/jpeg"),
        ("PNG", "RGBA", Limits(image_bytes=20_000, types=("image/jpeg",)), "image/jpeg"),
        ("WEBP", "RGB", Limits(), "image/jpeg"),
        ("GIF", "P", Limits(types=("image/png",)), "image/png"),
    ],
)
def test_made_to_fit(kind: str, mode: str, limits: Limits, type_: str) -> None:
    found = pictures.made_to_fit(drawn(kind, (400, 300), mode), limits)
    assert found.type == type_
    assert abs(found.width / found.height - 4 / 3) < 0.05
    row = Media(type=found.type, width=found.width, height=found.height, size=len(found.content))
    assert fits(row, limits)


def test_sizes_are_made_once_and_at_the_latest_when_scheduling(wanda: User, channel: Channel) -> None:
    row = media.upload_media(upload=upload(drawn(size=(900, 600))), alt="A hill", actor=wanda)
    post = PostFactory(channels=[channel])
    save_variant(post=post, channel=None, media=[[(row, "")]], actor=wanda)
    planning.publish_now(post=post, actor=wanda)
    made = Rendition.objects.get()
    assert (made.width, made.height, made.type) == (400, 266, "image/jpeg")
    assert made.size <= 100_000
    (sent,) = Delivery.objects.get().payload["media"]
    assert (sent["file"], sent["sha256"], sent["alt"], sent["width"]) == (
        made.file,
        made.sha256,
        "A hill",
        400,
    )
    assert default_storage.size(made.file) == made.size
    renditions.make_renditions(post=post)
    assert Rendition.objects.count() == 1


def test_a_file_that_is_gone_is_said(wanda: User, channel: Channel) -> None:
    row = media.upload_media(upload=upload(drawn(size=(900, 600)), "hill.jpg"), actor=wanda)
    default_storage.delete(row.file)
    post = PostFactory(channels=[channel])
    save_variant(post=post, channel=None, media=[[(row, "")]], actor=wanda)
    with pytest.raises(ValidationError) as caught:
        planning.publish_now(post=post, actor=wanda)
    assert caught.value.messages == [
        f"{channel}: The file of the picture “hill.jpg” is gone: upload it again."
    ]
    assert Post.objects.get().state == "draft"


def test_other_words_of_a_picture_are_other_content(wanda: User, mona: User, channel: Channel) -> None:
    row = media.upload_media(upload=upload(drawn()), alt="A hill", actor=wanda)
    post = PostFactory(channels=[channel])
    save_variant(post=post, channel=None, media=[[(row, "")]], actor=wanda)
    planning.set_time(post=post, wall_time="2040-01-01T09:00", zone="UTC", actor=mona)
    planning.schedule(post=post, actor=mona)
    media.save_media(media=row, values={"credit": "Ada", "people": [PersonFactory()]}, actor=wanda)
    post.refresh_from_db()
    row.refresh_from_db()
    assert (post.state, row.shows_people, row.credit) == ("scheduled", True, "Ada")
    media.save_media(media=row, values={"alt": "A mountain"}, actor=wanda)
    post.refresh_from_db()
    assert (post.state, Delivery.objects.get().state) == ("draft", "cancelled")
    with pytest.raises(ValidationError):
        media.save_media(media=row, values={"focus_x": 2.0}, actor=wanda)


def test_removed_where_nothing_uses_it(wanda: User, files: Path, django_capture_on_commit_callbacks) -> None:
    row = media.upload_media(upload=upload(drawn()), actor=wanda)
    post = PostFactory()
    save_variant(post=post, channel=None, media=[[(row, "")]], actor=wanda)
    with pytest.raises(ValidationError):
        media.remove_media(media=row, actor=wanda)
    assert media.remove_unused_media(media=[row], actor=wanda) == 0
    save_variant(post=post, channel=None, media=[[]], actor=wanda)
    save_post(post=post, values={}, actor=wanda)
    renditions.make_rendition(media=row, limits=Limits(image_side=20))
    with django_capture_on_commit_callbacks(execute=True):
        assert media.remove_unused_media(media=[row], actor=wanda) == 1
    assert (Media.objects.count(), Rendition.objects.count()) == (0, 0)
    assert [path for path in files.rglob("*") if path.is_file()] == []
