"""The register: one record of each person, organisation and project, and who holds which role from when to when."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import audit
from folkmoot.kernel.text import fold, fold_accents


class Tag(models.Model):
    """A word on a record, within a facet: a domain, a technical area, a kind of contribution."""

    facet = models.CharField(_("facet"), max_length=40, default="tag")
    name = models.CharField(_("name"), max_length=100)
    folded = models.CharField(max_length=100, editable=False)

    class Meta:
        ordering = ["facet", "folded"]
        constraints = [models.UniqueConstraint(fields=["facet", "folded"], name="tag_once_per_facet")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.folded = fold(self.name)
        super().save(*args, **kwargs)


class Person(models.Model):
    """Somebody in the community. The name is one field, as the person writes it."""

    name = models.CharField(_("name"), max_length=200, help_text=_("As the person writes it."))
    sort_name = models.CharField(
        _("sort name"),
        max_length=200,
        blank=True,
        help_text=_("Where lists put the person, if not under the name."),
    )
    #: What lists sort by: sort name or name, folded.
    sort_key = models.CharField(max_length=200, editable=False, db_index=True)
    pronouns = models.CharField(_("pronouns"), max_length=40, blank=True)
    bio = models.TextField(_("about"), blank=True)
    location = models.CharField(_("location"), max_length=200, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    website = models.URLField(_("website"), max_length=500, blank=True)
    joined_on = models.DateField(_("in the community since"), null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="person"
    )
    tags = models.ManyToManyField(Tag, blank=True, related_name="people")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    history = audit.history(excluded_fields=["sort_key", "updated_at"])

    class Meta:
        ordering = ["sort_key", "pk"]
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="person_has_a_name")]
        indexes = [models.Index(fields=["sort_key", "id"], name="person_sort")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.sort_key = self.reckon_sort_key()
        super().save(*args, **kwargs)

    def reckon_sort_key(self) -> str:
        """The folded sort name, or name; set by ``save`` and by bulk writers."""
        return fold_accents(self.sort_name or self.name)[:200]

    @property
    def initials(self) -> str:
        """One or two letters for the round picture."""
        words = self.name.split() or ["?"]
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


class Identity(models.Model):
    """A handle or address of a person on a system. What is done is done by identities.

    ``number`` is the system's own unchanging id (GitHub's numeric id); a login alone may be given to
    somebody else later, a number never is.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="identities")
    system = models.CharField(_("system"), max_length=40)
    value = models.CharField(_("handle or address"), max_length=320)
    folded = models.CharField(max_length=320, editable=False)
    number = models.CharField(_("number on the system"), max_length=64, blank=True)
    is_verified = models.BooleanField(_("proven"), default=False)
    is_bot = models.BooleanField(_("a bot"), default=False)
    first_seen_at = models.DateTimeField(null=True, blank=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    history = audit.history(excluded_fields=["folded", "first_seen_at", "last_seen_at"])

    class Meta:
        verbose_name = _("identity")
        verbose_name_plural = _("identities")
        constraints = [
            models.UniqueConstraint(
                fields=["system", "number"], condition=~Q(number=""), name="identity_one_per_number"
            ),
            models.UniqueConstraint(
                fields=["system", "folded"], condition=Q(number=""), name="identity_one_per_handle"
            ),
            models.CheckConstraint(condition=~Q(value=""), name="identity_has_a_value"),
        ]
        indexes = [
            models.Index(fields=["system", "folded"], name="identity_handle"),
            models.Index(fields=["person", "is_bot"], name="identity_person"),
        ]

    def __str__(self) -> str:
        return f"{self.system}:{self.value}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.folded = fold(self.value)
        super().save(*args, **kwargs)


class Organization(models.Model):
    """A university, company, foundation, community: something people belong to or that belongs with us."""

    name = models.CharField(_("name"), max_length=200)
    folded = models.CharField(max_length=200, editable=False, unique=True)
    website = models.URLField(_("website"), max_length=500, blank=True)
    location = models.CharField(_("location"), max_length=200, blank=True)
    tags = models.ManyToManyField(Tag, blank=True, related_name="organizations")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    history = audit.history(excluded_fields=["folded", "updated_at"])

    class Meta:
        ordering = ["folded", "pk"]
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="organization_has_a_name")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.folded = fold(self.name)
        super().save(*args, **kwargs)


