"""All operations of training, in the order of the reference."""

from __future__ import annotations

from ninja import Router

from folkmoot.training.api import (
    agreements,
    awards,
    event_writes,
    opening_writes,
    progress,
    questions,
    registration_writes,
    request_writes,
    rows,
    tasks,
    uses,
)

router = Router()
# What is written at the addresses at which it is read shares the router of that: it is in these modules.
for _part, _label in (
    (event_writes, "Events"),
    (tasks, "Events"),
    (questions, "Events"),
    (registration_writes, "Events"),
    (rows, "Training"),
    (awards, "Training"),
    (progress, "Training"),
    (opening_writes, "Openings"),
    (agreements, "Agreements"),
    (uses, "Agreements"),
    (request_writes, "Requests"),
):
    router.add_router("", _part.router, tags=[_label])
