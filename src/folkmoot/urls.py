"""All addresses. Every area brings its own under its own prefix."""

from django.urls import include, path

urlpatterns = [
    path("", include("folkmoot.home.urls")),
    path("people/", include("folkmoot.people.urls")),
    path("search/", include("folkmoot.kernel.search.urls")),
    path("accounts/", include("allauth.account.urls")),
]
