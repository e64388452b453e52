"""The handle book: who is called what on which platform."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.answers import answer_action, answer_form, user_of
from folkmoot.publishing.actions import book as actions
from folkmoot.publishing.forms.book import BookForm
from folkmoot.publishing.library_lists import BookList
from folkmoot.publishing.models import BookEntry
from folkmoot.publishing.queries import book_pages as queries
from folkmoot.publishing.views.base import history_page, undo_url


def _page(entry: BookEntry) -> str:
    return reverse("publishing:book_entry", args=[entry.pk])


@requires("publishing.view")
def book(request: HttpRequest) -> HttpResponseBase:
    """Everybody whom posts name."""
    return BookList(request).respond("publishing/book.html")


@requires("publishing.view")
@require_GET
def book_entry(request: HttpRequest, pk: int) -> HttpResponse:
    """One entry: its handles, those that come from the register, the posts that name it."""
    entry = get_object_or_404(BookEntry.objects.select_related("person", "organization", "project"), pk=pk)
    row: Any = entry
    queries.decorate([row])
    context = {"entry": entry, "handles": row.shown, "posts": queries.posts_naming(entry)}
    return render(request, "publishing/book_entry.html", context)


def _save(request: HttpRequest, entry: BookEntry | None) -> HttpResponse:
    user = user_of(request)

    def act(form: BookForm) -> str:
        values: Any = form.values()
        saved = actions.save_entry(
            entry=entry,
            values=values,
            handles=form.handles,
            actor=user,
            seen=form.version if entry is not None else None,
        )
        return _page(saved)

    def make(*args: Any) -> BookForm:
        if entry is not None:
            return BookForm(*args, instance=entry)
        asked = {name: request.GET.get(name, "")[:200] for name in ("alias", "name", "person")}
        return BookForm(*args, initial=asked)

    return answer_form(
        request,
        make,
        act,
        title=_("Edit %(name)s") % {"name": entry.name} if entry is not None else _("Add to the handle book"),
        submit=_("Save"),
        said=_("Saved."),
        cancel=_page(entry) if entry is not None else reverse("publishing:book"),
    )


@requires("publishing.manage")
@require_http_methods(["GET", "POST"])
def new_book_entry(request: HttpRequest) -> HttpResponse:
    """Adds somebody to the handle book."""
    return _save(request, None)


@requires("publishing.manage")
@require_http_methods(["GET", "POST"])
def edit_book_entry(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes an entry and its handles."""
    return _save(request, get_object_or_404(BookEntry, pk=pk))


@requires("publishing.manage")
@require_POST
def remove_book_entry(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes somebody out of the handle book."""
    entry, user = get_object_or_404(BookEntry, pk=pk), user_of(request)

    def act() -> tuple[str, str]:
        name = entry.name
        undo = undo_url(user, actions.remove_entry(entry=entry, actor=user), "publishing.manage")
        return _("“%(name)s” is out of the handle book.") % {"name": name}, undo

    return answer_action(request, act, reverse("publishing:book"))


@requires("publishing.view")
@require_GET
def book_history(request: HttpRequest, pk: int) -> HttpResponse:
    """Who changed what of an entry."""
    entry = get_object_or_404(BookEntry, pk=pk)
    return history_page(request, entry, _page(entry))
