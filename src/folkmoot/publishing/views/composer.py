"""The composer: one text for all channels, shaped for each, with the platforms' own counters and previews."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from folkmoot.kernel import clock
from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.saving import ChangedMeanwhile, current_version, line
from folkmoot.kernel.ui.toasts import toast
from folkmoot.publishing import drafting
from folkmoot.publishing.actions.media import upload_media
from folkmoot.publishing.actions.renditions import make_rendition
from folkmoot.publishing.actions.variants import split_into_thread
from folkmoot.publishing.composing import save_composed, texts_version
from folkmoot.publishing.content import as_shown, connector_of, limits_of
from folkmoot.publishing.drafting import BASE, Draft
from folkmoot.publishing.forms.posts import WhenForm
from folkmoot.publishing.models import Media, Post, PostState
from folkmoot.publishing.queries.media import THUMBNAIL, offered
from folkmoot.publishing.queries.slots import next_free_slot
from folkmoot.publishing.views.desk import Desk, desk_of, kept_post, to_edit
from folkmoot.publishing.views.pages import page_of

#: The browser is told when what is being written was counted anew, so that it can be checked.
COMPOSED = "composed"


# ------------------------------------------------------------------- the page


@requires("publishing.contribute")
@require_http_methods(["GET", "POST"])
def new_post(request: HttpRequest) -> HttpResponse:
    """Writes a post: once for all channels, and shaped for each."""
    return _compose(request, kept_post(request))


@requires("publishing.contribute")
@require_http_methods(["GET", "POST"])
def edit_post(request: HttpRequest, pk: int) -> HttpResponse:
    """Goes on writing a post, or corrects what has left."""
    return _compose(request, to_edit(request, get_object_or_404(Post, pk=pk)))


def _compose(request: HttpRequest, post: Post | None) -> HttpResponse:
    desk = desk_of(request, post)
    if request.method == "POST":
        if request.POST.get("do"):
            return _pressed(desk, request.POST["do"][:100])
        address = _save(desk)
        if address:
            return HttpResponseRedirect(address)
    has_errors = bool(desk.form.errors or desk.when.errors or desk.channel_errors)
    return render(request, "publishing/composer.html", desk.context(), status=422 if has_errors else 200)


def _save(desk: Desk) -> str:
    """Save what was typed; the address to go to, or ``""`` when something has to be mended first."""
    if not (desk.form.is_valid() & desk.when.is_valid()):
        return ""
    try:
        post = _saved(desk)
    except ValidationError as error:
        _refuse(desk, error)
        return ""
    toast(
        desk.request,
        _("Saved. Send the correction when you have looked at it.") if desk.is_correction else _("Saved."),
    )
    return page_of(post)


def _saved(desk: Desk) -> Post:
    return save_composed(
        post=desk.post,
        values=desk.form.values(),
        tags=desk.form.tag_names,
        draft=desk.draft,
        channels=desk.channels,
        wall_time=desk.when.wall_time,
        zone=desk.when.zone_name,
        actor=desk.user,
        seen=desk.form.version if desk.post is not None else None,
        seen_texts=desk.request.POST.get("seen_texts", "")[:64] if desk.post is not None else "",
        correcting=desk.is_correction,
    )


def _refuse(desk: Desk, error: ValidationError) -> None:
    """Show what could not be saved, at its field."""
    if isinstance(error, ChangedMeanwhile):
        assert desk.post is not None  # noqa: S101 - only what is saved can be changed meanwhile
        desk.form.refuse(error)
        desk.theirs = drafting.draft_of(desk.post)
        return
    if not hasattr(error, "error_dict"):
        desk.form.add_error(None, error)
        return
    names = {f"when-{channel.pk}": channel.name for channel in desk.channels}
    for name, errors in error.error_dict.items():
        words = [message for one in errors for message in one.messages]
        if name in names:
            desk.channel_errors.setdefault(names[name], []).extend(words)
        elif name in ("wall_time", "zone"):
            desk.when.add_error("date" if name == "wall_time" else name, words)
        else:
            desk.form.add_error(name if name in desk.form.fields else None, words)


# ---------------------------------------------------------------- its buttons


def _pressed(desk: Desk, what: str) -> HttpResponse:
    """Do what a button of the form asks for, and show the fields anew; nothing is saved."""
    verb, *told = what.split(":")
    try:
        _do(desk, verb, told)
    except ValidationError as error:
        desk.said += error.messages
    desk.form.is_valid()  # so that it can be read; what is missing yet is no error while one writes
    desk.form.errors.clear()
    desk.when.errors.clear()
    template = "publishing/composer.html"
    if getattr(desk.request, "htmx", False):
        template = "publishing/composer/when.html" if verb == "slot" else "publishing/composer/changed.html"
    response = render(desk.request, template, desk.context())
    response["HX-Trigger-After-Settle"] = COMPOSED
    return response


def _do(desk: Desk, verb: str, told: Sequence[str]) -> None:
    if verb == "slot":
        _next_slot(desk)
        return
    key = told[0] if told else ""
    if key != BASE and key not in {str(channel.pk) for channel in desk.channels}:
        return  # "channels": the boxes themselves say which are chosen
    numbers = [int(word) for word in told[1:] if word.isascii() and word.isdigit() and len(word) < 19]
    number = numbers[0] if numbers else 1
    draft = desk.draft
    if verb == "add-part":
        desk.draft = drafting.add_part(draft, key)
        number = len(desk.draft.text_of(key).parts)
    elif verb == "remove-part":
        desk.draft = drafting.remove_part(draft, key, number)
        number = max(1, number - 1)
    elif verb == "own":
        desk.draft = drafting.make_own(draft, key)
    elif verb == "follow":
        desk.draft = drafting.follow_base(draft, key)
        desk.focus = f"shape-{key}"
        return
    elif verb == "split":
        desk.draft = _split(desk, key)
    elif verb == "upload":
        desk.draft = _upload(desk, key, number)
    elif verb == "pick" and len(numbers) == 2 and Media.objects.filter(pk=numbers[1]).exists():
        desk.draft = drafting.add_pictures(draft, key, number, [numbers[1]])
    elif verb == "unpick" and len(numbers) == 2:
        desk.draft = drafting.remove_picture(draft, key, number, numbers[1])
    desk.focus = f"text-{key}-{number}"


def _split(desk: Desk, key: str) -> Draft:
    """A channel's text as a thread of parts that its platform takes each."""
    channel = next(each for each in desk.channels if str(each.pk) == key)
    connector, limits = connector_of(channel), limits_of(channel)
    if connector is None or limits.parts == 1:
        raise ValidationError(_("Threads are not taken here: write one part."))
    whole = "\n\n".join(part.text for part in desk.draft.shown(key).parts if part.text)
    parts = split_into_thread(
        text=whole,
        connector=connector,
        limits=limits,
        shown=as_shown(desk.as_written(), channel, [whole]),
    )
    own = drafting.make_own(desk.draft, key)
    return drafting.set_parts(own, key, parts)


