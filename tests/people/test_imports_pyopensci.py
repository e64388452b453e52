"""pyOpenSci's registry: every trap in a small made-up file."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from folkmoot.people.models import Identity, Organization, Person, Project, SourceRecord, Tag, Team, Term
from folkmoot.people.public import load_seeds
from tests.factories import IdentityFactory, PersonFactory
from tests.people.importing import (
    applied,
    created,
    everything,
    refused,
    rejections,
    undone,
    updated,
    write,
)

pytestmark = pytest.mark.django_db

CONTRIBUTORS = """\
- name: Ana Torres
  github_username: AnaTorres
  github_image_id: 101
  title:
    - Executive Director
    - Editor in Chief
  organization: '@open-lab'
  date_added: '2021-03-04'
  board: true
  editorial_board: true
  emeritus_editor: false
  orcidid: "\\u200b0000-0002-1825-0097"
  twitter: anatorres
  mastodon: https://example.social/@ana
  website: ana.example.org
  email: ana@example.org
  contributor_type: [code-contrib, peer-review]
  packages_reviewed: [alpha]
  location: Lima
  bio: Soils and rivers.
- name: Name
  github_username: benoit
  github_image_id: 102
  title: Communications Lead
  organization: '@one @two'
  date_added: TBD
  board: false
  editorial_board:
  emeritus_editor: true
  orcidid: 0000-0002-1825-0098
  twitter: N/A
  mastodon: none
  website: not a website
  email: nobody
  contributor_type:
  packages_reviewed: [a, l, p, h]
  location:
  bio:
