"""Pictures that people upload: checked by their content and drawn anew, so that nothing beside the pixels is kept."""

from __future__ import annotations

import hashlib
import io
import warnings

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

MAX_BYTES = 5 * 1024 * 1024
#: Pixels of a picture that is opened at all: a small file can unpack to a huge one.
MAX_PIXELS = 40_000_000
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")


def opened(upload: UploadedFile[bytes]) -> Image.Image:
    """The uploaded picture, upright, as pixels with transparency (RGBA); what the camera wrote into it is left out.

    Raises:
        ValidationError: it is larger than :data:`MAX_BYTES` or :data:`MAX_PIXELS`, or no picture of a known format,
            whatever its name says.
    """
    if (upload.size or 0) > MAX_BYTES:
        raise ValidationError(_("The picture is larger than 5 MB: make it smaller first."))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(upload.read()), formats=FORMATS) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise ValidationError(_("The picture has too many pixels: make it smaller first."))
                upright = ImageOps.exif_transpose(picture).convert("RGBA")
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
        OSError,
        SyntaxError,
        ValueError,
    ):
        raise ValidationError(
            _("This file is no picture that can be read: choose a PNG, JPEG, WebP or GIF.")
        ) from None
    bare = Image.new("RGBA", upright.size)
    bare.paste(upright)
    return bare


def as_square(picture: Image.Image, side: int) -> ContentFile[bytes]:
    """The middle of a picture as a square JPEG on white, at most ``side`` pixels; its name is its content's digest."""
    side = min(side, *picture.size)
    square = ImageOps.fit(picture, (side, side), Image.Resampling.LANCZOS)
    flat = Image.new("RGB", square.size, "white")
    flat.paste(square, mask=square.getchannel("A"))
    out = io.BytesIO()
    flat.save(out, "JPEG", quality=85, optimize=True)
    content = out.getvalue()
    return ContentFile(content, name=f"{hashlib.sha256(content).hexdigest()[:32]}.jpg")
