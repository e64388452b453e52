"""What came from AMY once and what AMY lists no more: of every kind of record. It is told, and stays here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from django.apps import apps
from django.db.models import Min, QuerySet

from folkmoot.kernel.imports.models import ImportChange, ImportRun, SeenRecord
from folkmoot.people.imports.amy.lists import CONSENT, LATER, OPTION, QUALIFICATION, TASK, TERM, V2, WORD_OF
from folkmoot.people.imports.amy.mapped import record_inside
from folkmoot.people.imports.amy.part import models_read
from folkmoot.people.imports.amy.source import AMY
from folkmoot.people.models import AmyInventory

T = TypeVar("T")
#: A row here: its table and its key.
_Row = tuple[str, str]
#: A record of AMY's: its model and its number.
_Record = tuple[str, str]
#: What a reading listed of a model: numbers as such, for there are many; keys of other kinds as they are.
Numbers = frozenset[int | str]
MEMBER = "workshops.member"
#: Records that have another name in the API than in a dump.
_TWO_NAMES = frozenset({TASK, MEMBER, QUALIFICATION, CONSENT})
#: Tables of which the API lists what has not ended, when it ended here.
_ENDED = {"people.consentkind": "archived_at"}
#: Small lists of AMY's that never become empty. A dump of an app holds those of them that it held before; a dump of
#: some models of an app, named one by one, most likely does not.
_NEVER_EMPTY = frozenset({
    *WORD_OF, TERM, OPTION, "workshops.academiclevel", "workshops.computingexperiencelevel", "workshops.infosource",
    "workshops.memberrole", "workshops.curriculumtype", "workshops.trainingrequirement", "workshops.eventcategory",
    "fiscal.membershippersonrole", "offering.benefit", "communityroles.communityroleconfig",
    "communityroles.communityroleinactivation", "extrequests.datavariant", "emails.emailtemplate",
})  # fmt: skip
#: Lists that every reading by the API has: one of them that is empty says that nothing is left.
_ALWAYS = frozenset({MEMBER, *(one.model for one in V2 if one.path not in LATER)})
_AT_ONCE = 1000


def numbers_of(pks: Iterable[str]) -> Numbers:
    """The numbers of what was listed, held small."""
    return frozenset(number_of(pk) for pk in pks)


def not_listed(
    listed: Mapping[str, Numbers], *, is_live: bool, run: ImportRun | None = None
) -> dict[str, list[str]]:
    """Model -> numbers of records that are here and that this reading did not list; some statements for each table.

    A record is one of those only where what it became is here, and is not what a listed record of its kind is, too: two
    people whom AMY merged are one here as well. By the API a part has another name than in a dump, and words of small
    lists are told only where something names them: each is compared with its own kind of name only.

    Args:
        listed: model -> numbers that were listed.
        run: the reading, where later ones may have been: what came with those is not asked for.
    """
    names = _Names(listed, is_live, frozenset() if is_live else _apps_held_whole(listed, run))
    own: dict[_Record, list[_Row]] = defaultdict(list)
    parts: dict[_Record, list[_Row]] = defaultdict(list)
    for key, table, row in _seen(run).values_list("key", "table", "row").iterator(chunk_size=5000):
        model, pk, is_own = names.record(key)
        if pk and not names.has(model, pk):
            (own if is_own else parts)[model, pk].append((table, row))
    rows = {record: own.get(record) or parts[record] for record in own.keys() | parts.keys()}
    here = _there({row for those in rows.values() for row in those}, is_live)
    others = _of_listed(here, names)
    found: dict[str, list[str]] = defaultdict(list)
    for (model, pk), those in sorted(rows.items(), key=lambda one: (one[0][0], len(one[0][1]), one[0][1])):
        if any(row in here and (model, row) not in others for row in those):
            found[model].append(pk)
    return dict(found)


class _Names:
    """What was listed, and which remembered records can be compared with it."""

    def __init__(self, listed: Mapping[str, Numbers], is_live: bool, apps_held: frozenset[str]) -> None:
        self.listed = listed
        self.is_live = is_live
        self.apps_held = apps_held
        self.read = frozenset(models_read())
        #: Whether numbers were listed, or other keys, or both.
        self.kinds = {model: {isinstance(pk, int) for pk in pks} for model, pks in listed.items()}

    def has(self, model: str, pk: str) -> bool:
        return number_of(pk) in self.listed.get(model, ())

    def record(self, key: str) -> tuple[str, str, bool]:
        """Model and number of what a key is about, and whether it is the record itself, not a part of it; without a
        number where it cannot be compared with what was listed.
        """
        model, _slash, rest = (record_inside(key) or key).partition("/")
        if not self._is_asked(model):
            return model, "", False
        whole, mark, _part = rest.partition("#")
        names = whole.split("/")
        by_name = _by_name(model, names)
        if model in _TWO_NAMES and by_name != self.is_live:
            return model, "", False
        pk = whole if by_name else names[0]
        is_told = bool(pk) and self._is_comparable(model, pk)
        return model, pk if is_told else "", not mark and pk == whole

    def _is_asked(self, model: str) -> bool:
        """Whether the reading says something of this model, if only that nothing is left of it."""
        if model not in self.read or (self.is_live and model in WORD_OF):
            return False
        if model in self.listed:
            return True
        return model in _ALWAYS if self.is_live else model.partition(".")[0] in self.apps_held

    def _is_comparable(self, model: str, pk: str) -> bool:
        if model in WORD_OF and not pk.isdecimal() and not _is_uuid(pk):
            return False
        kinds = self.kinds.get(model)
        return not kinds or isinstance(number_of(pk), int) in kinds


def _apps_held_whole(listed: Mapping[str, Numbers], run: ImportRun | None) -> frozenset[str]:
    """Apps of AMY of which a dump holds all models that have records: what it does not hold of those is gone.

    An app is held whole when the small lists of it that earlier dumps held are all there; an app without any, when the
    small lists of every app are. One statement.
    """
    before = AmyInventory.objects.exclude(run__options__has_key="live")
    if run is not None:
        before = before.filter(run_id__lt=run.pk)
    small = set(
        before.filter(model__in=_NEVER_EMPTY & set(models_read())).values_list("model", flat=True).distinct()
    )
    missing = {model.partition(".")[0] for model in small - listed.keys()}
    with_small = {model.partition(".")[0] for model in small}
    held = {model.partition(".")[0] for model in listed}
    return frozenset(app for app in held - missing if app in with_small or (small and not missing))


def number_of(pk: str) -> int | str:
    """A record's number as it is held: "007" is no number, for it would not come back as it was."""
    return int(pk) if pk.isascii() and pk.isdecimal() and (pk == "0" or pk[0] != "0") else pk


