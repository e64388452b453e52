"""AMY's people, organisations, consents, roles and comments become the register's, again and again while both run."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from folkmoot.kernel.imports import actions, review
from folkmoot.kernel.imports.models import ImportRun, SeenRecord
from folkmoot.kernel.imports.sources import sources
from folkmoot.kernel.jobs.runner import run_in_foreground
from folkmoot.people.actions.merging.engine import merge_people
from folkmoot.people.models import (
    Affiliation,
    Consent,
    ConsentKind,
    ConsentText,
    Identity,
    Note,
    Organization,
    Person,
    PersonCandidate,
    RoleKind,
    SourceRecord,
    Tag,
    Term,
)
from folkmoot.people.public import amy_models, amy_organizations, amy_people
from folkmoot.people.queries.consents import consents_of
from folkmoot.people.seeds import load as load_roles
from folkmoot.people.seeds.consents import load_consents
from tests.amy import dump
from tests.amy.dump import Made, changed
from tests.people.importing import applied, created, rejections, undone, updated

pytestmark = pytest.mark.django_db
UTC = dt.UTC


@pytest.fixture(autouse=True)
def _data(tmp_path: Path, settings: Any) -> None:
    settings.DATA_DIR = tmp_path / "data"


@pytest.fixture
def amy(tmp_path: Path) -> Any:
    """Import these things of AMY."""

    def bring(*things: Made, **options: Any) -> ImportRun:
        return applied("amy", dump.write(tmp_path / "amy.json", things), **options)

    return bring


def load_seeds() -> None:
    load_roles()
    load_consents()


#: What the area of training reads of people.
TRAINING = ("airport_iata", "airport_country", "airport_lat", "airport_lon", "languages", "lessons")


def notes(run: ImportRun) -> list[str]:
    """What was told of how the dump was read, but for columns that the area of training looks after."""
    said = run.options.get("notes") or []
    return [
        note for note in said if not note.startswith(tuple(f"workshops.person.{name}:" for name in TRAINING))
    ]


def nothing_changed(run: ImportRun) -> None:
    assert created(run) == {}
    assert updated(run) == {}
    assert rejections(run) == []


def test_a_person_in_full(amy: Any) -> None:
    run = amy(
        dump.knowledge_domain(1), dump.person(1, domains=[1], orcid="https://orcid.org/0000-0002-1825-0097")
    )
    assert rejections(run) == []
    assert notes(run) == []
    ana = Person.objects.get()
    assert (ana.name, ana.sort_name) == ("Grace Amaru Quispe1", "Quispe1, Grace Amaru")
    assert (ana.country, ana.time_zone, ana.website) == ("PE", "America/Lima", "https://grace1.example.org")
    assert (ana.joined_on, ana.archived_at) == (dt.date(2021, 3, 4), None)
    assert sorted(ana.identities.values_list("system", "value", "is_verified")) == [
        ("bluesky", "grace1.bsky.example", False),
        ("email", "grace1@example.org", False),
        ("email", "grace1@home.example.org", False),
        ("github", "grace-q1", False),
        ("mastodon", "@grace1@social.example", False),
        ("orcid", "0000-0002-1825-0097", False),
        ("x", "grace_q1", False),
    ]
    assert list(Affiliation.objects.values_list("organization__name", "title")) == [
        ("Harbour Lab", "Research engineer")
    ]
    assert list(Note.objects.values_list("person__name", "body")) == [("Grace Amaru Quispe1", "I like soil.")]
    assert list(ana.tags.values_list("facet", "name")) == [("domain", "Earth sciences")]
    kept = SourceRecord.objects.get().payload
    assert (kept["username"], kept["gender"]) == ("quispe1_grace", "F")
    assert "password" not in kept
    assert "last_login" not in kept
    assert amy_people([1, "1", None, 2]) == {"1": ana.pk}


def test_everything_of_the_register_and_nothing_the_second_time(amy: Any) -> None:
    load_seeds()
    run = amy(*dump.register())
    assert rejections(run) == []
    assert notes(run) == []
    assert created(run) == {
        "people": 1,
        "identities": 6,
        "organizations": 2,
        "domains": 1,
        "affiliations": 1,
        "tags": 1,
        "records": 2,
        "notes": 3,
        "consent_texts": 2,
        "consents": 1,
        "terms": 1,
        "teaching_profiles": 1,
    }
    nothing_changed(amy(*dump.register()))


def test_what_amy_changed_is_taken_and_what_was_edited_here_stays(amy: Any) -> None:
    amy(dump.person(1), dump.organization(1))
    Person.objects.update(country="BO")
    Note.objects.update(body="I like soil and rivers.")
    run = amy(
        dump.person(1, country="PE", url="https://new.example.org", occupation="Professor"),
        dump.organization(1, fullname="University of the Harbour", country="CL"),
    )
    assert rejections(run) == []
    ana = Person.objects.get()
    assert (ana.country, ana.website) == ("BO", "https://new.example.org")
    assert Note.objects.get().body == "I like soil and rivers."
    assert Affiliation.objects.get().title == "Professor"
    home = Organization.objects.get(pk=amy_organizations([1])["1"])
    assert (home.name, home.folded, home.country) == (
        "University of the Harbour",
        "university of the harbour",
        "CL",
    )
    assert updated(run) == {"people": 1, "organizations": 1, "affiliations": 1, "records": 2}


def test_what_both_changed_stays_and_is_listed_with_file_line_and_column(amy: Any) -> None:
    amy(dump.person(1))
    Person.objects.update(country="BO")
    Note.objects.update(body="Ours.")
    run = amy(dump.person(1, country="CL", user_notes="Theirs."))
    assert (Person.objects.get().country, Note.objects.get().body) == ("BO", "Ours.")
    assert [row[:3] for row in rejections(run)] == [("amy.json", 2, "country"), ("amy.json", 2, "user_notes")]
    nothing_changed(amy(dump.person(1, country="CL", user_notes="Theirs.")))


def test_who_was_removed_here_stays_removed(amy: Any) -> None:
    things = dump.register()
    amy(*things)
    Term.objects.all().delete()
    Note.objects.all().delete()
    amy(*things)
    assert (Term.objects.count(), Note.objects.count()) == (0, 0)
    person = Person.objects.get()
    person.identities.all().delete()
    person.delete()
    Organization.objects.get(pk=amy_organizations([1])["1"]).delete()
    run = amy(*things)
    assert (
        Person.objects.count(),
        Organization.objects.filter(name__startswith="Harbour University").count(),
    ) == (0, 0)
    assert created(run) == {}
    gone = set(SeenRecord.objects.filter(is_gone=True).values_list("key", flat=True))
    assert {"workshops.person/1", "workshops.organization/1", "communityroles.communityrole/1"} <= gone
    amy(*things)
    assert Person.objects.count() == 0


def test_undo_takes_everything_back_and_then_it_can_come_again(amy: Any) -> None:
    load_seeds()
    kinds, roles, texts = (model.objects.count() for model in (ConsentKind, RoleKind, ConsentText))
    run = amy(*dump.register())
    later = amy(
        *[
            changed(one, country="CL") if one["model"] == "workshops.person" else one
            for one in dump.register()
        ]
    )
    undone(later)
    assert Person.objects.get().country == "PE"
    undone(run)
    left = [
        model.objects.count()
        for model in (Person, Identity, Organization, Note, Term, Consent, SourceRecord, SeenRecord, Tag)
    ]
    assert left == [0] * 9
    assert [model.objects.count() for model in (ConsentKind, RoleKind, ConsentText)] == [kinds, roles, texts]
    assert created(amy(*dump.register()))["people"] == 1


def test_somebody_who_is_here_is_found_by_what_proves_it_and_filled(amy: Any) -> None:
    ana = Person.objects.create(name="Grace Quispe1", country="BO")
    Identity.objects.create(person=ana, system="github", value="Grace-Q1")
    amy(dump.person(1))
    ana.refresh_from_db()
    assert Person.objects.count() == 1
    assert (ana.name, ana.country, ana.time_zone) == ("Grace Quispe1", "BO", "America/Lima")


def test_a_preview_shows_who_looks_like_somebody_and_what_is_chosen_holds(tmp_path: Path) -> None:
    ana = Person.objects.create(name="Grace Amaru Quispe1", country="PE")
    Identity.objects.create(person=ana, system="x", value="grace_q1")
    path = dump.write(tmp_path / "amy.json", [dump.person(1)])
    run, _again = actions.start(source=sources.get("amy"), path=path, actor=None, hold=True)
    assert run.job is not None
    run_in_foreground(run.job)
    shown = review.alike_of(run).get()
    assert (shown.line, shown.payload["label"]) == (2, "Grace Amaru Quispe1")
    assert [one["choice"] for one in shown.payload["candidates"]] == [str(ana.pk)]
    assert Person.objects.count() == 1
    run.refresh_from_db()
    actions.choose(run=run, rows=[shown.pk], choice="first", actor=None)
    run = actions.confirm(run=run, actor=None, hold=True)
    assert run.job is not None
    run_in_foreground(run.job)
    assert amy_people([1]) == {"1": ana.pk}
    assert Person.objects.count() == 1


def test_a_login_that_belongs_to_somebody_of_another_name_is_listed(amy: Any) -> None:
    other = Person.objects.create(name="Tomas Lind")
    Identity.objects.create(person=other, system="github", value="grace-q1")
    run = amy(dump.person(1), dump.consent(1), dump.term(1), dump.term_option(1))
    assert [row[2] for row in rejections(run)] == ["github", "person"]
    assert Person.objects.count() == 1


def test_two_of_amys_people_who_are_one_here_stay_one(amy: Any) -> None:
    two = [dump.person(1), dump.person(2, secondary_email="", user_notes="")]
    amy(*two)
    one, other = Person.objects.order_by("pk")
    merge_people(survivor=one, gone=other, actor=None)
    assert amy_people([1, 2]) == {"1": one.pk, "2": one.pk}
    nothing_changed(amy(*two))
    run = amy(two[0], changed(two[1], mastodon="https://social.example/@other"))
    assert Person.objects.count() == 1
    assert rejections(run) == []
    assert set(Identity.objects.filter(system="mastodon").values_list("value", flat=True)) == {
        "@grace1@social.example",
        "@grace2@social.example",
        "@other@social.example",
    }


def test_an_address_that_amy_gives_to_somebody_else_moves_nobody(amy: Any) -> None:
    amy(dump.person(1), dump.person(2))
    run = amy(dump.person(1, secondary_email="grace2@example.org", github=""), dump.person(2))
    assert amy_people([1, 2]).keys() == {"1", "2"}
    assert len(set(amy_people([1, 2]).values())) == 2
    assert [row[2] for row in rejections(run)] == ["secondary_email"]


def test_values_that_are_none_are_listed_and_the_person_is_kept(amy: Any) -> None:
    run = amy(
        dump.person(
            1, email="not an address", github="a b", orcid="0000-0002-1825-0098", country="QQ", url="x y"
        ),
        dump.person(2, personal=" ", middle="", family=""),
    )
    assert [(row[1], row[2]) for row in rejections(run)] == [
        (2, "country"),
        (2, "email"),
        (2, "github"),
        (2, "orcid"),
        (2, "url"),
        (48, "personal"),
    ]
    assert Person.objects.get().name == "Grace Amaru Quispe1"


def test_fields_of_work_that_have_no_name_in_the_dump_are_listed(amy: Any) -> None:
    run = amy(dump.person(1, domains=[1]))
    assert [row[2] for row in rejections(run)] == ["domains"]
    assert not Tag.objects.exists()


def test_archived_people_are_archived_here(amy: Any) -> None:
    amy(dump.person(1))
    amy(dump.person(1, archived_at="2024-05-05T01:02:03Z"))
    assert Person.objects.get().archived_at == dt.datetime(2024, 5, 5, 1, 2, 3, tzinfo=UTC)


def test_a_dump_with_natural_keys_is_the_same_people(amy: Any) -> None:
    things = dump.register()
    amy(*things)
    nothing_changed(
        amy(*[changed(one, person=["quispe1_grace"]) if "person" in one["fields"] else one for one in things])
    )


def test_who_are_two_of_one_name_stays_decided(amy: Any) -> None:
    looked = {"family": "Quispe", "duplication_reviewed_on": "2024-05-06T07:09:00Z"}
    things = [
        dump.person(1, **looked),
        dump.person(2, **looked),
        dump.person(3, **(looked | {"personal": "Quispe", "family": "Grace"})),
        dump.person(4, **(looked | {"last_updated_at": "2024-06-01T00:00:00Z"})),
        dump.person(5, family="Quispe"),
    ]
    amy(*things)
    who = amy_people([1, 2, 3])
    pairs = {(who["1"], who["2"]), (who["1"], who["3"]), (who["2"], who["3"])}
    assert set(PersonCandidate.objects.values_list("first", "second", "state")) == {
        (*sorted(pair), "different") for pair in pairs
    }
    nothing_changed(amy(*things))
    PersonCandidate.objects.all().delete()  # a person here thought better of it
    amy(*things)
    assert not PersonCandidate.objects.exists()


# -- organisations ---------------------------------------------------------------------------------------------------


def test_domains_of_organisations(amy: Any) -> None:
    run = amy(
        dump.organization(1),
        dump.organization(2, domain="self-organized", fullname="Self-organised"),
        dump.organization(
            3, domain="carpentries.example/community-lessons/", fullname="Lessons", country=None
        ),
        dump.organization(4, domain="gmail.com", fullname="Nobody's"),
        dump.organization(5, fullname="", domain=""),
    )
    assert list(Organization.objects.order_by("pk").values_list("name", "website", "country")) == [
        ("Harbour University 1", "https://harbour1.example", "PE"),
        ("Self-organised", "", "PE"),
        ("Lessons", "https://carpentries.example/community-lessons/", ""),
        ("Nobody's", "https://gmail.com", "PE"),
    ]
    assert [one.domain for home in Organization.objects.all() for one in home.domains.all()] == [
        "harbour1.example"
    ]
    assert [row[2] for row in rejections(run)] == ["domain", "fullname"]


# -- consents --------------------------------------------------------------------------------------------------------


def options() -> list[Made]:
    return [dump.term_option(1), dump.term_option(2, option_type="decline", content="No")]


def holds(slug: str = "contact") -> bool:
    person = Person.objects.get().pk
    return consents_of([person], [slug])[person][slug]


def test_the_history_of_a_consent(amy: Any) -> None:
    load_seeds()
    first = dump.consent(1, archived_at="2022-01-01T00:00:00Z")
    second = dump.consent(
        2, term_option=2, created_at="2022-01-01T00:00:01Z", archived_at="2023-01-01T00:00:00Z"
    )
    third = dump.consent(3, created_at="2023-01-01T00:00:01Z")
    base = [dump.person(1), dump.term(1), *options()]
    amy(*base, first, second, third)
    said = list(
        Consent.objects.order_by("decided_at", "pk").values_list("is_given", "decided_at__year", "note")
    )
    assert said == [
        (True, 2021, "profile in AMY: Yes"),
        (False, 2022, "archived in AMY: it was asked anew, or reset"),
        (False, 2022, "profile in AMY: No"),
        (True, 2023, "profile in AMY: Yes"),
    ]
    assert holds()
    newest = Consent.objects.order_by("decided_at").last()
    assert newest is not None
    assert newest.text is not None
    assert newest.text.text == "May we write to you?"
    # reset in AMY: an unanswered row follows, and nobody may be written to
    run = amy(
        *base,
        first,
        second,
        changed(third, archived_at="2024-01-01T00:00:00Z"),
        dump.consent(4, term_option=None),
    )
    assert not holds()
    assert created(run) == {"consents": 1}
    assert notes(run) == ["1 consent was never answered: left out."]


def test_terms_are_kinds_and_new_words_a_new_version(amy: Any) -> None:
    load_seeds()
    before = ConsentKind.objects.count()
    privacy = dump.term(
        2, slug="privacy-policy", short_description="Privacy policy", training_request_content=""
    )
    amy(dump.term(1), privacy)
    assert ConsentKind.objects.count() == before + 1
    contact = ConsentKind.objects.get(slug="contact")
    assert (contact.name, contact.archived_at) == ("Being written to", None)
    assert list(contact.texts.filter(language="en").order_by("version").values_list("version", "text"))[
        1:
    ] == [
        (2, "May we write to you about your application?"),
        (3, "May we write to you?"),
    ]
    run = amy(
        dump.term(1, content="May we write to you, once a month?", archived_at="2024-01-01T00:00:00Z"),
        privacy,
    )
    assert created(run) == {"consent_texts": 1}
    contact.refresh_from_db()
    assert contact.archived_at is None  # ours goes on
    assert contact.texts.latest("version").text == "May we write to you, once a month?"


def test_a_persons_own_word_here_stands(amy: Any) -> None:
    load_seeds()
    base = [dump.person(1), dump.term(1), *options()]
    amy(*base)
    Consent.objects.create(
        person=Person.objects.get(), kind=ConsentKind.objects.get(slug="contact"), is_given=False, source="unsubscribe",
        decided_at=dt.datetime(2023, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    run = amy(*base, dump.consent(1), dump.consent(2, created_at="2024-01-01T00:00:00Z"))
    assert not holds()
    assert [(row[2], row[3]) for row in rejections(run)] == [
        ("term_option", "the person has said so themselves since: their own word stands")
    ]
    assert created(run)["consents"] == 1


def test_consents_on_applications_are_their_persons(amy: Any) -> None:
    load_seeds()

    def request(pk: int, person: int | None) -> Made:
        return {"model": "workshops.trainingrequest", "pk": pk, "fields": {"person": person}}

    run = amy(
        dump.person(1), dump.term(1), *options(), request(5, 1), request(6, None),
        dump.request_consent(1, training_request=5), dump.request_consent(2, training_request=6),
    )  # fmt: skip
    assert list(Consent.objects.values_list("note", "text__text")) == [
        ("training application 5: Yes", "May we write to you about your application?")
    ]
    assert "1 consent on a training application that nobody was matched to stays with AMY." in notes(run)


def test_answers_nobody_can_understand_are_listed(amy: Any) -> None:
    run = amy(
        dump.person(1), dump.term(1), *options(), dump.consent(1, term_option=9), dump.consent(2, created_at="soon"),
        dump.consent(3, person=77), dump.consent(4, term=77),
    )  # fmt: skip
    assert sorted(row[2] for row in rejections(run)) == ["created_at", "person", "term", "term_option"]


# -- roles -----------------------------------------------------------------------------------------------------------


def test_roles_are_terms_with_a_note(amy: Any) -> None:
    load_seeds()
    base = [dump.person(1, user_notes=""), dump.role_config(1), dump.role_inactivation(1)]
    amy(*base, dump.role(1))
    term = Term.objects.get()
    assert (term.role_kind.slug, term.started_on, term.ended_on) == ("maintainer", dt.date(2022, 1, 1), None)
    assert Note.objects.get().body == (
        "Maintainer (2022-01-01 – …): https://lessons.example.org/soil; Lesson: Soil with Python"
    )
    run = amy(*base, dump.role(1, end="2023-06-30", inactivation=1))
    assert updated(run) == {"terms": 1, "notes": 1}
    assert Term.objects.get().ended_on == dt.date(2023, 6, 30)
    assert Note.objects.get().body.startswith("Maintainer (2022-01-01 – 2023-06-30): End of term; https://")
    amy(*base, dump.role(1))  # it goes on after all
    assert Term.objects.get().ended_on is None


def test_the_same_role_from_the_same_day_is_one_term(amy: Any) -> None:
    things = [
        dump.person(1),
        dump.role_config(1),
        dump.role(1),
        dump.role(2, url="https://lessons.example.org/rivers"),
    ]
    run = amy(*things)
    assert rejections(run) == []
    assert Term.objects.count() == 1
    nothing_changed(amy(*things))
    assert Note.objects.filter(body__contains="rivers").count() == 1


def test_roles_that_are_here_already_are_found(amy: Any) -> None:
    load_seeds()
    amy(dump.person(1))
    kind = RoleKind.objects.get(slug="maintainer")
    Term.objects.create(person=Person.objects.get(), role_kind=kind, started_on=dt.date(2022, 1, 1))
    amy(dump.person(1), dump.role_config(1), dump.role(1, end="2023-01-01"))
    assert list(Term.objects.values_list("ended_on", "source")) == [(dt.date(2023, 1, 1), "folkmoot")]


def test_roles_with_days_in_the_wrong_order_are_listed(amy: Any) -> None:
    run = amy(
        dump.person(1), dump.role_config(1), dump.role_config(2, name="見", display_name="見"),
        dump.role(1, end="2021-01-01"), dump.role(2, start="soon"), dump.role(3, person=9), dump.role(4, config=2),
    )  # fmt: skip
    assert sorted(row[2] for row in rejections(run)) == ["config", "end", "name", "person", "start"]


# -- comments --------------------------------------------------------------------------------------------------------


def test_comments_are_notes(amy: Any) -> None:
    run = amy(
        dump.person(1, user_notes=""),
        dump.organization(1),
        dump.comment(1),
        dump.comment(2, content_type=["workshops", "organization"], comment="Pays late.", user_name=""),
        dump.comment(3, content_type=["workshops", "event"]),
        dump.comment(4, is_removed=True),
        dump.comment(5, object_pk="9"),
        dump.comment(6, content_type=17),
    )
    assert list(Note.objects.order_by("pk").values_list("body", "person__name", "organization__name")) == [
        ("Met at the **harbour** meeting.\n\n— Ola Berg", "Grace Amaru Quispe1", None),
        ("Pays late.", None, "Harbour University 1"),
    ]
    assert Note.objects.order_by("pk")[0].created_at == dt.datetime(2023, 2, 3, 4, 5, 6, tzinfo=UTC)
    # the third is on an event that the dump does not hold
    assert sorted(row[2] for row in rejections(run)) == ["content_type", "object_pk", "object_pk"]


# -- what nobody declared --------------------------------------------------------------------------------------------


def test_what_is_not_known_is_told_by_name_and_number(amy: Any) -> None:
    person = dump.person(1)
    person["fields"]["shoe_size"] = 41
    run = amy(
        person,
        dump.person(2),
        {"model": "workshops.novelty", "pk": 1, "fields": {}},
        {"model": "workshops.novelty", "pk": 2, "fields": {}},
        {"model": "sessions.session", "pk": "abc", "fields": {"session_data": "x"}},
    )
    assert notes(run) == [
        "workshops.novelty: 2 records of a kind that is not known here: they were not read.",
        "workshops.person.shoe_size: 1 value in a column that is not known here.",
    ]


def test_every_model_and_column_of_the_register_is_declared() -> None:
    missing = [
        f"{one['model']}.{name}"
        for one in [*dump.register(), dump.request_consent(1)]
        for name in one["fields"]
        if not amy_models.knows(one["model"], name)
    ]
    assert {name for name in missing if name.rpartition(".")[2] not in TRAINING} == set()
