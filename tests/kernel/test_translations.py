"""Every text that a person sees is in the catalogues, whole and translated; `make messages` brings new ones in."""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

import pytest
from django.utils import translation

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "folkmoot"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w*\}|</?\w+[^>]*>")

#: Words that stand in templates as they are: names, formats and keys, the same in every language.
SAME_EVERYWHERE = {
    *(
        "Folkmoot",
        "GitHub",
        "ORCID",
        "iD",
        "OpenAPI",
        "OpenID",
        "Connect",
        "Mastodon",
        "Markdown",
        "CSV",
        "XLSX",
        "PDF",
        "HTML",
        "JSON",
        "GeoJSON",
    ),
    *("Ctrl", "Esc", "Enter", "Tab", "Shift", "SHA", "UTC", "ID", "URL", "TOTP", "https", "http"),
}
#: Attributes of HTML and of our components that a person reads or hears.
READ_OUT = {
    *("alt", "aria-label", "aria-description", "aria-roledescription", "placeholder", "title"),
    *(
        "confirm",
        "data-confirm",
        "data-confirm-label",
        "data-confirm-title",
        "description",
        "empty",
        "help",
        "label",
    ),
    *("submit", "subtitle", "summary", "text"),
}
NOT_READ = {"script", "style", "code", "kbd", "svg", "template"}
BLOCK = re.compile(r"{%\s*blocktrans(?:late)?\b.*?endblocktrans(?:late)?\s*%}", re.DOTALL)
CLASSES = re.compile(r"{%\s*block body_class\s*%}.*?{%\s*endblock\s*%}", re.DOTALL)
COMMENT = re.compile(r"{%\s*comment\b.*?endcomment\s*%}|{#.*?#}", re.DOTALL)
TAG = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
WORD = re.compile(r"[^\W\d_]{2,}")


def load_messages() -> ModuleType:
    """scripts/messages.py, which is no package."""
    if "scripts_messages" not in sys.modules:
        spec = importlib.util.spec_from_file_location("scripts_messages", ROOT / "scripts" / "messages.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["scripts_messages"] = module
        spec.loader.exec_module(module)
    return sys.modules["scripts_messages"]


messages = load_messages()
every_language = pytest.mark.parametrize("language", messages.LANGUAGES)


def keys(catalog: object) -> set[tuple[str | None, object]]:
    return {(message.context, message.id) for message in catalog if message.id}  # type: ignore[attr-defined]


def forms(value: object) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())  # type: ignore[call-overload]


def placeholders(text: str) -> list[str]:
    return sorted(PLACEHOLDER.findall(text))


@every_language
def test_the_catalogue_holds_exactly_the_texts_of_the_code(language: str) -> None:
    in_code, kept = keys(messages.extracted()), keys(messages.read(language))
    assert sorted(map(str, in_code - kept)) == [], "new texts: run `make messages` and translate them"
    assert sorted(map(str, kept - in_code)) == [], "texts that are gone: run `make messages`"


@every_language
def test_every_text_is_translated(language: str) -> None:
    lacking = [
        message.id
        for message in messages.read(language)
        if message.id and (message.fuzzy or not all(forms(message.string)) or not message.string)
    ]
    assert lacking == []


def pairs(language: str) -> list[tuple[str, str]]:
    """Every text that is translated, with its translation; a plural's forms one by one."""
    return [
        pair
        for message in messages.read(language)
        if message.id
        for pair in zip(forms(message.id), forms(message.string), strict=True)
        if all(pair)
    ]


@every_language
def test_placeholders_and_tags_survive_translation(language: str) -> None:
    assert [pair for pair in pairs(language) if placeholders(pair[0]) != placeholders(pair[1])] == []


@every_language
def test_ends_of_texts_agree(language: str) -> None:
    """A sentence stays a sentence and a label a label: full stops, colons and outer spaces are the same."""

    def ends(text: str) -> tuple[bool, str]:
        return text[0].isspace(), text[-1] if text[-1] in ".: \n" else ""

    assert [pair for pair in pairs(language) if ends(pair[0]) != ends(pair[1])] == []


@every_language
def test_what_runs_is_made_from_what_is_read(language: str) -> None:
    """The compiled catalogue is kept beside its text, since whoever installs Folkmoot has no compiler for it."""
    path = messages.po_path(language)
    assert path.read_bytes() == messages.po_bytes(messages.read(language))
    assert path.with_suffix(".mo").read_bytes() == messages.mo_bytes(messages.read(language))


def test_the_languages_of_the_settings_have_catalogues(settings: object) -> None:
    languages = {code for code, _name in settings.LANGUAGES} - {"en"}  # type: ignore[attr-defined]
    assert set(messages.LANGUAGES) == languages


def test_django_reads_it() -> None:
    with translation.override("es"):
        assert translation.gettext("People") == "Personas"
        assert translation.ngettext("%(n)s row", "%(n)s rows", 1) % {"n": 1} == "1 fila"
        assert translation.ngettext("%(n)s row", "%(n)s rows", 3) % {"n": 3} == "3 filas"
    with translation.override("en"):
        assert translation.gettext("People") == "People"


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("""<c-page-header title="{% translate 'People' %}" />""", {"People"}),
        ("""<c-fact label='{% translate "It (really) ends" %}'>{{ x }}</c-fact>""", {"It (really) ends"}),
        ("""{{ name|default:_("Nobody") }}{% include "a.html" with title=_("Here") %}""", {"Nobody", "Here"}),
        (
            "{% blocktranslate count n=rows %}{{ n }} row{% plural %}{{ n }} rows{% endblocktranslate %}",
            {("%(n)s row", "%(n)s rows")},
        ),
        ("""{% if a %}{% translate "One" %}{% else %}{% translate "Two" %}{% endif %}""", {"One", "Two"}),
        ("""{% translate "It's 5 % less" %}""", {"It's 5 %% less"}),
        ("{# {% translate 'Not this' %} #}<p>Nor this</p>", set()),
    ],
)
def test_texts_are_found_in_templates(template: str, found: set[object]) -> None:
    path = SOURCE / "kernel" / "made_up.html"
    code = messages.template_as_code(template, "made_up.html")
    assert {message.id for message in messages.extracted([(path, code)]) if message.id} == found


