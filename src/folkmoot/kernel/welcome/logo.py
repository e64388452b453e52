"""The community's logo: checked by its content, drawn anew and small, so that nothing else in the file is kept."""

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
#: What is kept at most, in pixels.
SIZE = (512, 256)
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")


def drawn(upload: UploadedFile[bytes]) -> ContentFile[bytes]:
    """The uploaded picture as a PNG of at most :data:`SIZE`, upright, without anything that was beside the pixels.

    Raises:
        ValidationError: it is too large, or no picture of a known format, whatever its name says.
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
    upright.thumbnail(SIZE)
    out = io.BytesIO()
    upright.save(out, "PNG", optimize=True)
    content = out.getvalue()
    return ContentFile(content, name=f"logo-{hashlib.sha256(content).hexdigest()[:16]}.png")
