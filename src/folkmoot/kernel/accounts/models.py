"""Who signs in. The person behind it is in the register (``people.Person.user``)."""

from __future__ import annotations

from typing import Any, ClassVar

import rules
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import clock
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.permissions.models import Grant
from folkmoot.kernel.text import fold
from folkmoot.kernel.users.models import lent_now


class UserManager(BaseUserManager["User"]):
    """Finds users by e-mail, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Make a user; without a password they cannot sign in by one."""
        user = self.model(email=fold(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """Somebody who signs in, known by e-mail. Their rights are :class:`Grant` rows, and what is lent to them."""

    email = models.EmailField(_("e-mail"), max_length=254)
    name = models.CharField(_("name"), max_length=200, blank=True)
    is_active = models.BooleanField(_("may sign in"), default=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    #: Empty: what their browser asks for on pages, the installation's in mail.
    language = models.CharField(_("language"), max_length=16, blank=True)
    theme = models.CharField(
        _("appearance"),
        max_length=5,
        default="auto",
        choices=[("auto", _("as the device")), ("light", _("light")), ("dark", _("dark"))],
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        app_label = "kernel"
        constraints = [models.UniqueConstraint(Lower("email"), name="user_one_per_email")]

    def __str__(self) -> str:
        return self.name or self.email

    @cached_property
    def levels(self) -> dict[str, int]:
        """Level by area, read once per request, in one query: the user's own and what is lent to them now.

        The right to give rights (admin in Settings) is not lent: it counts as manage.
        """
        lent = "user__delegations_given__"
        rows = (
            Grant.objects.filter(
                models.Q(user=self)
                | models.Q(**{f"{lent}to_user": self}) & lent_now(clock.now(), prefix=lent)
            )
            .values_list("user_id", "area", "level", f"{lent}areas")
            .order_by()
        )
        found: dict[str, int] = {}
        for owner, area, level, lent_areas in rows:
            if owner != self.pk:
                if area not in (lent_areas or ()):
                    continue
                if area == Area.SETTINGS:
                    level = min(level, Level.MANAGE)
            found[area] = max(level, found.get(area, 0))
        return found

    def level_in(self, area: Area | str) -> int:
        """0 when the user has no right in the area."""
        return self.levels.get(str(area), 0)

    def has_perm(self, permission: str, obj: Any = None) -> bool:
        """Whether the rule registered under this name holds; an unknown name never does."""
        return self.is_active and rules.perm_exists(permission) and rules.has_perm(permission, self, obj)

    @property
    def initials(self) -> str:
        """One or two letters for the round picture."""
        words = (self.name or self.email.split("@")[0]).replace(".", " ").split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()
