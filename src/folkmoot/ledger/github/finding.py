"""Which repositories a connection reads: those of its organisations, those named, those that the register names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Q, QuerySet

from folkmoot.connectors.github import shapes
from folkmoot.connectors.github.client import GitHub
from folkmoot.connectors.github.problems import GitHubProblem, Trouble
from folkmoot.kernel.text import fold
from folkmoot.ledger.github.models import GithubConnection, GithubRepository
from folkmoot.ledger.github.streams import PER_PAGE, seen
from folkmoot.people.public import Project, repositories_taken_by_merges, seen_repository

#: How many projects of the register are looked up in one run; the others follow in the next.
LOOKED_UP = 500


@dataclass
class Found:
    """What finding came to: the keys of the repositories to read, and names that led to nothing."""

    repositories: set[int] = field(default_factory=set)
    missing: list[str] = field(default_factory=list)


def find(github: GitHub, connection: GithubConnection) -> Found:
    """Ask GitHub for the lists, make or update the repositories, let go those that are not chosen any more.

    A name that leads to nothing is told and keeps nobody from reading the others; its repository stays as it is.

    Raises:
        GitHubProblem: the token, the limit or GitHub itself stands in the way.
    """
    found = Found()
    for owner in connection.organizations:
        _by_owner(github, connection, owner, found)
    for name in connection.repositories:
        if (listed := _looked_up(github, name, found)) is not None:
            found.repositories.add(take(connection, listed).pk)
    if connection.reads_register:
        _by_register(github, connection, found)
    _let_go(connection, found)
    return found


def _by_owner(github: GitHub, connection: GithubConnection, owner: str, found: Found) -> None:
    try:
        # A private one only when it is named.
        listed = [one for page in _lists(github, owner) for one in page if not one.is_private]
        _renamed_in_register(github, connection, owner, listed, found)
    except GitHubProblem as problem:
        if problem.trouble not in (Trouble.GONE, Trouble.SCOPE):
            raise
        found.missing.append(owner)
        _keep_reading(connection, f"{owner}/", found)
        return
    for one in listed:
        found.repositories.add(take(connection, one).pk)


def _lists(github: GitHub, owner: str) -> Iterator[list[shapes.Repository]]:
    """The public repositories of an organisation or a person, page by page."""
    try:
        page = github.get(f"/orgs/{owner}/repos", {"per_page": PER_PAGE, "type": "public"})
    except GitHubProblem as problem:
        if problem.trouble != Trouble.GONE:
            raise
        page = github.get(f"/users/{owner}/repos", {"per_page": PER_PAGE})
    while True:
        try:
            yield shapes.each(page.data or [], shapes.repository)[0]
        except ValueError as error:
            raise GitHubProblem(Trouble.ODD, str(error)) from None
        if not page.next_url:
            return
        page = github.get(page.next_url)


def _renamed_in_register(
    github: GitHub, connection: GithubConnection, owner: str, listed: list[shapes.Repository], found: Found
) -> None:
    """Projects of the register with an address of this owner that is not listed: GitHub redirects the old name of one
    that was renamed, so that it is not taken for a new project."""
    key = f"{connection.host}/{fold(owner)}/"
    names = {fold(one.full_name) for one in listed}
    for project in _unknown_projects(connection).filter(repository_key__startswith=key)[:LOOKED_UP]:
        name = project.repository_key.removeprefix(f"{connection.host}/")
        if name not in names and (one := _looked_up(github, name)) is not None:
            found.repositories.add(take(connection, one, project).pk)
    known = GithubRepository.objects.filter(host=connection.host, number__in=[one.number for one in listed])
    if known.count() == len(listed):
        return  # none of them can be one that is known under another name
    for former, project in repositories_taken_by_merges(key)[:LOOKED_UP]:
        name = former.removeprefix(f"{connection.host}/")
        if name not in names and (one := _looked_up(github, name)) is not None:
            found.repositories.add(take(connection, one, project, address=former).pk)


def _by_register(github: GitHub, connection: GithubConnection, found: Found) -> None:
    """Facts of the register's other projects."""
    chosen = {fold(owner) for owner in connection.organizations}
    for project in _unknown_projects(connection)[:LOOKED_UP]:
        name = project.repository_key.removeprefix(f"{connection.host}/")
        if name.count("/") != 1 or name.partition("/")[0] in chosen:
            continue
        if (listed := _looked_up(github, name)) is not None and not listed.is_private:
            found.repositories.add(take(connection, listed, project, is_facts_only=True).pk)
    missing = {fold(name) for name in found.missing}
    known = (
        GithubRepository.objects.filter(host=connection.host, project__isnull=False)
        .filter(Q(connection=None) | Q(connection=connection))
        .exclude(pk__in=found.repositories)
    )
    ids = [row.pk for row in known if fold(row.full_name) not in missing]
    GithubRepository.objects.filter(pk__in=ids).update(connection=connection, is_facts_only=True)
    found.repositories |= set(ids)


def _unknown_projects(connection: GithubConnection) -> QuerySet[Project]:
    """Projects with an address on this GitHub that no repository is known for."""
    return (
        Project.objects.filter(repository_key__startswith=f"{connection.host}/")
        .exclude(github_repositories__host=connection.host)
        .order_by("pk")
    )


def _looked_up(github: GitHub, name: str, found: Found | None = None) -> shapes.Repository | None:
    """A repository by its name, old ones too; ``None`` where there is none."""
    try:
        page = github.get(f"/repos/{name}")
        return shapes.repository(page.data)
    except GitHubProblem as problem:
        if problem.trouble not in (Trouble.GONE, Trouble.SCOPE):
            raise
    except (KeyError, TypeError, ValueError) as error:
        raise GitHubProblem(Trouble.ODD, str(error)) from None
    if found is not None:
        found.missing.append(name)
    return None


@transaction.atomic
def take(
    connection: GithubConnection,
    listed: shapes.Repository,
    project: Project | None = None,
    *,
    address: str = "",
    is_facts_only: bool = False,
) -> GithubRepository:
    """The repository's row and project. One whose connection went is taken over with all that was read of it; one
    that another connection reads is left to that.

    Args:
        address: under which the project was known, where that may not be its own.
    """
    row = (
        GithubRepository.objects.select_for_update(of=("self",))
        .select_related("project")
        .filter(host=connection.host, number=listed.number)
        .first()
    )
    if row is None:
        row = GithubRepository(host=connection.host, number=listed.number, is_facts_only=is_facts_only)
    if row.connection_id is None:
        row.connection, row.is_facts_only = connection, is_facts_only
    elif row.connection_id == connection.pk and not is_facts_only:
        row.is_facts_only = False
    row.full_name = listed.full_name
    row.project = seen_repository(
        seen(listed), source=row.source, project=row.project or project, address=address
    )
    row.save()
    return row


def _keep_reading(connection: GithubConnection, beginning: str, found: Found) -> None:
    rows = GithubRepository.objects.filter(connection=connection, full_name__istartswith=beginning)
    found.repositories |= set(rows.values_list("pk", flat=True))


def _let_go(connection: GithubConnection, found: Found) -> None:
    """Repositories that are not chosen any more are not read; what was read of them stays."""
    named = {fold(name) for name in found.missing}
    rows = GithubRepository.objects.filter(connection=connection).exclude(pk__in=found.repositories)
    gone = [row.pk for row in rows if fold(row.full_name) not in named]
    GithubRepository.objects.filter(pk__in=gone).update(connection=None)
