"""Events get the surveys that are for them, at the address that their short name makes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from folkmoot.training.actions import base
from folkmoot.training.actions.base import Actor
from folkmoot.training.models import AHEAD, Event, EventLink, Survey

#: Coming events that a new survey is given to at once; those after them get it when they are next saved.
MOST = 1000


def give_surveys(*, event: Event, actor: Actor, was: str = "") -> None:
    """Give an event the surveys that are for it. A link that was changed or removed by hand is left as it is; one whose
    address was made of the former short name ``was`` moves along. One query where no survey is for it, else three and
    two for each link.
    """
    meant = list(
        Survey.objects.filter(is_archived=False)
        .filter(Q(programme=None) | Q(programme=event.programme_id))
        .filter(Q(event_kind=None) | Q(event_kind=event.kind_id))
    )
    if meant:
        _give(event, meant, actor, was)


def spread(*, survey: Survey, actor: Actor) -> int:
    """Give a survey that was added or changed to the events ahead that it is for.

    Returns:
        how many events it is for.
    """
    if survey.is_archived:
        return 0
    events = Event.objects.filter(status__in=AHEAD)
    if survey.programme_id is not None:
        events = events.filter(programme=survey.programme_id)
    if survey.event_kind_id is not None:
        events = events.filter(kind=survey.event_kind_id)
    found = list(events.order_by("starts_at", "pk")[:MOST])
    earlier = survey.history.order_by("-history_id")[1:2]
    former = earlier[0].address if earlier else ""
    for event in found:
        _give(event, [survey], actor, event.slug, {survey.pk: former})
    return len(found)


def _give(
    event: Event,
    meant: Iterable[Survey],
    actor: Actor,
    was: str,
    former: Mapping[int, str] | None = None,
) -> None:
    have = {link.survey_id: link for link in EventLink.objects.filter(event=event, survey__isnull=False)}
    history: type[EventLink] = EventLink.history.model
    had = set(
        history._default_manager.filter(event=event.pk, survey__isnull=False).values_list(
            "survey_id", flat=True
        )
    )
    for survey in meant:
        url = survey.address_for(event.slug)
        link = have.get(survey.pk)
        if link is not None:
            made = (former or {}).get(survey.pk) or survey.address
            if link.url != url and was and link.url == made.replace("{slug}", was):
                base.put(link, {"url": url})
                base.write(link, actor=actor, reason="survey")
        elif survey.pk not in had:
            link = EventLink(
                event=event,
                survey=survey,
                kind=survey.when,
                label=survey.name,
                url=url,
                audience=survey.audience,
            )
            if not EventLink.objects.filter(event=event, kind=survey.when, url=url).exists():
                base.write(link, actor=actor, reason="survey")


def check_address(address: str) -> None:
    """See that an address has a gap for the short name and is one on the web.

    Raises:
        ValidationError: at ``address``.
    """
    made = urlsplit(address.replace("{slug}", "2027-03-01-leeds"))
    if made.scheme not in ("http", "https") or not made.hostname:
        raise ValidationError({"address": _("Begin with https:// and the name of the site.")}, code="url")
    if "{slug}" not in address:
        raise ValidationError(
            {"address": _("Write {slug} where the short name of the event belongs.")}, code="gap"
        )
