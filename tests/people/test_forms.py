"""What is typed into the register's pages: what it does, what it says when it cannot be, and how it is undone."""

from __future__ import annotations

import datetime as dt
from html import unescape

import pytest
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from folkmoot.kernel.accounts.models import User
from folkmoot.people import actions
from folkmoot.people.models import Affiliation, Identity, Note, Person, Project, RoleKind, Tag, Team, Term
from folkmoot.people.views.words import selection
from tests.conftest import signed_in
from tests.factories import PersonFactory, ProjectFactory, TagFactory
from tests.people.conftest import Register

pytestmark = pytest.mark.django_db


def toasts(answer: HttpResponse) -> list[tuple[str, str]]:
    """What the toasts say, and their undo addresses."""
    found = []
    for message in get_messages(answer.wsgi_request):
        undo = next((tag[5:] for tag in message.tags.split() if tag.startswith("undo:")), "")
        found.append((str(message), undo))
    return found


def undo(client: Client, answer: HttpResponse) -> str:
    """Press "Undo" in the last toast; what is said then."""
    answer = client.post(toasts(answer)[-1][1])
    assert answer.status_code == 302
    return toasts(answer)[-1][0]


def errors(answer: HttpResponse) -> dict[str, list[str]]:
    assert answer.status_code == 422
    return dict(answer.context["form"].errors)


class TestPerson:
    new = reverse("people:new_person")

    def test_a_new_person(self, as_mary: Client, mary: User) -> None:
        typed = {"name": "Noor Haddad", "system": "github", "value": "https://github.com/noor", "token": "t1"}
        answer = as_mary.post(self.new, typed)
        noor = Person.objects.get()
        assert answer["Location"] == reverse("people:person", args=[noor.pk])
        assert list(noor.identities.order_by("system").values_list("system", "value")) == [
            ("folkmoot", "t1"),
            ("github", "noor"),
        ]
        assert noor.history.get().history_user == mary
        assert as_mary.post(self.new, typed)["Location"] == answer["Location"]
        assert Person.objects.count() == 1

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ({}, {"name": ["This field is required."]}),
            ({"name": "x", "joined_on": "yesterday"}, {"joined_on": ["Enter a valid date."]}),
            ({"name": "x", "joined_on": "2026-02-30"}, {"joined_on": ["Enter a valid date."]}),
            ({"name": "x\x00y"}, {"name": ["Null characters are not allowed."]}),
            (
                {"name": "x" * 300},
                {"name": ["Ensure this value has at most 200 characters (it has 300)."]},
            ),
            ({"name": "x", "website": "javascript:alert(1)"}, {"website": ["Enter a valid URL."]}),
            (
                {"name": "x", "time_zone": "Middle/Earth"},
                {"time_zone": ["Select a valid choice. Middle/Earth is not one of the available choices."]},
            ),
            (
                {"name": "x", "system": "orcid", "value": "0000-0002-1825-0098"},
                {"value": ["A digit of this ORCID iD is wrong: the last one does not fit the others."]},
            ),
            ({"name": "x", "value": "ana"}, {"__all__": ["Say on which system."]}),
        ],
    )
    def test_what_cannot_be_is_said_at_its_field(
        self, typed: dict[str, str], said: dict[str, list[str]], as_mary: Client
    ) -> None:
        answer = as_mary.post(self.new, typed)
        found = errors(answer)
        assert (found == said) or found == {"system": said.get("__all__")}
        assert Person.objects.count() == 0

    def test_who_saves_later_is_told_and_keeps_what_they_typed(
        self, register: Register, as_mary: Client, alice: User
    ) -> None:
        url = reverse("people:edit_person", args=[register.person.pk])
        seen = as_mary.get(url).context["form"].initial["seen"]
        actions.edit_person(person=register.person, actor=alice, location="Cali")
        typed = {"name": "Ana Pérez", "location": "Bogotá", "seen": seen}
        answer = as_mary.post(url, typed)
        assert answer.status_code == 422
        page = unescape(answer.content.decode())
        assert "Alice Admin saved this on" in page
        assert 'value="Ana Pérez"' in page
        register.person.refresh_from_db()
        assert (register.person.name, register.person.location) == ("Ana Lucía Pérez", "Cali")
        again = answer.context["form"]["seen"].value()
        assert as_mary.post(url, {**typed, "seen": again}).status_code == 302
        register.person.refresh_from_db()
        assert (register.person.name, register.person.location) == ("Ana Pérez", "Bogotá")

    def test_archiving_and_its_undo(self, register: Register, as_mary: Client) -> None:
        answer = as_mary.post(reverse("people:archive_person", args=[register.person.pk]))
        assert toasts(answer)[-1][0] == "Ana Lucía Pérez is archived: out of the lists, nothing is lost."
        assert Person.objects.get().archived_at is not None
        assert undo(as_mary, answer) == "Undone."
        assert Person.objects.get().archived_at is None

    def test_deleting_says_why_not(self, register: Register, as_alice: Client) -> None:
        answer = as_alice.post(reverse("people:remove_person", args=[register.person.pk]))
        assert toasts(answer)[-1] == (
            "Ana Lucía Pérez cannot be deleted, for there is more to it: 1 note, "
            "1 record of a source, 2 terms, tags. Archive the record instead.",
            "",
        )

    def test_deleting_and_its_undo(self, as_alice: Client, alice: User) -> None:
        ana = actions.add_person(actor=alice, name="Ana")
        answer = as_alice.post(reverse("people:remove_person", args=[ana.pk]))
        assert answer["Location"] == reverse("people:people")
        assert Person.objects.count() == 0
        assert undo(as_alice, answer) == "Undone."
        assert Person.objects.get().pk == ana.pk


