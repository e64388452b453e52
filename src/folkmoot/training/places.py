"""Airports and cities with where they are, from a file that is shipped; how far it is from one place to another.

The file is made by ``scripts/places.py`` and read once, when somebody first asks.
"""

from __future__ import annotations

import gzip
import math
import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from folkmoot.kernel.text import clean, fold_accents
from folkmoot.people.public import country_code, country_name
from folkmoot.training.models import unit_vector

FILE = Path(__file__).parent / "data" / "places.tsv.gz"
#: The mean radius of the Earth, in kilometres (IUGG).
RADIUS = 6371.0088
#: No two places are farther apart.
FARTHEST = 20_038
_COORDINATES = re.compile(r"([+-]?\d{1,2}(?:\.\d+)?)\s*[,;/ ]\s*([+-]?\d{1,3}(?:\.\d+)?)")
#: Cities of one name that an answer lists.
LISTED = 4


@dataclass(frozen=True)
class Place:
    """An airport, a city, or coordinates."""

    name: str
    country: str
    latitude: float
    longitude: float
    #: The code of IATA; empty: no airport.
    airport: str = ""
    population: int = 0

    def __str__(self) -> str:
        words = ", ".join(filter(None, [self.name, self.country]))
        return f"{words} ({self.airport})" if self.airport else words

    @property
    def vector(self) -> tuple[float, float, float]:
        """As a point of a ball with the radius 1."""
        return unit_vector(self.latitude, self.longitude)


@cache
def _read() -> tuple[dict[str, Place], dict[str, list[Place]]]:
    """Airports by code; cities, and cities that have an airport only, by folded name, the largest first."""
    airports: dict[str, Place] = {}
    cities: dict[str, list[Place]] = defaultdict(list)
    beside: dict[str, list[Place]] = defaultdict(list)
    with gzip.open(FILE, "rt", encoding="utf-8") as file:
        for line in file:
            if line.startswith("#"):
                continue
            code, name, city, country, latitude, longitude, population, others = line.rstrip("\n").split("\t")
            at = float(latitude), float(longitude)
            if code:
                airports[code] = Place(city or name, country, *at, airport=code)
                beside[fold_accents(city)].append(airports[code])
                continue
            place = Place(name, country, *at, population=int(population))
            for word in dict.fromkeys(fold_accents(one) for one in (name, *others.split("|")) if one):
                cities[word].append(place)
    for word, found in beside.items():
        known = {place.country for place in cities.get(word, ())}
        cities[word] += [place for place in found if place.country not in known]
    return airports, dict(cities)


def airport(code: str) -> Place | None:
    """The airport with this code of IATA (``LBA``); ``None``: there is none. No query."""
    return _read()[0].get(code.strip().upper())


def find(words: str) -> Place:
    """The place that somebody typed: ``LBA``, ``Leeds``, ``Wellington, NZ``, ``53.8, -1.55``.

    What a place is shown as can be typed again. Of several cities of one name the one with by far the most people is
    meant; otherwise one says which.

    Raises:
        ValidationError: at ``place``: there is none, or it is not clear which.
    """
    words = clean(words)[:200]
    if (match := _COORDINATES.fullmatch(words)) is not None:
        return _at(float(match[1]), float(match[2]), words)
    airports, cities = _read()
    code = words.rsplit("(", 1)[-1].rstrip(")").strip().upper()
    if code in airports and (words.isupper() or words.endswith(")")):
        return airports[code]
    name, _comma, where = words.rpartition(",")
    country = _country(where) if name else ""
    found = cities.get(fold_accents(name if country else words), [])
    if country:
        found = [place for place in found if place.country == country]
    if not found and code in airports:
        return airports[code]
    if not found:
        raise ValidationError(
            {
                "place": _(
                    "No airport or city is called “%(words)s”. Write the code of an airport (LBA), a larger city "
                    "nearby, or latitude and longitude (53.8, -1.55)."
                )
                % {"words": words[:60]}
            },
            code="place",
        )
    if country or len(found) == 1 or found[0].population >= 5 * found[1].population:
        return found[0]
    several = "; ".join(str(place) for place in found[:LISTED])
    raise ValidationError(
        {
            "place": _("There are several: %(several)s. Write the country behind the name.")
            % {"several": several}
        },
        code="place",
    )


def _country(words: str) -> str:
    words = clean(words)
    return words.upper() if len(words) == 2 else country_code(words) or ""


def _at(latitude: float, longitude: float, words: str) -> Place:
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise ValidationError(
            {
                "place": _(
                    "“%(words)s” lies nowhere: latitude goes from -90 to 90, longitude from -180 to 180."
                )
                % {"words": words[:60]}
            },
            code="place",
        )
    return Place(f"{latitude:g}, {longitude:g}", "", latitude, longitude)


def kilometres(first: tuple[float, float, float], second: tuple[float, float, float]) -> float:
    """The great-circle distance of two points of the ball with the radius 1, in kilometres on Earth."""
    return of_chord(math.dist(first, second) ** 2)


def of_chord(squared: float) -> float:
    """Kilometres along the great circle, of the square of the straight way through the ball with the radius 1."""
    return 2 * RADIUS * math.asin(min(1.0, math.sqrt(max(squared, 0.0)) / 2))


def chord_of(distance: float) -> float:
    """The square of the straight way, of kilometres along the great circle: what the database compares."""
    half = min(distance / (2 * RADIUS), math.pi / 2)
    return (2 * math.sin(half)) ** 2


def in_full(place: Place) -> str:
    """A place with its country's name."""
    return ", ".join(filter(None, [place.name, country_name(place.country) if place.country else ""]))
