"""Connections to GitHub, the repositories they read, and how far each stream was read."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.connectors.github.client import API_URL
from folkmoot.kernel import audit, ids
from folkmoot.kernel.secrets import EncryptedField


class Stream(models.TextChoices):
    """What can be read of a repository, in the order in which it is read."""

    FACTS = "facts", _("facts")
    RELEASES = "releases", _("releases")
    ISSUES = "issues", _("issues and pull requests")
    REVIEWS = "reviews", _("reviews")
    DISCUSSIONS = "discussions", _("discussions")
    STARS = "stars", _("stars")
    #: Nobody chooses it: it is read of the repositories that an area wants to hear of (see ``readers``).
    THREADS = "threads", _("issues with all that happened to them")


#: What is read of a repository that only its facts are wanted of.
FACTS_ONLY = (Stream.FACTS, Stream.RELEASES)


def chosen_streams() -> list[Stream]:
    """What people choose from."""
    return [stream for stream in Stream if stream != Stream.THREADS]


def all_but_stars() -> list[str]:
    """What a new connection reads."""
    return [stream.value for stream in chosen_streams() if stream != Stream.STARS]


def web_host(api_url: str) -> str:
    """The host whose pages people see: ``github.com`` for ``api.github.com``, or a GitHub Enterprise host."""
    return (urlsplit(api_url).hostname or "").lower().removeprefix("api.")


def source_of(host: str) -> str:
    """Under which source, and on which system, what is read there stands: ``github``, or ``github:HOST``."""
    return "github" if host == "github.com" else f"github:{host}"[:40]


class GithubConnection(models.Model):
    """An account or app on GitHub whose token reads organisations and repositories."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    api_url = models.URLField(_("address of the interface"), max_length=300, default=API_URL)
    #: A personal token; or, where an App is given, the one that it last got for an hour.
    token = EncryptedField(_("token"), blank=True)
    app_id = models.CharField(_("App ID"), max_length=60, blank=True)
    installation_id = models.CharField(_("installation"), max_length=20, blank=True)
    private_key = EncryptedField(_("private key of the App"), blank=True)
    app_token_until = models.DateTimeField(null=True, blank=True)
    organizations = models.JSONField(_("organisations"), default=list, blank=True)
    repositories = models.JSONField(_("repositories"), default=list, blank=True)
    reads_register = models.BooleanField(
        _("facts of every project in the register whose repository is there"), default=True
    )
    streams = models.JSONField(_("what is read"), default=all_but_stars)
    is_paused = models.BooleanField(_("paused"), default=False)
    #: The last part of the address that GitHub posts its webhooks to.
    webhook_key = models.CharField(max_length=64, unique=True, default=ids.token, editable=False)
    webhook_secret = EncryptedField(blank=True)
    #: What GitHub says of the token.
    login = models.CharField(max_length=100, blank=True)
    scopes = models.CharField(max_length=300, blank=True)
    token_expires_at = models.DateTimeField(null=True, blank=True)
    #: The limit is spent: nothing is asked before this moment.
    resume_at = models.DateTimeField(null=True, blank=True)
    #: When the lists of repositories were last read, and what stands in the way of the whole connection.
    found_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=20, blank=True)
    error_detail = models.CharField(max_length=500, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    #: The key of the last account whose public name was asked for.
    profiles_after = models.PositiveBigIntegerField(default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    history = audit.history(
        excluded_fields=[
            "token",
            "private_key",
            "app_token_until",
            "webhook_key",
            "webhook_secret",
            "login",
            "scopes",
            "token_expires_at",
            "resume_at",
            "found_at",
            "error",
            "error_detail",
            "failing_since",
            "profiles_after",
        ]
    )

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("connection to GitHub")
        verbose_name_plural = _("connections to GitHub")
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="githubconnection_has_a_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def host(self) -> str:
        """The host whose pages people see."""
        return web_host(self.api_url)

    @property
    def is_app(self) -> bool:
        """It reads as a GitHub App, not with a personal token."""
        return bool(self.app_id)


class GithubRepository(models.Model):
    """A repository on a GitHub, known by its number. It stays when its connection goes, so that reading can go on."""

    connection = models.ForeignKey(
        GithubConnection, on_delete=models.SET_NULL, null=True, blank=True, related_name="read_repositories"
    )
    host = models.CharField(max_length=200)
    number = models.CharField(max_length=64)
    full_name = models.CharField(_("repository"), max_length=200)
    project = models.ForeignKey(
        "people.Project", on_delete=models.SET_NULL, null=True, blank=True, related_name="github_repositories"
    )
    #: Only facts and releases: it was not chosen, but a project of the register names it.
    is_facts_only = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("repository on GitHub")
        verbose_name_plural = _("repositories on GitHub")
        constraints = [models.UniqueConstraint(fields=["host", "number"], name="githubrepository_once")]
        indexes = [models.Index(fields=["host", "full_name"], name="githubrepository_name")]

    def __str__(self) -> str:
        return self.full_name

    @property
    def source(self) -> str:
        """Under which source what is read of it stands."""
        return source_of(self.host)


class SyncState(models.Model):
    """How far one stream of one repository was read: what the next page begins with, and how the last try went."""

    repository = models.ForeignKey(GithubRepository, on_delete=models.CASCADE, related_name="states")
    stream = models.CharField(_("what"), max_length=20, choices=Stream.choices)
    cursor = models.JSONField(default=dict, blank=True)
    #: The mark of the answer that the cursor leads to: unchanged, it costs nothing to ask again.
    etag = models.CharField(max_length=200, blank=True)
    #: Raised with every page, so that of two readers only one goes on from here.
    version = models.PositiveIntegerField(default=0)
    rows_read = models.PositiveIntegerField(default=0)
    last_good_at = models.DateTimeField(null=True, blank=True)
    stale_since = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=20, blank=True)
    error_detail = models.CharField(max_length=500, blank=True)
    #: Rows of the last pages that could not be read, with the reason.
    left_out = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name = _("state of reading")
        verbose_name_plural = _("states of reading")
        constraints = [models.UniqueConstraint(fields=["repository", "stream"], name="syncstate_once")]
        indexes = [
            models.Index(
                fields=["stale_since"], condition=Q(stale_since__isnull=False), name="syncstate_stale"
            )
        ]

    def __str__(self) -> str:
        return f"{self.repository}: {self.stream}"


class WebhookDelivery(models.Model):
    """A delivery of GitHub's that was taken in: the same one a second time does nothing."""

    connection = models.ForeignKey(GithubConnection, on_delete=models.CASCADE, related_name="deliveries")
    number = models.CharField(max_length=100)
    event = models.CharField(max_length=60)
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        constraints = [models.UniqueConstraint(fields=["connection", "number"], name="webhookdelivery_once")]
        indexes = [models.Index(fields=["received_at"], name="webhookdelivery_age")]

    def __str__(self) -> str:
        return f"{self.event} {self.number}"
