"""What Today tells of trackers and of accepted packages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from folkmoot.connectors.github.problems import what_happened, what_to_do
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.plugs import TodayItem
from folkmoot.kernel.rows import Row, Rows
from folkmoot.ledger.public import hosts_read, tracker_states
from folkmoot.people.public import repository_key
from folkmoot.reviews.models import HoldUpRule, Programme
from folkmoot.reviews.queries.aftercare import RULES, Care, aftercare

Rule = HoldUpRule.Kind
_BADGES = {
    Rule.ARCHIVE: gettext_lazy("archive"),
    Rule.JOSS: gettext_lazy("journal"),
    Rule.WEBSITE: gettext_lazy("website"),
    Rule.NO_COMMITS: gettext_lazy("quiet"),
    Rule.PROMISE: gettext_lazy("promise"),
}


def with_trackers(user: User, now: dt.datetime) -> Rows:
    """Programmes with a tracker."""
    rows = Programme.objects.exclude(tracker="").filter(is_archived=False)
    return Rows(rows.order_by("pk"), "pk", "name", "tracker")


def tell_trackers(user: User, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """Programmes whose tracker cannot be read, or that no connection reads; how they are read takes two queries."""
    known = {key: row for row in rows if (key := repository_key(row["tracker"]))}
    read = tracker_states(list(known))
    hosts = hosts_read() if len(read) < len(known) else set()
    for key, programme in known.items():
        state = read.get(key)
        if state is None:
            if key.partition("/")[0] not in hosts:
                continue
            title = _("No connection reads the issues of “%(name)s”") % {"name": programme["name"]}
            why = _(
                "%(tracker)s is no repository that a connection to GitHub reads: name it there, or correct the tracker."
            ) % {"tracker": programme["tracker"]}
            since, badge = now, _("not read")
        elif state.stale_since is not None:
            title = _("The issues of “%(name)s” could not be read") % {"name": programme["name"]}
            said = [what_happened(state.error), what_to_do(state.error), state.error_detail]
            kept = _("What was read before is kept.")
            why = " ".join([*(str(one) for one in said if one), kept])
            since, badge = state.stale_since, _("stale")
        else:
            continue
        yield TodayItem(
            key=f"reviews.tracker:{programme['pk']}:{badge}",
            area="reviews",
            area_label=_("Reviews"),
            title=title,
            why=why,
            since=since,
            action_label=_("See it"),
            action_url=reverse("reviews:programme", args=[programme["pk"]]),
            badge=badge,
            tone="due",
            icon="github",
        )


def watching(user: User, now: dt.datetime) -> Rows:
    """The rules for accepted packages: without one nothing further is read."""
    rules = HoldUpRule.objects.filter(kind__in=RULES, is_active=True)
    return Rows(rules.order_by("pk"), "pk", "programme_id", "kind", "days")


def tell_care(user: User, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """Accepted packages that need an archive, the journal, the website, or somebody who looks after them.

    Of packages that are only quiet there is one item in all. Three queries.
    """
    found = aftercare(now)
    mildest = _mildest(rows)
    quiet = [one for one in found if one.rule.kind == Rule.NO_COMMITS and one.rule.pk in mildest]
    yield from (_item(one) for one in found if one not in quiet)
    if quiet:
        yield _quiet(quiet)


def _mildest(rules: Sequence[Row]) -> set[int]:
    """Of each programme's several rules for what has no commits the first, which only says to keep an eye on it."""
    several: dict[int, list[int]] = {}
    quiet = [rule for rule in rules if rule["kind"] == Rule.NO_COMMITS]
    for rule in sorted(quiet, key=lambda rule: rule["days"], reverse=True):
        several.setdefault(rule["programme_id"], []).append(rule["pk"])
    return {pks[-1] for pks in several.values() if len(pks) > 1}


def _item(care: Care) -> TodayItem:
    row = care.submission
    advice = care.rule.advice
    return TodayItem(
        key=f"reviews.care:{row.pk}:{care.rule.pk}",
        area="reviews",
        area_label=_("Reviews"),
        title=row.title,
        why=f"{care.words}. {advice}".strip() if advice else care.words,
        since=care.since,
        action_label=_("See it"),
        action_url=reverse("reviews:submission", args=[row.pk]),
        badge=str(_BADGES[Rule(care.rule.kind)]),
        tone="due",
        over_by=float(care.over_by),
        icon="box-seam",
        mine=care.users,
    )


def _quiet(quiet: list[Care]) -> TodayItem:
    names = ", ".join(one.submission.title for one in quiet[:5])
    first = quiet[0]
    why = _("%(names)s: the longest for %(days)d days; told after %(limit)d.") % {
        "names": f"{names} …" if len(quiet) > 5 else names,
        "days": first.days,
        "limit": first.rule.days or 0,
    }
    title = ngettext(
        "%(n)d accepted package has had no commit for a while",
        "%(n)d accepted packages have had no commit for a while",
        len(quiet),
    ) % {"n": len(quiet)}
    return TodayItem(
        key=f"reviews.quiet:{first.rule.pk}",
        area="reviews",
        area_label=_("Reviews"),
        title=title,
        why=f"{why} {first.rule.advice}".strip(),
        since=max(one.since for one in quiet),
        action_label=_("See them"),
        action_url=reverse("reviews:watch"),
        badge=str(_BADGES[Rule.NO_COMMITS]),
        tone="quiet",
        icon="box-seam",
        waits_for_others=True,
    )
