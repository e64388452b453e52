"""The environment variables that Folkmoot reads: what each means, and their values checked.

A value that cannot be used is put into :data:`PROBLEMS` with one sentence, and a safe stand-in is used instead, so that
``folkmoot doctor`` can still run and show it. Everything else refuses to start while there is a problem.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, quote, unquote, urlsplit
from zoneinfo import ZoneInfo

import environ
from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")


@dataclass(frozen=True)
class Setting:
    """One environment variable: what it does, and what holds without it."""

    name: str
    default: str
    help: str
    secret: bool = False


ENVIRONMENT: tuple[Setting, ...] = (
    Setting(
        "FOLKMOOT_DATA_DIR", "./var", "Folder for the database file, uploads, collected assets and the queue."
    ),
    Setting(
        "FOLKMOOT_DATABASE_URL",
        "sqlite:///<data dir>/folkmoot.sqlite3",
        "Where the data lives: `sqlite:////absolute/path.db` or `postgres://user:password@host:5432/name`.",
        secret=True,
    ),
    Setting(
        "FOLKMOOT_REDIS_URL",
        "",
        "`redis://host:6379/0` to wake workers on many machines; empty: a queue file in the data folder.",
        secret=True,
    ),
    Setting(
        "FOLKMOOT_SECRET_KEY",
        "",
        "Signs sessions and links. Empty: made once and kept in `<data dir>/secret-key`.",
        secret=True,
    ),
    Setting(
        "FOLKMOOT_BASE_URL",
        "http://localhost:8000",
        "The address people type; used in links and for host checks.",
    ),
    Setting("FOLKMOOT_ALLOWED_HOSTS", "", "More host names that are answered, separated by commas."),
    Setting(
        "FOLKMOOT_PROXIES",
        "0",
        "How many reverse proxies of your own stand before Folkmoot, so that `X-Forwarded-For` can be believed: sign-in"
        " limits and the list of sessions go by the address of the browser.",
    ),
    Setting("FOLKMOOT_DEBUG", "0", "`1` shows error details in the browser. Never in public."),
    Setting("FOLKMOOT_TIME_ZONE", "UTC", "IANA zone in which dates are shown to people who chose none."),
    Setting(
        "FOLKMOOT_LANGUAGE",
        "en",
        "Language for people whose browser asks for none that is shipped: `en` or `es`.",
    ),
    Setting(
        "FOLKMOOT_MEMBERS",
        "",
        "`open`: members of the community sign in by themselves (by e-mail, GitHub, ORCID) and see their own record,"
        " nothing else; `closed`: only who was invited signs in; empty: as *Settings, Community* says, at first"
        " `closed`.",
    ),
    Setting(
        "FOLKMOOT_CONTRIBUTORS",
        "",
        "The public pages under `/contributors/` of people who consented: `listed`; `unlisted`: search engines are"
        " asked to leave them out; `closed`: there are none; empty: as *Settings, Community* says, at first"
        " `unlisted`.",
    ),
    Setting("FOLKMOOT_WEB_WORKERS", "1", "Web processes that `folkmoot serve` starts."),
    Setting("FOLKMOOT_JOB_THREADS", "2", "Jobs that one worker process runs at the same time."),
    Setting(
        "FOLKMOOT_MAIL_URL",
        "consolemail://",
        "How mail leaves: `smtp://user:password@host:587`.",
        secret=True,
    ),
    Setting("FOLKMOOT_MAIL_FROM", "folkmoot@localhost", "Sender of the mails that Folkmoot writes."),
    Setting("FOLKMOOT_LOG_FORMAT", "auto", "`json`, `console`, or `auto`: console in a terminal, else JSON."),
    Setting(
        "FOLKMOOT_SECRET_KEYS",
        "",
        "Keys that stored passwords and tokens are encrypted with, separated by commas, the current one first. Empty:"
        " made once and kept in `<data dir>/encryption-keys`.",
        secret=True,
    ),
    Setting(
        "FOLKMOOT_STORAGE_URL",
        "",
        "Where uploads live: `s3://key:secret@bucket/folder?endpoint=https://host&region=name` (extra `s3`); empty: the"
        " data folder.",
        secret=True,
    ),
    Setting(
        "FOLKMOOT_BACKUP_DIR", "", "Folder for a backup each night; empty: none are taken by themselves."
    ),
    Setting(
        "FOLKMOOT_BACKUP_KEEP",
        "7,5",
        "How many nightly backups are kept, and of how many weeks one more each.",
    ),
    Setting(
        "FOLKMOOT_BACKUP_KEY",
        "",
        "Encrypts backups: a key made by `folkmoot backup-key`, or the path of its file. The public part is enough to"
        " take them.",
        secret=True,
    ),
    Setting(
        "FOLKMOOT_HTTP_ALLOW",
        "",
        "Hosts, addresses or networks (`host`, `10.0.0.5:8080`, `10.0.0.0/8`), separated by commas, that may be asked"
        " although they are private or use an unusual port.",
    ),
    Setting(
        "FOLKMOOT_X",
        "0",
        "`1` allows channels to X, which charges for every post. Otherwise none can be made, and those that are there"
        " send nothing.",
    ),
    Setting(
        "FOLKMOOT_METRICS_TOKEN",
        "",
        "Opens `/metrics` to a Prometheus elsewhere (`Authorization: Bearer …`); empty: this machine only.",
        secret=True,
    ),
    Setting("FOLKMOOT_API_REQUESTS", "600", "How many requests to the API one token may make in a minute."),
    Setting(
        "FOLKMOOT_API_ORIGINS",
        "",
        "Sites whose scripts may read the API in a browser, separated by commas: `https://board.example.org`; empty:"
        " none.",
    ),
    Setting(
        "FOLKMOOT_GITHUB_CLIENT_ID",
        "",
        "Offers signing in with GitHub: the ID of an OAuth app whose callback address is"
        " `<base URL>/accounts/github/login/callback/`.",
    ),
    Setting("FOLKMOOT_GITHUB_CLIENT_SECRET", "", "The secret of that app.", secret=True),
    Setting(
        "FOLKMOOT_ORCID_CLIENT_ID",
        "",
        "Offers signing in with ORCID: the ID of an ORCID public API client whose redirect address is"
        " `<base URL>/accounts/orcid/login/callback/`.",
    ),
    Setting("FOLKMOOT_ORCID_CLIENT_SECRET", "", "The secret of that client.", secret=True),
    Setting(
        "FOLKMOOT_OIDC_ISSUER",
        "",
        "Offers signing in with any OpenID Connect provider: its issuer, such as `https://login.example.org`. Its"
        " redirect address for Folkmoot is `<base URL>/accounts/oidc/login/callback/`.",
    ),
    Setting("FOLKMOOT_OIDC_CLIENT_ID", "", "The ID that the provider gave Folkmoot."),
    Setting("FOLKMOOT_OIDC_CLIENT_SECRET", "", "The secret that belongs to it.", secret=True),
    Setting("FOLKMOOT_OIDC_NAME", "OpenID Connect", "What the button for that provider says."),
    Setting(
        "FOLKMOOT_CANDIDATES_FROM",
        "0.65",
        "How alike two records must be, from 0 to 1, to be offered as perhaps one; see [identities](identities.md).",
    ),
    Setting(
        "FOLKMOOT_SENTRY_DSN",
        "",
        "Where errors are reported to (extra `sentry`); empty: nowhere.",
        secret=True,
    ),
)

#: Said instead of the parser's own words, which may repeat a part of the password.
_UNREADABLE = "it is no address (in a password, every sign but letters and digits is written as %XX)"

#: Setting -> one sentence about what is wrong with its value and what to write instead.
PROBLEMS: dict[str, str] = {}


def setting(name: str, default: str | None = None) -> str:
    """The value of a declared environment variable, stripped; its declared default when unset or empty."""
    declared = next((s for s in ENVIRONMENT if s.name == name), None)
    if declared is None:
        raise ImproperlyConfigured(f"{name} is not declared in folkmoot.environment.ENVIRONMENT")
    value = os.environ.get(name, "").strip()
    return value or (declared.default if default is None else default)


def read(name: str, parse: Callable[[str], T], fallback: T, default: str | None = None) -> T:
    """The parsed value. Where ``parse`` raises ``ValueError``, its sentence is a problem and ``fallback`` holds."""
    try:
        return parse(setting(name, default))
    except ValueError as error:
        PROBLEMS[name] = str(error)
        return fallback


def secrets_given() -> list[str]:
    """What must never be shown: the values of secret settings, and the passwords within those that are addresses."""
    found = []
    for value in (setting(each.name) for each in ENVIRONMENT if each.secret):
        try:
            found.append((urlsplit(value).password or "") if "://" in value else value)
        except ValueError:  # an address that cannot be read is hidden whole
            found.append(value)
    return found


def whole_number(low: int, high: int) -> Callable[[str], int]:
    """Reads a whole number between two bounds."""

    def parse(value: str) -> int:
        if not (value.isascii() and value.isdigit() and low <= int(value) <= high):
            raise ValueError(f"{value!r} is no whole number from {low} to {high}")
        return int(value)

    return parse


def fraction(value: str) -> float:
    """Parse a number from 0 to 1.

    Raises:
        ValueError: it is none.
    """
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise ValueError(f"{value!r} is no number from 0 to 1; write 0.65, for example.")
    return number


def two_numbers(value: str) -> str:
    """Reads two whole numbers with a comma between them, and leaves them as they are."""
    if not all(part.strip().isdigit() for part in value.split(",")) or value.count(",") != 1:
        raise ValueError(f"{value!r} is not two whole numbers: write nights and weeks, such as 7,5")
    return value


def one_of(*known: str) -> Callable[[str], str]:
    """Reads one of some words."""

    def parse(value: str) -> str:
        if value not in known:
            raise ValueError(f"{value!r} is none of {', '.join(known)}")
        return value

    return parse


def zone(value: str) -> str:
    """Reads the name of an IANA time zone."""
    try:
        ZoneInfo(value)
    except (KeyError, OSError, ValueError):
        raise ValueError(f"{value!r} is no IANA time zone: write one such as Europe/Berlin") from None
    return value


def web_address(value: str) -> str:
    """Reads the address people type, without the last slash."""
    example = "write one such as https://moot.example.org"
    try:
        parts = urlsplit(value)
        _port = parts.port
    except ValueError:
        raise ValueError(f"{value!r} is no web address: {example}") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{value!r} is no web address: {example}")
    if parts.path.strip("/") or parts.query or parts.fragment or parts.username:
        raise ValueError(f"{value!r} holds more than a host: {example}")
    return value.rstrip("/")


def origins(value: str) -> list[str]:
    """Reads origins: scheme and host, as a browser names them."""
    found = [web_address(part.strip()) for part in value.split(",") if part.strip()]
    return [f"{parts.scheme}://{parts.netloc}".lower() for parts in map(urlsplit, found)]


def redis_address(value: str) -> str:
    """Reads a Redis address; empty stays empty."""
    forms = "write redis://host:6379/0, or leave it empty"
    try:
        parts = urlsplit(value)
        _port = parts.port
    except ValueError:
        raise ValueError(f"{_UNREADABLE}: {forms}") from None
    if value and parts.scheme not in ("redis", "rediss", "unix"):
        raise ValueError(f"it does not begin with redis://: {forms}")
    return value


def mail_config(value: str) -> dict[str, Any]:
    """Reads how mail leaves into Django's settings for it."""
    schemes = ("smtp", "smtps", "smtp+tls", "smtp+ssl", "consolemail", "filemail", "memorymail", "dummymail")
    forms = "write smtp://user:password@host:587, or consolemail:// to print mails"
    try:
        if urlsplit(value).scheme not in schemes:
            raise ValueError(
                f"it begins with none of {', '.join(f'{scheme}://' for scheme in schemes)}: {forms}"
            )
        found: dict[str, Any] = environ.Env.email_url_config(value)
    except (ImproperlyConfigured, ValueError):
        raise ValueError(f"{_UNREADABLE}: {forms}") from None
    return found


