"""What stands beside a membership in AMY: its organisations, and comments on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from django.utils.translation import gettext as _

from folkmoot.kernel.imports.seen import note_seen, rows_of
from folkmoot.kernel.imports.sources import Row
from folkmoot.kernel.saving import block
from folkmoot.people.public import amy_inside
from folkmoot.training.imports.amy.codes import MEMBERSHIP
from folkmoot.training.imports.amy.common import SOURCE, Chunk, Names, Said, key_of
from folkmoot.training.imports.amy.words import words
from folkmoot.training.models import Agreement, AgreementParty

COMMENT, MEMBER = "django_comments.comment", "workshops.member"


def members_of(names: Names) -> dict[str, list[tuple[str, str]]]:
    """Membership -> its members, the main one first: number, and number of the organisation."""
    roles = {
        pk for pk, one in names["workshops.memberrole"].items() if one.get("name") == words()["main_member"]
    }
    found: dict[str, list[tuple[bool, str, str]]] = defaultdict(list)
    for key, one in names[MEMBER].items():
        found[str(one.get("membership"))].append(
            (str(one.get("role")) not in roles, key, str(one.get("organization")))
        )
    return {pk: [(key, org) for _main, key, org in sorted(rows, key=lambda row: row[0])]
            for pk, rows in found.items()}  # fmt: skip


def note_members(chunk: Chunk, agreements: Mapping[str, int]) -> None:
    """Remember where members stand: the main one in the agreement, others in its parties. Four statements.

    Args:
        agreements: key of a membership -> the agreement.
    """
    with_whom = dict(
        Agreement.objects.filter(pk__in=agreements.values()).values_list("pk", "organization_id")
    )
    parties = {
        (agreement, organization): pk
        for pk, agreement, organization in AgreementParty.objects.filter(
            agreement__in=agreements.values()
        ).values_list("pk", "agreement_id", "organization_id")
    }
    main: dict[str, int] = {}
    others: dict[str, int] = {}
    nowhere: list[tuple[Said, str]] = []
    for said in chunk.said:
        agreement = agreements.get(said.key, 0)
        for pk, organization in said.beside["members"]:
            key, found = amy_inside(key_of(MEMBER, pk)), chunk.organizations.get(organization)
            if found is not None and with_whom.get(agreement) == found:
                main[key] = agreement
            elif found is not None and (agreement, found) in parties:
                others[key] = parties[agreement, found]
            else:
                nowhere.append((said, pk))
    note_seen(chunk.changes, source=SOURCE, model=Agreement, rows=main)
    note_seen(chunk.changes, source=SOURCE, model=AgreementParty, rows=others)
    known = rows_of(SOURCE, {amy_inside(key_of(MEMBER, pk)) for _said, pk in nowhere})
    for said, pk in nowhere:
        if amy_inside(key_of(MEMBER, pk)) not in known:
            row = Row(said.row.file, said.row.line, {"model": MEMBER, "pk": pk})
            why = _("its membership or its organisation is not here: look why that was left out")
            chunk.changes.reject(row, "membership", why)


def comments_of(names: Names) -> dict[str, list[tuple[str, str]]]:
    """Membership -> comments on it, the oldest first: number, and what it says with day and name."""
    found: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for key, one in names[COMMENT].items():
        if one.get("content_type") == MEMBERSHIP and not one.get("is_removed"):
            day, who = str(one.get("submit_date") or "")[:10], str(one.get("user_name") or "")
            text = f"{', '.join(filter(None, [day, who]))}: {block(one.get('comment'))}"
            found[str(one.get("object_pk"))].append((str(one.get("submit_date")), text, key))
    return {pk: [(key, text) for _day, text, key in sorted(rows)] for pk, rows in found.items()}
