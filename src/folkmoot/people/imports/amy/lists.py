"""Which lists of AMY's API are read, in which order, and of which model of a dump their records are.

API v2 names an organisation by its domain, a person by the username, an event by its slug, and a tag, role, badge,
language, curriculum or lesson by its name (``amy/api/v2/serializers.py``); a dump has numbers. Of what v2 lacks, v1
has the rest that is read here (``amy/api/v1/serializers.py``): it needs the session of an administrator.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Record = Mapping[str, Any]

PERSON, ORGANIZATION, EVENT = "workshops.person", "workshops.organization", "workshops.event"
MEMBERSHIP, REQUIREMENT = "workshops.membership", "workshops.trainingrequirement"
TASK, QUALIFICATION, LESSON = "workshops.task", "workshops.qualification", "workshops.lesson"
CONSORTIUM, DOMAIN, ROLE = "fiscal.consortium", "workshops.knowledgedomain", "workshops.role"
TERM, OPTION, CONSENT = "consents.term", "consents.termoption", "consents.consent"
APPLICATION = "workshops.trainingrequest"

#: Small lists that the API names by a word only: model -> the column that holds the word.
WORD_OF = {
    "workshops.tag": "name",
    "workshops.role": "name",
    "workshops.badge": "name",
    "workshops.language": "name",
    "workshops.curriculum": "slug",
    "workshops.lesson": "name",
    "workshops.knowledgedomain": "name",
    "trainings.involvement": "name",
    "fiscal.partnershiptier": "name",
}
#: The same, and terms: their list has no number, so a dump before tells it.
NUMBERED_BY_WORD = {**WORD_OF, TERM: "slug"}
#: Lists of the API whose records are named by a word elsewhere in it.
NAMED_BY = {
    PERSON: "username",
    ORGANIZATION: "domain",
    EVENT: "slug",
    MEMBERSHIP: "name",
    REQUIREMENT: "name",
    CONSORTIUM: "name",
}


@dataclass(frozen=True)
class Listed:
    """A list of the API, and how its records become things.

    Attributes:
        path: where it is; with ``%s`` for the number of a person: a list for each of them.
        model: of a dump; of lists that only tell more of records of another list: of those records.
        query: what is asked of it besides.
        refs: column -> the model that it names one or several of.
        renamed: column of the API -> column of a dump.
        dropped: columns that AMY reckons from others.
        number: the column with the record's number.
    """

    path: str
    model: str
    refs: Mapping[str, str] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)
    dropped: frozenset[str] = frozenset()
    number: str = "pk"
    query: str = ""

    @property
    def name(self) -> str:
        """What it is known by while it is read, and shown as."""
        return f"{self.path}?{self.query}" if self.query else self.path


_STATE = frozenset({"state_verbose"})
#: API v2, in the order in which it is read: what others name comes first.
V2: tuple[Listed, ...] = (
    Listed("/api/v2/organization", ORGANIZATION, {"affiliated_organizations": ORGANIZATION}),
    Listed("/api/v2/person", PERSON, renamed={"airport": "airport_iata"}, dropped=frozenset({"full_name"})),
    Listed("/api/v2/membership", MEMBERSHIP, dropped=frozenset({
        "workshops_without_admin_fee_total_allowed", "workshops_without_admin_fee_available",
        "workshops_without_admin_fee_completed", "workshops_without_admin_fee_planned",
        "workshops_without_admin_fee_remaining", "workshops_discounted_completed", "workshops_discounted_planned",
        "self_organized_workshops_completed", "self_organized_workshops_planned",
        "public_instructor_training_seats_total", "public_instructor_training_seats_utilized",
        "public_instructor_training_seats_remaining", "inhouse_instructor_training_seats_total",
        "inhouse_instructor_training_seats_utilized", "inhouse_instructor_training_seats_remaining",
        "rolled_from_membership",
    }), refs={"rolled_to_membership": MEMBERSHIP}),
    Listed("/api/v2/consortium", CONSORTIUM, {"organisations": ORGANIZATION}),
    Listed("/api/v2/partnership", "fiscal.partnership", {
        "tier": "fiscal.partnershiptier", "partner_consortium": CONSORTIUM, "partner_organisation": ORGANIZATION,
        "rolled_to_partnership": "fiscal.partnership",
    }),
    Listed("/api/v2/event", EVENT, {
        "host": ORGANIZATION, "sponsor": ORGANIZATION, "administrator": ORGANIZATION, "membership": MEMBERSHIP,
        "assigned_to": PERSON, "language": "workshops.language", "tags": "workshops.tag",
        "curricula": "workshops.curriculum", "lessons": "workshops.lesson",
    }, renamed={"workshop_reports_link": "instructors_pre"}, dropped=frozenset({
        "repository_url", "website_url", "human_readable_date", "eligible_for_instructor_recruitment", "main_tag",
    })),
    Listed("/api/v2/trainingrequirement", REQUIREMENT),
    Listed("/api/v2/task", "workshops.task", {
        "event": EVENT, "person": PERSON, "role": "workshops.role", "seat_membership": MEMBERSHIP,
    }, number=""),
    Listed("/api/v2/award", "workshops.award", {
        "person": PERSON, "badge": "workshops.badge", "event": EVENT, "awarded_by": PERSON,
    }),
    Listed("/api/v2/trainingprogress", "workshops.trainingprogress", {
        "trainee": PERSON, "requirement": REQUIREMENT, "involvement_type": "trainings.involvement", "event": EVENT,
    }, dropped=_STATE),
    Listed("/api/v2/selforganisedsubmission", "extrequests.selforganisedsubmission", {
        "event": EVENT,
    }, dropped=_STATE | {"workshop_types"}),  # curricula by their names here, by their short names elsewhere
    Listed("/api/v2/instructorrecruitmentsignup", "recruitment.instructorrecruitmentsignup", {"person": PERSON},
           dropped=_STATE | {"event"}),
)  # fmt: skip
TERMS = Listed("/api/v1/terms", TERM, number="slug")
#: Fields of work, and lessons that people can teach: v2's list of people has neither.
MORE_OF_PEOPLE = Listed("/api/v1/persons", PERSON, number="")
#: Who came: v2's list of events leaves that out.
MORE_OF_EVENTS = Listed("/api/v1/events", EVENT, number="")
#: All that applications say, but for their number, and that number with a part of it. Asked without any parameter it
#: lists those only that wait or were accepted and have nobody (``TrainingRequestFilter.__init__``).
APPLICATIONS = Listed("/api/v1/training_requests/", APPLICATION, number="", query="matched=")
SCORES = Listed(
    "/api/v1/training_requests/", APPLICATION, number="request_id", query="matched=&manualscore=1"
)
#: There is no list of everybody's consents.
CONSENTS = Listed("/api/v1/persons/%s/consents", CONSENT, number="")
#: API v1, for what v2 does not have: it needs the session or the password of an administrator. The list that takes
#: longest comes last.
V1: tuple[Listed, ...] = (
    Listed("/api/v1/communityroleconfigs", "communityroles.communityroleconfig", number="id"),
    Listed("/api/v1/instructorrecruitment", "recruitment.instructorrecruitment", number="id"),
    TERMS,
    MORE_OF_PEOPLE,
    MORE_OF_EVENTS,
    APPLICATIONS,
    SCORES,
    CONSENTS,
)
#: Lists that not every AMY has: partnerships came in 2025. An AMY without them is read all the same.
LATER = frozenset({"/api/v2/consortium", "/api/v2/partnership", "/api/v2/selforganisedsubmission"})
