"""Where every column of AMY's went that is about requests, recruitment and mails, or why nowhere."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from folkmoot.people.public import amy_models, left
from folkmoot.training.imports.amy import asked
from folkmoot.training.imports.amy.mapped import STAMPS

declare = amy_models.declare
_REQUEST = {
    "state": "Request.state",
    "created_at": "Request.received_at",
    "last_updated_at": "Request.decided_at",
    "personal": "Request.name",
    "family": "Request.name",
    "email": "Request.email, Request.person where somebody has this address",
}
_WORKSHOP = {
    **_REQUEST,
    "assigned_to": "Request.assigned_to, where that person signs in here",
    "event": "Request.event",
    "institution": "Request.organization, Request.organization_name",
    "institution_other_name": "Request.organization_name",
}
_TRAINING = {
    **_REQUEST,
    "middle": "Request.name",
    "person": "Request.person",
    "score_auto": "Request.score_auto",
    "score_manual": "Request.score_manual: AMY adds it to its own points, so here it is the sum",
    "score_notes": "Request.score_notes",
}
for _model in asked.models():
    _own = _TRAINING if _model == "workshops.trainingrequest" else _WORKSHOP
    _asked = {one["from"]: f"Request.answers: {one['key']}" for one in asked.questions(_model)}
    declare(_model, "Request", {**_asked, **_own})

_LOOKED_UP = "answers of requests, in words"
for _model in ("extrequests.datavariant",):
    declare(
        _model,
        _LOOKED_UP,
        {
            "name": "Request.answers",
            "unknown": left(_("“I do not know” is an answer like others here")),
        },
    )

declare(
    "recruitment.instructorrecruitment",
    "Opening",
    {
        "assigned_to": "Opening.owner, where that person signs in here",
        "status": "Opening.state",
        "notes": "Opening.note",
        "event": "Opening.event",
        "priority": "Opening.priority",
        "created_at": "Opening.opened_at",
        "last_updated_at": "Opening.closed_at, of one that is closed",
    },
)
declare(
    "recruitment.instructorrecruitmentsignup",
    "SignUp",
    {
        "state": "SignUp.state; SignUp.task of who was accepted",
        "recruitment": "SignUp.opening",
        "person": "SignUp.person",
        "interest": "SignUp.kind, SignUp.interest",
        "user_notes": "SignUp.interest",
        "notes": "SignUp.note",
        "created_at": "SignUp.signed_up_at",
        "last_updated_at": "SignUp.decided_at",
    },
)
declare(
    "emails.emailtemplate",
    "outbox.MessageTemplate, for comparing with the text of the rule that does the same",
    {
        "active": "MessageTemplate.archived_at",
        "name": "MessageTemplate.name",
        "signal": "MessageTemplate.kind: that of the rule here that does the same",
        "from_header": "MessageTemplate.body, above the text",
        "reply_to_header": "MessageTemplate.body, above the text",
        "cc_header": "MessageTemplate.body, above the text",
        "bcc_header": "MessageTemplate.body, above the text",
        "subject": "MessageTemplate.subject",
        "body": "MessageTemplate.body",
        **STAMPS,
    },
)
declare(
    "emails.scheduledemail",
    left(
        _(
            "AMY sends what it has planned; rules plan anew here once they are switched on, and nothing goes twice"
        )
    ),
)
declare(
    "emails.scheduledemaillog",
    left(_("what AMY sent, and when, stays in AMY: here stands what left from here")),
)
declare(
    "emails.attachment",
    left(_("files of AMY's mails lie in a store that a dump does not hold")),
)
