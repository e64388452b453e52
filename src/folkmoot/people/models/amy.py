"""Moving in from AMY: where it is asked, and what each reading of it listed."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import audit
from folkmoot.kernel.secrets import EncryptedField


class AmyConnection(models.Model):
    """An AMY that is read by its API, and whether it is read every night."""

    url = models.URLField(
        _("AMY’s address"), max_length=300, unique=True, help_text=_("Such as https://amy.carpentries.org.")
    )
    token = EncryptedField(_("token"))
    #: The cookie ``sessionid`` of an administrator: for what API v2 does not have.
    session = EncryptedField(_("session for API v1"), blank=True)
    is_nightly = models.BooleanField(
        _("read every night"),
        default=False,
        help_text=_("While you work in both: what changed there comes over."),
    )
    #: Why the last reading stopped, in words; empty: it went well.
    problem = models.CharField(max_length=500, blank=True, editable=False)
    read_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    history = audit.history(excluded_fields=["token", "session", "problem", "read_at"])

    class Meta:
        ordering = ["url", "pk"]
        verbose_name = _("connection to AMY")
        verbose_name_plural = _("connections to AMY")

    def __str__(self) -> str:
        return urlsplit(self.url).netloc or self.url


class AmyInventory(models.Model):
    """Which records of one of AMY's models a reading listed, by their numbers there: for the report of counts."""

    run = models.ForeignKey("kernel.ImportRun", on_delete=models.CASCADE, related_name="+")
    #: ``workshops.event``
    model = models.CharField(max_length=100)
    #: How many there were, each once.
    number = models.PositiveIntegerField()
    #: Their numbers, packed; empty for a model that nothing here reads.
    packed = models.TextField(blank=True)
    #: For small models that AMY's API names by a word: word -> number.
    words = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "model"], name="amyinventory_once")]

    def __str__(self) -> str:
        return f"{self.model}: {self.number}"

    @staticmethod
    def pack(pks: Iterable[str]) -> str:
        """Numbers as :attr:`packed` holds them: zlib, as base64."""
        return base64.b64encode(zlib.compress("\n".join(pks).encode("utf-8", "replace"), 6)).decode()

    @property
    def pks(self) -> list[str]:
        """The numbers in AMY of what was listed."""
        text = zlib.decompress(base64.b64decode(self.packed)).decode() if self.packed else ""
        return text.split("\n") if text else []
