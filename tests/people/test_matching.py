"""People who may be one: found, ranked, kept, grouped; and those who never are."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from folkmoot.kernel.cli import Problem, cli
from folkmoot.kernel.jobs.models import Job
from folkmoot.kernel.jobs.runner import run_in_foreground
from folkmoot.people import commands as _commands  # noqa: F401 - adds to the command line
from folkmoot.people import jobs
from folkmoot.people.matching import store
from folkmoot.people.matching.blocking import Blocks, forms, is_made_of
from folkmoot.people.matching.generic import Generic
from folkmoot.people.matching.groups import Link, group
from folkmoot.people.matching.index import Index
from folkmoot.people.matching.keys import Account, link, noreply, normal_orcid, proofs
from folkmoot.people.matching.naming import words
from folkmoot.people.matching.profiles import profile
from folkmoot.people.matching.scoring import Frequencies, Scorer
from folkmoot.people.models import (
    Affiliation,
    FormerHandle,
    GenericValue,
    Identity,
    Merge,
    Organization,
    OrganizationCandidate,
    Person,
    PersonCandidate,
    ProjectCandidate,
)
from folkmoot.people.queries import candidates
from tests.factories import IdentityFactory, OrganizationFactory, PersonFactory, ProjectFactory
from tests.people.importing import applied

NONE = Generic()


def someone(name: str, *handles: str, home: Organization | None = None, **fields: Any) -> Person:
    """A person with handles written ``system:value`` or ``system:value#number``; ``!`` means proven."""
    person = PersonFactory(name=name, **fields)
    for handle in handles:
        system, _colon, value = handle.partition(":")
        value, _hash, number = value.partition("#")
        IdentityFactory(
            person=person,
            system=system,
            value=value.rstrip("!"),
            number=number,
            is_verified=value.endswith("!"),
        )
    if home is not None:
        Affiliation.objects.create(person=person, organization=home)
    return person


def look(**arguments: Any) -> dict[str, Any]:
    job = jobs.find_now(everything=False, hold=True)
    if arguments:
        Job.objects.filter(pk=job.pk).update(arguments=arguments)
        job.refresh_from_db()
    ended = run_in_foreground(job)
    assert ended.error == ""
    outcome: dict[str, Any] = ended.outcome
    return outcome


def pairs() -> list[tuple[str, str]]:
    rows = PersonCandidate.objects.order_by("-score", "pk").select_related("first", "second")
    return [(row.first.name, row.second.name) for row in rows]


# ------------------------------------------------------------------------------------------------ proven keys


def linked(*records: tuple[list[Account], list[str], list[str]], generic: Generic = NONE) -> list[int]:
    return link(
        proofs(accounts=accounts, emails=emails, orcids=orcids, generic=generic)
        for accounts, emails, orcids in records
    )


def test_what_proves_that_two_records_are_one() -> None:
    ada = Account("github", "ada", "7")
    assert linked(([ada], [], []), ([Account("github", "renamed", "7")], [], [])) == [0, 0]
    assert linked(([ada], [], []), ([Account("github", "ada")], [], [])) == [0, 0]
    assert linked(([ada], [], []), ([], ["7+x@users.noreply.github.com"], [])) == [0, 0]
    assert linked(([ada], [], []), ([], ["ada@users.noreply.github.com"], [])) == [0, 0]
    assert linked(([], ["Ada@Lab.example"], []), ([], ["ada@lab.example"], [])) == [0, 0]
    orcid = "0000-0002-1825-0097"
    assert linked(([], [], [orcid]), ([], [], [f"https://orcid.org/{orcid}/"])) == [0, 0]


def test_what_proves_nothing() -> None:
    ada = Account("github", "ada", "7")
    assert linked(([ada], [], []), ([Account("mastodon", "ada", "7")], [], [])) == [0, 1]
    assert linked(([ada], [], []), ([Account("github", "ada", "8")], [], [])) == [0, 1]
    shared = Generic(mailboxes=["info", "team@lab.example"])
    for address in ("info@lab.example", "Info+x@lab.example", "team@lab.example"):
        assert linked(([], [address], []), ([], [address], []), generic=shared) == [0, 1]
    wrong = "0000-0002-1825-0098"
    assert linked(([], [], [wrong]), ([], [], [wrong])) == [0, 1]


