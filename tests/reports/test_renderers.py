"""One content, four renderers: the same numbers everywhere, and nothing that anybody wrote is more than text."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser

import pypdf
import pytest
from markdown_it import MarkdownIt

from folkmoot.kernel import fonts
from folkmoot.kernel.reporting import Chart, Figure, PeopleList, Report
from folkmoot.reports.renderers import FORMATS, file_name, html, markdown, pdf
from folkmoot.reports.renderers import csv as csv_renderer
from tests.reports import made_up

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def report() -> Report:
    return made_up.report()


def pdf_text(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)


def flat(text: str) -> str:
    return " ".join(text.split())


class Words(HTMLParser):
    """The visible text of a page, and its tags."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str]] = []
        self.inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.inside = tag

    def handle_data(self, data: str) -> None:
        if self.inside != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return flat(" ".join(self.words))


def csv_rows(report: Report) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(csv_renderer.render(report))))


def figures_of_markdown(text: str) -> dict[str, str]:
    """Label to value as the rendered Markdown's tables show them."""
    page = MarkdownIt("commonmark").enable("table").render(text)
    found = re.findall(r"<tr>\s*<td[^>]*>(.*?)</td>\s*<td[^>]*>(.*?)</td>", page, re.DOTALL)
    return dict(found)


def test_all_four_say_the_same_figures(report: Report) -> None:
    figures = [block for _section, block in report.blocks(Figure)]
    assert len(figures) == 6
    expected = {figure.label: figure.text for figure in figures}
    in_markdown = figures_of_markdown(markdown.render(report))
    assert {label: in_markdown[label] for label in expected} == expected
    in_csv = {row["name"]: row for row in csv_rows(report) if row["block"] in {f.key for f in figures}}
    assert {label: (row["value"], row["previous"], row["year_before"]) for label, row in in_csv.items()} == {
        f.label: tuple("" if v is None else str(v) for v in (f.value, f.previous, f.year_before))
        for f in figures
    }
    in_pdf, in_html = flat(pdf_text(pdf.render(report))), Words(html.render(report)).text
    for figure in figures:
        for text in (in_pdf, in_html):
            assert f"{figure.text} {figure.label}" in text
        for change in figure.changes:
            assert change.text in in_pdf
            assert change.text in in_html
            assert change.words in in_html


def test_all_four_have_the_table_behind_the_chart(report: Report) -> None:
    ((_section, chart),) = report.blocks(Chart)
    cells = [[str(cell) for cell in row] for row in chart.table.rows]
    of_chart = [row for row in csv_rows(report) if row["block"] == chart.key]
    assert [
        [of_chart[i]["row"]] + [row["value"] for row in of_chart[i : i + 3]] for i in range(0, 27, 3)
    ] == cells
    in_markdown, in_html = markdown.render(report), Words(html.render(report)).text
    in_pdf = flat(pdf_text(pdf.render(report)))
    for row in cells:
        assert "| " + " | ".join(row) + " |" in in_markdown
        assert " ".join(row) in in_pdf
        assert " ".join(row) in in_html


@pytest.mark.parametrize("name", made_up.NAMES + made_up.TRAPS)
def test_a_name_is_only_text(report: Report, name: str) -> None:
    """What is written comes out letter for letter in Markdown, HTML and CSV."""
    page = MarkdownIt("commonmark").enable("table").render(markdown.render(report))
    assert f"{name}: reason of {name}" in Words(page).text
    assert Words(page).tags <= {"h1", "h2", "h3", "p", "table", "thead", "tbody", "tr", "th", "td", "ul", "li",
                                "strong", "em", "a", "hr"}  # fmt: skip
    assert name in Words(html.render(report)).text
    cells = {row["row"] for row in csv_rows(report)}
    assert (name in cells) != name.startswith(("=", "+", "-", "@"))
    assert (f"'{name}" in cells) == name.startswith(("=", "+", "-", "@"))


#: Scripts whose letters a PDF keeps in reading order; Arabic, Hebrew and Devanagari are laid out before they are kept.
PLAIN = [
    name
    for name in made_up.NAMES + made_up.TRAPS
    if not re.search(r"[\u0590-\u06ff\u0900-\u097f]|Hằng", name)
]


