"""Tables of organisations, roles and affiliations; possible duplicates; rows to mend."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path

import pytest
from django.test import Client
from openpyxl import Workbook

from folkmoot.kernel.imports import actions, mending, review
from folkmoot.kernel.imports.models import ImportRun, RunState
from folkmoot.kernel.imports.sources import sources
from folkmoot.kernel.jobs.runner import run_in_foreground
from folkmoot.people.models import Affiliation, Consent, ConsentKind, Organization, Person, Term
from tests.factories import IdentityFactory, PersonFactory
from tests.people.importing import applied, created, everything, rejections, undone, updated

pytestmark = pytest.mark.django_db


def table(folder: Path, text: str, name: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def previewed(source: str, path: Path) -> ImportRun:
    run, _again = actions.start(source=sources.get(source), path=path, actor=None, hold=True)
    assert run.job is not None
    run_in_foreground(run.job)
    run.refresh_from_db()
    assert run.state == RunState.STAGED, run.error
    return run


def confirmed(run: ImportRun) -> ImportRun:
    run = actions.confirm(run=run, actor=None, hold=True)
    assert run.job is not None
    run_in_foreground(run.job)
    run.refresh_from_db()
    return run


def test_organizations_and_back(tmp_path: Path) -> None:
    before = everything()
    text = (
        "Organisation;Kind;Domains;Country;Website;Tags;Budget\n"
        "Harbour Lab;Partner;harbour.example;Peru;harbour.example;soil;7\n"
        "Open Press;Media, Old World;press.example;DE;;;\n"
        "Harbour Lab;;;;;;\n"
        "Nowhere;;;Atlantis;;;\n"
    )
    path = table(tmp_path, text, "organizations.csv")
    run = applied("organizations.csv", path)
    lab = Organization.objects.get(name="Harbour Lab")
    assert (lab.country, lab.website) == ("PE", "https://harbour.example")
    assert list(lab.domains.values_list("domain", flat=True)) == ["harbour.example"]
    assert list(lab.kinds.values_list("slug", flat=True)) == ["partner"]
    assert [(line, field) for _file, line, field, _why in rejections(run)] == [
        (4, "Organisation"),
        (5, "Country"),
    ]
    again = applied("organizations.csv", path)
    assert (created(again), updated(again)) == ({}, {})
    undone(again)
    undone(run)
    assert everything() == before


def test_roles_and_affiliations_of_people_who_are_known(tmp_path: Path) -> None:
    ana = IdentityFactory(system="email", value="ana@example.org", person=PersonFactory(name="Ana")).person
    before = everything()
    roles = table(
        tmp_path,
        "email,person_id,role,team,from,to\n"
        "Ana@example.org,,Editor,Board,2024-01-01,2024-12-31\n"
        f",{ana.pk},Mentor,,2025-01-01,\n"
        "nobody@example.org,,Editor,,,\n"
        ",,Editor,,,\n",
        "terms.csv",
    )
    run = applied("terms.csv", roles)
    assert list(Term.objects.values_list("person__name", "role_kind__slug", "team__name").order_by("pk")) == [
        ("Ana", "editor", "Board"),
        ("Ana", "mentor", None),
    ]
    assert [(line, field) for _file, line, field, _why in rejections(run)] == [(4, "email"), (5, "")]
    homes = table(
        tmp_path,
        "email,organization,position,from,to\n"
        "ana@example.org,Harbour Lab,Researcher,2020-01-01,2021-12-31\n"
        "ana@example.org,Harbour Lab,Director,2022-01-01,\n"
        "ana@example.org,Harbour Lab,,2022-01-01,2021-01-01\n",
        "affiliations.csv",
    )
    second = applied("affiliations.csv", homes)
    assert list(
        Affiliation.objects.values_list("title", "started_on", "ended_on").order_by("started_on")
    ) == [
        ("Researcher", dt.date(2020, 1, 1), dt.date(2021, 12, 31)),
        ("Director", dt.date(2022, 1, 1), None),
    ]
    assert [line for _file, line, _field, _why in rejections(second)] == [4]
    for source, path in (("terms.csv", roles), ("affiliations.csv", homes)):
        again = applied(source, path)
        assert (created(again), updated(again)) == ({}, {})
        undone(again)
    undone(second)
    undone(run)
    assert everything() == before


def test_people_from_a_workbook_with_consents_languages_and_any_system(tmp_path: Path) -> None:
    kind, _made = ConsentKind.objects.get_or_create(slug="contact", defaults={"name": "Contact"})
    stubborn = IdentityFactory(system="github", value="stubborn").person
    Consent.objects.create(person=stubborn, kind=kind, is_given=False, source="self")
    made = Workbook()
    assert made.active is not None
    for row in (
        ["name", "github", "slack", "country", "languages", "consent_contact", "joined_on"],
        ["Ana", "ana", "ana.p", "Perú", "Spanish; English", "2026-05-03", dt.date(2025, 2, 1)],
        [stubborn.name, "stubborn", "", "", "", "yes", None],
    ):
        made.active.append(row)
    made.save(tmp_path / "people.xlsx")
    run = applied("people.csv", tmp_path / "people.xlsx")
    ana = Person.objects.get(name="Ana")
    assert (ana.country, ana.joined_on) == ("PE", dt.date(2025, 2, 1))
    assert list(ana.tags.values_list("facet", "name")) == [("language", "English"), ("language", "Spanish")]
    assert sorted(ana.identities.values_list("system", "value")) == [("github", "ana"), ("slack", "ana.p")]
    consent = ana.consents.get()
    assert (consent.is_given, consent.decided_at.date(), consent.source) == (
        True,
        dt.date(2026, 5, 3),
        "people.csv",
    )
    assert [(line, field) for _file, line, field, _why in rejections(run)] == [(3, "consent_contact")]
    assert stubborn.consents.get().is_given is False
    again = applied("people.csv", tmp_path / "people.xlsx")
    assert (created(again), updated(again)) == ({}, {})


DUPLICATES = (
    "name,email,github\n"
    "Ana Pérez,,ana\n"
    "Chen Li,chen@example.org,\n"
    '"Torres, Dora",,\n'
    "Dora Torres,dora@example.org,\n"
    "Eve,eve@example.org,\n"
)


def test_duplicates_are_shown_before_anything_is_written_and_choices_are_kept(tmp_path: Path) -> None:
    namesake = PersonFactory(name="Perez Ana")
    other = PersonFactory(name="Chen Li")
    IdentityFactory(system="github", value="chenli", person=other)
    path = table(tmp_path, DUPLICATES, "people.csv")
    before = everything()
    run = previewed("people.csv", path)
    assert everything() == before
    found = {row.line: row for row in review.alike_of(run)}
    assert {line: [one["choice"] for one in row.payload["candidates"]] for line, row in found.items()} == {
        2: [str(namesake.pk)],
        3: [str(other.pk)],
        5: ["row:people.csv/name:torres, dora"],
    }
    actions.choose(run=run, rows=[found[2].pk], choice="first", actor=None)
    actions.choose(run=run, rows=[found[3].pk], choice="skip", actor=None)
    actions.choose(run=run, rows=[found[5].pk], choice="first", actor=None)
    with pytest.raises(actions.ImportStateError):
        actions.choose(run=run, rows=[found[2].pk], choice=str(other.pk), actor=None)
    run = confirmed(run)
    assert sorted(Person.objects.values_list("name", flat=True)) == [
        "Chen Li",
        "Eve",
        "Perez Ana",
        "Torres, Dora",
    ]
    assert namesake.identities.get(system="github").value == "ana"
    assert Person.objects.get(name="Torres, Dora").identities.filter(value="dora@example.org").exists()
    again = applied("people.csv", path)
    assert (created(again), updated(again)) == ({}, {})
    undone(again)
    undone(run)
    assert everything() == before


def test_differences_are_shown_before_anything_is_written(tmp_path: Path) -> None:
    applied("people.csv", table(tmp_path, "name,github,location\nAna,ana,Lima\n", "people.csv"))
    run = previewed("people.csv", table(tmp_path, "name,github,location\nAna,ana,Cusco\n", "people.csv"))
    assert [row.payload for row in review.differences_of(run)] == [
        {"kind": "person", "name": "Ana", "fields": [["location", "Lima", "Cusco"]]}
    ]
    assert Person.objects.get().location == "Lima"


def test_rows_to_mend_are_a_file_that_is_imported_as_it_is(tmp_path: Path) -> None:
    text = "Full name,Mail,Born\nAna,ana@example,1980\n=Ben,ben@example.org,\n,eve@example.org,1990\n"
    run = applied(
        "people.csv", table(tmp_path, text, "people.csv"), mapping={"name": "Full name", "email": "Mail"}
    )
    lines = "".join(mending.lines(run)).removeprefix("\ufeff")
    rows = list(csv.reader(io.StringIO(lines)))
    assert rows[0] == ["Full name", "Mail", "Born", *mending.ADDED]
    assert [(row[:3], row[3], row[4]) for row in rows[1:]] == [
        (["Ana", "ana@example", "1980"], "people.csv:2", "Mail"),
        (["", "eve@example.org", "1990"], "people.csv:4", "Full name"),
    ]
    name = mending.file_name(run)
    mended = table(
        tmp_path, lines.replace("ana@example,", "ana@example.org,").replace("\n,eve", "\nEve,eve"), name
    )
    second = applied("people.csv", mended, mapping={"name": "Full name", "email": "Mail"})
    assert rejections(second) == []
    assert created(second)["people"] == 1
    assert sorted(Person.objects.values_list("name", flat=True)) == ["=Ben", "Ana", "Eve"]
    ana = Person.objects.get(name="Ana")
    assert [one.payload["other columns"] for one in ana.sourcerecords.all()] == [{"Born": "1980"}] * 2


def test_pages_of_duplicates_differences_and_templates(
    as_alice: Client, as_bob: Client, tmp_path: Path
) -> None:
    PersonFactory(name="Ana Pérez")
    run = previewed("people.csv", table(tmp_path, DUPLICATES, "people.csv"))
    row = review.alike_of(run)[0]
    page = f"/imports/{run.pk}/alike/{row.pk}/"
    for address, says in (
        (f"/imports/{run.pk}/", "Possible duplicates"),
        (f"/imports/{run.pk}/alike/", "Ana Pérez (same name)"),
        (page, "Leave this row out"),
        (f"/imports/{run.pk}/differences/", "Nothing that is there would change"),
    ):
        response = as_alice.get(address)
        assert response.status_code == 200
        assert says in response.content.decode()
        assert as_bob.get(address).status_code == 403
    assert as_alice.post(page, {"choice": "skip"}).status_code == 302
    assert as_alice.post(page, {"choice": "999"}).status_code == 422
    run.refresh_from_db()
    assert run.options["choices"] == {"people.csv/github:ana": "skip"}
    for key in ("people.csv", "organizations.csv", "terms.csv", "affiliations.csv", "activity.csv"):
        assert as_alice.get(f"/imports/template/{key}.csv").content.startswith(b"\xef\xbb\xbf")
        assert as_alice.get(f"/imports/template/{key}.xlsx").status_code == 200
    assert as_alice.get("/imports/template/pyopensci.csv").status_code == 404
    assert as_alice.get(f"/imports/{run.pk}/to-mend.csv").status_code == 200
