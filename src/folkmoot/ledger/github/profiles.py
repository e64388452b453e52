"""Names for people who go by a login: what their public profile on GitHub says."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from folkmoot.connectors.github.client import GitHub
from folkmoot.connectors.github.problems import GitHubProblem, Trouble
from folkmoot.connectors.github.shapes import text
from folkmoot.kernel.jobs.context import JobContext
from folkmoot.ledger.github.models import GithubConnection, source_of
from folkmoot.people.public import Identity, SeenProfile, nameless_accounts, seen_profiles

#: How many are asked for in one question, and how many questions one run asks.
AT_ONCE, QUESTIONS = 50, 10


def name_people(context: JobContext, github: GitHub, connection: GithubConnection) -> None:
    """Ask for the names of the next accounts; when all were asked, the next run begins again.

    A failure is none: names are a nicety, and come with the next run.
    """
    system = source_of(connection.host)
    for _number in range(QUESTIONS):
        found: list[SeenProfile] = []
        accounts = nameless_accounts(system, after=connection.profiles_after, most=AT_ONCE)
        if accounts:
            try:
                found = _ask(github, accounts)
            except GitHubProblem as problem:
                if problem.trouble in (Trouble.LIMIT, Trouble.TOKEN):
                    raise
                if problem.trouble != Trouble.GONE:  # not one of these logins is there any more
                    return
                found = []
        with transaction.atomic():
            if accounts:
                seen_profiles(found, source=system)
            connection.profiles_after = accounts[-1].pk if len(accounts) == AT_ONCE else 0
            GithubConnection.objects.filter(pk=connection.pk).update(profiles_after=connection.profiles_after)
            context.checkpoint(context.cursor)
        if len(accounts) < AT_ONCE:
            return


def _ask(github: GitHub, accounts: list[Identity]) -> list[SeenProfile]:
    """The profiles; one whose login belongs to another number by now is nobody's."""
    names = ", ".join(f"$u{place}: String!" for place in range(len(accounts)))
    fields = " ".join(
        f"u{place}: user(login: $u{place}) {{ databaseId name }}" for place in range(len(accounts))
    )
    variables = {f"u{place}": account.value for place, account in enumerate(accounts)}
    data = github.graphql(f"query Names({names}) {{ {fields} }}", variables)
    found = []
    for place, account in enumerate(accounts):
        profile: Any = data.get(f"u{place}")
        if isinstance(profile, dict) and str(profile.get("databaseId")) == account.number:
            found.append(SeenProfile(account.system, account.number, text(profile.get("name"), 200)))
    return found
