"""The reports' pages: who opens them, what stands on them, what a shared link shows."""

from __future__ import annotations

import datetime as dt
import html
import json
import re

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from folkmoot.kernel.accounts.actions import grant
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.community import Community
from folkmoot.kernel.periods import Period
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.reporting import Figure
from folkmoot.reports import actions, scopes
from folkmoot.reports.models import Note, Share
from tests.conftest import signed_in
from tests.factories import IdentityFactory, PersonFactory
from tests.ledger.worlds import opened

pytestmark = pytest.mark.django_db
PAGE = "/reports/community/?period=2026Q2"
NAME = "Zoë <script>alert(1)</script> *Star*"
#: Notes, sources, the newest row, people to thank, the facts of each period that is compared, whether anything was ever
#: published, whether there ever was an event, whether there is an agreement.
REPORT_QUERIES = 23
SHARES_QUERIES = 1
PAGES = {
    "/reports/": "reports.view",
    "/reports/community/": "reports.view",
    "/reports/community/file.md": "reports.view",
    "/reports/definitions/": "reports.view",
    "/reports/community/notes/ledger.spread/": "reports.contribute",
    "/reports/community/share/": "reports.manage",
    "/reports/shares/": "reports.manage",
}


@pytest.fixture
def world(db: None) -> int:
    """Zoë opened three items in the second quarter; her person's number."""
    person = PersonFactory(name=NAME)
    opened(IdentityFactory(person=person), "2026-04-02", "2026-05-03", "2026-06-30 23:59:59")
    return person.pk


def make_share(user: User, **fields: object) -> str:
    said = {"recipient": "The council", "days": 30, "scope": scopes.parse({"period": "2026Q2"}), **fields}
    return actions.share(report="community", actor=user, **said)[1]  # type: ignore[arg-type]


def frame_queries(client: Client) -> int:
    """What any page asks: session, user, rights, community, what is open. The definitions ask nothing themselves."""
    with CaptureQueriesContext(connection) as asked:
        client.get("/reports/definitions/")
    return len(asked)


def text_of(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


@pytest.mark.parametrize("page", PAGES)
def test_who_opens_what(
    page: str, as_alice: Client, as_bob: Client, as_charlie: Client, as_nobody: Client, rita: User
) -> None:
    assert as_alice.get(page).status_code in (200, 302)
    assert as_bob.get(page).status_code == 403
    assert as_charlie.get(page).status_code == 403
    refused = as_nobody.get(page)
    assert (refused.status_code, refused.headers["Location"].split("?")[0]) == (302, "/accounts/login/")
    assert (signed_in(rita).get(page).status_code == 403) == (PAGES[page] != "reports.view")


def test_the_page_says_what_the_report_says(as_alice: Client, world: int) -> None:
    response = as_alice.get(PAGE)
    page = response.content.decode()
    text = text_of(page)
    assert "1 April – 30 June 2026 · compared with the quarter before and with a year before" in text
    assert "Volunteers opened all of the items of twelve months" in text
    assert f"{NAME} opened 3 items, for the first time here" in text
    assert "<script>alert" not in page
    assert f'href="/people/{world}/"' in page
    assert "3 rows · see them" in text


def test_every_figure_opens_its_rows(as_alice: Client, world: int) -> None:
    page = as_alice.get(PAGE).content.decode()
    links = set(re.findall(r'class="figure-value"><a href="([^"]+)"', page))
    assert len(links) == 10
    for link in links:
        assert as_alice.get(html.unescape(link)).status_code == 200


def test_who_may_not_see_people_gets_no_links_to_them(as_rita: Client, world: int) -> None:
    page = as_rita.get(PAGE).content.decode()
    assert "Zoë" in page
    assert "/people/" not in page
    assert f"{reverse('ledger:activity')}?metric=active_people" in page
    assert "Add a note" not in page
    assert "/share/" not in page


def test_the_page_obeys_the_content_policy(as_alice: Client, world: int) -> None:
    page = as_alice.get(PAGE).content.decode()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page)
    specs = re.findall(
        r'<script id="chart-spec-[^"]+" type="application/json">(.*?)</script>', page, re.DOTALL
    )
    assert [json.loads(spec)["width"] for spec in specs] == ["container"] * 3