class TestUndo:
    def test_it_is_the_users_own(self, register: Register, as_mary: Client, as_alice: Client) -> None:
        answer = as_mary.post(reverse("people:archive_person", args=[register.person.pk]))
        url = toasts(answer)[-1][1]
        assert [text for text, _ in toasts(as_alice.post(url))] == ["Only who did it can undo it this way."]
        assert Person.objects.get().archived_at is not None

    def test_an_altered_one_does_nothing(self, as_mary: Client) -> None:
        answer = as_mary.post(reverse("people:undo", args=["eyJhIjoxfQ:1abc:forged"]))
        assert toasts(answer)[-1] == (
            "This undo is not complete. Go back to the page and use its button.",
            "",
        )

    def test_a_right_that_was_taken_away_is_missing(
        self, register: Register, mary: User, as_mary: Client
    ) -> None:
        answer = as_mary.post(reverse("people:archive_person", args=[register.person.pk]))
        mary.grants.update(level=2)
        assert as_mary.post(toasts(answer)[-1][1]).status_code == 403

    def test_it_goes_back_to_this_installation_only(self, as_mary: Client) -> None:
        for wrong in ("https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"):
            answer = as_mary.post(reverse("people:undo", args=["x"]), {"next": wrong})
            assert answer["Location"] == reverse("people:people")
        answer = as_mary.post(reverse("people:undo", args=["x"]), {"next": "/people/?tag=1"})
        assert answer["Location"] == "/people/?tag=1"