@pytest.mark.parametrize("name", PLAIN)
def test_the_pdf_shows_a_name_letter_for_letter(report: Report, name: str) -> None:
    together = re.sub(r"\s", "", pdf_text(pdf.render(report)))
    assert re.sub(r"\s", "", f"{name}, reason of {name}") in together


def test_the_pdf_embeds_its_fonts_and_misses_no_letter(report: Report) -> None:
    """PDF/UA, which the file says it keeps, allows neither a font outside the file nor a letter that no font has."""
    if not fonts.folders():
        pytest.skip("no fonts: run `make setup`, which brings them with npm")
    content = pdf.render(report)
    assert is_pdf_ua(content)
    seen = set()
    for page in pypdf.PdfReader(io.BytesIO(content)).pages:
        for font in page["/Resources"]["/Font"].get_object().values():
            inner = font.get_object()["/DescendantFonts"][0].get_object()
            assert {"/FontFile2", "/FontFile3", "/FontFile"} & set(inner["/FontDescriptor"].get_object())
            seen.add(str(inner["/BaseFont"]).partition("+")[2])
    assert [name for name in seen if not name.startswith("Noto")] == []


def test_a_letter_that_no_font_has_does_not_keep_the_report_from_anybody() -> None:
    content = pdf.render(made_up.report(people=("Somebody \U000f1234", "Zoë Müller-Ångström")))
    assert not is_pdf_ua(content)
    assert "Zoë Müller-Ångström, reason of" in pdf_text(content)


def is_pdf_ua(content: bytes) -> bool:
    return (
        b"pdfuaid"
        in pypdf.PdfReader(io.BytesIO(content)).trailer["/Root"]["/Metadata"].get_object().get_data()
    )


def test_the_pdf_is_tagged_and_says_what_it_is(report: Report) -> None:
    reader = pypdf.PdfReader(io.BytesIO(pdf.render(report)))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert reader.metadata.title == "Community report: third quarter 2026"
    assert reader.metadata.author == 'Tidewater "Commons" & <Friends>'
    width, height = (float(n) for n in reader.pages[0].mediabox[2:])
    assert (round(width), round(height)) == (595, 842)
    assert f"Page 1 of {len(reader.pages)}" in pdf_text(pdf.render(report))


def test_the_charts_are_vectors(report: Report) -> None:
    reader = pypdf.PdfReader(io.BytesIO(pdf.render(report)))
    assert all(not list(page.images) for page in reader.pages)
    assert html.render(report).count("<svg") == 1


def test_the_file_stands_alone(report: Report) -> None:
    page = Words(html.render(report))
    assert page.tags.isdisjoint({"script", "link", "iframe", "img", "form", "button", "use"})
    asked = [
        value for _tag, name, value in page.attributes if name in {"src", "srcset", "action", "xlink:href"}
    ]
    assert asked == []
    assert {value for tag, name, value in page.attributes if name == "href"} == {
        "https://example.org/plan?a=1&b=2"
    }
    assert not [name for _tag, name, _value in page.attributes if name.startswith("on")]
    assert "/activity/" not in html.render(report)
    assert "/people/" not in html.render(report)


@pytest.mark.parametrize("suffix", list(FORMATS))
def test_an_empty_quarter_is_a_report_too(suffix: str) -> None:
    content = FORMATS[suffix].render(made_up.report(empty=True))
    text = pdf_text(content) if suffix == "pdf" else content.decode()
    if suffix != "csv":
        assert "Nobody this time." in text
    assert "NaN" not in text
    assert "None" not in text


@pytest.mark.parametrize("suffix", list(FORMATS))
def test_a_period_without_a_previous_one(suffix: str) -> None:
    content = FORMATS[suffix].render(made_up.without_comparison())
    text = pdf_text(content) if suffix == "pdf" else content.decode()
    assert "last quarter;" not in text
    assert "▲" not in text
    assert "1,058" in text or "1058" in text


def test_without_links_nothing_leads_further(report: Report) -> None:
    plain = report.without_links()
    for _section, block in [*plain.blocks(Figure), *plain.blocks(Chart)]:
        assert block.rows_url == ""
    for _section, people in plain.blocks(PeopleList):
        assert {line.url for line in people.people} == {""}
    assert [figure.value for _s, figure in plain.blocks(Figure)] == [
        figure.value for _s, figure in report.blocks(Figure)
    ]


def test_file_names_are_plain(report: Report) -> None:
    assert file_name(report, "pdf") == "community-2026Q3.pdf"
