"""Entries that name another record follow it when it gets another name, is merged, taken apart again or deleted."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.imports.signals import rows_changed
from folkmoot.kernel.jobs.context import JobContext, JobReleased
from folkmoot.kernel.jobs.models import Job
from folkmoot.kernel.jobs.runner import run_in_foreground
from folkmoot.kernel.search import jobs, naming
from folkmoot.kernel.search.find import search
from folkmoot.kernel.search.kinds import SearchKind, search_kinds
from folkmoot.people.actions import edit_organization, edit_person, edit_project, rename_tag
from folkmoot.people.actions.merging import merge_organizations, merge_people, merge_projects, unmerge
from folkmoot.people.models import Affiliation, Organization, Person
from folkmoot.training.models import TaskKind
from tests.factories import (
    AgreementFactory,
    AssignmentFactory,
    CampaignFactory,
    EventFactory,
    IdentityFactory,
    OrganizationFactory,
    PersonFactory,
    PostFactory,
    ProjectFactory,
    ProposalFactory,
    SubmissionFactory,
    TagFactory,
    TaskFactory,
    TaskKindFactory,
    UnconferenceFactory,
)
from tests.people.importing import applied, undone

pytestmark = pytest.mark.django_db

#: What documents read beside what is declared, and why nothing has to be: by kind and table.
SEEN_TO = {
    ("agreement", "training_contactrole"): "only the order of contacts comes from it",
    ("post", "publishing_part"): "a text that changes is told by save_variant()",
    ("proposal", "training_unconference"): "joins the event, and never goes to another one",
    ("request", "training_formversion"): "what was asked then never changes",
}


def at(organization: Organization, count: int = 1) -> list[Person]:
    people = [PersonFactory() for _n in range(count)]
    for person in people:
        Affiliation.objects.create(person=person, organization=organization)
    return people


def found(text: str, user: User, kind: str = "person") -> list[int]:
    return sorted(hit.id for hit in search(text, user, [kind], limit=500))


def numbers(rows: list[Any]) -> list[int]:
    return sorted(row.pk for row in rows)


# -- what is declared ------------------------------------------------------------------------------------------------


def tables(kind: SearchKind) -> set[str]:
    with CaptureQueriesContext(connection) as asked:
        list(kind.documents([1]))
    return set(re.findall(r'(?:FROM|JOIN) "(\w+)"', " ".join(query["sql"] for query in asked)))


def declared(kind: SearchKind) -> set[str]:
    models: list[type[Model]] = [kind.model, *(follow.model for follow in kind.follows)]
    models += [naming.end_of(kind.model, one.path) for one in kind.names]
    return {model._meta.db_table for model in models}


def test_whatever_documents_read_is_followed_or_named() -> None:
    """A document that reads another table: declare it in ``follows`` or ``names``, or say here why it need not be."""
    seen = {(kind.key, table) for kind in search_kinds for table in tables(kind) - declared(kind)}
    assert seen == set(SEEN_TO)


def test_the_title_of_what_is_named_is_what_it_is_named_by() -> None:
    """A new name is noticed by the title of the record's own entry."""
    made = {
        "person": PersonFactory(name="Ana"),
        "organization": OrganizationFactory(name="Ana"),
        "project": ProjectFactory(name="Ana"),
        "event": EventFactory(title="Ana"),
        "campaign": CampaignFactory(name="Ana"),
    }
    named = {
        kind.key
        for kind in search_kinds
        if any(
            issubclass(kind.model, end)
            for end in {naming.end_of(k.model, n.path) for k in search_kinds for n in k.names}
        )
    }
    assert named == set(made)
    titles = {key: [d.title for d in search_kinds.get(key).documents([row.pk])] for key, row in made.items()}
    assert titles == {key: ["Ana"] for key in made}


# -- another name ----------------------------------------------------------------------------------------------------


def test_people_are_found_by_the_new_name_of_their_organisation(alice: User) -> None:
    home = OrganizationFactory(name="Quagga College")
    people = at(home, 2)
    at(OrganizationFactory(name="Elsewhere"))
    assert found("quagga", alice) == numbers(people)
    edit_organization(organization=home, actor=alice, name="Zebra College")
    assert (found("quagga", alice), found("zebra", alice)) == ([], numbers(people))


def test_events_and_agreements_too(alice: User) -> None:
    host = OrganizationFactory(name="Quagga College")
    events = [EventFactory(host=host), EventFactory(organizer=host)]
    agreement = AgreementFactory(organization=host)
    edit_organization(organization=host, actor=alice, name="Zebra College")
    assert (found("quagga", alice, "event"), found("zebra", alice, "event")) == ([], numbers(events))
    hits = [(hit.id, hit.title) for hit in search("college", alice, ["agreement"])]
    assert hits == [(agreement.pk, "Zebra College")]