def test_a_login_that_two_numbers_had_is_nobodys() -> None:
    one, other, bare = (Account("github", "ada", number) for number in ("7", "8", ""))
    assert linked(([one], [], []), ([bare], [], []), ([other], [], []), ([bare], [], [])) == [0, 1, 2, 3]
    assert linked(([bare], [], []), ([one], [], []), ([bare], [], [])) == [0, 0, 0]


@pytest.mark.parametrize(
    ("one", "other", "two_people"),
    [
        ("Ana Torres", "Chen Li", True),
        ("Ana Torres", "Torrés, A.", False),
        ("Kate", "Catherine Howard", False),
        ("Jing Dong", "Jig", False),
        ("Li Lni", "LiL in", False),
        ("Li Wei", "Lu Chen", True),
        ("王伟", "Ana Torres", False),
        ("", "Ana Torres", False),
        ("Admin", "Ana Torres", False),
    ],
)
def test_a_login_or_mailbox_of_two_people_is_nobodys(one: str, other: str, two_people: bool) -> None:
    common = Generic(names=["admin"])
    for key in ({"accounts": [Account("github", "at")]}, {"emails": ["lab@uni.example"]}):
        found = [proofs(**key, names=[name], generic=common) for name in (one, other, "")]
        assert link(found) == ([0, 1, 2] if two_people else [0, 0, 0])
        assert link(found, by_name=False) == [0, 0, 0]
    sure = [Account("github", "at", "7")]
    assert link([proofs(accounts=sure, names=[name], generic=NONE) for name in (one, other)]) == [0, 0]


@given(st.text(max_size=30), st.text(max_size=20))
def test_normal_keys_stay_as_they_are(text: str, host: str) -> None:
    found = normal_orcid(text)
    assert found == "" or normal_orcid(found) == found
    account = noreply(f"{text}@users.noreply.github.com")
    if account is not None:
        again = f"{account[0]}+{account[1]}" if account[0] else account[1]
        assert noreply(f"{again}@users.noreply.github.com") == account
    assert words(" ".join(words(text))) == words(text)
    assert noreply(f"{text}@{host}.example") is None


@given(st.integers(min_value=0, max_value=10**15 - 1))
def test_a_wrong_digit_is_no_orcid(number: int) -> None:
    digits = f"{number:015d}"
    fitting = [c for c in "0123456789X" if normal_orcid(digits + c)]
    assert len(fitting) == 1
    whole = normal_orcid(digits + fitting[0])
    assert whole.replace("-", "") == digits + fitting[0]
    assert normal_orcid(f"https://orcid.org/{whole}") == whole


# ------------------------------------------------------------------------------------------------ likeness

names = st.sampled_from(
    ["Ada Lovelace", "Lovelace, Ada", "A. Lovelace", "ada", "Łucja Pérez-Gómez", "Pérez, Lucja", "Wei Wang", "Bob Lee",
     "Robert Lee", "", "Lee", "Ada Lovelacee", "X", "王伟", "🙂"]
)  # fmt: skip
records = st.builds(
    lambda name, user, login, system, home, country: profile(
        generic=NONE,
        names=[name],
        emails=[f"{user}@lab.example"] if user else [],
        accounts=[Account(system, login)] if login else [],
        organizations=[home] if home else [],
        country=country,
    ),
    names,
    st.sampled_from(["", "ada", "ada.lovelace", "alovelace", "blee", "info"]),
    st.sampled_from(["", "ada", "lovelacea", "river-otter", "blee7"]),
    st.sampled_from(["github", "slack"]),
    st.sampled_from(["", "University of York", "York", "MIT", "Massachusetts Institute of Technology"]),
    st.sampled_from(["", "GB", "ES"]),
)


