"""The sample community: where it lives, and how it gets there through the same importers as a real one."""

from __future__ import annotations

import csv
import datetime as dt
import fcntl
import re
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from django.conf import settings
from django.db import connection, connections, transaction

from folkmoot.kernel import clock, installation
from folkmoot.kernel.accounts.actions import add_user, grant, grant_all
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.cli import Problem
from folkmoot.kernel.community import Community
from folkmoot.kernel.imports import actions, columns, files
from folkmoot.kernel.imports.models import ImportRun, RunState
from folkmoot.kernel.imports.sources import FileProblem, sources
from folkmoot.kernel.jobs import serve
from folkmoot.kernel.jobs.models import JobState
from folkmoot.kernel.jobs.runner import run_in_foreground
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.people.public import Identity, Person
from folkmoot.publishing.public import finish_sample, make_places, sample_is_finished
from folkmoot.training.public import make_training_sample, training_sample_is_loaded

#: Whoever signs in to the demo. Nobody can own an address that ends in ``.example`` (RFC 2606).
EMAIL = "demo@tidewater.example"
#: Known to everybody who reads this: used only where the demo is reached on this machine alone.
PASSWORD = "low-and-high-water"  # noqa: S105 - see above
#: Held by a demo that runs, shared by its processes.
LOCK = "demo.lock"
SAMPLE = settings.PROJECT_DIR / "sample"
#: What is loaded, in this order: source, path below the sample's folder.
PARTS = (("pyopensci", ""), ("people.csv", "people.csv"))
#: What only the demo loads: channels and what left by them cannot be undone where somebody has their own data.
OF_DEMO = (
    ("events.csv", "events.csv"),
    ("agreements.csv", "agreements.csv"),
    ("posts", "posts.csv"),
    ("articles", "articles"),
)
#: Who agrees to posts in the demo: nobody signs in as her.
COLLEAGUE = "colleague@tidewater.example"
_DAY = re.compile(r"(?<![\d-])(20\d\d-[01]\d-[0-3]\d)(?![\d-])")
_LOADED = (RunState.APPLIED, RunState.UNDOING, RunState.UNDONE)


def place(environment: Mapping[str, str]) -> dict[str, str]:
    """What the environment must say so that the demo has a data folder of its own; empty when it says so already.

    Where nothing is said, that is ``demo`` below the usual data folder, so that ``folkmoot serve`` with your own data
    and the demo never meet. Whoever names a data folder or a database gets the demo there.
    """
    if (
        environment.get("FOLKMOOT_DATA_DIR", "").strip()
        or environment.get("FOLKMOOT_DATABASE_URL", "").strip()
    ):
        return {}
    return {"FOLKMOOT_DATA_DIR": str(Path(settings.DATA_DIR) / "demo")}


def belongs_to_demo() -> bool:
    """Whether the database was made by the demo: its user is there.

    Raises:
        Problem: the database holds somebody's own data; the message says what to do.
    """
    if not installation.has_tables():
        return False
    if User.objects.filter(email=EMAIL).exists():
        return True
    if User.objects.exists() or ImportRun.objects.exists() or Person.objects.exists():
        raise Problem(
            f"The database {installation.database_name()} holds data that is not the demo's, and the demo never mixes"
            " with it: name another folder, for example FOLKMOOT_DATA_DIR=./var/demo, and unset FOLKMOOT_DATABASE_URL."
        )
    return False


@contextmanager
def in_use() -> Iterator[None]:
    """While this lasts, nobody starts the demo over: its processes hold a lock that ends with them."""
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    with (settings.DATA_DIR / LOCK).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield


def start_over() -> None:
    """Remove the demo's database and what belongs to it. Only an SQLite file in the data folder that the demo made.

    Raises:
        Problem: the database is another one, or not the demo's, or the demo is running.
    """
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    with (settings.DATA_DIR / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Problem(
                "The demo is running: end it first (Ctrl-C where it was started), then start over."
            ) from None
        _start_over()


def _start_over() -> None:
    name = str(connection.settings_dict["NAME"])
    path = Path(name)
    if connection.vendor != "sqlite" or Path(settings.DATA_DIR) not in path.resolve().parents:
        raise Problem(
            f"The demo starts over only in its own folder, {settings.DATA_DIR}, and the database is"
            f" {installation.database_name()}: unset FOLKMOOT_DATABASE_URL, or empty that database yourself."
        )
    belongs_to_demo()
    connections.close_all()
    for each in (path, *(path.with_name(path.name + ending) for ending in ("-wal", "-shm", "-journal"))):
        each.unlink(missing_ok=True)
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)


