"""Django settings, read from the environment.

Every variable that Folkmoot reads is declared and checked in ``environment.py``; ``docs/settings.md`` and
``folkmoot doctor`` are checked against it, so a setting cannot exist without being documented.
"""

from __future__ import annotations

import sys
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from folkmoot.environment import (
    data_folder,
    database,
    fraction,
    issuer,
    mail_config,
    one_of,
    origins,
    read,
    redis_address,
    refuse_problems,
    secret_key,
    secrets_given,
    setting,
    sign_in_providers,
    sqlite_url,
    storage,
    two_numbers,
    web_address,
    whole_number,
    zone,
)

ROOT = Path(__file__).resolve().parent
#: The checkout (or working folder) that holds ``node_modules``; in an installed wheel, the current folder.
PROJECT_DIR = next((p for p in (ROOT.parent.parent, Path.cwd()) if (p / "package.json").exists()), Path.cwd())

DATA_DIR = read("FOLKMOOT_DATA_DIR", data_folder(PROJECT_DIR), PROJECT_DIR / "var")
DEBUG = read("FOLKMOOT_DEBUG", one_of("0", "1"), "0") == "1"
TESTING = "pytest" in sys.modules
SECRET_KEY = secret_key(DATA_DIR)
BASE_URL = read("FOLKMOOT_BASE_URL", web_address, "http://localhost:8000")
_base = urlsplit(BASE_URL)
ALLOWED_HOSTS = sorted(
    {
        h
        for h in (
            _base.hostname,
            *setting("FOLKMOOT_ALLOWED_HOSTS").split(","),
            "localhost",
            "127.0.0.1",
            "[::1]",
        )
        if h
    }
)
CSRF_TRUSTED_ORIGINS = [BASE_URL]
_secure = _base.scheme == "https"

DATABASES = {
    "default": read(
        "FOLKMOOT_DATABASE_URL", database, database("sqlite://"), sqlite_url(DATA_DIR / "folkmoot.sqlite3")
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = read("FOLKMOOT_REDIS_URL", redis_address, "")

INSTALLED_APPS = [
    "folkmoot.api",
    "folkmoot.home",
    "folkmoot.reports",
    "folkmoot.reviews",
    "folkmoot.publishing",
    "folkmoot.training",
    "folkmoot.mailing",
    "folkmoot.ledger",
    "folkmoot.people",
    "folkmoot.outbox",
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
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.github",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.socialaccount.providers.orcid",
    "allauth.usersessions",
    "django_cotton",
    "django_htmx",
    "csp",
    "rules",
    "simple_history",
]

MIDDLEWARE = [
    "folkmoot.kernel.ops.middleware.Requests",
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
    "folkmoot.kernel.welcome.middleware.FirstRun",
    "folkmoot.kernel.ui.middleware.TimeZone",
    "folkmoot.kernel.ui.middleware.Language",
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
                "folkmoot.kernel.signin.tags",
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
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = (
    ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if TESTING
    else [
        "django.contrib.auth.hashers.ScryptPasswordHasher",
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    ]
)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home:today"
#: Where these two are empty, the community's own settings hold (Community.members_sign_in, Community.public_pages).
MEMBERS = read("FOLKMOOT_MEMBERS", one_of("", "closed", "open"), "")
CONTRIBUTORS = read("FOLKMOOT_CONTRIBUTORS", one_of("", "closed", "unlisted", "listed"), "")
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_FORMS = {
    "login": "folkmoot.kernel.accounts.forms.SignInForm",
    "reset_password": "folkmoot.kernel.accounts.forms.ForgottenPasswordForm",
    "request_login_code": "folkmoot.kernel.signin.forms.AskForCodeForm",
    "confirm_login_code": "folkmoot.kernel.signin.forms.MailedCodeForm",
}
ACCOUNT_ADAPTER = "folkmoot.kernel.accounts.adapter.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_PREVENT_ENUMERATION = True
#: After five wrong passwords for one e-mail it is locked for five minutes (accounts.adapter says so).
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "request_login_code": "20/m/ip,3/5m/key",
}
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
#: People are told what was done to their account, not that they signed in.
MFA_ADAPTER = "folkmoot.kernel.signin.adapters.SecondStepAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 1
#: Browsers allow passkeys over plain http on localhost alone.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _secure
MFA_FORMS = {
    "authenticate": "folkmoot.kernel.signin.forms.CodeForm",
    "reauthenticate": "folkmoot.kernel.signin.forms.CodeAgainForm",
    "activate_totp": "folkmoot.kernel.signin.forms.FirstCodeForm",
    "add_webauthn": "folkmoot.kernel.signin.forms.PasskeyForm",
    "edit_webauthn": "folkmoot.kernel.signin.forms.PasskeyNameForm",
    "login_webauthn": "folkmoot.kernel.signin.forms.PasskeySignInForm",
    "authenticate_webauthn": "folkmoot.kernel.signin.forms.PasskeyStepForm",
    "reauthenticate_webauthn": "folkmoot.kernel.signin.forms.PasskeyAgainForm",
}
SOCIALACCOUNT_ADAPTER = "folkmoot.kernel.signin.adapters.ProviderAdapter"
SOCIALACCOUNT_PROVIDERS = sign_in_providers(read("FOLKMOOT_OIDC_ISSUER", issuer, ""))
#: A provider's verified e-mail signs in whoever has that e-mail here, and is linked from then on.
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_REAUTHENTICATION_REQUIRED = True
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_REQUESTS_TIMEOUT = 10
USERSESSIONS_TRACK_ACTIVITY = False
ALLAUTH_TRUSTED_PROXY_COUNT = read("FOLKMOOT_PROXIES", whole_number(0, 9), 0)
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
        {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": "folkmoot",
        }
        if REDIS_URL
        # Tries to sign in are counted in it: by all web processes together.
        else {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": DATA_DIR / "cache",
            "OPTIONS": {"MAX_ENTRIES": 10_000},
        }
        if not TESTING
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    )
}