def data_folder(project: Path) -> Callable[[str], Path]:
    """Reads the data folder; a relative one lies in the project's folder when unset, else in the working folder."""

    def parse(value: str) -> Path:
        if "\x00" in value:
            raise ValueError("it holds a NUL character")
        return (
            (Path(value) if os.environ.get("FOLKMOOT_DATA_DIR", "").strip() else project / "var")
            .expanduser()
            .resolve()
        )

    return parse


def sqlite_options() -> dict[str, Any]:
    """WAL with IMMEDIATE transactions: a writer waits for its turn instead of failing half-way."""
    return {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
            "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-65536; PRAGMA mmap_size=268435456;"
        ),
    }


def sqlite_url(path: Path) -> str:
    """The database URL of a file."""
    return f"sqlite:///{quote(str(path))}"


def database(url: str) -> dict[str, Any]:
    """Django's DATABASES entry for a database URL.

    Raises:
        ValueError: the URL cannot be used; the message never repeats it, since it may hold a password.
    """
    forms = "write sqlite:////absolute/path.db or postgres://user:password@host:5432/name"
    try:
        parts = urlsplit(url)
        port = parts.port if parts.scheme in ("postgres", "postgresql") else None
    except ValueError:
        raise ValueError(f"{_UNREADABLE}: {forms}") from None
    if parts.scheme == "sqlite":
        # sqlite:////a/b.db is /a/b.db; sqlite:///b.db is b.db in the working folder.
        if parts.netloc:
            raise ValueError(
                "it names a host where the file belongs: write four slashes, sqlite:////absolute/path.db"
            )
        name = unquote(parts.path).removeprefix("/") or ":memory:"
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": name, "OPTIONS": sqlite_options()}
    if parts.scheme in ("postgres", "postgresql"):
        name = unquote(parts.path.lstrip("/"))
        if not name:
            raise ValueError(f"it names no database: {forms}")
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": name,
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": str(port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            # Compiling a plan takes longer than most pages; sorting a quarter's people fits into memory.
            "OPTIONS": {"options": "-c jit=off -c work_mem=32MB"},
        }
    raise ValueError(f"it begins with {parts.scheme[:20]!r}: {forms}")


