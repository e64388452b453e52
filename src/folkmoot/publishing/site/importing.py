"""Articles that are there already: a folder of Markdown files becomes the articles of a site."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel import front
from folkmoot.kernel.front import FrontProblem
from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.imports.sources import (
    FileProblem,
    Option,
    Part,
    Reading,
    Rejection,
    Row,
    Source,
    source_parts,
    sources,
)
from folkmoot.kernel.text import fold
from folkmoot.people.public import Person
from folkmoot.publishing.models import Article, ArticleState, Site
from folkmoot.publishing.site import files

SUFFIXES = (".md", ".markdown")
#: The longest file that is taken for an article, in bytes.
LARGEST = 2_000_000

SOURCE = sources.register(
    Source(
        key="articles",
        label=gettext_lazy("Blog or news of a website"),
        help=gettext_lazy("A folder of Markdown files with front matter, as Jekyll and Hugo have them."),
        takes="folder",
        permission="publishing.admin",
        files=("*.md", "*.markdown"),
        options=(
            Option(
                "site", gettext_lazy("The name of the site, as it is under Settings, Sites."), required=True
            ),
            Option(
                "folder",
                gettext_lazy("Where the files stand in the repository; empty: as the site's pattern says."),
            ),
        ),
        order=70,
        results=((gettext_lazy("Articles"), "publishing:articles"),),
    )
)


@source_parts.declare
class Articles(Part):
    """Every file becomes an article, letter by letter; what was written here since is left alone."""

    key: ClassVar[str] = "articles.publishing.articles"
    source: ClassVar[str] = "articles"
    order: ClassVar[int] = 400
    chunk_size: ClassVar[int] = 50
    counters: ClassVar[tuple[str, ...]] = ("articles", "authors")

    def read(self, reading: Reading) -> Iterator[Row | Rejection]:
        """One row for each file; files of lists (``_index.md``) are no articles."""
        root = reading.root
        found = [root] if root.is_file() else sorted(each for each in root.rglob("*") if each.is_file())
        found = [
            each
            for each in found
            if each.suffix.casefold() in SUFFIXES and not each.name.startswith(("_", "."))
        ]
        if not found:
            raise FileProblem(root.name, _("holds no Markdown files"))
        for each in found:
            yield _read(each, each.relative_to(root).as_posix() if root.is_dir() else each.name)

    def apply(self, rows: Sequence[Row], changes: Changes) -> None:
        """Make articles, or bring those of before to what the files say."""
        site = _site(str(changes.options.get("site", "")))
        if site is None:
            for row in rows:
                changes.reject(row, "site", _("there is no site of this name: make it under Settings, Sites"))
            return
        wanted = {_path(site, row, changes.options): row for row in rows}
        known = {one.path: one for one in Article.objects.filter(site=site, path__in=list(wanted))}
        new: list[Article] = []
        old: list[tuple[Article, Mapping[str, Any]]] = []
        for path, row in wanted.items():
            values = _values(site, path, row)
            article = known.get(path)
            if article is None:
                new.append(Article(site=site, path=path, state=ArticleState.IMPORTED, **values))
            elif article.state in (ArticleState.IMPORTED, ArticleState.LIVE):
                old.append((article, values))
            elif files.document_of(article).text == row.payload["text"]:
                changes.unchanged("articles")
            else:
                changes.reject(row, "", _("is being worked on here: the file was left alone"))
        made = changes.create(Article, new, counter="articles")
        changes.update(Article, old, counter="articles")
        self._name_authors([*made, *(one for one, _values in old)], wanted, changes)

    def _name_authors(self, articles: Sequence[Article], wanted: Mapping[str, Row], changes: Changes) -> None:
        """Authors whose name exactly one person of the register bears; others stay in the front matter only."""
        said = {
            article.pk: [fold(name) for name in wanted[article.path].payload["authors"]]
            for article in articles
        }
        names = [name for article in articles for name in wanted[article.path].payload["authors"]]
        bearers: dict[str, list[int]] = {}
        people = Person.objects.filter(files.any_name(names), erased_at=None)
        for pk, name in people.order_by("pk").values_list("pk", "name"):
            bearers.setdefault(fold(name), []).append(pk)
        through: Any = Article.authors.through
        have = set(through.objects.filter(article_id__in=list(said)).values_list("article_id", "person_id"))
        pairs = dict.fromkeys(
            (article, bearers[name][0])
            for article, each in said.items()
            for name in each
            if len(bearers.get(name, ())) == 1
        )
        changes.create(
            through,
            [through(article_id=a, person_id=p) for a, p in pairs if (a, p) not in have],
            counter="authors",
        )
        changes.unchanged("authors", sum(pair in have for pair in pairs))


def _read(path: Path, shown_as: str) -> Row | Rejection:
    if path.stat().st_size > LARGEST:
        return Rejection(shown_as, None, "", _("is larger than 2 MB: it is left out"))
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as problem:
        line = path.read_bytes()[: problem.start].count(b"\n") + 1
        return Rejection(shown_as, line, "", _("is no UTF-8: it is left out"))
    document = front.read(text)
    try:
        said = front.values(document)
    except FrontProblem as problem:
        return Rejection(shown_as, problem.line, "", _("the front matter cannot be read: %s") % problem.words)
    title = said.get("title")
    if not isinstance(title, str) or not title.strip():
        return Rejection(shown_as, 1, "title", _("is missing: the article is left out"))
    day = front.day_of(files.first(said, files.DATE_NAMES)) or front.day_of(path.name)
    payload = {
        "text": text,
        "title": title.strip()[:300],
        "day": day.isoformat() if day else "",
        "authors": front.names_of(files.first(said, files.AUTHOR_NAMES))[:50],
        "language": str(files.first(said, files.LANGUAGE_NAMES) or "")[:12],
        "file": shown_as,
    }
    return Row(shown_as, 1, payload)


def _site(name: str) -> Site | None:
    return next((one for one in Site.objects.all() if fold(one.name) == fold(name)), None)


def _path(site: Site, row: Row, options: Mapping[str, Any]) -> str:
    """Where the file stands in the repository: its folder is that of the site's pattern."""
    folder = str(options.get("folder") or "") or site.path.rpartition("/")[0]
    folder = folder if "{" not in folder else ""
    return f"{folder.strip('/')}/{row.payload['file']}".lstrip("/")


def _values(site: Site, path: str, row: Row) -> dict[str, Any]:
    held = row.payload
    slug, language = files.named(held["file"])
    article = Article(
        site=site,
        title=held["title"],
        slug=slug[:200],
        language=held["language"] or language,
        published_on=front.day_of(held["day"]),
    )
    files.put_document(article, front.read(held["text"]))
    return {
        "title": article.title,
        "folded": fold(article.title)[:300],
        "slug": article.slug,
        "language": article.language,
        "published_on": article.published_on,
        "front": article.front,
        "body": article.body,
        "form": article.form,
        "url": files.address_of(article)[:500],
    }
