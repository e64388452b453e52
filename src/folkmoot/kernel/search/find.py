"""Finding: what the search page, the palette, filters of lists and the API share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import BooleanField, F, Func, QuerySet

from folkmoot.kernel.search import spelling
from folkmoot.kernel.search.kinds import SearchKind, search_kinds
from folkmoot.kernel.search.models import SearchEntry
from folkmoot.kernel.search.words import KIND, TITLE, query_words

#: Among so many matches of one rank the best are chosen; more are not looked at, so that a common word costs no more.
CANDIDATES = 400
#: How deep a list of hits goes; who wants more types another word.
DEEPEST = 500


@dataclass(frozen=True)
class Hit:
    """A record that was found.

    Attributes:
        kind: its kind, with label and icon.
        id: the record's primary key.
        rank: 0 all words in the title, 1 as beginnings in the title, 2 all words anywhere, 3 as beginnings anywhere,
            4 after forgiving typing errors.
    """

    kind: SearchKind
    id: int
    title: str
    subtitle: str
    url: str
    rank: int


@dataclass(frozen=True)
class _Word:
    """One word to look for, in any of several spellings."""

    spellings: tuple[str, ...]
    in_title: bool = False
    beginning: bool = False


def visible_kinds(user: Any, kinds: Iterable[str] | None = None) -> list[SearchKind]:
    """The kinds that this user may find, of those named (all when ``None``)."""
    wanted = None if kinds is None else set(kinds)
    return [k for k in search_kinds if (wanted is None or k.key in wanted) and user.has_perm(k.permission)]


def search(
    text: str, user: Any, kinds: Iterable[str] | None = None, *, limit: int = 20, offset: int = 0
) -> list[Hit]:
    """The records that hold all of these words, the best first; only those that the user may see.

    The title counts more than the rest, whole words more than beginnings; equal ones by their title's length.
    Accents and case do not matter. When nothing holds the words, typing errors are forgiven. One query, and two more
    for typing errors, beside the user's rights.
    """
    allowed = {kind.key: kind for kind in visible_kinds(user, kinds)}
    typed = query_words(text)
    if not typed or not allowed or offset >= DEEPEST:
        return []
    wanted = min(offset + limit, DEEPEST)
    only = None if len(allowed) == len(search_kinds) else sorted(allowed)
    ranks = [[_Word((word,), in_title, beginning) for word in typed] for in_title, beginning in _RANKS]
    found = _hits(_rows([expression(words, only) for words in ranks], typed, wanted), allowed)
    if not found:
        forgiving = _forgiving(typed)
        if forgiving:
            found = _hits(_rows([expression(forgiving, only)], typed, wanted, first_rank=4), allowed)
    return found[offset:wanted]


#: Whether only the title counts, and whether beginnings of words do: the best first.
_RANKS = ((True, False), (True, True), (False, False), (False, True))


def _hits(rows: Iterable[tuple[Any, ...]], allowed: dict[str, SearchKind]) -> list[Hit]:
    """Each record once, by the best of its ranks."""
    found: dict[int, Hit] = {}
    for rank, pk, kind, object_id, title, subtitle, url in rows:
        if pk not in found and kind in allowed:
            found[pk] = Hit(allowed[kind], object_id, title, subtitle, url, rank)
    return list(found.values())


def _rows(
    matches: Sequence[str], typed: Sequence[str], limit: int, *, first_rank: int = 0
) -> list[tuple[Any, ...]]:
    """Entries that match the first expression, then those that match the next one, in one statement.

    An expression is not looked for at all where those before it have found enough: on SQLite a limit of none ends it at
    once, on PostgreSQL a condition that holds for no row (a limit that it does not know beforehand misleads its plans).
    """
    is_sqlite = connection.vendor == "sqlite"
    matching = (
        "SELECT rowid AS id FROM kernel_searchindex WHERE kernel_searchindex MATCH %s"
        if is_sqlite
        else "SELECT id FROM kernel_searchentry WHERE vector @@ %s::tsquery"
    )
    order = "CASE WHEN e.title_key = %s THEN 0 ELSE 1 END, length(e.title_key), e.title_key, e.id"
    title_key = " ".join(typed)
    parts: list[str] = []
    params: list[Any] = []
    for number, match in enumerate(matches):
        most, only_if, counted = str(CANDIDATES), "", list[Any]()
        if number:
            before = " UNION ".join(f"SELECT id FROM rank{earlier}" for earlier in range(number))  # noqa: S608 - our own text only
            missing = f"SELECT count(*) < %s FROM ({before}) b"  # noqa: S608
            counted = [limit]
            if is_sqlite:
                most = f"(SELECT CASE WHEN ({missing}) THEN {CANDIDATES} ELSE 0 END)"
            else:
                only_if = f"WHERE ({missing})"
        parts.append(
            f"rank{number} AS MATERIALIZED (SELECT e.id AS id FROM ({matching} LIMIT {most}) m"  # noqa: S608
            f" JOIN kernel_searchentry e ON e.id = m.id {only_if} ORDER BY {order} LIMIT %s)"
        )
        params += [match, *counted, title_key, limit]
    union = " UNION ALL ".join(
        f"SELECT {first_rank + number} AS place, id FROM rank{number}"  # noqa: S608
        for number in range(len(matches))
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH {', '.join(parts)} SELECT r.place, e.id, e.kind, e.object_id, e.title, e.subtitle, e.url"  # noqa: S608
            f" FROM ({union}) r JOIN kernel_searchentry e ON e.id = r.id ORDER BY r.place, {order}",
            [*params, title_key],
        )
        return list(cursor.fetchall())


def expression(look_for: Sequence[_Word], kinds: Sequence[str] | None = None) -> str:
    """The match in the database's own language. Words hold letters and digits only, so nothing needs escaping."""
    groups = [
        [
            (TITLE if word.in_title else "") + spelling + ("*" if word.beginning else "")
            for spelling in word.spellings
        ]
        for word in look_for
    ]
    if kinds is not None:
        groups.append([KIND + kind for kind in kinds])
    if connection.vendor == "sqlite":
        quoted = [
            [f'"{term.removesuffix("*")}"' + ("*" if term.endswith("*") else "") for term in g]
            for g in groups
        ]
        return " AND ".join(f"({' OR '.join(group)})" for group in quoted)
    quoted = [
        [f"'{term.removesuffix('*')}'" + (":*" if term.endswith("*") else "") for term in g] for g in groups
    ]
    return " & ".join(f"({' | '.join(group)})" for group in quoted)