def test_the_page_asks_a_fixed_number_of_questions(
    as_alice: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    opened(IdentityFactory(), "2026-05-01", "2026-02-01", "2025-05-01")
    frame = frame_queries(as_alice)
    with django_assert_num_queries(frame + REPORT_QUERIES):
        as_alice.get(PAGE)
    for _ in range(2):
        opened(IdentityFactory(), "2026-05-01", "2026-02-01", "2025-05-01")
    with django_assert_num_queries(frame + REPORT_QUERIES):
        as_alice.get(PAGE)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("period=2026Q7", "2026Q7: a year has the quarters Q1 to Q4."),
        ("as_of=yesterday", "yesterday is no day: write it as 2026-06-30."),
        ("exclude=cats", "There is nothing called cats to leave out; known: staff."),
        ("project=nothing", "There is no project nothing"),
        ("first=2026-05-02&last=2026-05-01", "2026-05-02..2026-05-01 ends before it begins"),
    ],
)
def test_an_address_that_cannot_be_read_is_told(as_alice: Client, query: str, told: str) -> None:
    with time_machine.travel(dt.datetime(2026, 11, 20, tzinfo=dt.UTC)):
        response = as_alice.get(f"/reports/community/?{query}")
    text = text_of(response.content.decode())
    assert response.status_code == 400
    assert told in text
    assert "This is the report for: Third quarter 2026." in text
    refused = as_alice.get(f"/reports/community/file.csv?{query}")
    assert (refused.status_code, refused.headers["Content-Type"]) == (400, "text/plain; charset=utf-8")
    assert told in refused.content.decode()


def test_the_fiscal_year_is_offered_where_it_is_not_the_calendars(as_alice: Client, world: int) -> None:
    def offered() -> list[str]:
        groups = as_alice.get("/reports/community/?period=2026Q2").context["picker"].groups
        return [str(label) for label, _choices in groups]

    assert offered() == ["Quarters", "Years", "Months"]
    Community.objects.update_or_create(pk=1, defaults={"fiscal_year_start": 7})
    assert offered() == ["Quarters", "Years", "Fiscal years", "Fiscal quarters", "Months"]
    page = as_alice.get("/reports/community/?period=FY2026Q4").content.decode()
    for text in (
        "Fourth quarter of fiscal year 2026",
        "1 April – 30 June 2026",
        "compared with the quarter before and with a year before",
        "period=FY2026Q3",
    ):
        assert text in page, text
    reports = [
        as_alice.get(f"/reports/community/?period={period}").context["report"]
        for period in ("2026Q2", "FY2026Q4")
    ]
    figures = [[block.value for _section, block in each.blocks(Figure)] for each in reports]
    assert figures[0] == figures[1] != []


def test_days_of_ones_own_make_a_period(as_alice: Client, world: int) -> None:
    page = as_alice.get("/reports/community/?first=2026-04-01&last=2026-04-30&exclude=staff")
    text = text_of(page.content.decode())
    assert "1 April – 30 April 2026" in text
    assert "Without staff." in text
    assert "compared with the days before and with a year before" in text


@pytest.mark.parametrize(
    ("suffix", "kind", "begins"),
    [
        ("pdf", "application/pdf", b"%PDF-"),
        ("md", "text/markdown; charset=utf-8", b"# Community report: Second quarter 2026"),
        ("csv", "text/csv; charset=utf-8", b"\xef\xbb\xbfreport,period,as_of,section,block,"),
        ("html", "text/html; charset=utf-8", b"<!doctype html>"),
    ],
)
def test_the_report_as_a_file(as_rita: Client, world: int, suffix: str, kind: str, begins: bytes) -> None:
    response = as_rita.get(f"/reports/community/file.{suffix}?period=2026Q2")
    assert response.status_code == 200
    assert response.headers["Content-Type"] == kind
    assert response.headers["Content-Disposition"] == f'attachment; filename="community-2026Q2.{suffix}"'
    assert response.content.startswith(begins)


@pytest.mark.parametrize("address", ["/reports/nothing/", "/reports/community/file.exe", "/reports/nothing/file.pdf",
                                     "/reports/community/notes/no.such/", "/reports/nothing/share/"])  # fmt: skip
def test_what_is_not_there(as_alice: Client, address: str) -> None:
    assert as_alice.get(address).status_code == 404


def test_a_note_is_written_in_place_and_shown(as_alice: Client, alice: User, world: int) -> None:
    address = "/reports/community/notes/ledger.spread/?period=2026Q2"
    part = as_alice.get(address, headers={"HX-Request": "true"}).content.decode()
    assert part.strip().startswith("<section")
    assert f'action="{html.escape(address)}"' in part
    whole = as_alice.get(address).content.decode()
    assert whole.startswith("<!doctype html>")
    response = as_alice.post(address, {"body": "**Good** <b>quarter</b>"})
    assert (response.status_code, response.headers["Location"]) == (302, PAGE)
    page = as_alice.get(PAGE).content.decode()
    assert "<strong>Good</strong> &lt;b&gt;quarter&lt;/b&gt;" in page
    assert "Alice Admin" in page
    assert Note.objects.get().author == alice
    as_alice.post(address, {"body": ""})
    assert Note.objects.count() == 0


def test_a_note_that_is_too_long_is_told_and_not_lost(as_alice: Client) -> None:
    response = as_alice.post(
        "/reports/community/notes/ledger.spread/?period=2026Q2", {"body": "long " * 2001}
    )
    assert response.status_code == 200
    assert "at most 10000 characters" in text_of(response.content.decode())
    assert "long long" in response.content.decode()
    assert Note.objects.count() == 0