"""
PACKAGES = """\
- package_name: Alpha
  package_description: Counts rivers.
  submitting_author: {name: Ana Torres, github_username: anatorres}
  all_current_maintainers:
    - {name: Ana Torres, github_username: ANATORRES}
    - {name: Chen Li, github_username: chenli}
    - {name: Chen Li, github_username: ChenLi}
  repository_link: https://github.com/open-lab/alpha
  categories: [data-visualization*, geospatial]
  editor:
    - {name: Benoît Martin, github_username: Benoit}
  eic: {name: TBD, github_username: TBD}
  reviewers:
    - {name: , github_username: 2024-05-06}
    - {name: N/A, github_username: N/A}
    - {name: Somebody Without Login, github_username: }
  partners: [astropy]
  created_at: 2024-01-02 03:04:05+00:00
  gh_meta: {documentation: https://alpha.example.org, stargazers_count: 5}
  active: true
- package_name: '"beta"'
  package_description: Old.
  submitting_author: {name: , github_username: dora}
  all_current_maintainers: []
  repository_link: https://codeberg.org/dora/beta
  categories:
  editor: {name: , github_username: anatorres}
  eic:
  reviewers:
  partners:
  created_at: 2023-13-45
  gh_meta:
  active: false
"""
EDITORS = """\
gh_username,active,first_name,last_name,country,state,OS,Domain_areas,Description,technical_areas
benoit,Yes,Benoît,Martin,France,Brittany,Linux,"Physics, Machine learning",Waves,"Docker, Testing"
newed,,Nela,Dvorak,,,,,,
AnaTorres,maybe,,,,,,,,
"""
EMERITI = """\
gh_username,active,first_name,last_name,country,state,OS,Domain_areas,Description,technical_areas
benoit,False,,,,,,,,
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(
        tmp_path,
        contributors_yml=CONTRIBUTORS,
        packages_yml=PACKAGES,
        editorial_team_domains_csv=EDITORS,
        emeritus_editor_domains_csv=EMERITI,
    )


def person(login: str) -> Person:
    return Identity.objects.get(system="github", folded=login).person


def terms_of(login: str) -> list[tuple[str, str, str]]:
    return sorted(
        (term.role_kind.slug, term.team.name if term.team else "", term.project.name if term.project else "")
        for term in person(login).terms.all()
    )


def tags_of(record: Person | Project) -> list[tuple[str, str]]:
    return list(record.tags.values_list("facet", "name"))


def test_a_person_with_all_they_say(folder: Path) -> None:
    load_seeds()
    applied("pyopensci", folder)
    ana = person("anatorres")
    assert (ana.name, ana.sort_key, ana.location, ana.bio) == (
        "Ana Torres",
        "ana torres",
        "Lima",
        "Soils and rivers.",
    )
    assert (ana.website, ana.joined_on) == ("https://ana.example.org", dt.date(2021, 3, 4))
    assert sorted(ana.identities.values_list("system", "value", "number", "is_verified")) == [
        ("email", "ana@example.org", "", False),
        ("github", "AnaTorres", "101", False),
        ("mastodon", "@ana@example.social", "", False),
        ("orcid", "0000-0002-1825-0097", "", False),
        ("x", "anatorres", "", False),
    ]
    assert terms_of("anatorres") == [
        ("council-member", "Executive Council", ""),
        ("editor", "Editorial Board", ""),
        ("editor-in-chief", "Editorial Board", ""),
        ("maintainer", "", "Alpha"),
    ]
    assert tags_of(ana) == [("contribution", "code-contrib"), ("contribution", "peer-review")]
    assert list(ana.affiliations.values_list("organization__name", "source")) == [("open-lab", "pyopensci")]


def test_what_cannot_be_read_is_listed_and_the_rest_is_used(folder: Path) -> None:
    run = applied("pyopensci", folder, staff=["ANATORRES", "ghost", "2024-01-01"])
    wrong_digit = (
        "“0000-0002-1825-0098”: A digit of this ORCID iD is wrong: the last one does not fit the others."
    )
    assert rejections(run) == [
        ("--staff", None, "staff", "“2024-01-01” is a date, not a login"),
        ("--staff", None, "staff", "“ghost” is nowhere in the files or the register"),
        ("contributors.yml", 30, "orcidid", wrong_digit),
        ("contributors.yml", 33, "website", "“https://not a website” is no web address: https://example.org"),
        ("contributors.yml", 34, "email", "“nobody”: This is no e-mail address: name@example.org."),
        (
            "contributors.yml",
            36,
            "packages_reviewed",
            "single letters (a, l, p, h) in place of package names: was a name spelled out?",
        ),
        ("editorial_team_domains.csv", 4, "active", "“maybe” is neither yes nor no"),
        ("packages.yml", 14, "reviewers", "“2024-05-06” is a date, not a login"),
        (
            "packages.yml",
            16,
            "reviewers",
            "“Somebody Without Login” has no login: nobody is known by name alone",
        ),
    ]
    benoit = person("benoit")
    assert benoit.name == "Benoît Martin"  # "Name" is none; packages.yml and the editors' file know it
    assert (benoit.website, benoit.joined_on, benoit.location) == ("", None, "Brittany, France")
    assert list(benoit.identities.values_list("system", "value")) == [("github", "benoit")]
    assert [one.organization.name for one in benoit.affiliations.all()] == ["@one @two"]
    assert terms_of("benoit") == [
        ("editor", "Editorial Board", ""),
        ("emeritus-editor", "Editorial Board", ""),
    ]
    assert tags_of(benoit) == [
        ("domain", "Machine learning"),
        ("domain", "Physics"),
        ("technical area", "Docker"),
        ("technical area", "Testing"),
    ]


def test_projects(folder: Path) -> None:
    run = applied("pyopensci", folder)
    alpha, beta = Project.objects.order_by("folded")
    assert (alpha.kind, alpha.name, alpha.description) == ("package", "Alpha", "Counts rivers.")
    assert (alpha.repository_key, alpha.website) == ("github.com/open-lab/alpha", "https://alpha.example.org")
    assert tags_of(alpha) == [
        ("category", "data-visualization"),
        ("category", "geospatial"),
        ("partner", "astropy"),
    ]
    assert (beta.name, beta.is_archived, alpha.is_archived) == ("beta", True, False)
    assert list(alpha.terms.values_list("role_kind__slug", "person__name").order_by("person__name")) == [
        ("maintainer", "Ana Torres"),
        ("maintainer", "Chen Li"),
    ]
    # one person however the login is written; those whom only the packages or editors name are made
    assert created(run)["people"] == Person.objects.count() == 5
    assert person("dora").name == "dora"
    assert person("newed").name == "Nela Dvorak"
    kept = {record.key: record.payload for record in SourceRecord.objects.filter(part="packages.yml")}
    assert kept["alpha"]["created_at"] == "2024-01-02T03:04:05+00:00"
    assert kept["beta"]["created_at"] == "2023-13-45"


def test_staff_is_a_term_without_days(folder: Path) -> None:
    run = applied("pyopensci", folder, staff=["anatorres", "AnaTorres"])
    staff = Term.objects.get(role_kind__slug="staff")
    assert (staff.person, staff.started_on, staff.ended_on) == (person("anatorres"), None, None)
    assert staff.role_kind.is_staff
    again = applied("pyopensci", folder, staff=["anatorres"])
    assert (created(again), updated(again)) == ({}, {})
    assert rejections(run)[0][0] != "--staff"


def test_the_same_again_changes_nothing(folder: Path) -> None:
    applied("pyopensci", folder)
    before = everything()
    run = applied("pyopensci", folder)
    assert (created(run), updated(run)) == ({}, {})
    assert everything() == before


def test_undo_leaves_what_was_there_before(folder: Path) -> None:
    load_seeds()
    IdentityFactory(system="github", value="anatorres", person=PersonFactory(name="anatorres"))
    IdentityFactory(system="github", value="somebody-else")
    before = everything()
    run = applied("pyopensci", folder, staff=["anatorres"])
    assert updated(run) == {"people": 1, "identities": 1}
    undone(run)
    after = everything()
    for model in before:  # an update moves no clock that the register shows
        assert after[model] == before[model], model
    applied("pyopensci", folder, staff=["anatorres"])
    assert person("anatorres").name == "Ana Torres"


def change(folder: Path, old: str, new: str, file: str = "contributors.yml") -> None:
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), encoding="utf-8")


