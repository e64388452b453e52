"""The lists: rules, and the mails that they plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.ui.lists import (
    BulkAction,
    ChoiceFilter,
    Column,
    DateFilter,
    Done,
    Empty,
    FlagFilter,
    List,
    TextFilter,
)
from folkmoot.kernel.ui.undoing import Undoing
from folkmoot.mailing import languages, queries
from folkmoot.mailing.actions import mails as actions
from folkmoot.mailing.models import MailRule, MailState, PlannedMail
from folkmoot.mailing.panels import TONES

#: Characters of an address that every server takes.
LONGEST = 3500
UNDOING = Undoing("mailing.undo", "mailing:undo")


def undo_url(user: User, before: list[dict[str, Any]], after: str) -> str:
    """The address that puts mails back as they were; ``""`` where it would be longer than servers take."""
    address = UNDOING.address(user, "mailing.manage", mails=before, after=after)
    return address if len(address) <= LONGEST else ""


class RuleList(List):
    """Rules by which mails are written."""

    key = "mail_rules"
    title = _("Mail rules")
    columns = (
        Column(
            "name", _("Rule"), "name", link=lambda row: reverse("mailing:rule", args=[row.pk]), sort="name"
        ),
        Column("subject", _("About"), lambda row: queries.subject_label(row.subject), sort="subject,order"),
        Column("when", _("When"), "when_words"),
        Column("to", pgettext_lazy("recipients", "To"), "to_words"),
        Column("languages", _("Languages"), "language_words"),
        Column("conditions", _("Conditions"), "condition_words", shown=False),
        Column("open", _("Planned"), "open_mails", sort="open_mails", number=True),
        Column("sent", _("Sent"), "sent_mails", sort="sent_mails", number=True),
        Column(
            "state",
            _("State"),
            lambda row: _("on") if row.is_active else _("off"),
            sort="is_active",
            template="mailing/cells/rule_state.html",
        ),
    )
    filters = (
        ChoiceFilter(
            "subject",
            _("About"),
            choices=queries.subject_choices,
            apply=lambda rows, chosen: rows.filter(subject__in=chosen),
        ),
        FlagFilter("on", _("Switched on"), lambda rows, on: rows.filter(is_active=on)),
        FlagFilter(
            "archived", _("Archived"), lambda rows, on: rows.filter(archived_at__isnull=not on), default=False
        ),
    )
    default_sort = "subject"
    empty = Empty(
        _("No rules yet"),
        _("A rule says what has to be so of a record, whom a mail then goes to, and when."),
        _("New rule"),
        "mailing:new_rule",
        "mailing.manage",
        icon="envelope-paper",
    )

    def queryset(self) -> QuerySet[MailRule]:
        return queries.counted(queries.rules_for(self.user)).prefetch_related("texts")

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return queryset.filter(Q(name__icontains=words) | Q(about__icontains=words))

    def decorate(self, rows: list[Any]) -> None:
        for row in rows:
            row.when_words, row.to_words = queries.in_a_row(row)
            codes = [row.language, *(one.language for one in row.texts.all())]
            row.language_words = ", ".join(languages.label(code) for code in codes)
            row.condition_words = ngettext("%(n)d condition", "%(n)d conditions", len(row.conditions)) % {
                "n": len(row.conditions)
            }


def _each(
    user: User, queryset: QuerySet[PlannedMail], do: Callable[[PlannedMail], Any], after: str
) -> tuple[int, list[str], str]:
    """Do it with each; how many, what could not be, and the address of the undo."""
    problems: list[str] = []
    before: list[dict[str, Any]] = []
    for mail in queryset.select_related("rule__template"):
        if not user.has_perm("mailing.manage", mail):
            problems.append(str(_("%(name)s: you may not do this.")) % {"name": mail.record_name})
            continue
        was = actions.kept(mail)
        try:
            do(mail)
        except ValidationError as error:
            problems += error.messages
            continue
        before.append(was)
    url = undo_url(user, before, after) if before else ""
    return len(before), problems, url


def _told(sentence: str, problems: list[str], url: str) -> Done:
    if problems:
        more = ngettext("%(n)d could not be.", "%(n)d could not be.", len(problems)) % {"n": len(problems)}
        sentence = f"{sentence} {more} {problems[0]}"
    return Done(sentence, url)


def _approve(*, user: User, queryset: QuerySet[PlannedMail]) -> Done:
    done, problems, url = _each(
        user, queryset, lambda one: actions.approve(mail=one, actor=user), MailState.APPROVED
    )
    return _told(
        ngettext("%(n)d mail is approved.", "%(n)d mails are approved.", done) % {"n": done}, problems, url
    )


def _cancel(*, user: User, queryset: QuerySet[PlannedMail]) -> Done:
    done, problems, url = _each(
        user, queryset, lambda one: actions.cancel(mail=one, actor=user), MailState.CANCELLED
    )
    return _told(
        ngettext("%(n)d mail is cancelled.", "%(n)d mails are cancelled.", done) % {"n": done}, problems, url
    )


def _plan(*, user: User, queryset: QuerySet[PlannedMail]) -> Done:
    done, problems, url = _each(user, queryset, lambda one: actions.plan_again(mail=one, actor=user), "")
    return _told(
        ngettext("%(n)d mail is planned.", "%(n)d mails are planned.", done) % {"n": done}, problems, url
    )


class MailList(List):
    """Mails that rules have planned, sent, and did not send."""

    key = "planned_mails"
    title = _("Planned mails")
    columns = (
        Column(
            "record",
            _("Record"),
            "record_name",
            link=lambda row: reverse("mailing:mail", args=[row.pk]),
            sort="record_name",
        ),
        Column("rule", _("Rule"), "rule.name", sort="rule__name"),
        Column("to", pgettext_lazy("recipients", "To"), lambda row: queries.people_in_words(row.to)),
        Column("due", _("Leaves"), "due_at", sort="due_at"),
        Column("state", _("State"), "get_state_display", sort="state", template="mailing/cells/state.html"),
        Column(
            "languages",
            _("Language"),
            lambda row: ", ".join(languages.label(code) for code in dict.fromkeys(row.languages)),
            shown=False,
        ),
        Column("words", _("Why"), lambda row: row.question or row.problem or row.reason, shown=False),
        Column("about", _("About"), lambda row: queries.subject_label(row.subject), shown=False),
        Column("handed", _("Handed over"), "handed_at", sort="handed_at", shown=False),
        Column("since", _("So since"), "true_since", sort="true_since", shown=False),
        Column(
            "addresses", _("Addresses"), lambda row: ", ".join(str(one[1]) for one in row.to), shown=False
        ),
    )
    filters = (
        ChoiceFilter(
            "state",
            _("State"),
            choices=MailState.choices,
            apply=lambda rows, chosen: rows.filter(state__in=chosen),
        ),
        ChoiceFilter(
            "rule",
            _("Rule"),
            choices=queries.rule_choices,
            apply=lambda rows, chosen: rows.filter(rule__in=chosen),
        ),
        ChoiceFilter(
            "about",
            _("About"),
            choices=queries.subject_choices,
            apply=lambda rows, chosen: rows.filter(subject__in=chosen),
        ),
        FlagFilter(
            "trouble",
            _("Needs a person"),
            lambda rows, on: rows.filter(queries.TROUBLE) if on else rows.exclude(queries.TROUBLE),
        ),
        DateFilter("from", _("Leaves from"), apply=lambda rows, day: rows.filter(due_at__date__gte=day)),
        DateFilter("until", _("Leaves until"), apply=lambda rows, day: rows.filter(due_at__date__lte=day)),
        TextFilter("on", _("On the page of"), apply=queries.on_record),
    )
    tabs = (
        (_("Planned"), "state=planned&state=approved"),
        (_("Waiting for approval"), "state=waiting"),
        (_("Needs a person"), "trouble=1"),
        (_("Sent"), "state=handed"),
        (_("Not sent"), "state=cancelled&state=skipped"),
    )
    default_sort = "due"
    bulk_actions = (
        BulkAction("approve", _("Approve"), "mailing.manage", _approve, icon="check2"),
        BulkAction("cancel", _("Cancel"), "mailing.manage", _cancel, icon="x-lg"),
        BulkAction("plan", _("Send all the same"), "mailing.manage", _plan, icon="send"),
    )
    empty = Empty(
        _("No planned mails"),
        _("Rules that are switched on plan mails; each stands here and on the page of its record."),
        _("Mail rules"),
        "mailing:rules",
        "mailing.view",
        icon="envelope-paper",
    )

    def queryset(self) -> QuerySet[PlannedMail]:
        return queries.mails_for(self.user)

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return queryset.filter(
            Q(record_name__icontains=words) | Q(rule__name__icontains=words) | Q(to__icontains=words)
        )

    def decorate(self, rows: list[Any]) -> None:
        for row in rows:
            row.tone = "overdue" if row.problem or row.question else TONES[MailState(row.state)]
            row.rests = row.is_open and not row.rule.is_active
