"""What of AMY's nothing is made of, and why."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from folkmoot.people.imports.amy.mapped import amy_models, left

_SIGNING_IN = _(
    "people sign in here anew, with GitHub, ORCID or a link by e-mail: AMY's accounts stay in AMY"
)
_RIGHTS = _("rights are given here by area and role, not by AMY's groups")
_OTHER_LOG = _(
    "AMY's own log of edits: whom it names, and what it held before, stays in AMY; this log begins here"
)
_TECHNICAL = _("AMY's own machinery: it holds nothing of the community")

for _why, _models in (
    (_SIGNING_IN, ("social_django.usersocialauth", "social_django.nonce", "social_django.association",
                   "social_django.code", "social_django.partial", "knox.authtoken", "sessions.session")),
    (_RIGHTS, ("auth.group", "auth.permission", "waffle.flag", "flags.flagstate", "waffle.switch", "waffle.sample")),
    (_OTHER_LOG, ("admin.logentry", "reversion.revision", "reversion.version")),
    (_TECHNICAL, ("contenttypes.contenttype", "sites.site", "django_comments.commentflag", "django_rq.queue",
                  "autoemails.rqjob", "captcha.captchastore", "dbtemplates.template")),
):  # fmt: skip
    for _model in _models:
        amy_models.declare(_model, left(_why))

amy_models.declare(
    "workshops.language",
    _("words of people's profiles for teaching, of events and of requests"),
    {
        "name": left(_("languages have the names of the standard here")),
        "subtag": _("codes of languages (BCP 47)"),
    },
)
for _model in ("workshops.academiclevel", "workshops.computingexperiencelevel", "workshops.infosource"):
    amy_models.declare(
        _model, _("words in the answers of requests"), {"name": _("answers of requests, in words")}
    )
