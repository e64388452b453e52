"""Django settings, read from the environment.

Every variable that Folkmoot reads is declared in :data:`ENVIRONMENT`; ``docs/settings.md`` and
``folkmoot doctor`` are checked against it, so a setting cannot exist without being documented.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Setting:
    """One environment variable: what it does, and what holds without it."""

    name: str
    default: str
    help: str
    secret: bool = False


ENVIRONMENT: tuple[Setting, ...] = (
    Setting("FOLKMOOT_DATA_DIR", "./var", "Folder for the database file, uploads, collected assets and the queue."),
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
    Setting("FOLKMOOT_BASE_URL", "http://localhost:8000", "The address people type; used in links and for host checks."),
    Setting("FOLKMOOT_ALLOWED_HOSTS", "", "More host names that are answered, separated by commas."),
    Setting("FOLKMOOT_DEBUG", "0", "`1` shows error details in the browser. Never in public."),
    Setting("FOLKMOOT_TIME_ZONE", "UTC", "IANA zone in which dates are shown to people who chose none."),
    Setting("FOLKMOOT_LANGUAGE", "en", "Language for people whose browser asks for none that is shipped."),
    Setting("FOLKMOOT_WEB_WORKERS", "1", "Web processes that `folkmoot serve` starts."),
    Setting("FOLKMOOT_JOB_THREADS", "2", "Jobs that one worker process runs at the same time."),
    Setting("FOLKMOOT_MAIL_URL", "consolemail://", "How mail leaves: `smtp://user:password@host:587`.", secret=True),
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
    Setting("FOLKMOOT_BACKUP_DIR", "", "Folder for a backup each night; empty: none are taken by themselves."),
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
        "FOLKMOOT_METRICS_TOKEN",
        "",
        "Opens `/metrics` to a Prometheus elsewhere (`Authorization: Bearer …`); empty: this machine only.",
        secret=True,
    ),
    Setting("FOLKMOOT_SENTRY_DSN", "", "Where errors are reported to (extra `sentry`); empty: nowhere.", secret=True),
)

env = environ.Env()
ROOT = Path(__file__).resolve().parent
#: The checkout (or working folder) that holds ``node_modules``; in an installed wheel, the current folder.
PROJECT_DIR = next((p for p in (ROOT.parent.parent, Path.cwd()) if (p / "package.json").exists()), Path.cwd())


def setting(name: str, default: str | None = None) -> str:
    """The value of a declared environment variable, stripped; its declared default when unset or empty."""
    declared = next((s for s in ENVIRONMENT if s.name == name), None)
    if declared is None:
        raise ImproperlyConfigured(f"{name} is not declared in folkmoot.settings.ENVIRONMENT")
    value = os.environ.get(name, "").strip()
    return value or (declared.default if default is None else default)


DATA_DIR = Path(setting("FOLKMOOT_DATA_DIR", str(PROJECT_DIR / "var"))).expanduser().resolve()


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


def database(url: str) -> dict[str, Any]:
    """Django's DATABASES entry for a database URL.

    Raises:
        ImproperlyConfigured: the URL's scheme is neither ``sqlite`` nor ``postgres``.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        # sqlite:////a/b.db is /a/b.db; sqlite:///b.db is b.db in the working folder.
        name = unquote(parts.path).removeprefix("/") or ":memory:"
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": name, "OPTIONS": sqlite_options()}
    if parts.scheme in ("postgres", "postgresql"):
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts.path.lstrip("/"),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
        }
    raise ImproperlyConfigured(
        f"FOLKMOOT_DATABASE_URL begins with {parts.scheme!r}: write sqlite:////absolute/path.db or postgres://…"
    )


