"""Everything that changes reports' notes and shares."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.ids import token
from folkmoot.kernel.metrics import Scope
from folkmoot.kernel.periods import Period
from folkmoot.kernel.permissions.access import demand
from folkmoot.kernel.reporting import report_sections, reports
from folkmoot.kernel.text import clean
from folkmoot.reports import scopes
from folkmoot.reports.models import Note, Share
from folkmoot.reports.queries import token_hash

#: How long a shared link may last, in days.
LONGEST_SHARE = 366


@transaction.atomic
def write_note(*, report: str, section: str, period: Period, body: str, actor: User) -> Note | None:
    """Keep what a person says about a section in a period, in place of what was said; empty text removes it.

    Raises:
        PermissionDenied: the actor may not write in reports, or not see the section.
        LookupError: no such report, or no such section in it.
        ValidationError: the text is too long.
    """
    demand(actor, "reports.contribute")
    declared = report_sections.get(section)
    if declared.report != report:
        raise LookupError(f"the section {section!r} is not part of the report {report!r}")
    demand(actor, declared.permission)
    body = body.replace("\r\n", "\n").strip()
    found = (
        Note.objects.select_for_update().filter(report=report, section=section, period=str(period)).first()
    )
    if not body:
        if found:
            found._history_user = actor  # type: ignore[attr-defined]
            found.delete()
        return None
    if found and found.body == body:
        return found
    row = found or Note(report=report, section=section, period=str(period))
    row.body, row.author, row.written_at = body, actor, clock.now()
    row._history_user = actor  # type: ignore[attr-defined]
    row.full_clean()
    row.save()
    return row


@transaction.atomic
def share(*, report: str, scope: Scope, recipient: str, days: int, actor: User) -> tuple[Share, str]:
    """Make a link by which somebody outside reads the report, for so many days.

    Returns:
        the share, and the link's secret: it is shown once and not kept.

    Raises:
        PermissionDenied: the actor may not share reports.
        LookupError: no such report.
        ValidationError: nobody is named, or it would last too long.
    """
    demand(actor, "reports.manage")
    demand(actor, reports.get(report).permission)
    if not 1 <= days <= LONGEST_SHARE:
        raise ValidationError({"days": _("A link lasts from 1 to %(most)d days.") % {"most": LONGEST_SHARE}})
    secret = token()
    now = clock.now()
    row = Share(
        report=report,
        scope=scopes.said(scope),
        token_hash=token_hash(secret),
        recipient=clean(recipient),
        created_by=actor,
        created_at=now,
        expires_at=now + dt.timedelta(days=days),
    )
    row._history_user = actor  # type: ignore[attr-defined]
    row.full_clean()
    row.save()
    return row, secret


@transaction.atomic
def withdraw(*, share: Share, actor: User) -> Share:
    """Close a shared link for good; doing it twice changes nothing.

    Raises:
        PermissionDenied: the actor may not share reports.
    """
    demand(actor, "reports.manage")
    row = Share.objects.select_for_update().get(pk=share.pk)
    if row.withdrawn_at is None:
        row.withdrawn_at = clock.now()
        row._history_user = actor  # type: ignore[attr-defined]
        row.save(update_fields=["withdrawn_at"])
    return row
