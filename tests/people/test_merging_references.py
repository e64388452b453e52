"""Columns that can name a record without being a foreign key: each is declared, with what a merge does about it."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db import models

from folkmoot.people.actions.merging import generic_references

#: Columns that look as if they could name any record, and what they are: none of them names a person, an organisation
#: or a project by its number. A new column of the kind belongs here, or is declared with ``generic_references``.
NO_RECORD = {
    "kernel.apitoken.scopes": "words",
    "kernel.apiwrite.key": "the caller's own",
    "kernel.apiwrite.record": "what a request made, for a day; its address leads on",
    "kernel.seenrecord.key": "the source's own",
    "kernel.seenrecord.said": "digests",
    "kernel.changedrow.object_id": "a row that changed, until its listener has read it",
    "ledger.githubconnection.app_id": "a number of GitHub's",
    "ledger.githubconnection.installation_id": "a number of GitHub's",
    "ledger.githubconnection.organizations": "names on GitHub",
    "ledger.githubconnection.profiles_after": "how far profiles were read",
    "ledger.githubconnection.repositories": "names on GitHub",
    "ledger.githubconnection.streams": "words",
    "ledger.itemkey.external_id": "the source's own",
    "ledger.syncstate.cursor": "how far a source was read",
    "ledger.syncstate.left_out": "numbers of rows",
    "people.amyinventory.words": "words of small lists, with their numbers in AMY",
    "people.personcandidate.group": "a number of its own",
    "people.organizationcandidate.group": "as of people",
    "people.projectcandidate.group": "as of people",
    "kernel.columnmapping.columns": "headings of files",
    "kernel.importrun.counts": "numbers of rows",
    "kernel.importrun.error": "where a file could not be read",
    "kernel.importrun.mapping": "headings of files",
    "kernel.importrun.options": "what was said beside the files",
    "kernel.importrun.preview": "numbers of rows",
    "kernel.invitation.levels": "rights",
    "kernel.delegation.areas": "areas",
    "kernel.job.arguments": "a job that waits looks for its records when it runs, and passes over those that went",
    "kernel.job.cursor": "as arguments",
    "kernel.job.outcome": "what was done",
    "kernel.notice.about": "notes, by their numbers, which they keep",
    "kernel.rejectedrow.content": "a row of a file",
    "kernel.stagedrow.payload": "a row of a file",
    "home.assignment.key": "keys of Today name rows that keep their numbers",
    "home.snooze.key": "keys of Today name rows that keep their numbers",
    "ledger.activity.detail": "what the source said; the ledger never changes",
    "ledger.activity.external_id": "the source's own",
    "ledger.item.detail": "what the source said",
    "ledger.item.external_id": "the source's own",
    "ledger.item.labels": "words",
    "people.personcandidate.reasons": "what two records have in common, in words",
    "people.organizationcandidate.reasons": "as of people",
    "people.projectcandidate.reasons": "as of people",
    "people.sourcerecord.payload": "what the source said",
    "people.sourcerecord.key": "the source's own",
    "people.erasure.outcome": "numbers of rows",
    "reports.share.scope": "a project by its name",
}
LOOKED_AT = ("people", "ledger", "kernel", "home", "reports")


def suspicious() -> set[str]:
    """JSON, large numbers, and plain columns called like references, in the apps that hold the register's records."""
    found = set()
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label not in LOOKED_AT or hasattr(model, "history_object"):
            continue
        for field in model._meta.concrete_fields:
            if field.is_relation or field.primary_key:
                continue
            named = field.name in ("key", "about") or field.name.endswith("_id")
            number = isinstance(field, models.BigIntegerField)
            if isinstance(field, models.JSONField) or named or number:
                found.add(f"{model._meta.label_lower}.{field.name}")
    return found


def declared() -> set[str]:
    return {one.key for one in generic_references if one.key.split(".")[0] in LOOKED_AT}


def test_every_column_that_may_name_a_record_is_declared() -> None:
    """A new one: does it name a person, organisation or project? Then declare it with ``generic_references``."""
    assert suspicious() - declared() == set(NO_RECORD)


@pytest.mark.parametrize("reference", list(generic_references), ids=lambda one: one.key)
def test_what_is_declared_is_there_and_says_what_becomes_of_it(reference: Any) -> None:
    assert bool(reference.why) != bool(reference.label_column)
    assert reference.model is not None
    assert reference.model._meta.get_field(reference.column)