def description() -> dict[str, Any]:
    """What ``sample/sample.yml`` says.

    Raises:
        Problem: the sample is not here.
    """
    try:
        found: dict[str, Any] = yaml.safe_load((SAMPLE / "sample.yml").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Problem(
            f"The sample community is not at {SAMPLE}: run the demo in a clone of the project, where that folder is."
        ) from None
    return found


@contextmanager
def shifted(today: dt.date) -> Iterator[Path]:
    """A copy of the sample in which every date lies as far from ``today`` as the original lies from its anchor."""
    by = today - description()["anchor"]

    def shift(match: re.Match[str]) -> str:
        try:
            return (dt.date.fromisoformat(match[1]) + by).isoformat()
        except ValueError:  # not a date after all
            return match[1]

    with tempfile.TemporaryDirectory(prefix="folkmoot-sample-") as folder:
        root = Path(folder) / "sample"
        root.mkdir()
        for path in sorted(SAMPLE.rglob("*")):
            if path.suffix in (".csv", ".md", ".yml"):
                copy = root / _DAY.sub(shift, path.relative_to(SAMPLE).as_posix())
                copy.parent.mkdir(exist_ok=True)
                copy.write_text(_DAY.sub(shift, path.read_text(encoding="utf-8")), encoding="utf-8")
        yield root


def is_here() -> bool:
    """Whether this installation came with the sample."""
    return (SAMPLE / "sample.yml").is_file()


def load(on_step: Callable[[str], None], user: User | None = None) -> bool:
    """Load what is not loaded yet; each part is one import, which can be looked at and undone like any other.

    ``user`` is who loads it; the demo's own user when absent, who is then a person of the sample too.

    Returns:
        whether anything was loaded.

    Raises:
        Problem: an import stopped; the same command goes on with it.
    """
    about, is_demo = description(), user is None
    known = set(
        ImportRun.objects.filter(origin__startswith="sample/", state__in=_LOADED).values_list(
            "origin", flat=True
        )
    )
    parts = (*PARTS, *OF_DEMO) if is_demo else PARTS
    missing = [(source, path) for source, path in parts if f"sample/{path}" not in known]
    said = yaml.safe_load((SAMPLE / "publishing.yml").read_text(encoding="utf-8"))
    has_plans = not is_demo or sample_is_finished(said)
    has_training = not is_demo or training_sample_is_loaded()
    if not missing and has_plans and has_training:
        return False
    by = user or User.objects.get(email=EMAIL)
    if not has_plans:
        make_places(about=said, actor=by)
    with shifted(clock.today()) as root:
        options = {
            "pyopensci": {"staff": about["staff"], "tracker": about["tracker"]},
            "articles": {"site": said["site"]["name"]},
        }
        for source_key, path in missing:
            on_step(f"Loading sample/{path}")
            _import(source_key, root / path, f"sample/{path}", options.get(source_key, {}), by)
        if not has_training:
            on_step("Loading sample/training.yml")
            training = yaml.safe_load((root / "training.yml").read_text(encoding="utf-8"))
            make_training_sample(about=training, actor=by)
        if not has_plans:
            on_step("Planning its posts")
            states = _states(root / "posts.csv")
            finish_sample(about=said, states=states, actor=by, colleague=_colleague(about))
    if user is None:
        _link(by, about["user"]["github"])
    return True


def _states(path: Path) -> dict[str, str]:
    """Where each post of the sample stands, by its key: an import leaves all of them drafts."""
    with path.open(encoding="utf-8", newline="") as rows:
        return {row["post"]: row["state"] for row in csv.DictReader(rows) if row["state"]}


def _colleague(about: Mapping[str, Any]) -> User:
    user = User.objects.filter(email=COLLEAGUE).first()
    if user is None:
        user = add_user(email=COLLEAGUE, name=about["colleague"], password=secrets.token_urlsafe(24))
        grant(user=user, area=Area.PUBLISHING, level=Level.MANAGE)
    return user


def _import(source_key: str, path: Path, origin: str, options: dict[str, Any], user: User) -> None:
    source = sources.get(source_key)
    try:
        mapping = columns.settle(source, files.headings(path), {}, file=path.name) if source.columns else {}
        run, _resumed = actions.start(
            source=source,
            path=path,
            actor=user,
            origin=origin,
            options=options,
            mapping=mapping,
            apply_at_once=True,
            hold=True,
        )
    except FileProblem as problem:
        raise Problem(f"The sample cannot be read: {problem}.") from problem
    if run.job is not None:
        ended = run_in_foreground(run.job)
        if ended.state != JobState.SUCCEEDED:
            raise Problem(
                f"Loading {origin} stopped: {ended.error or ended.state} Run the demo again to go on."
            )


def _link(user: User, login: str) -> None:
    """The demo's user is a person of the sample, so that some of Today is theirs."""
    identity = (
        Identity.objects.filter(system="github", folded=login.casefold()).select_related("person").first()
    )
    if identity is not None and not Person.objects.filter(user=user).exists():
        identity.person.user = user
        identity.person.save()


@transaction.atomic
def prepare_user() -> str:
    """Make the demo's user and name the community.

    Returns:
        the password when it is known: the fixed one on this machine alone, a random one the first time elsewhere;
        ``""`` when the user has one that only its owner knows.
    """
    about = description()
    user = User.objects.filter(email=EMAIL).first()
    if user is None:
        password = PASSWORD if is_local() else secrets.token_urlsafe(12)
        user = add_user(email=EMAIL, name=about["user"]["name"], password=password)
        grant_all(user=user, level=Level.ADMIN)
        community = Community.current()
        community.name = about["community"]
        community.save()
        return password
    return PASSWORD if user.check_password(PASSWORD) else ""


def is_local() -> bool:
    """Whether people reach this installation on this machine alone."""
    return urlsplit(settings.BASE_URL).hostname in ("localhost", "127.0.0.1", "::1")


def free_port(host: str, wanted: int, tries: int = 20) -> int:
    """The wanted port, or the next one that nobody listens on.

    Raises:
        Problem: none of the next ones is free either.
    """
    for port in range(wanted, wanted + tries):
        try:
            serve.need_free(host, port)
        except Problem:
            continue
        return port
    raise Problem(f"The ports from {wanted} to {wanted + tries - 1} are in use: choose another with --port.")
