"""The search: what is found, in which order, by whom, and what keeps it up to date."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.imports.models import ColumnMapping
from folkmoot.kernel.jobs.models import Job
from folkmoot.kernel.search import spelling
from folkmoot.kernel.search.find import ids_matching, search
from folkmoot.kernel.search.index import index, remove, rows_changed
from folkmoot.kernel.search.kinds import Document, SearchKind, search_kinds
from folkmoot.kernel.search.models import SearchEntry, SearchSpelling
from folkmoot.kernel.search.words import query_words, words

pytestmark = pytest.mark.django_db


def mapping_documents(ids: object) -> Iterator[Document]:
    """A mapping's ``source`` is its title, its ``name`` the text; one named "hidden" is not to be found."""
    for row in ColumnMapping.objects.filter(pk__in=ids).exclude(name="hidden"):
        yield Document(id=row.pk, title=row.source, text=row.name, url=f"/mapping/{row.pk}/")


def job_documents(ids: object) -> Iterator[Document]:
    for job in Job.objects.filter(pk__in=ids):
        yield Document(id=job.pk, title=job.kind, url=f"/job/{job.pk}/")


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two kinds over the kernel's own tables: one that bob may see, one that he may not."""
    monkeypatch.setattr(search_kinds, "_items", {})
    search_kinds.register(
        SearchKind("mapping", "Mappings", "table", "people.view", "people", ColumnMapping, mapping_documents)
    )
    search_kinds.register(
        SearchKind("job", "Jobs", "gear", "settings.view", "settings", Job, job_documents, order=1)
    )


def add(title: str, text: str = "") -> ColumnMapping:
    return ColumnMapping.objects.create(source=title, name=text or title)


def titles(text: str, user: User, **more: object) -> list[str]:
    return [hit.title for hit in search(text, user, **more)]  # type: ignore[arg-type]


def test_words_are_folded_and_split_alike_everywhere() -> None:
    assert words("Łucja Pérez-Øst") == ["lucja", "perez", "ost"]
    assert words("STRASSE Straße") == ["strasse", "strasse"]
    assert words("李明 at x_y") == ["李", "明", "at", "x", "y"]
    assert words("हिंदी") == ["हद"]
    assert words("\ue000a\ue001b \x00c") == ["a", "b", "c"]
    assert words("a" * 100) == ["a" * 64]


def test_title_beats_text_and_whole_words_beat_beginnings(alice: User) -> None:
    add("Nothing much", "the river maria")
    add("Marianne River", "")
    add("Maria", "")
    add("Maria of the long river", "")
    add("Something", "mariannes")
    add("Unrelated", "")
    assert titles("maria", alice) == [
        "Maria",
        "Maria of the long river",
        "Marianne River",
        "Nothing much",
        "Something",
    ]
    assert [hit.rank for hit in search("maria", alice)] == [0, 0, 1, 2, 3]
    assert titles("river mari", alice) == ["Marianne River", "Maria of the long river", "Nothing much"]
    assert titles("maria", alice, limit=2) == ["Maria", "Maria of the long river"]
    assert titles("maria", alice, limit=2, offset=2) == ["Marianne River", "Nothing much"]
    assert titles("maria", alice, offset=10_000) == []


def test_accents_and_case_do_not_matter(alice: User) -> None:
    add("Łucja Pérez")
    add("lucja perez again")
    for typed in ("lucja perez", "LUCJA PÉREZ", "Łucja Pe", "pérez,łucja"):
        assert titles(typed, alice) == ["Łucja Pérez", "lucja perez again"], typed


def test_every_script_is_found_by_its_beginning(alice: User) -> None:
    for name in ("李明", "Ольга Реченко", "हिमानी", "ንግስት", "김바다", "مريم", "Nguyễn Thị Sông"):
        add(name)
        assert titles(name, alice) == [name]
    assert titles("明", alice) == ["李明"]
    assert titles("ольг", alice) == ["Ольга Реченко"]
    assert titles("nguyen song", alice) == ["Nguyễn Thị Sông"]


