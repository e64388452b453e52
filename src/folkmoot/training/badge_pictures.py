"""Pictures of badges: drawn anew as small PNGs, so that nothing beside the pixels is kept."""

from __future__ import annotations

import hashlib
import io

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile

from folkmoot.kernel.pictures import opened

#: What is kept at most, in pixels.
SIZE = (256, 256)


def drawn(upload: UploadedFile[bytes]) -> ContentFile[bytes]:
    """The uploaded picture as a PNG of at most :data:`SIZE`, upright, with its transparency.

    Raises:
        ValidationError: as for :func:`folkmoot.kernel.pictures.opened`.
    """
    picture = opened(upload)
    picture.thumbnail(SIZE)
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    content = out.getvalue()
    return ContentFile(content, name=f"{hashlib.sha256(content).hexdigest()[:16]}.png")
