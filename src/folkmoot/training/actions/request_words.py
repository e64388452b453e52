"""The words for what the database forbids of requests, their forms and rules."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from folkmoot.kernel import order, saving

saving.say(
    {
        "requestform_has_a_title": ("title", gettext_lazy("A form needs a title.")),
        "requestform_closes_after_it_opens": (
            "closes_at",
            # As its page asks for them.
            order.kept(order.quoted, "opens_at", "closes_at", zone=lambda _row: "UTC", opens=True),
        ),
        "requestform_event_has_a_kind": (
            "kind",
            gettext_lazy("Say of which kind the events are that are planned."),
        ),
        "requestform_answers_some_day": ("answer_days", gettext_lazy("At least one day.")),
        "formfield_asks_something": ("label", gettext_lazy("Write the question.")),
        "formfield_has_a_key": ("key", gettext_lazy("A field needs a short name.")),
        "formfield_once": ("key", gettext_lazy("This form has a field of this short name already.")),
        "formfield_condition_is_whole": (
            "shown_value",
            gettext_lazy("Say both: which field, and how it is answered; or neither."),
        ),
        "request_has_a_name": ("name", gettext_lazy("Say your name.")),
        "request_has_an_address": ("email", gettext_lazy("Say your e-mail address.")),
        "requestnote_says_something": ("body", gettext_lazy("Write something first.")),
        "scorerule_says_what_it_rewards": ("label", gettext_lazy("Say what it rewards.")),
        "scorerule_has_words": ("values", gettext_lazy("Give at least one, each on a line of its own.")),
        "scorerule_gives_points": ("points", gettext_lazy("A rule gives or takes points: not 0.")),
    }
)
saving.SHOWN_AS.update({"training.request.email_folded": "email"})
