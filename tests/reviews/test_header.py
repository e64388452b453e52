"""The header of a submission's issue, in every spelling."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from folkmoot.people.models import Identity
from folkmoot.reviews.header import apply_header, parse
from folkmoot.reviews.header.values import Unreadable, archive, day, doi, people_of, version
from folkmoot.reviews.models import Assignment, Flag
from folkmoot.reviews.writing import Direct
from tests.reviews.conftest import Review

TODAY = """Submitting Author: Ana Quintanar (@ana-q)
All current maintainers: @ana-q, [Lio Brandt](https://github.com/liob), (@mare)
Package Name: wavefold
One-Line Description of Package: Folds waves: well
Repository Link: https://gitlab.com/harbour/wavefold
Version submitted: v0.1.0
EiC: TBD
Editor: @erin
Reviewer 1: @one
Reviewer 2: @two
Reviewer 3: TBD
Archive: TBD
JOSS DOI: N/A
Version accepted: TBD
Date accepted (month/day/year): TBD

---

## Scope

- Please indicate which category or categories.

    - [x] Data processing/munging
    - [ ] Data deposition
    - [X] Data visualization*

## Community Partnerships

- [x] [Astropy](https://example.org): my package adheres
- [ ] Pangeo

## Code of conduct
- [x] I agree
"""


def logins(text: str) -> dict[str, list[str]]:
    return {role: [one.login for one in named] for role, named in parse(text).people.items()}


def test_the_present_template() -> None:
    found = parse(TODAY)
    assert found.problems == []
    assert found.fields == {
        "title": "wavefold",
        "description": "Folds waves: well",
        "repository": "https://gitlab.com/harbour/wavefold",
        "version_submitted": "v0.1.0",
    }
    assert logins(TODAY) == {
        "author": ["ana-q"], "maintainer": ["ana-q", "liob", "mare"], "eic": [], "editor": ["erin"],
        "reviewer": ["one", "two"],
    }  # fmt: skip
    assert found.people["author"][0].name == "Ana Quintanar"
    assert found.people["maintainer"][1].name == "Lio Brandt"
    assert (found.categories, found.partners) == (
        ["data-processing-munging", "data-visualization"],
        ["astropy"],
    )


def test_bold_keys_lists_and_keys_that_nobody_knows() -> None:
    found = parse(
        "**Submitting Author:** (@ana)\n"
        "**Reviewers:** @a , @b, @c\n"
        "**Editor**: @erin, @bo\n"
        "- **EiC:** [Chris](https://github.com/chris) and @kim\n"
        "Reviews Expected By: 15th of March, 2025\n"
        "Favourite colour: blue\n"
        "All current maintainers:\n- @ana\n- Lio (@lio)\n\n---\n"
    )
    assert {role: [one.login for one in named] for role, named in found.people.items()} == {
        "author": ["ana"], "reviewer": ["a", "b", "c"], "editor": ["erin", "bo"], "eic": ["chris", "kim"],
        "maintainer": ["ana", "lio"],
    }  # fmt: skip
    assert found.reviews_due == dt.date(2025, 3, 15)
    assert (found.unknown, found.raw["Favourite colour"]) == (["Favourite colour"], "blue")


def test_what_cannot_be_read_is_told_with_its_line_and_the_rest_is_used() -> None:
    found = parse(
        "Package Name: wavefold\nEditor: N/A\nReviewer 1: @one, Somebody Else\nArchive: soon!\n"
        "Date accepted (month/day/year): 13/05/2025\nVersion accepted: 1.0\n---\n"
    )
    assert [(one.line, one.field, one.is_used) for one in found.problems] == [
        (2, "Editor", False), (3, "Reviewer 1", False), (4, "Archive", False),
        (5, "Date accepted (month/day/year)", False),
    ]  # fmt: skip
    assert found.fields == {"title": "wavefold", "version_accepted": "1.0"}
    assert {role: [one.login for one in named] for role, named in found.people.items()} == {
        "reviewer": ["one"]
    }


def test_publications_above_and_below() -> None:
    above = parse(
        "---\npublication:\n  title: Waves\n  doi: 10.1234/ab.5\n  journal: J. Waves\n---\nPackage Name: w\n---\n"
    )
    assert above.fields == {
        "publication_title": "Waves", "publication_doi": "10.1234/ab.5", "publication_venue": "J. Waves", "title": "w",
    }  # fmt: skip
    below = parse(
        "Package Name: w\n---\n## Publication\n- **Publication Title:** Waves\n- Journal/Venue: J. Waves\n"
    )
    assert below.fields == {"publication_title": "Waves", "publication_venue": "J. Waves", "title": "w"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("5/10/2023", (2023, 5, 10)), ("05/10/2023", (2023, 5, 10)), ("2023-05-10", (2023, 5, 10)),
        ("2025-05- 10", (2025, 5, 10)), ("2026-7-3", (2026, 7, 3)), ("May 10, 2023", (2023, 5, 10)),
        ("10 May 2023", (2023, 5, 10)), ("Sept. 5th, 2023", (2023, 9, 5)), ("2023/05/10", (2023, 5, 10)),
        ("**2023-05-10**", (2023, 5, 10)), ("2023-05-10T12:00:00Z", (2023, 5, 10)), ("3.3.2023", (2023, 3, 3)),
        ("Wednesday, May 10, 2023", (2023, 5, 10)), ("TBD", None), ("", None), ("N/A", None),
    ],
)  # fmt: skip
def test_days(text: str, found: tuple[int, int, int] | None) -> None:
    assert day(text).day == (dt.date(*found) if found else None)


@pytest.mark.parametrize(
    "text",
    ["2021-19-08", "13/05/2023", "2023-02-30", "soon", "4.5.2023", "May 2023", "0001-01-01", "31 31 May"],
)
def test_days_that_are_none(text: str) -> None:
    with pytest.raises(Unreadable):
        day(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("10.5281/zenodo.123", "https://doi.org/10.5281/zenodo.123"),
        ("https://zenodo.org/records/123", "https://zenodo.org/records/123"),
        ("[![DOI](https://zenodo.org/badge/DOI/10.5281/zenodo.9.svg)](https://doi.org/10.5281/zenodo.9)",
         "https://doi.org/10.5281/zenodo.9"),
        ("[![DOI](https://zenodo.org/badge/12.svg)](https://zenodo.org/badge/latestdoi/12)",
         "https://zenodo.org/badge/latestdoi/12"),
        ("![DOI](https://zenodo.org/badge/DOI/10.5281/zenodo.9.svg)", "https://doi.org/10.5281/zenodo.9"),
        ("TBD", ""), ("N/A", ""), ("", ""),
    ],
)  # fmt: skip
def test_archives(text: str, found: str) -> None:
    assert archive(text) == found


def test_small_values() -> None:
    assert doi("see (https://doi.org/10.21105/joss.01886).") == "10.21105/joss.01886"
    assert version("v [0.2.7](https://x.example/0.2.7)") == "v0.2.7"
    assert [one.login for one in people_of("Erin & bo", bare=True)[0]] == ["Erin", "bo"]
    assert people_of("2023-12-13", bare=True)[1] == ["“2023-12-13” is a date, not a login"]
    assert people_of("[Lio](https://gitlab.com/lio)")[0] == []


@settings(max_examples=400, deadline=None)
@given(
    st.text(max_size=300)
    | st.lists(
        st.sampled_from(
            [
                *TODAY.splitlines(),
                "---",
                "publication:",
                "  doi: 1",
                "**Key:**",
                "- [x]",
                "<!--",
                "[![a](b)](c)",
            ]
        )
        | st.text("()[]*:@#-/ \t0123456789N/Aé", max_size=40),
        max_size=25,
    ).map("\n".join)
)
@example("---\n---\n")
@example("Date accepted: 99999999999/1/1\n")
@example("Archive: " + "[" * 2000)
def test_nothing_makes_it_fail(text: str) -> None:
    json.dumps(parse(text).as_json())


@pytest.mark.django_db
def test_a_header_reaches_its_submission(review: Review) -> None:
    text = TODAY.replace("EiC: TBD", "EiC: N/A").replace("Reviewer 3: TBD", "Reviews Expected By: 2026-07-01")
    changes = Direct("github")
    apply_header(review.submission, parse(text), changes=changes)
    changes.finish()
    one = review.submission
    one.refresh_from_db()
    assert (one.header["EiC"], one.title, one.version_submitted) == ("N/A", "wavefold", "v0.1.0")
    names = one.assignments.filter(role="reviewer", source="github").values_list(
        "person__name", "state", "due_on"
    )
    assert sorted(names) == [
        ("one", "accepted", dt.date(2026, 7, 1)),
        ("two", "accepted", dt.date(2026, 7, 1)),
    ]
    flag = Flag.objects.get()
    assert (flag.field, flag.value, flag.place, flag.line) == ("EiC", "N/A", "issue", 7)
    assert sorted(one.tags.values_list("facet", "name")) == [
        ("category", "data-processing-munging"), ("category", "data-visualization"), ("partner", "astropy"),
    ]  # fmt: skip

    again = Direct("github")
    apply_header(one, parse(text), changes=again)
    assert (again.counts["created"], again.counts["updated"]) == ({}, {})

    one.version_submitted = "v0.1.1"  # somebody knows better
    one.save()
    mended = text.replace("N/A", "@chief").replace("@two", "@three").replace("v0.1.0", "v0.1.2")
    apply_header(one, parse(mended), changes=Direct("github"))
    one.refresh_from_db()
    flag.refresh_from_db()
    assert one.version_submitted == "v0.1.1"
    assert flag.settled_at is not None
    ended = Assignment.objects.get(person__identities__value="two", role="reviewer")
    assert ended.state == "ended"
    assert Identity.objects.filter(value="chief").count() == 1


def run(*words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "folkmoot.cli", "reviews", "parse", *words],
        input=given, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_command(tmp_path: Path) -> None:
    (tmp_path / "issue.md").write_text(TODAY, encoding="utf-8")
    found: dict[str, Any] = json.loads(run(str(tmp_path / "issue.md"), "--json").stdout)
    assert (found["fields"]["title"], found["people"]["editor"]) == (
        "wavefold",
        [{"login": "erin", "name": ""}],
    )
    table = run("-", given=TODAY.replace("@erin", "N/A"))
    assert "line 8: Editor: “N/A” names nobody: write TBD until somebody is found" in table.stdout
    missing = run(str(tmp_path / "none.md"))
    assert (missing.returncode, "cannot be read" in missing.stderr) == (2, True)
