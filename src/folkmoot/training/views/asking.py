"""Public pages of requests: which forms there are, one form with its drafts, one's own page behind a secret link."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from folkmoot.kernel.markdown import as_html
from folkmoot.kernel.permissions.access import public
from folkmoot.kernel.text import fold
from folkmoot.kernel.ui.answers import refuse
from folkmoot.kernel.ui.guarded import counted_over, stamp, too_many
from folkmoot.training.actions import asking
from folkmoot.training.forms.asking import AskForm
from folkmoot.training.models import Request, RequestForm, RequestState
from folkmoot.training.queries import asking as queries

View = Callable[..., HttpResponse]
#: From one network address in an hour: requests and drafts; mails to one address.
MOST_SENT, MOST_DRAFTS, MOST_MAILS = 60, 120, 5


def secret(view: View) -> View:
    """Open to all, in no cache and no search engine; its address is told to nobody."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "same-origin"
        return response

    return public(never_cache(answer))


@public
@require_GET
def forms(request: HttpRequest) -> HttpResponse:
    """The forms that everybody may see and that are open."""
    return render(request, "training/requests/forms.html", {"forms": list(queries.listed_forms())})


@secret
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, slug: str) -> HttpResponse:
    """One form: sent, kept as a draft, or gone on with."""
    row = get_object_or_404(RequestForm, slug=slug, is_archived=False)
    if request.method != "POST" and request.GET.get("sent") == "1":
        context = {"form_row": row, "landing": as_html(row.landing)}
        return render(request, "training/requests/sent.html", context)
    if request.method == "POST":
        return _Answer(request, row).respond()
    stands = queries.door(row)
    if stands != queries.Door.OPEN:
        return render(request, "training/requests/closed.html", {"form_row": row, "door": stands.value})
    token = request.GET.get("draft", "")[:400]
    draft = _draft(row, token)
    if token and draft is None:
        return render(request, "training/requests/nothing.html", {"form_row": row}, status=404)
    form = AskForm(
        asked=queries.asked_now(row),
        kept=asking.files_kept(draft),
        initial={"began": stamp(), "draft": token if draft else ""},
    )
    if draft is not None:
        form.initial.update(form.initial_of(draft.answers.get("typed", {})))
    return _page(request, row, form, draft, kept=request.GET.get("kept", ""))


def _draft(row: RequestForm, token: str) -> Request | None:
    """The draft of this form that an address or a page names."""
    found = asking.read(token) if token else None
    if found is None or found.form_id != row.pk or found.state != RequestState.DRAFT:
        return None
    return found


def _page(
    request: HttpRequest,
    row: RequestForm,
    form: AskForm,
    draft: Request | None,
    *,
    kept: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "form_row": row,
        "form": form,
        "intro": as_html(row.intro),
        "draft": draft,
        "kept": kept,
        "kept_until": draft.updated_at + asking.KEPT_FOR if draft else None,
        "draft_url": asking.token_of(draft) if draft else "",
    }
    return render(request, "training/requests/ask.html", context, status=status)