@given(records, records)
def test_whoever_comes_first_the_score_is_the_same(one: Any, other: Any) -> None:
    scorer = Scorer(Frequencies([one, other]))
    there, back = scorer.score(one, other, whole=True), scorer.score(other, one, whole=True)
    assert there.score == pytest.approx(back.score)
    assert 0 <= there.score <= 1
    assert sorted(reason.code for reason in there.reasons) == sorted(reason.code for reason in back.reasons)
    json.dumps([reason.as_json() for reason in there.reasons])


@given(st.lists(records, max_size=12), st.sampled_from([1, 1000]))
def test_one_by_one_the_same_are_found_as_all_at_once(everybody: list[Any], waiting: int) -> None:
    scorer = Scorer(Frequencies(everybody))
    wanted = {
        pair
        for pair in Blocks(everybody).pairs()
        if scorer.score(*(everybody[place] for place in pair)).score >= 0.2
    }
    index = Index(waiting)
    for record in everybody:
        index.add(record)
    found = {
        (hit.place, place)
        for place, record in enumerate(everybody)
        for hit in index.alike(record, 0.2)
        if hit.place < place and hit.record == everybody[hit.place]
    }
    assert found == wanted


@given(
    st.lists(st.text("abcde", min_size=1, max_size=4), min_size=1, max_size=4), st.text("abcde", max_size=9)
)
def test_a_login_is_made_of_a_name_as_blocks_take_it(name: list[str], user: str) -> None:
    made = set(forms(name)) if len(name) > 1 else set()
    assert is_made_of(user, name) == (user in made)
    assert all(is_made_of(one, name) for one in made)


def test_a_name_in_its_ways_of_writing() -> None:
    assert words("Pérez-Gómez, Ana M.") == ("ana", "m", "perez", "gomez")
    assert words("Dr. Łucja O’Neil, PhD") == ("lucja", "oneil")
    assert words(" ") == ()


def alike(first: dict[str, Any], second: dict[str, Any], others: int = 3000) -> tuple[float, list[str]]:
    """Score and codes of two profiles among others of whom nobody is like them."""
    one, other = profile(generic=NONE, **first), profile(generic=NONE, **second)
    crowd = [profile(generic=NONE, names=[f"Given{n} Family{n}"]) for n in range(others)]
    scored = Scorer(Frequencies([one, other, *crowd])).score(one, other)
    return scored.score, [reason.code for reason in scored.reasons]


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        ("Ada Lovelace", "ada lovelace", "same_name"),
        ("Łucja Pérez", "Lucja Perez", "same_name"),
        ("Ada Lovelace", "Lovelace, Ada", "same_name"),
        ("Ada Lovelace", "Lovelace Ada", "name_turned"),
        ("Katherine Johnson", "Kate Johnson", "short_name"),
        ("Ada Lovelace", "Ada Lovelase", "alike_name"),
        ("Ana Torres", "Ana María Torres", "part_of_name"),
        ("Ada Lovelace", "A. Lovelace", "initials"),
    ],
)
def test_names_that_are_alike(first: str, second: str, code: str) -> None:
    score, codes = alike({"names": [first]}, {"names": [second]})
    assert codes == [code]
    assert score > 0.5
    together, codes = alike(
        {"names": [first], "organizations": ["University of York"]},
        {"names": [second], "organizations": ["York"]},
    )
    assert set(codes) == {code, "same_organization"}
    assert together > score


def test_what_speaks_against() -> None:
    ada = {"names": ["Ada Lovelace"]}
    alone, _codes = alike(ada, ada)
    logins, codes = alike(
        ada | {"accounts": [Account("github", "ada1")]}, ada | {"accounts": [Account("github", "lovelace")]}
    )
    assert "other_account" in codes
    numbers, _codes = alike(
        ada | {"accounts": [Account("github", "ada1", "1")]},
        ada | {"accounts": [Account("github", "lovelace", "2")]},
    )
    assert alone > 0.8 > logins > numbers
    assert alike({"names": ["Ada Lovelace"]}, {"names": ["Ada Byron"]})[0] < 0.2
    assert alike({"names": ["Ada Lovelace"]}, {"names": ["Bob Lovelace"]})[0] < 0.2
    score, codes = alike(ada | {"orcids": ["0000-0002-1825-0097"]}, ada | {"orcids": ["0000-0001-5109-3700"]})
    assert "other_orcid" in codes
    assert score < 0.5