def secret_key() -> str:
    """The given key, or one made on first use and kept in the data folder, readable by its owner only."""
    given = setting("FOLKMOOT_SECRET_KEY")
    if given:
        return given
    path = DATA_DIR / "secret-key"
    if not path.exists():
        from django.core.management.utils import get_random_secret_key

        DATA_DIR.mkdir(parents=True, exist_ok=True)
        try:
            with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
                file.write(get_random_secret_key())
        except FileExistsError:  # another process was first
            pass
    return path.read_text().strip()


def storage(url: str) -> dict[str, Any]:
    """Django's STORAGES entry for a storage URL; a folder when it is empty.

    Raises:
        ImproperlyConfigured: the URL is not ``s3://…`` or names no bucket.
    """
    if not url:
        return {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    parts = urlsplit(url)
    if parts.scheme != "s3" or not parts.hostname:
        raise ImproperlyConfigured("FOLKMOOT_STORAGE_URL is not of the form s3://key:secret@bucket?endpoint=https://…")
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


DEBUG = setting("FOLKMOOT_DEBUG") == "1"
TESTING = "pytest" in sys.modules
SECRET_KEY = secret_key()
BASE_URL = setting("FOLKMOOT_BASE_URL").rstrip("/")
_base = urlsplit(BASE_URL)
ALLOWED_HOSTS = sorted(
    {h for h in (_base.hostname, *setting("FOLKMOOT_ALLOWED_HOSTS").split(","), "localhost", "127.0.0.1", "[::1]") if h}
)
CSRF_TRUSTED_ORIGINS = [BASE_URL]
_secure = _base.scheme == "https"

DATABASES = {"default": database(setting("FOLKMOOT_DATABASE_URL", f"sqlite:///{DATA_DIR / 'folkmoot.sqlite3'}"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = setting("FOLKMOOT_REDIS_URL")

INSTALLED_APPS = [
    "folkmoot.home",
    "folkmoot.reports",
    "folkmoot.ledger",
    "folkmoot.people",
    "folkmoot.kernel",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "django_cotton",
    "django_htmx",
    "csp",
    "rules",
    "simple_history",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "folkmoot.kernel.permissions.middleware.DenyByDefault",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "folkmoot.kernel.ui.middleware.TimeZone",
    "simple_history.middleware.HistoryRequestMiddleware",
]

ROOT_URLCONF = "folkmoot.urls"
ASGI_APPLICATION = "folkmoot.asgi.application"
WSGI_APPLICATION = "folkmoot.asgi.wsgi_application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "kernel" / "ui" / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "django.templatetags.i18n",
                "django.templatetags.static",
                "folkmoot.kernel.ui.templatetags.ui",
                "rules.templatetags.rules",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "folkmoot.kernel.ui.context.shell",
            ],
        },
    }
]
COTTON_DIR = "cotton"
FORM_RENDERER = "folkmoot.kernel.ui.forms.Renderer"
CSRF_FAILURE_VIEW = "folkmoot.kernel.ui.errors.csrf_failure"

AUTH_USER_MODEL = "kernel.User"
AUTHENTICATION_BACKENDS = ["rules.permissions.ObjectPermissionBackend", "allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = (
    ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if TESTING
    else ["django.contrib.auth.hashers.ScryptPasswordHasher", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home:today"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_FORMS = {
    "login": "folkmoot.kernel.accounts.forms.SignInForm",
    "reset_password": "folkmoot.kernel.accounts.forms.ForgottenPasswordForm",
}
ACCOUNT_ADAPTER = "folkmoot.kernel.accounts.adapter.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "10/m/ip,5/5m/key"}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _secure
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _secure else None
SECURE_HSTS_SECONDS = 31_536_000 if _secure else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

CACHES = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL, "KEY_PREFIX": "folkmoot"}
        if REDIS_URL
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    )
}

