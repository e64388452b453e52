"""All addresses. Every area brings its own under its own prefix."""

from django.urls import include, path

urlpatterns = [
    path("", include("folkmoot.home.urls")),
    path("people/", include("folkmoot.people.urls")),
    path("reports/", include("folkmoot.reports.urls")),
    path("search/", include("folkmoot.kernel.search.urls")),
    path("accounts/", include("folkmoot.kernel.accounts.signin_urls")),
    path("accounts/", include("folkmoot.kernel.accounts.urls")),
]

handler400 = "folkmoot.kernel.ui.errors.bad_request"
handler403 = "folkmoot.kernel.ui.errors.forbidden"
handler404 = "folkmoot.kernel.ui.errors.not_found"