def test_a_name_that_many_have_says_less() -> None:
    crowd = [profile(generic=NONE, names=["Wei Wang"]) for _n in range(60)]
    crowd += [profile(generic=NONE, names=[f"Given{n} Family{n}"]) for n in range(1000)]
    scorer = Scorer(Frequencies(crowd))
    common = scorer.score(crowd[0], crowd[1]).score
    rare = scorer.score(crowd[100], profile(generic=NONE, names=["Given40 Family40"])).score
    assert common < 0.5 < rare


# ------------------------------------------------------------------------------------------------ groups


def test_a_group_is_capped_and_never_contradicts_itself() -> None:
    chain = [Link(0.99 - n / 100, n, n + 1) for n in range(10)]
    top, cut = group(chain, most=4)
    assert max(sum(t == number for t in top.values()) for number in top.values()) == 4
    assert [(one.one, one.other) for one in cut] == [(3, 4), (7, 8)]
    top, cut = group([Link(0.9, 1, 2), Link(0.8, 2, 3)], fits=lambda a, b: {a, b} != {1, 3})
    assert (top, cut) == ({1: 1, 2: 1, 3: 3}, [Link(0.8, 2, 3)])


# ------------------------------------------------------------------------------------------------ the register


@pytest.mark.django_db
def test_candidates_are_found_ranked_and_said_in_words() -> None:
    lab = OrganizationFactory(name="River Lab")
    someone("Ada Lovelace", "github:ada#7", "email:alovelace@lab.example", home=lab)
    someone("Lovelace, Ada", "slack:alovelace", home=lab)
    someone("Chen Li", "github:chen")
    outcome = look()
    assert pairs() == [("Ada Lovelace", "Lovelace, Ada")]
    assert outcome["people"] == {"compared": 3, "merged": 0, "new": 1, "changed": 0, "gone": 0}
    (found,) = candidates.queue("person").groups
    words_of = found.pairs[0].words
    assert words_of == "same name, e-mail user equals login: alovelace, same organisation"
    assert found.number == min(one.pk for one in found.records)
    assert look()["people"]["changed"] == 0


@pytest.mark.django_db
def test_nobody_is_merged_by_name_and_homonyms_stay_two() -> None:
    one = someone("Ada Lovelace", "github:ada1#1", "email:ada@one.example!")
    other = someone("Ada Lovelace", "github:ada2#2", "email:ada@two.example!")
    assert look()["people"]["merged"] == 0
    assert Person.objects.filter(pk__in=[one.pk, other.pk]).count() == 2
    assert Merge.objects.count() == 0
    assert pairs() == []  # two accounts on one system: two people
    # a login that was given to somebody else
    recycled = someone("Grace Hopper", "github:ada1#9")
    assert look()["people"]["merged"] == 0
    assert Person.objects.filter(pk=recycled.pk).exists()


@pytest.mark.django_db
def test_proven_by_number_on_both_is_merged_and_can_be_undone() -> None:
    older = someone("Ada Lovelace", "github:ada#7")
    newer = someone("A. L.", "email:7+ada-old@users.noreply.github.com")
    assert look()["people"]["merged"] == 1
    merge = Merge.objects.get()
    assert (merge.survivor_id, merge.gone_id, merge.made_by) == (older.pk, newer.pk, None)
    assert merge.grounds["reasons"][0]["code"] == "same_number"
    assert older.identities.count() == 2


@pytest.mark.django_db
def test_a_login_alone_is_offered_as_proven_and_waits_for_a_person() -> None:
    one, other = someone("Ada", "github:ada#7"), someone("Somebody Else", "github:ada")
    look()
    row = PersonCandidate.objects.get()
    assert (row.first, row.second, row.score, row.reasons[0]["code"]) == (one, other, 1.0, "same_login")


