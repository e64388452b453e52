"""What an issue's header says, brought into its submission."""

from __future__ import annotations

from collections.abc import Sequence

from folkmoot.kernel.imports.changes import Changes
from folkmoot.people.public import Project, projects_by_name, projects_by_repository
from folkmoot.reviews.facts import Said, by_login, put_facts
from folkmoot.reviews.header.parsing import Parsed
from folkmoot.reviews.models import Assignment, Outcome, Submission
from folkmoot.reviews.seeds import data

#: What headers say is kept under this name.
BUCKET = "header"


def apply_header(
    submission: Submission, parsed: Parsed, *, changes: Changes, place: str = "issue", at: str = ""
) -> None:
    """Bring a submission in line with the header of its issue; what cannot be read is flagged with its line.

    The header stands above what files said before: they are made from it. What a person wrote here stays.

    Args:
        changes: of an import, or :class:`folkmoot.reviews.writing.Direct` for a live reading.
        place: where the header stands, for flags.
        at: as of when, as ISO text.
    """
    said = said_of(submission, parsed, place=place, at=at)
    if submission.project_id is None:
        said.project = project_of(parsed)
    put_facts(changes, submission.programme, [(submission, said)])
    put_due(changes, [(submission, parsed)])


def said_of(submission: Submission, parsed: Parsed, *, place: str, at: str) -> Said:
    """What a header says of a submission."""
    facets = data("pyopensci")
    logins = {role: [one.login for one in named] for role, named in parsed.people.items()}
    spoken = {problem.field for problem in parsed.problems if not problem.is_used}
    return Said(
        BUCKET,
        place,
        fields=dict(parsed.fields) | {"header": parsed.raw},
        people=by_login(logins),
        done=submission.outcome == Outcome.ACCEPTED or "accepted_on" in parsed.fields,
        tags=[
            *((facets["category_facet"], word) for word in parsed.categories),
            *((facets["partner_facet"], word) for word in parsed.partners),
        ],
        problems=list(parsed.problems),
        checked=set(parsed.raw) | spoken,
        places=(place,),
        raw=parsed.raw,
        at=at,
        lists=False,
        takes_over=True,
    )


def project_of(parsed: Parsed) -> Project | None:
    """The project that a header is about: by its repository, else by its name."""
    repository, title = parsed.fields.get("repository"), parsed.fields.get("title")
    found = projects_by_repository([repository]) if repository else {}
    found = found or (projects_by_name([title], kind="package") if title else {})
    return next(iter(found.values()), None)


def put_due(changes: Changes, wanted: Sequence[tuple[Submission, Parsed]]) -> None:
    """The day on which reviews are expected is that of every open review without one."""
    days = {submission.pk: parsed.reviews_due for submission, parsed in wanted if parsed.reviews_due}
    if not days:
        return
    open_parts = Assignment.objects.filter(
        submission__in=list(days),
        role=Assignment.Role.REVIEWER,
        state__in=[Assignment.State.INVITED, Assignment.State.ACCEPTED],
        due_on=None,
    )
    changes.update(
        Assignment, [(row, {"due_on": days[row.submission_id]}) for row in open_parts], counter="assignments"
    )