class TestParts:
    def test_handles(self, register: Register, as_mary: Client) -> None:
        new = reverse("people:new_identity", args=[register.person.pk])
        assert as_mary.post(new, {"system": "bluesky", "value": "@ana.bsky.social"}).status_code == 302
        made = Identity.objects.get(system="bluesky")
        assert (made.value, made.person) == ("ana.bsky.social", register.person)
        other = reverse("people:new_identity", args=[PersonFactory().pk])
        assert errors(as_mary.post(other, {"system": "github", "value": "AnaPerez"})) == {
            "value": ["anaperez on GitHub is Ana Lucía Pérez already."]
        }
        assert list(errors(as_mary.post(new, {"system": "fax", "value": "1"}))) == ["system"]
        edit = reverse("people:edit_identity", args=[made.pk])
        seen = as_mary.get(edit).context["form"].initial["seen"]
        assert (
            as_mary.post(edit, {"value": "ana2.bsky.social", "is_bot": "on", "seen": seen}).status_code == 302
        )
        made.refresh_from_db()
        assert (made.value, made.is_bot, made.is_verified) == ("ana2.bsky.social", True, False)
        answer = as_mary.post(reverse("people:remove_identity", args=[made.pk]))
        assert Identity.objects.filter(pk=made.pk).count() == 0
        assert undo(as_mary, answer) == "Undone."
        assert Identity.objects.filter(pk=made.pk).count() == 1

    def test_a_role(self, register: Register, as_mary: Client) -> None:
        url = reverse("people:new_term", args=[register.person.pk])
        kind = register.role_kind.pk
        assert errors(as_mary.post(url, {"role_kind": kind, "project": "no such"})) == {
            "project": ["No project is called “no such”. Add it under Projects first."]
        }
        assert errors(
            as_mary.post(url, {"role_kind": kind, "project": "wavefold", "team": register.team.pk})
        ) == {"team": ["A role is held in a project or in a team, not in both."]}
        assert errors(
            as_mary.post(url, {"role_kind": kind, "project": "Wavefold", "started_on": "2026-01-01"})
        ) == {
            "role_kind": [
                "Ana Lucía Pérez has this role already, since 1 January 2024. Edit that term, or choose other days."
            ]
        }
        assert list(errors(as_mary.post(url, {"role_kind": 10**12}))) == ["role_kind"]
        answer = as_mary.post(url, {"role_kind": kind, "started_on": "2026-01-01", "ended_on": "2026-12-31"})
        made = Term.objects.order_by("pk").last()
        assert (made.project, made.team, made.ended_on) == (None, None, dt.date(2026, 12, 31))
        assert undo(as_mary, answer) == "Undone."
        assert Term.objects.count() == 2

    def test_projects_of_one_name_are_told_apart_by_their_kind(
        self, register: Register, as_mary: Client
    ) -> None:
        lesson = ProjectFactory(name="wavefold", kind="lesson")
        url = reverse("people:new_term", args=[PersonFactory().pk])
        kind = register.role_kind.pk
        assert errors(as_mary.post(url, {"role_kind": kind, "project": "wavefold"})) == {
            "project": ["Several have this name: write the kind behind it, for example “wavefold (lesson)”."]
        }
        assert as_mary.post(url, {"role_kind": kind, "project": "wavefold (lesson)"}).status_code == 302
        assert Term.objects.order_by("pk").last().project == lesson

    def test_renewing_and_ending(self, register: Register, as_mary: Client) -> None:
        term = actions.edit_term(term=register.term, actor=None, ended_on=dt.date(2026, 12, 31))
        url = reverse("people:decide_term", args=[term.pk])
        assert as_mary.get(url).context["renew"].initial == {"until": dt.date(2027, 12, 31)}
        answer = as_mary.post(url, {"decision": "renew", "until": "2027-12-31", "next": "/"})
        assert answer["Location"] == "/"
        term.refresh_from_db()
        assert term.ended_on == dt.date(2027, 12, 31)
        assert undo(as_mary, answer) == "Undone."
        term.refresh_from_db()
        assert term.ended_on == dt.date(2026, 12, 31)
        answer = as_mary.post(url, {"decision": "end", "on": "2023-01-01"})
        assert (answer.status_code, answer.context["end"].errors) == (
            422,
            {
                "__all__": [
                    "“Ana Lucía Pérez: Editor” would end on 1 January 2023 and begin on 1 January 2024: choose a later "
                    "last day, or an earlier first one."
                ]
            },
        )
        assert as_mary.post(url, {"decision": "end", "on": "2026-06-30"}).status_code == 302
        term.refresh_from_db()
        assert term.ended_on == dt.date(2026, 6, 30)

    def test_a_member_is_named_by_handle_address_or_name(self, register: Register, as_mary: Client) -> None:
        for _number in range(2):
            PersonFactory(name="Same Name")
        url = reverse("people:new_team_member", args=[register.team.pk])
        kind = register.role_kind.pk
        assert errors(as_mary.post(url, {"person": "nobody", "role_kind": kind})) == {
            "person": ["Nobody in the register is “nobody”."]
        }
        assert errors(as_mary.post(url, {"person": "same name", "role_kind": kind})) == {
            "person": ["2 people are called that. Name one by a handle or an e-mail address."]
        }
        other = actions.add_role_kind(actor=None, name="Chair")
        for person in ("@AnaPerez", "ANA@example.org", "ana lucía pérez"):
            Term.objects.filter(role_kind=other).delete()
            assert as_mary.post(url, {"person": person, "role_kind": other.pk}).status_code == 302
            assert Term.objects.get(role_kind=other).person == register.person

    def test_affiliations(self, register: Register, as_mary: Client) -> None:
        url = reverse("people:new_affiliation", args=[register.person.pk])
        assert (
            as_mary.post(url, {"organization": "Tidal University", "started_on": "2026-01-01"}).status_code
            == 302
        )
        made = Affiliation.objects.get(organization__name="Tidal University")
        edit = reverse("people:edit_affiliation", args=[made.pk])
        assert errors(as_mary.post(edit, {"started_on": "2026-01-01", "ended_on": "2025-01-01"})) == {
            "ended_on": [
                "“Ana Lucía Pérez at Tidal University” would end on 1 January 2025 and begin on 1 January 2026: choose "
                "a later last day, or an earlier first one."
            ]
        }
        answer = as_mary.post(reverse("people:remove_affiliation", args=[made.pk]))
        assert undo(as_mary, answer) == "Undone."
        assert Affiliation.objects.filter(pk=made.pk).count() == 1