@pytest.mark.parametrize(
    "typed",
    [
        "oceonography",
        "oceanograhpy",
        "oceangraphy",
        "oceanoggraphy",
        "oceonog",
        "oceanogrpahi",
        "wavse oceanography",
    ],
)
def test_typing_errors_are_forgiven(
    alice: User, typed: str, django_capture_on_commit_callbacks: object
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        add("Waves in oceanography")
        add("Rivers")
    assert titles(typed, alice) == ["Waves in oceanography"]
    assert search(typed, alice)[0].rank == 4
    assert list(ids_matching("mapping", typed)) == [
        ColumnMapping.objects.get(source="Waves in oceanography").pk
    ]


def test_what_is_too_different_or_too_short_is_not_guessed(
    alice: User, django_capture_on_commit_callbacks: object
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        add("tide river 20260101")
    assert titles("tixy", alice) == []
    assert titles("tid", alice) == ["tide river 20260101"]
    assert titles("xid", alice) == []
    assert titles("20260102", alice) == []


def test_errors_are_counted_as_slips_of_the_finger() -> None:
    assert spelling.errors("smith", "smith") == 0
    assert spelling.errors("smtih", "smith") == 1
    assert spelling.errors("smih", "smith") == 1
    assert spelling.errors("smyth", "smith") == 1
    assert spelling.errors("smithh", "smith") == 1
    assert spelling.errors("", "abc") == 3


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        '"',
        "'",
        "*",
        "AND",
        "OR NOT NEAR(",
        'maria" OR "x',
        "maria' | 'x",
        "maria:* & !x",
        "title:maria",
        "kernel_searchindex:maria",
        "^maria",
        "maria\x00x",
        "\ue001mapping",
        "\\",
        "%s %(x)s",
        "-maria",
        "m" * 10_000,
        "maria " * 2_000,
        "('" * 5_000,
    ],
)
def test_nothing_that_people_type_breaks_it(alice: User, bob: User, typed: str) -> None:
    add("Maria")
    Job.objects.create(kind="secret.maria")
    assert {hit.title for hit in search(typed, bob)} <= {"Maria"}
    assert {hit.title for hit in search(typed, alice)} <= {"Maria", "secret.maria"}
    assert len(ids_matching("mapping", typed)) <= 1


def test_only_what_the_user_may_see_is_found(alice: User, bob: User, charlie: User) -> None:
    add("Maria")
    Job.objects.create(kind="maria")
    assert [(hit.kind.key, hit.title) for hit in search("maria", alice)] == [
        ("mapping", "Maria"),
        ("job", "maria"),
    ]
    assert [(hit.kind.key, hit.title) for hit in search("maria", bob)] == [("mapping", "Maria")]
    assert search("maria", charlie) == []
    assert search("maria", bob, kinds=["job"]) == []
    assert [hit.kind.key for hit in search("maria", alice, kinds=["job"])] == ["job"]


def test_saving_and_deleting_keeps_the_index_up_to_date(alice: User) -> None:
    row = add("Before")
    assert titles("before", alice) == ["Before"]
    row.source = row.name = "After"
    row.save()
    assert titles("before", alice) == []
    assert titles("after", alice) == ["After"]
    row.name = "hidden"
    row.save()
    assert titles("after", alice) == []
    row.name = "shown"
    row.save()
    assert titles("after shown", alice) == ["After"]
    row.delete()
    assert titles("after", alice) == []
    assert SearchEntry.objects.count() == 0


def test_the_index_changes_with_the_transaction(alice: User) -> None:
    with transaction.atomic():
        add("Never was")
        transaction.set_rollback(True)
    assert titles("never", alice) == []


def test_bulk_writes_are_told(alice: User) -> None:
    made = ColumnMapping.objects.bulk_create([ColumnMapping(source=f"Bulk {n}", name="x") for n in range(3)])
    assert titles("bulk", alice) == []
    rows_changed(ColumnMapping, [row.pk for row in made])
    assert titles("bulk", alice) == ["Bulk 0", "Bulk 1", "Bulk 2"]
    ColumnMapping.objects.filter(pk=made[0].pk).update(source="Other")
    assert index("mapping", [made[0].pk, made[1].pk]) == 1
    assert index("mapping", [made[0].pk, made[1].pk]) == 0
    assert titles("bulk", alice) == ["Bulk 1", "Bulk 2"]
    assert remove("mapping", [made[1].pk]) == 1
    assert titles("bulk", alice) == ["Bulk 2"]
    ColumnMapping.objects.filter(pk=made[2].pk).delete()
    assert index("mapping", [made[2].pk]) == 0


def test_ids_matching_is_a_subquery_for_lists(alice: User, django_assert_num_queries: object) -> None:
    first, second = add("River one"), add("River two")
    add("Other")
    Job.objects.create(kind="river")
    with django_assert_num_queries(2):  # type: ignore[operator]
        found = list(ColumnMapping.objects.filter(pk__in=ids_matching("mapping", "riv")).order_by("pk"))
    assert found == [first, second]
    assert list(ids_matching("mapping", "!!")) == []


def test_at_most_six_queries_however_many_are_found(
    alice: User, django_assert_max_num_queries: object
) -> None:
    alice.levels  # noqa: B018 - read once per request
    for count in (1, 3):
        for n in range(count):
            add(f"Stream {count} {n}")
        with django_assert_max_num_queries(5):  # type: ignore[operator]
            search("stream", alice)
        with django_assert_max_num_queries(6):  # type: ignore[operator]
            search("strxxam", alice)


def test_forgotten_words_leave_the_spellings(django_capture_on_commit_callbacks: object) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        row = add("Erased Somebody", "kept words")
    assert set(SearchSpelling.objects.values_list("word", flat=True)) == {
        "erased",
        "somebody",
        "kept",
        "words",
    }
    row.delete()
    assert spelling.forget_unused() > 0
    assert SearchSpelling.objects.count() == 0


def test_a_long_query_is_cut() -> None:
    assert len(query_words(" ".join(f"w{n}" for n in range(100)))) == 12
