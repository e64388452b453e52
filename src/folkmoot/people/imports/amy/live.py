"""Reading AMY by its API into a file that is imported as a dump is.

Page after page is kept in a folder; a reading that broke off goes on where it stopped, within a day. Only when every
list is there to its end does a file come of it, and only that file is imported: a cut connection leaves nothing behind
in the register. AMY cannot say what changed since, so lists are read whole; what says the same as before changes
nothing here (see ``kernel.imports.seen``).
"""

from __future__ import annotations

import datetime as dt
import fcntl
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from folkmoot.connectors.amy import Amy, AmyProblem, Trouble
from folkmoot.kernel import clock
from folkmoot.kernel.ids import token
from folkmoot.kernel.imports.files import uploads
from folkmoot.people.imports.amy.lists import CONSENTS, LATER, PERSON, V1, V2, Listed
from folkmoot.people.imports.amy.turning import Turning
from folkmoot.people.models import AmyInventory

#: A reading that broke off longer ago begins anew.
GOES_ON_FOR = dt.timedelta(days=1)
FILE, NOTES = "amy.jsonl", "notes.json"
_STATE = "state.json"
#: Told after each page: how many records there are so far, and what is read.
Teller = Callable[[int, str], None]


@dataclass(frozen=True)
class Read:
    """What came of it: the file to import, and what to call it."""

    path: Path
    origin: str
    options: dict[str, Any]


class AlreadyRead(Exception):
    """Another process reads this AMY at this moment."""

    def __str__(self) -> str:
        return _("This AMY is being read at this moment: wait until that is through.")


def read(amy: Amy, tell: Teller = lambda number, what: None) -> Read:
    """Read every list of AMY's, or go on with a reading that broke off.

    Raises:
        AmyProblem: AMY gave no usable answer; what was read is kept, and the next call goes on.
        AlreadyRead: somebody else is at it.
    """
    folder = uploads() / f"amy-{hashlib.sha256(amy.url.encode()).hexdigest()[:16]}"
    folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    with _alone(folder):
        lists = [*V2, *(V1 if amy.has_v1 else ())]
        state = _begun(folder, lists)
        for listed in lists:
            _read_list(amy, listed, folder, state, tell)
        _turn(folder, lists, state, amy.has_v1)
        done = uploads() / f"amy-{token(12)}"
        done.mkdir(mode=0o700)
        for name in (FILE, NOTES):
            (folder / name).rename(done / name)
        for path in folder.iterdir():
            if path.name != "lock":
                path.unlink()
    return Read(done / FILE, amy.url, {"live": amy.url})


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise AlreadyRead from None
        yield


def _begun(folder: Path, lists: list[Listed]) -> dict[str, Any]:
    """How far the last reading came; a new one where there is none, or it is too old, or read other lists."""
    paths = [listed.name for listed in lists]
    try:
        state = json.loads((folder / _STATE).read_text(encoding="utf-8"))
        is_fresh = clock.parse_datetime(state["at"]) > clock.now() - GOES_ON_FOR
        if is_fresh and state["paths"] == paths:
            found: dict[str, Any] = state
            return found
    except (OSError, ValueError, KeyError, TypeError):
        pass
    for path in folder.iterdir():
        if path.name != "lock":
            path.unlink()
    now = clock.now().isoformat()
    return {"begun": now, "at": now, "paths": paths, "lists": {}, "number": 0}


def _keep(folder: Path, state: dict[str, Any]) -> None:
    state["at"] = clock.now().isoformat()
    waiting = folder / f"{_STATE}.new"
    waiting.write_text(json.dumps(state), encoding="utf-8")
    waiting.replace(folder / _STATE)


def _page_file(folder: Path, listed: Listed) -> Path:
    return folder / (re.sub(r"[^\w.-]+", "-", listed.name.strip("/")) + ".jsonl")