def storage(url: str) -> dict[str, Any]:
    """Django's STORAGES entry for a storage URL; a folder when it is empty.

    Raises:
        ValueError: the URL is not ``s3://…`` or names no bucket.
    """
    if not url:
        return {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ValueError(f"{_UNREADABLE}: write s3://key:secret@bucket?endpoint=https://…") from None
    if parts.scheme != "s3" or not parts.hostname:
        raise ValueError("it is not of the form s3://key:secret@bucket?endpoint=https://…")
    query = dict(parse_qsl(parts.query))
    options = {
        "bucket_name": parts.netloc.rpartition("@")[2],
        "location": unquote(parts.path).strip("/"),
        "endpoint_url": query.get("endpoint"),
        "region_name": query.get("region"),
        "access_key": unquote(parts.username) if parts.username else None,
        "secret_key": unquote(parts.password) if parts.password else None,
        # Private: read through Folkmoot, which asks for the right; the addresses are signed and short-lived.
        "default_acl": None,
        "querystring_auth": True,
        "querystring_expire": 300,
        "file_overwrite": False,
        "signature_version": "s3v4",
        "addressing_style": "path" if query.get("endpoint") else None,
    }
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {name: value for name, value in options.items() if value is not None},
    }


def issuer(value: str) -> str:
    """Reads the address of an OpenID Connect issuer; empty stays empty. Plain http is for this machine only."""
    example = "write one such as https://login.example.org"
    try:
        parts = urlsplit(value)
        _port = parts.port
    except ValueError:
        raise ValueError(f"{value!r} is no web address: {example}") from None
    if not value:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"{value!r} is no issuer: {example}")
    if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise ValueError(f"{value!r} is not encrypted: {example}")
    return value.rstrip("/")


