"""Notes, tags, and undo."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from folkmoot.kernel.permissions.access import demand, requires
from folkmoot.kernel.ui.toasts import toast
from folkmoot.people import actions
from folkmoot.people.actions import Undo
from folkmoot.people.forms import BulkTagForm, NoteForm, TagForm, TagNameForm
from folkmoot.people.models import Note, Person, Tag
from folkmoot.people.views.base import (
    RECORDS,
    UNDOING,
    answer_action,
    answer_form,
    back,
    page_of,
    undo_bulk_url,
    undo_url,
    user_of,
)

SELECTION_SALT = "people.selection"


def _record(kind: str, pk: int) -> Any:
    if kind not in RECORDS:
        raise Http404
    return get_object_or_404(RECORDS[kind], pk=pk)


@requires("people.contribute")
@require_POST
def new_note(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    record, user = _record(kind, pk), user_of(request)

    def act() -> tuple[str, str]:
        note = actions.add_note(about=record, body=request.POST.get("body", ""), actor=user)
        return _("Note kept."), undo_url(user, actions.last_change(note), "people.contribute")

    return answer_action(request, act, page_of(record))


@requires("people.contribute")
@require_http_methods(["GET", "POST"])
def edit_note(request: HttpRequest, pk: int) -> HttpResponse:
    note = get_object_or_404(Note.objects.select_related("person", "organization", "project"), pk=pk)
    demand(request.user, "people.change_note", note)

    def act(form: NoteForm) -> str:
        actions.edit_note(
            note=note, body=form.cleaned_data["body"], actor=user_of(request), seen=form.version
        )
        return page_of(note.about)

    return answer_form(
        request,
        partial(NoteForm, instance=note),
        act,
        title=_("Note about %(name)s") % {"name": note.about},
        submit=_("Save"),
        said=_("Saved."),
        cancel=page_of(note.about),
        template="people/note.html",
        note=note,
    )


@requires("people.contribute")
@require_POST
def remove_note(request: HttpRequest, pk: int) -> HttpResponse:
    note = get_object_or_404(Note.objects.select_related("person", "organization", "project"), pk=pk)
    demand(request.user, "people.change_note", note)
    user, page = user_of(request), page_of(note.about)

    def act() -> tuple[str, str]:
        return _("Note removed."), undo_url(
            user, actions.remove_note(note=note, actor=user), "people.contribute"
        )

    return answer_action(request, act, page)


@requires("people.contribute")
@require_POST
def tag_record(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    record, user = _record(kind, pk), user_of(request)

    def act() -> tuple[str, str]:
        form = TagNameForm(request.POST)
        if not form.is_valid():
            raise ValidationError(_("Name the tag, in at most 100 characters."))
        tag = actions.add_tag(name=form.cleaned_data["name"], actor=user)
        done = actions.tag_records(model=type(record), records=[pk], tag=tag, actor=user)
        undo = undo_bulk_url(user, "untag", kind, done, "people.contribute", tag.pk) if done else ""
        return _("Tagged “%(tag)s”.") % {"tag": tag}, undo

    return answer_action(request, act, page_of(record))


@requires("people.contribute")
@require_POST
def untag_record(request: HttpRequest, kind: str, pk: int, tag: int) -> HttpResponse:
    record, user, row = _record(kind, pk), user_of(request), get_object_or_404(Tag, pk=tag)

    def act() -> tuple[str, str]:
        done = actions.untag_records(model=type(record), records=[pk], tag=row, actor=user)
        undo = undo_bulk_url(user, "tag", kind, done, "people.contribute", row.pk) if done else ""
        return _("“%(tag)s” is taken off.") % {"tag": row}, undo

    return answer_action(request, act, page_of(record))


def selection(records: list[int]) -> str:
    """The part of an address that names selected people; nobody else can make one."""
    return signing.dumps(records, salt=SELECTION_SALT, compress=True)


@requires("people.contribute")
@require_http_methods(["GET", "POST"])
def tag_people(request: HttpRequest, chosen: str) -> HttpResponse:
    """Put a tag on people selected in the list, or take it off them."""
    try:
        records: list[int] = signing.loads(chosen, salt=SELECTION_SALT, max_age=24 * 60 * 60)
    except signing.BadSignature:
        toast(request, _("The selection is lost. Select the people again."), failed=True)
        return HttpResponseRedirect(reverse("people:people"))
    user = user_of(request)

    def act(form: BulkTagForm) -> str:
        off = form.cleaned_data["do"] == "off"
        tag = actions.add_tag(name=form.cleaned_data["name"], actor=user)
        change = actions.untag_records if off else actions.tag_records
        done = change(model=Person, records=records, tag=tag, actor=user)
        number = len(done)
        text = (
            ngettext("“%(tag)s” is off %(n)d person.", "“%(tag)s” is off %(n)d people.", number)
            if off
            else ngettext("“%(tag)s” is on %(n)d more person.", "“%(tag)s” is on %(n)d more people.", number)
        )
        undo = undo_bulk_url(user, "tag" if off else "untag", "person", done, "people.contribute", tag.pk)
        toast(request, text % {"tag": tag, "n": number}, undo_url=undo if done else "")
        return reverse("people:people")

    title = ngettext("Tag %(n)d person", "Tag %(n)d people", len(records)) % {"n": len(records)}
    return answer_form(
        request, BulkTagForm, act, title=title, submit=_("Change tags"), cancel=reverse("people:people")
    )


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def edit_tag(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Tag, pk=pk)

    def act(form: TagForm) -> str:
        actions.rename_tag(tag=row, name=form.cleaned_data["name"], actor=user_of(request))
        return reverse("people:tags")

    return answer_form(
        request,
        partial(TagForm, instance=row),
        act,
        title=_("Rename “%(name)s”") % {"name": row.name},
        submit=_("Rename"),
        cancel=reverse("people:tags"),
        template="people/tag.html",
        tag=row,
    )


@requires("people.manage")
@require_POST
def remove_tag(request: HttpRequest, pk: int) -> HttpResponse:
    row, user = get_object_or_404(Tag, pk=pk), user_of(request)

    def act() -> tuple[str, str]:
        actions.remove_tag(tag=row, actor=user)
        return _("“%(name)s” is deleted.") % {"name": row.name}, ""

    return answer_action(request, act, reverse("people:tags"))


@requires("people.contribute")
@require_POST
def undo(request: HttpRequest, token: str) -> HttpResponse:
    """Take back what a toast told of."""
    user = user_of(request)
    try:
        payload = UNDOING.read(user, token)
        demand(user, payload["may"])
        if "undo" in payload:
            actions.undo(what=Undo.from_json(payload["undo"]), actor=user)
        else:
            _undo_bulk(payload, user)
        toast(request, _("Undone."))
    except ValidationError as error:
        toast(request, " ".join(error.messages), failed=True)
    return back(request, reverse("people:people"))


def _undo_bulk(payload: dict[str, Any], user: Any) -> None:
    rows, model = payload["rows"], RECORDS[payload["model"]]
    match payload["do"]:
        case "archive":
            actions.archive_people(people=rows, actor=user, reason=_("undo"))
        case "unarchive":
            actions.unarchive_people(people=rows, actor=user, reason=_("undo"))
        case change:
            tag = Tag.objects.filter(pk=payload["tag"]).first()
            if tag is None:
                raise ValidationError(_("The tag was deleted since."))
            do = actions.tag_records if change == "tag" else actions.untag_records
            do(model=model, records=rows, tag=tag, actor=user)
