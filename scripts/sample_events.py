"""The events of the sample community: workshops, a sprint, calls and a conference, behind and ahead."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

COLUMNS = (
    *(
        "title",
        "kind",
        "programme",
        "start",
        "end",
        "from",
        "to",
        "zone",
        "status",
        "online",
        "venue",
        "city",
    ),
    *("country", "latitude", "longitude", "languages", "host", "capacity", "attendance", "summary"),
    *("instructors", "helpers"),
)
SCHOOL = "Tidewater School"
#: Days from the anchor to the first day, number of days, and what else the row says.
EVENTS: tuple[tuple[int, int, dict[str, str]], ...] = (
    (
        -118,
        2,
        {
            "title": "Packaging for people who measure rivers",
            "kind": "workshop",
            "programme": SCHOOL,
            "from": "09:00",
            "to": "16:30",
            "zone": "Europe/Dublin",
            "status": "done",
            "venue": "The old harbour office",
            "city": "Galway",
            "country": "IE",
            "latitude": "53.27",
            "longitude": "-9.05",
            "languages": "en",
            "host": "Kelp & Current Cooperative",
            "capacity": "24",
            "attendance": "19",
            "summary": "From a folder of scripts to a package that others can install.",
            "instructors": "neemadune68; renata-delta",
            "helpers": "AoiferosWeir",
        },
    ),
    (
        -62,
        1,
        {
            "title": "Community call: who looks after old packages",
            "kind": "community-call",
            "from": "15:00",
            "to": "16:00",
            "zone": "UTC",
            "status": "done",
            "online": "yes",
            "languages": "en; es",
            "attendance": "31",
        },
    ),
    (
        -41,
        2,
        {
            "title": "Estuary sprint",
            "kind": "sprint",
            "zone": "Europe/Lisbon",
            "status": "done",
            "venue": "Mercado Novo",
            "city": "Porto",
            "country": "PT",
            "latitude": "41.15",
            "longitude": "-8.61",
            "languages": "en; pt",
            "attendance": "27",
            "summary": "First contributions, side by side.",
            "helpers": "maelletide35; wiebkeotter30",
        },
    ),
    (
        -9,
        1,
        {
            "title": "Reading tide gauges, second try",
            "kind": "training",
            "programme": SCHOOL,
            "from": "13:00",
            "to": "17:00",
            "zone": "Europe/Berlin",
            "status": "planned",
            "online": "yes",
            "languages": "en",
            "instructors": "wiebkeotter30",
        },
    ),
    (
        6,
        1,
        {
            "title": "Webinar: water levels in one line",
            "kind": "webinar",
            "from": "14:00",
            "to": "15:00",
            "zone": "UTC",
            "status": "announced",
            "online": "yes",
            "languages": "en",
            "capacity": "200",
            "instructors": "BegonaSpray",
        },
    ),
    (
        18,
        2,
        {
            "title": "Packaging for people who measure rivers",
            "kind": "workshop",
            "programme": SCHOOL,
            "from": "09:00",
            "to": "16:30",
            "zone": "Europe/Madrid",
            "status": "announced",
            "venue": "Facultade de Ciencias",
            "city": "A Coruña",
            "country": "ES",
            "latitude": "43.36",
            "longitude": "-8.41",
            "languages": "es; en",
            "capacity": "30",
            "summary": "From a folder of scripts to a package that others can install.",
            "helpers": "BegonaSpray",
        },
    ),
    (
        75,
        3,
        {
            "title": "Low & High: the Tidewater conference",
            "kind": "conference",
            "zone": "Europe/Dublin",
            "status": "announced",
            "venue": "Harbour hall",
            "city": "Galway",
            "country": "IE",
            "latitude": "53.27",
            "longitude": "-9.05",
            "languages": "en",
            "host": "Tidewater Commons",
            "capacity": "160",
        },
    ),
    (
        120,
        1,
        {
            "title": "Instructors’ first day",
            "kind": "instructor-training",
            "programme": SCHOOL,
            "zone": "UTC",
            "status": "planned",
            "online": "yes",
            "languages": "en",
            "instructors": "neemadune68",
        },
    ),
)


def write(folder: Path, anchor: dt.date) -> int:
    """Write ``events.csv``.

    Returns:
        how many events.
    """
    with (folder / "events.csv").open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        for days, length, said in EVENTS:
            first = anchor + dt.timedelta(days=days)
            last = first + dt.timedelta(days=length - 1)
            writer.writerow({**said, "start": first.isoformat(), "end": last.isoformat()})
    return len(EVENTS)