class Affiliation(models.Model):
    """A person belonging to an organisation, dated where known."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="affiliations")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="affiliations")
    started_on = models.DateField(_("from"), null=True, blank=True)
    ended_on = models.DateField(_("to"), null=True, blank=True)
    source = models.CharField(max_length=60, default="folkmoot")

    history = audit.history()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "person", "organization", Coalesce("started_on", dt.date(1, 1, 1)), name="affiliation_once"
            ),
            models.CheckConstraint(
                condition=Q(started_on=None) | Q(ended_on=None) | Q(ended_on__gte=F("started_on")),
                name="affiliation_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} at {self.organization}"


class Project(models.Model):
    """A package, repository or lesson."""

    class Kind(models.TextChoices):
        PACKAGE = "package", _("package")
        REPOSITORY = "repository", _("repository")
        LESSON = "lesson", _("lesson")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.PACKAGE)
    name = models.CharField(_("name"), max_length=200)
    folded = models.CharField(max_length=200, editable=False)
    description = models.TextField(_("description"), blank=True)
    repository = models.URLField(_("repository"), max_length=500, blank=True)
    #: The repository as compared: host and path, case-folded, without scheme, ``.git`` and last slash.
    repository_key = models.CharField(max_length=500, blank=True, editable=False)
    website = models.URLField(_("website"), max_length=500, blank=True)
    is_archived = models.BooleanField(_("archived"), default=False)
    tags = models.ManyToManyField(Tag, blank=True, related_name="projects")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    history = audit.history(excluded_fields=["folded", "repository_key", "updated_at"])

    class Meta:
        ordering = ["folded", "pk"]
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        constraints = [
            models.UniqueConstraint(fields=["kind", "folded"], name="project_one_name_per_kind"),
            models.UniqueConstraint(
                fields=["repository_key"], condition=~Q(repository_key=""), name="project_one_per_repository"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="project_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.folded = fold(self.name)
        self.repository_key = repository_key(self.repository)
        super().save(*args, **kwargs)


def repository_key(address: str) -> str:
    """``https://GitHub.com/Org/Repo.git/`` -> ``github.com/org/repo``; empty stays empty."""
    folded = fold(address).split("://", 1)[-1].removeprefix("www.").rstrip("/")
    return folded.removesuffix(".git").rstrip("/")


class Team(models.Model):
    """A council, board or group whose members hold terms."""

    name = models.CharField(_("name"), max_length=200)
    folded = models.CharField(max_length=200, editable=False, unique=True)
    description = models.TextField(_("description"), blank=True)
    is_archived = models.BooleanField(_("archived"), default=False)

    history = audit.history(excluded_fields=["folded"])

    class Meta:
        ordering = ["folded", "pk"]
        verbose_name = _("team")
        verbose_name_plural = _("teams")

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.folded = fold(self.name)
        super().save(*args, **kwargs)


class RoleKind(models.Model):
    """A kind of role a person can hold. Rows that a coordinator edits."""

    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=100)
    description = models.TextField(_("description"), blank=True)
    is_staff = models.BooleanField(
        _("counts as staff"),
        default=False,
        help_text=_("Contributions of its holders are reported as staff's."),
    )
    is_former = models.BooleanField(
        _("a role of the past"), default=False, help_text=_("Emeritus and alumni roles: thanks, no duties.")
    )
    notice_days = models.PositiveSmallIntegerField(
        _("notice"), default=30, help_text=_("Days before its end that a term appears on Today.")
    )
    order = models.PositiveSmallIntegerField(_("place in lists"), default=100)

    history = audit.history()

    class Meta:
        ordering = ["order", "name"]
        verbose_name = _("kind of role")
        verbose_name_plural = _("kinds of role")

    def __str__(self) -> str:
        return self.name


