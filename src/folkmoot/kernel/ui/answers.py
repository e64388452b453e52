"""What pages that change something share: forms that call an action, buttons with an undo, and going back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.ui.toasts import toast


def user_of(request: HttpRequest) -> User:
    """Who is signed in; such pages are never open to strangers."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - the middleware sees to it
    return user


def back(request: HttpRequest, fallback: str) -> HttpResponseRedirect:
    """To the posted ``next`` when it is an address of this installation, else to the fallback."""
    wished = request.POST.get("next", "")
    allowed = wished.isprintable() and url_has_allowed_host_and_scheme(
        wished, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return HttpResponseRedirect(wished if wished and allowed else fallback)


def answer_form(
    request: HttpRequest,
    make: Callable[..., Any],
    act: Callable[[Any], str],
    *,
    title: str,
    cancel: str,
    submit: str,
    about: str = "",
    draft: str = "",
    template: str = "people/form.html",
    said: str = "",
    **context: Any,
) -> HttpResponse:
    """Show a form, or do what it asks and go where ``act`` says; what cannot be done is said at its field.

    Args:
        make: makes the form from the posted data, or without.
        act: does it, given the valid form; returns the address to go to; may raise ``ValidationError``.
        said: what a toast says when it is done, where ``act`` says nothing itself.
    """
    form: BaseForm = make(request.POST) if request.method == "POST" else make()
    if request.method == "POST" and form.is_valid():
        try:
            address = act(form)
            if said:
                toast(request, said)
            return HttpResponseRedirect(address)
        except ValidationError as error:
            form.refuse(error) if hasattr(form, "refuse") else refuse(form, error)
    shown = {"form": form, "title": title, "cancel": cancel, "submit": submit, "about": about, "draft": draft}
    return render(request, template, shown | context, status=422 if form.errors else 200)


def refuse(form: Any, error: ValidationError) -> None:
    """Show what an action said, at its field or above all."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, errors in error.error_dict.items():
        form.add_error(name if name in form.fields else None, errors)


def answer_action(
    request: HttpRequest, act: Callable[[], tuple[str, str]], fallback: str
) -> HttpResponseRedirect:
    """Do something that one button asks for, say so in a toast with its undo, and go back.

    Args:
        act: does it; returns the toast's text and the undo address (``""``: none); may raise ``ValidationError``.
    """
    try:
        text, undo = act()
        toast(request, text, undo_url=undo)
    except ValidationError as error:
        toast(request, " ".join(error.messages), failed=True)
    return back(request, fallback)
