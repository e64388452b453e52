"""Agreeing to posts: handing in, approving, sending back, comments, waivers, preview links, approval rules."""

from __future__ import annotations

from functools import partial

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.answers import answer_action, answer_form, user_of
from folkmoot.kernel.ui.toasts import toast
from folkmoot.publishing.actions import agreement as actions
from folkmoot.publishing.forms.agreement import (
    ApprovalRuleForm,
    CommentForm,
    LinkForm,
    WaiverForm,
    WhyForm,
)
from folkmoot.publishing.models import Comment, Post, PostApprovalRule, PreviewLink, Waiver
from folkmoot.publishing.views.agreeing import approve_one, hand_in_one
from folkmoot.publishing.views.base import undo_rows_url
from folkmoot.publishing.views.pages import page_of


def _post(pk: int) -> Post:
    return get_object_or_404(Post, pk=pk)


@requires("publishing.contribute")
@require_POST
def hand_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks for agreement to a post."""
    row = _post(pk)

    def act() -> tuple[str, str]:
        user = user_of(request)
        done, was = hand_in_one(row, user)
        undo = undo_rows_url(user, "hand_in", was, "publishing.contribute")
        if done.state == "approved":
            return _("Nobody has to agree to “%(title)s”: it is approved.") % {"title": row.title}, undo
        return _("“%(title)s” is handed in; whoever may agree is told.") % {"title": row.title}, undo

    return answer_action(request, act, page_of(row))


@requires("publishing.contribute")
@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Agrees to a post as it was seen."""
    row = _post(pk)

    def act() -> tuple[str, str]:
        user = user_of(request)
        done, was = approve_one(row, user, request.POST.get("seen", "")[:64])
        undo = undo_rows_url(user, "approve", was, "publishing.contribute")
        if done.state == "approved":
            return _("“%(title)s” is approved.") % {"title": row.title}, undo
        return _("You agreed to “%(title)s”; it waits for others, too.") % {"title": row.title}, undo

    return answer_action(request, act, page_of(row))


@requires("publishing.contribute")
@require_http_methods(["GET", "POST"])
def send_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Says what has to change; the post is a draft again."""
    row = _post(pk)

    def act(form: WhyForm) -> str:
        actions.send_back(post=row, actor=user_of(request), why=form.cleaned_data["why"])
        return page_of(row)

    return answer_form(
        request,
        WhyForm,
        act,
        title=_("Send “%(title)s” back") % {"title": row.title},
        submit=_("Send back"),
        cancel=page_of(row),
        said=_("It is a draft again, and whose it is was told."),
    )


# ------------------------------------------------------------------ comments


@requires("publishing.contribute")
@require_http_methods(["GET", "POST"])
def comment(request: HttpRequest, pk: int) -> HttpResponse:
    """Says something about a post, or suggests other words."""
    row = _post(pk)

    def act(form: CommentForm) -> str:
        made = actions.add_comment(post=row, actor=user_of(request), **form.cleaned_data)
        return f"{page_of(row)}#comment-{made.pk}"

    return answer_form(
        request,
        partial(CommentForm, post=row),
        act,
        title=_("Comment on “%(title)s”") % {"title": row.title},
        submit=_("Add the comment"),
        cancel=page_of(row),
    )


def _with_comment(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    row = get_object_or_404(Comment.objects.select_related("post"), pk=pk)
    user = user_of(request)

    def act() -> tuple[str, str]:
        if what == "take":
            actions.take_suggestion(comment=row, actor=user)
            undo = reverse("publishing:put_back", args=[row.pk]) if row.quote else ""
            return _("The words are in the text. What was agreed to ends by that."), undo
        if what == "put_back":
            actions.put_back_suggestion(comment=row, actor=user)
            return _("The words before stand there again."), ""
        if what == "resolve":
            actions.resolve_comment(comment=row, actor=user)
            return _("Dealt with."), reverse("publishing:reopen_comment", args=[row.pk])
        actions.reopen_comment(comment=row, actor=user)
        return _("Open again."), ""

    return answer_action(request, act, page_of(row.post))


@requires("publishing.contribute")
@require_POST
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a suggestion over into the text."""
    return _with_comment(request, pk, "take")