class TermQuerySet(models.QuerySet["Term"]):
    """Terms by day."""

    def on(self, day: dt.date) -> TermQuerySet:
        """Those that hold on this day; an undated end or start is open."""
        return self.filter(
            Q(started_on=None) | Q(started_on__lte=day), Q(ended_on=None) | Q(ended_on__gte=day)
        )


class Term(models.Model):
    """A person holding a role, from the first day to the last (both included), within a project or team or neither."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="terms")
    role_kind = models.ForeignKey(
        RoleKind, on_delete=models.PROTECT, related_name="terms", verbose_name=_("role")
    )
    project = models.ForeignKey(
        Project,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="terms",
        verbose_name=_("project"),
    )
    team = models.ForeignKey(
        Team, on_delete=models.CASCADE, null=True, blank=True, related_name="terms", verbose_name=_("team")
    )
    started_on = models.DateField(_("first day"), null=True, blank=True)
    ended_on = models.DateField(_("last day"), null=True, blank=True)
    source = models.CharField(max_length=60, default="folkmoot")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    history = audit.history()
    objects = TermQuerySet.as_manager()

    class Meta:
        verbose_name = _("term")
        verbose_name_plural = _("terms")
        constraints = [
            models.UniqueConstraint(
                "person",
                "role_kind",
                Coalesce("project", 0),
                Coalesce("team", 0),
                Coalesce("started_on", dt.date(1, 1, 1)),
                name="term_once",
            ),
            models.CheckConstraint(
                condition=Q(started_on=None) | Q(ended_on=None) | Q(ended_on__gte=F("started_on")),
                name="term_ends_after_it_starts",
            ),
            models.CheckConstraint(condition=Q(project=None) | Q(team=None), name="term_in_project_or_team"),
        ]
        indexes = [
            models.Index(fields=["person", "role_kind"], name="term_person"),
            models.Index(fields=["ended_on"], condition=Q(ended_on__isnull=False), name="term_ending"),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.role_kind}"

    def holds_on(self, day: dt.date) -> bool:
        """Whether the term covers the day."""
        return (self.started_on is None or self.started_on <= day) and (
            self.ended_on is None or self.ended_on >= day
        )


_ONE_SUBJECT = (
    Q(person__isnull=False, organization=None, project=None)
    | Q(person=None, organization__isnull=False, project=None)
    | Q(person=None, organization=None, project__isnull=False)
)


class AboutOne(models.Model):
    """Something about exactly one person, organisation or project."""

    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, null=True, blank=True, related_name="%(class)ss"
    )
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, null=True, blank=True, related_name="%(class)ss"
    )
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, null=True, blank=True, related_name="%(class)ss"
    )

    class Meta:
        abstract = True

    @property
    def about(self) -> Person | Organization | Project:
        """The one it is about."""
        about = self.person or self.organization or self.project
        assert about is not None  # noqa: S101 - a database constraint
        return about


class Note(AboutOne):
    """What somebody wrote down about a record, for the others who may see it."""

    body = models.TextField(_("note"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    history = audit.history()

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        constraints = [
            models.CheckConstraint(condition=_ONE_SUBJECT, name="note_about_one"),
            models.CheckConstraint(condition=~Q(body=""), name="note_says_something"),
        ]

    def __str__(self) -> str:
        return self.body[:60]


class SourceRecord(AboutOne):
    """A record of a source, kept word for word, so that fields no area owns yet are not lost."""

    source = models.CharField(max_length=60)
    #: Which part of the source: a file's or table's name.
    part = models.CharField(max_length=80)
    key = models.CharField(max_length=320)
    payload = models.JSONField()
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("record of a source")
        verbose_name_plural = _("records of a source")
        constraints = [
            models.UniqueConstraint(fields=["source", "part", "key"], name="sourcerecord_once"),
            models.CheckConstraint(condition=_ONE_SUBJECT, name="sourcerecord_about_one"),
        ]

    def __str__(self) -> str:
        return f"{self.source}/{self.part}/{self.key}"
