"""Where an article's file stands in its repository, and where its page on the web."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.text import slugify
from django.utils.translation import gettext as _

from folkmoot.kernel import front
from folkmoot.kernel.front import Document
from folkmoot.kernel.text import fold_accents
from folkmoot.publishing.models import Article

#: What a pattern of a path or an address may name.
GAPS = ("date", "year", "month", "day", "slug", "language")
_GAP = re.compile(r"\{(\w*)\}")
#: Names in front matter that mean the same, the first is taken for new articles where the pattern has none.
AUTHOR_NAMES = ("author", "authors")
DATE_NAMES = ("date", "pubDate", "publishDate")
URL_NAMES = ("url", "permalink")
LANGUAGE_NAMES = ("lang", "language")
SUMMARY_NAMES = ("excerpt", "summary", "description")
_NAMED = re.compile(r"^(?:\d{4}-\d{2}-\d{2}-)?(?P<slug>.+?)(?:\.(?P<language>[a-z]{2}))?\.(?:md|markdown)$")


def check_pattern(pattern: str, *, needs: str = "slug") -> str:
    """A pattern whose gaps are known.

    Raises:
        ValidationError: it names another gap, or not the one it needs.
    """
    named = _GAP.findall(pattern)
    unknown = [name for name in named if name not in GAPS]
    if unknown:
        raise ValidationError(
            _("There is no gap {%(name)s}; there are %(gaps)s.")
            % {"name": unknown[0], "gaps": ", ".join(f"{{{gap}}}" for gap in GAPS)}
        )
    if needs not in named:
        raise ValidationError(_("It has to name {%(name)s}.") % {"name": needs})
    return pattern


def filled(pattern: str, *, slug: str, day: dt.date | None, language: str = "") -> str:
    """A pattern with its gaps filled."""
    day = day or dt.date.min
    gaps = {
        "slug": slug,
        "date": day.isoformat(),
        "year": f"{day.year:04}",
        "month": f"{day.month:02}",
        "day": f"{day.day:02}",
        "language": language,
    }
    return _GAP.sub(lambda found: gaps.get(found[1], found[0]), pattern)


def path_of(article: Article) -> str:
    """The file that the site's pattern gives an article."""
    return filled(
        article.site.path, slug=article.slug, day=article.published_on, language=article.language
    ).lstrip("/")


def address_of(article: Article) -> str:
    """The page's address: as the front matter says it, else by the site's pattern."""
    usual = filled(
        article.site.address, slug=article.slug, day=article.published_on, language=article.language
    )
    said = first(front.values(document_of(article)), URL_NAMES)
    return urljoin(usual, str(said)) if said and _is_address(str(said)) else usual


def _is_address(text: str) -> bool:
    parts = urlsplit(text)
    return parts.scheme in ("", "http", "https") and (text.startswith("/") or bool(parts.netloc))


def any_name(names: Iterable[str]) -> Q:
    """A condition on people: they bear one of these names, whatever the case of its letters."""
    wanted = Q(pk__in=[])
    for name in dict.fromkeys(names):
        wanted |= Q(name__iexact=name)
    return wanted


def short_name(title: str) -> str:
    """The short name that a title suggests: ASCII, with dashes."""
    return slugify(fold_accents(title))[:80].strip("-") or "article"


def named(file: str) -> tuple[str, str]:
    """Short name and language that a file's name says: ``2026-05-29-news.es.md`` is ``news`` in ``es``."""
    found = _NAMED.match(file.rpartition("/")[2])
    return (found["slug"], found["language"] or "") if found else (file, "")


def first(said: dict[str, Any], names: tuple[str, ...]) -> Any:
    """The first of these values that is said."""
    return next((said[name] for name in names if said.get(name) not in (None, "")), None)


def document_of(article: Article) -> Document:
    """An article as its file."""
    form = article.form or {"head": "---\n", "fence": "---\n"}
    if not article.front and not form.get("head"):
        return Document("", "", "", article.body)
    return Document(form.get("head", "---\n"), article.front, form.get("fence", "---\n"), article.body)


def put_document(article: Article, document: Document) -> None:
    """Keep a file's pieces with its article."""
    article.front, article.body = document.front, document.body
    article.form = {"head": document.head, "fence": document.fence}


def in_lines_of(article: Article, text: str) -> str:
    """Text of a form in the line ends that the article's file has."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.replace("\n", "\r\n") if document_of(article).newline == "\r\n" else text