def test_submissions_are_found_by_the_new_names_of_project_and_people(alice: User) -> None:
    project, person = ProjectFactory(name="quagga"), PersonFactory(name="Okapi")
    submission = SubmissionFactory(title="Stripes", project=project)
    AssignmentFactory(submission=submission, person=person)
    edit_project(project=project, actor=alice, name="zebra")
    edit_person(person=person, actor=alice, name="Giraffe")
    words = ("quagga", "okapi", "zebra", "giraffe")
    assert [found(word, alice, "submission") for word in words] == [[], [], [submission.pk], [submission.pk]]


def test_proposals_are_found_by_the_new_names_of_event_and_leader(alice: User) -> None:
    event, leader = EventFactory(title="Quagga"), PersonFactory(name="Okapi")
    row = ProposalFactory(unconference=UnconferenceFactory(event=event), leader=leader)
    event.title = "Zebra"
    event.save()
    edit_person(person=leader, actor=alice, name="Giraffe")
    words = ("quagga", "okapi", "zebra", "giraffe")
    assert [found(word, alice, "proposal") for word in words] == [[], [], [row.pk], [row.pk]]


def test_a_tag_is_named_by_records_of_many_kinds(alice: User) -> None:
    tag = TagFactory(name="quagga")
    made = {
        "person": PersonFactory(), "organization": OrganizationFactory(), "project": ProjectFactory(),
        "submission": SubmissionFactory(), "event": EventFactory(), "post": PostFactory(),
        "campaign": CampaignFactory(),
    }  # fmt: skip
    nothing: dict[str, list[int]] = {key: [] for key in made}
    for row in made.values():
        row.tags.add(tag)
    assert {key: found("quagga", alice, key) for key in made} == {key: [row.pk] for key, row in made.items()}
    rename_tag(tag=tag, actor=alice, name="zebra")
    assert {key: found("quagga", alice, key) for key in made} == nothing
    assert {key: found("zebra", alice, key) for key in made} == {key: [row.pk] for key, row in made.items()}
    tag.delete()
    assert {key: found("zebra", alice, key) for key in made} == nothing


def test_what_named_a_deleted_record_and_stays_names_it_no_more(alice: User) -> None:
    campaign = CampaignFactory(name="Quagga")
    post = PostFactory(campaign=campaign)
    assert found("quagga", alice, "post") == [post.pk]
    campaign.delete()
    assert found("quagga", alice, "post") == []


def test_statements_that_send_no_signal_are_told_as_imports_tell_them(alice: User) -> None:
    home, tag = OrganizationFactory(name="Quagga College"), TagFactory(name="okapi")
    people = at(home)
    people[0].tags.add(tag)
    Organization.objects.filter(pk=home.pk).update(name="Zebra College")
    type(tag).objects.filter(pk=tag.pk).update(name="giraffe")
    for row in (home, tag):
        rows_changed.send(sender=None, model=type(row), ids=[row.pk], done={})
    words = ("quagga", "okapi", "zebra", "giraffe")
    assert [found(word, alice) for word in words] == [[], [], numbers(people), numbers(people)]


def test_an_affiliation_that_an_import_made_is_forgotten_with_it(alice: User, tmp_path: Path) -> None:
    person = PersonFactory(name="Ana")
    IdentityFactory(person=person, system="github", value="ana")
    path = tmp_path / "people.csv"
    path.write_text("Full name,GitHub username,Affiliation\nAna,ana,Quagga College\n", encoding="utf-8")
    run = applied("people.csv", path)
    assert found("quagga", alice) == [person.pk]
    undone(run)
    assert (Affiliation.objects.count(), found("quagga", alice)) == (0, [])


# -- merging ---------------------------------------------------------------------------------------------------------


def test_merged_under_the_name_of_the_one_that_goes_and_taken_back(alice: User) -> None:
    one, other = OrganizationFactory(name="Quagga College"), OrganizationFactory(name="Zebra College")
    [ana], [ben] = at(one), at(other)
    merge = merge_organizations(survivor=one, gone=other, choices={"name": "gone"}, actor=alice)
    assert (found("quagga", alice), found("zebra", alice)) == ([], numbers([ana, ben]))
    unmerge(merge=merge, actor=alice)
    assert (found("quagga", alice), found("zebra", alice)) == ([ana.pk], [ben.pk])


def test_an_affiliation_that_stood_at_both_names_only_the_one_that_stays(alice: User) -> None:
    one, other = OrganizationFactory(name="Quagga College"), OrganizationFactory(name="Zebra College")
    [ana] = at(one)
    Affiliation.objects.create(person=ana, organization=other)
    merge = merge_organizations(survivor=one, gone=other, actor=alice)
    assert (found("quagga", alice), found("zebra", alice)) == ([ana.pk], [])
    unmerge(merge=merge, actor=alice)
    assert (found("quagga", alice), found("zebra", alice)) == ([ana.pk], [ana.pk])


