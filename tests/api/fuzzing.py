"""schemathesis against the API in this process: made-up requests that the schema allows, and such as it forbids."""

from __future__ import annotations

import datetime as dt
import json
from functools import cache
from typing import Any

import schemathesis
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as limits
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from ninja.responses import NinjaJSONEncoder
from schemathesis import GenerationMode

from folkmoot.api.views import schema as served
from folkmoot.outbox.public import Channel
from folkmoot.people import actions
from tests.api.training_rows import one_of_each
from tests.factories import (
    ActivityFactory,
    CampaignFactory,
    IdentityFactory,
    OrganizationFactory,
    PersonFactory,
    PostFactory,
    ProjectFactory,
    RoleKindFactory,
    TagFactory,
    TeamFactory,
    TermFactory,
)
from tests.publishing.published import make_published

CONFIG = schemathesis.Config.from_dict(
    {
        "checks": {
            # What types cannot say (a zone that does not exist, a cursor that is none) is refused in words.
            "positive_data_acceptance": {
                "expected-statuses": ["2xx", "304", "400", "401", "403", "404", "409", "410", "412", "422"]
            },
            # No token's limit is in the way, and no record is made by a test twice.
            "negative_data_rejection": {
                "expected-statuses": [
                    "400",
                    "401",
                    "403",
                    "404",
                    "405",
                    "409",
                    "410",
                    "412",
                    "413",
                    "415",
                    "422",
                ]
            },
        }
    }
)


def a_little_of_everything(user: Any) -> dict[str, Any]:
    """Rows of every kind, and for each argument that names one what exists."""
    person = PersonFactory(location="Lisboa")
    identity = IdentityFactory(person=person)
    IdentityFactory(person=person, system="email", value="ana@example.org")
    organization, project, team = OrganizationFactory(), ProjectFactory(), TeamFactory()
    person.tags.add(TagFactory())
    affiliation = actions.add_affiliation(person=person, organization=organization, actor=user)
    role = RoleKindFactory()
    term = TermFactory(person=person, role_kind=role, team=team, started_on=dt.date(2026, 1, 1))
    note = actions.add_note(about=person, body="Met in Lisboa", actor=user)
    activity = ActivityFactory(identity=identity, project=project)
    actions.remove_record(record=ProjectFactory(), actor=user)
    channel = Channel.objects.create(kind="manual", name="By hand", medium="post")
    make_published(channel, dt.datetime(2026, 1, 2, 9, tzinfo=dt.UTC), likes=3)
    campaign = CampaignFactory()
    post = PostFactory(channels=[channel], campaign=campaign)
    training = one_of_each()
    return {
        **{
            f"{name}_id": getattr(training, name).pk
            for name in (
                *("event", "task", "session", "registration", "progress", "award", "agreement"),
                *("opening", "sign_up", "request", "mail"),
            )
        },
        "people_ids": [person.pk],
        "part": training.sign_up.kind.slug,
        "requirement": training.progress.requirement.slug,
        "person_id": person.pk,
        "identity_id": identity.pk,
        "organization_id": organization.pk,
        "project_id": project.pk,
        "team_id": team.pk,
        "affiliation_id": affiliation.pk,
        "term_id": term.pk,
        "note_id": note.pk,
        "activity_id": activity.pk,
        "item_id": activity.item_id,
        "post_id": post.pk,
        "campaign_id": campaign.pk,
        "channel_id": channel.pk,
        "role": role.slug,
        "key": "contributors",
        "kind": "people",
    }


@cache
def schema() -> Any:
    """The schema as it is served, and the application behind it."""
    loaded = schemathesis.openapi.from_dict(
        json.loads(json.dumps(served(), cls=NinjaJSONEncoder)), config=CONFIG
    )
    loaded.app = get_wsgi_application()
    loaded.config.update(base_url=settings.BASE_URL)
    return loaded


def labels() -> list[str]:
    """Every operation: ``GET /api/v1/people``."""
    return [f"{method.upper()} {path}" for path, methods in served()["paths"].items() for method in methods]


def fuzz(operation: Any, token: str, known: dict[str, Any], mode: GenerationMode, examples: int) -> int:
    """Send made-up requests to an operation and check every answer against the schema.

    Returns:
        how many were sent.
    """
    sent = 0

    @given(case=operation.as_strategy(generation_mode=mode), existing=st.booleans())
    @limits(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def run(case: Any, existing: bool) -> None:
        nonlocal sent
        sent += 1
        if existing and mode is GenerationMode.POSITIVE:
            _name_what_exists(case, known)
        if mode is GenerationMode.NEGATIVE and _is_right_as_sent(case, operation):
            return
        # The test client unpacks nothing.
        case.call_and_validate(headers={"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"})

    # As Django's own test client does: the test's transaction lives in this connection.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        run()
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)
    return sent


def _is_right_as_sent(case: Any, operation: Any) -> bool:
    """Whether what was made wrong in the query is right again once it is written into an address.

    There one value and a list of one are the same, and a list of none is not there at all; and where nothing else than
    the query and the token was made wrong (which every request gets), nothing is left to refuse.
    """
    wrong = {place.value for place in case.meta.components} if case.meta else set()
    if not case.query or not wrong <= {"query", "headers", "header"}:
        return False
    declared = {one.name: one.definition["schema"] for one in operation.query}
    for name, value in case.query.items():
        if value in ([], None):
            continue
        form = declared.get(name)
        if form is None:
            return False
        read = [value] if form.get("type") == "array" and not isinstance(value, list) else value
        if isinstance(read, list) and form.get("items", {}).get("type") == "string":
            read = [str(one) for one in read if not isinstance(one, dict | list)]
        if not Draft202012Validator(form).is_valid(read):
            return False
    return True


def _name_what_exists(case: Any, known: dict[str, Any]) -> None:
    for place in (case.path_parameters, case.body):
        if isinstance(place, dict):
            place.update({name: known[name] for name in place if name in known})