class TestNotes:
    def test_writing_editing_removing(self, register: Register, as_carol: Client, carol: User) -> None:
        url = reverse("people:new_note", args=["person", register.person.pk])
        answer = as_carol.post(url, {"body": "<b>Met</b> at the sprint"})
        note = Note.objects.get(author=carol)
        page = as_carol.get(reverse("people:person", args=[register.person.pk])).content.decode()
        assert "&lt;b&gt;Met&lt;/b&gt; at the sprint" in page
        assert toasts(as_carol.post(url, {"body": " \x00 "}))[-1] == ("Write something first.", "")
        assert as_carol.post(reverse("people:edit_note", args=[note.pk]), {"body": "Met"}).status_code == 302
        assert Note.objects.get(pk=note.pk).body == "Met"
        answer = as_carol.post(reverse("people:remove_note", args=[note.pk]))
        assert undo(as_carol, answer) == "Undone."
        assert Note.objects.get(pk=note.pk).author == carol

    def test_those_of_others_are_theirs(self, register: Register, as_carol: Client, as_mary: Client) -> None:
        for name in ("edit_note", "remove_note"):
            url = reverse(f"people:{name}", args=[register.note.pk])
            assert as_carol.post(url, {"body": "Mine now"}).status_code == 403
        assert Note.objects.get().body == "A secret wish"
        assert as_mary.post(reverse("people:remove_note", args=[register.note.pk])).status_code == 302

    def test_about_organisations_and_projects(self, register: Register, as_carol: Client) -> None:
        for kind, row in (("organisation", register.organization), ("project", register.project)):
            as_carol.post(reverse("people:new_note", args=[kind, row.pk]), {"body": f"About {row}"})
            assert row.notes.get().body == f"About {row}"
        assert as_carol.post(reverse("people:new_note", args=["team", register.team.pk])).status_code == 404

    def test_a_huge_one_is_refused_in_words(self, register: Register, as_carol: Client) -> None:
        url = reverse("people:new_note", args=["person", register.person.pk])
        answer = as_carol.post(url, {"body": "x" * 100_000})
        assert toasts(answer)[-1] == (
            "This note has 100000 characters; 20000 are the most. Keep what matters here.",
            "",
        )


