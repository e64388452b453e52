"""How recruitment joins the house: navigation, cards, timelines, Today, handover, history."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.events import ActivityKind, activity_kinds
from folkmoot.kernel.plugs import (
    Command,
    Handover,
    NavEntry,
    RecordPanel,
    TimelineSource,
    commands,
    handovers,
    navigation,
    one_group,
    record_panels,
    timeline_sources,
)
from folkmoot.people.public import belongs_to_history
from folkmoot.training import recruiting_today as _today  # noqa: F401 - registers what Today tells
from folkmoot.training import signals
from folkmoot.training.actions import openings, recruiting_handover, signing_up
from folkmoot.training.metrics import recruitment as _metrics  # noqa: F401 - declare themselves
from folkmoot.training.models import Opening, SignUp, SoughtPart
from folkmoot.training.queries import recruiting_panels as panels

_TRAINING = _("Training & events")

for _kind in (
    ActivityKind("training.opened", _("People sought for:"), "person-plus", _TRAINING),
    ActivityKind("training.closed", _("Nobody sought any more for:"), "lock", _TRAINING),
    ActivityKind("training.signed_up", _("Signed up for"), "person-plus", _TRAINING),
    ActivityKind("training.sign_up_accepted", _("Accepted for"), "person-check", _TRAINING),
    ActivityKind("training.sign_up_declined", _("Declined for"), "person-x", _TRAINING),
    ActivityKind("training.sign_up_withdrawn", _("Withdrew from"), "person-dash", _TRAINING),
):
    activity_kinds.register(_kind)

belongs_to_history(Opening, (SoughtPart, "opening"), (SignUp, "opening"))

for _entry in (
    NavEntry(
        "training.openings", _("Openings"), "training:openings", "", "training.view", "training", order=2
    ),
    NavEntry(
        "training.finder",
        _("Find people"),
        "training:find_people",
        "",
        "training.contribute",
        "training",
        order=3,
    ),
    NavEntry(
        "me.openings",
        _("Openings for me"),
        "training:own_openings",
        "person-plus",
        "people.own",
        "me",
        order=3,
    ),
    NavEntry(
        "me.sign_ups", _("My sign-ups"), "training:own_sign_ups", "list-check", "people.own", "me", order=4
    ),
):
    navigation.register(_entry)

commands.register(
    Command(
        "training.finder",
        _("Find people for an event"),
        "training:find_people",
        "training.contribute",
        "search",
        order=152,
    )
)
commands.register(
    Command(
        "training.openings",
        _("Go to openings"),
        "training:openings",
        "training.view",
        "person-plus",
        order=151,
    )
)


def _parts_changed(sender: Any, *, event: Any, actor: Any, **more: Any) -> None:
    signing_up.keep_in_step(event=event, actor=actor)
    openings.settle(event=event, actor=actor)


def _cancelled(sender: Any, *, event: Any, actor: Any, **more: Any) -> None:
    openings.event_cancelled(event=event, actor=actor)


signals.parts_changed.connect(_parts_changed, dispatch_uid="training.recruitment")
signals.cancelled.connect(_cancelled, dispatch_uid="training.recruitment")

for _panel in (
    RecordPanel(
        "training.opening",
        "training.event",
        _("People sought"),
        "training.view",
        "training/parts/opening.html",
        panels.opening_rows,
        panels.opening_card,
        order=5,
    ),
    RecordPanel(
        "training.sign_ups",
        "people.person",
        _("Sign-ups"),
        "training.view",
        "training/parts/sign_ups_of_person.html",
        panels.sign_up_rows,
        panels.sign_ups_card,
        order=31,
    ),
    RecordPanel(
        "training.profile",
        "people.person",
        _("For events"),
        "training.view",
        "training/parts/profile_of_person.html",
        panels.profile_rows,
        panels.profile_card,
        order=32,
    ),
):
    record_panels.register(_panel)

timeline_sources.register(
    TimelineSource(
        "training.sign_ups",
        frozenset({"training.event", "people.person"}),
        "training.view",
        panels.timeline_counts,
        one_group(panels.SIGN_UPS, _("Sign-ups")),
        panels.timeline_rows,
        panels.tell_timeline,
        order=25,
    )
)

handovers.register(
    Handover(
        "training.openings",
        _("openings they look after"),
        recruiting_handover.count_open,
        recruiting_handover.hand_over,
        order=51,
    )
)
