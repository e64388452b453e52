"""What the outbox's pages share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.ui.toasts import toast


def user_of(request: HttpRequest) -> User:
    """Who is signed in; these pages are never open to strangers."""
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


def act(
    request: HttpRequest, do: Callable[[], Any], said: str, fallback: str, undo_url: str = ""
) -> HttpResponseRedirect:
    """Do what one button asks for, say so, and go back; what cannot be done is said instead."""
    try:
        do()
    except ValidationError as error:
        toast(request, " ".join(error.messages), failed=True)
    else:
        toast(request, said, undo_url=undo_url)
    return back(request, fallback)


def answer_form(
    request: HttpRequest,
    make: Callable[..., Any],
    do: Callable[[Any], str | HttpResponse],
    template: str = "outbox/form.html",
    **context: Any,
) -> HttpResponse:
    """Show a form, or do what it asks and go where ``do`` says, or show its page; a refusal stands at its field."""
    form = make(request.POST) if request.method == "POST" else make()
    if request.method == "POST" and form.is_valid():
        try:
            done = do(form)
            return done if isinstance(done, HttpResponse) else HttpResponseRedirect(done)
        except ValidationError as error:
            form.refuse(error)
    return render(request, template, {"form": form, **context}, status=422 if form.errors else 200)