def sign_in_providers(oidc_issuer: str) -> dict[str, dict[str, Any]]:
    """django-allauth's SOCIALACCOUNT_PROVIDERS: those whose settings are there. Half of them is a problem."""
    found: dict[str, dict[str, Any]] = {}
    for key in ("github", "orcid"):
        name = f"FOLKMOOT_{key.upper()}_CLIENT_"
        if _together(f"{name}ID", f"{name}SECRET"):
            app: dict[str, Any] = {"client_id": setting(f"{name}ID"), "secret": setting(f"{name}SECRET")}
            found[key] = {"APPS": [app], "OAUTH_PKCE_ENABLED": key == "github"}
    if _together("FOLKMOOT_OIDC_ISSUER", "FOLKMOOT_OIDC_CLIENT_ID", "FOLKMOOT_OIDC_CLIENT_SECRET"):
        app = {
            "provider_id": "oidc",
            "name": setting("FOLKMOOT_OIDC_NAME"),
            "client_id": setting("FOLKMOOT_OIDC_CLIENT_ID"),
            "secret": setting("FOLKMOOT_OIDC_CLIENT_SECRET"),
            "settings": {"server_url": oidc_issuer, "oauth_pkce_enabled": True},
        }
        if oidc_issuer:
            found["openid_connect"] = {"APPS": [app]}
    return found


