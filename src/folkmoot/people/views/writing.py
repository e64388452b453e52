"""Writing to a person."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.toasts import toast
from folkmoot.outbox.public import MessageTemplate, message_kinds
from folkmoot.people.actions.writing import LETTER, write_to
from folkmoot.people.models import Person
from folkmoot.people.queries.correspondence import addresses_of
from folkmoot.people.views.base import answer_form, page_of, user_of


class WriteForm(forms.Form):
    """A mail to one person."""

    address = forms.ChoiceField(label=gettext_lazy("To"))
    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=200)
    body = forms.CharField(
        label=gettext_lazy("Text"),
        max_length=50_000,
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text=gettext_lazy(
            "Markdown: **bold**, lists with dashes, [links](https://…). Variables are listed below."
        ),
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["address"]
        field.choices = [(one, one) for one in addresses_of(person)]


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def write(request: HttpRequest, pk: int) -> HttpResponse:
    """A mail from the person's page; ``?text=`` begins with a mail text."""
    person = get_object_or_404(Person, pk=pk, erased_at=None)
    texts = list(MessageTemplate.objects.filter(kind=LETTER, archived_at=None).order_by("name"))
    asked = request.GET.get("text", "")
    chosen = next((text for text in texts if str(text.pk) == asked), None)

    def act(form: WriteForm) -> str:
        delivery = write_to(person=person, actor=user_of(request), **form.cleaned_data)
        toast(
            request,
            _("The mail is in the outbox."),
            undo_url=reverse("outbox:cancel", args=[delivery.pk]),
        )
        return page_of(person)

    initial = {"subject": chosen.subject, "body": chosen.body} if chosen else {}
    return answer_form(
        request,
        partial(WriteForm, person=person, initial=initial),
        act,
        title=_("Write to %(name)s") % {"name": person.name},
        submit=_("Put into the outbox"),
        cancel=page_of(person),
        template="people/write.html",
        person=person,
        texts=texts,
        chosen=chosen,
        kind=message_kinds.get(LETTER),
        has_address=bool(addresses_of(person)),
    )
