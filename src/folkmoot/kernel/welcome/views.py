"""The first-run guide, the community's settings, and what the frame takes from them."""

from __future__ import annotations

from typing import Any, cast

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.community import Community
from folkmoot.kernel.permissions.access import public, requires
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.plugs import starters
from folkmoot.kernel.ui import accent
from folkmoot.kernel.ui.toasts import toast
from folkmoot.kernel.users import actions as users
from folkmoot.kernel.users import mail
from folkmoot.kernel.users.views import sign_in
from folkmoot.kernel.welcome import actions, gate
from folkmoot.kernel.welcome.forms import CommunityForm, FirstPeopleForm, FirstUserForm, HabitsForm, LooksForm

STEPS = (
    ("looks", gettext_lazy("Community")),
    ("habits", gettext_lazy("Habits")),
    ("account", gettext_lazy("Your account")),
    ("people", gettext_lazy("First people")),
    ("data", gettext_lazy("First data")),
)
#: A day: the address holds the colour or the logo's fingerprint, so that a change is seen at once.
_KEEP = "public, max-age=86400"


def _page(request: HttpRequest, step: str, **context: Any) -> HttpResponse:
    context |= {"steps": STEPS, "step": step, "number": [key for key, _label in STEPS].index(step) + 1}
    return render(request, f"welcome/{step}.html", context)


def _closed(request: HttpRequest) -> HttpResponse | None:
    """The answer for whoever has no part in the steps before the first account."""
    if gate.is_open(request):
        return None
    if gate.somebody_signs_in():
        return redirect("home:today")
    return redirect("welcome:start")


@public
@never_cache
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    if User.objects.exists():
        return redirect("home:today")
    word = request.GET.get("token", "")
    if gate.is_open(request) or (word and gate.open_with(request, word)):
        return redirect("welcome:looks")
    return render(request, "welcome/locked.html", {"was_wrong": bool(word)}, status=403 if word else 200)


def _change(request: HttpRequest, form: Any, actor: User | None) -> bool:
    """Save a form about the community; an action's error goes to its field."""
    data = {name: value for name, value in form.cleaned_data.items() if not form.fields[name].disabled}
    logo = data.pop("logo", None)
    remove = data.pop("remove_logo", False)
    if "fiscal_year_start" in data:
        data["fiscal_year_start"] = int(data["fiscal_year_start"])
    try:
        actions.change_community(actor=actor, logo=logo, remove_logo=bool(remove), **data)
    except ValidationError as error:
        for name, problems in getattr(error, "error_dict", {None: error}).items():
            form.add_error(name if name in form.fields else None, problems)
        return False
    return True


@public
@never_cache
@require_http_methods(["GET", "POST"])
def looks(request: HttpRequest) -> HttpResponse:
    if closed := _closed(request):
        return closed
    row = Community.current()
    form = LooksForm(
        request.POST or None,
        request.FILES or None,
        instance=row,
        initial={"name": "" if row.name == "Folkmoot" else row.name},
    )
    if request.method == "POST" and form.is_valid() and _change(request, form, None):
        return redirect("welcome:habits")
    return _page(request, "looks", form=form)


@public
@never_cache
@require_http_methods(["GET", "POST"])
def habits(request: HttpRequest) -> HttpResponse:
    if closed := _closed(request):
        return closed
    form = HabitsForm(request.POST or None, instance=Community.current())
    if request.method == "POST" and form.is_valid() and _change(request, form, None):
        return redirect("welcome:account")
    return _page(request, "habits", form=form)


@public
@never_cache
@require_http_methods(["GET", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    if closed := _closed(request):
        return closed
    form = FirstUserForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = actions.make_first_user(**form.cleaned_data)
        except PermissionDenied:
            return redirect("home:today")
        except ValidationError as error:
            for name, problems in getattr(error, "error_dict", {"password": error}).items():
                form.add_error(name if name in form.fields else None, problems)
        else:
            sign_in(request, user)
            return redirect("welcome:people")
    return _page(request, "account", form=form)


@requires("settings.admin")
@never_cache
@require_http_methods(["GET", "POST"])
def people(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    form = FirstPeopleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        level = Level(int(form.cleaned_data["level"]))
        rights: dict[Area, Level] = {area: level for area in Area if area != Area.SETTINGS}
        problems, sent = [], 0
        for email in form.cleaned_data["emails"]:
            try:
                invitation, token = users.invite(email=email, levels=rights, actor=user)
            except ValidationError as error:
                problems.extend(error.messages)
                continue
            sent += 1
            if problem := mail.send(invitation, token):
                problems.append(
                    _(
                        "The mail to %(email)s could not be sent: %(problem)s. Send it again under Invitations."
                    )
                    % {"email": email, "problem": problem}
                )
        if sent:
            toast(request, ngettext("%(n)d person invited.", "%(n)d people invited.", sent) % {"n": sent})
        for problem in problems:
            toast(request, problem, failed=True)
        return redirect("welcome:data")
    return _page(request, "people", form=form)


@requires("settings.admin")
@never_cache
@require_safe
def data(request: HttpRequest) -> HttpResponse:
    return _page(request, "data", starters=[each for each in starters if each.is_there()])


@requires("settings.admin")
@require_POST
def begin(request: HttpRequest, key: str) -> HttpResponse:
    if key not in starters:
        raise Http404(key)
    return redirect(starters.get(key).begin(cast(User, request.user)))


@requires("settings.manage")
@require_http_methods(["GET", "POST"])
def community(request: HttpRequest) -> HttpResponse:
    form = CommunityForm(request.POST or None, request.FILES or None, instance=Community.current())
    if request.method == "POST" and form.is_valid() and _change(request, form, cast(User, request.user)):
        toast(request, _("Saved."))
        return redirect("welcome:community")
    return render(request, "welcome/community.html", {"form": form})


@public
@require_safe
def theme_css(request: HttpRequest) -> HttpResponse:
    """The accent colour, as a stylesheet of this house (the CSP allows no other)."""
    try:
        sheet = accent.stylesheet(Community.current().accent)
    except ValueError:
        sheet = ""
    return HttpResponse(sheet, content_type="text/css; charset=utf-8", headers={"Cache-Control": _KEEP})


@public
@require_safe
def logo(request: HttpRequest) -> HttpResponseBase:
    """The logo, a PNG that :mod:`folkmoot.kernel.welcome.logo` has drawn."""
    file = Community.current().logo
    if not file:
        raise Http404("no logo")
    try:
        opened = file.open("rb")
    except OSError:
        raise Http404("the logo's file is gone") from None
    return FileResponse(opened, content_type="image/png", headers={"Cache-Control": _KEEP})
