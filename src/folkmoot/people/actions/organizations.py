"""Organisations: what is said of them, their domains and kinds, and whether they are kept out of the lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from folkmoot.kernel import clock
from folkmoot.kernel.search.index import rows_changed
from folkmoot.kernel.text import fold
from folkmoot.people.actions import base
from folkmoot.people.actions.base import Actor
from folkmoot.people.actions.undo import Undo, last_change, removed
from folkmoot.people.countries import is_country
from folkmoot.people.domains import normal_domain
from folkmoot.people.models import Organization, OrganizationDomain, OrganizationKind
from folkmoot.people.queries.names import organizations_by_name

#: How the history entries begin that tell of a kind or a domain, which stand in tables of their own.
KIND_REASON, DOMAIN_REASON = "kind ", "domain "
#: Most domains of one organisation.
MOST_DOMAINS = 50


class OrganizationFields(TypedDict, total=False):
    """What may be said about an organisation."""

    name: str
    website: str
    location: str
    country: str
    description: str


class OrganizationKindFields(TypedDict, total=False):
    """What may be said about a kind of organisation."""

    slug: str
    name: str
    order: int


@transaction.atomic
def add_organization(
    *,
    actor: Actor,
    reason: str = "",
    domains: Iterable[str] = (),
    kinds: Iterable[OrganizationKind] = (),
    **fields: Unpack[OrganizationFields],
) -> Organization:
    """Make an organisation, or return the one of this name (compared case-folded) as it is; also when it only had the
    name before a merge.

    Raises:
        ValidationError: by field.
    """
    name = fold(base.line(fields.get("name", "")))
    known = organizations_by_name([name]).get(name)
    if known is not None:
        return known
    row = Organization()
    _put(row, fields)
    base.write(row, actor=actor, reason=reason)
    _set_domains(row, list(domains), actor)
    _set_kinds(row, list(kinds), actor)
    return row


@transaction.atomic
def edit_organization(
    *,
    organization: Organization,
    actor: Actor,
    seen: int | None = None,
    reason: str = "",
    domains: Iterable[str] | None = None,
    kinds: Iterable[OrganizationKind] | None = None,
    **fields: Unpack[OrganizationFields],
) -> Organization:
    """Set what is given; ``domains`` and ``kinds`` are all there are afterwards, ``None`` leaves them.

    Raises:
        ValidationError: by field; a domain is another organisation's, or anybody's.
            ``ChangedMeanwhile`` when somebody saved since ``seen``.
    """
    organization = base.locked(organization, seen)
    if _put(organization, fields):
        base.write(organization, actor=actor, reason=reason)
    if domains is not None:
        _set_domains(organization, list(domains), actor)
    if kinds is not None:
        _set_kinds(organization, list(kinds), actor)
    return organization


def _put(row: Organization, fields: OrganizationFields) -> bool:
    changed = base.put(row, fields)
    if row.country and not is_country(row.country):
        raise ValidationError(
            {"country": _("There is no country with the code “%(code)s”.") % {"code": row.country}}
        )
    return changed


def _set_domains(row: Organization, texts: Sequence[str], actor: Actor) -> None:
    try:
        wished = list(dict.fromkeys(normal_domain(text) for text in texts))
    except ValidationError as error:
        raise ValidationError({"domains": error}) from None
    if len(wished) > MOST_DOMAINS:
        raise ValidationError({"domains": _("Give at most %(n)d domains.") % {"n": MOST_DOMAINS}})
    had = {domain.domain: domain for domain in row.domains.all()}
    fresh = [domain for domain in wished if domain not in had]
    taken = OrganizationDomain.objects.filter(domain__in=fresh).select_related("organization").first()
    if taken is not None:
        raise ValidationError(
            {
                "domains": ValidationError(
                    _("%(domain)s belongs to %(name)s already.")
                    % {"domain": taken.domain, "name": taken.organization},
                    code="taken",
                )
            }
        )
    for domain in fresh:
        try:
            base.write(OrganizationDomain(organization=row, domain=domain), actor=actor)
        except ValidationError as error:
            raise ValidationError({"domains": error.messages}) from None
    for domain in had.keys() - set(wished):
        base.remove(had[domain], actor=actor)
    _note(row, DOMAIN_REASON, fresh, sorted(had.keys() - set(wished)), actor)


def _set_kinds(row: Organization, wished: Sequence[OrganizationKind], actor: Actor) -> None:
    had = set(row.kinds.all())
    fresh = [kind for kind in dict.fromkeys(wished) if kind not in had]
    gone = sorted(had - set(wished), key=lambda kind: kind.pk)
    row.kinds.add(*fresh)
    row.kinds.remove(*gone)
    _note(row, KIND_REASON, [kind.name for kind in fresh], [kind.name for kind in gone], actor)


def _note(row: Organization, word: str, more: Sequence[str], less: Sequence[str], actor: Actor) -> None:
    """Say in the organisation's own history what came and went in tables beside it."""
    said = [f"{word}+ {name}" for name in more] + [f"{word}- {name}" for name in less]
    history: Any = Organization
    for text in said:
        history.history.bulk_history_create(
            [row], update=True, default_user=actor, default_change_reason=text[:200]
        )
    if said:
        rows_changed(Organization, [row.pk])