def test_notes_stay_away_from_a_part_of_the_community(as_alice: Client, alice: User, world: int) -> None:
    actions.write_note(
        report="community",
        section="ledger.spread",
        period=Period.parse("2026Q2"),
        body="General.",
        actor=alice,
    )
    page = as_alice.get(f"{PAGE}&source=forge").content.decode()
    assert "Only what was seen in forge." in page
    assert "General." not in page
    assert "Add a note" not in page


def test_a_link_is_shown_once_and_opens_without_signing_in(
    as_alice: Client, as_nobody: Client, world: int
) -> None:
    response = as_alice.post(
        "/reports/community/share/?period=2026Q2", {"recipient": "The council", "days": 30}
    )
    (link,) = re.findall(r'value="http://testserver(/reports/shared/[^"]+/)"', response.content.decode())
    assert response.headers["Cache-Control"] == "no-store"
    assert link not in as_alice.get("/reports/shares/").content.decode()
    shown = as_nobody.get(link)
    page = shown.content.decode()
    assert shown.status_code == 200
    assert f"{NAME} opened 3 items" in text_of(page)
    assert "<script>alert" not in page
    assert shown.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert shown.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in shown.headers["Cache-Control"]


def test_a_shared_report_leads_nowhere(as_nobody: Client, alice: User, world: int) -> None:
    secret = make_share(alice)
    page = as_nobody.get(f"/reports/shared/{secret}/").content.decode()
    links = {link for link in re.findall(r'href="([^"]+)"', page) if not link.startswith(("/static/", "#"))}
    assert links == {f"/reports/shared/{secret}/file.{suffix}" for suffix in ("pdf", "md", "csv", "html")}
    for link in links:
        response = as_nobody.get(link)
        assert response.status_code == 200
        assert b"/people/" not in response.content
        assert reverse("ledger:activity").encode() not in response.content
    assert as_nobody.get(f"/reports/shared/{secret}/file.exe").status_code == 404


@pytest.mark.parametrize("suffix", ["", "file.pdf"])
def test_a_link_that_is_over_or_garbled(as_nobody: Client, alice: User, world: int, suffix: str) -> None:
    withdrawn, over = make_share(alice), make_share(alice, days=1)
    actions.withdraw(share=Share.objects.order_by("pk").first(), actor=alice)  # type: ignore[arg-type]
    Share.objects.filter(withdrawn_at=None).update(
        created_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC), expires_at=dt.datetime(2026, 1, 2, tzinfo=dt.UTC)
    )
    for secret, status, told in (
        (withdrawn, 410, "This link has ended"),
        (over, 410, "This link has ended"),
        (withdrawn[:-1], 404, "There is no report at this address"),
        (withdrawn + "x", 404, "There is no report at this address"),
    ):
        response = as_nobody.get(f"/reports/shared/{secret}/{suffix}")
        assert (response.status_code, told in response.content.decode()) == (status, True)
        assert "Zoë" not in response.content.decode()
        assert "Community report" not in response.content.decode()


def test_the_list_of_links_withdraws_one(as_alice: Client, as_nobody: Client, alice: User) -> None:
    secret = make_share(alice, recipient="<b>Funder</b>")
    row = Share.objects.get()
    page = as_alice.get("/reports/shares/").content.decode()
    assert "&lt;b&gt;Funder&lt;/b&gt;" in page
    assert as_nobody.get(f"/reports/shared/{secret}/").status_code == 200
    response = as_alice.post(f"/reports/shares/{row.pk}/withdraw/")
    assert (response.status_code, response.headers["Location"]) == (302, "/reports/shares/")
    assert as_nobody.get(f"/reports/shared/{secret}/").status_code == 410
    assert "withdrawn" in text_of(as_alice.get("/reports/shares/").content.decode())
    assert as_alice.get(f"/reports/shares/{row.pk}/withdraw/").status_code == 405


def test_the_list_of_links_asks_a_fixed_number_of_questions(
    as_alice: Client, alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_share(alice)
    frame = frame_queries(as_alice)
    with django_assert_num_queries(frame + SHARES_QUERIES):
        as_alice.get("/reports/shares/")
    make_share(alice)
    make_share(alice)
    with django_assert_num_queries(frame + SHARES_QUERIES):
        as_alice.get("/reports/shares/")


def test_only_who_manages_withdraws(rita: User, as_rita: Client, alice: User) -> None:
    make_share(alice)
    row = Share.objects.get()
    assert as_rita.post(f"/reports/shares/{row.pk}/withdraw/").status_code == 403
    grant(user=rita, area=Area.REPORTS, level=Level.MANAGE)
    assert signed_in(rita).post(f"/reports/shares/{row.pk}/withdraw/").status_code == 302


def test_definitions_of_every_metric(as_rita: Client) -> None:
    from folkmoot.kernel.metrics import metrics

    text = text_of(as_rita.get("/reports/definitions/").content.decode())
    assert len(metrics) > 0
    for metric in metrics:
        told = " ".join(str(metric.definition).split()) in text
        # Whoever may not see an area is told nothing of its figures.
        assert (metric.key in text, told) == ((True, True) if metric.area == "community" else (False, False))
