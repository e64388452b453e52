"""The community's logo: checked by its content, drawn anew and small, so that nothing else in the file is kept."""

from __future__ import annotations

import hashlib
import io

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile

from folkmoot.kernel.pictures import FORMATS, MAX_BYTES, MAX_PIXELS, opened

__all__ = ["FORMATS", "MAX_BYTES", "MAX_PIXELS", "SIZE", "drawn"]

#: What is kept at most, in pixels.
SIZE = (512, 256)


def drawn(upload: UploadedFile[bytes]) -> ContentFile[bytes]:
    """The uploaded picture as a PNG of at most :data:`SIZE`, upright, without anything that was beside the pixels.

    Raises:
        ValidationError: as for :func:`folkmoot.kernel.pictures.opened`.
    """
    upright = opened(upload)
    upright.thumbnail(SIZE)
    out = io.BytesIO()
    upright.save(out, "PNG", optimize=True)
    content = out.getvalue()
    return ContentFile(content, name=f"logo-{hashlib.sha256(content).hexdigest()[:16]}.png")