def _upload(desk: Desk, key: str, number: int) -> Draft:
    """Keep what was uploaded, and put it into a part."""
    kept = []
    for upload in desk.request.FILES.getlist(f"files-{key}-{number}")[: drafting.MOST_PICTURES]:
        media = upload_media(upload=upload, actor=desk.user)
        make_rendition(media=media, limits=THUMBNAIL)
        kept.append(media.pk)
    return drafting.add_pictures(desk.draft, key, number, kept)


def _next_slot(desk: Desk) -> None:
    """Put the next free slot of the first channel that has one into the fields of time."""
    chosen = [channel for channel in desk.channels if channel.pk in desk.draft.channels]
    if not chosen:
        raise ValidationError(_("Choose a channel first: slots are the channels'."))
    for channel in chosen:
        slot = next_free_slot(channel, clock.now(), but=desk.post)
        if slot is not None:
            day, _t, time = slot.wall_time.partition("T")
            data = desk.request.POST.copy()
            data["date"], data["time"], data["zone"] = day, time, slot.zone
            desk.when = WhenForm(data, post=desk.post)
            return
    raise ValidationError(
        _("None of these channels has a free slot. Give them slots first, or choose a time.")
    )


# -------------------------------------------------------------- while one types


@requires("publishing.contribute")
@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Keeps a draft while somebody types, and answers with counters and previews.

    Only drafts are kept: of a post that waits, is approved or scheduled only the counters and previews are answered,
    since saving it takes its approval away.
    """
    desk = desk_of(request, kept_post(request))
    post, problem, seen, seen_texts = desk.post, "", "", request.POST.get("seen_texts", "")[:64]
    may_keep = post is None or post.state == PostState.DRAFT
    if may_keep and not (post is None and desk.draft.is_empty):
        if desk.form.is_valid() & desk.when.is_valid():
            try:
                post = _saved(desk)
                seen = str(current_version(post))
                seen_texts = texts_version(drafting.draft_of(post))
            except ValidationError as error:
                problem = " ".join(error.messages)
        else:
            problem = _("Not kept yet: something needs mending first.")
    desk.form.errors.clear()
    desk.when.errors.clear()
    context = {
        **desk.context(),
        "kept": post if seen else None,
        "post": post,
        "problem": problem,
        "now": clock.now(),
        "seen": seen or request.POST.get("seen", "")[:20],
        "seen_texts": seen_texts,
    }
    response = render(request, "publishing/composer/kept_and_counted.html", context)
    response["HX-Trigger-After-Settle"] = COMPOSED
    if desk.post is None and post is not None:
        response["HX-Replace-Url"] = reverse("publishing:edit_post", args=[post.pk])
    return response


@requires("publishing.contribute")
@require_GET
def pick_pictures(request: HttpRequest) -> HttpResponse:
    """Pictures of the library to choose from, for a part of a text."""
    key, part = request.GET.get("key", "")[:20], request.GET.get("part", "")[:3]
    if (key != BASE and not key.isdecimal()) or not part.isdecimal():
        key, part = BASE, "1"
    context = {"pictures": offered(line(request.GET.get("q", ""))[:100]), "key": key, "part": part}
    return render(request, "publishing/composer/pick.html", context)