def test_a_new_value_of_the_source_is_taken(folder: Path) -> None:
    applied("pyopensci", folder)
    change(folder, "location: Lima", "location: Cusco")
    change(folder, "Counts rivers.", "Counts all rivers.", "packages.yml")
    run = applied("pyopensci", folder)
    assert person("anatorres").location == "Cusco"
    assert Project.objects.get(folded="alpha").description == "Counts all rivers."
    assert updated(run) == {"people": 1, "projects": 1, "records": 2}


def test_what_a_person_edited_stays(folder: Path) -> None:
    applied("pyopensci", folder)
    ana = person("anatorres")
    ana.location, ana.bio, ana.name = "Arequipa", "", "Ana María Torres"
    ana.save()
    ana.identities.get(system="x").delete()
    ana.terms.get(role_kind__slug="council-member").delete()
    ana.affiliations.all().delete()
    ana.tags.clear()
    before = everything()

    same = applied("pyopensci", folder)
    assert (created(same), updated(same), everything()) == ({}, {}, before)

    change(folder, "location: Lima", "location: Cusco")
    run = applied("pyopensci", folder)
    assert person("anatorres").location == "Arequipa"
    assert rejections(run)[0] == (
        "contributors.yml",
        19,
        "location",
        "the file says “Cusco” now; the register holds “Arequipa”, which is not what the file said before: the "
        "register's value was kept",
    )
    assert [one for one in rejections(applied("pyopensci", folder)) if one[2] == "location"] == []