@transaction.atomic
def archive_organization(*, organization: Organization, actor: Actor, reason: str = "") -> Undo:
    """Keep an organisation out of lists and suggestions. Nothing is lost; who belongs to it still does."""
    organization = base.locked(organization)
    if organization.archived_at is not None:
        return Undo()
    organization.archived_at = clock.now()
    return last_change(base.write(organization, actor=actor, reason=reason))


@transaction.atomic
def unarchive_organization(*, organization: Organization, actor: Actor, reason: str = "") -> Undo:
    """Bring an archived organisation back."""
    organization = base.locked(organization)
    if organization.archived_at is None:
        return Undo()
    organization.archived_at = None
    return last_change(base.write(organization, actor=actor, reason=reason))


@transaction.atomic
def add_organization_kind(
    *, actor: Actor, reason: str = "", **fields: Unpack[OrganizationKindFields]
) -> OrganizationKind:
    """Make a kind of organisation; its short name is made from its name unless given.

    Raises:
        ValidationError: by field.
    """
    row = OrganizationKind()
    base.put(row, fields)
    row.slug = row.slug or slugify(row.name)[:60] or "kind"
    return _write_kind(row, actor, reason)


@transaction.atomic
def edit_organization_kind(
    *,
    organization_kind: OrganizationKind,
    actor: Actor,
    seen: int | None = None,
    reason: str = "",
    **fields: Unpack[OrganizationKindFields],
) -> OrganizationKind:
    """Set what is given. The short name stays: addresses of lists know the kind by it.

    Raises:
        ValidationError: by field; ``ChangedMeanwhile`` when somebody saved since ``seen``.
    """
    row = base.locked(organization_kind, seen)
    if fields.get("slug", row.slug) != row.slug:
        raise ValidationError({"slug": _("The short name stays: addresses of lists know the kind by it.")})
    return _write_kind(row, actor, reason) if base.put(row, fields) else row


def _write_kind(row: OrganizationKind, actor: Actor, reason: str) -> OrganizationKind:
    if not 0 <= row.order <= 32767:
        raise ValidationError({"order": _("Give a number from 0 to %(most)d.") % {"most": 32767}})
    if OrganizationKind.objects.filter(slug=row.slug).exclude(pk=row.pk).exists():
        raise ValidationError({"name": _("There is a kind of this name already.")})
    return base.write(row, actor=actor, reason=reason)


@transaction.atomic
def remove_organization_kind(*, organization_kind: OrganizationKind, actor: Actor, reason: str = "") -> Undo:
    """Delete a kind that no organisation is of.

    Raises:
        ValidationError: some are; the message says how many.
    """
    row = base.locked(organization_kind)
    number = row.organizations.count()
    if number:
        raise ValidationError(
            ngettext(
                "“%(name)s” stays: %(number)d organisation is of this kind. Change it there first.",
                "“%(name)s” stays: %(number)d organisations are of this kind. Change it there first.",
                number,
            )
            % {"name": row, "number": number},
            code="used",
        )
    return removed(row, actor=actor, reason=reason)