@pytest.mark.django_db
def test_decisions_stay_and_stale_ones_go() -> None:
    ada, twin = someone("Ada Lovelace", "slack:ada"), someone("Ada Lovelace", "mastodon:@lovelace@x.example")
    grace, other = someone("Grace Hopper", "slack:grace"), someone("Grace Hopper", "github:hopper")
    alan, third = someone("Alan Turing", "slack:alan"), someone("Alan Turing", "github:turing")
    look()
    assert len(pairs()) == 3
    different = PersonCandidate.objects.get(first=ada, second=twin)
    PersonCandidate.objects.filter(pk=different.pk).update(state="different")
    later = PersonCandidate.objects.get(first=grace, second=other)
    PersonCandidate.objects.filter(pk=later.pk).update(state="later", later_until=dt.date(2026, 3, 2))
    alan.name = "Somebody Quite Different"
    alan.save()
    assert look()["people"]["gone"] == 1
    assert set(PersonCandidate.objects.values_list("pk", "state")) == {
        (different.pk, "different"),
        (later.pk, "later"),
    }
    look(everything=True)
    assert PersonCandidate.objects.count() == 2
    with time_machine.travel("2026-03-01T00:00:00Z"):
        assert candidates.waiting("person") == 0
    with time_machine.travel("2026-03-03T00:00:00Z"):
        assert [row.pk for row in candidates.candidates("person")] == [later.pk]
    assert third.pk  # its candidate is gone, it is not


@pytest.mark.django_db
def test_only_what_changed_is_compared_again() -> None:
    with time_machine.travel("2026-03-01T00:00:00Z"):
        for number in range(12):
            someone(f"Given{number} Family{number}", f"slack:user{number}")
        someone("Ada Lovelace", "slack:ada")
    with time_machine.travel("2026-03-01T01:00:00Z"):
        assert look()["people"]["compared"] == 13
    with time_machine.travel("2026-03-02T00:00:00Z"):
        assert "people" not in look()
    with time_machine.travel("2026-03-03T00:00:00Z"):
        someone("Ada Lovelace", "github:lovelace")
        assert look()["people"] == {"compared": 1, "merged": 0, "new": 1, "changed": 0, "gone": 0}
    with time_machine.travel("2026-03-04T00:00:00Z"):
        GenericValue.objects.create(kind="name", value="Ada Lovelace")
        assert look()["people"] == {"compared": 14, "merged": 0, "new": 0, "changed": 0, "gone": 1}
    with time_machine.travel("2026-03-05T00:00:00Z"), override_settings(CANDIDATES_FROM=0.9):
        assert look()["people"]["compared"] == 14