def test_a_value_that_left_the_source_stays(folder: Path) -> None:
    applied("pyopensci", folder)
    change(folder, "location: Lima", "location:")
    change(folder, "board: true\n", "board: false\n")
    change(folder, "organization: '@open-lab'", "organization: Elsewhere")
    run = applied("pyopensci", folder)
    ana = person("anatorres")
    assert ana.location == "Lima"
    assert ("council-member", "Executive Council", "") in terms_of("anatorres")
    assert sorted(one.organization.name for one in ana.affiliations.all()) == ["Elsewhere", "open-lab"]
    end = "give it a last day if it has ended"
    assert [one for one in rejections(run) if end in one[3]] == [
        (
            "contributors.yml",
            7,
            "organization",
            f"the file no longer says “open-lab”: the affiliation was kept; {end}",
        ),
        (
            "contributors.yml",
            9,
            "board",
            f"the file no longer names the role “council-member”: its term was kept; {end}",
        ),
        (
            "contributors.yml",
            10,
            "editorial_board",
            f"the file no longer names the role “editor”: its term was kept; {end}",
        ),
    ]


def test_a_maintainer_who_is_no_longer_listed_keeps_the_term(folder: Path) -> None:
    applied("pyopensci", folder)
    for login in ("chenli", "ChenLi"):
        change(folder, f"    - {{name: Chen Li, github_username: {login}}}\n", "", "packages.yml")
    run = applied("pyopensci", folder)
    assert terms_of("chenli") == [("maintainer", "", "Alpha")]
    assert [one for one in rejections(run) if one[2] == "all_current_maintainers"] == [
        (
            "packages.yml",
            4,
            "all_current_maintainers",
            "“chenli” is no longer listed: the term was kept; give it a last day if it has ended",
        )
    ]


def test_a_login_given_to_somebody_else_is_another_person(folder: Path) -> None:
    applied("pyopensci", folder)
    first = person("anatorres")
    change(folder, "github_image_id: 101", "github_image_id: 999")
    change(folder, "name: Ana Torres", "name: Anatole Torres")
    run = applied("pyopensci", folder)
    assert created(run)["people"] == 1
    second = Identity.objects.get(system="github", number="999").person
    assert second.pk != first.pk
    assert second.name == "Anatole Torres"
    first.refresh_from_db()
    assert first.name == "Ana Torres"
    assert list(first.identities.filter(system="github").values_list("value", "number")) == [
        ("AnaTorres", "101")
    ]
    # what proves the first person is not handed over
    taken = {one[2] for one in rejections(run) if "belongs to Ana Torres" in one[3]}
    assert taken == {"email", "mastodon", "orcidid", "twitter"}
    again = applied("pyopensci", folder)
    assert (created(again), updated(again)) == ({}, {})


def test_a_renamed_account_is_the_same_person(folder: Path) -> None:
    applied("pyopensci", folder)
    ana = person("anatorres")
    change(folder, "github_username: AnaTorres", "github_username: ana-t")
    run = applied("pyopensci", folder)
    assert Person.objects.count() == 5
    account = ana.identities.get(system="github")
    assert (account.value, account.number) == ("ana-t", "101")
    assert list(account.former_handles.values_list("value", "source")) == [("AnaTorres", "pyopensci")]
    assert "people" not in created(run)
    again = applied("pyopensci", folder)
    assert (created(again), updated(again)) == ({}, {})


def test_a_person_known_by_login_is_filled_not_replaced(folder: Path) -> None:
    known = PersonFactory(name="A. Torres", location="Quito")
    IdentityFactory(system="github", value="anatorres", number="", person=known)
    applied("pyopensci", folder)
    known.refresh_from_db()
    assert (known.name, known.location, known.bio) == ("A. Torres", "Quito", "Soils and rivers.")
    assert list(known.identities.filter(system="github").values_list("value", "number")) == [
        ("AnaTorres", "101")
    ]


def test_an_orcid_proves_a_person_unless_another_account_does_not(folder: Path) -> None:
    known = PersonFactory(name="Ana Torres")
    IdentityFactory(system="orcid", value="0000-0002-1825-0097", person=known)
    applied("pyopensci", folder)
    assert person("anatorres") == known


