"""Texts of mails with gaps for what differs from one to the next."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import audit


class MessageTemplate(models.Model):
    """A text that a coordinator writes once: subject and Markdown, with ``{{ variables }}`` of its kind of message."""

    #: Key of a kind of message: which variables there are.
    kind = models.CharField(_("kind of message"), max_length=60)
    name = models.CharField(_("name"), max_length=100)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"))
    #: What the mails are about, for who unsubscribes; empty: that of the kind.
    topic = models.CharField(_("topic"), max_length=60, blank=True)
    is_personal = models.BooleanField(_("an answer to one person"), default=False)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    history = audit.history()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("mail text")
        verbose_name_plural = _("mail texts")
        constraints = [
            models.UniqueConstraint(fields=["name"], name="messagetemplate_once"),
            models.CheckConstraint(condition=~Q(name=""), name="messagetemplate_has_a_name"),
            models.CheckConstraint(condition=~Q(subject=""), name="messagetemplate_has_a_subject"),
            models.CheckConstraint(condition=~Q(body=""), name="messagetemplate_has_a_text"),
        ]

    def __str__(self) -> str:
        return self.name
