"""What all actions of training share: the words for what the database forbids, moments of days, who acts."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel import clock, order, saving
from folkmoot.kernel.saving import (
    Actor,
    ChangedMeanwhile,
    block,
    current_version,
    day,
    line,
    locked,
    put,
    remove,
    uses,
    write,
)
from folkmoot.kernel.text import fold
from folkmoot.outbox.public import instant
from folkmoot.training.models import Agreement, Event, Registration, RegistrationCode, fold_code

__all__ = [
    "Actor",
    "ChangedMeanwhile",
    "block",
    "current_version",
    "day",
    "fold",
    "line",
    "locked",
    "moments",
    "put",
    "remove",
    "unused",
    "uses",
    "write",
]


def zone_of(row: Any) -> str:
    """The zone of the event that something belongs to."""
    return str(row.event.time_zone)


saving.say(
    {
        "trainingprogramme_has_a_name": ("name", gettext_lazy("A programme needs a name.")),
        "certificatepattern_has_a_name": ("name", gettext_lazy("A pattern needs a name.")),
        "survey_has_a_name": ("name", gettext_lazy("A survey needs a name.")),
        "survey_names_the_event": (
            "address",
            gettext_lazy("Write {slug} where the short name of the event belongs."),
        ),
        "eventkind_has_a_name": ("name", gettext_lazy("A kind of event needs a name.")),
        "taskkind_has_a_name": ("name", gettext_lazy("A kind of part needs a name.")),
        "curriculum_has_a_name": ("name", gettext_lazy("A curriculum needs a name.")),
        "event_has_a_title": ("title", gettext_lazy("An event needs a title.")),
        "event_ends_after_it_starts": ("ends_on", order.kept(order.quoted, "starts_on", "ends_on")),
        "event_has_both_times": (
            "ends_time",
            gettext_lazy("Say both times and the first day, or no time at all."),
        ),
        "event_lies_on_earth": (
            "latitude",
            gettext_lazy("Latitude (-90 to 90) and longitude (-180 to 180) go together."),
        ),
        "event_registration_has_an_address": (
            "registration_url",
            gettext_lazy("Say where people sign up."),
        ),
        "event_announced_has_a_day": (
            "starts_on",
            gettext_lazy("An event that is announced needs its first day."),
        ),
        "event_once": ("slug", gettext_lazy("This event is there already.")),
        "eventnote_says_something": ("body", gettext_lazy("Write something first.")),
        "eventlink_has_an_address": ("url", gettext_lazy("A link needs an address.")),
        "eventlink_once": ("url", gettext_lazy("This link is there already.")),
        "eventsession_has_a_title": ("title", gettext_lazy("A session needs a title.")),
        "eventsession_ends_after_it_starts": (
            "ends_at",
            order.kept(
                order.quoted,
                "starts_at",
                "ends_at",
                zone=zone_of,
                otherwise=gettext_lazy("A session ends after it starts; say both or neither."),
            ),
        ),
        "task_once": ("person", gettext_lazy("This person has this part already.")),
        "task_once_in_a_session": (
            "person",
            gettext_lazy("This person has this part in this session already."),
        ),
        "eventquestion_asks_something": ("text", gettext_lazy("Write the question.")),
        "registration_has_a_name": ("name", gettext_lazy("Say your name.")),
        "registration_has_an_address": ("email", gettext_lazy("Say your e-mail address.")),
        "registration_once": (
            "email",
            gettext_lazy("Somebody has registered with this address already."),
        ),
        "benefitkind_has_a_name": ("name", gettext_lazy("A benefit needs a name.")),
        "benefitkind_place_of_seats_only": (
            "place",
            gettext_lazy("Only what is counted in seats is public or in-house."),
        ),
        "tier_has_a_name": ("name", gettext_lazy("A tier needs a name.")),
        "tierbenefit_once": ("benefit", gettext_lazy("This tier has this benefit already.")),
        "contactrole_has_a_name": ("name", gettext_lazy("A role needs a name.")),
        "agreement_once": ("organization", gettext_lazy("This agreement is there already.")),
        "agreementparty_once": (
            "organization",
            gettext_lazy("This organisation belongs to the agreement already."),
        ),
        "extension_has_days": ("days", gettext_lazy("Say by how many days: at least one.")),
        "extension_has_a_reason": ("reason", gettext_lazy("Say why.")),
        "agreementcontact_once": (
            "person",
            gettext_lazy("This person has this role in the agreement already."),
        ),
        "registrationcode_says_something": ("code", gettext_lazy("Write a code.")),
        "registrationcode_one_of_agreement": (
            "code",
            gettext_lazy("This agreement has a code already."),
        ),
        "certificate_once_of_an_award": ("person", gettext_lazy("There is a certificate for this already.")),
        "certificate_once": ("person", gettext_lazy("There is a certificate for this already.")),
        "certificate_revoked_with_reason": (
            "revoked_because",
            gettext_lazy("Say why it does not hold any more."),
        ),
        "requirement_has_a_name": ("name", gettext_lazy("A requirement needs a name.")),
        "requirement_kind_of_training": (
            "event_kind",
            gettext_lazy("Only a training has a kind of event: say that it is one, or leave this empty."),
        ),
        "involvement_has_a_name": ("name", gettext_lazy("A way to get involved needs a name.")),
        "progress_once_at_a_training": (
            "event",
            gettext_lazy("There is an entry for this person and training already: change that."),
        ),
        "badge_has_a_name": ("name", gettext_lazy("A badge needs a name.")),
        "award_once": ("person", gettext_lazy("This person has this badge already.")),
        "award_revoked_with_reason": ("revoked_because", gettext_lazy("Say why it is taken back.")),
        "qualification_once": ("lessons", gettext_lazy("This lesson is there already.")),
    }
)
saving.SHOWN_AS.update(
    {
        "training.event.folded": "title",
        "training.registration.email_folded": "email",
        "training.registrationcode.folded": "code",
        "training.registrationcode.text": "code",
    }
)


def unused(row: Any, *, but: frozenset[str] = frozenset()) -> None:
    """See that nothing names this row.

    Raises:
        ValidationError: something does; it says what and how many.
    """
    found = uses(row, but=but)
    if found:
        raise ValidationError(
            _("“%(name)s” cannot be removed: %(uses)s.") % {"name": row, "uses": ", ".join(found)},
            code="used",
        )


def moments(event: Event) -> tuple[dt.datetime | None, dt.datetime | None]:
    """When an event begins and ends, in UTC, from its days, times and zone.

    Without times it lasts whole days: until the midnight after the last. A time that the clocks leave out means as
    much later as they jump (PEP 495).

    Raises:
        ValidationError: at ``time_zone``: there is no such zone; at ``ends_time``: it ends before it begins.
    """
    if event.starts_on is None:
        return None, None
    if event.time_zone not in clock.zones():
        raise ValidationError(
            {"time_zone": _("“%s” is no time zone: choose one such as Europe/Berlin.") % event.time_zone[:64]}
        )
    last = event.ends_on or event.starts_on
    if event.starts_time is None or event.ends_time is None:
        begins = dt.datetime.combine(event.starts_on, dt.time())
        ends = dt.datetime.combine(last, dt.time()) + dt.timedelta(days=1)
    else:
        begins = dt.datetime.combine(event.starts_on, event.starts_time)
        ends = dt.datetime.combine(last, event.ends_time)
        if ends <= begins and last >= event.starts_on:
            words = order.moments(order.quoted(event), begins, ends, event.time_zone)
            raise ValidationError({"ends_time": words}, code="order")
    return instant(begins, event.time_zone), instant(ends, event.time_zone)


saving.derives(
    Event,
    folded=lambda row: fold(row.title)[:200],
    starts_at=lambda row: moments(row)[0],
    ends_at=lambda row: moments(row)[1],
)
saving.derives(Registration, email_folded=lambda row: fold(row.email)[:320])
saving.derives(
    Agreement,
    last_day=lambda row: row.reckon_last_day() if row.ends_on else None,
    grace_until=lambda row: row.reckon_grace() if row.ends_on else None,
)
saving.derives(RegistrationCode, folded=lambda row: fold_code(row.text)[:60])