def test_nobody_is_found_by_name(folder: Path) -> None:
    namesake = PersonFactory(name="Ana Torres")
    applied("pyopensci", folder)
    assert person("anatorres") != namesake
    assert namesake.identities.count() == 0


def test_records_may_leave_fields_out(tmp_path: Path) -> None:
    write(
        tmp_path,
        contributors_yml="".join(f"- name: U {n}\n  github_username: u{n}\n  location: X\n" for n in range(4))
        + "- github_username: last\n  location: Y\n",
    )
    applied("pyopensci", tmp_path)
    assert Person.objects.count() == 5


def test_a_login_twice_in_the_file_is_one_person(folder: Path) -> None:
    text = (folder / "contributors.yml").read_text(encoding="utf-8")
    (folder / "contributors.yml").write_text(
        text + "- name: Twice\n  github_username: BENOIT\n  github_image_id: 102\n  location: Brest\n",
        encoding="utf-8",
    )
    run = applied("pyopensci", folder)
    assert Person.objects.count() == 5
    assert (
        "contributors.yml",
        39,
        "github_username",
        "is listed in line 21 already: only what this record adds is used",
    ) in rejections(run)
    assert person("benoit").location == "Brest"
    again = applied("pyopensci", folder)
    assert (created(again), updated(again)) == ({}, {})


def test_organizations_compare_folded(tmp_path: Path) -> None:
    write(
        tmp_path,
        contributors_yml="".join(
            f"- github_username: p{place}\n  organization: '{name}'\n"
            for place, name in enumerate(["@Open-Lab", "open-lab", "OPEN-LAB ", "N/A", "Open Lab, Harbour"])
        ),
    )
    applied("pyopensci", tmp_path)
    assert sorted(Organization.objects.values_list("name", flat=True)) == ["Open Lab, Harbour", "Open-Lab"]


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("- name: [a\n- name: b\n", 2, "is no YAML"),
        ("name: a\n", 1, "a list of records is expected"),
        ("just text", 1, "a list of records is expected"),
        ("- name: 'a\n  github_username: b\n", 3, "is no YAML"),
        (CONTRIBUTORS * 2 + "- name: Third\n  github_user", None, "is no YAML"),
        (CONTRIBUTORS * 2 + "- name: Third\n  github_username: thi", 77, "ends in the middle of a record"),
        ("- a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
            f"- b{n}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(9)
        ), None, "holds more than can be read"),
    ],
    ids=["broken", "mapping", "text", "open-quote", "cut-in-a-key", "cut-in-a-record", "alias-bomb"],
)  # fmt: skip
def test_what_is_no_registry_changes_nothing(folder: Path, text: str, line: int | None, reason: str) -> None:
    (folder / "contributors.yml").write_text(text, encoding="utf-8")
    before = everything()
    file, at, said = refused("pyopensci", folder)
    assert file == "contributors.yml"
    assert said.startswith(reason)
    if line is not None:
        assert at == line
    assert everything() == before


def test_a_cut_file_after_a_good_one_changes_nothing(folder: Path) -> None:
    text = (folder / "editorial_team_domains.csv").read_text(encoding="utf-8")
    (folder / "editorial_team_domains.csv").write_text(text[:-8], encoding="utf-8")
    assert refused("pyopensci", folder) == (
        "editorial_team_domains.csv",
        4,
        "ends in the middle of a row: the file seems cut; fetch it again",
    )
    (folder / "editorial_team_domains.csv").write_text(text[:150], encoding="utf-8")
    file, line, reason = refused("pyopensci", folder)
    assert (file, line) == ("editorial_team_domains.csv", 2)
    assert "is the file cut?" in reason or "the file seems cut" in reason
    assert not Person.objects.exists()


