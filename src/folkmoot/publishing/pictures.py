"""Pictures as files: read by their content, drawn anew from their pixels, made smaller until a platform takes them."""

from __future__ import annotations

import hashlib
import io
import warnings
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageOps, ImageSequence, UnidentifiedImageError

from folkmoot.connectors.posts import Limits

MAX_BYTES = 20 * 1024 * 1024
#: Pixels of a picture that is opened at all: a small file can unpack to a huge one. All frames together.
MAX_PIXELS = 60_000_000
MAX_FRAMES = 300
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}
SUFFIXES = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "image/gif": "gif"}
#: Qualities of a lossy picture, the best first; after the last it is made smaller instead.
QUALITIES = (90, 82, 74, 66)
#: How much smaller each time, and the smallest side that still is a picture.
SMALLER, LEAST_SIDE = 0.85, 32


@dataclass(frozen=True)
class Drawn:
    """A picture's file."""

    content: bytes
    type: str
    width: int
    height: int

    @property
    def sha256(self) -> str:
        """Digest of the file."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def suffix(self) -> str:
        """How its name ends."""
        return SUFFIXES[self.type]


def drawn_anew(file: BinaryIO, size: int) -> Drawn:
    """An uploaded picture from its pixels alone, upright, in sRGB: place, camera and everything else that was written
    beside them is gone. PNG, JPEG, WebP and GIF stay what they are; what moves still moves.

    Raises:
        ValidationError: it is larger than :data:`MAX_BYTES`, :data:`MAX_PIXELS` or :data:`MAX_FRAMES`, or no picture of
            a known format, whatever its name says.
    """
    if size > MAX_BYTES:
        raise ValidationError(
            _("The picture is larger than %(n)d MB: make it smaller first.") % {"n": MAX_BYTES // 2**20}
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(file.read(MAX_BYTES + 1)), formats=FORMATS) as picture:
                return _drawn(picture)
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
        OSError,
        SyntaxError,
        ValueError,
        EOFError,
    ):
        raise ValidationError(
            _("This file is no picture that can be read: choose a PNG, JPEG, WebP or GIF.")
        ) from None


def _drawn(picture: Image.Image) -> Drawn:
    frames = getattr(picture, "n_frames", 1) if picture.format in ("GIF", "WEBP") else 1
    if picture.width * picture.height * frames > MAX_PIXELS or frames > MAX_FRAMES:
        raise ValidationError(_("The picture has too many pixels: make it smaller first."))
    type_ = TYPES.get(picture.format or "", "image/jpeg")  # phones write MPO: a JPEG with more behind it
    if frames > 1:
        return _moving(picture, type_)
    return encoded(_bare(picture), type_)


def _bare(picture: Image.Image) -> Image.Image:
    """Pixels and nothing else, upright, in sRGB."""
    profile = picture.info.get("icc_profile")
    upright = ImageOps.exif_transpose(picture)
    has_alpha = "A" in upright.getbands() or "transparency" in upright.info
    mode = "RGBA" if has_alpha else "RGB"
    if profile and upright.mode in ("RGB", "RGBA", "CMYK"):
        upright = _in_srgb(upright, profile, mode)
    elif upright.mode.startswith("I;16") or upright.mode == "I":
        upright = upright.point(lambda value: value / 256).convert("L")
    pixels = upright.convert(mode)
    bare = Image.new(mode, pixels.size)
    bare.paste(pixels)
    return bare


def _in_srgb(picture: Image.Image, profile: bytes, mode: str) -> Image.Image:
    try:
        found = ImageCms.profileToProfile(
            picture,
            ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            outputMode=mode if picture.mode != "CMYK" else "RGB",
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return picture  # a profile that nobody can read says nothing
    return found or picture


def _moving(picture: Image.Image, type_: str) -> Drawn:
    frames, times = [], []
    for frame in ImageSequence.Iterator(picture):
        times.append(int(frame.info.get("duration", 100)) or 100)
        frames.append(frame.convert("RGBA"))
    out = io.BytesIO()
    more: dict[str, Any] = {"quality": 85} if type_ == "image/webp" else {"disposal": 2, "optimize": True}
    frames[0].save(
        out,
        "WEBP" if type_ == "image/webp" else "GIF",
        save_all=True,
        append_images=frames[1:],
        duration=times,
        loop=int(picture.info.get("loop", 0)),
        **more,
    )
    return Drawn(out.getvalue(), type_, *frames[0].size)


def encoded(picture: Image.Image, type_: str, quality: int = QUALITIES[0]) -> Drawn:
    """A picture as a file of this type; where the type knows no transparency, on white."""
    out = io.BytesIO()
    if type_ == "image/jpeg":
        _flat(picture).save(out, "JPEG", quality=quality, optimize=True, progressive=True)
    elif type_ == "image/webp":
        picture.save(out, "WEBP", quality=quality, method=4)
    elif type_ == "image/gif":
        picture.convert("RGB").quantize(256).save(out, "GIF", optimize=True)
    else:
        picture.save(out, "PNG", optimize=True)
    return Drawn(out.getvalue(), type_, *picture.size)


def _flat(picture: Image.Image) -> Image.Image:
    if picture.mode != "RGBA":
        return picture.convert("RGB")
    flat = Image.new("RGB", picture.size, "white")
    flat.paste(picture, mask=picture.getchannel("A"))
    return flat


def made_to_fit(content: bytes, limits: Limits) -> Drawn:
    """A picture so small that a platform takes it: its type if it may stay, else JPEG or what else is taken.

    Raises:
        ValidationError: nothing that is taken can be made of it.
    """
    with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
        was = TYPES.get(opened.format or "", "image/jpeg")
        picture = _bare(opened)
    picture = _within(picture, limits)
    for type_ in _types(was, picture, limits):
        found = _small_enough(picture, type_, limits)
        if found is not None:
            return found
    raise ValidationError(_("The picture cannot be made small enough for this platform."))


def _within(picture: Image.Image, limits: Limits) -> Image.Image:
    width, height = picture.size
    factor = 1.0
    if limits.image_side:
        factor = min(factor, limits.image_side / max(width, height))
    if limits.image_pixels:
        factor = min(factor, (limits.image_pixels / (width * height)) ** 0.5)
    return _scaled(picture, factor) if factor < 1 else picture


def _scaled(picture: Image.Image, factor: float) -> Image.Image:
    size = tuple(max(1, int(side * factor)) for side in picture.size)
    return picture.resize((size[0], size[1]), Image.Resampling.LANCZOS)


def _types(was: str, picture: Image.Image, limits: Limits) -> list[str]:
    """What it may become, the likest first: what is see-through stays so where that is possible."""
    clear = picture.mode == "RGBA" and picture.getchannel("A").getextrema() != (255, 255)
    order = [was] if was != "image/gif" else []
    order += ["image/png", "image/webp", "image/jpeg"] if clear else ["image/jpeg", "image/webp", "image/png"]
    taken = [each for each in dict.fromkeys(order) if each in limits.types]
    return taken or [each for each in SUFFIXES if each in limits.types]


def _small_enough(picture: Image.Image, type_: str, limits: Limits) -> Drawn | None:
    lossy = type_ in ("image/jpeg", "image/webp")
    others = [each for each in limits.types if each in ("image/jpeg", "image/webp")]
    while True:
        for quality in QUALITIES if lossy else QUALITIES[:1]:
            found = encoded(picture, type_, quality)
            if not limits.image_bytes or len(found.content) <= limits.image_bytes:
                return found
        if not lossy and others and "A" not in picture.getbands():
            return None  # a photograph as PNG: rather another type than a stamp
        if min(picture.size) * SMALLER < LEAST_SIDE:
            return None
        picture = _scaled(picture, SMALLER)
