"""Sites and articles: written, proposed as a pull request, merged at their time."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel import clock, front, saving
from folkmoot.kernel.front import Document, FrontProblem
from folkmoot.kernel.saving import Actor, line, locked, put, write
from folkmoot.kernel.text import fold
from folkmoot.outbox import public as outbox
from folkmoot.people.public import Person
from folkmoot.publishing.models import Article, ArticleState, Site
from folkmoot.publishing.site import files

KIND = "publishing.article"
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
#: How long after its time an article may still be merged.
GRACE = dt.timedelta(hours=24)

saving.say(
    {
        "site_once": ("name", gettext_lazy("There is a site of this name already.")),
        "article_once": ("slug", gettext_lazy("Another article of this site has this file already.")),
    }
)
saving.derives(Article, folded=lambda row: fold(row.title)[:300])
saving.SHOWN_AS["publishing.article.folded"] = "title"


@transaction.atomic
def save_site(*, site: Site | None, values: Mapping[str, Any], actor: Actor, seen: int | None = None) -> Site:
    """Add a site, or change one.

    Raises:
        ValidationError: by field; a pattern with an unknown gap, no repository or web address, front matter that is
            no YAML.
    """
    site = locked(site, seen) if site is not None else Site()
    put(site, {**values, "path": values["path"].strip().lstrip("/")})
    wrong: dict[str, Any] = {}
    for name in ("path", "address"):
        try:
            files.check_pattern(getattr(site, name))
        except ValidationError as problem:
            wrong[name] = problem
    site.repository = site.repository.strip()
    if site.repository and not _REPOSITORY.fullmatch(site.repository):
        wrong["repository"] = _("Write owner/name, such as harbour/website.")
    if "address" not in wrong and not site.address.startswith(("https://", "http://")):
        wrong["address"] = _("Begin with https://, such as https://example.org/blog/{slug}/.")
    site.front = site.front.replace("\r\n", "\n")
    try:
        front.values(Document("---\n", site.front, "---\n", ""))
    except FrontProblem as problem:
        wrong["front"] = ValidationError(
            _("Line %(line)s: %(words)s") % {"line": problem.line - 1, "words": problem.words}
        )
    if wrong:
        raise ValidationError(wrong)
    return write(site, actor=actor)


@transaction.atomic
def set_site_aside(*, site: Site, actor: Actor, aside: bool = True) -> Site:
    """Take a site out of use, or bring it back. Its articles stay."""
    site = locked(site)
    if bool(site.archived_at) != aside:
        site.archived_at = clock.now() if aside else None
        write(site, actor=actor)
    return site


@transaction.atomic
def start_article(
    *,
    site: Site,
    title: str,
    actor: Actor,
    slug: str = "",
    day: dt.date | None = None,
    authors: Iterable[Person] = (),
    language: str = "",
) -> Article:
    """Begin an article with the front matter of its site.

    Raises:
        ValidationError: without a title; another article has this file.
    """
    authors = list(authors)
    article = Article(
        site=site,
        title=line(title),
        slug=slug or files.short_name(title),
        published_on=day or clock.today(),
        language=language,
        owner=actor,
        state=ArticleState.DRAFT,
    )
    template = site.front if not site.front or site.front.endswith("\n") else site.front + "\n"
    document = Document("---\n", template, "---\n", "\n")
    known = front.values(document)
    said: dict[str, Any] = {"title": article.title, _named(known, files.DATE_NAMES): article.published_on}
    if authors:
        name = _named(known, files.AUTHOR_NAMES)
        names = [person.name for person in authors]
        said[name] = names if isinstance(known.get(name), list) or name == "authors" else ", ".join(names)
    if language:
        said[_named(known, files.LANGUAGE_NAMES)] = language
    files.put_document(article, front.with_values(document, said))
    article.path, article.url = files.path_of(article), files.address_of(article)
    write(article, actor=actor)
    article.authors.set(authors)
    return article


def _named(known: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next((name for name in names if name in known), names[0])


@transaction.atomic
def edit_article(
    *,
    article: Article,
    actor: Actor,
    title: str,
    slug: str,
    day: dt.date | None,
    front_text: str,
    body: str,
    language: str = "",
    authors: Iterable[Person] | None = None,
    owner: Any = None,
    seen: int | None = None,
) -> Article:
    """Change an article. Title and day stand in the front matter too; what was changed in either place wins there.

    Raises:
        ValidationError: by field: front matter that cannot be read, a file that another article has.
        ChangedMeanwhile: somebody saved it since.
    """
    article = locked(article, seen)
    before = (article.title, article.published_on)
    files_text = files.in_lines_of(article, front_text)
    if files_text and not files_text.endswith("\n"):
        files_text += files.document_of(article).newline
    document = files.document_of(article)
    document = Document(document.head, files_text, document.fence, files.in_lines_of(article, body))
    if files_text and not document.head:
        document = Document("---\n", files_text, "---\n", document.body)
    changes: dict[str, Any] = {}
    try:
        said = front.values(document)
        if line(title) != before[0] or "title" not in said:
            changes["title"] = line(title)
        if day != before[1] and day is not None:
            changes[_named(said, files.DATE_NAMES)] = day
        document = front.with_values(document, changes)
        said = front.values(document)
    except FrontProblem as problem:
        raise ValidationError(
            {
                "front": _("Line %(line)s: %(words)s")
                % {"line": max(1, problem.line - 1), "words": problem.words}
            }
        ) from None
    article.title = line(said.get("title") or title)
    article.published_on = front.day_of(files.first(said, files.DATE_NAMES)) or day
    article.slug, article.language = files.short_name(slug) if slug else article.slug, line(language)
    files.put_document(article, document)
    if article.state in (ArticleState.DRAFT,):
        article.path = files.path_of(article)
    article.url = files.address_of(article)
    article.owner = owner
    write(article, actor=actor)
    if authors is not None:
        article.authors.set(authors)
    return article


@transaction.atomic
def remove_article(*, article: Article, actor: Actor) -> None:
    """Delete a draft.

    Raises:
        ValidationError: it was proposed already, or posts announce it.
    """
    article = locked(article)
    if article.state != ArticleState.DRAFT:
        raise ValidationError(_("It is on its way to the website: close its pull request instead."))
    if article.posts.exists():
        raise ValidationError(_("Posts announce it: delete them first."))
    saving.remove(article, actor=actor)


@transaction.atomic
def propose(*, article: Article, actor: Actor) -> Article:
    """Put the file on a branch of its own and open a pull request; once more after an edit: the branch gets the change.

    Raises:
        ValidationError: the site has no channel; the file is already on the website and was not changed.
    """
    article = locked(article)
    site = article.site
    if site.channel is None:
        raise ValidationError(_("The site has no channel: choose one under Settings, Sites."))
    if not article.body.strip():
        raise ValidationError({"body": _("There is no text yet.")})
    text = files.document_of(article).text
    payload = {
        "repository": site.repository,
        "base": site.branch,
        "branch": f"folkmoot/article-{article.pk}",
        "path": article.path,
        "content": text,
        "message": article.title,
        "title": article.title,
        "body": _("Proposed by %(who)s from Folkmoot.") % {"who": actor or _("Folkmoot")},
    }
    delivery = outbox.queue(
        channel=site.channel,
        kind=KIND,
        area="publishing",
        title=article.title,
        payload=payload,
        asked_by=actor,
        key=f"article:{article.pk}:{outbox.digest(payload)[:32]}",
        about_url=f"/publishing/articles/{article.pk}/",
    )
    if article.proposal_id != delivery.pk:
        article.proposal = delivery
        write(article, actor=actor, reason=_("proposed"))
    return article


@transaction.atomic
def plan_merge(*, article: Article, wall_time: dt.datetime | None, zone: str, actor: Actor) -> Article:
    """Merge the pull request at a moment; without one as soon as may be. Planned before, it is moved.

    Raises:
        ValidationError: it was not proposed; the moment is over or its zone none.
    """
    article = locked(article)
    if article.proposal is None or article.site.channel is None:
        raise ValidationError(_("Propose it first: there is no pull request yet."))
    planned = article.merge
    if planned is not None and planned.state in outbox.PLANNED:
        outbox.reschedule(delivery=planned, wall_time=wall_time, zone=zone, actor=actor, grace=GRACE)
    else:
        planned = None
    if planned is None:
        number = Article.history.filter(id=article.pk).count()
        planned = outbox.queue(
            channel=article.site.channel,
            kind=KIND,
            area="publishing",
            title=_("Merge: %(title)s") % {"title": article.title},
            payload={
                "merge": True,
                "repository": article.site.repository,
                "base": article.site.branch,
                "branch": f"folkmoot/article-{article.pk}",
                "title": article.title,
            },
            asked_by=actor,
            key=f"article-merge:{article.pk}:{number}",
            wall_time=wall_time,
            zone=zone,
            grace=GRACE,
            depends_on=article.proposal,
            about_url=f"/publishing/articles/{article.pk}/",
        )
    article.merge = planned
    fresh = outbox.Delivery.objects.get(pk=planned.pk)
    article.wall_time, article.zone, article.due_at = fresh.wall_time, fresh.zone, fresh.due_at
    return write(article, actor=actor, reason=_("planned"))


@transaction.atomic
def settle(*, delivery: outbox.Delivery) -> None:
    """What became of a proposal or a merge. Called whenever a delivery of this kind settles; twice does no more."""
    if delivery.state != outbox.State.SENT:
        return
    article = Article.objects.select_for_update().filter(proposal=delivery.pk).first()
    if article is not None and article.state == ArticleState.DRAFT:
        article.state = ArticleState.PROPOSED
        write(article, actor=None, reason=_("the pull request is open"))
    article = Article.objects.select_for_update().filter(merge=delivery.pk).first()
    if article is not None and article.state in (ArticleState.DRAFT, ArticleState.PROPOSED):
        article.state = ArticleState.MERGED
        write(article, actor=None, reason=_("merged"))


@transaction.atomic
def mark_live(*, article: Article, at: dt.datetime, actor: Actor = None) -> Article:
    """Its page answers: posts that wait for it may leave."""
    article = locked(article)
    if article.state != ArticleState.LIVE:
        article.state, article.live_at = ArticleState.LIVE, at
        write(article, actor=actor, reason=_("live"))
    return article
