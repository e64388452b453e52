"""Addresses that plugs, queries and pages share."""

from __future__ import annotations

from django.urls import reverse


def event_page(pk: int) -> str:
    """The address of an event's page for those who run it."""
    return reverse("training:event", args=[pk])


def agreement_page(pk: int) -> str:
    """The address of an agreement's page for those who run training."""
    return reverse("training:agreement", args=[pk])