def _together(*names: str) -> bool:
    """Whether all of these are set; some of them alone are a problem."""
    missing = [name for name in names if not setting(name)]
    if missing and len(missing) < len(names):
        given = next(name for name in names if setting(name))
        PROBLEMS[missing[0]] = f"it is missing, and {given} does nothing without it"
    return not missing


def secret_key(folder: Path) -> str:
    """The given key, or one made on first use and kept in the data folder, readable by its owner only."""
    given = setting("FOLKMOOT_SECRET_KEY")
    if given:
        return given
    from django.core.management.utils import get_random_secret_key

    path = folder / "secret-key"
    try:
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            try:
                with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
                    file.write(get_random_secret_key())
            except FileExistsError:  # another process was first
                pass
        kept = path.read_text().strip()
        for _ in range(25):  # whoever was first may not have written it yet
            if kept:
                break
            time.sleep(0.02)
            kept = path.read_text().strip()
    except OSError as error:
        PROBLEMS["FOLKMOOT_DATA_DIR"] = (
            f"{folder} cannot be used ({error.strerror}): name a folder that this user may write to"
        )
        return get_random_secret_key()
    if not kept:
        PROBLEMS["FOLKMOOT_SECRET_KEY"] = f"{path} is empty: remove it, and a new key is made"
        return get_random_secret_key()
    return kept


def refuse_problems() -> None:
    """Stop when a value cannot be used; only ``folkmoot doctor`` goes on, to show it.

    Raises:
        ImproperlyConfigured: names every such setting.
    """
    words = [word for word in sys.argv[1:] if not word.startswith("-")]
    if PROBLEMS and words[:1] != ["doctor"]:
        told = "; ".join(f"{name}: {problem}" for name, problem in PROBLEMS.items())
        raise ImproperlyConfigured(f"{told}. `folkmoot doctor` checks every setting.")