def _read_list(amy: Amy, listed: Listed, folder: Path, state: dict[str, Any], tell: Teller) -> None:
    at = state["lists"].setdefault(listed.name, {"next": "", "size": 0, "done": False})
    if at["done"]:
        return
    read = _each_person if listed is CONSENTS else _pages
    with _page_file(folder, listed).open("ab") as file:
        file.truncate(at["size"])  # a page that was written while its state was not is read again
        try:
            for results, following, what in read(amy, listed, folder, at["next"]):
                for record in results:
                    file.write(json.dumps(record, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
                file.flush()
                state["number"] += len(results)
                at |= {"next": following, "size": file.tell(), "done": not following}
                _keep(folder, state)
                tell(state["number"], what)
        except AmyProblem as problem:
            if problem.trouble == Trouble.GONE and listed.path in LATER and not at["next"]:
                at |= {"done": True, "absent": True}
                _keep(folder, state)
                return
            raise


#: Records, where to go on afterwards (nothing at the end), and what is read, for whoever watches.
_Pages = Iterator[tuple[list[dict[str, Any]], str, str]]


def _pages(amy: Amy, listed: Listed, folder: Path, start: str) -> _Pages:
    try:
        for page in amy.pages(listed.path, start=start, query=listed.query):
            yield page.results, page.next, listed.path
    except AmyProblem as problem:
        # AMY's lists have no slash at their end but for one, which may lose it
        if problem.trouble != Trouble.GONE or not listed.path.endswith("/"):
            raise
        for page in amy.pages(listed.path.rstrip("/"), query=listed.query):
            yield page.results, page.next, listed.path


def _each_person(amy: Amy, listed: Listed, folder: Path, start: str) -> _Pages:
    """A list of each person that v2 lists: one request a person. It goes on at the person where it stopped."""
    people = next(one for one in V2 if one.model == PERSON)
    numbers = [int(record["pk"]) for record in _records(folder, people)]
    path = listed.path
    for place, number in enumerate(numbers[int(start or 0) :], start=int(start or 0) + 1):
        results = [
            {"person": number, **record} for page in amy.pages(path % number) for record in page.results
        ]
        what = f"{path % number} ({place}/{len(numbers)})"
        yield results, str(place) if place < len(numbers) else "", what


def _records(folder: Path, listed: Listed) -> Iterator[dict[str, Any]]:
    path = _page_file(folder, listed)
    if path.is_file():
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)


def _turn(folder: Path, lists: list[Listed], state: dict[str, Any], has_v1: bool) -> None:
    turning = Turning(words_known(), state["begun"])
    for listed in lists:
        turning.learn(listed, _records(folder, listed))
    with (folder / FILE).open("w", encoding="utf-8", errors="replace") as file:
        for listed in lists:
            for thing in turning.things(listed, _records(folder, listed)):
                file.write(json.dumps(thing, ensure_ascii=False) + "\n")
    notes = [_said_less(has_v1)]
    for (model, column), number in sorted(turning.lost.items()):
        notes.append(
            _("%(model)s.%(column)s: %(number)d names that lead to no record, or to several: left unsaid.")
            % {"model": model, "column": column, "number": number}
        )
    (folder / NOTES).write_text(json.dumps(notes, ensure_ascii=False), encoding="utf-8")


def _said_less(has_v1: bool) -> str:
    if has_v1:
        return _(
            "Read by the API, which tells less than a dump: workshop requests and inquiries, comments, community "
            "roles, accounts, benefits, and the days of consents come with a dump only."
        )
    return _(
        "Read by the API without a session for API v1: consents, applications for trainings, recruitments, fields of "
        "work, lessons people can teach and attendance were not read; workshop requests and inquiries, comments, "
        "community roles, accounts and benefits come with a dump only."
    )


def words_known() -> dict[str, dict[str, str]]:
    """Numbers of AMY's small lists by their words, as dumps that were imported told them."""
    known: dict[str, dict[str, str]] = {}
    rows = AmyInventory.objects.exclude(words={}).order_by("run_id").values_list("model", "words")
    for model, words in rows:
        known.setdefault(model, {}).update({word: pk for word, pk in words.items() if word != pk})
    return known


def notes_beside(path: Path) -> list[str]:
    """What was noted while a file was read from the API."""
    beside = path.with_name(NOTES)
    if path.name != FILE or not beside.is_file():
        return []
    found: list[str] = json.loads(beside.read_text(encoding="utf-8"))
    return found
