"""Forgiving typing errors: the known words that a word could have been meant as.

Each known word is kept under its beginning and under that beginning with one character left out; so is what somebody
typed. One letter wrong, missing, too many or two swapped then meet under some form, which an ordinary index finds at
once however many words there are (source: the symmetric delete method, W. Garbe, "SymSpell").
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import connection

from folkmoot.kernel.search.models import SearchEntry, SearchSpelling

#: Only so much of a word's beginning is compared through its forms; the rest by counting the errors.
BEGINNING = 7
#: Shorter words are too like one another to be guessed at.
SHORTEST = 4
MOST_GUESSES = 6
#: So many known words are compared at most, so that words with a common beginning cost no more.
MOST_COMPARED = 300


def is_guessable(word: str) -> bool:
    """Long enough, and letters only: numbers are not guessed at, nor the marks that the index adds to words."""
    return len(word) >= SHORTEST and word.isalpha()


def forms(word: str) -> set[str]:
    """The word's beginning, whole and with each one of its characters left out."""
    head = word[:BEGINNING]
    return {head, *(head[:i] + head[i + 1 :] for i in range(len(head)))}


def errors(typed: str, word: str) -> int:
    """How many slips of the finger turn ``word`` into ``typed``: a letter wrong, missing, too many, two swapped.

    Source: the restricted Damerau-Levenshtein (optimal string alignment) distance.
    """
    before: list[int] = []
    last = list(range(len(word) + 1))
    for i, letter in enumerate(typed, 1):
        row = [i]
        for j, other in enumerate(word, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == word[j - 2] and typed[i - 2] == other:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]


def forgiven(typed: str) -> int:
    """How many errors are forgiven in a word of this length."""
    return 1 if len(typed) < BEGINNING else 2


def guesses(typed: Sequence[str]) -> dict[str, list[str]]:
    """For each word typed, the known words it could have been meant as, the likeliest first. One query."""
    wanted = {word: forms(word) for word in typed if is_guessable(word)}
    if not wanted:
        return {}
    known: dict[str, set[str]] = defaultdict(set)
    rows = SearchSpelling.objects.filter(form__in=set().union(*wanted.values()))
    for form, word in rows.values_list("form", "word")[:MOST_COMPARED]:
        known[form].add(word)
    found: dict[str, list[str]] = {}
    for word, its_forms in wanted.items():
        scored = []
        for candidate in set().union(*(known[form] for form in its_forms)):
            # Somebody still typing has written the beginning only.
            slips = min(errors(word, candidate), errors(word, candidate[: len(word)]))
            if 0 < slips <= forgiven(word):
                scored.append((slips, abs(len(candidate) - len(word)), candidate))
        found[word] = [candidate for _, _, candidate in sorted(scored)[:MOST_GUESSES]]
    return found


def learn(words: Iterable[str]) -> None:
    """Remember words that entries hold. Called after the entries are committed, so that it never holds locks long."""
    fresh = sorted({word for word in words if is_guessable(word)})
    for start in range(0, len(fresh), 400):
        batch = fresh[start : start + 400]
        heads = [word[:BEGINNING] for word in batch]
        known = set(
            SearchSpelling.objects.filter(form__in=heads, word__in=batch).values_list("word", flat=True)
        )
        unknown = [word for word in batch if word not in known]
        SearchSpelling.objects.bulk_create(
            [SearchSpelling(form=form, word=word) for word in unknown for form in sorted(forms(word))],
            ignore_conflicts=True,
            batch_size=400,
        )


def forget_unused() -> int:
    """Drop the words that no entry holds any more (a name that was erased must not live on here).

    Returns:
        how many rows went.
    """
    used = (
        "SELECT term FROM kernel_searchterms"
        if connection.vendor == "sqlite"
        else "SELECT word FROM ts_stat('SELECT vector FROM kernel_searchentry')"
    )
    table = connection.ops.quote_name(SearchSpelling._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE word NOT IN ({used})")  # noqa: S608 - our own names only
        return int(cursor.rowcount)


def learn_all() -> None:
    """Remember the words of every entry again."""
    gathered: set[str] = set()
    for text in SearchEntry.objects.values_list("words", flat=True).iterator(chunk_size=2_000):
        gathered.update(text.split())
        if len(gathered) > 50_000:
            learn(gathered)
            gathered.clear()
    learn(gathered)