class _Answer:
    """What was posted with one form."""

    def __init__(self, request: HttpRequest, row: RequestForm) -> None:
        self.request, self.row = request, row
        self.draft = _draft(row, request.POST.get("draft", "")[:400])
        self.asked = queries.asked_now(row)
        self.form = AskForm(request.POST, request.FILES, asked=self.asked, kept=asking.files_kept(self.draft))
        self.language = (get_language() or "en")[:12]

    def respond(self) -> HttpResponse:
        is_valid = self.form.is_valid()
        do = self.request.POST.get("do", "")
        try:
            if do in ("draft", "mail"):
                return self._keep(mail=do == "mail")
            if is_valid:
                return self._send()
        except ValidationError as error:
            return self._again(error)
        return self._again(None)

    def _send(self) -> HttpResponse:
        said = self.form.cleaned_data
        if too_many(self.request, "training.ask", MOST_SENT, 3600):
            raise ValidationError(_("Very many sent this from your network just now. Try again in an hour."))
        _not_too_many_mails(said["email"])
        asking.send(
            form=self.row,
            values={
                "name": said["name"],
                "email": said["email"],
                "answers": self.form.answers(),
                "language": self.language,
            },
            files=self.form.files_found,
            draft=self.draft,
        )
        return HttpResponseRedirect(f"{self.request.path}?sent=1")

    def _keep(self, *, mail: bool) -> HttpResponse:
        if self.request.POST.get("homepage"):
            raise ValidationError(_("The field that says “Leave this empty” was filled in: empty it."))
        email = str(self.request.POST.get("email", ""))[:320].strip()
        if mail:
            try:
                validate_email(email)
            except ValidationError:
                raise ValidationError(
                    {"email": _("Give the address to which the link to your draft is to be sent.")}
                ) from None
            _not_too_many_mails(email)
        wrong = [one["key"] for one in self.asked if self._is_wrong_file(one)]
        if wrong:
            raise ValidationError(_("One of the files cannot be taken: look at the field."))
        draft = self._draft_kept()
        if mail:
            asking.mail_draft(draft=draft, email=email)
        token = asking.token_of(draft)
        return HttpResponseRedirect(f"{self.request.path}?draft={token}&kept={'mail' if mail else '1'}")

    def _is_wrong_file(self, one: queries.Asked) -> bool:
        return one["kind"] == "file" and self.form.name_of(one["key"]) in self.form.errors

    def _draft_kept(self) -> Request:
        if too_many(self.request, "training.draft", MOST_DRAFTS, 3600):
            raise ValidationError(
                _("Very many drafts were kept from your network just now. Try again in an hour.")
            )
        return asking.keep_draft(
            form=self.row,
            typed=self.form.typed(),
            files=self.form.files_found,
            draft=self.draft,
            language=self.language,
        )

    def _again(self, error: ValidationError | None) -> HttpResponse:
        """The page with what was typed; files that came along are kept too, since browsers send them only once."""
        data = self.request.POST.copy()
        data["began"] = stamp() if self.form.non_field_errors() or error else data.get("began", "")
        if getattr(self.form, "files_found", None) and not self.request.POST.get("homepage"):
            try:
                self.draft = self._draft_kept()
                data["draft"] = asking.token_of(self.draft)
            except ValidationError as problem:
                error = error or problem
        before = self.form
        self.form = AskForm(data, asked=self.asked, kept=asking.files_kept(self.draft))
        self.form.is_valid()
        is_draft = self.request.POST.get("do") in ("draft", "mail")
        if is_draft:
            self.form.errors.clear()  # a draft need not be whole
        self.form.errors.pop("__all__", None)  # the stamp is new by now
        for name, errors in before.errors.items():
            # What was wrong with the page's own stamp, or with a file that is not sent again.
            is_told = self._is_file(name) or (name == "__all__" and not is_draft)
            if name not in self.form.errors and is_told:
                for each in errors.as_data():
                    self.form.add_error(None if name == "__all__" else name, each)
        if error is not None:
            refuse(self.form, error)
        return _page(self.request, self.row, self.form, self.draft, status=422)

    def _is_file(self, name: str) -> bool:
        return any(one["kind"] == "file" and self.form.name_of(one["key"]) == name for one in self.asked)


def _not_too_many_mails(email: str) -> None:
    digest = hashlib.sha256(fold(email).encode()).hexdigest()
    if counted_over(f"training.ask.{digest}", MOST_MAILS, 3600):
        raise ValidationError(
            {
                "email": _(
                    "Several mails are on their way to this address already. Look there, or wait an hour."
                )
            }
        )


@secret
@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest, token: str) -> HttpResponse:
    """Somebody's own page: confirm the address, see how it stands, withdraw. Only the buttons change something."""
    row = asking.read(token)
    if row is None:
        return render(request, "training/requests/nothing.html", status=404)
    if row.state == RequestState.DRAFT:
        return HttpResponseRedirect(f"{reverse('events:ask', args=[row.form.slug])}?draft={token}")
    problem = ""
    if request.method == "POST":
        try:
            if request.POST.get("do") == "confirm":
                asking.prove(request=row)
            elif request.POST.get("do") == "withdraw" and not asking.withdraw(request=row):
                return render(request, "training/requests/nothing.html", {"is_forgotten": True})
            return HttpResponseRedirect(request.path)
        except ValidationError as error:
            problem = " ".join(error.messages)
    context = {
        "asked": row,
        "answers": queries.answers_of(row),
        "problem": problem,
        "event_url": reverse("events:event", args=[row.event.slug])
        if row.event is not None and row.event.is_for_everybody
        else "",
    }
    return render(request, "training/requests/own.html", context, status=409 if problem else 200)
