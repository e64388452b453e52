"""Where the fonts for documents are found."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

#: The family that documents ask for; other scripts are found by the family's other members (see CONTRIBUTING.md).
FAMILY = "Noto Sans"
#: Where Debian's packages fonts-noto-core, fonts-noto-cjk and fonts-noto-color-emoji put theirs.
SYSTEM_FOLDERS = (Path("/usr/share/fonts/truetype/noto"), Path("/usr/share/fonts/opentype/noto"))


def folders() -> list[Path]:
    """Folders with fonts in the order in which they are preferred; those that do not exist are left out.

    First what npm brought (``node_modules/.fonts``), then the system's Noto. Without either, typst's own font
    still sets Latin, Greek and Cyrillic.
    """
    wanted = (Path(settings.NODE_MODULES) / ".fonts", *SYSTEM_FOLDERS)
    return [folder for folder in wanted if folder.is_dir()]
