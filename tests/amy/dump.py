"""A made-up dump of AMY: a function for each of its models, with every column filled. All names are invented.

``write(path, things)`` writes what ``manage.py dumpdata`` would; ``changed(thing, **fields)`` is the same thing with
other values. A column of AMY's that holds a list of numbers (an array of PostgreSQL) is text in a dump: ``"[30, 60]"``.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

#: As ``dumpdata`` writes one object.
Made = dict[str, Any]
CREATED, UPDATED = "2021-03-04T09:10:11.123Z", "2024-05-06T07:08:09Z"


def made(model: str, pk: int | None, fields: dict[str, Any], over: dict[str, Any]) -> Made:
    """An object of a dump; columns in ``over`` replace or add."""
    unknown = {name for name in over if name not in fields}
    assert not unknown, f"{model} has no {unknown}: add it to its function first"
    return {"model": model, "pk": pk, "fields": fields | over}


def changed(thing: Made, **fields: Any) -> Made:
    """The same thing, as AMY has it later."""
    return made(thing["model"], thing["pk"], thing["fields"], fields)


def text_of(things: Sequence[Made], *, indent: int | None = 2, lines: bool = False) -> str:
    """The dump as text: a list, or an object a line."""
    if lines:
        return "".join(json.dumps(thing, ensure_ascii=False) + "\n" for thing in things)
    return json.dumps(list(things), ensure_ascii=False, indent=indent)


def write(path: Path, things: Sequence[Made], *, indent: int | None = 2, lines: bool = False) -> Path:
    """Write a dump; packed when the name ends in ``.gz``."""
    text = text_of(things, indent=indent, lines=lines).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return path


# -- the register ----------------------------------------------------------------------------------------------------


def person(pk: int, **over: Any) -> Made:
    """workshops.person: Grace Amaru Quispe, with everything that AMY can know of somebody."""
    fields = {
        "password": "pbkdf2_sha256$600000$invented$notahash=",
        "last_login": "2024-05-01T10:00:00Z",
        "is_superuser": False,
        "data_privacy_agreement": True,
        "created_at": CREATED,
        "last_updated_at": UPDATED,
        "archived_at": None,
        "gender": "F",
        "gender_other": "",
        "secondary_email": f"grace{pk}@home.example.org",
        "personal": "Grace",
        "middle": "Amaru",
        "family": f"Quispe{pk}",
        "email": f"grace{pk}@example.org",
        "country": "PE",
        "timezone": "America/Lima",
        "airport_iata": "LIM",
        "airport_country": "PE",
        "airport_lat": -12.0219,
        "airport_lon": -77.1143,
        "airport_timezone": "America/Lima",
        "github": f"grace-q{pk}",
        "twitter": f"grace_q{pk}",
        "bluesky": f"grace{pk}.bsky.example",
        "mastodon": f"https://social.example/@grace{pk}",
        "url": f"https://grace{pk}.example.org",
        "username": f"quispe{pk}_grace",
        "user_notes": "I like soil.",
        "affiliation": "Harbour Lab",
        "domains": [],
        "languages": [1],
        "lessons": [],
        "is_active": True,
        "occupation": "Research engineer",
        "orcid": "",
        "duplication_reviewed_on": None,
        "groups": [],
        "user_permissions": [],
    }
    return made("workshops.person", pk, fields, over)


def organization(pk: int, **over: Any) -> Made:
    """workshops.organization."""
    fields = {
        "domain": f"harbour{pk}.example",
        "fullname": f"Harbour University {pk}",
        "country": "PE",
        "latitude": -12.05,
        "longitude": -77.04,
        "affiliated_organizations": [],
    }
    return made("workshops.organization", pk, fields, over)


def language(pk: int, **over: Any) -> Made:
    """workshops.language."""
    return made("workshops.language", pk, {"name": "Spanish", "subtag": "es"}, over)


def knowledge_domain(pk: int, **over: Any) -> Made:
    """workshops.knowledgedomain."""
    return made("workshops.knowledgedomain", pk, {"name": "Earth sciences"}, over)


def academic_level(pk: int, **over: Any) -> Made:
    """workshops.academiclevel."""
    return made("workshops.academiclevel", pk, {"name": "Graduate students"}, over)


def computing_level(pk: int, **over: Any) -> Made:
    """workshops.computingexperiencelevel."""
    return made("workshops.computingexperiencelevel", pk, {"name": "Beginner"}, over)


def info_source(pk: int, **over: Any) -> Made:
    """workshops.infosource."""
    return made("workshops.infosource", pk, {"name": "A colleague"}, over)


def term(pk: int, **over: Any) -> Made:
    """consents.term."""
    fields = {
        "created_at": CREATED,
        "last_updated_at": UPDATED,
        "archived_at": None,
        "slug": "may-contact",
        "content": "May we write to you?",
        "training_request_content": "May we write to you about your application?",
        "required_type": "optional",
        "help_text": "You can change your mind.",
        "short_description": "Consent to be contacted",
    }
    return made("consents.term", pk, fields, over)


def term_option(pk: int, **over: Any) -> Made:
    """consents.termoption."""
    fields = {
        "created_at": CREATED,
        "last_updated_at": UPDATED,
        "archived_at": None,
        "term": 1,
        "option_type": "agree",
        "content": "Yes",
    }
    return made("consents.termoption", pk, fields, over)


def consent(pk: int, **over: Any) -> Made:
    """consents.consent."""
    fields = {
        "created_at": CREATED,
        "last_updated_at": UPDATED,
        "archived_at": None,
        "person": 1,
        "term": 1,
        "term_option": 1,
    }
    return made("consents.consent", pk, fields, over)


def request_consent(pk: int, **over: Any) -> Made:
    """consents.trainingrequestconsent."""
    fields = {
        "created_at": CREATED,
        "last_updated_at": UPDATED,
        "archived_at": None,
        "training_request": 1,
        "term": 1,
        "term_option": 1,
    }
    return made("consents.trainingrequestconsent", pk, fields, over)


def role_config(pk: int, **over: Any) -> Made:
    """communityroles.communityroleconfig."""
    fields = {
        "created_at": CREATED,
        "last_updated_at": UPDATED,
        "name": "maintainer",
        "display_name": "Maintainer",
        "link_to_award": True,
        "award_badge_limit": None,
        "autoassign_when_award_created": False,
        "link_to_membership": False,
        "link_to_partnership": False,
        "additional_url": True,
        "generic_relation_content_type": None,
        "generic_relation_multiple_items": False,
        "custom_key_labels": '["Lesson"]',
    }
    return made("communityroles.communityroleconfig", pk, fields, over)


def role_inactivation(pk: int, **over: Any) -> Made:
    """communityroles.communityroleinactivation."""
    fields = {"created_at": CREATED, "last_updated_at": UPDATED, "name": "End of term"}
    return made("communityroles.communityroleinactivation", pk, fields, over)


def role(pk: int, **over: Any) -> Made:
    """communityroles.communityrole."""
    fields = {
        "created_at": CREATED,
        "last_updated_at": UPDATED,
        "config": 1,
        "person": 1,
        "award": None,
        "start": "2022-01-01",
        "end": None,
        "inactivation": None,
        "membership": None,
        "partnership": None,
        "url": "https://lessons.example.org/soil",
        "generic_relation_m2m": "[]",
        "custom_keys": [["Lesson", "Soil with Python"]],
    }
    return made("communityroles.communityrole", pk, fields, over)


def comment(pk: int, **over: Any) -> Made:
    """django_comments.comment."""
    fields = {
        "content_type": ["workshops", "person"],
        "object_pk": "1",
        "site": 1,
        "user": None,
        "user_name": "Ola Berg",
        "user_email": "ola@example.org",
        "user_url": "",
        "comment": "Met at the **harbour** meeting.",
        "submit_date": "2023-02-03T04:05:06Z",
        "ip_address": "192.0.2.7",
        "is_public": True,
        "is_removed": False,
    }
    return made("django_comments.comment", pk, fields, over)


def register() -> list[Made]:
    """A thing of every model of the register, hanging together."""
    return [
        language(1),
        knowledge_domain(1),
        academic_level(1),
        computing_level(1),
        info_source(1),
        person(1, domains=[1]),
        organization(1),
        term(1),
        term_option(1),
        term_option(2, option_type="decline", content="No"),
        consent(1),
        role_config(1),
        role_inactivation(1),
        role(1),
        comment(1),
    ]