LANGUAGE_CODE = setting("FOLKMOOT_LANGUAGE")
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
LOCALE_PATHS = [ROOT / "locale"]
USE_I18N = True
USE_TZ = True
#: Storage and reckoning are in UTC; what people see is in their zone (kernel.ui.middleware.TimeZone).
TIME_ZONE = "UTC"
DISPLAY_TIME_ZONE = setting("FOLKMOOT_TIME_ZONE")

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
NODE_MODULES = PROJECT_DIR / "node_modules"
#: What the pages take from npm: (address under /static/, folder under node_modules).
BROWSER_ASSETS = (
    ("vendor/bootstrap", "bootstrap/dist"),
    ("vendor/bootstrap-icons", "bootstrap-icons/font"),
    ("vendor/htmx", "htmx.org/dist"),
    ("vendor/alpine", "@alpinejs/csp/dist"),
    ("vendor/tom-select", "tom-select/dist"),
    ("vendor/vega", "vega/build"),
    ("vendor/vega-lite", "vega-lite/build"),
    ("vendor/vega-embed", "vega-embed/build"),
    ("vendor/vega-interpreter", "vega-interpreter/build"),
)
STATICFILES_DIRS = [
    ROOT / "kernel" / "ui" / "static",
    *((prefix, NODE_MODULES / folder) for prefix, folder in BROWSER_ASSETS if (NODE_MODULES / folder).is_dir()),
]
STORAGES = {
    "default": storage(setting("FOLKMOOT_STORAGE_URL")),
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or TESTING
        else "folkmoot.kernel.ui.staticfiles.Storage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG or TESTING
WHITENOISE_MAX_AGE = 0 if DEBUG or TESTING else 31_536_000
MEDIA_ROOT = DATA_DIR / "media"
MEDIA_URL = "media/"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
#: Largest file that an import takes, in bytes.
IMPORT_MAX_BYTES = 200 * 1024 * 1024

EMAIL_CONFIG = env.email_url_config(setting("FOLKMOOT_MAIL_URL"))
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = setting("FOLKMOOT_MAIL_FROM")

WEB_WORKERS = int(setting("FOLKMOOT_WEB_WORKERS"))
JOB_THREADS = int(setting("FOLKMOOT_JOB_THREADS"))
#: How long a worker may be silent before another takes its job over, in seconds.
JOB_LEASE_SECONDS = 30
JOB_SWEEP_SECONDS = 2

SIMPLE_HISTORY_HISTORY_ID_USE_UUID = False
SIMPLE_HISTORY_REVERT_DISABLED = True
SIMPLE_HISTORY_ENFORCE_HISTORY_MODEL_PERMISSIONS = False
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # one user per e-mail is a constraint over the folded e-mail

#: Keys for stored secrets; empty: those in the data folder (kernel.secrets).
SECRET_KEYS = [key.strip() for key in setting("FOLKMOOT_SECRET_KEYS").split(",") if key.strip()]
BACKUP_DIR = setting("FOLKMOOT_BACKUP_DIR")
BACKUP_KEEP = setting("FOLKMOOT_BACKUP_KEEP")
BACKUP_KEY = setting("FOLKMOOT_BACKUP_KEY")
HTTP_ALLOW = [entry.strip() for entry in setting("FOLKMOOT_HTTP_ALLOW").split(",") if entry.strip()]
METRICS_TOKEN = setting("FOLKMOOT_METRICS_TOKEN")
SENTRY_DSN = setting("FOLKMOOT_SENTRY_DSN")

LOGGING_CONFIG = None
from folkmoot.kernel.logs import configure as _configure_logging  # noqa: E402
from folkmoot.kernel.ops import redact as _redact  # noqa: E402

_redact.hide([SECRET_KEY, *SECRET_KEYS, METRICS_TOKEN, EMAIL_CONFIG.get("EMAIL_HOST_PASSWORD") or ""])
_redact.hide(setting(each.name) for each in ENVIRONMENT if each.secret and "://" not in setting(each.name))
_redact.hide(urlsplit(setting(each.name)).password or "" for each in ENVIRONMENT if each.secret)
_configure_logging(setting("FOLKMOOT_LOG_FORMAT"), quiet=TESTING)