def _forgiving(typed: Sequence[str]) -> list[_Word]:
    """The same words with what each could have been meant as; empty when there is nothing to forgive."""
    meant = spelling.guesses(typed)
    if not any(meant.values()):
        return []
    return [_Word((word, *meant.get(word, ())), beginning=True) for word in typed]


class Matches(Func):
    """Whether an entry's id is among those that the full-text index finds."""

    arity = 1
    output_field = BooleanField()

    def __init__(self, entry_id: Any, match: str) -> None:
        super().__init__(entry_id)
        self.match = match

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Full-text search of SQLite (FTS5)."""
        sql, params = compiler.compile(self.source_expressions[0])
        inner = "SELECT rowid FROM kernel_searchindex WHERE kernel_searchindex MATCH %s"
        return f"{sql} IN ({inner})", [*params, self.match]

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Full-text search of PostgreSQL (tsvector)."""
        sql, params = compiler.compile(self.source_expressions[0])
        inner = "SELECT id FROM kernel_searchentry WHERE vector @@ %s::tsquery"
        return f"{sql} IN ({inner})", [*params, self.match]


def ids_matching(kind: str, text: str) -> QuerySet[SearchEntry, int]:
    """A subquery of the primary keys of a kind's records that hold all of these words, for filters of lists.

    ``Person.objects.filter(pk__in=ids_matching("person", text))``. Words are beginnings; when nothing holds them,
    typing errors are forgiven. Costs one small query here, three when typing errors are looked for. Text without any
    word matches nothing. It asks for no rights: the list's page has.
    """
    typed = query_words(text)
    if not typed:
        return SearchEntry.objects.none().values_list("object_id", flat=True)
    matching = _entries(kind, [_Word((word,), beginning=True) for word in typed])
    if not matching.exists():
        forgiving = _forgiving(typed)
        if forgiving:
            matching = _entries(kind, forgiving)
    return matching.values_list("object_id", flat=True)


def _entries(kind: str, look_for: Sequence[_Word]) -> QuerySet[SearchEntry]:
    # The kind is among the words: a condition on its column would tempt the database to walk all of the kind's rows.
    return SearchEntry.objects.filter(Matches(F("id"), expression(look_for, [kind])))
