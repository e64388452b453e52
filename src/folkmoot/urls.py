"""All addresses. Every area brings its own under its own prefix."""

from django.urls import include, path

from folkmoot.api.views import reference
from folkmoot.kernel.jobs.views import healthz
from folkmoot.kernel.ops import views as ops
from folkmoot.kernel.welcome.views import logo, theme_css

urlpatterns = [
    path("api/v1/reference", reference, name="api-reference"),
    path("api/v1/", include("folkmoot.api.urls")),
    path("", include("folkmoot.home.urls")),
    path("people/", include("folkmoot.people.urls")),
    path("my/", include("folkmoot.people.own_urls")),
    path("contributors/", include("folkmoot.people.public_urls")),
    path("reviews/", include("folkmoot.reviews.urls")),
    path("publishing/", include("folkmoot.publishing.urls")),
    path("training/", include("folkmoot.training.urls")),
    path("events/", include("folkmoot.training.public_urls")),
    path("activity/", include("folkmoot.ledger.urls")),
    path("", include("folkmoot.ledger.github.urls")),
    path("reports/", include("folkmoot.reports.urls")),
    path("", include("folkmoot.mailing.urls")),
    path("", include("folkmoot.outbox.urls")),
    path("", include("folkmoot.kernel.users.urls")),
    path("", include("folkmoot.kernel.welcome.urls")),
    path("theme.css", theme_css, name="theme_css"),
    path("logo", logo, name="logo"),
    path("imports/", include("folkmoot.kernel.imports.urls")),
    path("notices/", include("folkmoot.kernel.notices.urls")),
    path("settings/webhooks/", include("folkmoot.api.webhooks.urls")),
    path("settings/tokens/", include("folkmoot.kernel.tokens.urls")),
    path("settings/jobs/", include("folkmoot.kernel.jobs.urls")),
    path("healthz", healthz, name="healthz"),
    path("readyz", ops.readyz, name="readyz"),
    path("metrics", ops.metrics, name="metrics"),
    path("search/", include("folkmoot.kernel.search.urls")),
    path("accounts/", include("folkmoot.kernel.accounts.signin_urls")),
    path("accounts/", include("folkmoot.kernel.signin.allauth_urls")),
    path("accounts/", include("folkmoot.kernel.signin.urls")),
    path("accounts/", include("folkmoot.kernel.accounts.urls")),
]

handler400 = "folkmoot.kernel.ui.errors.bad_request"
handler403 = "folkmoot.kernel.ui.errors.forbidden"
handler404 = "folkmoot.kernel.ui.errors.not_found"