LANGUAGE_CODE = read("FOLKMOOT_LANGUAGE", one_of("en", "es"), "en")
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
LOCALE_PATHS = [ROOT / "locale"]
FORMAT_MODULE_PATH = "folkmoot.kernel.formats"
USE_I18N = True
USE_TZ = True
#: Storage and reckoning are in UTC; what people see is in their zone (kernel.ui.middleware.TimeZone).
TIME_ZONE = "UTC"
DISPLAY_TIME_ZONE = read("FOLKMOOT_TIME_ZONE", zone, "UTC")

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
    *(
        (prefix, NODE_MODULES / folder)
        for prefix, folder in BROWSER_ASSETS
        if (NODE_MODULES / folder).is_dir()
    ),
]
STORAGES = {
    "default": read("FOLKMOOT_STORAGE_URL", storage, storage("")),
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or TESTING
        else "folkmoot.kernel.ui.staticfiles.Storage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG or TESTING
WHITENOISE_MAX_AGE = 0 if DEBUG or TESTING else 31_536_000
MEDIA_ROOT = DATA_DIR / "media"
MEDIA_URL = "media/"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
#: Largest file that an import takes, in bytes.
IMPORT_MAX_BYTES = 200 * 1024 * 1024

EMAIL_CONFIG = read("FOLKMOOT_MAIL_URL", mail_config, mail_config("consolemail://"))
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = setting("FOLKMOOT_MAIL_FROM")

WEB_WORKERS = read("FOLKMOOT_WEB_WORKERS", whole_number(1, 64), 1)
JOB_THREADS = read("FOLKMOOT_JOB_THREADS", whole_number(1, 64), 2)
#: How long a worker may be silent before another takes its job over, in seconds.
JOB_LEASE_SECONDS = 30
JOB_SWEEP_SECONDS = 2

SIMPLE_HISTORY_HISTORY_ID_USE_UUID = False
SIMPLE_HISTORY_REVERT_DISABLED = True
SIMPLE_HISTORY_ENFORCE_HISTORY_MODEL_PERMISSIONS = False
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # one user per e-mail is a constraint over the folded e-mail

#: Keys for stored secrets; empty: those in the data folder (kernel.secrets).
SECRET_KEYS = [key.strip() for key in setting("FOLKMOOT_SECRET_KEYS").split(",") if key.strip()]
CANDIDATES_FROM = read("FOLKMOOT_CANDIDATES_FROM", fraction, 0.65)
BACKUP_DIR = setting("FOLKMOOT_BACKUP_DIR")
BACKUP_KEEP = read("FOLKMOOT_BACKUP_KEEP", two_numbers, "7,5")
BACKUP_KEY = setting("FOLKMOOT_BACKUP_KEY")
HTTP_ALLOW = [entry.strip() for entry in setting("FOLKMOOT_HTTP_ALLOW").split(",") if entry.strip()]
X_ALLOWED = read("FOLKMOOT_X", one_of("0", "1"), "0") == "1"
METRICS_TOKEN = setting("FOLKMOOT_METRICS_TOKEN")
API_REQUESTS = read("FOLKMOOT_API_REQUESTS", whole_number(1, 1_000_000), 600)
API_ORIGINS: list[str] = read("FOLKMOOT_API_ORIGINS", origins, [])
SENTRY_DSN = setting("FOLKMOOT_SENTRY_DSN")

LOGGING_CONFIG = None
from folkmoot.kernel.logs import configure as _configure_logging  # noqa: E402
from folkmoot.kernel.ops import redact as _redact  # noqa: E402

_redact.hide([SECRET_KEY, *SECRET_KEYS, EMAIL_CONFIG.get("EMAIL_HOST_PASSWORD") or ""])
_redact.hide([DATABASES["default"].get("PASSWORD") or ""])
_redact.hide(secrets_given())
_configure_logging(read("FOLKMOOT_LOG_FORMAT", one_of("auto", "console", "json"), "auto"), quiet=TESTING)
refuse_problems()
