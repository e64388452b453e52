"""people.csv: any plain table of people."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from folkmoot.people.models import Identity, Note, Person, Term
from tests.factories import IdentityFactory, PersonFactory
from tests.people.importing import applied, created, everything, refused, rejections, undone, updated

pytestmark = pytest.mark.django_db


def table(folder: Path, text: str, name: str = "people.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


HEADINGS = (
    "Full name,Sort name,E-mail,GitHub username,ORCID,Mastodon,Affiliation,Location,Pronouns,URL,"
    "Role,From,To,Tags,Notes,Shirt size\n"
)
FULL = (
    HEADINGS
    + 'Ana Torres,"Torres, Ana",ana@example.org,anatorres,0000-0002-1825-0097,@ana@example.social,Open Lab,Lima,'
    + 'she/her,ana.example.org,Editor,2024-01-01,2025-12-31,soil; rivers,"Met in Lima,\nlikes maps",M\n'
    + "Ana Torres,,ana@example.org,,,,,,,,Speaker,2026-02-01,,,,\n"
    + "Chen Li,,,chenli,,,,,,,Bridge Builder,,,,,\n"
)


def test_all_columns(tmp_path: Path) -> None:
    run = applied("people.csv", table(tmp_path, FULL))
    assert rejections(run) == []
    assert created(run)["people"] == Person.objects.count() == 2
    ana = Person.objects.get(name="Ana Torres")
    assert (ana.sort_name, ana.sort_key, ana.pronouns, ana.website) == (
        "Torres, Ana",
        "torres, ana",
        "she/her",
        "https://ana.example.org",
    )
    assert sorted(ana.identities.values_list("system", "value")) == [
        ("email", "ana@example.org"),
        ("github", "anatorres"),
        ("mastodon", "@ana@example.social"),
        ("orcid", "0000-0002-1825-0097"),
    ]
    assert list(
        ana.terms.values_list("role_kind__slug", "started_on", "ended_on").order_by("started_on")
    ) == [
        ("editor", dt.date(2024, 1, 1), dt.date(2025, 12, 31)),
        ("speaker", dt.date(2026, 2, 1), None),
    ]
    assert list(ana.tags.values_list("facet", "name")) == [("tag", "rivers"), ("tag", "soil")]
    assert [note.body for note in Note.objects.all()] == ["Met in Lima,\nlikes maps"]
    assert ana.sourcerecords.get(key="people.csv/github:anatorres").payload["other columns"] == {
        "Shirt size": "M"
    }
    term = Term.objects.get(person__name="Chen Li")
    assert (term.role_kind.slug, term.role_kind.name) == ("bridge-builder", "Bridge Builder")
    before = everything()
    again = applied("people.csv", tmp_path / "people.csv")
    assert (created(again), updated(again), everything()) == ({}, {}, before)


def test_undone(tmp_path: Path) -> None:
    IdentityFactory(system="email", value="ana@example.org", person=PersonFactory(name="Ana Torres"))
    before = everything()
    undone(applied("people.csv", table(tmp_path, FULL)))
    assert everything() == before


@pytest.mark.parametrize("mark", [";", "\t"])
def test_other_separators_and_a_byte_order_mark(tmp_path: Path, mark: str) -> None:
    text = f"name{mark}email{mark}tags\r\nZoë Ångström{mark}zoe@example.org{mark}a\r\n"
    applied("people.csv", table(tmp_path, text, encoding="utf-8-sig"))
    person = Person.objects.get()
    assert (person.name, person.sort_key) == ("Zoë Ångström", "zoe angstrom")


def test_a_mapping_of_columns(tmp_path: Path) -> None:
    path = table(tmp_path, "Wer,Wo\nAna,Lima\n")
    applied("people.csv", path, mapping={"name": "Wer", "location": "Wo"})
    assert Person.objects.values_list("name", "location").get() == ("Ana", "Lima")


def test_bad_values_and_rows(tmp_path: Path) -> None:
    run = applied(
        "people.csv",
        table(
            tmp_path,
            "name,email,orcid,role,from,to\n"
            "Ana,ana@example,,,,\n"
            "Ben,,0000-0002-1825-0098,,,\n"
            ",nobody@example.org,,,,\n"
            "Chen,c@example.org,,Editor,31.12.2024,\n"
            "Dora,d@example.org,,Editor,2025-01-01,2024-01-01\n"
            "Eve,e@example.org,,Editor,2025-02-30,\n"
            "Too,few\n"
            "Too,m@example.org,,,,,many\n"
            "Ana,,,,,\n",
        ),
    )
    assert [(line, field) for _file, line, field, _reason in rejections(run)] == [
        (2, "email"),
        (3, "orcid"),
        (4, "name"),
        (5, "from"),
        (6, "to"),
        (7, "from"),
        (8, ""),
        (9, ""),
        (10, "name"),
    ]
    reasons = {line: reason for _file, line, _field, reason in rejections(run)}
    assert reasons[6] == "the last day, 2024-01-01, is before the first, 2025-01-01"
    assert reasons[7] == "there is no day 2025-02-30"
    assert reasons[8] == "has 2 cells where 6 are expected"
    assert sorted(Person.objects.values_list("name", flat=True)) == ["Ana", "Ben", "Chen", "Dora", "Eve"]
    assert not Term.objects.exists()


def test_people_are_the_same_by_proof_never_by_name(tmp_path: Path) -> None:
    namesake = PersonFactory(name="Ana Torres")
    by_orcid = IdentityFactory(
        system="orcid", value="0000-0002-1825-0097", person=PersonFactory(name="Ana T.")
    )
    applied(
        "people.csv",
        table(
            tmp_path,
            "name,orcid,github\nAna Torres,https://orcid.org/0000-0002-1825-0097,anat\nAna Torres,,other\n",
        ),
    )
    assert Identity.objects.get(system="github", folded="anat").person == by_orcid.person
    assert Identity.objects.get(system="github", folded="other").person not in (namesake, by_orcid.person)


def test_an_address_that_people_share_joins_nobody(tmp_path: Path) -> None:
    office = IdentityFactory(
        system="email", value="office@example.org", person=PersonFactory(name="Ana Torres")
    )
    run = applied(
        "people.csv",
        table(
            tmp_path,
            "name,email,github\n"
            "Chen Li,office@example.org,\n"
            "Dora Novak,office@example.org,dora\n"
            "Torres Ana,Office@example.org,\n",
        ),
    )
    assert sorted(Person.objects.values_list("name", flat=True)) == ["Ana Torres", "Dora Novak"]
    assert [(line, field) for _file, line, field, _reason in rejections(run)] == [(2, "email"), (3, "email")]
    assert Identity.objects.get(system="email").person == office.person
    again = applied("people.csv", tmp_path / "people.csv")
    assert (created(again), updated(again)) == ({}, {})


def test_a_login_that_was_mistyped_or_given_on_joins_nobody(tmp_path: Path) -> None:
    ana = IdentityFactory(
        system="github", value="at", number="7", person=PersonFactory(name="Ana Torres")
    ).person
    run = applied(
        "people.csv",
        table(
            tmp_path,
            "name,email,github,orcid\n"
            "Chen Li,chen@example.org,at,\n"
            "A. Torrez,,at,\n"
            "Ana Novak,7+at@users.noreply.github.com,,\n",
        ),
    )
    assert list(Person.objects.values_list("name", flat=True)) == ["Ana Torres"]
    assert [(line, field) for _file, line, field, _why in rejections(run)] == [(2, "github")]
    assert [why for *_where, why in rejections(run)] == [
        "the GitHub login belongs to Ana Torres in the register, and the name here is another: the row was left out; "
        "give an ORCID iD, or mend the login or the name"
    ]
    assert list(Identity.objects.values_list("system", "person")) == [("github", ana.pk)]


def test_two_tables_do_not_take_each_other_back(tmp_path: Path) -> None:
    applied("people.csv", table(tmp_path, "name,github,role\nAna,ana,Editor\n", "editors.csv"))
    run = applied("people.csv", table(tmp_path, "name,github,role\nAna,ana,Mentor\n", "mentors.csv"))
    assert sorted(Term.objects.values_list("role_kind__slug", flat=True)) == ["editor", "mentor"]
    assert rejections(run) == []
    assert Person.objects.count() == 1


def test_a_person_without_any_handle_has_an_internal_one(tmp_path: Path) -> None:
    path = table(tmp_path, "name\nAna\n")
    applied("people.csv", path)
    assert [one.system for one in Person.objects.get().identities.all()] == ["folkmoot"]
    again = applied("people.csv", path)
    assert (created(again), updated(again)) == ({}, {})


def test_a_last_day_that_becomes_known(tmp_path: Path) -> None:
    applied("people.csv", table(tmp_path, "name,github,role,from,to\nAna,ana,Editor,2024-01-01,\n"))
    run = applied(
        "people.csv", table(tmp_path, "name,github,role,from,to\nAna,ana,Editor,2024-01-01,2024-06-30\n")
    )
    assert Term.objects.values_list("started_on", "ended_on").get() == (
        dt.date(2024, 1, 1),
        dt.date(2024, 6, 30),
    )
    assert updated(run) == {"terms": 1, "records": 1}


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        (b"mail,place\na@example.org,b\n", 1, "mail, place"),
        (b"", 1, ""),
        (
            "name,email\nJos\u00e9,a@example.org\n".encode() + "Zo\u00eb,z@example.org\n".encode("latin-1"),
            3,
            "mixes UTF-8 with another encoding",
        ),
        (b"name,email\nAna,a@example.org\nBen", 3, "ends in the middle of a row"),
        (b'name,email\nAna,a@example.org\n"Ben,b@exa', 3, "cannot be read as a table from here on"),
        (b"name,name\nAna,Ben\n", 1, "two columns are called “name”"),
    ],
    ids=["no-name", "empty", "mixed", "cut", "open-quote", "heading-twice"],
)
def test_what_is_no_such_table_changes_nothing(
    tmp_path: Path, content: bytes, line: int, reason: str
) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(content)
    file, at, said = refused("people.csv", path)
    assert (file, at) == ("people.csv", line)
    assert reason in said
    assert not Person.objects.exists()
