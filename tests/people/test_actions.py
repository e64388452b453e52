"""What people do to the register."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from folkmoot.kernel.accounts.models import User
from folkmoot.ledger.models import Activity
from folkmoot.people import actions
from folkmoot.people.actions import NewIdentity, Undo
from folkmoot.people.models import (
    Affiliation,
    Identity,
    Note,
    Organization,
    Person,
    Project,
    RoleKind,
    Tag,
    Term,
)
from tests.factories import (
    ActivityFactory,
    IdentityFactory,
    OrganizationFactory,
    PersonFactory,
    ProjectFactory,
    RoleKindFactory,
    TagFactory,
    TeamFactory,
    TermFactory,
)

pytestmark = pytest.mark.django_db

MAY = dt.date(2026, 5, 1)
JUNE = dt.date(2026, 6, 30)


def words(caught: pytest.ExceptionInfo[ValidationError]) -> dict[str, list[str]] | list[str]:
    error = caught.value
    return error.message_dict if hasattr(error, "error_dict") else error.messages


def person(alice: User, name: str = "Ana Lucía Pérez", **more: object) -> Person:
    return actions.add_person(actor=alice, name=name, **more)  # type: ignore[arg-type]


class TestPeople:
    def test_a_person_has_an_identity_from_the_first_moment(self, alice: User) -> None:
        ana = person(alice, name="  Ana\u200b  Lucía\nPérez\x00 ", pronouns="she/her", joined_on=MAY)
        ana.refresh_from_db()
        assert (ana.name, ana.sort_key, ana.pronouns, ana.joined_on) == (
            "Ana Lucía Pérez",
            "ana lucia perez",
            "she/her",
            MAY,
        )
        assert [i.system for i in ana.identities.all()] == ["folkmoot"]
        entry = ana.history.get()
        assert (entry.history_type, entry.history_user) == ("+", alice)

    def test_a_known_handle_stands_for_itself(self, alice: User) -> None:
        ana = person(
            alice,
            identities_known=[
                NewIdentity("github", "https://github.com/AnaPerez/"),
                NewIdentity("orcid", "https://orcid.org/0000-0002-1825-0097"),
                NewIdentity("email", "mailto:Ana@Example.org"),
                NewIdentity("mastodon", "https://Social.example/@ana"),
            ],
        )
        assert list(ana.identities.order_by("pk").values_list("system", "value", "folded")) == [
            ("github", "AnaPerez", "anaperez"),
            ("orcid", "0000-0002-1825-0097", "0000-0002-1825-0097"),
            ("email", "Ana@Example.org", "ana@example.org"),
            ("mastodon", "@ana@social.example", "@ana@social.example"),
        ]

    def test_a_form_sent_twice_makes_one_person(self, alice: User) -> None:
        assert person(alice, token="abc") == person(alice, token="abc")
        assert Person.objects.count() == 1

    def test_a_handle_belongs_to_one_person(self, alice: User) -> None:
        person(alice, identities_known=[NewIdentity("github", "anaperez")])
        with pytest.raises(ValidationError) as caught:
            person(alice, name="Another", identities_known=[NewIdentity("github", "@AnaPerez")])
        assert words(caught) == {"value": ["anaperez on GitHub is Ana Lucía Pérez already."]}
        assert Person.objects.count() == 1

    @pytest.mark.parametrize(
        ("system", "value", "said"),
        [
            (
                "orcid",
                "0000-0002-1825-0098",
                "A digit of this ORCID iD is wrong: the last one does not fit the others.",
            ),
            ("orcid", "12", "An ORCID iD has sixteen digits: 0000-0002-1825-0097."),
            ("email", "ana at example", "This is no e-mail address: name@example.org."),
            ("github", "ana perez", "A GitHub login has letters, digits and hyphens only."),
            ("mastodon", "ana", "A Mastodon handle has a name and a server: @ana@example.social."),
            ("github", " \x00 ", "Give the handle or address."),
        ],
    )
    def test_what_is_no_handle_is_said_in_words(
        self, alice: User, system: str, value: str, said: str
    ) -> None:
        with pytest.raises(ValidationError) as caught:
            person(alice, identities_known=[NewIdentity(system, value)])
        assert words(caught) == {"value": [said]}

    def test_wrong_fields_are_named(self, alice: User) -> None:
        with pytest.raises(ValidationError) as caught:
            person(alice, name="  ")
        assert list(caught.value.message_dict) == ["name"]
        with pytest.raises(ValidationError) as caught:
            person(alice, name="A" * 201, website="javascript:alert(1)")
        assert sorted(caught.value.message_dict) == ["name", "website"]
        with pytest.raises(ValidationError) as caught:
            person(alice, time_zone="Middle/Earth")
        assert words(caught) == {
            "time_zone": ["“Middle/Earth” is no time zone: choose one such as Europe/Berlin."]
        }

    def test_editing_keeps_what_was_and_who_did_it(self, alice: User) -> None:
        ana = person(alice)
        edited = actions.edit_person(person=ana, actor=alice, reason="she wrote", location="Bogotá")
        assert edited.location == "Bogotá"
        entry = ana.history.first()
        assert (entry.history_type, entry.history_user, entry.history_change_reason, entry.location) == (
            "~",
            alice,
            "she wrote",
            "Bogotá",
        )
        actions.edit_person(person=ana, actor=alice, location="Bogotá")
        assert ana.history.count() == 2

    def test_who_opened_the_form_earlier_is_told(self, alice: User, bob: User) -> None:
        ana = person(alice)
        seen = actions.current_version(ana)
        actions.edit_person(person=ana, actor=bob, seen=seen, location="Bogotá")
        with pytest.raises(actions.ChangedMeanwhile) as caught:
            actions.edit_person(person=ana, actor=alice, seen=seen, location="Cali")
        assert caught.value.messages[0].startswith("Bob Member saved this on ")
        ana.refresh_from_db()
        assert ana.location == "Bogotá"

    def test_archiving_and_back(self, alice: User) -> None:
        ana, ben = person(alice), person(alice, name="Ben")
        assert actions.archive_people(people=[ana.pk, ben.pk, 10**12], actor=alice) == [ana.pk, ben.pk]
        assert actions.archive_people(people=[ana.pk], actor=alice) == []
        assert Person.objects.filter(archived_at=None).count() == 0
        assert actions.unarchive_people(people=[ben.pk], actor=alice) == [ben.pk]
        assert list(Person.objects.filter(archived_at=None)) == [ben]
        assert ben.history.first().history_user == alice

    def test_a_mistaken_record_goes_and_comes_back(self, alice: User) -> None:
        ana = person(alice, identities_known=[NewIdentity("github", "ana")])
        seen_at = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
        Identity.objects.update(first_seen_at=seen_at)
        undo = actions.remove_person(person=ana, actor=alice)
        assert (Person.objects.count(), Identity.objects.count()) == (0, 0)
        actions.undo(what=Undo.from_json(undo.as_json()), actor=alice)
        back = Person.objects.get()
        assert (back.pk, back.name, back.sort_key) == (ana.pk, ana.name, ana.sort_key)
        assert back.identities.get().first_seen_at == seen_at

    def test_a_record_with_more_to_it_stays(self, alice: User) -> None:
        ana = person(alice)
        actions.add_note(about=ana, body="Knows Spanish", actor=alice)
        with pytest.raises(ValidationError) as caught:
            actions.remove_person(person=ana, actor=alice)
        assert words(caught) == [
            "Ana Lucía Pérez cannot be deleted, for there is more to it: 1 note. Archive the record instead."
        ]


class TestIdentities:
    def test_the_same_handle_again_is_the_same(self, alice: User) -> None:
        ana = person(alice)
        first = actions.add_identity(person=ana, new=NewIdentity("github", "Ana"), actor=alice)
        assert actions.add_identity(person=ana, new=NewIdentity("github", "ana"), actor=alice) == first

    def test_a_bot_is_marked(self, alice: User) -> None:
        login = IdentityFactory(value="robot[bot]")
        actions.edit_identity(identity=login, actor=alice, is_bot=True, is_verified=True)
        login.refresh_from_db()
        assert (login.is_bot, login.is_verified, login.history.first().history_user) == (True, True, alice)

    def test_a_corrected_handle_must_be_free(self, alice: User) -> None:
        IdentityFactory(value="taken", person__name="Ben")
        mine = IdentityFactory(value="mine")
        with pytest.raises(ValidationError) as caught:
            actions.edit_identity(identity=mine, actor=alice, value="Taken")
        assert words(caught) == {"value": ["taken on GitHub is Ben already."]}

    def test_the_last_one_stays(self, alice: User) -> None:
        only = IdentityFactory()
        with pytest.raises(ValidationError) as caught:
            actions.remove_identity(identity=only, actor=alice)
        assert words(caught) == ["A person keeps at least one handle or address. Add another one first."]

    def test_one_with_activity_stays(self, alice: User) -> None:
        login = IdentityFactory(value="ana")
        IdentityFactory(person=login.person)
        ActivityFactory(identity=login)
        with pytest.raises(ValidationError) as caught:
            actions.remove_identity(identity=login, actor=alice)
        assert words(caught) == ["ana stays: there is 1 activity under it."]

    def test_removal_is_undone(self, alice: User) -> None:
        login = IdentityFactory(value="Ana")
        IdentityFactory(person=login.person)
        undo = actions.remove_identity(identity=login, actor=alice)
        assert not Identity.objects.filter(pk=login.pk).exists()
        actions.undo(what=undo, actor=alice)
        actions.undo(what=undo, actor=alice)
        back = Identity.objects.get(pk=login.pk)
        assert (back.value, back.folded, back.person_id) == ("Ana", "ana", login.person_id)


class TestTerms:
    def test_a_term_starts_once_and_the_ledger_hears_of_it(self, alice: User) -> None:
        ana, editor, wave = (
            PersonFactory(),
            RoleKindFactory(name="Editor", slug="editor"),
            ProjectFactory(name="wavefold"),
        )
        first = actions.start_term(person=ana, role_kind=editor, project=wave, started_on=MAY, actor=alice)
        again = actions.start_term(person=ana, role_kind=editor, project=wave, started_on=MAY, actor=alice)
        assert first == again
        told = Activity.objects.get()
        assert (told.kind, told.identity.person, told.identity.system, told.project) == (
            "people.term_started",
            ana,
            "folkmoot",
            wave,
        )
        assert told.detail == {
            "term": first.pk,
            "role": "editor",
            "title": "Editor",
            "place": "wavefold",
            "by": "Alice Admin",
            "started_on": "2026-05-01",
            "ended_on": None,
        }

    def test_two_terms_of_one_role_share_no_day(self, alice: User) -> None:
        term = TermFactory(started_on=MAY, ended_on=JUNE, person__name="Ana")
        with pytest.raises(ValidationError) as caught:
            actions.start_term(person=term.person, role_kind=term.role_kind, started_on=JUNE, actor=alice)
        assert words(caught) == {
            "role_kind": [
                "Ana has this role already, from 1 May 2026 to 30 June 2026. Edit that term, or choose other days."
            ]
        }
        actions.start_term(
            person=term.person, role_kind=term.role_kind, started_on=JUNE + dt.timedelta(1), actor=alice
        )
        assert Term.objects.count() == 2

    def test_days_the_wrong_way_round(self, alice: User) -> None:
        with pytest.raises(ValidationError) as caught:
            actions.start_term(
                person=PersonFactory(name="Ana"),
                role_kind=RoleKindFactory(name="Editor"),
                started_on=JUNE,
                ended_on=MAY,
                actor=alice,
            )
        assert words(caught) == {
            "ended_on": [
                "“Ana: Editor” would end on 1 May 2026 and begin on 30 June 2026: choose a later last day, or an "
                "earlier first one."
            ]
        }

    def test_in_a_project_or_in_a_team(self, alice: User) -> None:
        with pytest.raises(ValidationError) as caught:
            actions.start_term(
                person=PersonFactory(),
                role_kind=RoleKindFactory(),
                project=ProjectFactory(),
                team=TeamFactory(),
                actor=alice,
            )
        assert words(caught) == {"team": ["A role is held in a project or in a team, not in both."]}

    def test_ending_renewing_and_the_undo(self, alice: User) -> None:
        term = TermFactory(started_on=MAY)
        actions.end_term(term=term, on=JUNE, actor=alice)
        undo = actions.last_change(term)
        actions.end_term(term=term, on=JUNE, actor=alice)
        term.refresh_from_db()
        assert term.ended_on == JUNE
        actions.undo(what=undo, actor=alice)
        term.refresh_from_db()
        assert term.ended_on is None
        actions.end_term(term=term, on=JUNE, actor=alice)
        actions.renew_term(term=term, until=dt.date(2027, 6, 30), actor=alice)
        with pytest.raises(ValidationError) as caught:
            actions.renew_term(term=term, until=JUNE, actor=alice)
        assert words(caught) == {"ended_on": ["Choose a day after 30 June 2027, when it ends now."]}
        assert list(Activity.objects.order_by("pk").values_list("kind", flat=True)) == [
            "people.term_ended",
            "people.term_corrected",
            "people.term_ended",
            "people.term_renewed",
        ]

    def test_what_was_changed_since_is_not_undone(self, alice: User) -> None:
        term = TermFactory(started_on=MAY)
        actions.end_term(term=term, on=JUNE, actor=alice)
        undo = actions.last_change(term)
        actions.edit_term(term=term, actor=alice, started_on=dt.date(2026, 4, 1))
        with pytest.raises(ValidationError) as caught:
            actions.undo(what=undo, actor=alice)
        assert words(caught) == ["This was changed since, so it was left as it is."]

    def test_removing_and_the_undo(self, alice: User) -> None:
        term = actions.start_term(person=PersonFactory(), role_kind=RoleKindFactory(), actor=alice)
        started = actions.last_change(term)
        removed = actions.remove_term(term=term, actor=alice)
        assert Term.objects.count() == 0
        actions.undo(what=removed, actor=alice)
        assert Term.objects.get().pk == term.pk
        with pytest.raises(ValidationError):
            actions.undo(what=started, actor=alice)

    def test_the_undo_of_a_start_takes_the_term_away(self, alice: User) -> None:
        term = actions.start_term(person=PersonFactory(), role_kind=RoleKindFactory(), actor=alice)
        actions.undo(what=actions.last_change(term), actor=alice)
        assert Term.objects.count() == 0
        assert Activity.objects.order_by("pk").last().kind == "people.term_removed"


class TestRecords:
    def test_one_organisation_per_name(self, alice: User) -> None:
        first = actions.add_organization(actor=alice, name="Universidad de la Costa", location="Barranquilla")
        assert actions.add_organization(actor=alice, name="universidad  DE la costa") == first
        other = actions.add_organization(actor=alice, name="Other")
        with pytest.raises(ValidationError) as caught:
            actions.edit_organization(organization=other, actor=alice, name="Universidad de la Costa")
        assert list(caught.value.message_dict) == ["name"]

    def test_projects_share_no_name_and_no_repository(self, alice: User) -> None:
        wave = actions.add_project(
            actor=alice, name="wavefold", repository="https://github.com/Org/WaveFold.git"
        )
        assert wave.repository_key == "github.com/org/wavefold"
        same = actions.add_project(
            actor=alice, name="WaveFold", repository="https://www.github.com/org/wavefold/"
        )
        assert same == wave
        with pytest.raises(ValidationError) as caught:
            actions.add_project(actor=alice, name="tidekit", repository="https://github.com/org/wavefold")
        assert words(caught) == {"repository": ["Another project has this repository already."]}
        with pytest.raises(ValidationError) as caught:
            actions.add_project(actor=alice, name="wavefold", repository="https://github.com/org/other")
        assert words(caught) == {"name": ["There is a project of this kind and name already."]}
        edited = actions.edit_project(project=wave, actor=alice, is_archived=True)
        assert (edited.is_archived, edited.history.first().history_user) == (True, alice)

    def test_an_unknown_kind_of_project_is_an_error_at_its_field(self, alice: User) -> None:
        with pytest.raises(ValidationError) as caught:
            actions.add_project(actor=alice, name="x", kind="spaceship")
        assert list(caught.value.message_dict) == ["kind"]

    def test_teams(self, alice: User) -> None:
        council = actions.add_team(actor=alice, name="Council")
        assert actions.add_team(actor=alice, name="council") == council
        assert (
            actions.edit_team(team=council, actor=alice, name="Steering council").folded == "steering council"
        )

    def test_only_what_nothing_hangs_on_is_deleted(self, alice: User) -> None:
        team = TeamFactory(name="Council")
        TermFactory(team=team)
        with pytest.raises(ValidationError) as caught:
            actions.remove_record(record=team, actor=alice)
        assert words(caught) == ["“Council” stays, for there is more to it: 1 term."]
        empty = OrganizationFactory(name="Empty")
        undo = actions.remove_record(record=empty, actor=alice)
        assert not Organization.objects.exists()
        actions.undo(what=undo, actor=alice)
        assert Organization.objects.get().folded == "empty"

    def test_affiliations(self, alice: User) -> None:
        ana = PersonFactory()
        first = actions.add_affiliation(person=ana, organization="Harbour Institute", actor=alice)
        again = actions.add_affiliation(person=ana, organization="harbour institute", actor=alice)
        assert (first, Affiliation.objects.count(), Organization.objects.count()) == (again, 1, 1)
        ended = actions.add_affiliation(
            person=ana, organization="Harbour Institute", ended_on=JUNE, actor=alice
        )
        assert (ended.pk, ended.ended_on) == (first.pk, JUNE)
        with pytest.raises(ValidationError) as caught:
            actions.edit_affiliation(affiliation=first, actor=alice, started_on=dt.date(2026, 7, 1))
        assert words(caught) == {
            "ended_on": [
                f"“{ana.name} at Harbour Institute” would end on 30 June 2026 and begin on 1 July 2026: choose a later "
                "last day, or an earlier first one."
            ]
        }
        undo = actions.remove_affiliation(affiliation=first, actor=alice)
        actions.undo(what=undo, actor=alice)
        assert Affiliation.objects.get().ended_on == JUNE


class TestWords:
    def test_tagging_many_and_its_undo(self, alice: User) -> None:
        mentor = actions.add_tag(name="Mentor", actor=alice)
        assert actions.add_tag(name="mentor", actor=alice) == mentor
        ana, ben = PersonFactory(), PersonFactory()
        ana.tags.add(mentor)
        ids = [ana.pk, ben.pk, 10**12]
        assert actions.tag_records(model=Person, records=ids, tag=mentor, actor=alice) == [ben.pk]
        assert list(mentor.people.order_by("pk")) == [ana, ben]
        entry = ben.history.first()
        assert (entry.history_change_reason, entry.history_user) == ("tag + Mentor", alice)
        assert actions.untag_records(model=Person, records=[ben.pk], tag=mentor, actor=alice) == [ben.pk]
        assert list(mentor.people.all()) == [ana]

    def test_tags_of_projects_and_organisations(self, alice: User) -> None:
        tag = TagFactory()
        for model, row in ((Project, ProjectFactory()), (Organization, OrganizationFactory())):
            assert actions.tag_records(model=model, records=[row.pk], tag=tag, actor=alice) == [row.pk]
            assert list(row.tags.all()) == [tag]

    def test_a_tag_in_use_stays(self, alice: User) -> None:
        tag = TagFactory(name="mentor")
        PersonFactory().tags.add(tag)
        with pytest.raises(ValidationError) as caught:
            actions.remove_tag(tag=tag, actor=alice)
        assert words(caught) == ["“mentor” is on 1 record. Take it off there first."]
        other = TagFactory(name="other")
        with pytest.raises(ValidationError) as caught:
            actions.rename_tag(tag=other, name="Mentor", actor=alice)
        assert words(caught) == {"name": ["There is a tag of this name already."]}
        actions.remove_tag(tag=other, actor=alice)
        assert Tag.objects.get() == tag

    def test_notes(self, alice: User, bob: User) -> None:
        ana = PersonFactory()
        note = actions.add_note(about=ana, body="  Knows Spanish\r\nand C\x00 \n", actor=alice)
        assert note.body == "Knows Spanish\nand C"
        assert actions.add_note(about=ana, body="Knows Spanish\nand C", actor=alice) == note
        assert actions.add_note(about=ana, body="Knows Spanish\nand C", actor=bob) != note
        actions.edit_note(note=note, body="Knows Spanish", actor=bob)
        assert [entry.body for entry in note.history.all()] == ["Knows Spanish", "Knows Spanish\nand C"]
        undo = actions.remove_note(note=note, actor=alice)
        assert Note.objects.count() == 1
        actions.undo(what=undo, actor=alice)
        assert Note.objects.get(pk=note.pk).body == "Knows Spanish"

    @pytest.mark.parametrize(("body", "said"), [("\x00 \n", "Write something first."), ("x" * 20_001, None)])
    def test_notes_that_cannot_be(self, alice: User, body: str, said: str | None) -> None:
        with pytest.raises(ValidationError) as caught:
            actions.add_note(about=PersonFactory(), body=body, actor=alice)
        assert words(caught) == {
            "body": [said or "This note has 20001 characters; 20000 are the most. Keep what matters here."]
        }

    def test_kinds_of_role(self, alice: User) -> None:
        kind = actions.add_role_kind(actor=alice, name="Editor in chief", is_staff=True, notice_days=60)
        assert (kind.slug, kind.is_staff, kind.notice_days) == ("editor-in-chief", True, 60)
        with pytest.raises(ValidationError) as caught:
            actions.add_role_kind(actor=alice, name="Editor in chief")
        assert list(caught.value.message_dict) == ["slug"]
        with pytest.raises(ValidationError) as caught:
            actions.edit_role_kind(role_kind=kind, actor=alice, slug="chief")
        assert list(caught.value.message_dict) == ["slug"]
        TermFactory(role_kind=kind)
        with pytest.raises(ValidationError) as caught:
            actions.remove_role_kind(role_kind=kind, actor=alice)
        assert words(caught) == ["“Editor in chief” stays, for there is more to it: 1 term."]
        Term.objects.all().delete()
        undo = actions.remove_role_kind(role_kind=kind, actor=alice)
        actions.undo(what=undo, actor=alice)
        assert RoleKind.objects.get(slug="editor-in-chief").notice_days == 60
