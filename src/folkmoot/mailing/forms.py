"""Forms of mails by rule: they read what was typed; the actions decide whether it can be."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from folkmoot.kernel import saving
from folkmoot.kernel.ui.record_forms import MomentInput, TimeInput
from folkmoot.mailing import facts, languages, moments
from folkmoot.mailing.facts import COUNT, DAYS, KEYS, NOTHING, OPERATORS, WORDS
from folkmoot.mailing.models import IfPast, MailRule, PlannedMail, RuleText, Together, Unit, house_language
from folkmoot.mailing.subjects import Fact, Subject
from folkmoot.outbox.public import Channel, MessageTemplate, channels
from folkmoot.people.public import LANGUAGES

#: So many choices are offered as boxes; more as a list to select from.
BOXES = 15


class ActionForm(forms.Form):
    """A form whose action checks."""

    def refuse(self, error: ValidationError) -> None:
        """Show what the action said, at its field or above all."""
        if not hasattr(error, "error_dict"):
            self.add_error(None, error)
            return
        for name, errors in error.error_dict.items():
            self.add_error(name if name in self.fields else None, errors)

    def silence(self) -> None:
        """Show what was typed, and complain about nothing: it is not sent yet."""
        self._errors = ErrorDict()
        self.cleaned_data = {}


def language_choices(*more: str) -> list[tuple[str, str]]:
    """Languages to choose from: those of the house first, then others by name."""
    first = [code for code, _name in settings.LANGUAGES]
    rest = sorted({*LANGUAGES, *more} - set(first), key=languages.label)
    return [(code, languages.label(code)) for code in (*first, *rest)]


class TextForm(ActionForm):
    """The text of a rule in one more language."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**62)
    language = forms.ChoiceField(label=_("Language"))
    subject = forms.CharField(label=_("Subject"), max_length=200)
    body = forms.CharField(
        label=_("Text"),
        max_length=50_000,
        widget=forms.Textarea(attrs={"rows": 16}),
        help_text=_("Markdown: **bold**, lists with dashes, [links](https://…). Variables are listed below."),
    )

    def __init__(self, *args: Any, rule: MailRule, text: RuleText | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known: Any = self.fields
        if text is not None:
            del known["language"]
        else:
            taken = {rule.language, *(one.language for one in rule.texts.all())}
            free = [one for one in language_choices() if one[0] not in taken]
            is_ours = free[0][0] in dict(settings.LANGUAGES)  # else none is likelier than another
            known["language"].choices = free if is_ours else [("", _("Choose a language")), *free]
        if text is not None and not self.is_bound:
            self.initial = {
                "subject": text.subject,
                "body": text.body,
                "seen": saving.current_version(text),
                **self.initial,
            }

    def values(self) -> dict[str, Any]:
        """What the action takes."""
        return dict(self.cleaned_data)


class RuleForm(ActionForm):
    """A rule, but its conditions."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**62)
    name = forms.CharField(label=_("Name"), max_length=120)
    about = forms.CharField(label=_("What it is for"), max_length=400, required=False)
    template = forms.ModelChoiceField(MessageTemplate.objects.none(), label=_("Text"), empty_label=None)
    language = forms.ChoiceField(
        label=_("Language of this text"),
        help_text=_("Who reads another language gets the text in it, where the rule has one."),
    )
    to = forms.MultipleChoiceField(
        label=pgettext_lazy("recipients", "To"), widget=forms.CheckboxSelectMultiple
    )
    together = forms.ChoiceField(label=_("Recipients get"), choices=Together.choices)
    length = forms.IntegerField(label=_("When: so many"), min_value=0, max_value=5000)
    unit = forms.ChoiceField(label=_("Hours or days"), choices=Unit.choices)
    direction = forms.ChoiceField(
        label=_("Before or after"), choices=[("after", _("after")), ("before", _("before"))]
    )
    anchor = forms.ChoiceField(label=_("Counted from"), required=False)
    if_past = forms.ChoiceField(label=_("When that moment is over already"), choices=IfPast.choices)
    needs_approval = forms.BooleanField(label=_("Somebody has to agree to each mail"), required=False)
    repeats = forms.BooleanField(
        label=_("Each time it becomes so anew"),
        required=False,
        help_text=_("Otherwise once for each record."),
    )
    at_time = forms.TimeField(
        label=_("At what time"),
        required=False,
        widget=TimeInput,
        help_text=_(
            "In the record's time zone. Empty: at 09:00 where a day is counted from, else as it falls."
        ),
    )
    wait_hours = forms.IntegerField(
        label=_("Hours to wait at least"),
        min_value=0,
        max_value=720,
        help_text=_("So long a mistake can be mended before anybody is written to."),
    )
    cc = forms.MultipleChoiceField(label=_("Copy to"), widget=forms.CheckboxSelectMultiple, required=False)
    bcc = forms.MultipleChoiceField(
        label=_("Hidden copy to"), widget=forms.CheckboxSelectMultiple, required=False
    )
    reply_to = forms.ChoiceField(label=_("Answers go to"), required=False)
    channel = forms.ModelChoiceField(
        Channel.objects.none(),
        label=_("Sent by"),
        required=False,
        empty_label=_("the usual channel for mail"),
    )
    order = forms.IntegerField(label=_("Place in lists"), min_value=0, max_value=32000)
    folded = ("at_time", "wait_hours", "repeats", "cc", "bcc", "reply_to", "channel", "order")

    def __init__(self, *args: Any, subject: Subject, rule: MailRule | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known: Any = self.fields
        texts = MessageTemplate.objects.filter(kind=subject.kind, archived_at=None)
        if rule is not None:
            texts = texts | MessageTemplate.objects.filter(pk=rule.template_id)
        known["template"].queryset = texts.order_by("name")
        known["channel"].queryset = channels().filter(medium="mail")
        known["language"].choices = language_choices(rule.language if rule is not None else house_language())
        people = [(one.key, one.label) for one in subject.recipients]
        for name in ("to", "cc", "bcc"):
            known[name].choices = people
        known["reply_to"].choices = [("", _("the channel's own address")), *people]
        known["anchor"].choices = [
            ("", _("when the conditions became so")),
            *((one.key, one.label) for one in subject.moments),
        ]
        if not self.is_bound:
            self.initial = {**self._initial(rule), **self.initial}

    @staticmethod
    def _initial(rule: MailRule | None) -> dict[str, Any]:
        row = rule or MailRule()
        names = (
            *("name", "about", "to", "cc", "bcc", "together", "unit", "anchor", "if_past", "at_time"),
            *("language", "needs_approval", "repeats", "wait_hours", "reply_to", "order"),
        )
        return {
            **{name: getattr(row, name) for name in names},
            "template": row.template_id,
            "channel": row.channel_id,
            "length": abs(row.offset),
            "direction": "before" if row.offset < 0 else "after",
            "seen": saving.current_version(row) if row.pk else None,
        }

    def values(self) -> dict[str, Any]:
        """What the action takes, but conditions."""
        data = {name: value for name, value in self.cleaned_data.items() if name != "seen"}
        length, before = data.pop("length"), data.pop("direction") == "before"
        return {**data, "offset": -length if before else length}

    @property
    def version(self) -> int | None:
        """The version that the form was opened on."""
        return self.cleaned_data.get("seen")


@dataclass
class ConditionRow:
    """One condition, ready for the page."""

    number: int
    fact: Fact
    op: str = ""
    values: list[str] = field(default_factory=list)
    labels: Sequence[tuple[str, Any]] = ()

    @property
    def operators(self) -> Sequence[facts.Operator]:
        """How this fact can be compared."""
        return OPERATORS[self.fact.type]

    @property
    def takes(self) -> set[str]:
        """What some operator of it asks for."""
        return {operator.takes for operator in self.operators} - {NOTHING}

    @property
    def is_number(self) -> bool:
        """A number is typed."""
        return bool(self.takes & {COUNT, DAYS})

    @property
    def is_words(self) -> bool:
        """Words are typed."""
        return WORDS in self.takes

    @property
    def is_keys(self) -> bool:
        """Rows are chosen."""
        return KEYS in self.takes

    @property
    def as_boxes(self) -> bool:
        """The choices are few."""
        return len(self.labels) <= BOXES

    @property
    def value(self) -> str:
        """What is typed."""
        return self.values[0] if self.values else ""


class Conditions:
    """The conditions of a form: rows that are added and dropped on the page, by the server."""

    def __init__(self, subject: Subject, conditions: Iterable[Mapping[str, Any]]) -> None:
        self.subject = subject
        self.rows: list[ConditionRow] = []
        for condition in conditions:
            value = condition.get("value")
            many = value if isinstance(value, list) else [] if value is None else [value]
            self._add(str(condition.get("fact")), str(condition.get("op") or ""), [str(one) for one in many])

    @classmethod
    def of_post(cls, subject: Subject, data: Any) -> Conditions:
        """What was posted; what names no fact is left out."""
        found = cls(subject, [])
        typed = str(data.get("c-count", ""))
        count = int(typed) if re.fullmatch(r"\d{1,3}", typed) else 0
        for number in range(min(count, facts.MOST)):
            values = [str(one)[:300] for one in data.getlist(f"c-{number}-value")[:500]]
            found._add(
                str(data.get(f"c-{number}-fact", "")), str(data.get(f"c-{number}-op", ""))[:30], values
            )
        return found

    def _add(self, fact: str, op: str, values: list[str]) -> None:
        declared = self.subject.by_fact.get(fact)
        if declared is None:
            return
        labels = [(str(key), label) for key, label in declared.choices()] if declared.choices else []
        self.rows.append(ConditionRow(len(self.rows), declared, op, values, labels))

    def add(self, fact: str) -> None:
        """One more, empty; a fact that there is not adds none."""
        if len(self.rows) < facts.MOST and fact in self.subject.by_fact:
            self._add(fact, "", [])

    def drop(self, number: str) -> None:
        """One less."""
        kept = [row for row in self.rows if str(row.number) != number]
        for place, row in enumerate(kept):
            row.number = place
        self.rows = kept

    def values(self) -> list[dict[str, Any]]:
        """As the action takes them."""
        return [
            {
                "fact": row.fact.key,
                "op": row.op,
                "value": row.values if row.fact.type in (facts.ONE, facts.SOME) else row.value,
            }
            for row in self.rows
        ]


class MailForm(ActionForm):
    """One planned mail, by hand: when, to whom, what."""

    due_at = forms.DateTimeField(label=_("Leaves"), widget=MomentInput)
    to = forms.CharField(
        label=pgettext_lazy("recipients", "To"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=20_000,
        help_text=_("One person a line: Name &lt;address&gt;."),
    )
    cc = forms.CharField(
        label=_("Copy to"), widget=forms.Textarea(attrs={"rows": 2}), max_length=20_000, required=False
    )
    bcc = forms.CharField(
        label=_("Hidden copy to"), widget=forms.Textarea(attrs={"rows": 2}), max_length=20_000, required=False
    )
    subject = forms.CharField(label=_("Subject"), max_length=200)
    body = forms.CharField(
        label=_("Text"),
        widget=forms.Textarea(attrs={"rows": 14}),
        max_length=50_000,
        help_text=_("Markdown, with the variables of the rule's text."),
    )
    folded = ("cc", "bcc")

    def __init__(self, *args: Any, mail: PlannedMail, text: tuple[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._mail = mail
        self._zone = ZoneInfo(moments.house_zone())
        known: Any = self.fields
        known["due_at"].help_text = _now("In the time zone %(zone)s.") % {"zone": self._zone.key}
        if not self.is_bound:
            due = mail.due_at.astimezone(self._zone).replace(tzinfo=None) if mail.due_at else None
            self.initial = {
                "due_at": due,
                **{name: written(getattr(mail, name)) for name in ("to", "cc", "bcc")},
                "subject": text[0],
                "body": text[1],
            }

    def values(self) -> dict[str, Any]:
        """What the action takes; numbers of people stay with their addresses."""
        data = self.cleaned_data
        known = {
            one[1].casefold(): one[2] for name in ("to", "cc", "bcc") for one in getattr(self._mail, name)
        }
        people = {
            name: [(who, address, known.get(address.casefold())) for who, address in read(data[name])]
            for name in ("to", "cc", "bcc")
        }
        wall = data["due_at"].replace(tzinfo=None)
        due = wall.replace(tzinfo=self._zone).astimezone(dt.UTC)
        now = self._mail.due_at
        same = now is not None and now.replace(second=0, microsecond=0) == due
        return {
            **people,
            "due_at": None if same else due,
            "subject": data["subject"],
            "body": data["body"],
        }


def written(people: Iterable[Sequence[Any]]) -> str:
    """Recipients as lines of text."""
    return "\n".join(f"{one[0]} <{one[1]}>" if one[0] else str(one[1]) for one in people)


_LINE = re.compile(r"(?:(?P<name>[^<>]*?)\s*<(?P<in>[^<>\s]*)>|(?P<bare>\S+))")


def read(text: str) -> list[tuple[str, str]]:
    """Recipients from lines of text; what is no address is refused by the action."""
    found = []
    for each in text.splitlines():
        words = each.strip().rstrip(",;")
        if words:
            match = _LINE.fullmatch(words)
            if match is None:
                found.append(("", words))
            else:
                found.append(((match["name"] or "").strip('" '), match["in"] or match["bare"] or ""))
    return found
