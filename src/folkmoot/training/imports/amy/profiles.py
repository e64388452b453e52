"""Where people set out from, and in which languages they teach."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from folkmoot.kernel.imports.seen import Wanted, bring
from folkmoot.kernel.imports.sources import Reading, Rejection, Row, source_parts
from folkmoot.people.public import amy_people
from folkmoot.training import places
from folkmoot.training.imports.amy.common import SOURCE, Chunk, Names, Said, TrainingPart
from folkmoot.training.imports.amy.event_values import coordinates
from folkmoot.training.models import TeachingProfile

#: Where AMY keeps the place of the airport on the person.
LATITUDE, LONGITUDE, COUNTRY = "airport_lat", "airport_lon", "airport_country"


@source_parts.declare
class Profiles(TrainingPart):
    """Profiles for teaching: of those who say an airport or a language."""

    key: ClassVar[str] = "amy.training.profiles"
    order: ClassVar[int] = 315
    models: ClassVar[tuple[str, ...]] = ("workshops.person",)
    looks_up: ClassVar[tuple[str, ...]] = ("workshops.language",)
    counters: ClassVar[tuple[str, ...]] = ("teaching_profiles",)

    def read(self, reading: Reading) -> Iterator[Row | Rejection]:
        """What is wrong with a person, the register's part says."""
        for row in super().read(reading):
            if isinstance(row, Row) and _says(row.payload["fields"]):
                kept = {name: row.payload["fields"][name] for name in _KEPT if name in row.payload["fields"]}
                yield Row(row.file, row.line, {**row.payload, "fields": kept})

    def beside(self, model: str, pk: str, fields: Mapping[str, Any], names: Names) -> dict[str, Any]:
        known = names["workshops.language"]
        spoken = [str(one) for one in fields.get("languages") or ()]
        return {"languages": [known[one].get("subtag") for one in spoken if known.get(one, {}).get("subtag")]}

    def bring(self, chunk: Chunk) -> None:
        chunk.people = amy_people([said.pk for said in chunk.said])
        people = {said.pk: person for said in chunk.said if (person := chunk.people.get(said.pk)) is not None}
        there = {row.person_id: row for row in TeachingProfile.objects.filter(person__in=people.values())}
        taken: set[int] = set()
        wanted = []
        for said in chunk.said:
            person = people.get(said.pk)
            if (
                person is None or person in taken
            ):  # the register's part says why; or two records are one by now
                continue
            taken.add(person)
            fixed = {"person_id": person}
            wanted.append(
                Wanted(f"{said.key}#teaching", values(said), there.get(person), fixed, said.row, _NAMES)
            )
        bring(
            chunk.changes,
            source=SOURCE,
            model=TeachingProfile,
            wanted=wanted,
            counter="teaching_profiles",
            reckon=_reckoned,
        )


_KEPT = ("airport_iata", LATITUDE, LONGITUDE, COUNTRY, "latitude", "longitude", "country", "languages")
_NAMES = {"airport": "airport_iata", "place": "airport_iata", "latitude": LATITUDE, "longitude": LONGITUDE}


def _says(fields: Mapping[str, Any]) -> bool:
    return bool(fields.get("airport_iata") or fields.get("languages"))


def values(said: Said) -> dict[str, Any]:
    """What a person says of where they set out from and what they speak."""
    found: dict[str, Any] = {}
    if said.has("languages"):
        found["languages"] = [str(code) for code in said.beside.get("languages", ())]
    if not said.has("airport_iata"):
        return found
    code = said.line("airport_iata", 10).upper()
    airport = places.airport(code) if code else None
    latitude, longitude = coordinates(said, LATITUDE, LONGITUDE)
    if code and airport is None and latitude is None:
        said.leave(
            "airport_iata", _("“%(said)s” is no airport that is known here: left out") % {"said": code}
        )
        code = ""
    if latitude is None and airport is not None:
        latitude, longitude = airport.latitude, airport.longitude
    name = str(airport) if airport is not None else ", ".join(filter(None, [code, said.line(COUNTRY, 60)]))
    return {
        **found,
        "airport": code[:3],
        "place": name[:200],
        "latitude": latitude,
        "longitude": longitude,
    }


def _reckoned(row: TeachingProfile) -> dict[str, Any]:
    row.reckon()
    return {name: getattr(row, name) for name in ("x", "y", "z", "languages_key")}
