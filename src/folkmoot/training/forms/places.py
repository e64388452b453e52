"""Forms about places at events: registering, what is asked, why somebody gets none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.ui.answers import refuse
from folkmoot.kernel.ui.guarded import GuardedForm
from folkmoot.kernel.ui.record_forms import RecordForm
from folkmoot.training.models import Event, Question
from folkmoot.training.queries.places import questions_of

LONGEST_LINE, LONGEST_TEXT = 300, 5000


def _field(question: Question) -> forms.Field:
    """The field by which a question is answered, on the form and by a program."""
    said: dict[str, Any] = {
        "label": question.text,
        "help_text": question.help,
        "required": question.is_required,
    }
    choices = [(one, one) for one in question.choices]
    if question.kind == Question.Kind.TEXT:
        return forms.CharField(max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 4}), **said)
    if question.kind == Question.Kind.ONE:
        return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **said)
    if question.kind == Question.Kind.SOME:
        return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **said)
    if question.kind == Question.Kind.YES:
        return forms.BooleanField(**said)
    return forms.CharField(max_length=LONGEST_LINE, **said)


def _is_none(said: Any) -> bool:
    return said in ("", None, [])


def checked_answers(event: Event, said: Mapping[str, Any], *, whole: bool) -> dict[str, Any]:
    """Answers that a program gives, checked by the fields of the form.

    Args:
        said: by number of the question (as text): text, list of texts, or true and false.
        whole: what must be answered has to be there; else only what is given is looked at.

    Returns:
        by number; ``None`` for what is answered with nothing.

    Raises:
        ValidationError: at ``answers.<number>``: it is not asked, must be answered, or is none of the choices.
    """
    asked = {str(question.pk): question for question in questions_of(event)}
    found: dict[str, Any] = {}
    problems: dict[str, Any] = {
        f"answers.{number}": [_("This event does not ask that now.")]
        for number in said
        if number not in asked
    }
    for number, question in asked.items():
        if number not in said and not whole:
            continue
        try:
            answer = _answer(question, said.get(number))
        except ValidationError as error:
            problems[f"answers.{number}"] = error.messages
        else:
            found[number] = None if _is_none(answer) else answer
    if problems:
        raise ValidationError(problems)
    return found


_WANTED: dict[str, tuple[type, Any]] = {
    Question.Kind.YES: (bool, _("Answer with true or false.")),
    Question.Kind.SOME: (list, _("Answer with a list of choices.")),
}


def _answer(question: Question, said: Any) -> Any:
    wanted, words = _WANTED.get(question.kind, (str, _("Answer with a text.")))
    if said is not None and not isinstance(said, wanted):
        raise ValidationError(words, code="invalid")
    return _field(question).clean(said)


class RegisterForm(GuardedForm):
    """A wish for a place, with the questions of the event."""

    name = forms.CharField(label=_("Your name"), max_length=200)
    email = forms.EmailField(
        label=_("Your e-mail address"),
        max_length=320,
        help_text=_(
            "You get a mail with a link by which you confirm it. Only those who run the event see it."
        ),
    )
    affiliation = forms.CharField(
        label=_("Your organisation"),
        max_length=200,
        required=False,
    )
    needs = forms.CharField(
        label=_("What would help you to take part?"),
        max_length=LONGEST_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Captions, step-free access, food, child care. Only those who run the event read it."),
    )

    def __init__(self, *args: Any, event: Event, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        self.fields["email"].widget.attrs["autocomplete"] = "email"
        self.fields["affiliation"].widget.attrs["autocomplete"] = "organization"
        self.questions = list(questions_of(event))
        for question in self.questions:
            self.fields[self.name_of(question)] = _field(question)
        asked = [self.name_of(question) for question in self.questions]
        self.order_fields(["name", "email", "affiliation", *asked, "needs", "homepage", "began"])

    @staticmethod
    def name_of(question: Question) -> str:
        """The field of a question."""
        return f"question-{question.pk}"

    def answers(self) -> dict[str, Any]:
        """What was answered, by number of the question; what was left empty is left out."""
        found = {str(one.pk): self.cleaned_data.get(self.name_of(one)) for one in self.questions}
        return {number: said for number, said in found.items() if not _is_none(said)}


class QuestionForm(RecordForm):
    """What people are asked when they register."""

    class Meta:
        model = Question
        fields = ("text", "kind", "help", "is_required")

    choices = forms.CharField(
        label=_("Choices"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("One on each line; for “one of several” and “any of several”."),
    )
    field_order = ("text", "kind", "choices", "help", "is_required")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None and not self.is_bound:
            self.initial["choices"] = "\n".join(self.instance.choices)

    def values(self) -> dict[str, Any]:
        said = super().values()
        return {**said, "choices": said["choices"].splitlines()}


class ReasonForm(forms.Form):
    """Why, in words that others read."""

    reason = forms.CharField(label=_("Why"), max_length=300, required=False)

    def __init__(self, *args: Any, help_text: Any = "", required: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = help_text
        self.fields["reason"].required = required

    def refuse(self, error: ValidationError) -> None:
        """Show what the action said, at its field or above all."""
        refuse(self, error)