def _is_uuid(pk: str) -> bool:
    return len(pk) == 36 and pk.count("-") == 4


def _by_name(model: str, names: Sequence[str]) -> bool:
    """Whether this is how the API names a part (event, person, role), a member (membership, organisation), a consent
    (person, term) or a lesson that somebody can teach (person, lesson)."""
    if model == TASK:
        return len(names) == 3 and not names[0].isdecimal()
    if model in (QUALIFICATION, CONSENT):
        return len(names) > 1
    return model == MEMBER and len(names) == 2 and names[1].isdecimal()


def _seen(run: ImportRun | None) -> QuerySet[SeenRecord]:
    """What is remembered of AMY and is not known to be gone; without what came with imports after this one."""
    seen = SeenRecord.objects.filter(source=AMY, is_gone=False).exclude(row="")
    if run is None:
        return seen
    later = ImportRun.objects.filter(source=AMY, pk__gt=run.pk)
    made = ImportChange.objects.filter(
        run__in=later, model=SeenRecord._meta.label_lower, action=ImportChange.CREATED
    )
    first = made.aggregate(first=Min("object_id"))["first"]
    return seen if first is None else seen.filter(pk__lt=first)


def _there(rows: Iterable[_Row], is_live: bool) -> set[_Row]:
    """Those that are there, and that a reading of this kind would list."""
    found: set[_Row] = set()
    for table, some in _by_table(rows):
        there = apps.get_model(table)._base_manager.filter(pk__in=some)
        if is_live and table in _ENDED:
            there = there.filter(**{_ENDED[table]: None})
        found |= {(table, str(pk)) for pk in there.values_list("pk", flat=True)}
    return found


def _of_listed(rows: Iterable[_Row], names: _Names) -> set[tuple[str, _Row]]:
    """Of these rows: what a record that was listed became, with the model of that record."""
    found: set[tuple[str, _Row]] = set()
    for table, some in _by_table(rows):
        said = SeenRecord.objects.filter(source=AMY, table=table, row__in=some)
        for key, row in said.values_list("key", "row"):
            model, pk, is_own = names.record(key)
            if pk and is_own and names.has(model, pk):
                found.add((model, (table, row)))
    return found


def _by_table(rows: Iterable[_Row]) -> Iterator[tuple[str, list[str]]]:
    """Table and keys, so many at once as a statement may hold."""
    tables: dict[str, list[str]] = defaultdict(list)
    for table, row in rows:
        tables[table].append(row)
    for table, keys in sorted(tables.items()):
        for some in _some(keys):
            yield table, some


def _some(keys: list[T]) -> Iterator[list[T]]:
    for start in range(0, len(keys), _AT_ONCE):
        yield keys[start : start + _AT_ONCE]