class Texts(HTMLParser):
    """What a person would read of a template once its tags are taken out, with the lines."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[int, str]] = []
        self.inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in NOT_READ:
            self.inside.append(tag)
        self.found += [(self.getpos()[0], value or "") for name, value in attrs if name in READ_OUT]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.inside and self.inside[-1] == tag:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if not self.inside:
            self.found.append((self.getpos()[0], data))


def blank(match: re.Match[str]) -> str:
    return " " + "\n" * match.group().count("\n")


def literals(match: re.Match[str]) -> str:
    """Of a variable only the texts that its filters would show by themselves."""
    shown = re.findall(
        r"""\|\s*(?:default|default_if_none|yesno|pluralize):("[^"]*"|'[^']*')""", match.group()
    )
    attributes = [text for text in shown if text[1:-1].istitle() or " " in text]
    return " ".join(text[1:-1] for text in attributes) + "\n" * match.group().count("\n")


def bare(text: str, *, is_html: bool = True) -> list[tuple[int, str]]:
    """Texts of a template that stand outside its translation tags."""
    text = COMMENT.sub(blank, text)
    text = CLASSES.sub(blank, BLOCK.sub(blank, text))
    text = re.sub(r"{{.*?}}", literals, text, flags=re.DOTALL)
    text = TAG.sub(blank, text)
    if is_html:
        reader = Texts()
        reader.feed(text)
        reader.close()
        found = reader.found
    else:
        found = list(enumerate(text.splitlines(), 1))
    return [(line, part.strip()) for line, part in found if set(WORD.findall(part)) - SAME_EVERYWHERE]


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("<p>{% translate 'Here' %} · CSV</p>", []),
        ("<p>\nPeople</p>", [(1, "People")]),
        ('<c-page-header title="People" :subtitle="x" />', [(1, "People")]),
        ("<a class='btn' href='/people/'>{{ name|default:\"Nobody at all\" }}</a>", [(1, "Nobody at all")]),
        ("{% blocktranslate %}\nThis {{ n }}{% endblocktranslate %}<code>that</code>", []),
        ("<c-slot name='primary'>Go</c-slot>", [(1, "Go")]),
    ],
)
def test_bare_texts_are_found(template: str, found: list[tuple[int, str]]) -> None:
    assert bare(template) == found


def test_no_template_holds_a_text_outside_translation() -> None:
    found = []
    for path in sorted(SOURCE.rglob("templates/**/*")):
        if path.suffix in {".html", ".txt"}:
            texts = bare(path.read_text("utf-8"), is_html=path.suffix == ".html")
            found += [f"{path.relative_to(ROOT)}:{line}: {text}" for line, text in texts]
    assert found == []


def test_no_label_in_code_stands_outside_translation() -> None:
    """Words given to these arguments are shown: they must be a call of gettext, or come from elsewhere."""
    shown = {"label", "help_text", "verbose_name", "verbose_name_plural", "empty_label", "subtitle", "title"}
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        if "migrations" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            for argument in node.keywords:
                value = argument.value
                if argument.arg not in shown or not isinstance(value, ast.Constant):
                    continue
                if "__" in str(value.value):  # the way to a column, no word
                    continue
                if set(WORD.findall(str(value.value or ""))) - SAME_EVERYWHERE:
                    found.append(f"{path.relative_to(ROOT)}:{value.lineno}: {argument.arg}={value.value!r}")
    assert found == []


def eager_names(tree: ast.Module) -> set[str]:
    """What a module calls the functions that translate at once."""
    return {
        name.asname or name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for name in node.names
        if name.name in {"gettext", "ngettext", "pgettext", "npgettext"}
    }


class Early(ast.NodeVisitor):
    """Calls that run while a module is loaded: not those inside functions."""

    def __init__(self, names: set[str]) -> None:
        self.names = names
        self.lines: list[int] = []

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        for part in (
            *node.decorator_list,
            *node.args.defaults,
            *(each for each in node.args.kw_defaults if each),
        ):
            self.visit(part)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        pass

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Name) and node.func.id in self.names:
            self.lines.append(node.lineno)
        self.generic_visit(node)


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("from django.utils.translation import gettext as _\nA = thing(label=_('x'))", [2]),
        ("from django.utils.translation import gettext as _\nclass A:\n    b = _('x')", [3]),
        ("from django.utils.translation import gettext as _\ndef a(b=1):\n    return _('x')", []),
        ("from django.utils.translation import gettext as _\nA = lambda: _('x')", []),
        ("from django.utils.translation import gettext_lazy as _\nA = _('x')", []),
    ],
)
def test_early_translations_are_found(code: str, lines: list[int]) -> None:
    tree = ast.parse(code)
    reader = Early(eager_names(tree))
    reader.visit(tree)
    assert reader.lines == lines


def test_nothing_is_translated_before_the_language_is_known() -> None:
    """What a module says while it is loaded must be lazy, else it keeps the language of the start."""
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        reader = Early(eager_names(tree))
        reader.visit(tree)
        found += [f"{path.relative_to(ROOT)}:{line}" for line in reader.lines]
    assert found == []
