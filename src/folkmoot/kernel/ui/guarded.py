"""Forms that anybody may send: what keeps machines out without asking people for anything."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core import signing
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel import clock

SALT = "kernel.guarded"
#: Whoever is faster than this is no person.
FASTEST = dt.timedelta(seconds=3)
#: For how long a page may be open before it is sent, in seconds.
LONGEST = 7 * 24 * 60 * 60


def stamp() -> str:
    """When the form was opened, signed."""
    return signing.dumps(clock.now().timestamp(), salt=SALT)


class GuardedForm(forms.Form):
    """A form with a field that only machines fill, and the moment at which it was opened.

    Show it with ``initial={"began": stamp()}`` in a form of the class ``guarded-form``.
    """

    #: Hidden from people; what fills it in is a machine.
    homepage = forms.CharField(
        label=gettext_lazy("Leave this empty"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )
    began = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if values.get("homepage"):
            raise ValidationError(_("The field that says “Leave this empty” was filled in: empty it."))
        try:
            began = float(signing.loads(values.get("began", ""), salt=SALT, max_age=LONGEST))
        except (signing.BadSignature, TypeError, ValueError):
            raise ValidationError(
                _("This page was open for very long. What you typed is still here: send it again.")
            ) from None
        if clock.now().timestamp() - began < FASTEST.total_seconds():
            raise ValidationError(_("That was very quick. Look it over once more, then send it."))
        return values


def too_many(request: HttpRequest, what: str, most: int, seconds: int) -> bool:
    """Count one more from this network address; whether these are too many in so many seconds."""
    return counted_over(f"{what}.{request.META.get('REMOTE_ADDR', '')[:64]}", most, seconds)


def counted_over(key: str, most: int, seconds: int) -> bool:
    """Count one more of a kind; whether these are more than ``most`` in so many seconds."""
    window = int(clock.now().timestamp() // seconds)
    key = f"often.{key}.{window}"
    cache.add(key, 0, seconds * 2)
    try:
        return cache.incr(key) > most
    except ValueError:  # it left the cache between the two
        return False