def test_a_missing_column_says_what_was_found(folder: Path) -> None:
    (folder / "emeritus_editor_domains.csv").write_text("login,active\nana,no\n", encoding="utf-8")
    assert refused("pyopensci", folder) == (
        "emeritus_editor_domains.csv",
        1,
        "the column gh_username is missing; there are login, active",
    )


def test_not_utf8_says_the_line(folder: Path) -> None:
    (folder / "contributors.yml").write_bytes(
        "- name: Ana\n  github_username: ana\n- name: Zo\u00eb\n".encode("latin-1")
    )
    assert refused("pyopensci", folder) == (
        "contributors.yml",
        3,
        "is not UTF-8 (byte 0xeb): save it as UTF-8",
    )


def test_a_folder_without_the_files(tmp_path: Path) -> None:
    (tmp_path / "other.txt").write_text("x")
    _file, _line, reason = refused("pyopensci", tmp_path)
    assert reason == (
        "holds none of the expected files: contributors.yml, packages.yml, editorial_team_domains.csv, "
        "emeritus_editor_domains.csv, editorial-board.yml, emeritus-editors.yml, *_all_issues_prs.csv, "
        "review_submissions.csv, review_presubmissions.csv, package_data.csv, review_snapshots/*.csv, "
        "sprint_data.csv, events/*.md, ????-??-??T??????Z.csv"
    )


def test_bad_records_in_a_good_file(tmp_path: Path) -> None:
    write(
        tmp_path,
        contributors_yml="- just text\n"
        "- name: No Login\n  github_username:\n"
        "- name: Bad Login\n  github_username: a b\n"
        "- name: [not, text]\n  github_username: eve\n  github_username: eve2\n"
        "- name: Good\n  github_username: gil\n  github_image_id: x7\n  date_added: 04/03/2021\n"
        "  location: " + "x" * 201 + "\n",
    )
    run = applied("pyopensci", tmp_path)
    assert rejections(run) == [
        ("contributors.yml", 1, "", "a record is expected: lines of “field: value”"),
        ("contributors.yml", 3, "github_username", "is missing: the record is left out"),
        (
            "contributors.yml",
            5,
            "github_username",
            "“a b”: A GitHub login has letters, digits and hyphens only.",
        ),
        ("contributors.yml", 6, "name", "text is expected here, not a list or a mapping"),
        ("contributors.yml", 8, "github_username", "is written twice: the last one is used"),
        ("contributors.yml", 11, "github_image_id", "“x7” is no account number: digits only"),
        (
            "contributors.yml",
            12,
            "date_added",
            "“04/03/2021” is no date written as year-month-day, such as 2026-04-30",
        ),
        ("contributors.yml", 13, "location", "is longer than 200 characters"),
    ]
    assert sorted(Person.objects.values_list("name", flat=True)) == ["Good", "eve2"]


def test_mapped_words_are_data(folder: Path) -> None:
    applied("pyopensci", folder)
    assert sorted(Team.objects.values_list("name", flat=True)) == ["Editorial Board", "Executive Council"]
    assert not Tag.objects.filter(name__contains="*").exists()


def test_apply_asks_a_fixed_number_of_queries(tmp_path: Path, django_assert_max_num_queries) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def queries(number: int) -> int:
        folder = tmp_path / str(number)
        folder.mkdir()
        records = "".join(
            f"- github_username: u{n}\n  name: U {n}\n  github_image_id: {n + 1}\n  board: true\n"
            f"  organization: Org {n}\n  contributor_type: [t{n}]\n  email: u{n}@example.org\n"
            for n in range(number)
        )
        packages = "".join(
            f"- package_name: pkg{n}\n  all_current_maintainers: [{{name: M, github_username: m{n}}}]\n"
            for n in range(number)
        )
        write(folder, contributors_yml=records, packages_yml=packages)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            applied("pyopensci", folder)
        return len(captured)

    load_seeds()
    queries(1)  # content types, teams and the like are known from here on
    assert queries(3) == queries(30)