@requires("publishing.contribute")
@require_POST
def put_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes that back."""
    return _with_comment(request, pk, "put_back")


@requires("publishing.contribute")
@require_POST
def resolve(request: HttpRequest, pk: int) -> HttpResponse:
    """Marks a comment as dealt with."""
    return _with_comment(request, pk, "resolve")


@requires("publishing.contribute")
@require_POST
def reopen_comment(request: HttpRequest, pk: int) -> HttpResponse:
    """Opens a comment again."""
    return _with_comment(request, pk, "reopen")


# ------------------------------------------------------------------ waivers and links


@requires("publishing.manage")
@require_http_methods(["GET", "POST"])
def waive(request: HttpRequest, pk: int, rule: str) -> HttpResponse:
    """Lets a post pass a rule of the policy, with a reason and an end."""
    row = _post(pk)

    def act(form: WaiverForm) -> str:
        actions.waive(post=row, rule=rule, actor=user_of(request), **form.cleaned_data)
        return page_of(row)

    return answer_form(
        request,
        WaiverForm,
        act,
        title=_("Let “%(title)s” pass the rule “%(rule)s”") % {"title": row.title, "rule": rule},
        submit=_("Let it pass"),
        cancel=page_of(row),
        said=_("It may pass."),
    )


@requires("publishing.manage")
@require_POST
def withdraw_waiver(request: HttpRequest, pk: int) -> HttpResponse:
    """Lets the rule hold again for the post."""
    row = get_object_or_404(Waiver.objects.select_related("post"), pk=pk)

    def act() -> tuple[str, str]:
        actions.withdraw_waiver(waiver=row, actor=user_of(request))
        return _("The rule holds again."), ""

    return answer_action(request, act, page_of(row.post))


@requires("publishing.contribute")
@never_cache
@require_http_methods(["GET", "POST"])
def new_link(request: HttpRequest, pk: int) -> HttpResponse:
    """Makes an address at which somebody without an account sees a post; it is shown once."""
    row = _post(pk)
    made: list[str] = []

    def act(form: LinkForm) -> str:
        _link, secret = actions.make_link(post=row, actor=user_of(request), **form.cleaned_data)
        made.append(request.build_absolute_uri(reverse("publishing:preview", args=[secret])))
        return page_of(row)

    answer = answer_form(
        request,
        LinkForm,
        act,
        title=_("New preview link for “%(title)s”") % {"title": row.title},
        submit=_("Make the link"),
        cancel=page_of(row),
    )
    if not made:
        return answer
    return render(request, "publishing/agreement/link.html", {"post": row, "link": made[0]})


@requires("publishing.contribute")
@require_POST
def withdraw_link(request: HttpRequest, pk: int) -> HttpResponse:
    """Lets a preview link open nothing any more."""
    row = get_object_or_404(PreviewLink.objects.select_related("post"), pk=pk)

    def act() -> tuple[str, str]:
        actions.withdraw_link(link=row, actor=user_of(request))
        return _("The link opens nothing any more."), ""

    return answer_action(request, act, page_of(row.post))


# ------------------------------------------------------------------ approval rules


@requires("publishing.admin")
@require_GET
def approval_rules(request: HttpRequest) -> HttpResponse:
    """Which posts need whose approval."""
    rows = PostApprovalRule.objects.select_related("tag", "channel", "role_kind")
    return render(request, "publishing/agreement/rules.html", {"rules": rows})


def _edit_rule(request: HttpRequest, row: PostApprovalRule | None, title: str) -> HttpResponse:
    def act(form: ApprovalRuleForm) -> str:
        actions.save_rule(rule=row, values=form.cleaned_data, actor=user_of(request))
        return reverse("publishing:approval_rules")

    return answer_form(
        request,
        partial(ApprovalRuleForm, rule=row),
        act,
        template="publishing/agreement/rule.html",
        title=title,
        submit=_("Save"),
        cancel=reverse("publishing:approval_rules"),
        said=_("Saved."),
        rule=row,
    )


@requires("publishing.admin")
@require_http_methods(["GET", "POST"])
def new_approval_rule(request: HttpRequest) -> HttpResponse:
    """Adds an approval rule."""
    return _edit_rule(request, None, _("New approval rule"))


@requires("publishing.admin")
@require_http_methods(["GET", "POST"])
def approval_rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes an approval rule."""
    row = get_object_or_404(PostApprovalRule, pk=pk)
    return _edit_rule(request, row, row.name)


@requires("publishing.admin")
@require_POST
def remove_approval_rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes an approval rule away."""
    row = get_object_or_404(PostApprovalRule, pk=pk)
    actions.remove_rule(rule=row, actor=user_of(request))
    toast(request, _("The rule is gone; posts that waited for it alone are approved."))
    return HttpResponseRedirect(reverse("publishing:approval_rules"))
