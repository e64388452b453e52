"""The agreements of the sample community: one that runs, one that ends soon, a partner, one in its days of grace."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

COLUMNS = (
    "organization",
    "tier",
    "from",
    "to",
    "kind",
    "consortium",
    "members",
    "public",
    "gives",
    "contacts",
)
#: Days from the anchor to the first day and to the last, and what else the row says.
AGREEMENTS: tuple[tuple[int, int, dict[str, str]], ...] = (
    (
        -120,
        245,
        {
            "organization": "Kelp & Current Cooperative",
            "tier": "silver",
            "kind": "member",
            "public": "yes",
            "gives": "public-seats: 6; workshops: 2",
            "contacts": "AoiferosWeir",
        },
    ),
    (
        -335,
        30,
        {
            "organization": "Tidewater Commons",
            "tier": "gold",
            "kind": "member",
            "consortium": "Both shores",
            "members": "Kelp & Current Cooperative",
            "public": "yes",
            "gives": "public-seats: 12; in-house-seats: 10; workshops: 4",
            "contacts": "BegonaSpray",
        },
    ),
    (
        -60,
        1035,
        {"organization": "Tidewater Commons", "tier": "platinum", "kind": "partner", "gives": "credits: 40"},
    ),
    (
        -400,
        -36,
        {
            "organization": "Kelp & Current Cooperative",
            "tier": "bronze",
            "kind": "member",
            "gives": "workshops: 1",
        },
    ),
)


def write(folder: Path, anchor: dt.date) -> int:
    """Write ``agreements.csv``.

    Returns:
        how many agreements.
    """
    with (folder / "agreements.csv").open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        for first, last, said in AGREEMENTS:
            days = (anchor + dt.timedelta(days=days) for days in (first, last))
            writer.writerow(
                {**said, **dict(zip(("from", "to"), (day.isoformat() for day in days), strict=True))}
            )
    return len(AGREEMENTS)