def test_merged_projects_and_people(alice: User) -> None:
    one, other = ProjectFactory(name="quagga"), ProjectFactory(name="zebra")
    submission = SubmissionFactory(title="Stripes", project=one)
    event = EventFactory()
    ana, ben = PersonFactory(name="Okapi"), PersonFactory(name="Giraffe")
    TaskFactory(event=event, person=ana, kind=TaskKindFactory(does=TaskKind.Does.TEACHES))
    merges = [
        merge_projects(survivor=one, gone=other, choices={"name": "gone"}, actor=alice),
        merge_people(survivor=ana, gone=ben, choices={"name": "gone"}, actor=alice),
    ]
    assert (found("quagga", alice, "submission"), found("zebra", alice, "submission")) == (
        [],
        [submission.pk],
    )
    assert (found("okapi", alice, "event"), found("giraffe", alice, "event")) == ([], [event.pk])
    for merge in merges:
        unmerge(merge=merge, actor=alice)
    assert (found("quagga", alice, "submission"), found("zebra", alice, "submission")) == (
        [submission.pk],
        [],
    )
    assert (found("okapi", alice, "event"), found("giraffe", alice, "event")) == ([event.pk], [])


# -- many ------------------------------------------------------------------------------------------------------------


def test_many_follow_by_a_job(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(naming, "AT_ONCE", 3)
    home = OrganizationFactory(name="Quagga College")
    people = at(home, 4)
    edit_organization(organization=home, actor=alice, name="Zebra College")
    job = Job.objects.get()
    assert (job.kind, job.arguments) == (
        "search.names",
        {"model": "people.organization", "ids": [home.pk]},
    )
    assert (found("quagga", alice), found("zebra", alice)) == (numbers(people), [])
    assert run_in_foreground(job).outcome == {"changed": 4}
    assert (found("quagga", alice), found("zebra", alice)) == ([], numbers(people))


def test_three_still_follow_at_once(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(naming, "AT_ONCE", 3)
    home = OrganizationFactory(name="Quagga College")
    people = at(home, 3)
    edit_organization(organization=home, actor=alice, name="Zebra College")
    assert (Job.objects.count(), found("zebra", alice)) == (0, numbers(people))


def test_the_job_goes_on_where_it_was_and_twice_changes_nothing(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(naming, "AT_ONCE", 1)
    monkeypatch.setattr(jobs, "BATCH", 2)
    home = OrganizationFactory(name="Quagga College")
    people, events = at(home, 5), [EventFactory(host=home) for _n in range(3)]
    edit_organization(organization=home, actor=alice, name="Zebra College")
    cursors: list[Any] = []

    class Killed(JobContext):
        def checkpoint(self, cursor: Any, **more: Any) -> None:
            cursors.append(cursor)
            if len(cursors) == 3:
                raise JobReleased
            super().checkpoint(cursor, **more)

    job = Job.objects.get()
    Job.objects.filter(pk=job.pk).update(state="running")
    with pytest.raises(JobReleased):
        jobs.run_names(Killed(Job.objects.get()))
    assert found("zebra", alice) == numbers(people[:4])
    assert jobs.run_names(JobContext(Job.objects.get())) == {"changed": 8}
    assert (found("zebra", alice), found("zebra", alice, "event")) == (numbers(people), numbers(events))
    Job.objects.update(cursor=None)
    assert jobs.run_names(JobContext(Job.objects.get())) == {"changed": 0}


def test_a_deleted_record_that_many_named_makes_their_kind_anew(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(naming, "AT_ONCE", 1)
    tag = TagFactory(name="quagga")
    people, project = [PersonFactory(), PersonFactory()], ProjectFactory()
    for row in (*people, project):
        row.tags.add(tag)
    tag.delete()
    job = Job.objects.get()
    assert (job.kind, job.arguments) == ("search.rebuild", {"kind": "person"})
    assert found("quagga", alice, "project") == []
    run_in_foreground(job)
    assert found("quagga", alice) == []


# -- what it costs ---------------------------------------------------------------------------------------------------


def renaming(home: Organization, name: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        home.name = name
        home.save()
    return len(asked)


def test_a_new_name_costs_the_same_for_one_and_for_many() -> None:
    small, large = OrganizationFactory(), OrganizationFactory()
    at(small), at(large, 60)
    assert (renaming(small, "Quagga"), renaming(large, "Zebra")) == (20, 20)


def test_more_than_a_hundred_cost_less_than_one() -> None:
    home = OrganizationFactory()
    at(home, naming.AT_ONCE + 1)
    assert renaming(home, "Zebra") == 16


def test_without_a_new_name_nobody_is_looked_up() -> None:
    home = OrganizationFactory(name="Quagga")
    at(home)
    home.website = "https://quagga.example"
    with CaptureQueriesContext(connection) as asked:
        home.save()
    assert [query["sql"] for query in asked if "people_affiliation" in query["sql"]] == []
