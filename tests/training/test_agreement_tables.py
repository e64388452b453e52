"""Agreements from a table: every cell that cannot be read is named, the good ones are not lost."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from folkmoot.training.models import Agreement, Tier
from folkmoot.training.queries.codes import find
from tests.factories import OrganizationFactory
from tests.people.importing import applied, created, rejections, undone

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rows")]
TABLE = """\
member,variant,start,end,kind,consortium,members,code,public,benefits,contacts
University of Leeds,Silver,2027-01-01,2027-12-31,member,North,York;Nowhere,tide 27,yes,public-seats: 10;\
 workshops: 2,ana
York,Copper,2027-01-01,2027-12-31,,,,TIDE27,no,oysters: 3,
York,silver,2027-05-01,2027-04-01,friend,,,,maybe,many,
Unknown,silver,2027-01-01,2027-12-31,,,,,,,
"""


def table(tmp_path: Path) -> Path:
    path = tmp_path / "agreements.csv"
    path.write_text(TABLE)
    return path


def test_rows_become_agreements_once_and_go_again(tmp_path: Path) -> None:
    for name in ("University of Leeds", "York"):
        OrganizationFactory(name=name)
    run = applied("agreements.csv", table(tmp_path))
    assert created(run) == {
        "agreements": 2,
        "tiers": 1,
        "allowances": 2,
        "codes": 2,
        "contacts": 1,
        "parties": 1,
        "people": 1,
        "identities": 1,
    }
    north = find("tide27", on=dt.date(2027, 6, 1))
    assert isinstance(north, Agreement)
    assert (north.holder, north.tier.slug, north.is_public, north.last_day) == (
        "North",
        "silver",
        True,
        dt.date(2027, 12, 31),
    )
    assert [(one.benefit.slug, one.granted) for one in north.allowances.all()] == [
        ("workshops", 2),
        ("public-seats", 10),
    ]
    assert north.contacts.get().person.name == "ana"
    assert Tier.objects.filter(slug="copper").exists()
    told = " ".join(str(one) for one in rejections(run))
    for words in (
        "Nowhere",
        "there is no benefit “oysters”",
        "“TIDE27” is another agreement’s code",
        "ends before it starts",
        "“friend” is neither member nor partner",
        "“maybe” is neither yes nor no",
        "“many” cannot be read",
        "no organisation has the name “Unknown”",
    ):
        assert words in told
    again = applied("agreements.csv", table(tmp_path))
    assert created(again) == {}
    assert Agreement.objects.count() == 2
    undone(run)
    assert not Agreement.objects.exists()
