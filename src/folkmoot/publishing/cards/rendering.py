"""From SVG to PNG, with the house's fonts only."""

from __future__ import annotations

import resvg_py

from folkmoot.kernel import fonts


def render(svg: str, width: int, height: int, *, ground: str | None = None) -> bytes:
    """An SVG as PNG.

    Args:
        width: in pixels, as is ``height``.
        ground: the colour under it, ``#rrggbb``; ``None``: it is see-through.

    Raises:
        ValueError: it cannot be drawn.
    """
    content = resvg_py.svg_to_bytes(
        svg_string=svg,
        width=width,
        height=height,
        background=ground,
        skip_system_fonts=True,
        font_dirs=[str(folder) for folder in fonts.folders()],
        font_family=fonts.FAMILY,
        sans_serif_family=fonts.FAMILY,
    )
    return bytes(content)
