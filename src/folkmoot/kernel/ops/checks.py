"""What ``folkmoot doctor --deploy`` asks beyond the everyday: is this fit to be reached by others?"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

from folkmoot.kernel import installation, secrets
from folkmoot.kernel.doctor import Finding, ok, warning, wrong
from folkmoot.kernel.ops import scheduled
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.permissions.models import Grant

#: From so many web processes on, SQLite's one writer at a time is felt.
MANY_WEB_WORKERS = 4
_ONE_YEAR = 31_536_000
#: File systems on which SQLite's locks do not hold between machines.
_SHARED = {"nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "glusterfs", "ceph", "lustre"}


def address() -> list[Finding]:
    """It is reached by its own name and over HTTPS."""
    parts = urlsplit(settings.BASE_URL)
    if parts.hostname in ("localhost", "127.0.0.1", "::1"):
        return [
            wrong(
                "HTTPS",
                f"FOLKMOOT_BASE_URL is {settings.BASE_URL}",
                "Set it to the address people type: https://…",
            )
        ]
    if parts.scheme != "https":
        return [
            wrong(
                "HTTPS", "passwords travel in the open", "Set FOLKMOOT_BASE_URL to https://… behind a proxy."
            )
        ]
    return [ok("HTTPS", settings.BASE_URL)]


def headers() -> list[Finding]:
    """Browsers are told to stay with HTTPS, and cookies travel over it alone."""
    if urlsplit(settings.BASE_URL).scheme != "https":
        return []
    lacking = []
    if settings.SECURE_HSTS_SECONDS < _ONE_YEAR:
        lacking.append("HSTS of a year")
    if not (settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE):
        lacking.append("secure cookies")
    if lacking:
        return [wrong("Headers", f"{' and '.join(lacking)}: not set", "Set FOLKMOOT_BASE_URL to https://…")]
    return [ok("Headers", "HSTS for a year, secure cookies")]


def debug() -> list[Finding]:
    """Error details are shown to nobody."""
    if settings.DEBUG:
        return [wrong("Debug", "error details are shown to everybody", "Unset FOLKMOOT_DEBUG.")]
    return []


def private_files() -> list[Finding]:
    """Keys and data are for this user alone."""
    folder = Path(settings.DATA_DIR)
    found = []
    kept = [folder / "secret-key", secrets.key_file()]
    if connection.vendor == "sqlite":
        kept.append(Path(str(connection.settings_dict["NAME"])))
    for path in kept:
        # The database is protected by its folder; the keys by their own mode.
        where = path.parent if path.suffix == ".sqlite3" else path
        if path.exists() and stat.S_IMODE(where.stat().st_mode) & 0o007:
            found.append(
                wrong(
                    "Private files", f"{where} can be read by everybody here", f"Run `chmod o-rwx {where}`."
                )
            )
    if len(settings.SECRET_KEY) < 32:
        found.append(
            wrong("Secret key", "is shorter than 32 characters", "Set a longer FOLKMOOT_SECRET_KEY.")
        )
    return found or [ok("Private files", "nobody else may read them")]


def user() -> list[Finding]:
    """It does not run with every right."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return [warning("User", "runs as root", "Run it as a user of its own (deploy/folkmoot.service).")]
    return [ok("User", "is not root")]


def administrators() -> list[Finding]:
    """Somebody may look after it, and one alone is one too few."""
    if not installation.has_tables():
        return []
    grants = Grant.objects.filter(area=Area.SETTINGS, level__gte=Level.ADMIN, user__is_active=True)
    number = grants.values("user").distinct().count()
    if number == 0:
        return [wrong("Administrators", "there is none", "Run `folkmoot user add you@example.org --admin`.")]
    if number == 1:
        return [
            warning("Administrators", "there is one alone", "Give a second person the right, for bad days.")
        ]
    return [ok("Administrators", str(number))]


def size() -> list[Finding]:
    """The database and the queue fit the number of processes."""
    many = settings.WEB_WORKERS >= MANY_WEB_WORKERS
    found = []
    if connection.vendor == "sqlite":
        if settings.REDIS_URL:
            found.append(
                warning(
                    "Size",
                    "Redis is for several machines, and SQLite is a file of one",
                    "Run `folkmoot move --to postgres://…`, or unset FOLKMOOT_REDIS_URL.",
                )
            )
        if many:
            found.append(
                warning(
                    "Size",
                    f"{settings.WEB_WORKERS} web processes write to one SQLite file in turns",
                    "Run `folkmoot move --to postgres://…`, or set FOLKMOOT_WEB_WORKERS below 4.",
                )
            )
        kind = file_system(Path(str(connection.settings_dict["NAME"])))
        if kind in _SHARED:
            found.append(
                wrong(
                    "Size",
                    f"the SQLite file lies on a shared file system ({kind}), where its locks do not hold",
                    "Put the data folder on a disk of this machine, or run `folkmoot move --to postgres://…`.",
                )
            )
    if settings.WEB_WORKERS > 1 and not settings.REDIS_URL:
        found.append(
            warning(
                "Size",
                f"{settings.WEB_WORKERS} web processes each count sign-in attempts for themselves",
                "Set FOLKMOOT_REDIS_URL, so that they share one count.",
            )
        )
    if settings.REDIS_URL and settings.STORAGES["default"]["BACKEND"].endswith("FileSystemStorage"):
        found.append(
            warning(
                "Size",
                "with several machines each would keep its own uploads",
                "Set FOLKMOOT_STORAGE_URL to S3, or share the folder media between them.",
            )
        )
    return found or [ok("Size", f"{connection.vendor}, {settings.WEB_WORKERS} web")]


def backups() -> list[Finding]:
    """Backups are taken, elsewhere, and encrypted."""
    if not settings.BACKUP_DIR:
        return [wrong("Nightly backup", "none is taken", "Set FOLKMOOT_BACKUP_DIR to a folder elsewhere.")]
    found = []
    folder = Path(settings.BACKUP_DIR)
    if scheduled.newest() is None:
        found.append(warning("Nightly backup", "none has been taken yet", "Look again after 02:00 UTC."))
    if folder.is_dir() and folder.stat().st_dev == Path(settings.DATA_DIR).stat().st_dev:
        found.append(
            warning(
                "Nightly backup", "lies on the data's own disk", "Copy it elsewhere, or mount a disk there."
            )
        )
    if not settings.BACKUP_KEY:
        found.append(warning("Nightly backup", "is not encrypted", "Make a key: `folkmoot backup-key FILE`."))
    elif settings.BACKUP_KEY.upper().startswith("AGE-SECRET-KEY-"):
        found.append(
            warning(
                "Nightly backup",
                "the key that opens it is on this machine too",
                "Set FOLKMOOT_BACKUP_KEY to the public part (age1…) and keep the key elsewhere.",
            )
        )
    return found or [ok("Nightly backup", f"into {folder}, encrypted")]


def file_system(path: Path) -> str:
    """The kind of file system that holds a path, as the kernel names it; empty where that is unknown."""
    try:
        mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    except OSError:
        return ""
    where = path.resolve()
    holding = [
        (mount[1], mount[2]) for mount in mounts if where.is_relative_to(mount[1].replace("\\040", " "))
    ]
    return max(holding, key=lambda each: len(each[0]), default=("", ""))[1]


DEPLOY_CHECKS: tuple[Callable[[], list[Finding]], ...] = (
    address,
    headers,
    debug,
    private_files,
    user,
    administrators,
    size,
    backups,
)
