"""How the register joins the house: navigation, commands, search, Today, timeline, kinds of activity."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import clock
from folkmoot.kernel.events import ActivityKind, activity_kinds
from folkmoot.kernel.plugs import (
    CalendarEntry,
    CalendarSource,
    Command,
    NavEntry,
    RecordPanel,
    TimelineSource,
    calendar_sources,
    commands,
    counted,
    navigation,
    one_group,
    record_panels,
    timeline_sources,
)
from folkmoot.kernel.rows import Row, Rows
from folkmoot.kernel.search.kinds import Document, Follow, Naming, SearchKind, search_kinds
from folkmoot.kernel.setup_steps import SetupStep, setup_steps
from folkmoot.people import amy_plugs as _amy  # noqa: F401 - registers how AMY is read, and its pages
from folkmoot.people import exports as _exports  # noqa: F401 - registers the websites that the register feeds
from folkmoot.people import imports as _imports  # noqa: F401 - registers the sources that the register reads
from folkmoot.people import jobs as _jobs  # noqa: F401 - registers the search for records that may be one
from folkmoot.people import mail_plugs as _mail  # noqa: F401 - registers what writing to people adds
from folkmoot.people import merging_plugs as _merging  # noqa: F401 - registers what merging adds
from folkmoot.people import plugs_own as _own  # noqa: F401 - a person's own side
from folkmoot.people import today as _today  # noqa: F401 - registers what Today tells of the register
from folkmoot.people.api import kinds as _api  # noqa: F401 - registers itself
from folkmoot.people.countries import country_name
from folkmoot.people.models import (
    Affiliation,
    Identity,
    Organization,
    OrganizationDomain,
    Person,
    Project,
    Team,
    Term,
)
from folkmoot.people.queries.calendar import terms_that_end
from folkmoot.people.queries.organizations import suggested_organizations, suggestions_of
from folkmoot.people.queries.timeline import NOTES, note_rows, tell_notes
from folkmoot.people.seeds import load as load_seeds
from folkmoot.people.seeds import load_generic_values, load_organization_kinds
from folkmoot.people.systems import INTERNAL

_REGISTER = _("Register")

# What the ledger hears: decisions about roles, at the moment they are made. Edits are in each record's history.
for _kind in (
    ActivityKind("people.term_started", _("Was given the role"), "person-check", _REGISTER),
    ActivityKind("people.term_renewed", _("Goes on as"), "arrow-repeat", _REGISTER),
    ActivityKind("people.term_ended", _("End decided:"), "person-dash", _REGISTER),
    ActivityKind("people.term_removed", _("The role was taken back:"), "person-x", _REGISTER),
    ActivityKind("people.claimed", _("Says that the record is theirs"), "person-badge", _REGISTER),
    ActivityKind(
        "people.claim_taken_back", _("Says that the record is not theirs"), "person-badge", _REGISTER
    ),
    ActivityKind("people.term_corrected", _("The role was put back as it was:"), "person-check", _REGISTER),
):
    activity_kinds.register(_kind)

for _entry in (
    NavEntry("people", _("People"), "people:people", "people", "people.view", order=20),
    NavEntry("people.everyone", _("Everyone"), "people:people", "", "people.view", "people", order=1),
    NavEntry(
        "people.organizations",
        _("Organisations"),
        "people:organizations",
        "",
        "people.view",
        "people",
        order=2,
    ),
    NavEntry("people.projects", _("Projects"), "people:projects", "", "people.view", "people", order=3),
    NavEntry("people.teams", _("Teams"), "people:teams", "", "people.view", "people", order=4),
    NavEntry("people.tags", _("Tags"), "people:tags", "", "people.view", "people", order=5),
    NavEntry(
        "settings.organization_kinds",
        _("Kinds of organisation"),
        "people:organization_kinds",
        "",
        "people.manage",
        "settings",
        order=31,
    ),
    NavEntry(
        "settings.generic",
        _("Shared names and mailboxes"),
        "people:generic_values",
        "",
        "people.manage",
        "settings",
        order=32,
    ),
    NavEntry("settings.roles", _("Roles"), "people:role_kinds", "", "people.manage", "settings", order=30),
):
    navigation.register(_entry)

for _command in (
    Command("people.new", _("New person"), "people:new_person", "people.manage", "person-plus", True, 10),
    Command(
        "people.new_organization",
        _("New organisation"),
        "people:new_organization",
        "people.manage",
        "building",
        True,
        11,
    ),
    Command(
        "people.new_project", _("New project"), "people:new_project", "people.manage", "box-seam", True, 12
    ),
    Command("people.new_team", _("New team"), "people:new_team", "people.manage", "diagram-3", True, 13),
    Command("people.list", _("Go to people"), "people:people", "people.view", order=100),
    Command("people.roles", _("Go to roles"), "people:role_kinds", "people.manage", order=101),
):
    commands.register(_command)


# ------------------------------------------------------------------- search


def _texts(rows: Iterable[tuple[int, str]]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for pk, text in rows:
        found[pk].append(text)
    return found


def people_documents(ids: Sequence[int]) -> Iterable[Document]:
    """People by name, handles, tags, roles held today, organisations; five queries."""
    handles = _texts(
        Identity.objects.filter(person__in=ids)
        .exclude(system=INTERNAL)
        .order_by("pk")
        .values_list("person_id", "value")
    )
    tags = _texts(
        sorted(Person.tags.through.objects.filter(person__in=ids).values_list("person_id", "tag__name"))
    )
    roles = _texts(
        sorted(
            Term.objects.on(clock.today())
            .filter(person__in=ids)
            .values_list("person_id", "role_kind__name")
            .distinct()
        )
    )
    homes = _texts(
        sorted(Affiliation.objects.filter(person__in=ids).values_list("person_id", "organization__name"))
    )
    for person in Person.objects.filter(pk__in=ids):
        pk = person.pk
        shown = [*roles[pk][:2], *handles[pk][:1]]
        yield Document(
            pk,
            person.name,
            " · ".join(shown),
            " ".join([person.sort_name, person.location, *handles[pk], *tags[pk], *roles[pk], *homes[pk]]),
            reverse("people:person", args=[pk]),
        )


def organization_documents(ids: Sequence[int]) -> Iterable[Document]:
    """Organisations by name, place, address, domains, country, kinds, tags; four queries."""
    tags = _texts(
        sorted(
            Organization.tags.through.objects.filter(organization__in=ids).values_list(
                "organization_id", "tag__name"
            )
        )
    )
    domains = _texts(
        sorted(
            OrganizationDomain.objects.filter(organization__in=ids).values_list("organization_id", "domain")
        )
    )
    kinds = _texts(
        sorted(
            Organization.kinds.through.objects.filter(organization__in=ids).values_list(
                "organization_id", "organizationkind__name"
            )
        )
    )
    for row in Organization.objects.filter(pk__in=ids):
        country = country_name(row.country)
        text = " ".join([row.website, country, *domains[row.pk], *kinds[row.pk], *tags[row.pk]])
        yield Document(row.pk, row.name, row.location, text, reverse("people:organization", args=[row.pk]))


def project_documents(ids: Sequence[int]) -> Iterable[Document]:
    """Projects by name, description, repository, tags; two queries."""
    tags = _texts(
        sorted(Project.tags.through.objects.filter(project__in=ids).values_list("project_id", "tag__name"))
    )
    for row in Project.objects.filter(pk__in=ids):
        text = " ".join([row.description, row.repository_key, *tags[row.pk]])
        yield Document(
            row.pk, row.name, row.get_kind_display(), text, reverse("people:project", args=[row.pk])
        )


def team_documents(ids: Sequence[int]) -> Iterable[Document]:
    """Teams by name and description; one query."""
    for row in Team.objects.filter(pk__in=ids):
        yield Document(row.pk, row.name, "", row.description, reverse("people:team", args=[row.pk]))


for _search in (
    SearchKind(
        "person",
        _("People"),
        "people",
        "people.view",
        "people",
        Person,
        people_documents,
        (
            Follow(Identity, "person_id"),
            Follow(Term, "person_id"),
            Follow(Affiliation, "person_id"),
            Follow(Person.tags.through, "person_id"),
        ),
        (
            Naming("tags"),
            Naming("terms__role_kind"),
            Naming("affiliations__organization"),
        ),
        order=10,
    ),
    SearchKind(
        "organization",
        _("Organisations"),
        "building",
        "people.view",
        "people",
        Organization,
        organization_documents,
        (
            Follow(Organization.tags.through, "organization_id"),
            Follow(Organization.kinds.through, "organization_id"),
            Follow(OrganizationDomain, "organization_id"),
        ),
        (Naming("tags"), Naming("kinds")),
        order=20,
    ),
    SearchKind(
        "project",
        _("Projects"),
        "box-seam",
        "people.view",
        "people",
        Project,
        project_documents,
        (Follow(Project.tags.through, "project_id"),),
        (Naming("tags"),),
        order=30,
    ),
    SearchKind("team", _("Teams"), "diagram-3", "people.view", "people", Team, team_documents, order=40),
):
    search_kinds.register(_search)


# ---------------------------------------------------------------- calendar


def term_entries(user: Any, first: dt.date, last: dt.date) -> list[CalendarEntry]:
    """The last days of terms; whoever manages people may move them. One query."""
    manages = user.has_perm("people.manage")
    entries = []
    for term in terms_that_end(first, last)[:500]:
        assert term.ended_on is not None  # noqa: S101 - only dated ones are asked for
        place = term.project or term.team
        what = {"name": term.person.name, "role": term.role_kind.name, "place": place}
        entries.append(
            CalendarEntry(
                key=f"people.term:{term.pk}",
                day=term.ended_on,
                title=_now("%(name)s: %(role)s, %(place)s") % what
                if place
                else _now("%(name)s: %(role)s") % what,
                area="people",
                url=reverse("people:person", args=[term.person_id]),
                icon="person-badge",
                badge=_("ends"),
                tone="due",
                move_url=reverse("people:move_term", args=[term.pk]) if manages else "",
            )
        )
    return entries


calendar_sources.register(
    CalendarSource("people.terms", _("Terms that end"), "people", "people.view", term_entries, order=20)
)

timeline_sources.register(
    TimelineSource(
        key="people.notes",
        records=frozenset({"people.person", "people.organization", "people.project"}),
        permission="people.view_notes",
        counts=lambda user, record: counted(record.notes.all()),
        groups=one_group(NOTES, _("Notes")),
        rows=note_rows,
        tell=tell_notes,
    )
)


def _person_of(user: Any, record: Any, rows: Sequence[Row]) -> dict[str, Any] | None:
    """The person behind an account, if one is linked."""
    return {"person": rows[0]} if rows else None


record_panels.register(
    RecordPanel(
        "people.of_user",
        "kernel.user",
        _("In the register"),
        "people.view",
        "people/parts/of_user.html",
        lambda user, record: Rows(Person.objects.filter(user=record), "pk", "name"),
        _person_of,
    )
)


def _suggestions_for(user: Any, record: Any, rows: Sequence[Row]) -> dict[str, Any] | None:
    """Organisations that somebody's mail addresses suggest; nothing is made of it by itself."""
    suggestions = suggestions_of(record, rows)
    return {"person": record, "suggestions": suggestions} if suggestions else None


record_panels.register(
    RecordPanel(
        "people.suggested_organizations",
        "people.person",
        _("May belong to"),
        "people.view",
        "people/parts/suggested.html",
        lambda user, record: suggested_organizations(record),
        _suggestions_for,
    )
)


def _set_up() -> str:
    made = load_seeds()
    return f"Added {made} {'kind' if made == 1 else 'kinds'} of role." if made else ""


setup_steps.register(SetupStep("people.role_kinds", _set_up))


def _set_up_organizations() -> str:
    made = load_organization_kinds()
    return f"Added {made} {'kind' if made == 1 else 'kinds'} of organisation." if made else ""


setup_steps.register(SetupStep("people.organization_kinds", _set_up_organizations))


def _set_up_generic() -> str:
    made = load_generic_values()
    return f"Listed {made} shared names and mailboxes." if made else ""


setup_steps.register(SetupStep("people.generic_values", _set_up_generic))