class TestTags:
    def test_on_one_record_and_off_again(self, register: Register, as_carol: Client) -> None:
        add = reverse("people:tag_record", args=["person", register.person.pk])
        answer = as_carol.post(add, {"name": "Speaker"})
        speaker = Tag.objects.get(name="Speaker")
        assert sorted(register.person.tags.values_list("name", flat=True)) == ["Speaker", "mentor"]
        assert undo(as_carol, answer) == "Undone."
        assert list(register.person.tags.all()) == [register.tag]
        answer = as_carol.post(
            reverse("people:untag_record", args=["person", register.person.pk, register.tag.pk])
        )
        assert list(register.person.tags.all()) == []
        assert undo(as_carol, answer) == "Undone."
        assert list(register.person.tags.all()) == [register.tag]
        for wrong in ("", "x" * 101, "\x00"):
            answer = as_carol.post(add, {"name": wrong})
            assert toasts(answer)[-1] == ("Name the tag, in at most 100 characters.", "")
        assert Tag.objects.count() == 2
        assert speaker.people.count() == 0

    def test_in_bulk_with_undo(self, register: Register, as_carol: Client) -> None:
        ben = PersonFactory()
        chosen = as_carol.post(
            reverse("people:people"), {"bulk": "tag", "selected": [str(register.person.pk), str(ben.pk)]}
        )["Location"]
        assert "Tag 2 people" in as_carol.get(chosen).content.decode()
        answer = as_carol.post(chosen, {"name": "mentor", "do": "on"})
        assert toasts(answer)[-1][0] == "“mentor” is on 1 more person."
        assert register.tag.people.count() == 2
        assert undo(as_carol, answer) == "Undone."
        assert list(register.tag.people.all()) == [register.person]
        answer = as_carol.post(chosen, {"name": "mentor", "do": "off"})
        assert (toasts(answer)[-1][0], register.tag.people.count()) == ("“mentor” is off 1 person.", 0)

    def test_a_forged_selection_is_lost(self, as_carol: Client) -> None:
        answer = as_carol.post(reverse("people:tag_people", args=["WzFd:forged"]), {"name": "x", "do": "on"})
        assert toasts(answer)[-1] == ("The selection is lost. Select the people again.", "")
        assert Tag.objects.count() == 0

    def test_renaming_and_deleting(self, register: Register, as_mary: Client) -> None:
        TagFactory(name="speaker")
        url = reverse("people:edit_tag", args=[register.tag.pk])
        assert errors(as_mary.post(url, {"name": "Speaker"})) == {
            "name": ["There is a tag of this name already."]
        }
        assert as_mary.post(url, {"name": "guide"}).status_code == 302
        answer = as_mary.post(reverse("people:remove_tag", args=[register.tag.pk]))
        assert toasts(answer)[-1] == ("“guide” is on 1 record. Take it off there first.", "")

    def test_archiving_in_bulk(self, register: Register, as_mary: Client, as_carol: Client) -> None:
        ben = PersonFactory()
        posted = {"bulk": "archive", "selected": [str(register.person.pk), str(ben.pk), "x", "9" * 30]}
        assert as_carol.post(reverse("people:people"), posted).status_code == 403
        answer = as_mary.post(reverse("people:people"), posted)
        assert toasts(answer)[-1][0] == "2 people archived."
        assert Person.objects.filter(archived_at=None).count() == 0
        assert undo(as_mary, answer) == "Undone."
        assert Person.objects.filter(archived_at=None).count() == 2
        answer = as_mary.post(reverse("people:people"), {"bulk": "archive"})
        assert toasts(answer)[-1] == ("Select rows first.", "")

    def test_a_selection_names_people_only_to_whoever_may_tag(self, register: Register, bob: User) -> None:
        url = reverse("people:tag_people", args=[selection([register.person.pk])])
        assert signed_in(bob).get(url).status_code == 403


class TestRecords:
    @pytest.mark.parametrize(
        ("name", "typed", "model"),
        [
            ("new_organization", {"name": "Tidal University", "website": "tidal.example"}, None),
            (
                "new_project",
                {"name": "tidekit", "kind": "package", "repository": "github.com/org/tidekit"},
                Project,
            ),
            ("new_team", {"name": "Editors"}, Team),
            ("new_role_kind", {"name": "Chair", "notice_days": "10", "order": "5"}, RoleKind),
        ],
    )
    def test_new_ones(self, name: str, typed: dict[str, str], model: type | None, as_mary: Client) -> None:
        assert as_mary.post(reverse(f"people:{name}"), typed).status_code == 302
        assert as_mary.post(reverse(f"people:{name}"), {**typed, "name": ""}).status_code == 422
        assert as_mary.post(reverse(f"people:{name}"), {**typed, "name": "x" * 300}).status_code == 422
        if model is not None:
            assert model.objects.get().name == typed["name"]

    def test_a_name_that_is_taken(self, register: Register, as_mary: Client) -> None:
        team = Team.objects.create(name="Editors")
        assert list(
            errors(as_mary.post(reverse("people:edit_team", args=[team.pk]), {"name": "council"}))
        ) == ["name"]
        kind = RoleKind.objects.create(name="Chair", slug="chair")
        typed = {"name": "Chair", "notice_days": "70000", "order": "5"}
        assert list(errors(as_mary.post(reverse("people:edit_role_kind", args=[kind.pk]), typed))) == [
            "notice_days"
        ]

    def test_deleting_and_its_undo(self, as_alice: Client) -> None:
        for model, name in ((Team, "team"), (Project, "project")):
            row = model.objects.create(name="Mistaken")
            answer = as_alice.post(reverse(f"people:remove_{name}", args=[row.pk]))
            assert model.objects.count() == 0
            assert undo(as_alice, answer) == "Undone."
            assert model.objects.get().pk == row.pk