@pytest.mark.django_db
def test_generic_names_shared_mailboxes_machines_and_the_erased_never_count() -> None:
    GenericValue.objects.create(kind="name", value="Test User")
    GenericValue.objects.create(kind="mailbox", value="info")
    someone("TEST user", "email:info@lab.example")
    someone("Test  User", "slack:info")
    bot = someone("Release Robot", "github:robot")
    Identity.objects.filter(person=bot).update(is_bot=True)
    someone("Release Robot", "slack:release-robot")
    someone("Erased Person", "slack:erased-person", erased_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    someone("Erased Person", "github:erased")
    look()
    assert pairs() == []


@pytest.mark.django_db
def test_a_former_login_leads_to_a_candidate() -> None:
    ada = someone("Ada Lovelace", "github:ada-new#7")
    FormerHandle.objects.create(identity=ada.identities.get(), value="ada-the-first")
    someone("ada-the-first", "github:ada-the-first")
    look()
    assert pairs() == [("Ada Lovelace", "ada-the-first")]


@pytest.mark.django_db
def test_one_record_that_names_two_people_is_offered_and_stays() -> None:
    one, other = someone("Ada", "github:ada"), someone("Bo", "orcid:0000-0002-1825-0097")
    facts = {"source": "form", "first": "ada", "second": "0000-0002-1825-0097"}
    assert store.offer({(other.pk, one.pk): facts}) == 1
    assert store.offer({(one.pk, other.pk): facts}) == 0
    look()
    row = PersonCandidate.objects.get()
    assert (row.score, row.first, row.second) == (1.0, one, other)
    assert candidates.of_record(one)[0].words == "one record of form names both: ada, 0000-0002-1825-0097"
    PersonCandidate.objects.update(state="different")
    store.offer({(one.pk, other.pk): facts})
    assert PersonCandidate.objects.get().state == "different"


@pytest.mark.django_db
def test_organisations_and_projects_too() -> None:
    for name in (
        "University of York",
        "York University, UK",
        "Massachusetts Institute of Technology",
        "MIT",
        "Yarrow",
    ):
        OrganizationFactory(name=name)
    ProjectFactory(name="alpha", repository="https://github.com/lab/alpha")
    ProjectFactory(name="alpha", kind="repository", repository="https://gitlab.com/lab/alpha")
    ProjectFactory(name="beta", repository="https://github.com/lab/beta")
    look()
    found = {(row.first.name, row.second.name) for row in OrganizationCandidate.objects.all()}
    assert ("University of York", "York University, UK") in found
    assert not any("Yarrow" in pair for pair in found)
    (row,) = ProjectCandidate.objects.all()
    assert candidates.pair(row).words == (
        "same repository path on another host: lab/alpha, same name, but one is a package, the other a repository"
    )


# ------------------------------------------------------------------------------------------------ the command line


def run(*arguments: str) -> str:
    result = CliRunner().invoke(cli, ["identities", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.django_db
def test_how_two_people_relate_on_the_command_line() -> None:
    ada = someone("Ada Lovelace", "github:ada#7", "email:ada@lab.example!")
    other = someone("Lovelace, Ada", "orcid:0000-0002-1825-0097", "slack:ada.lovelace")
    chen = someone("Chen Li", "github:chen")
    said = run("check", "github:ADA", "https://orcid.org/0000-0002-1825-0097")
    assert f"Ada Lovelace (#{ada.pk}) and Lovelace, Ada (#{other.pk}): They may be one person." in said
    assert "+ same name" in said
    told = json.loads(run("check", str(ada.pk), "Chen Li", "--json"))
    assert (told["verdict"], told["second"]) == ("nothing", {"id": chen.pk, "name": "Chen Li"})
    assert json.loads(run("check", "ada@lab.example", "github:ada", "--json"))["verdict"] == "same"
    PersonCandidate.objects.create(first=ada, second=other, state="different")
    assert json.loads(run("check", str(ada.pk), str(other.pk), "--json"))["verdict"] == "different"
    bare = someone("ada", "github:ada")
    assert json.loads(run("check", str(ada.pk), str(bare.pk), "--json"))["verdict"] == "proven"
    for wrong in ("nobody", "github:nobody", "999999", "nobody@x.example"):
        with pytest.raises(Problem):
            run("check", wrong, "1")


@pytest.mark.django_db
def test_looking_on_the_command_line() -> None:
    someone("Ada Lovelace", "github:ada")
    someone("Ada Lovelace", "slack:lovelace")
    assert "people: 2 compared, 1 new" in run("find")
    assert json.loads(run("find", "--all", "--json"))["people"]["compared"] == 2


@pytest.mark.django_db
def test_an_import_whose_record_names_two_people_offers_them(tmp_path: Path) -> None:
    ada, bo = someone("Ada", "github:ada"), someone("Bo", "orcid:0000-0002-1825-0097")
    table = tmp_path / "people.csv"
    table.write_text("name,github,orcid\nAda,ada,0000-0002-1825-0097\n", encoding="utf-8")
    for _time in range(2):
        applied("people.csv", table)
    row = PersonCandidate.objects.get()
    assert (row.first, row.second, row.score) == (ada, bo, 1.0)
    assert row.reasons[0]["code"] == "one_record"
    assert Person.objects.count() == 2
