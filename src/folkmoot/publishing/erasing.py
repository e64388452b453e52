"""How publishing forgets a person: that something was published counts and stays, what names or shows them goes."""

from __future__ import annotations

from django.db import models, transaction

from folkmoot.kernel import clock
from folkmoot.kernel.erasure import (
    Eraser,
    NothingPersonal,
    Outcome,
    Subject,
    delete,
    delete_history,
    erasers,
    forget_json,
    forget_texts,
    mentioning,
    nothing_personal,
)
from folkmoot.kernel.text import fold
from folkmoot.publishing import content
from folkmoot.publishing.actions.media import remove_files
from folkmoot.publishing.models import (
    Article,
    BookEntry,
    BookHandle,
    Campaign,
    ChecklistEntry,
    Comment,
    LinkCheck,
    Media,
    Part,
    PartMedia,
    PoolItem,
    Post,
    PostApproval,
    PostState,
    PreviewLink,
    Publication,
    Rendition,
    Variant,
    Waiver,
)

#: Text in which somebody may be named, by table.
TEXTS: dict[type[models.Model], tuple[str, ...]] = {
    Post: ("title",),
    Variant: ("title",),
    Part: ("text",),
    PartMedia: ("alt",),
    Media: ("name", "alt", "credit"),
    Campaign: ("name", "goal"),
    ChecklistEntry: ("text",),
    Comment: ("quote", "suggestion", "text", "guest"),
    Waiver: ("reason",),
    PreviewLink: ("note",),
    PoolItem: ("title", "text"),
    Article: ("title", "front", "body"),
    LinkCheck: ("title", "words"),
}
#: Texts that may not be empty.
NEEDED = {"title", "text", "name", "reason"}
#: What a person typed as JSON.
JSON: dict[type[models.Model], tuple[str, ...]] = {Variant: ("options",), Media: ("card_values",)}
POSTS = "what was published counts; what named them in it is blank"


def _forget(subject: Subject, outcome: Outcome) -> None:
    _pictures(subject, outcome)
    _book(subject, outcome)
    for through, label in (
        (Post.people.through, "publishing.post_people"),
        (Media.people.through, "publishing.media_people"),
        (Article.authors.through, "publishing.article_authors"),
    ):
        rows = through._default_manager.filter(person__in=subject.people)
        outcome.gone(label, rows.count())
        rows.delete()
    for model, columns in TEXTS.items():
        forget_texts(model, columns, subject, outcome, needed=NEEDED)
    for model, columns in JSON.items():
        forget_json(model, columns, subject, outcome)
    _reckon(outcome)


def _pictures(subject: Subject, outcome: Outcome) -> None:
    """Pictures that show them, or were drawn with their name, with their files: out of every post."""
    found = set(Media.objects.filter(people__in=subject.people).values_list("pk", flat=True))
    for column in ("card_values", "alt"):
        rows = mentioning(Media.objects.filter(card__isnull=False), column, subject.needles)
        found |= set(rows.values_list("pk", flat=True))
    if not found:
        return
    files = list(Media.objects.filter(pk__in=found).values_list("file", flat=True))
    files += Rendition.objects.filter(media__in=found).values_list("file", flat=True)
    delete(outcome, PartMedia.objects.filter(media__in=found))
    delete_history(outcome, PartMedia, media_id__in=found)
    PoolItem.objects.filter(media__in=found).update(media=None)
    delete(outcome, Media.objects.filter(pk__in=found))
    delete_history(outcome, Media, id__in=found)
    transaction.on_commit(lambda: remove_files(files))


def _book(subject: Subject, outcome: Outcome) -> None:
    """Entries of the handle book: theirs, those of their name, those with one of their handles."""
    handles = {fold(each).lstrip("@") for each in subject.handles}
    found = set(BookEntry.objects.filter(person__in=subject.people).values_list("pk", flat=True))
    names = {fold(name) for name in subject.names}
    for pk, alias, name in BookEntry.objects.values_list("pk", "alias", "name"):
        if fold(name) in names or fold(alias) in names:
            found.add(pk)
    for entry, handle in BookHandle.objects.values_list("entry_id", "handle"):
        if fold(handle).lstrip("@") in handles:
            found.add(entry)
    ids = list(BookHandle.objects.filter(entry__in=found).values_list("pk", flat=True))
    delete(outcome, BookEntry.objects.filter(pk__in=found))
    delete_history(outcome, BookHandle, id__in=ids)
    delete_history(outcome, BookHandle, entry_id__in=found)
    delete_history(outcome, BookEntry, id__in=found)
    delete_history(outcome, BookEntry, person_id__in=subject.people)


def _reckon(outcome: Outcome) -> None:
    """Posts whose content is another one by that: what was planned has to be looked at again, what is there stays."""
    posts = list(Post.objects.exclude(content_sha256="").order_by("pk"))
    for start in range(0, len(posts), 200):
        some = posts[start : start + 200]
        sources = content.sources(some)
        for post in some:
            fresh = content.hash_of(post, sources[post.pk])
            if fresh != post.content_sha256:
                _changed(post, fresh)
    outcome.keeps(Post, len(posts), POSTS)


def _changed(post: Post, fresh: str) -> None:
    waiting = (PostState.REVIEW, PostState.APPROVED, PostState.SCHEDULED)
    state = PostState.DRAFT if post.state in waiting else post.state
    mine = Publication.objects.filter(variant__post=post, content_sha256=post.content_sha256)
    if state != PostState.DRAFT:
        mine.update(content_sha256=fresh)
    PostApproval.objects.filter(post=post, withdrawn_at=None).update(withdrawn_at=clock.now())
    Post.objects.filter(pk=post.pk).update(content_sha256=fresh, state=state, changed_at=clock.now())


_OWN = ("post_people", "media_people", "article_authors", "bookhandle", "historicalbookhandle")
_MODELS: tuple[type[models.Model], ...] = (*TEXTS, *JSON, BookEntry)
_NAMED = {model._meta.label_lower for model in _MODELS}

erasers.register(
    Eraser(
        "publishing",
        frozenset(
            {
                *(f"publishing.{name}" for name in _OWN),
                *_NAMED,
                *(label.replace(".", ".historical") for label in _NAMED),
            }
        ),
        _forget,
        order=38,
    )
)
nothing_personal.register(
    NothingPersonal(
        "publishing",
        frozenset(
            f"publishing.{prefix}{name}"
            for prefix in ("", "historical")
            for name in (
                *("policy", "channelplan", "cardtemplate", "posttemplate", "templatetext", "series", "site"),
            )
        ),
        "Rules, plans and patterns: gaps stand where people are named.",
    )
)
